-- title = "A static key opens an administrator"
-- severity = "critical"
-- subject = "credential"
-- needs = ["access_keys", "policies"]
-- rationale = "One copied key, valid until someone notices, is enough to own the account."
-- fix = "Give the program a role, an attached or a federated identity for what it does. Until then take the administrator's rights away and rotate the key."
-- maps_to = [
--     "NHI5:2025", "NHI7:2025", "NIST-800-53r5:AC-6(5)", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "CIS-GCP-5.0:1.6", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access",
--     "CCM-4.0:IAM-05", "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"
--
-- [[example]]
-- why = "an active key of a user that may do everything, or of the root user"
-- rows.identity = [
--     {identity_id = "deploy", kind = "service_account", native_type = "AWS::IAM::User"},
--     {identity_id = "root", kind = "root", native_type = "AWS::IAM::Root", human = "unknown"},
-- ]
-- rows.credential = [{credential_id = "key", identity_id = "deploy"}, {credential_id = "root-key", identity_id = "root"}]
-- rows.privilege = [{identity_id = "deploy", privilege = "admin", reason = "AdministratorAccess allows * on *"}]
-- expect = {key = "fail", root-key = "fail"}
--
-- [[example]]
-- why = "its user may only write to one bucket"
-- rows.identity = [{identity_id = "upload", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [{credential_id = "key", identity_id = "upload"}]
-- rows.privilege = [{identity_id = "upload", privilege = "write", reason = "s3:PutObject"}]
-- expect = {key = "pass"}
--
-- [[example]]
-- why = "nobody knows whose key it is, what its user may do, or whether it is active"
-- rows.identity = [
--     {identity_id = "batch", kind = "service_account", native_type = "AWS::IAM::User"},
--     {identity_id = "deploy", kind = "service_account", native_type = "AWS::IAM::User"},
-- ]
-- rows.credential = [
--     {credential_id = "found"},
--     {credential_id = "key", identity_id = "batch"},
--     {credential_id = "old", identity_id = "deploy", status = "unknown"},
-- ]
-- rows.privilege = [
--     {identity_id = "batch", privilege = "unknown", reason = "the text of BatchPolicy is not in the evidence"},
--     {identity_id = "deploy", privilege = "admin", reason = "AdministratorAccess allows * on *"},
-- ]
-- expect = {found = "unknown", key = "unknown", old = "unknown"}
--
-- [[example]]
-- why = "a service account's key and an application's secret or certificate are static keys too; one that has expired, or of an identity that is disabled, opens nothing"
-- rows.identity = [
--     {identity_id = "editor", provider = "gcp", kind = "service_account"},
--     {identity_id = "owner", provider = "azure", kind = "service_principal"},
--     {identity_id = "shut", provider = "azure", kind = "service_principal", status = "disabled"},
-- ]
-- rows.credential = [
--     {credential_id = "sa-key", identity_id = "editor", provider = "gcp", kind = "signing_key"},
--     {credential_id = "secret", identity_id = "owner", provider = "azure", kind = "oauth_client_secret", expires_at = 2027-01-31},
--     {credential_id = "cert", identity_id = "owner", provider = "azure", kind = "x509_certificate"},
--     {credential_id = "old", identity_id = "owner", provider = "azure", kind = "oauth_client_secret", expires_at = 2026-01-31},
--     {credential_id = "left", identity_id = "shut", provider = "azure", kind = "oauth_client_secret"},
-- ]
-- rows.privilege = [
--     {identity_id = "shut", privilege = "admin", reason = "Owner on /subscriptions/s"},
--     {identity_id = "editor", privilege = "admin", reason = "roles/editor on projects/shop"},
--     {identity_id = "owner", privilege = "admin", reason = "Owner on /subscriptions/s"},
-- ]
-- expect = {sa-key = "fail", secret = "fail", cert = "fail"}

WITH access_key AS (
    SELECT
        c.credential_id,
        c.status,
        c.evidence,
        coalesce(i.name, c.identity_id, 'an unknown identity') AS name,
        CASE WHEN i.kind = 'root' THEN 'admin' ELSE coalesce(p.privilege, 'unknown') END AS privilege,
        CASE
            WHEN i.kind = 'root' THEN 'the root user may do everything'
            WHEN i.identity_id IS NULL THEN 'whose key it is is not in the evidence'
            ELSE coalesce(p.reason, 'its policies were not judged')
        END AS reason,
        coalesce(p.evidence, []) AS privilege_evidence
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    LEFT JOIN privilege AS p ON p.identity_id = c.identity_id
    WHERE (c.kind = 'access_key' OR (c.provider = 'gcp' AND c.kind = 'signing_key')
            OR (c.provider = 'azure' AND c.kind IN ('oauth_client_secret', 'x509_certificate')))
        AND c.provider <> 'other' AND c.status IN ('active', 'unknown') AND (c.expires_at IS NULL OR c.expires_at > $as_of)
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
        AND coalesce(i.status, 'unknown') <> 'disabled'  -- nobody gets in with it
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN privilege IN ('write', 'read', 'none') THEN 'pass'
        WHEN privilege = 'admin' AND status = 'active' THEN 'fail'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN privilege IN ('write', 'read', 'none') THEN 'it opens ' || name || ', which is no administrator (' || privilege || ')'
        WHEN privilege = 'admin' AND status = 'active' THEN 'it opens ' || name || ', an administrator: ' || reason
        WHEN privilege = 'admin' THEN 'it opens ' || name || ', an administrator; whether it is active is not in the evidence'
        ELSE 'what it opens is not known: ' || reason
    END AS reason,
    list_concat([evidence], privilege_evidence) AS evidence
FROM access_key
