-- title = "Inactive access key was never deleted"
-- severity = "low"
-- subject = "credential"
-- needs = ["access_keys", "key_usage"]
-- absence = true
-- rationale = "An inactive key is one click away from working again, for anyone who may edit users, and its secret may still lie where it was."
-- fix = "Delete the key."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "HIPAA:164.308(a)(3)(ii)(C)",
--     "NIS2-2024-2690:11.5.4", "ITGC:access-removal", "CCM-4.0:IAM-07",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html"
--
-- [[example]]
-- why = "inactive, and last used 242 days ago; the other was never used since it was made"
-- rows.credential = [
--     {credential_id = "old", status = "inactive", last_used_known = true, last_used_at = 2026-01-31},
--     {credential_id = "spare", status = "inactive", last_used_known = true, created_at = 2026-01-31},
-- ]
-- expect = {old = "fail", spare = "fail"}
--
-- [[example]]
-- why = "used last week, so it was switched off since: it is being retired; the other one is active"
-- rows.credential = [
--     {credential_id = "off", status = "inactive", last_used_known = true, last_used_at = 2026-09-23},
--     {credential_id = "on", status = "active"},
-- ]
-- expect = {off = "pass", on = "pass"}
--
-- [[example]]
-- why = "nobody says when the inactive key was last used, or whether the other one is active"
-- rows.credential = [{credential_id = "off", status = "inactive"}, {credential_id = "found", status = "unknown"}]
-- expect = {off = "unknown", found = "unknown"}

WITH access_key AS (
    SELECT
        c.credential_id,
        c.status,
        c.last_used_known,
        c.evidence,
        date_diff('day', coalesce(c.last_used_at, c.created_at), $as_of) AS quiet_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE c.kind = 'access_key' AND c.provider <> 'other'
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN status = 'active' THEN 'pass'
        WHEN status = 'unknown' OR NOT last_used_known OR quiet_days IS NULL THEN 'unknown'
        WHEN quiet_days > $recent_days THEN 'fail'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN status = 'active' THEN 'it is active'
        WHEN status = 'unknown' THEN 'the evidence does not say whether it is active'
        WHEN NOT last_used_known OR quiet_days IS NULL THEN 'inactive; the evidence does not say since when it has not been used'
        WHEN quiet_days > $recent_days THEN 'inactive and not used for ' || quiet_days || ' days; it could have been deleted after ' || $recent_days
        ELSE 'inactive, and used or made ' || quiet_days || ' days ago: it is being retired'
    END AS reason,
    [evidence] AS evidence
FROM access_key
