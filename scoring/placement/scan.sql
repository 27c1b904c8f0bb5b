-- Is the scanning itself good enough for "not found" to mean anything? A report that could not be read in full is no scan.
-- `enough` for Q1, which leaves a little room; `whole` for a lower bound, which leaves none.
CREATE TABLE work.scan AS
WITH target AS (
    SELECT
        s.evidence,
        coalesce(s.scanned AND v.status = 'collected' AND date_diff('day', s.scanned_at, t.as_of) BETWEEN 0 AND $scan_max_age_days, false) AS fresh
    FROM main.scan_target AS s
    CROSS JOIN work.assessment AS t
    LEFT JOIN main.coverage AS v ON v.fact = 'secret_scan' AND v.scope = s.target_id
    WHERE s.in_scope
), counted AS (
    SELECT
        count(*) AS targets,
        count(*) FILTER (WHERE fresh) AS fresh,
        coalesce(list_slice(list_sort(list(evidence) FILTER (WHERE NOT fresh AND evidence IS NOT NULL)), 1, 3), []) AS missing,
        (SELECT count(*) FROM main.scan_target WHERE scanned) AS scanned_any
    FROM target
)
SELECT
    targets > 0 AND 100 * fresh >= $scan_coverage_percent * targets AS enough,
    targets > 0 AND fresh = targets AS whole,
    CASE
        WHEN scanned_any = 0 THEN 'no secret-scanner report was supplied'
        WHEN targets = 0 THEN 'which repositories are in scope was not declared'
        ELSE fresh || ' of ' || targets || ' repositories in scope were scanned in full in the last ' || CAST($scan_max_age_days AS VARCHAR) || ' days'
    END AS reason,
    missing
FROM counted;
