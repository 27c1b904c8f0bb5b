-- Exposures and credentials, the other way round.
-- Who typed an exposure may have named a credential by an id that other sources replaced, or one that nobody knows.
UPDATE main.secret_exposure
SET credential_id = r.credential_id
FROM (SELECT seen_id, min(credential_id) AS credential_id FROM work.credential_row GROUP BY seen_id) AS r
WHERE r.seen_id = secret_exposure.credential_id;

UPDATE main.secret_exposure
SET credential_id = NULL
WHERE credential_id NOT IN (SELECT credential_id FROM main.credential);

-- A credential that a scanner found and its provider confirmed as live is a credential, even when no inventory lists it.
INSERT INTO main.credential BY NAME
SELECT
    'exposed:' || min(exposure_id) AS credential_id,
    'other' AS provider,
    min(scope) AS scope,
    min(credential_kind) || ' in ' || min(coalesce(scope || ':', '') || path) AS name,
    min(credential_kind) AS kind,
    'unknown' AS role,
    fingerprints[1] AS fingerprint,
    -- Chats and logs are no code.
    CASE
        WHEN bool_or(location_kind IN ('source_code', 'git_history', 'container_image')) THEN 'source_code'
        WHEN bool_or(location_kind = 'collab') THEN 'collab_tool'
        WHEN bool_or(location_kind = 'ci_log') THEN 'cicd_store'
        ELSE 'unknown'
    END AS storage,
    CASE WHEN bool_or(location_kind <> 'other') THEN 'observed' ELSE 'unknown' END AS storage_basis,
    min(evidence) AS storage_evidence,
    'unknown' AS isolation,
    'unknown' AS issuance,
    min(introduced_at) AS created_at,
    false AS last_used_known,
    'active' AS status,
    min(evidence) AS evidence
FROM main.secret_exposure
WHERE credential_id IS NULL AND state = 'open' AND validity = 'active'
GROUP BY fingerprints[1], CASE WHEN fingerprints[1] IS NULL THEN exposure_id END;

UPDATE main.secret_exposure
SET credential_id = c.credential_id
FROM main.credential AS c
WHERE secret_exposure.credential_id IS NULL AND c.credential_id LIKE 'exposed:%' AND (
    c.fingerprint = secret_exposure.fingerprints[1] OR c.credential_id = 'exposed:' || secret_exposure.exposure_id
);

-- Every credential that a place shows: one line may hold several, so every fingerprint counts.
CREATE TABLE work.exposed_credential AS
WITH shown AS (
    SELECT e.exposure_id, unnest(e.fingerprints) AS fingerprint
    FROM main.secret_exposure AS e
)
SELECT s.exposure_id, c.credential_id
FROM shown AS s
JOIN main.credential AS c ON c.fingerprint = s.fingerprint
UNION
SELECT e.exposure_id, e.credential_id
FROM main.secret_exposure AS e
WHERE e.credential_id IS NOT NULL;

-- A copy in a chat or a log is a place where it rests, weaker than any manager.
UPDATE main.credential
SET storage = k.storage, storage_basis = 'observed', storage_evidence = k.evidence, store_id = NULL
FROM (
    SELECT
        x.credential_id,
        CASE WHEN bool_or(e.location_kind = 'collab') THEN 'collab_tool' ELSE 'cicd_store' END AS storage,
        min(e.evidence) AS evidence
    FROM work.exposed_credential AS x
    JOIN main.secret_exposure AS e ON e.exposure_id = x.exposure_id
    WHERE e.state = 'open' AND e.validity <> 'inactive' AND e.location_kind IN ('collab', 'ci_log')
    GROUP BY x.credential_id
) AS k
WHERE k.credential_id = credential.credential_id
    AND credential.storage NOT IN (SELECT storage FROM work.storage_group WHERE grp IN ('code', 'config'));
