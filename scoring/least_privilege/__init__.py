"""What an identity may do, judged from the text of its policies.

    catalogue    the pinned list of AWS actions and what a pattern stands for, as bit sets
    documents    a policy's text -> statements; statements -> rows of `policy_permission`
    conditions   conditions that are plainly always or never true
    resources    how far a statement's resources reach
    escalation   actions that amount to administration, as data
    effective    what a set of policies allows: Deny, boundary, what is certain and what is possible
    privilege    the verdict on a policy set: admin, write, read, none or unknown
    principals   the verdicts of a whole database

Wherever the text does not settle the answer, the answer is `unknown`: nothing here may call an identity weaker than it is.
"""
