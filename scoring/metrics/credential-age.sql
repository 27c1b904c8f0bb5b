-- title = "Age of static credentials"
-- unit = "days"
-- better = "lower"
-- counts = "an active static credential"
-- definition = "Days since the value of an active static credential was last changed: the median, and the age that nine of ten do not exceed (p90). Bounds: all that are not known new, or all old."
-- formula = "value at rank ceil(n/2), and ceil(9n/10), of the ages in order"
-- needs = ["identities"]
-- lists = ["identities", "access_keys", "service_credentials", "stored_secrets"]

SELECT
    subject_kind,
    subject_id,
    CASE
        WHEN doubt IS NOT NULL OR age_days IS NULL THEN 'unknown'
        ELSE 'counted'
    END AS status,
    CAST(age_days AS DOUBLE) AS value,
    CASE
        WHEN doubt IS NOT NULL THEN doubt
        WHEN age_days IS NULL THEN 'when it was last changed is not known'
        ELSE 'last changed ' || age_days || ' days ago'
    END AS reason,
    evidence
FROM counting.static_credential
