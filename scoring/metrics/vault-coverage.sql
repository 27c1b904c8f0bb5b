-- title = "Vault coverage"
-- unit = "percent"
-- better = "higher"
-- counts = "a static credential, or an identity whose credentials nobody listed"
-- definition = "Static credentials known to rest in an approved secrets manager: what question Q2 counts."
-- formula = "100 * credentials that pass Q2 / static credentials"
-- needs = []
-- lists = ["identities", "workloads", "stored_secrets"]
-- source = "https://nhimg.org/?p=5987"

SELECT subject_kind, subject_id, status, CAST(NULL AS DOUBLE) AS value, reason, evidence
FROM counting.question_item
WHERE question_id = 'Q2'
