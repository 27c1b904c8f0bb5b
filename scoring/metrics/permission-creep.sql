-- title = "Permission-creep index"
-- unit = "percent"
-- better = "lower"
-- counts = "the weight of a permission granted to a machine identity (a look 1, a change 5, control 25)"
-- definition = "Unused permissions by what they can do: the weight of the unused among the weight of all that is granted. The weights are published in scoring/least_privilege/weights.toml."
-- formula = "100 * sum of w of the unused / sum of w of the granted"
-- needs = []
-- lists = ["identities", "policies"]

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'counted' AS status,
    CAST(weight_unused AS DOUBLE) AS value,
    weight_unused || ' of the weight is unused; ' || reason AS reason,
    evidence
FROM main.least_privilege
WHERE weight_unused > 0
UNION ALL
SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'not' AS status,
    CAST((weight - weight_unused - weight_open) AS DOUBLE) AS value,
    (weight - weight_unused - weight_open) || ' of the weight is used; ' || reason AS reason,
    evidence
FROM main.least_privilege
WHERE (weight - weight_unused - weight_open) > 0
UNION ALL
SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    'unknown' AS status,
    CAST(weight_open AS DOUBLE) AS value,
    weight_open || ' of the weight is open; ' || reason AS reason,
    evidence
FROM main.least_privilege
WHERE weight_open > 0
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
WHERE weight IS NULL
