-- title = "Effective-ephemeral access"
-- unit = "percent"
-- better = "higher"
-- counts = "a way in (access path), those open to anyone included"
-- definition = "Ways in whose credential is short-lived AND scoped AND owned AND revocable. Short-lived: it ends within the pack's token_max_hours. Scoped: no administrator, no certain way to become one, no whole service or basic role on everything. Owned: someone is named who is known to be here. Revocable: withdrawing the identity stops at most workloads_per_identity known workloads."
-- formula = "100 * paths for which all four hold / all paths; one that fails decides, one that is not known leaves it open"
-- needs = ["identities"]
-- lists = ["identities", "trust", "access_keys"]

SELECT
    'access_path' AS subject_kind,
    path_id AS subject_id,
    CASE WHEN short_lived = 'no' OR scoped = 'no' OR owned = 'no' OR revocable = 'no' THEN 'not' WHEN short_lived = 'yes' AND scoped = 'yes' AND owned = 'yes' AND revocable = 'yes' THEN 'counted' ELSE 'unknown' END AS status,
    CAST(NULL AS DOUBLE) AS value,
    coalesce(nullif(concat_ws('; ', lifetime_doubt, scoped_doubt, owned_doubt, revocable_doubt), ''), 'short-lived, scoped, owned, revocable') AS reason,
    evidence
FROM counting.path
