-- title = "Privileged share"
-- better = "lower"
-- subject = "identity"
-- definition = "Machine identities that are administrators, or certainly can become one. In scope and not disabled."
-- formula = "administrators or with a certain way to it / all"
-- needs = ["policies"]

WITH way AS (
    SELECT identity_id, bool_or(gains = 'admin' AND certainty = 'certain') AS certain, bool_or(gains IN ('admin', 'unknown')) AS open
    FROM escalation
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN p.privilege = 'admin' OR w.certain THEN 'counted' WHEN coalesce(p.privilege, 'unknown') = 'unknown' OR w.open THEN 'unknown'
        ELSE 'not' END AS status,
    CASE WHEN w.certain THEN 'it can make itself administrator' ELSE coalesce(p.reason, 'its permissions are not known') END AS reason,
    coalesce(p.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN way AS w ON w.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'
