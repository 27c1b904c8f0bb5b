-- title = "Credentials that never end"
-- unit = "percent"
-- better = "lower"
-- counts = "an active static credential"
-- definition = "Static credentials that stay valid for ever unless someone acts. One that is rotated automatically ends by its rotation."
-- formula = "100 * credentials without an end / active static credentials"
-- needs = ["identities"]
-- lists = ["identities", "access_keys", "service_credentials", "stored_secrets"]

SELECT
    subject_kind,
    subject_id,
    CASE
        WHEN doubt IS NOT NULL THEN 'unknown'
        WHEN expires_at IS NOT NULL OR issuance = 'auto_rotated' THEN 'not'
        WHEN never_expires THEN 'counted'
        ELSE 'unknown'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    CASE
        WHEN doubt IS NOT NULL THEN doubt
        WHEN expires_at IS NOT NULL THEN 'ends on ' || CAST(expires_at AS DATE)
        WHEN issuance = 'auto_rotated' THEN 'rotated automatically'
        WHEN never_expires THEN 'never ends'
        ELSE 'whether it ends is not known'
    END AS reason,
    evidence
FROM counting.static_credential
