-- title = "Say where a credential rests"
-- subject = "credential"
-- settles = true
-- effort = 1
-- effort_reason = "asking its owner, or supplying the inventory of what runs"
-- providers = ["aws", "gcp", "azure", "other"]
-- asks = "Supply a scanner's report, the inventory of what runs, or the template, so that it is known where the credential rests."
-- rollback = "Nothing is changed."
--
-- [[example]]
-- why = "known afterwards, and nobody can say now at which stage: the interval stays"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/u"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/u"}]
-- rows.credential = [{credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", created_at = 2024-01-31}]
-- candidates = {k = true}
-- before = {"arn:aws:iam::111111111111:user/u" = [2, 5]}
-- after = {"arn:aws:iam::111111111111:user/u" = [2, 5]}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind, c.credential_id AS subject_id, p.lo_reason AS reason, [] AS guards, true AS ready, p.lo_evidence AS evidence
FROM main.credential AS c
JOIN main.access_path AS p ON p.credential_id = c.credential_id
WHERE p.rule LIKE '%storage-unknown' OR p.rule IN ('config-by-name', 'config-isolation-unknown')
