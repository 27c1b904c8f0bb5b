-- The remaining tables: one row per key, filled from every source that speaks of it.
INSERT INTO main.secret_store BY NAME
SELECT
    store_id, min(provider) AS provider, max(scope) AS scope, min(kind) AS kind, min(name) AS name,
    bool_and(approved) AS approved, bool_and(access_logged) AS access_logged, min(evidence) AS evidence
FROM seen.secret_store
GROUP BY store_id;

INSERT INTO main.scan_target BY NAME
SELECT
    target_id, min(kind) AS kind, bool_or(in_scope) AS in_scope,
    -- A date that people type does not make an old report young.
    CASE WHEN bool_or(scanned) THEN max(scanned_at) FILTER (WHERE scanned) ELSE max(scanned_at) END AS scanned_at,
    bool_or(scanned) AS scanned, min(evidence) AS evidence
FROM seen.scan_target
GROUP BY target_id;

-- Public wins over unknown, unknown over no: two exports that disagree are not averaged.
-- What the account's public access block restricts answers no stranger, whatever the bucket's own policy says: where every source that
-- tells of the block says so, and none of long ago.
INSERT INTO main.resource BY NAME
WITH restricted AS (
    SELECT g.scope
    FROM seen.guardrail AS g
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(g.evidence, '#', 1)
    WHERE g.kind = 'public_access_block'
    GROUP BY g.scope
    HAVING bool_and(g.enforcement = 'enforced' AND g.basis = 'observed' AND NOT coalesce(r.stale, false))
), told AS (
    SELECT
        r.* REPLACE (
            CASE WHEN b.scope IS NOT NULL AND r.public = 'yes' THEN 'no' ELSE r.public END AS public,
            r.public_reason
                || CASE WHEN b.scope IS NOT NULL AND r.public = 'yes' THEN ', but the account''s public access block restricts it' ELSE '' END
                AS public_reason
        )
    FROM seen.resource AS r
    LEFT JOIN restricted AS b ON b.scope = r.scope AND r.kind = 's3_bucket'
), ranked AS (
    SELECT
        r.*,
        row_number() OVER (
            PARTITION BY resource_id ORDER BY CASE public WHEN 'yes' THEN 1 WHEN 'unknown' THEN 2 ELSE 3 END, evidence
        ) AS rank
    FROM told AS r
)
SELECT
    r.resource_id, r.provider, r.scope, r.kind, r.name, lower(coalesce(r.environment, a.environment)) AS environment, r.team, r.public,
    r.public_reason, r.evidence
FROM ranked AS r
LEFT JOIN main.account AS a ON a.scope = r.scope
WHERE r.rank = 1;

-- A trail logs when it is meant for all regions and its status says that it runs.
INSERT INTO main.guardrail BY NAME
WITH status AS (
    SELECT guardrail_id, bool_or(enforcement = 'off') AS off, bool_or(enforcement = 'enforced') AS running, min(evidence) AS evidence
    FROM seen.guardrail
    WHERE kind = 'audit_log_status'
    GROUP BY guardrail_id
), spread AS (
    -- What one provider's organisation rules binds none of another's: beside other providers it is said per scope.
    SELECT g.* REPLACE (coalesce(p.scope, g.scope) AS scope), p.scope IS NOT NULL AS wide
    FROM seen.guardrail AS g
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(g.evidence, '#', 1)
    CROSS JOIN (SELECT count(DISTINCT provider) > 1 AS several FROM work.place WHERE provider IN ('aws', 'gcp', 'azure')) AS n
    LEFT JOIN work.place AS p ON g.scope = '*' AND n.several AND p.provider = r.provider
    WHERE g.kind <> 'audit_log_status'
), ranked AS (
    SELECT g.*, row_number() OVER (PARTITION BY g.guardrail_id, g.scope ORDER BY g.wide, r.rank, g.evidence) AS rank
    FROM spread AS g
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(g.evidence, '#', 1)
)
SELECT
    g.guardrail_id, g.scope, g.kind, g.name,
    CASE
        WHEN s.off THEN 'off'
        WHEN g.kind = 'audit_log' AND g.basis = 'observed' AND g.enforcement = 'unknown' AND s.running THEN 'enforced'
        ELSE g.enforcement
    END AS enforcement,
    g.basis,
    coalesce(s.evidence, g.evidence) AS evidence
FROM ranked AS g
LEFT JOIN status AS s ON s.guardrail_id = g.guardrail_id
WHERE g.rank = 1;

-- Records that look back equally far are one row: what a log shows must not lend its date to a report, nor a report its window to a log.
INSERT INTO main.usage BY NAME
SELECT
    coalesce(n.identity_id, u.identity_id) AS identity_id, u.service, u.action, max(u.last_at) AS last_at, u.window_days,
    min(u.evidence) AS evidence
FROM seen.usage AS u
LEFT JOIN work.identity_name AS n ON n.mention = u.identity_id
GROUP BY coalesce(n.identity_id, u.identity_id), u.service, u.action, u.window_days;

-- Of two looks at the same grant, the later one tells.
INSERT INTO main.observation BY NAME
WITH ranked AS (
    SELECT
        o.* REPLACE (coalesce(n.identity_id, o.identity_id) AS identity_id),
        row_number() OVER (
            PARTITION BY coalesce(n.identity_id, o.identity_id), o.policy_id, o.resource, o.condition
            ORDER BY o.until DESC NULLS LAST, o.window_days DESC NULLS LAST, o.evidence
        ) AS rank
    FROM seen.observation AS o
    LEFT JOIN work.identity_name AS n ON n.mention = o.identity_id
)
SELECT * EXCLUDE (rank) FROM ranked WHERE rank = 1;

INSERT INTO main.owner BY NAME
SELECT
    owner_id,
    coalesce(max(kind) FILTER (WHERE kind <> 'unknown'), 'unknown') AS kind,
    CASE WHEN bool_or(status = 'departed') THEN 'departed' WHEN bool_or(status = 'active') THEN 'active' ELSE 'unknown' END AS status,
    min(evidence) AS evidence
FROM seen.owner
GROUP BY owner_id;

INSERT INTO main.ownership BY NAME
SELECT
    coalesce(n.identity_id, o.identity_id) AS identity_id, o.owner_id, min(o.basis) AS basis, min(o.evidence) AS evidence
FROM seen.ownership AS o
LEFT JOIN work.identity_name AS n ON n.mention = o.identity_id
GROUP BY coalesce(n.identity_id, o.identity_id), o.owner_id;
