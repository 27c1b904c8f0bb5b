"""AWS: what policies allow.

catalogue        the pinned list of actions and what a pattern stands for, as bit sets
documents        a policy's text -> statements; statements -> rows of `policy_permission`
holds            three-valued logic
context          condition keys of a request: known, absent, or neither
patterns         wildcards, policy variables and ARNs against a text
operators        the condition operators, value by value
conditions       whether a Condition block holds for a context, and those that plainly always or never do
request          one request, and what its principal's ARN says of the context
named            how a resource's policy names the one who asks
evaluate         one request decided: allowed, denied, conditional or unknown
resources        how far a statement's resources reach
escalation       actions that amount to administration, as data
ceilings         what the organisation's policies leave to an account
effective        what a set of policies allows: Deny, boundary, organisation, what is certain and what is possible
privilege        the verdict on a policy set
principals       the verdicts on a database's identities
paths            escalation paths: how a principal gets more than its own permissions
build_catalogue  makes the pinned list; run by a maintainer
"""
