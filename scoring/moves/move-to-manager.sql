-- title = "Move a secret into the manager"
-- subject = "credential"
-- addresses = [2, 6]
-- effort = 4
-- effort_reason = "a new value, a change in each workload that reads it, and the old value revoked"
-- providers = ["aws", "gcp", "azure", "other"]
-- asks = "Issue a new value into an approved manager that logs reads and rotates; let its users read it there; revoke the old value everywhere."
-- rollback = "Keep the old value, deactivated, until every user has read the new one."
--
-- [[example]]
-- why = "a key that only assumes roles, in a variable of one function"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/u"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/u"}]
-- rows.workload = [{workload_id = "w", name = "w", environment = "prod"}]
-- rows.credential = [
--     {credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", fingerprint = "f", role = "combined", created_at = 2024-01-31},
--     {credential_id = "w:KEY", fingerprint = "f", storage = "env_var", storage_basis = "observed", store_id = "w"},
-- ]
-- candidates = {k = true}
-- before = {"arn:aws:iam::111111111111:user/u" = [4, 4]}
-- after = {"arn:aws:iam::111111111111:user/u" = [5, 5]}
--
-- [[example]]
-- why = "a secret of an application, where nobody knows where it rests; and one that is kept well already"
-- rows.identity = [{identity_id = "azure:app:x", provider = "azure", scope = "tenant", name = "app", kind = "service_principal", native_type = "microsoft.graph.servicePrincipal"}]
-- rows.sighting = [{subject_kind = "trust", subject_id = "azure:app:x"}, {subject_kind = "access_keys", subject_id = "azure:app:x"}]
-- rows.secret_store = [{store_id = "vault", scope = "tenant", approved = true, access_logged = true}]
-- rows.credential = [
--     {credential_id = "s", identity_id = "azure:app:x", provider = "azure", scope = "tenant", kind = "oauth_client_secret", role = "identity"},
--     {credential_id = "t", identity_id = "azure:app:x", provider = "azure", scope = "tenant", kind = "oauth_client_secret", role = "identity", storage = "secrets_manager", storage_basis = "observed", store_id = "vault"},
-- ]
-- candidates = {s = true}
-- before = {"azure:app:x" = [2, 6]}
-- after = {"azure:app:x" = [6, 6]}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind,
    c.credential_id AS subject_id,
    p.lo_reason AS reason,
    CASE
        WHEN c.status = 'unknown' THEN ['whether it still works is not known: ask its provider first']
        WHEN p.rule LIKE '%storage-unknown' THEN ['where it rests is not known: find what uses it first']
        WHEN p.rule = 'exposed' THEN ['it stands in code: revoke the old value as soon as the new one is in use']
        ELSE []
    END AS guards,
    c.status = 'active' AS ready,
    p.lo_evidence AS evidence
FROM main.credential AS c
JOIN main.access_path AS p ON p.credential_id = c.credential_id
LEFT JOIN main.secret_store AS s ON s.store_id = c.store_id
WHERE p.mechanism LIKE 'static%' AND p.rule NOT LIKE '%-kept' AND p.rule <> 'config-by-name'
    -- What rests in a manager already is rotated there, or the manager is approved.
    AND (c.storage NOT IN ('secrets_manager', 'hardware', 'directory_managed') OR p.rule LIKE 'exposed%' OR NOT coalesce(s.approved, true))

-- amendment
-- A new value: what was seen of the old one matches it no more. What held the old one in a variable reads the manager now.
DELETE FROM seen.credential
WHERE storage = 'env_var' AND store_id IS NOT NULL AND credential_id IN (
    SELECT n.mention
    FROM was.credential_name AS n
    JOIN (
        SELECT DISTINCT credential_id FROM was.credential_name WHERE NOT held
    ) AS o ON o.credential_id = n.credential_id
    WHERE list_contains($subjects, n.credential_id)
);

UPDATE seen.secret_exposure SET state = 'resolved', resolution = 'revoked', validity = 'inactive'
WHERE evidence IN (SELECT evidence FROM was.exposure_record GROUP BY evidence HAVING bool_and(list_contains($subjects, credential_id)));

UPDATE seen.secret_exposure SET credential_id = NULL
WHERE credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));

UPDATE seen.credential
SET
    fingerprint = 'what-if:' || n.credential_id, storage = 'secrets_manager', storage_basis = 'observed',
    storage_evidence = 'what-if#move-to-manager', store_id = 'what-if:manager', rotated_at = $as_of
FROM was.credential_name AS n
WHERE n.mention = credential.credential_id AND list_contains($subjects, n.credential_id);

INSERT INTO seen.secret_store BY NAME
SELECT
    'what-if:manager' AS store_id, 'other' AS provider, NULL AS scope, 'what-if' AS kind, 'the approved manager' AS name,
    true AS approved, true AS access_logged, 'what-if#move-to-manager' AS evidence
WHERE len($subjects) > 0;
