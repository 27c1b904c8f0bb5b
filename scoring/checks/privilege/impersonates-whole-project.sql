-- title = "Machine identity may become every service account of a project"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "Granted on the project, Service Account User, Token Creator and their like hold for all of its service accounts, future ones included: it has the rights of the most powerful one."
-- fix = "Grant the role on the one service account that is needed, and take it away from the project, folder or organisation."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-6(10)", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:6.8", "CIS-GCP-5.0:1.7", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access",
--     "CCM-4.0:IAM-05", "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://cloud.google.com/iam/docs/service-account-permissions"
--
-- [[example]]
-- why = "it may take tokens of all accounts of the project, or act as all below a folder"
-- rows.identity = [{identity_id = "ci", provider = "gcp", kind = "service_account"}, {identity_id = "deploy", provider = "gcp", kind = "service_account"}]
-- rows.entitlement = [
--     {identity_id = "ci", via = "role", policy_id = "roles/iam.serviceAccountTokenCreator", resource = "//cloudresourcemanager.googleapis.com/projects/shop", conditional = false},
--     {identity_id = "deploy", via = "role", policy_id = "roles/iam.serviceAccountUser", resource = "folders/1", conditional = false},
-- ]
-- expect = {ci = "fail", deploy = "fail"}
--
-- [[example]]
-- why = "only of one service account"
-- rows.identity = [{identity_id = "ci", provider = "gcp", kind = "service_account"}]
-- rows.entitlement = [{identity_id = "ci", via = "role", policy_id = "roles/iam.serviceAccountTokenCreator", resource = "//iam.googleapis.com/projects/shop/serviceAccounts/deploy@shop.iam.gserviceaccount.com"}]
-- expect = {ci = "pass"}
--
-- [[example]]
-- why = "under a condition that nobody decided"
-- rows.identity = [{identity_id = "ci", provider = "gcp", kind = "service_account"}]
-- rows.entitlement = [{identity_id = "ci", via = "role", policy_id = "roles/iam.serviceAccountUser", resource = "projects/shop", conditional = true}]
-- expect = {ci = "unknown"}

WITH becoming AS (
    SELECT
        e.identity_id,
        e.policy_id || coalesce(' on ' || e.resource, '') AS what,
        NOT coalesce(e.conditional, false) AND e.resource IS NOT NULL AS certain,
        e.evidence
    FROM entitlement AS e
    WHERE e.via IN ('role', 'group_role')
        AND e.policy_id IN (
            'roles/iam.serviceAccountUser', 'roles/iam.serviceAccountTokenCreator', 'roles/iam.serviceAccountOpenIdTokenCreator',
            'roles/iam.workloadIdentityUser', 'roles/iam.serviceAccountKeyAdmin', 'roles/iam.serviceAccountAdmin'
        )
        AND (e.resource IS NULL OR replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') LIKE 'organizations/%'
            OR replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') LIKE 'folders/%'
            OR (replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') LIKE 'projects/%'
                AND replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') NOT LIKE 'projects/%/%'))
), held AS (
    SELECT identity_id, bool_or(certain) AS certain, min(CASE WHEN certain THEN what END) AS sure, min(what) AS what, list_sort(list(DISTINCT evidence)) AS evidence
    FROM becoming
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN h.certain THEN 'fail' WHEN h.identity_id IS NOT NULL THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN h.certain THEN 'it has ' || h.sure
        WHEN h.identity_id IS NOT NULL THEN 'it has ' || h.what || ', under a condition or on a place that the evidence does not tell'
        ELSE 'no such role on a project or above'
    END AS reason,
    coalesce(h.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN held AS h ON h.identity_id = i.identity_id
WHERE i.provider = 'gcp' AND i.in_scope AND i.human <> 'human'
