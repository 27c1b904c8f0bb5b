-- title = "Secret or certificate stands on the service principal itself"
-- severity = "high"
-- subject = "credential"
-- needs = ["access_keys"]
-- rationale = "Credentials belong on the application, where its owners see them. One on the service principal is seen in no portal page, and is how intruders keep a way in."
-- fix = "Find out who added it and when (audit log: Add service principal credentials). Move what is legitimate to the application, delete the rest."
-- maps_to = [
--     "NHI4:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-03", "ISO-27001-2022:8.5", "SOC2:CC6.1", "HIPAA:164.312(d)",
--     "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-14",
-- ]
-- source = "https://attack.mitre.org/techniques/T1098/001/"
--
-- [[example]]
-- why = "the listing of service principals shows it"
-- rows.credential = [{credential_id = "s1", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "sp", name = "secret 1 on the service principal"}]
-- expect = {s1 = "fail"}
--
-- [[example]]
-- why = "it stands on the application; a certificate that signs the answers of single sign-on proves no identity of the application"
-- rows.credential = [
--     {credential_id = "s1", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "sp", name = "secret 1"},
--     {credential_id = "sso", provider = "azure", kind = "x509_certificate", role = "unknown", identity_id = "sp", name = "certificate on the service principal"},
-- ]
-- expect = {s1 = "pass"}
--
-- [[example]]
-- why = "where it stands nobody said"
-- rows.credential = [{credential_id = "s1", provider = "azure", kind = "oauth_client_secret", role = "identity"}]
-- expect = {s1 = "unknown"}

SELECT
    c.credential_id AS subject_id,
    CASE WHEN c.name LIKE '%on the service principal%' THEN 'fail' WHEN c.identity_id IS NULL THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN c.name LIKE '%on the service principal%' THEN 'it stands on the service principal, not on the application'
        WHEN c.identity_id IS NULL THEN 'whose credential it is is not in the evidence'
        ELSE 'it stands on the application'
    END AS reason,
    [c.evidence] AS evidence
FROM credential AS c
LEFT JOIN identity AS i ON i.identity_id = c.identity_id
WHERE c.provider = 'azure' AND c.kind IN ('oauth_client_secret', 'x509_certificate') AND c.role = 'identity' AND c.status IN ('active', 'unknown')
    AND coalesce(i.in_scope, true)
