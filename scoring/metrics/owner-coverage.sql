-- title = "Owner coverage"
-- unit = "percent"
-- better = "higher"
-- counts = "a machine identity that is not switched off; without those that a resource owns (system-assigned)"
-- definition = "Identities with an owner who is known to be here. A name that no list of people confirms leaves it open."
-- formula = "100 * identities with an active owner / identities"
-- needs = ["identities", "ownership"]
-- lists = ["identities"]
-- source = "https://nhimg.org/?p=5987"

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    CASE owned WHEN 'yes' THEN 'counted' WHEN 'no' THEN 'not' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    reason,
    evidence
FROM counting.to_be_owned
