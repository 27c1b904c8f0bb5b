-- title = "Machine identities per person"
-- unit = "ratio"
-- better = "neither"
-- counts = "an identity in scope that is not switched off; root users are not counted"
-- definition = "Machine identities for each human identity in the same accounts. People whose accounts live in a directory outside of the evidence are not in it."
-- formula = "machine identities / human identities"
-- needs = ["identities"]
-- lists = ["identities"]

SELECT
    'identity' AS subject_kind,
    identity_id AS subject_id,
    CASE WHEN human = 'nonhuman' THEN 'counted' WHEN human = 'human' THEN 'not' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    coalesce(human_basis, human) AS reason,
    [evidence] AS evidence
FROM main.identity
WHERE in_scope AND kind <> 'root' AND status <> 'disabled'
