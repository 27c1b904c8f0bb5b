-- title = "Default service account may edit or owns the project"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "Whatever names no identity of its own runs as this account: every such machine and function may change the whole project, and become any of its other accounts."
-- fix = "Give workloads service accounts of their own, take roles/editor or roles/owner away from this one, and enforce iam.automaticIamGrantsForDefaultServiceAccounts so that it does not come back."
-- maps_to = [
--     "NHI5:2025", "NHI9:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "CIS-Controls-8:5.4",
--     "CIS-GCP-5.0:1.6", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access", "CCM-4.0:IAM-05",
--     "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://cloud.google.com/iam/docs/service-account-types#default-grants"
--
-- [[example]]
-- why = "the account of Compute Engine is an editor of its project, the one that deploys for Google owns a folder"
-- rows.identity = [
--     {identity_id = "serviceAccount:1-compute@developer.gserviceaccount.com", provider = "gcp", kind = "service_account"},
--     {identity_id = "serviceAccount:1@cloudservices.gserviceaccount.com", provider = "gcp", kind = "service_account"},
-- ]
-- rows.entitlement = [
--     {identity_id = "serviceAccount:1-compute@developer.gserviceaccount.com", via = "role", policy_id = "roles/editor", resource = "//cloudresourcemanager.googleapis.com/projects/shop", conditional = false},
--     {identity_id = "serviceAccount:1@cloudservices.gserviceaccount.com", via = "role", policy_id = "roles/owner", resource = "folders/1", conditional = false},
-- ]
-- expect = {"serviceAccount:1-compute@developer.gserviceaccount.com" = "fail", "serviceAccount:1@cloudservices.gserviceaccount.com" = "fail"}
--
-- [[example]]
-- why = "it only writes logs, and a service account made for its workload is not meant"
-- rows.identity = [
--     {identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", provider = "gcp", kind = "service_account"},
--     {identity_id = "serviceAccount:orders@shop.iam.gserviceaccount.com", provider = "gcp", kind = "service_account"},
-- ]
-- rows.entitlement = [
--     {identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", via = "role", policy_id = "roles/logging.logWriter", resource = "projects/shop"},
--     {identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", via = "role", policy_id = "roles/editor", resource = "//iam.googleapis.com/projects/shop/serviceAccounts/x"},
--     {identity_id = "serviceAccount:orders@shop.iam.gserviceaccount.com", via = "role", policy_id = "roles/editor", resource = "projects/shop"},
-- ]
-- expect = {"serviceAccount:shop@appspot.gserviceaccount.com" = "pass"}
--
-- [[example]]
-- why = "a condition limits the grant"
-- rows.identity = [{identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", provider = "gcp", kind = "service_account"}]
-- rows.entitlement = [{identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", via = "role", policy_id = "roles/editor", resource = "projects/shop", conditional = true}]
-- expect = {"serviceAccount:shop@appspot.gserviceaccount.com" = "unknown"}

WITH basic AS (
    SELECT
        e.identity_id,
        e.policy_id || coalesce(' on ' || e.resource, '') AS what,
        NOT coalesce(e.conditional, false) AND e.resource IS NOT NULL AS certain,
        e.evidence
    FROM entitlement AS e
    WHERE e.via IN ('role', 'group_role') AND e.policy_id IN ('roles/editor', 'roles/owner')
        AND (e.resource IS NULL OR replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') LIKE 'organizations/%'
            OR replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') LIKE 'folders/%'
            OR (replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') LIKE 'projects/%'
                AND replace(e.resource, '//cloudresourcemanager.googleapis.com/', '') NOT LIKE 'projects/%/%'))
), held AS (
    SELECT identity_id, bool_or(certain) AS certain, min(CASE WHEN certain THEN what END) AS sure, min(what) AS what, list_sort(list(DISTINCT evidence)) AS evidence
    FROM basic
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN h.certain THEN 'fail' WHEN h.identity_id IS NOT NULL THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN h.certain THEN 'it has ' || h.sure
        WHEN h.identity_id IS NOT NULL THEN 'it has ' || h.what || ', under a condition or on a place that the evidence does not tell'
        ELSE 'it has neither roles/editor nor roles/owner on a project or above'
    END AS reason,
    coalesce(h.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN held AS h ON h.identity_id = i.identity_id
WHERE i.provider = 'gcp' AND i.in_scope AND (
    i.identity_id LIKE 'serviceAccount:%-compute@developer.gserviceaccount.com'
    OR i.identity_id LIKE 'serviceAccount:%@appspot.gserviceaccount.com'
    OR i.identity_id LIKE 'serviceAccount:%@cloudservices.gserviceaccount.com'
)
