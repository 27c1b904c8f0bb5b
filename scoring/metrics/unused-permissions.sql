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
    status,
    CAST(coalesce(permissions, 0) AS DOUBLE) AS value,
    coalesce(permissions || CASE status WHEN 'counted' THEN ' unused; ' WHEN 'not' THEN ' used; ' ELSE ' likely unused or not known; ' END, '') || reason AS reason,
    evidence
FROM counting.granted
-- What it holds is not known: it weighs nothing here, and the figure says that there is more.
WHERE permissions > 0 OR (status = 'unknown' AND permissions IS NULL)
