-- Per account, project, subscription or tenant: is an organisation policy enforced, and is use logged? on, off, or unknown. Off needs evidence too.
-- What people declare counts where no export speaks of the account; where one does, and shows nothing enforced, it is a contradiction.
CREATE TABLE work.governance AS
WITH place AS (
    SELECT a.scope, a.provider, k.kind, k.fact
    FROM (SELECT scope, min(provider) AS provider FROM main.identity WHERE scope IS NOT NULL GROUP BY scope) AS a
    CROSS JOIN (SELECT 'workload_policy' AS kind, 'guardrails' AS fact UNION ALL SELECT 'audit_log' AS kind, 'audit_log' AS fact) AS k
), said AS (
    SELECT
        p.scope, p.kind,
        count(*) FILTER (WHERE g.basis = 'observed') AS observed,
        -- A rule that is off here is off, whatever the organisation says of it: AWS's management account is bound by none, and a project
        -- may take itself out of one. Other rules stay in force.
        count(*) FILTER (
            WHERE o.guardrail_id IS NOT NULL AND (g.scope = '*' OR (p.provider = 'aws' AND g.enforcement = 'off'))
        ) AS exempt,
        count(*) FILTER (
            WHERE g.basis = 'observed' AND g.enforcement = 'enforced' AND NOT coalesce(r.stale, false) AND o.guardrail_id IS NULL
        ) AS observed_on,
        count(*) FILTER (WHERE g.basis <> 'observed' AND g.enforcement = 'enforced' AND NOT coalesce(r.stale, false)) AS declared_on,
        count(*) FILTER (WHERE g.enforcement = 'unknown' OR r.stale) AS undecided,
        list(g.evidence ORDER BY g.evidence) FILTER (WHERE g.enforcement = 'enforced') AS enforced_evidence
    FROM place AS p
    JOIN main.guardrail AS g ON g.kind = p.kind AND g.scope IN (p.scope, '*')
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(g.evidence, '#', 1)
    LEFT JOIN main.guardrail AS o
        ON o.kind = 'workload_policy' AND o.basis = 'observed' AND o.enforcement = 'off' AND o.scope = p.scope AND o.guardrail_id = g.guardrail_id
    GROUP BY p.scope, p.kind
), exported AS (
    SELECT DISTINCT p.scope, p.kind
    FROM place AS p
    JOIN seen.coverage AS v ON v.fact = p.fact AND v.scope IN (p.scope, '*') AND v.status = 'collected'
    JOIN work.place AS l ON l.scope = p.scope
    LEFT JOIN work.source_rank AS r ON r.source_id = v.evidence
    WHERE NOT coalesce(r.declared, false) AND (v.scope <> '*' OR r.provider IS NULL OR r.provider = l.provider)
), verdict AS (
    SELECT
        p.scope, p.kind,
        CASE
            WHEN v.status = 'stale' THEN 'unknown'
            WHEN s.observed_on > 0 THEN 'on'
            WHEN s.exempt > 0 THEN 'off'
            WHEN s.declared_on > 0 AND s.observed = 0 AND x.scope IS NULL THEN 'on'
            WHEN s.declared_on > 0 OR s.undecided > 0 THEN 'unknown'
            WHEN v.status = 'collected' THEN 'off'
            ELSE 'unknown'
        END AS state,
        coalesce(s.enforced_evidence, CASE WHEN v.evidence IS NOT NULL THEN [v.evidence] ELSE [] END) AS evidence
    FROM place AS p
    LEFT JOIN said AS s ON s.scope = p.scope AND s.kind = p.kind
    LEFT JOIN exported AS x ON x.scope = p.scope AND x.kind = p.kind
    LEFT JOIN main.coverage AS v ON v.fact = p.fact AND v.scope = p.scope
)
SELECT
    scope,
    max(state) FILTER (WHERE kind = 'workload_policy') AS policy,
    max(state) FILTER (WHERE kind = 'audit_log') AS logging,
    list_sort(flatten(list(evidence))) AS evidence,
    CASE
        WHEN bool_or(state = 'off') THEN 'ungoverned'
        WHEN bool_and(state = 'on') THEN 'governed'
        ELSE 'undetermined'
    END AS qualifier
FROM verdict
GROUP BY scope;
