-- title = "Stale identities"
-- unit = "percent"
-- better = "lower"
-- counts = "a machine identity that is not switched off"
-- definition = "Identities not used for longer than the pack's unused_days, or never used and older than that. An identity that uses a key of its own is used."
-- formula = "100 * identities without use within the limit / identities"
-- needs = ["identities"]
-- lists = ["identities"]

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    CASE
        WHEN idle_days <= $unused_days THEN 'not'
        WHEN NOT known THEN 'unknown'
        WHEN last_used_at IS NOT NULL THEN 'counted'
        WHEN created_at IS NULL THEN 'unknown'
        WHEN age_days > $unused_days THEN 'counted'
        ELSE 'not'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    reason,
    [evidence] AS evidence
FROM counting.use
