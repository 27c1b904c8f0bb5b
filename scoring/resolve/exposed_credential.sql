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
    'source_code' AS storage,
    'observed' AS storage_basis,
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
