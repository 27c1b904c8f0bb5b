-- title = "User signs in to the console and holds an access key"
-- severity = "medium"
-- subject = "identity"
-- needs = ["passwords", "access_keys"]
-- rationale = "A person and a program behind one name: the log cannot tell them apart, and when the person leaves the program stops."
-- fix = "Give the program a role, or at least a user of its own without a password; let the person sign in through the identity provider."
-- maps_to = [
--     "NHI10:2025", "NIST-800-53r5:IA-2", "CSF-2.0:PR.AA-03", "ISO-27001-2022:5.16", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.1",
--     "HIPAA:164.312(a)(2)(i)", "NIS2-2024-2690:11.5.2.a", "CCM-4.0:IAM-13",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/10-human-use-of-nhi/"
--
-- [[example]]
-- why = "an enabled password and an active key"
-- rows.identity = [{identity_id = "kim", kind = "service_account", native_type = "AWS::IAM::User", human = "unknown"}]
-- rows.credential = [{credential_id = "pw", identity_id = "kim", kind = "password"}, {credential_id = "key", identity_id = "kim"}]
-- expect = {kim = "fail"}
--
-- [[example]]
-- why = "a key and no password"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.credential = [{credential_id = "pw", identity_id = "svc", kind = "password", status = "inactive"}, {credential_id = "key", identity_id = "svc"}]
-- rows.sighting = [{subject_kind = "passwords", subject_id = "svc"}, {subject_kind = "access_keys", subject_id = "svc"}]
-- expect = {svc = "pass"}
--
-- [[example]]
-- why = "it has a key; whether it has a password nobody looked up"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User", human = "unknown"}]
-- rows.credential = [{credential_id = "key", identity_id = "svc"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "svc"}]
-- expect = {svc = "unknown"}

WITH looked_at AS (
    SELECT
        subject_id,
        count(*) FILTER (WHERE subject_kind = 'passwords') > 0 AS password,
        count(*) FILTER (WHERE subject_kind = 'access_keys') > 0 AS access_key
    FROM sighting
    WHERE subject_kind IN ('passwords', 'access_keys')
    GROUP BY subject_id
), held AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE kind = 'password' AND status = 'active') AS passwords,
        count(*) FILTER (WHERE kind = 'password' AND status = 'unknown') AS unclear_passwords,
        count(*) FILTER (WHERE kind = 'access_key' AND status = 'active') AS access_keys,
        count(*) FILTER (WHERE kind = 'access_key' AND status = 'unknown') AS unclear_keys,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM credential
    WHERE kind IN ('password', 'access_key') AND identity_id IS NOT NULL
    GROUP BY identity_id
), judged AS (
    SELECT
        i.identity_id,
        coalesce(h.passwords, 0) > 0 AS has_password,
        coalesce(h.access_keys, 0) > 0 AS has_key,
        coalesce(l.password, false) AND coalesce(h.passwords, 0) + coalesce(h.unclear_passwords, 0) = 0 AS no_password,
        coalesce(l.access_key, false) AND coalesce(h.access_keys, 0) + coalesce(h.unclear_keys, 0) = 0 AS no_key,
        coalesce(h.evidence, [i.evidence]) AS evidence
    FROM identity AS i
    LEFT JOIN held AS h ON h.identity_id = i.identity_id
    LEFT JOIN looked_at AS l ON l.subject_id = i.identity_id
    WHERE i.native_type = 'AWS::IAM::User' AND i.in_scope AND i.human <> 'human'
)
SELECT
    identity_id AS subject_id,
    CASE WHEN has_password AND has_key THEN 'fail' WHEN no_password OR no_key THEN 'pass' ELSE 'unknown' END AS status,
    CASE
        WHEN has_password AND has_key THEN 'its console password is enabled and it has an active key'
        WHEN no_password THEN 'it has no console password'
        WHEN no_key THEN 'it has no active key'
        ELSE 'whether it has both a password and an active key is not in the evidence'
    END AS reason,
    evidence
FROM judged
