-- Everything that a decision can be about, with the tags that it can be named by. What is placed carries those of its placement, so that a
-- decision for a team or environment is about the very subjects that stand there; a credential or exposure carries those of its identity. A view: they are
-- many, and most are asked for once or never.
CREATE OR REPLACE VIEW decided.subject AS
WITH subject AS (
{subjects}
)
SELECT
    s.subject_kind, s.subject_id, s.identity_id, s.scope AS account,
    CASE WHEN p.subject_id IS NOT NULL THEN p.team ELSE coalesce(i.team, w.team, r.team) END AS team,
    CASE WHEN p.subject_id IS NOT NULL THEN p.environment ELSE coalesce(i.environment, w.environment, r.environment, a.environment) END AS environment,
    coalesce(i.provider, c.provider, w.provider, r.provider, a.provider) AS provider,
    coalesce(i.kind, c.kind, w.kind, r.kind) AS kind
FROM subject AS s
LEFT JOIN main.identity AS i ON i.identity_id = s.identity_id
LEFT JOIN main.placement AS p
    ON p.subject_kind = CASE WHEN s.identity_id IS NULL THEN s.subject_kind ELSE 'identity' END AND p.subject_id = coalesce(s.identity_id, s.subject_id)
LEFT JOIN main.credential AS c ON s.subject_kind = 'credential' AND c.credential_id = s.subject_id
LEFT JOIN main.workload AS w ON s.subject_kind = 'workload' AND w.workload_id = s.subject_id
LEFT JOIN main.resource AS r ON s.subject_kind = 'resource' AND r.resource_id = s.subject_id
LEFT JOIN main.account AS a ON a.scope = s.scope;
