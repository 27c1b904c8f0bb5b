-- title = "Native identity adoption"
-- unit = "percent"
-- better = "higher"
-- counts = "a workload"
-- definition = "Workloads with an identity of their platform and no static key: what question Q4 counts."
-- formula = "100 * workloads that pass Q4 / workloads"
-- needs = []
-- lists = ["workloads"]

SELECT
    subject_kind,
    subject_id,
    CASE status WHEN 'pass' THEN 'counted' WHEN 'fail' THEN 'not' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    reason,
    evidence
FROM main.question_item
WHERE question_id = 'Q4'
