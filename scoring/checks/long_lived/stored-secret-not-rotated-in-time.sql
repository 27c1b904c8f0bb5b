-- title = "Stored secret was not rotated in time"
-- severity = "medium"
-- subject = "credential"
-- stage = 5
-- needs = ["stored_secrets"]
-- absence = true
-- rationale = "A manager that holds the same value for years guards a secret that everyone who once read it still knows."
-- fix = "Rotate it now, find out why rotation failed or was never on, and have the manager do it from now on."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.3",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication", "ASVS-5.0:V13.3.4", "AWS-FSBP:SecretsManager.4",
-- ]
-- source = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"
--
-- [[example]]
-- why = "last rotated 242 days ago; the limit is 90"
-- rows.credential = [{credential_id = "db", kind = "stored_secret", rotated_at = 2026-01-31}]
-- expect = {db = "fail"}
--
-- [[example]]
-- why = "rotated last week; the other one is itself only a month old"
-- rows.credential = [
--     {credential_id = "db", kind = "stored_secret", rotated_at = 2026-09-23},
--     {credential_id = "new", kind = "stored_secret", created_at = 2026-08-30},
-- ]
-- expect = {db = "pass", new = "pass"}
--
-- [[example]]
-- why = "two years old, and the listing does not say when its value last changed"
-- rows.credential = [{credential_id = "db", kind = "stored_secret", created_at = 2024-09-30}]
-- expect = {db = "unknown"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.credential = [{credential_id = "db", kind = "stored_secret", rotated_at = 2031-01-05}, {credential_id = "new", kind = "stored_secret", created_at = 2031-01-05}]
-- expect = {db = "unknown", new = "unknown"}

WITH secret AS (
    SELECT
        c.credential_id,
        c.status,
        c.rotated_at,
        c.evidence,
        date_diff('day', c.rotated_at, $as_of) AS value_days,
        date_diff('day', c.created_at, $as_of) AS age_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE c.kind = 'stored_secret' AND c.status IN ('active', 'unknown')
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN value_days BETWEEN 0 AND $secret_rotation_days OR age_days BETWEEN 0 AND $secret_rotation_days THEN 'pass'
        WHEN rotated_at IS NULL OR value_days < 0 OR status = 'unknown' THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN rotated_at IS NULL AND age_days BETWEEN 0 AND $secret_rotation_days THEN 'made ' || age_days || ' days ago; the limit is ' || $secret_rotation_days
        WHEN rotated_at IS NULL THEN 'the evidence does not say when its value last changed'
        WHEN value_days < 0 THEN 'last rotated on ' || CAST(rotated_at AS DATE) || ', after the day judged by: when it really was is not known'
        ELSE 'last rotated on ' || CAST(rotated_at AS DATE) || ', ' || value_days || ' days ago; the limit is ' || $secret_rotation_days
    END AS reason,
    [evidence] AS evidence
FROM secret
