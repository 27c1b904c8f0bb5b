-- title = "Privileged identities"
-- unit = "percent"
-- better = "lower"
-- counts = "a machine identity that is not switched off"
-- definition = "Identities that are administrators or have a certain way to become one. A possible way leaves it open."
-- formula = "100 * administrators and those who can become one / identities"
-- needs = ["identities", "policies"]
-- lists = ["identities"]
-- source = "https://nhimg.org/?p=5987"

WITH way AS (
    SELECT
        identity_id,
        bool_or(certainty = 'certain' AND gains = 'admin') AS certain,
        list_sort(list_distinct(flatten(list(evidence)))) AS evidence
    FROM main.escalation
    WHERE gains IN ('admin', 'unknown')
    GROUP BY identity_id
)
SELECT
    'identity' AS subject_kind,
    i.identity_id AS subject_id,
    CASE
        WHEN p.privilege = 'admin' OR w.certain THEN 'counted'
        WHEN w.identity_id IS NOT NULL OR coalesce(p.privilege, 'unknown') = 'unknown' THEN 'unknown'
        ELSE 'not'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    CASE
        WHEN p.privilege = 'admin' THEN p.reason
        WHEN w.certain THEN 'it can make itself an administrator'
        WHEN w.identity_id IS NOT NULL THEN 'it may be able to make itself an administrator'
        ELSE coalesce(p.privilege || ': ' || p.reason, 'its policies were not judged')
    END AS reason,
    list_concat([i.evidence], coalesce(p.evidence, []), coalesce(w.evidence, [])) AS evidence
FROM counting.identity AS i
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN way AS w ON w.identity_id = i.identity_id
