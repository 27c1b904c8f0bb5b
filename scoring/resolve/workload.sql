-- Workloads, with the identity behind their instance profile, and the account's environment where they have none of their own.
INSERT INTO main.workload BY NAME
WITH ranked AS (
    SELECT w.*, row_number() OVER (PARTITION BY w.workload_id ORDER BY r.rank, w.evidence) AS rank
    FROM seen.workload AS w
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(w.evidence, '#', 1)
)
SELECT
    w.workload_id, w.provider, w.scope, w.kind, w.name, w.region,
    lower(coalesce(w.environment, a.environment)) AS environment,
    w.team,
    coalesce(n.identity_id, w.identity_id) AS identity_id,
    w.env_names,
    w.evidence
FROM ranked AS w
LEFT JOIN main.account AS a ON a.scope = w.scope
LEFT JOIN work.identity_name AS n ON n.mention = w.identity_id
WHERE w.rank = 1;
