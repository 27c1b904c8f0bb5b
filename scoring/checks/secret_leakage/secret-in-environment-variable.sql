-- title = "Workload holds a secret in an environment variable"
-- severity = "high"
-- subject = "workload"
-- stage = 3
-- needs = ["workloads"]
-- rationale = "Environment variables are shown in consoles, copied into logs and crash reports, and readable by everyone who may describe the workload."
-- fix = "Give the workload's role access to a secret in the manager and read it at start; better, use the role itself instead of a secret."
-- maps_to = [
--     "NHI2:2025", "NIST-800-53r5:IA-5(7)", "CSF-2.0:PR.DS-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.2",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.b", "ITGC:authentication", "ASVS-5.0:V13.3.1", "GDPR:Art.32", "DORA:Art.9",
--     "CIS-GCP-5.0:1.18",
-- ]
-- source = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"
--
-- [[example]]
-- why = "the export showed a value that is no reference"
-- rows.workload = [{workload_id = "orders", env_names = ["DB_PASSWORD"]}]
-- rows.credential = [{credential_id = "c1", kind = "password", storage = "env_var", storage_basis = "observed", store_id = "orders"}]
-- expect = {orders = "fail"}
--
-- [[example]]
-- why = "none of its variables is a secret; the other one has no variables"
-- rows.workload = [{workload_id = "orders", env_names = ["LOG_LEVEL"]}, {workload_id = "thumbs", env_names = []}]
-- expect = {orders = "pass", thumbs = "pass"}
--
-- [[example]]
-- why = "a name says secret, its value was left out: it may be a reference; what an instance holds, its listing does not say"
-- rows.workload = [{workload_id = "orders", env_names = ["DB_PASSWORD"]}, {workload_id = "vm"}]
-- rows.credential = [{credential_id = "c1", kind = "password", storage = "env_var", storage_basis = "inferred", store_id = "orders"}]
-- expect = {orders = "unknown", vm = "unknown"}
--
-- [[example]]
-- why = "one key in two workloads is one credential: both hold it"
-- rows.workload = [
--     {workload_id = "orders", env_names = ["AWS_ACCESS_KEY_ID"], evidence = "l.json#Functions[orders]"},
--     {workload_id = "refunds", env_names = ["AWS_ACCESS_KEY_ID"], evidence = "l.json#Functions[refunds]"},
-- ]
-- rows.credential = [{credential_id = "key", fingerprint = "f1", storage = "env_var", storage_basis = "observed", store_id = "orders"}]
-- rows.sighting = [
--     {subject_kind = "credential", subject_id = "key", evidence = "l.json#Functions[orders]/env/AWS_ACCESS_KEY_ID"},
--     {subject_kind = "credential", subject_id = "key", evidence = "l.json#Functions[refunds]/env/AWS_ACCESS_KEY_ID"},
-- ]
-- expect = {orders = "fail", refunds = "fail"}

-- A credential rests in one place only; every other workload that holds it is known by the record that showed it (`…/env/NAME`).
WITH held AS (
    SELECT store_id AS workload_id, storage_basis = 'observed' AS seen, name, coalesce(storage_evidence, evidence) AS evidence
    FROM credential
    WHERE storage = 'env_var' AND store_id IS NOT NULL AND status <> 'inactive'
    UNION ALL
    SELECT w.workload_id, c.fingerprint IS NOT NULL AS seen, c.name, s.evidence
    FROM sighting AS s
    JOIN credential AS c ON c.credential_id = s.subject_id
    JOIN workload AS w ON w.evidence = substr(s.evidence, 1, length(s.evidence) - strpos(reverse(s.evidence), '/vne/') - 4)
    WHERE s.subject_kind = 'credential' AND s.evidence LIKE '%/env/%' AND c.status <> 'inactive'
), counted AS (
    SELECT
        workload_id,
        count(DISTINCT name) FILTER (WHERE seen) AS secrets,
        min(name) FILTER (WHERE seen) AS secret,
        min(name) AS suspect,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM held
    GROUP BY workload_id
)
SELECT
    w.workload_id AS subject_id,
    CASE
        WHEN c.secrets > 0 THEN 'fail'
        WHEN c.workload_id IS NOT NULL OR w.env_names IS NULL THEN 'unknown'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN c.secrets > 0 THEN c.secrets || ' secret(s) in its variables: ' || c.secret
        WHEN c.workload_id IS NOT NULL THEN c.suspect || ' sounds like a secret; its value was not in the export, it may be a reference'
        WHEN w.env_names IS NULL THEN 'the export does not show its variables'
        ELSE 'no live secret among its ' || len(w.env_names) || ' variables'
    END AS reason,
    coalesce(c.evidence, [w.evidence]) AS evidence
FROM workload AS w
LEFT JOIN counted AS c ON c.workload_id = w.workload_id
