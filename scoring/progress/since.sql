-- Why each failed finding of now fails, against a baseline: one cause each. Doubt never makes a finding an old one.
-- `baseline.finding`, `.check_ran`, `.subject` are the baseline's evidence by the rules of now; `baseline.told` is what failed as it was published.
CREATE OR REPLACE TABLE baseline.since AS
WITH created AS (
    SELECT 'identity' AS subject_kind, identity_id AS subject_id, created_at FROM main.identity
    UNION ALL SELECT 'credential', credential_id, created_at FROM main.credential
    UNION ALL SELECT 'exposure', exposure_id, introduced_at FROM main.secret_exposure
), made AS (
    SELECT subject_kind, subject_id, max(created_at) AS created_at FROM created GROUP BY ALL
), covered AS (
    SELECT scope FROM baseline.coverage WHERE status IN ('collected', 'partial', 'stale')
    UNION
    SELECT scope FROM baseline.subject
), seen AS (
    SELECT DISTINCT subject_kind, subject_id FROM baseline.subject
)
SELECT f.check_id, f.subject_kind, f.subject_id, f.severity,
    CASE
        WHEN t.check_id IS NOT NULL AND (r.check_id IS NULL OR b.status = 'fail') THEN 'standing'
        WHEN r.check_id IS NULL OR b.status = 'fail' THEN 'rules'
        WHEN f.scope IS NOT NULL AND c.scope IS NULL THEN 'scope'
        WHEN b.status = 'unknown' THEN 'newly_known'
        WHEN s.subject_id IS NOT NULL THEN 'worse'
        WHEN m.created_at > $as_of THEN 'new'
        ELSE 'newly_known'
    END AS cause
FROM {of}.finding AS f
LEFT JOIN baseline.finding AS b ON b.check_id = f.check_id AND b.subject_kind = f.subject_kind AND b.subject_id = f.subject_id
LEFT JOIN baseline.told AS t ON t.check_id = f.check_id AND t.subject_kind = f.subject_kind AND t.subject_id = f.subject_id
LEFT JOIN baseline.check_ran AS r ON r.check_id = f.check_id
LEFT JOIN seen AS s ON s.subject_kind = f.subject_kind AND s.subject_id = f.subject_id
LEFT JOIN covered AS c ON c.scope = f.scope
LEFT JOIN made AS m ON m.subject_kind = f.subject_kind AND m.subject_id = f.subject_id
WHERE f.status = 'fail';

-- What failed in the baseline and cannot be judged now: nobody knows whether it was repaired.
CREATE OR REPLACE TABLE baseline.lost AS
SELECT t.check_id, t.subject_kind, t.subject_id, t.severity
FROM baseline.told AS t
LEFT JOIN main.finding AS f ON f.check_id = t.check_id AND f.subject_kind = t.subject_kind AND f.subject_id = t.subject_id
LEFT JOIN (
    SELECT scope FROM main.coverage WHERE status IN ('collected', 'partial') UNION SELECT scope FROM main.subject
) AS c ON c.scope = t.scope
WHERE f.status = 'unknown' OR (f.status IS NULL AND t.scope IS NOT NULL AND c.scope IS NULL);
