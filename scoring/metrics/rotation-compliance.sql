-- title = "Rotation compliance"
-- unit = "percent"
-- better = "higher"
-- counts = "an active static credential"
-- definition = "Static credentials whose value was last changed within the pack's limit for their kind; the rest is overdue. A secret in a manager counts from its last change, not from its making."
-- formula = "100 * credentials not older than the limit / active static credentials"
-- needs = ["identities"]
-- lists = ["identities", "access_keys", "service_credentials", "stored_secrets"]
-- source = "https://nhimg.org/?p=5987"

SELECT
    subject_kind,
    subject_id,
    CASE
        WHEN doubt IS NOT NULL OR age_days IS NULL THEN 'unknown'
        WHEN age_days <= limit_days THEN 'counted'
        ELSE 'not'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    CASE
        WHEN doubt IS NOT NULL THEN doubt
        WHEN age_days IS NULL THEN 'when it was last changed is not known'
        ELSE 'last changed ' || age_days || ' days ago; the limit is ' || limit_days
    END AS reason,
    evidence
FROM counting.static_credential
