-- title = "User has two active access keys"
-- severity = "medium"
-- subject = "identity"
-- needs = ["access_keys"]
-- rationale = "Two keys that both work for months mean two programs behind one identity, or a rotation that was never finished."
-- fix = "Find out from the last use which key is needed; deactivate and delete the other, or give the second program an identity of its own."
-- maps_to = ["NHI9:2025", "NIST-800-53r5:IA-4", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.16", "CIS-AWS-6.0:2.12"]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html"
--
-- [[example]]
-- why = "both keys are active, the younger one for 60 days"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [
--     {credential_id = "k1", identity_id = "svc", created_at = 2026-01-31},
--     {credential_id = "k2", identity_id = "svc", created_at = 2026-08-01},
-- ]
-- expect = {svc = "fail"}
--
-- [[example]]
-- why = "the second key was made yesterday: the first is being replaced; the other user has one active key"
-- rows.identity = [
--     {identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"},
--     {identity_id = "one", kind = "service_account", native_type = "AWS::IAM::User"},
-- ]
-- rows.credential = [
--     {credential_id = "k1", identity_id = "svc", created_at = 2026-01-31},
--     {credential_id = "k2", identity_id = "svc", created_at = 2026-09-29},
--     {credential_id = "k3", identity_id = "one"},
--     {credential_id = "k4", identity_id = "one", status = "inactive"},
-- ]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "svc"}, {subject_kind = "access_keys", subject_id = "one"}]
-- expect = {svc = "pass", one = "pass"}
--
-- [[example]]
-- why = "its keys were not listed; of the other user's second key nobody says whether it is active"
-- rows.identity = [
--     {identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"},
--     {identity_id = "two", kind = "service_account", native_type = "AWS::IAM::User"},
-- ]
-- rows.credential = [{credential_id = "k1", identity_id = "two"}, {credential_id = "k2", identity_id = "two", status = "unknown"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "two"}]
-- expect = {svc = "unknown", two = "unknown"}

WITH looked_at AS (
    SELECT DISTINCT subject_id FROM sighting WHERE subject_kind = 'access_keys'
), held AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE status = 'active') AS active,
        count(*) FILTER (WHERE status = 'unknown') AS unclear,
        count(*) FILTER (WHERE status = 'active' AND created_at IS NULL) AS undated,
        max(created_at) FILTER (WHERE status = 'active') AS youngest_at,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM credential
    WHERE kind = 'access_key' AND identity_id IS NOT NULL
    GROUP BY identity_id
), judged AS (
    SELECT
        i.identity_id,
        l.subject_id IS NOT NULL AS looked_at,
        coalesce(h.active, 0) AS active,
        coalesce(h.unclear, 0) AS unclear,
        coalesce(h.undated, 0) AS undated,
        date_diff('day', h.youngest_at, $as_of) AS overlap_days,
        coalesce(h.evidence, [i.evidence]) AS evidence
    FROM identity AS i
    LEFT JOIN held AS h ON h.identity_id = i.identity_id
    LEFT JOIN looked_at AS l ON l.subject_id = i.identity_id
    WHERE i.native_type = 'AWS::IAM::User' AND i.in_scope AND i.human <> 'human'
)
SELECT
    identity_id AS subject_id,
    CASE
        WHEN active > 1 AND overlap_days > $key_overlap_days AND undated = 0 THEN 'fail'
        WHEN active > 1 AND undated > 0 THEN 'unknown'
        WHEN NOT looked_at OR active + unclear > 1 AND unclear > 0 THEN 'unknown'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN active > 1 AND undated > 0 THEN active || ' active keys; since when both work is not in the evidence'
        WHEN active > 1 AND overlap_days > $key_overlap_days THEN active || ' active keys, together for ' || overlap_days || ' days; the limit is ' || $key_overlap_days
        WHEN NOT looked_at THEN 'whether it has more keys is not in the evidence'
        WHEN active + unclear > 1 AND unclear > 0 THEN 'it has several keys; which of them are active is not in the evidence'
        WHEN active > 1 THEN 'its second key is ' || overlap_days || ' days old: the first is being replaced'
        ELSE 'it has ' || active || ' active key(s)'
    END AS reason,
    evidence
FROM judged
