-- title = "Orphans"
-- unit = "percent"
-- better = "lower"
-- counts = "a machine identity that is not switched off; without those that a resource owns (system-assigned)"
-- definition = "Identities that nobody is named for, or whose owners have all left. With owner coverage and what is not known it makes 100 percent."
-- formula = "100 * identities without an owner / identities"
-- needs = ["identities", "ownership"]
-- lists = ["identities"]
-- source = "https://nhimg.org/community/nhi-best-practices/non-human-identity-security-strategy-where-teams-keep-falling-short/"

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    CASE owned WHEN 'no' THEN 'counted' WHEN 'yes' THEN 'not' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    reason,
    evidence
FROM counting.to_be_owned
