-- title = "A scanner finding waits to be verified"
-- severity = "medium"
-- subject = "exposure"
-- stage = 2
-- needs = ["secret_scan"]
-- rationale = "Until someone finds out whether the credential works, nobody revokes it, and whoever finds it may be faster."
-- fix = "Find out what it opens and whether it works; revoke it, or close the finding with the reason."
-- maps_to = [
--     "NHI2:2025", "NIST-800-53r5:IA-5(7)", "CSF-2.0:PR.PS-06", "ISO-27001-2022:8.28", "CIS-Controls-8:16.12",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.b", "ITGC:authentication", "ASVS-5.0:V13.3.1", "GDPR:Art.32", "DORA:Art.9",
--     "PCI-DSS-4.0:8.6.2",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/2-secret-leakage/"
--
-- [[example]]
-- why = "open for 60 days, and nobody knows whether it works"
-- rows.secret_exposure = [{exposure_id = "e1", scope = "corp/orders", path = "app.py", introduced_at = 2026-08-01}]
-- expect = {e1 = "fail"}
--
-- [[example]]
-- why = "one is a week old; one was verified; one matches a key whose status is known"
-- rows.credential = [{credential_id = "key", status = "inactive"}]
-- rows.secret_exposure = [
--     {exposure_id = "e1", scope = "corp/orders", path = "app.py", introduced_at = 2026-09-23},
--     {exposure_id = "e2", scope = "corp/orders", path = "b.py", introduced_at = 2026-01-01, validity = "active"},
--     {exposure_id = "e3", scope = "corp/orders", path = "c.py", introduced_at = 2026-01-01, credential_id = "key"},
-- ]
-- expect = {e1 = "pass", e2 = "pass", e3 = "pass"}
--
-- [[example]]
-- why = "the report does not say when it came in"
-- rows.secret_exposure = [{exposure_id = "e1", scope = "corp/orders", path = "app.py"}]
-- expect = {e1 = "unknown"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.secret_exposure = [{exposure_id = "x", introduced_at = 2031-01-05}]
-- expect = {x = "unknown"}

WITH found AS (
    SELECT
        e.exposure_id,
        e.introduced_at,
        e.evidence,
        e.validity <> 'unknown' OR coalesce(c.status, 'unknown') <> 'unknown' AS verified,
        date_diff('day', e.introduced_at, $as_of) AS open_days
    FROM secret_exposure AS e
    LEFT JOIN credential AS c ON c.credential_id = e.credential_id
    WHERE e.state = 'open'
)
SELECT
    exposure_id AS subject_id,
    CASE
        WHEN verified THEN 'pass'
        WHEN introduced_at IS NULL OR open_days < 0 THEN 'unknown'
        WHEN open_days > $exposure_triage_days THEN 'fail'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN verified THEN 'whether it works is known'
        WHEN introduced_at IS NULL THEN 'not verified; the report does not say when it came in'
        WHEN open_days < 0 THEN 'not verified; came in on ' || CAST(introduced_at AS DATE) || ', after the day judged by: when it really was is not known'
        ELSE 'not verified, ' || open_days || ' days after it came in; the limit is ' || $exposure_triage_days
    END AS reason,
    [evidence] AS evidence
FROM found
