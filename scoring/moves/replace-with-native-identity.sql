-- title = "Replace a key with the platform's own identity"
-- subject = "credential"
-- addresses = [2, 7]
-- effort = 6
-- effort_reason = "a role with the same permissions, a change in the workload, a release, and the key revoked"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Give the workload an identity of its own with the permissions the key had, use it, then revoke the key and take it out of the configuration."
-- rollback = "Activate the key again and put it back; the identity can stay."
--
-- [[example]]
-- why = "a key in a variable of a function: the function gets a role of its own"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/u"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/u"}]
-- rows.workload = [{workload_id = "w", name = "w", environment = "prod"}]
-- rows.credential = [
--     {credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", fingerprint = "f", role = "combined", created_at = 2024-01-31},
--     {credential_id = "w:KEY", fingerprint = "f", storage = "env_var", storage_basis = "observed", store_id = "w"},
-- ]
-- candidates = {k = true}
-- before = {"arn:aws:iam::111111111111:user/u" = [4, 4]}
-- after = {"arn:aws:iam::111111111111:user/u" = [], "arn:aws:iam::111111111111:role/what-if/u" = [6, 6]}
--
-- [[example]]
-- why = "what uses the key is not known: nobody can say that its platform has identities"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [{credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", created_at = 2024-01-31}]
-- candidates = {k = false}
--
-- [[example]]
-- why = "a service account's key in a Cloud Run service: the service runs as the account itself"
-- rows.identity = [{identity_id = "serviceAccount:a@p.iam.gserviceaccount.com", provider = "gcp", scope = "p", name = "a", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "serviceAccount:a@p.iam.gserviceaccount.com"}, {subject_kind = "trust", subject_id = "serviceAccount:a@p.iam.gserviceaccount.com"}]
-- rows.workload = [{workload_id = "run", name = "run", provider = "gcp", scope = "p", kind = "cloud_run_service", environment = "prod"}]
-- rows.credential = [
--     {credential_id = "k", provider = "gcp", scope = "p", identity_id = "serviceAccount:a@p.iam.gserviceaccount.com", kind = "signing_key", role = "identity", fingerprint = "f"},
--     {credential_id = "run:KEY", provider = "gcp", scope = "p", kind = "signing_key", role = "identity", fingerprint = "f", storage = "env_var", storage_basis = "observed", store_id = "run"},
-- ]
-- candidates = {k = true}
-- before = {"serviceAccount:a@p.iam.gserviceaccount.com" = [4, 4]}
-- after = {"serviceAccount:a@p.iam.gserviceaccount.com" = [6, 6]}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind,
    c.credential_id AS subject_id,
    p.lo_reason || coalesce('; ' || w.name || ' uses it', '') AS reason,
    CASE
        WHEN w.workload_id IS NULL THEN ['what uses it is not known, nor whether that runs where there are identities of the platform']
        WHEN c.status = 'unknown' THEN ['whether it still works is not known: ask its provider first']
        ELSE []
    END AS guards,
    w.workload_id IS NOT NULL AND c.status = 'active' AS ready,
    p.lo_evidence AS evidence
FROM main.credential AS c
JOIN main.identity AS i ON i.identity_id = c.identity_id AND i.provider IN ('aws', 'gcp', 'azure')
JOIN main.access_path AS p ON p.credential_id = c.credential_id AND p.mechanism LIKE 'static%' AND p.rule <> 'config-by-name'
LEFT JOIN main.workload AS w ON w.workload_id = c.store_id
WHERE c.kind IN ('access_key', 'signing_key', 'oauth_client_secret', 'x509_certificate')
    AND (i.native_type = 'AWS::IAM::User' OR i.provider = 'gcp' OR (i.provider = 'azure' AND w.provider = 'azure'))

-- amendment
CREATE TEMP TABLE replaced AS
SELECT DISTINCT
    i.identity_id, i.provider, i.name,
    CASE
        WHEN i.provider = 'aws' THEN 'arn:aws:iam::' || i.scope || ':role/what-if/' || i.name
        WHEN i.provider = 'gcp' THEN i.identity_id
        ELSE i.identity_id || '-what-if'
    END AS native_id,
    coalesce(CASE WHEN i.provider = 'azure' THEN w.scope END, i.scope) AS scope,
    coalesce(w.environment, i.environment) AS environment, i.team, i.evidence
FROM was.credential AS c
JOIN was.identity AS i ON i.identity_id = c.identity_id
LEFT JOIN was.workload AS w ON w.workload_id = c.store_id
WHERE list_contains($subjects, c.credential_id);

-- The identity that takes over holds what the old one held, by the same records.
INSERT INTO seen.identity BY NAME
SELECT
    native_id AS identity_id, provider, min(scope) AS scope, name,
    CASE provider WHEN 'aws' THEN 'iam_role' ELSE 'managed_identity' END AS kind,
    CASE provider WHEN 'aws' THEN 'AWS::IAM::Role' ELSE 'Microsoft.ManagedIdentity/systemAssigned' END AS native_type,
    'nonhuman' AS human, true AS in_scope, 'active' AS status, min(environment) AS environment, min(team) AS team, true AS last_used_known,
    min(evidence) AS evidence
FROM replaced
WHERE provider <> 'gcp'
GROUP BY native_id, provider, name;

INSERT INTO seen.entitlement BY NAME
SELECT DISTINCT e.* REPLACE (r.native_id AS identity_id)
FROM seen.entitlement AS e
JOIN was.identity_name AS n ON n.mention = e.identity_id
JOIN (SELECT DISTINCT identity_id, native_id FROM replaced WHERE provider <> 'gcp') AS r ON r.identity_id = n.identity_id;

INSERT INTO seen.trust BY NAME
SELECT DISTINCT
    'what-if:' || r.native_id AS trust_id, r.native_id AS identity_id, 'service' AS principal_kind,
    CASE r.provider WHEN 'aws' THEN 'lambda.amazonaws.com' WHEN 'gcp' THEN 'gcp.attached' ELSE 'azure.managed-identity' END AS principal,
    false AS human, false AS external_id, 'safe' AS safety, r.evidence
FROM replaced AS r
WHERE r.provider <> 'gcp' OR r.identity_id NOT IN (SELECT identity_id FROM was.trust WHERE principal = 'gcp.attached');

UPDATE seen.workload
SET identity_id = r.native_id
FROM (
    SELECT w.workload_id, min(r.native_id) AS native_id
    FROM seen.credential AS s
    JOIN was.credential_name AS n ON n.mention = s.credential_id
    JOIN was.credential AS c ON c.credential_id = n.credential_id AND list_contains($subjects, c.credential_id)
    JOIN replaced AS r ON r.identity_id = c.identity_id
    JOIN was.workload AS w ON w.workload_id = s.store_id
    WHERE s.storage = 'env_var'
    GROUP BY w.workload_id
) AS r
WHERE r.workload_id = workload.workload_id AND workload.identity_id IS NULL;

DROP TABLE replaced;

UPDATE seen.secret_exposure SET state = 'resolved', resolution = 'revoked', validity = 'inactive'
WHERE evidence IN (SELECT evidence FROM was.exposure_record GROUP BY evidence HAVING bool_and(list_contains($subjects, credential_id)));

DELETE FROM seen.credential
WHERE storage = 'env_var' AND store_id IS NOT NULL
    AND credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));

UPDATE seen.credential SET status = 'inactive'
WHERE credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));
