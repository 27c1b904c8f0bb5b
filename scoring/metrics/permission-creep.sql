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
    status,
    CAST(coalesce(weight, 0) AS DOUBLE) AS value,
    coalesce(weight || CASE status WHEN 'counted' THEN ' of the weight is unused; ' WHEN 'not' THEN ' of the weight is used; ' ELSE ' of the weight is open; ' END, '') || reason AS reason,
    evidence
FROM counting.granted
-- What it holds is not known: it weighs nothing here, and the figure says that there is more.
WHERE weight > 0 OR (status = 'unknown' AND weight IS NULL)
