-- title = "Password of a service user is older than the limit"
-- severity = "medium"
-- subject = "credential"
-- stage = 5
-- needs = ["passwords"]
-- absence = true
-- rationale = "A password that a program or a shared account uses is written down somewhere, and everyone who ever saw it can still sign in."
-- fix = "Remove the password where no person signs in. Otherwise change it, and keep it in the secrets manager."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5(1)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.3",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication", "ASVS-5.0:V13.3.4",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/7-long-lived-secrets/"
--
-- [[example]]
-- why = "last changed 242 days ago; the limit is 90"
-- rows.credential = [{credential_id = "pw", kind = "password", identity_id = "svc", created_at = 2026-01-31}]
-- rows.identity = [{identity_id = "svc", kind = "service_account", human = "unknown"}]
-- expect = {pw = "fail"}
--
-- [[example]]
-- why = "changed last week"
-- rows.credential = [{credential_id = "pw", kind = "password", identity_id = "svc", created_at = 2026-09-23}]
-- rows.identity = [{identity_id = "svc", kind = "service_account"}]
-- expect = {pw = "pass"}
--
-- [[example]]
-- why = "the report does not say when it was changed; a person's password is not judged here"
-- rows.credential = [
--     {credential_id = "pw", kind = "password", identity_id = "svc"},
--     {credential_id = "hers", kind = "password", identity_id = "ada", created_at = 2020-01-01},
-- ]
-- rows.identity = [{identity_id = "svc", kind = "service_account"}, {identity_id = "ada", human = "human"}]
-- expect = {pw = "unknown"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.credential = [{credential_id = "pw", kind = "password", identity_id = "svc", created_at = 2031-01-05}]
-- rows.identity = [{identity_id = "svc", kind = "service_account"}]
-- expect = {pw = "unknown"}

WITH password AS (
    SELECT
        c.credential_id,
        c.status,
        coalesce(c.rotated_at, c.created_at) AS changed_at,
        c.evidence,
        date_diff('day', coalesce(c.rotated_at, c.created_at), $as_of) AS age_days
    FROM credential AS c
    JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE c.kind = 'password' AND c.status IN ('active', 'unknown') AND i.in_scope AND i.human <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN changed_at IS NULL OR age_days < 0 THEN 'unknown'
        WHEN age_days <= $password_max_age_days THEN 'pass'
        WHEN status = 'unknown' THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN changed_at IS NULL THEN 'the evidence does not say when it was last changed'
        WHEN age_days < 0 THEN 'changed on ' || CAST(changed_at AS DATE) || ', after the day judged by: when it really was is not known'
        WHEN status = 'active' OR age_days <= $password_max_age_days
            THEN 'changed on ' || CAST(changed_at AS DATE) || ', ' || age_days || ' days ago; the limit is ' || $password_max_age_days
        ELSE 'changed ' || age_days || ' days ago, but the evidence does not say whether it is enabled'
    END AS reason,
    [evidence] AS evidence
FROM password
