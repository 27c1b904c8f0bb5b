"""AWS: what policies allow.

catalogue        the pinned list of actions and what a pattern stands for, as bit sets
documents        a policy's text -> statements; statements -> rows of `policy_permission`
conditions       conditions that are plainly always or never true
resources        how far a statement's resources reach
escalation       actions that amount to administration, as data
effective        what a set of policies allows: Deny, boundary, what is certain and what is possible
privilege        the verdict on a policy set
principals       the verdicts on a database's identities
paths            escalation paths: how a principal gets more than its own permissions
build_catalogue  makes the pinned list; run by a maintainer
"""
