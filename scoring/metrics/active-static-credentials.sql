-- title = "Active static credentials"
-- unit = "count"
-- better = "lower"
-- counts = "a static credential of a machine identity, or one whose owner nobody named"
-- definition = "Keys, secrets, passwords and certificates that stay valid until someone changes them, and are active. Console passwords of people are not counted."
-- formula = "number of active static credentials"
-- needs = ["identities"]
-- lists = ["identities", "access_keys", "service_credentials", "stored_secrets"]

SELECT
    subject_kind,
    subject_id,
    CASE
        WHEN doubt IS NOT NULL THEN 'unknown'
        ELSE 'counted'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    CASE
        WHEN doubt IS NOT NULL THEN doubt
        ELSE replace(kind, '_', ' ') || ', active'
    END AS reason,
    evidence
FROM counting.static_credential
