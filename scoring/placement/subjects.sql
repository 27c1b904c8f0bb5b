-- All paths in one table, then every subject by its weakest active path.
INSERT INTO main.access_path BY NAME
WITH paths AS (
    SELECT subject_kind, subject_id, credential_id, NULL AS trust_id, mechanism, rule, lo, hi, lo_reason, hi_reason, lo_evidence, hi_evidence, to_settle, flags, privilege
    FROM work.static_path
    UNION ALL
    SELECT subject_kind, subject_id, NULL, trust_id, mechanism, rule, lo, hi, lo_reason, hi_reason, lo_evidence, hi_evidence, to_settle, flags, privilege
    FROM work.trust_path
    UNION ALL
    SELECT subject_kind, subject_id, NULL, trust_id, mechanism, rule, lo, hi, lo_reason, hi_reason, lo_evidence, hi_evidence, to_settle, flags, privilege
    FROM work.chain_path
    UNION ALL
    SELECT subject_kind, subject_id, NULL, NULL, mechanism, rule, lo, hi, lo_reason, hi_reason, evidence, evidence, NULL, [], NULL
    FROM work.open_path
)
SELECT
    substr(md5(subject_kind || '|' || subject_id || '|' || coalesce(credential_id, trust_id, CASE WHEN mechanism IN ('trust_not_listed', 'third_party') THEN mechanism ELSE '' END)), 1, 16) AS path_id,
    subject_kind, subject_id, credential_id, trust_id, mechanism, rule,
    CAST(lo AS BIGINT) AS stage_lo, CAST(hi AS BIGINT) AS stage_hi, lo_reason, hi_reason, lo_evidence, hi_evidence,
    CASE WHEN lo < hi THEN to_settle END AS to_settle,
    CAST(flags AS VARCHAR[]) AS flags,
    -- Admin, or nobody knows; and whatever is open or in code.
    (subject_kind = 'identity' AND coalesce(privilege, 'unknown') IN ('admin', 'unknown')) OR hi <= 2 AS critical
FROM paths;

INSERT INTO main.placement BY NAME
WITH subjects AS (
    SELECT
        'identity' AS subject_kind, i.identity_id AS subject_id, i.name, i.kind, i.provider, i.scope,
        coalesce(i.environment, lower(a.environment)) AS environment, i.team, coalesce(p.privilege, 'unknown') AS privilege
    FROM main.identity AS i
    LEFT JOIN main.account AS a ON a.scope = i.scope
    LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
    WHERE i.in_scope AND i.human <> 'human'
    UNION ALL
    SELECT 'credential', c.credential_id, c.name, c.kind, c.provider, c.scope, w.environment, w.team, 'unknown'
    FROM main.credential AS c
    JOIN (SELECT DISTINCT subject_id FROM work.static_path WHERE subject_kind = 'credential') AS s ON s.subject_id = c.credential_id
    LEFT JOIN main.workload AS w ON w.workload_id = c.store_id
    UNION ALL
    SELECT 'resource', r.resource_id, r.name, r.kind, r.provider, r.scope, r.environment, r.team, 'unknown'
    FROM main.resource AS r
    WHERE r.public = 'yes'
), ranked AS (
    SELECT
        p.*,
        row_number() OVER (PARTITION BY subject_kind, subject_id ORDER BY stage_lo, stage_hi, path_id) AS lo_rank,
        row_number() OVER (PARTITION BY subject_kind, subject_id ORDER BY stage_hi, stage_lo, path_id) AS hi_rank
    FROM main.access_path AS p
), weakest AS (
    SELECT
        subject_kind, subject_id, min(stage_lo) AS stage_lo, min(stage_hi) AS stage_hi,
        max(CASE WHEN lo_rank = 1 THEN path_id END) AS lo_path_id, max(CASE WHEN hi_rank = 1 THEN path_id END) AS hi_path_id,
        count(*) AS paths, bool_or(mechanism = 'native') AND bool_or(mechanism NOT IN ('native', 'static_not_listed', 'trust_not_listed')) AS mixed
    FROM ranked
    GROUP BY subject_kind, subject_id
)
SELECT s.*, w.stage_lo, w.stage_hi, w.lo_path_id, w.hi_path_id, coalesce(w.paths, 0) AS paths, coalesce(w.mixed, false) AS mixed
FROM subjects AS s
LEFT JOIN weakest AS w ON w.subject_kind = s.subject_kind AND w.subject_id = s.subject_id;
