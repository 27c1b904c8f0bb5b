-- title = "Rotate a credential"
-- subject = "credential"
-- addresses = [4, 5]
-- effort = 2
-- effort_reason = "a new value where the old one was; in a manager its users read it by themselves"
-- providers = ["aws", "gcp", "azure", "other"]
-- asks = "Issue a new value in the place of the old one, let its users pick it up, revoke the old one. Turn on automatic rotation where the manager offers it."
-- rollback = "The manager's previous version, until the old value is revoked."
--
-- [[example]]
-- why = "an old secret in an approved manager that logs reads"
-- rows.secret_store = [{store_id = "m", approved = true, access_logged = true}]
-- rows.credential = [{credential_id = "s", kind = "password", storage = "secrets_manager", storage_basis = "observed", store_id = "m", rotated_at = 2024-01-31}]
-- candidates = {s = true}
-- before = {s = [4, 5]}
-- after = {s = [5, 5]}
--
-- [[example]]
-- why = "fresh, and one that stands in code: that is not rotated but moved"
-- rows.secret_store = [{store_id = "m", approved = true, access_logged = true}]
-- rows.credential = [
--     {credential_id = "fresh", kind = "password", storage = "secrets_manager", storage_basis = "observed", store_id = "m", rotated_at = 2026-09-20},
--     {credential_id = "code", kind = "password", fingerprint = "f", rotated_at = 2024-01-31},
-- ]
-- rows.secret_exposure = [{path = "app.py", location_kind = "source_code", fingerprints = ["f"], state = "open"}]
-- candidates = {}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind,
    c.credential_id AS subject_id,
    CASE
        WHEN c.rotated_at IS NULL THEN 'when it was last rotated is not known'
        ELSE 'last rotated ' || strftime(c.rotated_at, '%Y-%m-%d')
    END AS reason,
    CASE
        WHEN c.status = 'unknown' THEN ['whether it still works is not known: ask its provider first']
        WHEN p.rule LIKE '%storage-unknown' THEN ['where it rests is not known: find what uses it first']
        ELSE []
    END AS guards,
    c.status = 'active' AS ready,
    [c.evidence] AS evidence
FROM main.credential AS c
JOIN main.access_path AS p ON p.credential_id = c.credential_id
WHERE p.mechanism LIKE 'static%' AND p.rule NOT LIKE 'exposed%' AND p.rule <> 'in-code'
    AND coalesce(date_diff('day', c.rotated_at, $as_of) > CASE WHEN c.kind = 'access_key' THEN $key_max_age_days ELSE $secret_rotation_days END, true)

-- amendment
-- Some seconds apart, so that two keys of one user stay two.
UPDATE seen.credential
SET
    rotated_at = $as_of,
    created_at = CASE
        WHEN credential.kind IN ('access_key', 'signing_key', 'oauth_client_secret', 'x509_certificate', 'api_key', 'service_specific')
            THEN CAST($as_of AS TIMESTAMP) - to_seconds(10 * list_position($subjects, n.credential_id))
        ELSE credential.created_at
    END
FROM was.credential_name AS n
WHERE n.mention = credential.credential_id AND list_contains($subjects, n.credential_id);
