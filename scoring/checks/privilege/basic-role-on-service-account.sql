-- title = "Service account has a basic role"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "Owner and Editor hold thousands of permissions over every service of a project, those of services that are added later included: no program needs them."
-- fix = "Replace the role by predefined roles of the services that it uses (the policy recommender lists them), on the resources that it uses."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "CIS-GCP-5.0:1.6", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access",
--     "CCM-4.0:IAM-05", "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://cloud.google.com/iam/docs/roles-overview#basic"
--
-- [[example]]
-- why = "one is an editor of its project"
-- rows.identity = [{identity_id = "serviceAccount:deploy@shop.iam.gserviceaccount.com", provider = "gcp", kind = "service_account"}]
-- rows.entitlement = [{identity_id = "serviceAccount:deploy@shop.iam.gserviceaccount.com", via = "role", policy_id = "roles/editor", resource = "projects/shop", conditional = false}]
-- expect = {"serviceAccount:deploy@shop.iam.gserviceaccount.com" = "fail"}
--
-- [[example]]
-- why = "predefined roles, one with Editor in its name; default accounts are judged by default-service-account-is-editor"
-- rows.identity = [
--     {identity_id = "serviceAccount:orders@shop.iam.gserviceaccount.com", provider = "gcp", kind = "service_account"},
--     {identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", provider = "gcp", kind = "service_account"},
-- ]
-- rows.entitlement = [
--     {identity_id = "serviceAccount:orders@shop.iam.gserviceaccount.com", via = "role", policy_id = "roles/monitoring.editor", resource = "projects/shop"},
--     {identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", via = "role", policy_id = "roles/editor", resource = "projects/shop"},
-- ]
-- expect = {"serviceAccount:orders@shop.iam.gserviceaccount.com" = "pass"}
--
-- [[example]]
-- why = "the policies of its project were not supplied"
-- rows.identity = [{identity_id = "serviceAccount:batch@shop.iam.gserviceaccount.com", provider = "gcp", kind = "service_account"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}]
-- expect = {"serviceAccount:batch@shop.iam.gserviceaccount.com" = "unknown"}

WITH held AS (
    SELECT
        e.identity_id,
        bool_or(NOT coalesce(e.conditional, false)) AS certain,
        min(e.policy_id || coalesce(' on ' || e.resource, '')) AS what,
        list_sort(list(DISTINCT e.evidence)) AS evidence
    FROM entitlement AS e
    WHERE e.via IN ('role', 'group_role') AND e.policy_id IN ('roles/editor', 'roles/owner')
    GROUP BY e.identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN h.certain THEN 'fail' WHEN h.identity_id IS NOT NULL THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN h.certain THEN 'it has ' || h.what
        WHEN h.identity_id IS NOT NULL THEN 'it has ' || h.what || ', under a condition that the evidence does not decide'
        ELSE 'it has neither roles/editor nor roles/owner'
    END AS reason,
    coalesce(h.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN held AS h ON h.identity_id = i.identity_id
WHERE i.provider = 'gcp' AND i.kind = 'service_account' AND i.in_scope
    AND i.identity_id NOT LIKE 'serviceAccount:%-compute@developer.gserviceaccount.com'
    AND i.identity_id NOT LIKE 'serviceAccount:%@appspot.gserviceaccount.com'
    AND i.identity_id NOT LIKE 'serviceAccount:%@cloudservices.gserviceaccount.com'
