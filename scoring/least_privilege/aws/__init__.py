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
use              used against granted: the counts of a database's AWS identities (facts, seen, patterns: in SQL)
use_verdicts     records of use -> every action used, unused, likely unused or unknown, as bit sets
use_held         what one set of policies grants, counted against one pattern of use
use_subject      one identity with its policies, records and verdicts; use_review: permission by permission
propose          what to take away from one identity: statements, policies within quotas, files, and the check that guards the door
build_catalogue  makes the pinned list of actions, build_operations the tables of API operations; run by a maintainer
"""
