-- What differs, as headlines count it: cause, value before, value now, and how often. Weights are summed: an index is made of sums.
SELECT
    population, CASE WHEN population = 'item' THEN part END AS part, cause, v1_before, v2_before, v3_before,
    CAST(NULL AS BIGINT) AS v4_before, v1_now, v2_now, v3_now, CAST(NULL AS BIGINT) AS v4_now, count(*) AS n
FROM progress.caused
WHERE population IN ('subject', 'path', 'item', 'finding', 'static')
GROUP BY ALL
UNION ALL
SELECT
    'creep', NULL, cause, CAST(coalesce(sum(v1_before), 0) AS BIGINT), CAST(coalesce(sum(v2_before), 0) AS BIGINT),
    CAST(coalesce(sum(v3_before), 0) AS BIGINT), count(v1_before), CAST(coalesce(sum(v1_now), 0) AS BIGINT), CAST(coalesce(sum(v2_now), 0) AS BIGINT),
    CAST(coalesce(sum(v3_now), 0) AS BIGINT), count(v1_now), 1
FROM progress.caused
WHERE population = 'creep'
GROUP BY cause
