-- title = "Revoke a credential that stands in code, and take it out"
-- subject = "credential"
-- addresses = [2, 7]
-- effort = 2
-- effort_reason = "one command and one commit; history is cleaned or left, since the value is dead"
-- providers = ["aws", "gcp", "azure", "other"]
-- asks = "Revoke the credential at its provider, take the value out of the code, close the scanner's alert as revoked."
-- rollback = "None for the value: it must not come back. Issue a new credential, in the manager."
--
-- [[example]]
-- why = "a live key in code that was not used for months"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/u"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/u"}]
-- rows.credential = [{credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", fingerprint = "f", created_at = 2024-01-31, last_used_known = true, last_used_at = 2025-01-31}]
-- rows.secret_exposure = [{path = "app.py", location_kind = "source_code", fingerprints = ["f"], state = "open"}]
-- candidates = {k = true}
-- before = {"arn:aws:iam::111111111111:user/u" = [2, 2]}
-- after = {"arn:aws:iam::111111111111:user/u" = []}
--
-- [[example]]
-- why = "in use: whoever uses it needs another one first"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [{credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", fingerprint = "f", last_used_known = true, last_used_at = 2026-09-25}]
-- rows.secret_exposure = [{path = "app.py", location_kind = "source_code", fingerprints = ["f"], state = "open"}]
-- candidates = {k = false}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind,
    c.credential_id AS subject_id,
    p.lo_reason AS reason,
    CASE
        WHEN NOT c.last_used_known THEN ['whether it is in use is not known: it must be revoked all the same; find its users first']
        WHEN date_diff('day', c.last_used_at, $as_of) <= $unused_days
            THEN ['in use, last on ' || strftime(c.last_used_at, '%Y-%m-%d') || ': give its users another credential first']
        ELSE []
    END AS guards,
    c.last_used_known AND coalesce(date_diff('day', c.last_used_at, $as_of) > $unused_days, true) AS ready,
    p.lo_evidence AS evidence
FROM main.credential AS c
JOIN main.access_path AS p ON p.credential_id = c.credential_id
WHERE p.rule IN ('exposed', 'exposed-perhaps-dead', 'in-code')

-- amendment
UPDATE seen.secret_exposure SET state = 'resolved', resolution = 'revoked', validity = 'inactive'
WHERE evidence IN (SELECT evidence FROM was.exposure_record GROUP BY evidence HAVING bool_and(list_contains($subjects, credential_id)));

DELETE FROM seen.credential
WHERE storage = 'env_var' AND store_id IS NOT NULL
    AND credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));

UPDATE seen.credential SET status = 'inactive'
WHERE credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));
