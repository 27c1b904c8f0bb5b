-- What limits every identity of a scope, and policies attached to resources: the newest source of each tells its text.
INSERT INTO main.ceiling BY NAME
WITH ranked AS (
    SELECT c.*, row_number() OVER (PARTITION BY c.scope, c.kind, c.level, c.policy_id ORDER BY r.rank, c.evidence) AS copy
    FROM seen.ceiling AS c
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(c.evidence, '#', 1)
)
SELECT scope, kind, level, policy_id, policy_name, document_id, evidence FROM ranked WHERE copy = 1;

INSERT INTO main.resource_policy BY NAME
WITH ranked AS (
    SELECT p.*, row_number() OVER (PARTITION BY p.resource_id ORDER BY r.rank, p.evidence) AS copy
    FROM seen.resource_policy AS p
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(p.evidence, '#', 1)
)
SELECT resource_id, provider, scope, document_id, evidence FROM ranked WHERE copy = 1;
