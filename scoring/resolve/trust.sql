-- Trust rows of the newest source that lists the identity's trust. What people declare stands beside them, unless it repeats them.
INSERT INTO main.trust BY NAME
WITH ranked AS (
    SELECT
        t.*,
        coalesce(r.declared, false) AS declared,
        coalesce(r.rank, 0) AS rank,
        coalesce(n.rank, min(coalesce(r.rank, 0)) OVER (PARTITION BY t.identity_id)) AS newest,
        row_number() OVER (PARTITION BY t.trust_id ORDER BY r.rank, t.evidence) AS copy,
        bool_and(coalesce(r.declared, false)) OVER (PARTITION BY t.identity_id, t.principal) AS only_declared
    FROM seen.trust AS t
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(t.evidence, '#', 1)
    LEFT JOIN work.newest_listing AS n ON n.identity_id = t.identity_id AND n.fact = 'trust'
)
SELECT
    trust_id, identity_id, principal_kind, principal, principal_scope, human OR principal_kind = 'saml' AS human, external_id, subject_pattern,
    audience, safety, safety_reason, evidence
FROM ranked
WHERE copy = 1 AND (rank = newest OR (declared AND only_declared));
