-- title = "Unused permissions"
-- unit = "percent"
-- better = "lower"
-- counts = "a permission granted to a machine identity; one granted to two counts twice"
-- definition = "Permissions that no use was seen of, by evidence that covers them. Likely unused and unknown ones leave it open. The grain is the permission of the provider's catalogue."
-- formula = "100 * unused permissions / granted permissions"
-- needs = []
-- lists = ["identities", "policies"]

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'counted' AS status,
    CAST(unused AS DOUBLE) AS value,
    unused || ' unused; ' || reason AS reason,
    evidence
FROM main.least_privilege
WHERE unused > 0
UNION ALL
SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'not' AS status,
    CAST(used AS DOUBLE) AS value,
    used || ' used; ' || reason AS reason,
    evidence
FROM main.least_privilege
WHERE used > 0
UNION ALL
SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'unknown' AS status,
    CAST((likely_unused + unknown) AS DOUBLE) AS value,
    (likely_unused + unknown) || ' likely unused or not known; ' || reason AS reason,
    evidence
FROM main.least_privilege
WHERE (likely_unused + unknown) > 0
UNION ALL
-- What it holds is not known: it weighs nothing here, and the figure says that there is more.
SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'unknown' AS status,
    CAST(0 AS DOUBLE) AS value,
    reason,
    evidence
FROM main.least_privilege
WHERE granted IS NULL
