-- title = "Service user has a console password"
-- severity = "high"
-- subject = "identity"
-- needs = ["passwords"]
-- rationale = "A program needs no console. The password is a second way in, guessed and phished like a person's, and often without a second factor."
-- fix = "Delete the login profile of the user."
-- maps_to = [
--     "NHI4:2025", "NIST-800-53r5:IA-2", "CSF-2.0:PR.AA-03", "ISO-27001-2022:8.5", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.1",
--     "HIPAA:164.312(d)", "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-14",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/4-insecure-authentication/"
--
-- [[example]]
-- why = "declared as a program, and its password is enabled"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [{credential_id = "pw", identity_id = "svc", kind = "password"}]
-- expect = {svc = "fail"}
--
-- [[example]]
-- why = "the credential report says that the password is not enabled"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [{credential_id = "pw", identity_id = "svc", kind = "password", status = "inactive"}]
-- rows.sighting = [{subject_kind = "passwords", subject_id = "svc"}]
-- expect = {svc = "pass"}
--
-- [[example]]
-- why = "the credential report does not speak of this user"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- expect = {svc = "unknown"}
--
-- [[example]]
-- why = "a person's password is no finding; of a user who may be either, user-with-password-and-key speaks"
-- rows.identity = [
--     {identity_id = "ada", kind = "service_account", native_type = "AWS::IAM::User", human = "human"},
--     {identity_id = "both", kind = "service_account", native_type = "AWS::IAM::User", human = "unknown"},
--     {identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"},
-- ]
-- rows.credential = [{credential_id = "pw", identity_id = "svc", kind = "password"}]
-- expect = {svc = "fail"}

WITH looked_at AS (
    SELECT DISTINCT subject_id FROM sighting WHERE subject_kind = 'passwords'
), password AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE status = 'active') AS active,
        count(*) FILTER (WHERE status = 'unknown') AS unclear,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM credential
    WHERE kind = 'password' AND identity_id IS NOT NULL
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE
        WHEN p.active > 0 THEN 'fail'
        WHEN l.subject_id IS NULL OR p.unclear > 0 THEN 'unknown'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN p.active > 0 THEN 'a program, and its console password is enabled'
        WHEN l.subject_id IS NULL OR p.unclear > 0 THEN 'whether it has a console password is not in the evidence'
        ELSE 'it has no console password'
    END AS reason,
    coalesce(p.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN password AS p ON p.identity_id = i.identity_id
LEFT JOIN looked_at AS l ON l.subject_id = i.identity_id
WHERE i.native_type = 'AWS::IAM::User' AND i.in_scope AND i.human = 'nonhuman'
