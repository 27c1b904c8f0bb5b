-- title = "Workloads run as the default service account"
-- severity = "medium"
-- subject = "identity"
-- needs = ["identities", "workloads"]
-- rationale = "Whatever names no identity of its own runs as the project's default service account, which often still is an editor of the whole project."
-- fix = "Give each workload a service account of its own with what it needs, then disable the default one; forbid automatic grants (iam.automaticIamGrantsForDefaultServiceAccounts)."
-- maps_to = [
--     "NHI9:2025", "NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:5.16", "SOC2:CC6.3", "CIS-GCP-5.0:4.1",
--     "HIPAA:164.312(a)(2)(i)", "NIS2-2024-2690:11.5.2.a", "CCM-4.0:IAM-13",
-- ]
-- source = "https://cloud.google.com/iam/docs/service-account-types#default"
--
-- [[example]]
-- why = "an instance runs with it"
-- rows.identity = [{identity_id = "serviceAccount:123456789012-compute@developer.gserviceaccount.com", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.workload = [{workload_id = "vm", provider = "gcp", kind = "compute_instance", identity_id = "serviceAccount:123456789012-compute@developer.gserviceaccount.com"}]
-- expect = {"serviceAccount:123456789012-compute@developer.gserviceaccount.com" = "fail"}
--
-- [[example]]
-- why = "the workloads were listed, and none runs with it; another service account is not meant"
-- rows.identity = [{identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}, {identity_id = "serviceAccount:orders@shop.iam.gserviceaccount.com", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.workload = [{workload_id = "orders", provider = "gcp", identity_id = "serviceAccount:orders@shop.iam.gserviceaccount.com"}]
-- expect = {"serviceAccount:shop@appspot.gserviceaccount.com" = "pass"}
--
-- [[example]]
-- why = "nobody listed what runs"
-- rows.identity = [{identity_id = "serviceAccount:shop@appspot.gserviceaccount.com", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}]
-- expect = {"serviceAccount:shop@appspot.gserviceaccount.com" = "unknown"}

WITH used AS (
    SELECT identity_id, count(*) AS workloads, min(name) AS workload, list_sort(list(DISTINCT evidence)) AS evidence
    FROM workload
    WHERE identity_id IS NOT NULL
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN u.workloads > 0 THEN 'fail' ELSE 'pass' END AS status,
    CASE
        WHEN u.workloads > 0 THEN u.workloads || ' workload(s) run as the default service account, ' || u.workload || ' among them'
        ELSE 'no workload runs as it'
    END AS reason,
    coalesce(u.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN used AS u ON u.identity_id = i.identity_id
WHERE i.native_type = 'iam.googleapis.com/ServiceAccount' AND i.in_scope AND i.status <> 'disabled'
    AND (i.identity_id LIKE '%-compute@developer.gserviceaccount.com' OR i.identity_id LIKE '%@appspot.gserviceaccount.com')
