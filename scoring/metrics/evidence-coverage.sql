-- title = "Evidence coverage"
-- unit = "percent"
-- better = "higher"
-- counts = "a way in (access path)"
-- definition = "Ways in that the evidence places at exactly one maturity stage. The others say what would settle them."
-- formula = "100 * paths placed at one stage / all paths"
-- needs = []
-- lists = ["identities", "trust", "access_keys"]

SELECT
    'access_path' AS subject_kind,
    path_id AS subject_id,
    CASE WHEN stage_lo = stage_hi THEN 'counted' ELSE 'not' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    CASE WHEN stage_lo = stage_hi THEN 'placed at stage ' || stage_lo ELSE 'between stage ' || stage_lo || ' and ' || stage_hi || coalesce(': ' || to_settle, '') END AS reason,
    list_distinct(list_concat(lo_evidence, hi_evidence)) AS evidence
FROM counting.path
