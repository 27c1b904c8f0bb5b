-- Per account: is an organisation policy enforced, and is use logged? on, off, or unknown. Off needs evidence too.
CREATE TABLE work.governance AS
WITH control AS (
    SELECT
        a.scope, k.kind, k.fact,
        count(g.guardrail_id) FILTER (WHERE g.enforcement = 'enforced') AS enforced,
        count(g.guardrail_id) FILTER (WHERE g.enforcement = 'unknown') AS undecided,
        list(g.evidence ORDER BY g.evidence) FILTER (WHERE g.enforcement = 'enforced') AS enforced_evidence,
        min(v.status) AS status,
        min(v.evidence) AS coverage_evidence
    FROM (SELECT DISTINCT scope FROM main.identity WHERE scope IS NOT NULL) AS a
    CROSS JOIN (SELECT 'workload_policy' AS kind, 'guardrails' AS fact UNION ALL SELECT 'audit_log', 'audit_log') AS k
    LEFT JOIN main.guardrail AS g ON g.kind = k.kind AND g.scope IN (a.scope, '*')
    LEFT JOIN main.coverage AS v ON v.fact = k.fact AND v.scope = a.scope
    GROUP BY a.scope, k.kind, k.fact
), verdict AS (
    SELECT
        scope, kind,
        CASE
            WHEN status = 'stale' THEN 'unknown'
            WHEN enforced > 0 THEN 'on'
            WHEN undecided = 0 AND status = 'collected' THEN 'off'
            ELSE 'unknown'
        END AS state,
        CASE WHEN enforced > 0 THEN enforced_evidence WHEN coverage_evidence IS NOT NULL THEN [coverage_evidence] ELSE [] END AS evidence
    FROM control
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
