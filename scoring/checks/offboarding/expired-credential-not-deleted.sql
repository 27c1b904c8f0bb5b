-- title = "Expired credential was never deleted"
-- severity = "low"
-- subject = "credential"
-- needs = ["access_keys"]
-- rationale = "An expired secret opens nothing, but it hides among the others which are in use, and often shows that whatever used it has stopped."
-- fix = "Find out whether the application is still needed; delete the credential."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "HIPAA:164.308(a)(3)(ii)(C)",
--     "NIS2-2024-2690:11.5.4", "ITGC:access-removal", "CCM-4.0:IAM-07",
-- ]
-- source = "https://learn.microsoft.com/en-us/entra/identity/monitoring-health/recommendation-remove-unused-credential-from-apps"
--
-- [[example]]
-- why = "a secret that ended in January"
-- rows.credential = [{credential_id = "old", provider = "azure", kind = "oauth_client_secret", role = "identity", status = "expired", expires_at = 2026-01-01}]
-- expect = {old = "fail"}
--
-- [[example]]
-- why = "it is valid until next year; the other ended last week and may just have been replaced"
-- rows.credential = [
--     {credential_id = "on", provider = "azure", kind = "oauth_client_secret", role = "identity", expires_at = 2027-01-01},
--     {credential_id = "late", provider = "azure", kind = "x509_certificate", role = "identity", status = "expired", expires_at = 2026-09-23},
-- ]
-- expect = {on = "pass", late = "pass"}
--
-- [[example]]
-- why = "the source calls it expired and does not say since when"
-- rows.credential = [{credential_id = "old", provider = "gcp", kind = "signing_key", role = "identity", status = "expired"}]
-- expect = {old = "unknown"}

WITH held AS (
    SELECT c.credential_id, c.status, c.expires_at, c.evidence, date_diff('day', c.expires_at, $as_of) AS ended_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE c.provider IN ('gcp', 'azure') AND c.role = 'identity' AND c.status IN ('active', 'expired') AND coalesce(i.in_scope, true)
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN status = 'active' THEN 'pass'
        WHEN expires_at IS NULL THEN 'unknown'
        WHEN ended_days > $recent_days THEN 'fail'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN status = 'active' THEN 'it has not expired'
        WHEN expires_at IS NULL THEN 'expired; the evidence does not say since when'
        ELSE 'expired on ' || CAST(expires_at AS DATE) || ', ' || ended_days || ' days ago'
    END AS reason,
    [evidence] AS evidence
FROM held
