-- title = "A CI system stores a cloud access key"
-- severity = "high"
-- subject = "credential"
-- stage = 3
-- needs = ["access_keys"]
-- rationale = "Everyone who may change a pipeline can print the key, and a breach of the CI provider gives away the keys of all its customers."
-- fix = "Let the pipeline sign in through OIDC to a role with a narrow trust policy, then delete the key."
-- maps_to = ["NHI6:2025", "NIST-800-53r5:IA-5(7)", "CSF-2.0:PR.AA-03", "ISO-27001-2022:8.25", "SOC2:CC8.1"]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/6-insecure-cloud-deployment-configurations/"
--
-- [[example]]
-- why = "it was seen among the CI system's variables"
-- rows.credential = [{credential_id = "key", storage = "cicd_store", storage_basis = "observed"}]
-- expect = {key = "fail"}
--
-- [[example]]
-- why = "it is held in hardware"
-- rows.credential = [{credential_id = "key", storage = "hardware", storage_basis = "declared"}]
-- expect = {key = "pass"}
--
-- [[example]]
-- why = "where it rests is not known; the other rests in a manager, which says nothing of copies in CI"
-- rows.credential = [{credential_id = "key"}, {credential_id = "vaulted", storage = "secrets_manager", storage_basis = "observed"}]
-- expect = {key = "unknown", vaulted = "unknown"}

SELECT
    c.credential_id AS subject_id,
    CASE WHEN c.storage = 'cicd_store' THEN 'fail' WHEN c.storage = 'hardware' THEN 'pass' ELSE 'unknown' END AS status,
    CASE
        WHEN c.storage = 'cicd_store' THEN 'it rests in a CI system (' || c.storage_basis || ')'
        WHEN c.storage = 'hardware' THEN 'it rests in hardware, which gives no copies'
        WHEN c.storage = 'unknown' THEN 'where it rests is not in the evidence'
        ELSE 'it rests in: ' || replace(c.storage, '_', ' ') || '; whether a CI system holds a copy is not in the evidence'
    END AS reason,
    [c.evidence, c.storage_evidence] AS evidence
FROM credential AS c
LEFT JOIN identity AS i ON i.identity_id = c.identity_id
WHERE c.kind = 'access_key' AND c.provider <> 'other' AND c.status = 'active'
    AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
