-- Everything that a decision can be about, with the tags that it can be named by. A credential or exposure carries those of its identity.
CREATE OR REPLACE TABLE decided.subject AS
SELECT
    s.subject_kind, s.subject_id, s.identity_id, s.scope AS account,
    coalesce(p.team, i.team, w.team, r.team) AS team,
    coalesce(p.environment, i.environment, w.environment, r.environment, a.environment) AS environment,
    coalesce(i.provider, c.provider, w.provider, r.provider, a.provider) AS provider,
    coalesce(i.kind, c.kind, w.kind, r.kind) AS kind
FROM work.subject AS s
LEFT JOIN main.identity AS i ON i.identity_id = s.identity_id
LEFT JOIN main.placement AS p ON p.subject_kind = 'identity' AND p.subject_id = s.identity_id
LEFT JOIN main.credential AS c ON s.subject_kind = 'credential' AND c.credential_id = s.subject_id
LEFT JOIN main.workload AS w ON s.subject_kind = 'workload' AND w.workload_id = s.subject_id
LEFT JOIN main.resource AS r ON s.subject_kind = 'resource' AND r.resource_id = s.subject_id
LEFT JOIN main.account AS a ON a.scope = s.scope;
