"""What an identity may do, judged from the text of its policies, and what of it it uses.

    verdict          how much a set allows: admin, write, read, none or unknown
    grants           a grant of a role on a place, and what a verdict is put together from
    grantees         the verdicts on a database's GCP and Azure identities
    use              used against granted: the words that every provider's module speaks
    guards           reasons to wait before anything is taken away
    recommend        used against granted and proposals, whatever the provider
    aws              policies: actions as bit sets, Deny, boundaries, conditions; the verdicts on a database's AWS identities
    gcp, azure       what the providers' own roles allow (pinned tables), and the verdict on a set of grants
    build_roles      makes the pinned tables of roles (aws/build_catalogue that of actions); run by a maintainer

Wherever the text does not settle the answer, the answer is `unknown`: nothing here may call an identity weaker than it is.
"""
