-- title = "Machine identity can administer the account"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "Whoever takes over this identity owns the account, project, subscription or tenant: it may do everything, or give itself the right to."
-- fix = "Replace its policies and roles by ones with the services and resources it uses; `nhi` lists what it used. Give rights over access to pipelines only, behind a permission boundary or a condition."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "CIS-AWS-7.0:2.14", "CIS-GCP-5.0:1.6", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a",
--     "ITGC:privileged-access", "CCM-4.0:IAM-05", "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9", "AWS-FSBP:IAM.1",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/5-overprivileged-nhi/"
--
-- [[example]]
-- why = "its policy allows everything"
-- rows.identity = [{identity_id = "deploy"}]
-- rows.privilege = [{identity_id = "deploy", privilege = "admin", reason = "AdministratorAccess allows * on *"}]
-- expect = {deploy = "fail"}
--
-- [[example]]
-- why = "a service account that owns a project, and an application that administers the directory"
-- rows.identity = [{identity_id = "serviceAccount:a@p.iam.gserviceaccount.com", provider = "gcp", kind = "service_account"}, {identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.privilege = [
--     {identity_id = "serviceAccount:a@p.iam.gserviceaccount.com", privilege = "admin", reason = "roles/owner on projects/p: may grant any role on projects"},
--     {identity_id = "azure:1", privilege = "admin", reason = "Directory.ReadWrite.All administers the directory"},
-- ]
-- expect = {"serviceAccount:a@p.iam.gserviceaccount.com" = "fail", "azure:1" = "fail"}
--
-- [[example]]
-- why = "it may only read"
-- rows.identity = [{identity_id = "reports"}]
-- rows.privilege = [{identity_id = "reports", privilege = "read", reason = "s3:GetObject"}]
-- expect = {reports = "pass"}
--
-- [[example]]
-- why = "the text of an attached policy is missing, or nobody judged its policies"
-- rows.identity = [{identity_id = "batch"}, {identity_id = "bare"}]
-- rows.privilege = [{identity_id = "batch", privilege = "unknown", reason = "the text of BatchPolicy is not in the evidence"}]
-- expect = {batch = "unknown", bare = "unknown"}

SELECT
    i.identity_id AS subject_id,
    CASE p.privilege
        WHEN 'admin' THEN 'fail'
        WHEN 'write' THEN 'pass'
        WHEN 'read' THEN 'pass'
        WHEN 'none' THEN 'pass'
        ELSE 'unknown'
    END AS status,
    CASE WHEN p.privilege IN ('admin', 'write', 'read', 'none') THEN p.privilege || ': ' || p.reason
        ELSE 'what it may do is not known: ' || coalesce(p.reason, 'its policies were not judged')
    END AS reason,
    list_concat([i.evidence], coalesce(p.evidence, [])) AS evidence
FROM identity AS i
LEFT JOIN privilege AS p ON p.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.kind <> 'root'
