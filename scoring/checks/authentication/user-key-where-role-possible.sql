-- title = "A workload or pipeline uses a static key instead of a native identity"
-- severity = "high"
-- subject = "credential"
-- stage = 5
-- needs = ["access_keys", "workloads"]
-- rationale = "Functions, tasks and instances get short-lived credentials from a role, an attached service account or a managed identity for nothing, and pipelines through OIDC. A key instead must be stored, rotated and guarded."
-- fix = "Attach a role, service account or managed identity with the same rights to the workload, or let the pipeline come in through OIDC; remove the key's variables, then delete the key."
-- maps_to = [
--     "NHI4:2025", "NHI6:2025", "NIST-800-53r5:IA-9", "CSF-2.0:PR.AA-03", "ISO-27001-2022:8.5", "SOC2:CC6.1", "CIS-AWS-7.0:2.16",
--     "HIPAA:164.312(d)", "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-14", "ASVS-5.0:V13.2.1",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
--
-- [[example]]
-- why = "a Lambda function holds the key in its variables; a CI system stores the other"
-- rows.workload = [{workload_id = "orders", provider = "aws"}]
-- rows.credential = [
--     {credential_id = "key", provider = "aws", storage = "env_var", store_id = "orders"},
--     {credential_id = "ci-key", provider = "aws", storage = "cicd_store"},
-- ]
-- expect = {key = "fail", ci-key = "fail"}
--
-- [[example]]
-- why = "it rests in a hardware module, or on a device of its owner, off AWS"
-- rows.credential = [
--     {credential_id = "hsm", provider = "aws", storage = "hardware", storage_basis = "declared"},
--     {credential_id = "till", provider = "aws", storage = "user_device", storage_basis = "declared"},
-- ]
-- expect = {hsm = "pass", till = "pass"}
--
-- [[example]]
-- why = "nobody says where it rests; the other one rests in a manager, where a workload on AWS may read it"
-- rows.credential = [
--     {credential_id = "key", provider = "aws"},
--     {credential_id = "vaulted", provider = "aws", storage = "secrets_manager", storage_basis = "declared"},
-- ]
-- expect = {key = "unknown", vaulted = "unknown"}
--
-- [[example]]
-- why = "a service on GCP holds the key of a service account; a CI system stores the secret of an application"
-- rows.workload = [{workload_id = "orders", provider = "gcp", kind = "cloud_run_service"}]
-- rows.credential = [
--     {credential_id = "key", provider = "gcp", kind = "signing_key", role = "identity", storage = "env_var", store_id = "orders"},
--     {credential_id = "secret", provider = "azure", kind = "oauth_client_secret", role = "identity", storage = "cicd_store"},
-- ]
-- expect = {key = "fail", secret = "fail"}

WITH access_key AS (
    SELECT
        c.credential_id,
        c.storage,
        w.workload_id,
        w.kind,
        w.name,
        c.evidence,
        coalesce(c.storage_evidence, c.evidence) AS storage_evidence
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    LEFT JOIN workload AS w ON w.workload_id = c.store_id
    WHERE c.status = 'active' AND (
        (c.kind = 'access_key' AND c.provider = 'aws')
        OR (c.provider IN ('gcp', 'azure') AND c.role = 'identity' AND c.kind IN ('signing_key', 'oauth_client_secret', 'x509_certificate'))
    )
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN workload_id IS NOT NULL OR storage = 'cicd_store' THEN 'fail'
        WHEN storage IN ('hardware', 'user_device', 'os_keystore', 'directory_managed') THEN 'pass'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN workload_id IS NOT NULL THEN replace(kind, '_', ' ') || ' ' || name || ' holds it, and could have a native identity instead'
        WHEN storage = 'cicd_store' THEN 'a CI system stores it, and could come in through OIDC instead'
        WHEN storage IN ('hardware', 'user_device', 'os_keystore', 'directory_managed') THEN 'it rests off the cloud: ' || replace(storage, '_', ' ')
        WHEN storage = 'unknown' THEN 'where it rests is not in the evidence'
        ELSE 'it rests in: ' || replace(storage, '_', ' ') || '; which workload uses it from there is not in the evidence'
    END AS reason,
    [evidence, storage_evidence] AS evidence
FROM access_key
