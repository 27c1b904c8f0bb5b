-- title = "Give each environment a credential of its own"
-- subject = "credential"
-- addresses = [3, 4]
-- effort = 3
-- effort_reason = "an identity and a value per environment, and a change in each workload outside the first"
-- providers = ["aws", "gcp", "azure", "other"]
-- asks = "Issue an identity and a value for every environment that shares this one, and let each workload use its own. Outside production, none that reaches production."
-- rollback = "Put the shared value back into the workload."
--
-- [[example]]
-- why = "one key in production and staging becomes two, each of one environment"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User", environment = "prod"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/u"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/u"}]
-- rows.workload = [{workload_id = "p", name = "p", environment = "prod"}, {workload_id = "s", name = "s", environment = "staging"}]
-- rows.credential = [
--     {credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", fingerprint = "f", role = "combined", created_at = 2024-01-31},
--     {credential_id = "p:KEY", fingerprint = "f", storage = "env_var", storage_basis = "observed", store_id = "p"},
--     {credential_id = "s:KEY", fingerprint = "f", storage = "env_var", storage_basis = "observed", store_id = "s"},
-- ]
-- candidates = {k = true}
-- before = {"arn:aws:iam::111111111111:user/u" = [3, 3]}
-- after = {"arn:aws:iam::111111111111:user/u" = [4, 4], "arn:aws:iam::111111111111:user/u@staging" = [4, 4]}
--
-- [[example]]
-- why = "of one environment already"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User", environment = "prod"}]
-- rows.workload = [{workload_id = "p", name = "p", environment = "prod"}]
-- rows.credential = [
--     {credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", fingerprint = "f", created_at = 2024-01-31},
--     {credential_id = "p:KEY", fingerprint = "f", storage = "env_var", storage_basis = "observed", store_id = "p"},
-- ]
-- candidates = {}

-- candidates
SELECT DISTINCT
    'credential' AS subject_kind,
    c.credential_id AS subject_id,
    p.lo_reason AS reason,
    CASE WHEN c.status = 'unknown' THEN ['whether it still works is not known: ask its provider first'] ELSE [] END AS guards,
    c.status = 'active' AS ready,
    p.lo_evidence AS evidence
FROM main.credential AS c
JOIN main.access_path AS p ON p.credential_id = c.credential_id
WHERE p.rule = 'config-shared'

-- amendment
-- Who holds it, outside the environment that keeps it: the identity's own, else production, else the first by name.
CREATE TEMP TABLE parted AS
WITH word AS (
    SELECT w.workload_id, coalesce(x.environment, lower(w.environment)) AS environment
    FROM was.workload AS w
    LEFT JOIN was.environment_word AS x ON x.word = lower(w.environment)
), held AS (
    SELECT DISTINCT n.credential_id, n.mention, w.environment, c.identity_id, coalesce(y.environment, lower(i.environment), lower(a.environment)) AS own
    FROM was.credential_name AS n
    JOIN was.credential AS c ON c.credential_id = n.credential_id
    JOIN seen.credential AS s ON s.credential_id = n.mention AND s.storage = 'env_var'
    JOIN word AS w ON w.workload_id = s.store_id AND w.environment IS NOT NULL
    LEFT JOIN was.identity AS i ON i.identity_id = c.identity_id
    LEFT JOIN was.account AS a ON a.scope = i.scope
    LEFT JOIN was.environment_word AS y ON y.word = coalesce(lower(i.environment), lower(a.environment))
    WHERE n.held AND list_contains($subjects, n.credential_id)
), kept AS (
    SELECT
        credential_id,
        CASE
            WHEN bool_or(environment = own) THEN min(own)
            WHEN min(own) IS NOT NULL THEN ''
            WHEN bool_or(environment = 'production') THEN 'production'
            ELSE min(environment)
        END AS environment
    FROM held
    GROUP BY credential_id
)
SELECT h.*, h.credential_id || '@' || h.environment AS new_id, h.identity_id || '@' || h.environment AS new_identity
FROM held AS h
JOIN kept AS k ON k.credential_id = h.credential_id
WHERE h.environment <> k.environment;

-- Nobody is left who holds the old one: it goes.
UPDATE seen.credential SET status = 'inactive'
WHERE credential_id IN (
    SELECT n.mention FROM was.credential_name AS n
    WHERE list_contains($subjects, n.credential_id) AND n.credential_id IN (
        SELECT credential_id FROM was.credential_name WHERE held GROUP BY credential_id
        HAVING bool_and(mention IN (SELECT mention FROM parted))
    )
);

UPDATE seen.credential
SET credential_id = p.new_id || '#' || credential.store_id, fingerprint = 'what-if:' || p.new_id, native_id = NULL, status = 'active'
FROM parted AS p
WHERE p.mention = credential.credential_id;

INSERT INTO seen.credential BY NAME
SELECT DISTINCT
    c.* REPLACE (
        p.new_id AS credential_id, p.new_identity AS identity_id, p.new_id AS native_id, 'what-if:' || p.new_id AS fingerprint,
        'unknown' AS storage, 'unknown' AS storage_basis, NULL AS storage_evidence, NULL AS store_id, 'unknown' AS isolation,
        CAST($as_of AS TIMESTAMP) AS created_at, CAST($as_of AS TIMESTAMP) AS rotated_at, 'active' AS status
    )
FROM parted AS p
JOIN was.credential AS c ON c.credential_id = p.credential_id;

INSERT INTO seen.identity BY NAME
SELECT DISTINCT i.* REPLACE (p.new_identity AS identity_id, i.name || '@' || p.environment AS name, p.environment AS environment)
FROM parted AS p
JOIN was.identity AS i ON i.identity_id = p.identity_id;

INSERT INTO seen.sighting BY NAME
SELECT DISTINCT s.* REPLACE (p.new_identity AS subject_id)
FROM seen.sighting AS s
JOIN was.identity_name AS n ON n.mention = s.subject_id
JOIN parted AS p ON p.identity_id = n.identity_id;

INSERT INTO seen.entitlement BY NAME
SELECT DISTINCT e.* REPLACE (p.new_identity AS identity_id)
FROM seen.entitlement AS e
JOIN was.identity_name AS n ON n.mention = e.identity_id
JOIN parted AS p ON p.identity_id = n.identity_id;

-- What people declared as shared is declared as isolated.
UPDATE seen.credential SET isolation = 'isolated'
WHERE isolation = 'shared' AND credential_id IN (SELECT mention FROM was.credential_name WHERE list_contains($subjects, credential_id));

DROP TABLE parted;
