-- Is the scanning itself good enough for "not found" to mean anything? A report that could not be read in full is no scan.
CREATE TABLE work.scan AS
WITH target AS (
    SELECT s.target_id, coalesce(s.scanned AND v.status = 'collected' AND date_diff('day', s.scanned_at, t.as_of) BETWEEN 0 AND $scan_max_age_days, false) AS fresh
    FROM main.scan_target AS s
    CROSS JOIN work.assessment AS t
    LEFT JOIN main.coverage AS v ON v.fact = 'secret_scan' AND v.scope = s.target_id
    WHERE s.in_scope
)
SELECT
    count(*) AS targets,
    count(*) FILTER (WHERE fresh) AS fresh,
    count(*) > 0 AND 100 * count(*) FILTER (WHERE fresh) >= $scan_coverage_percent * count(*) AS enough,
    (SELECT count(*) FROM main.scan_target WHERE scanned) AS scanned_any
FROM target;

CREATE TABLE work.scan_reason AS
SELECT
    enough,
    CASE
        WHEN scanned_any = 0 THEN 'no secret-scanner report was supplied'
        WHEN targets = 0 THEN 'which repositories are in scope was not declared'
        ELSE fresh || ' of ' || targets || ' repositories in scope were scanned in full in the last ' || CAST($scan_max_age_days AS VARCHAR) || ' days'
    END AS reason
FROM work.scan;
