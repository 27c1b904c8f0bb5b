-- title = "Workloads of strangers may come in through federation"
-- severity = "critical"
-- subject = "identity"
-- stage = 7
-- needs = ["trust"]
-- rationale = "An issuer such as GitHub signs tokens for everyone. Without a condition on `sub` that names your repositories, anybody's pipeline may come in: as the role, the service account, the application or the managed identity."
-- fix = "Demand your own organisation, repository and branch or environment in the subject (condition on `sub`, attribute condition, subject of the federated credential), and the audience."
-- maps_to = [
--     "NHI6:2025", "NIST-800-53r5:IA-9", "CSF-2.0:PR.AA-03", "ISO-27001-2022:8.25", "SOC2:CC8.1", "HIPAA:164.312(d)",
--     "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-14", "ITGC:change-management",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html"
--
-- [[example]]
-- why = "no condition on sub"
-- rows.identity = [{identity_id = "deploy"}]
-- rows.trust = [{identity_id = "deploy", principal_kind = "oidc", principal = "token.actions.githubusercontent.com", safety = "unsafe", safety_reason = "any workload of token.actions.githubusercontent.com may assume it: no sub condition"}]
-- expect = {deploy = "fail"}
--
-- [[example]]
-- why = "the condition names one repository"
-- rows.identity = [{identity_id = "deploy"}]
-- rows.trust = [{identity_id = "deploy", principal_kind = "oidc", principal = "token.actions.githubusercontent.com", safety = "safe", subject_pattern = "repo:corp/orders:*"}]
-- expect = {deploy = "pass"}
--
-- [[example]]
-- why = "its conditions could not be judged"
-- rows.identity = [{identity_id = "deploy"}]
-- rows.trust = [{identity_id = "deploy", principal_kind = "oidc", principal = "idp.example", safety = "unknown"}]
-- expect = {deploy = "unknown"}
--
-- [[example]]
-- why = "a federated credential of a managed identity takes every subject of its issuer; the pool that the service account trusts takes every repository"
-- rows.identity = [
--     {identity_id = "runner", provider = "azure", kind = "managed_identity", native_type = "Microsoft.ManagedIdentity/userAssignedIdentities"},
--     {identity_id = "deploy", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"},
-- ]
-- rows.trust = [
--     {identity_id = "runner", principal_kind = "oidc", principal = "https://token.actions.githubusercontent.com", safety = "unsafe", subject_pattern = "repo:*"},
--     {identity_id = "deploy", principal_kind = "oidc", principal = "projects/1/locations/global/workloadIdentityPools/ci", safety = "unsafe", subject_pattern = "*"},
-- ]
-- expect = {runner = "fail", deploy = "fail"}

WITH federated AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE safety = 'unsafe') AS unsafe,
        count(*) FILTER (WHERE safety = 'safe') AS safe,
        count(*) AS issuers,
        min(coalesce(nullif(safety_reason, ''), principal)) FILTER (WHERE safety = 'unsafe') AS unsafe_reason,
        min(principal) FILTER (WHERE safety = 'unknown') AS unknown_principal,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM trust
    WHERE principal_kind = 'oidc'
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN f.unsafe > 0 THEN 'fail' WHEN f.safe = f.issuers THEN 'pass' ELSE 'unknown' END AS status,
    CASE
        WHEN f.unsafe > 0 THEN f.unsafe_reason
        WHEN f.safe = f.issuers THEN 'its OIDC conditions name who may assume it'
        ELSE 'the conditions for ' || f.unknown_principal || ' could not be judged'
    END AS reason,
    f.evidence AS evidence
FROM identity AS i
JOIN federated AS f ON f.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human'
