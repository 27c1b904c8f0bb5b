-- title = "Repository is not scanned for secrets"
-- severity = "medium"
-- subject = "scope"
-- stage = 2
-- needs = ["secret_scan"]
-- rationale = "Where nobody looks, no finding means nothing: a live key can lie in code or history for years."
-- fix = "Run a secret scanner over the whole history, and on every push; supply its report."
-- maps_to = [
--     "NHI2:2025", "NIST-800-53r5:IA-5(7)", "CSF-2.0:PR.PS-06", "ISO-27001-2022:8.28", "CIS-Controls-8:16.12", "ASVS-5.0:V13.3.1",
--     "PCI-DSS-4.0:8.6.2",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/2-secret-leakage/"
--
-- [[example]]
-- why = "listed as ours, and no report speaks of it; the other was last scanned 121 days ago"
-- rows.scan_target = [
--     {target_id = "corp/legacy", in_scope = true, scanned = false},
--     {target_id = "corp/web", in_scope = true, scanned = true, scanned_at = 2026-06-01},
-- ]
-- expect = {"corp/legacy" = "fail", "corp/web" = "fail"}
--
-- [[example]]
-- why = "scanned last week"
-- rows.scan_target = [{target_id = "corp/orders", in_scope = true, scanned = true, scanned_at = 2026-09-23}]
-- expect = {"corp/orders" = "pass"}
--
-- [[example]]
-- why = "the report does not say when the scan ran"
-- rows.scan_target = [{target_id = "corp/orders", in_scope = true, scanned = true}]
-- expect = {"corp/orders" = "unknown"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.scan_target = [{target_id = "corp/orders", in_scope = true, scanned = true, scanned_at = 2031-01-05}]
-- expect = {"corp/orders" = "unknown"}

WITH target AS (
    SELECT target_id, scanned, scanned_at, evidence, date_diff('day', scanned_at, $as_of) AS age_days
    FROM scan_target
    WHERE coalesce(in_scope, true)
)
SELECT
    target_id AS subject_id,
    CASE
        WHEN NOT scanned THEN 'fail'
        WHEN scanned_at IS NULL OR age_days < 0 THEN 'unknown'
        WHEN age_days > $scan_max_age_days THEN 'fail'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN NOT scanned THEN 'no scanner report speaks of it'
        WHEN scanned_at IS NULL THEN 'scanned, but the report does not say when'
        WHEN age_days < 0 THEN 'scanned on ' || CAST(scanned_at AS DATE) || ', after the day judged by: when it really was is not known'
        ELSE 'last scanned on ' || CAST(scanned_at AS DATE) || ', ' || age_days || ' days ago; the limit is ' || $scan_max_age_days
    END AS reason,
    [evidence] AS evidence
FROM target
