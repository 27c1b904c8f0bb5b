-- title = "Never used"
-- unit = "percent"
-- better = "lower"
-- counts = "a machine identity that is not switched off"
-- definition = "Identities older than the pack's unused_days of which no use was ever seen by a source that tracks it."
-- formula = "100 * identities never used / identities"
-- needs = ["identities"]
-- lists = ["identities"]

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    CASE
        WHEN last_used_at IS NOT NULL THEN 'not'
        WHEN NOT known OR created_at IS NULL THEN 'unknown'
        WHEN age_days > $unused_days THEN 'counted'
        ELSE 'not'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    reason,
    [evidence] AS evidence
FROM counting.use
