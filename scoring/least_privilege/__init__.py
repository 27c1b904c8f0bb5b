"""What an identity may do, judged from the text of its policies.

    catalogue    the pinned list of AWS actions and what a pattern stands for, as bit sets
    documents    a policy's text -> statements; statements -> rows of `policy_permission`
    conditions   conditions that are plainly always or never true
    resources    how far a statement's resources reach
    escalation   actions that amount to administration, as data
    effective    what a set of policies allows: Deny, boundary, what is certain and what is possible
    privilege    the verdict on a policy set: admin, write, read, none or unknown
    principals   the verdicts on a database's AWS identities

GCP and Azure grant roles on places; the verdict is on the set of an identity's grants:

    gcp_roles, azure_roles, entra        the pinned tables of what the providers' own roles and permissions allow
    gcp_escalation, azure_escalation     permissions that amount to administration, as data
    grants                               a grant, and what a verdict is put together from
    gcp, azure                           the verdict on a set of grants
    grantees                             the verdicts on a database's GCP and Azure identities
    build_catalogue, build_roles         make the pinned tables; run by a maintainer

Wherever the text does not settle the answer, the answer is `unknown`: nothing here may call an identity weaker than it is.
"""
