-- title = "Machine identity can administer the account"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "Whoever takes over this identity owns the account: it may do everything, or give itself the right to."
-- fix = "Replace the policy by one with the services and resources it uses; `nhi` lists what it used. Give rights over IAM to pipelines only, behind a permission boundary."
-- maps_to = ["NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5", "CIS-Controls-8:5.4", "CIS-AWS-7.0:2.14", "CIS-AWS-5.0:1.15"]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/5-overprivileged-nhi/"
--
-- [[example]]
-- why = "its policy allows everything"
-- rows.identity = [{identity_id = "deploy"}]
-- rows.privilege = [{identity_id = "deploy", privilege = "admin", reason = "AdministratorAccess allows * on *"}]
-- expect = {deploy = "fail"}
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
