"""Azure and Entra: what roles and application permissions allow, what of it is used, and where it leads.

roles, entra     the pinned tables of built-in roles and of application permissions
escalation       actions that amount to administration or lead to it, as data
privilege        the verdict on a set of grants
rights           everything that can be granted as bits, and what each weighs
effective        what grants give together: union, scopes, denials, conditions, eligibility
verdicts         which of it is used, by the activity log and by sign-ins; reasons: why, in words
subject          one identity, read from `main`; use: the counts of all and the review of one
narrow, decide   a smaller role for each assignment; what to do with an identity
propose, write   the proposal on one, and its files
steps, chains    single steps of escalation (paths.toml) and ways over several; paths: the table of all
"""
