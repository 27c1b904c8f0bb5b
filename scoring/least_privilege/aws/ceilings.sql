-- The organisation's policies, each with whether all policies of its level are in the evidence: nothing about them is missing or
-- partial, and AWS's own FullAWSAccess, which hangs somewhere in every organisation, is among what was exported. What is stale may
-- have been lifted since.
WITH stated AS (
    SELECT c.scope, bool_and(c.status = 'collected') AS collected, bool_or(c.status = 'stale') AS stale
    FROM main.coverage AS c
    WHERE c.fact = 'guardrails'
    GROUP BY c.scope
),
own AS (
    SELECT count(*) AS n FROM main.ceiling AS f WHERE f.kind = 'scp' AND f.policy_id = 'p-FullAWSAccess'
)
SELECT
    c.scope, c.kind, c.level, c.policy_id, c.policy_name, c.document_id, c.evidence,
    coalesce(s.collected, false) AND (c.kind <> 'scp' OR (SELECT own.n FROM own) > 0) AS complete,
    coalesce(s.stale, false) AS stale
FROM main.ceiling AS c
LEFT JOIN stated AS s ON s.scope = c.scope
ORDER BY c.kind, c.scope, c.level, c.document_id;
