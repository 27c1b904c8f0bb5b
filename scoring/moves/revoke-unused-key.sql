-- title = "Revoke a key that nobody uses"
-- subject = "credential"
-- addresses = [2, 7]
-- effort = 1
-- effort_reason = "one command; wait until nobody missed it"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Deactivate the key, wait, delete it, and take it out of wherever it still stands."
-- rollback = "Activate the key again; of what cannot be activated again, issue a new one."
--
-- [[example]]
-- why = "an old key that was never used goes; the user is left without any way in"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/old", name = "old", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/old"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/old"}]
-- rows.credential = [{credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/old", created_at = 2024-01-31, last_used_known = true}]
-- candidates = {k = true}
-- before = {"arn:aws:iam::111111111111:user/old" = [2, 5]}
-- after = {"arn:aws:iam::111111111111:user/old" = []}
--
-- [[example]]
-- why = "used last week: no candidate; nor is one whose use nobody tracks"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/busy", name = "busy", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [
--     {credential_id = "busy", identity_id = "arn:aws:iam::111111111111:user/busy", created_at = 2024-01-31, last_used_known = true, last_used_at = 2026-09-25},
--     {credential_id = "untracked", identity_id = "arn:aws:iam::111111111111:user/busy", created_at = 2024-01-31},
-- ]
-- candidates = {}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind,
    c.credential_id AS subject_id,
    CASE WHEN c.last_used_at IS NULL THEN 'its use is tracked, and none was seen' ELSE 'last used ' || strftime(c.last_used_at, '%Y-%m-%d') END AS reason,
    coalesce(l.guards, []) AS guards,
    len(coalesce(l.guards, [])) = 0 AS ready,
    [c.evidence] AS evidence
FROM main.credential AS c
JOIN main.access_path AS p ON p.credential_id = c.credential_id
LEFT JOIN main.least_privilege AS l ON l.identity_id = c.identity_id
WHERE c.last_used_known AND date_diff('day', c.created_at, $as_of) > $unused_days
    AND (c.last_used_at IS NULL OR date_diff('day', c.last_used_at, $as_of) > $unused_days)

-- amendment
DELETE FROM seen.credential
WHERE storage = 'env_var' AND store_id IS NOT NULL
    AND credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));

UPDATE seen.credential SET status = 'inactive'
WHERE credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));
