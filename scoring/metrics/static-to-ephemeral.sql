-- title = "Static to ephemeral access"
-- unit = "ratio"
-- better = "lower"
-- counts = "a way in (access path) with a credential"
-- definition = "Ways in by a static credential for each way in by a native, federated, certificate or dynamic one."
-- formula = "static paths / ephemeral paths"
-- needs = ["identities"]
-- lists = ["identities", "trust", "access_keys", "stored_secrets"]

SELECT
    'access_path' AS subject_kind,
    path_id AS subject_id,
    CASE nature WHEN 'static' THEN 'counted' WHEN 'ephemeral' THEN 'not' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    nature || ': ' || replace(mechanism, '_', ' ') AS reason,
    lo_evidence AS evidence
FROM counting.path
WHERE nature <> 'none'
