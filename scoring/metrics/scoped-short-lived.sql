-- title = "Scoped and short-lived access"
-- unit = "percent"
-- better = "higher"
-- counts = "a way in (access path), those open to anyone included"
-- definition = "Ways in whose credential is short-lived AND scoped, as effective-ephemeral defines these. The name is Cerbos's; the formula is ours, none is published."
-- formula = "100 * paths that are both / all paths"
-- needs = ["identities"]
-- lists = ["identities", "trust", "access_keys"]
-- source = "https://nhimg.org/community/nhi-best-practices/non-human-identity-security-strategy-where-teams-keep-falling-short/"

SELECT
    'access_path' AS subject_kind,
    path_id AS subject_id,
    CASE WHEN short_lived = 'no' OR scoped = 'no' THEN 'not' WHEN short_lived = 'yes' AND scoped = 'yes' THEN 'counted' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    coalesce(nullif(concat_ws('; ', lifetime_doubt, scoped_doubt), ''), 'short-lived, scoped') AS reason,
    evidence
FROM counting.path
