-- title = "API key or HMAC key is older than the limit"
-- severity = "medium"
-- subject = "credential"
-- stage = 5
-- needs = ["service_credentials"]
-- rationale = "An API key is a password in a URL: it ends up in logs and clients, and works until it is replaced."
-- fix = "Use a service account instead. Where the service takes only a key, restrict it to its API and callers, and replace it in time."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "CIS-GCP-5.0:1.16",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication", "ASVS-5.0:V13.3.4",
-- ]
-- source = "https://cloud.google.com/docs/authentication/api-keys-best-practices"
--
-- [[example]]
-- why = "made 242 days ago; the limit is 90"
-- rows.credential = [
--     {credential_id = "maps", provider = "gcp", kind = "api_key", role = "combined", created_at = 2026-01-31},
--     {credential_id = "hmac", provider = "gcp", kind = "service_specific", role = "combined", created_at = 2026-01-31},
-- ]
-- expect = {maps = "fail", hmac = "fail"}
--
-- [[example]]
-- why = "made last week"
-- rows.credential = [{credential_id = "maps", provider = "gcp", kind = "api_key", role = "combined", created_at = 2026-09-23}]
-- expect = {maps = "pass"}
--
-- [[example]]
-- why = "the listing does not say when it was made"
-- rows.credential = [{credential_id = "maps", provider = "gcp", kind = "api_key", role = "combined"}]
-- expect = {maps = "unknown"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.credential = [{credential_id = "maps", provider = "gcp", kind = "api_key", role = "combined", created_at = 2031-01-05}]
-- expect = {maps = "unknown"}

WITH api_key AS (
    SELECT c.credential_id, c.status, c.created_at, c.evidence, date_diff('day', c.created_at, $as_of) AS age_days
    FROM credential AS c
    WHERE c.provider = 'gcp' AND c.kind IN ('api_key', 'service_specific') AND c.status IN ('active', 'unknown')
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN created_at IS NULL OR age_days < 0 THEN 'unknown'
        WHEN age_days <= $key_max_age_days THEN 'pass'
        WHEN status = 'unknown' THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN created_at IS NULL THEN 'the evidence does not say when it was made'
        WHEN age_days < 0 THEN 'made on ' || CAST(created_at AS DATE) || ', after the day judged by: when it really was is not known'
        WHEN status = 'unknown' AND age_days > $key_max_age_days THEN 'made ' || age_days || ' days ago; whether it is active is not in the evidence'
        ELSE 'made on ' || CAST(created_at AS DATE) || ', ' || age_days || ' days ago; the limit is ' || $key_max_age_days
    END AS reason,
    [evidence] AS evidence
FROM api_key
