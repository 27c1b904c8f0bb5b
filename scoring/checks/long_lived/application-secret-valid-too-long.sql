-- title = "Secret of an application is valid for too long"
-- severity = "medium"
-- subject = "credential"
-- stage = 6
-- needs = ["access_keys"]
-- rationale = "A secret that is valid for years is copied for years, and outlives those who made it."
-- fix = "Replace it by a federated credential or a managed identity. Until then make secrets that end soon, and enforce that by an application management policy."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.3",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication", "ASVS-5.0:V13.3.4",
-- ]
-- source = "https://learn.microsoft.com/en-us/entra/identity/enterprise-apps/tutorial-enforce-secret-standards"
--
-- [[example]]
-- why = "valid for two years; the limit is 180 days; the other one never ends"
-- rows.credential = [
--     {credential_id = "long", provider = "azure", kind = "oauth_client_secret", role = "identity", created_at = 2026-01-01, expires_at = 2028-01-01},
--     {credential_id = "ever", provider = "azure", kind = "oauth_client_secret", role = "identity", never_expires = true},
-- ]
-- expect = {long = "fail", ever = "fail"}
--
-- [[example]]
-- why = "valid for two months"
-- rows.credential = [{credential_id = "short", provider = "azure", kind = "oauth_client_secret", role = "identity", created_at = 2026-09-01, expires_at = 2026-11-01}]
-- expect = {short = "pass"}
--
-- [[example]]
-- why = "the source does not say from when, or until when; the other one has ended and is judged by expired-credential-not-deleted"
-- rows.credential = [
--     {credential_id = "undated", provider = "azure", kind = "oauth_client_secret", role = "identity", expires_at = 2027-01-01},
--     {credential_id = "endless", provider = "azure", kind = "oauth_client_secret", role = "identity", created_at = 2026-01-01},
--     {credential_id = "old", provider = "azure", kind = "oauth_client_secret", role = "identity", status = "expired", created_at = 2020-01-01, expires_at = 2026-01-01},
-- ]
-- expect = {undated = "unknown", endless = "unknown"}

WITH held AS (
    SELECT
        c.credential_id, c.status, c.never_expires, c.expires_at, c.evidence,
        date_diff('day', c.created_at, c.expires_at) AS valid_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE c.provider = 'azure' AND c.kind = 'oauth_client_secret' AND c.role = 'identity' AND c.status IN ('active', 'unknown')
        AND coalesce(i.in_scope, true)
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN valid_days <= $secret_max_validity_days THEN 'pass'
        WHEN status = 'unknown' OR (valid_days IS NULL AND NOT coalesce(never_expires, false)) THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN valid_days IS NOT NULL THEN 'valid for ' || valid_days || ' days, until ' || CAST(expires_at AS DATE) || '; the limit is ' || $secret_max_validity_days
        WHEN coalesce(never_expires, false) THEN 'it never expires'
        ELSE 'for how long it is valid is not in the evidence'
    END AS reason,
    [evidence] AS evidence
FROM held
