-- title = "Key has not been used for too long"
-- severity = "high"
-- subject = "credential"
-- needs = ["access_keys", "key_usage"]
-- absence = true
-- rationale = "A key that no program needs any more still works for whoever finds a copy of it."
-- fix = "Switch the key off where that can be done, wait two weeks for a complaint, then delete it."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "SOC2:CC6.2", "PCI-DSS-4.0:7.2.5.1",
--     "CIS-Controls-8:5.3", "CIS-AWS-7.0:2.11", "HIPAA:164.308(a)(3)(ii)(C)", "NIS2-2024-2690:11.5.4", "ITGC:access-removal",
--     "CCM-4.0:IAM-07", "AWS-FSBP:IAM.8", "AWS-FSBP:IAM.22",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html"
--
-- [[example]]
-- why = "last used 242 days ago; the limit is 90"
-- rows.credential = [{credential_id = "key", last_used_known = true, last_used_at = 2026-01-31}]
-- expect = {key = "fail"}
--
-- [[example]]
-- why = "used last week"
-- rows.credential = [{credential_id = "key", last_used_known = true, last_used_at = 2026-09-23}]
-- expect = {key = "pass"}
--
-- [[example]]
-- why = "list-access-keys alone does not say when a key was used; of the other key nobody says whether it is active"
-- rows.credential = [
--     {credential_id = "key", last_used_known = false},
--     {credential_id = "found", status = "unknown", last_used_known = true, last_used_at = 2026-01-31},
-- ]
-- expect = {key = "unknown", found = "unknown"}
--
-- [[example]]
-- why = "never used: key-never-used judges it; the others are inactive, and of an identity that is out of scope"
-- rows.identity = [{identity_id = "linked", in_scope = false}]
-- rows.credential = [
--     {credential_id = "spare", last_used_known = true},
--     {credential_id = "off", status = "inactive", last_used_known = true, last_used_at = 2025-01-01},
--     {credential_id = "theirs", identity_id = "linked", last_used_known = true, last_used_at = 2025-01-01},
--     {credential_id = "key", last_used_known = true, last_used_at = 2026-09-23},
-- ]
-- expect = {key = "pass"}
--
-- [[example]]
-- why = "a key of a service account and a secret of an application, in clouds that tell their use"
-- rows.credential = [
--     {credential_id = "key", provider = "gcp", kind = "signing_key", role = "identity", last_used_known = true, last_used_at = 2026-01-31},
--     {credential_id = "secret", provider = "azure", kind = "oauth_client_secret", role = "identity"},
-- ]
-- expect = {key = "fail", secret = "unknown"}

WITH access_key AS (
    SELECT
        c.credential_id,
        c.status,
        c.last_used_at,
        c.evidence,
        date_diff('day', c.last_used_at, $as_of) AS idle_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE (c.kind = 'access_key' OR (c.provider IN ('gcp', 'azure') AND c.role = 'identity')) AND c.provider <> 'other' AND c.status IN ('active', 'unknown')
        AND NOT (c.last_used_known AND c.last_used_at IS NULL)
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN last_used_at IS NULL THEN 'unknown'
        WHEN idle_days <= $unused_days THEN 'pass'
        WHEN status = 'unknown' THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN last_used_at IS NULL THEN 'the evidence does not say when it was last used'
        WHEN idle_days <= $unused_days OR status = 'active'
            THEN 'last used on ' || CAST(last_used_at AS DATE) || ', ' || idle_days || ' days ago; the limit is ' || $unused_days
        ELSE 'last used ' || idle_days || ' days ago, but the evidence does not say whether it is still active'
    END AS reason,
    [evidence] AS evidence
FROM access_key
