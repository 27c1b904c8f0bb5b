-- Everything on one side ({side}) as headlines count it: the value, and how often.
SELECT 'subject' AS population, CAST(NULL AS VARCHAR) AS part, coalesce(stage_lo, 0) AS v1, CAST(NULL AS BIGINT) AS v2, CAST(NULL AS BIGINT) AS v3, CAST(NULL AS BIGINT) AS v4, count(*) AS n
FROM {side}.placement GROUP BY ALL
UNION ALL
SELECT 'path', NULL, stage_lo, CAST(stage_lo = stage_hi AS BIGINT), CAST(critical AS BIGINT), NULL, count(*) FROM {side}.access_path GROUP BY ALL
UNION ALL
SELECT 'item', question_id, CASE status WHEN 'fail' THEN 0 WHEN 'pass' THEN 1 ELSE 2 END, NULL, NULL, NULL, count(*) FROM {side}.question_item GROUP BY ALL
UNION ALL
SELECT 'finding', NULL, CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, NULL, NULL, NULL, count(*)
FROM {side}.finding WHERE status = 'fail' GROUP BY ALL
UNION ALL
SELECT 'static', NULL, 1, NULL, NULL, NULL, count(*) FROM progress.{side}_static
UNION ALL
SELECT
    'creep', NULL, CAST(coalesce(sum(weight), 0) AS BIGINT), CAST(coalesce(sum(weight_unused), 0) AS BIGINT), CAST(coalesce(sum(weight_open), 0) AS BIGINT),
    count(*), 1
FROM {side}.least_privilege WHERE weight IS NOT NULL
