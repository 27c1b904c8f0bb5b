-- title = "Key has never been used"
-- severity = "medium"
-- subject = "credential"
-- needs = ["access_keys", "key_usage"]
-- absence = true
-- rationale = "A key nobody ever used was made for nothing or lies somewhere for later; either way it only serves whoever finds it."
-- fix = "Delete the key. Whoever needs one can be given a role or a federated identity instead."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "CIS-Controls-8:5.3", "CIS-AWS-7.0:2.11",
--     "HIPAA:164.308(a)(3)(ii)(C)", "NIS2-2024-2690:11.5.4", "ITGC:access-removal", "CCM-4.0:IAM-07", "AWS-FSBP:IAM.8",
--     "AWS-FSBP:IAM.22",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html"
--
-- [[example]]
-- why = "made 242 days ago, never used"
-- rows.credential = [{credential_id = "key", created_at = 2026-01-31, last_used_known = true}]
-- expect = {key = "fail"}
--
-- [[example]]
-- why = "made ten days ago: too young to judge it unused; the other one was used"
-- rows.credential = [
--     {credential_id = "new", created_at = 2026-09-20, last_used_known = true},
--     {credential_id = "busy", created_at = 2024-01-01, last_used_known = true, last_used_at = 2026-09-29},
-- ]
-- expect = {new = "pass", busy = "pass"}
--
-- [[example]]
-- why = "its use, its creation date or its status is not in the evidence"
-- rows.credential = [
--     {credential_id = "untracked", created_at = 2026-01-31},
--     {credential_id = "undated", last_used_known = true},
--     {credential_id = "found", status = "unknown", created_at = 2026-01-31, last_used_known = true},
-- ]
-- expect = {untracked = "unknown", undated = "unknown", found = "unknown"}
--
-- [[example]]
-- why = "a key of a service account: old and never used, and one that is fresh"
-- rows.credential = [
--     {credential_id = "key", provider = "gcp", kind = "signing_key", role = "identity", created_at = 2026-01-31, last_used_known = true},
--     {credential_id = "new", provider = "gcp", kind = "signing_key", role = "identity", created_at = 2026-09-20, last_used_known = true},
-- ]
-- expect = {key = "fail", new = "pass"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.credential = [{credential_id = "key", created_at = 2031-01-05, last_used_known = true}]
-- expect = {key = "unknown"}

WITH access_key AS (
    SELECT
        c.credential_id,
        c.status,
        c.created_at,
        c.last_used_known,
        c.last_used_at,
        c.evidence,
        date_diff('day', c.created_at, $as_of) AS age_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE (c.kind = 'access_key' OR (c.provider IN ('gcp', 'azure') AND c.role = 'identity')) AND c.provider <> 'other' AND c.status IN ('active', 'unknown')
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN last_used_at IS NOT NULL THEN 'pass'
        WHEN NOT last_used_known OR created_at IS NULL OR age_days < 0 THEN 'unknown'
        WHEN age_days <= $unused_days THEN 'pass'
        WHEN status = 'unknown' THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN last_used_at IS NOT NULL THEN 'used on ' || CAST(last_used_at AS DATE)
        WHEN NOT last_used_known THEN 'the evidence does not say whether it was ever used'
        WHEN created_at IS NULL THEN 'never used, but the evidence does not say when it was made'
        WHEN age_days < 0 THEN 'made on ' || CAST(created_at AS DATE) || ', after the day judged by: when it really was is not known'
        WHEN age_days <= $unused_days THEN 'too young to judge: made ' || age_days || ' days ago'
        WHEN status = 'unknown' THEN 'never used, but the evidence does not say whether it is still active'
        ELSE 'made on ' || CAST(created_at AS DATE) || ', ' || age_days || ' days ago, and never used; the limit is ' || $unused_days
    END AS reason,
    [evidence] AS evidence
FROM access_key
