-- title = "Identity has never been used"
-- severity = "medium"
-- subject = "identity"
-- needs = ["identities", "role_usage"]
-- absence = true
-- rationale = "What was made and never used is access without a purpose: a leftover of a project, a test, or a copy that someone keeps for later."
-- fix = "Ask the owner why it exists. Delete it; it can be made again from the same template."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "SOC2:CC6.2", "CIS-Controls-8:5.3",
--     "HIPAA:164.308(a)(3)(ii)(C)", "NIS2-2024-2690:11.5.4", "ITGC:access-removal", "CCM-4.0:IAM-07",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html"
--
-- [[example]]
-- why = "made 242 days ago, and no use seen since"
-- rows.identity = [{identity_id = "pilot", created_at = 2026-01-31, last_used_known = true}]
-- expect = {pilot = "fail"}
--
-- [[example]]
-- why = "made ten days ago: too young to judge it unused; the other one was used"
-- rows.identity = [
--     {identity_id = "new", created_at = 2026-09-20, last_used_known = true},
--     {identity_id = "orders", created_at = 2024-01-01, last_used_known = true, last_used_at = 2026-09-01},
-- ]
-- expect = {new = "pass", orders = "pass"}
--
-- [[example]]
-- why = "use is not tracked by the source, or the creation date is missing"
-- rows.identity = [{identity_id = "reports", created_at = 2024-01-01}, {identity_id = "undated", last_used_known = true}]
-- expect = {reports = "unknown", undated = "unknown"}
--
-- [[example]]
-- why = "a user is judged by its keys and password, not here"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}, {identity_id = "orders", last_used_at = 2026-09-01}]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "GCP does not say when a service account was made: that no use was seen may be its youth"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount", last_used_known = true}]
-- expect = {batch = "unknown"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.identity = [{identity_id = "key", created_at = 2031-01-05, last_used_known = true}]
-- expect = {key = "unknown"}

WITH judged AS (
    SELECT
        identity_id,
        last_used_known,
        last_used_at,
        created_at,
        evidence,
        date_diff('day', created_at, $as_of) AS age_days
    FROM identity
    WHERE in_scope AND human <> 'human' AND status <> 'disabled' AND coalesce(native_type, '') NOT IN ('AWS::IAM::User', 'AWS::IAM::Root')
)
SELECT
    identity_id AS subject_id,
    CASE
        WHEN last_used_at IS NOT NULL THEN 'pass'
        WHEN NOT last_used_known OR created_at IS NULL OR age_days < 0 THEN 'unknown'
        WHEN age_days > $unused_days THEN 'fail'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN last_used_at IS NOT NULL THEN 'used on ' || CAST(last_used_at AS DATE)
        WHEN NOT last_used_known THEN 'the evidence does not say whether it was ever used'
        WHEN created_at IS NULL THEN 'no use seen, but the evidence does not say when it was made'
        WHEN age_days < 0 THEN 'made on ' || CAST(created_at AS DATE) || ', after the day judged by: when it really was is not known'
        WHEN age_days > $unused_days THEN 'made on ' || CAST(created_at AS DATE) || ', ' || age_days || ' days ago, and no use seen; the limit is ' || $unused_days
        ELSE 'too young to judge: made ' || age_days || ' days ago'
    END AS reason,
    [evidence] AS evidence
FROM judged
