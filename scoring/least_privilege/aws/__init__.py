"""AWS: what policies allow.

catalogue        the pinned list of actions and what a pattern stands for, as bit sets
documents        a policy's text -> statements; statements -> rows of `policy_permission`
conditions       conditions that are plainly always or never true
resources        how far a statement's resources reach
escalation       actions that amount to administration, as data
effective        what a set of policies allows: Deny, boundary, what is certain and what is possible
privilege        the verdict on a policy set
principals       the verdicts on a database's identities
use              used against granted: the counts of a database's AWS identities (facts, seen, patterns: in SQL)
use_verdicts     records of use -> every action used, unused, likely unused or unknown, as bit sets
use_held         what one set of policies grants, counted against one pattern of use
use_subject      one identity with its policies, records and verdicts; use_review: permission by permission
propose          what to take away from one identity: statements, policies within quotas, files, and the check that guards the door
build_catalogue  makes the pinned list of actions, build_operations the tables of API operations; run by a maintainer
"""
