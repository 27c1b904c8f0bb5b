-- title = "Native identity adoption"
-- unit = "percent"
-- better = "higher"
-- counts = "a workload"
-- definition = "Workloads with an identity of their platform and no static key: what question Q4 counts."
-- formula = "100 * workloads that pass Q4 / workloads"
-- needs = []
-- lists = ["workloads"]

SELECT subject_kind, subject_id, status, CAST(NULL AS DOUBLE) AS value, reason, evidence
FROM counting.question_item
WHERE question_id = 'Q4'
