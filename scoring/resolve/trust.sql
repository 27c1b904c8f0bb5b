-- Trust rows of the newest source that lists the identity; template rows stand beside exports.
INSERT INTO main.trust BY NAME
WITH ranked AS (
    SELECT t.*, r.rank, min(r.rank) OVER (PARTITION BY t.identity_id) AS newest,
        row_number() OVER (PARTITION BY t.trust_id ORDER BY r.rank, t.evidence) AS copy
    FROM seen.trust AS t
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(t.evidence, '#', 1)
)
SELECT
    trust_id, identity_id, principal_kind, principal, principal_scope, human, external_id, subject_pattern, audience, safety, safety_reason, evidence
FROM ranked
WHERE copy = 1 AND rank = newest;
