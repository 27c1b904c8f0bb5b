-- Trust rows of the newest source that lists the identity's trust. What people declare stands beside them, unless it repeats them.
INSERT INTO main.trust BY NAME
WITH named AS (
    SELECT t.* REPLACE (coalesce(n.identity_id, t.identity_id) AS identity_id)
    FROM seen.trust AS t
    LEFT JOIN work.alias_name AS n ON n.alias = t.identity_id
), ranked AS (
    SELECT
        t.*,
        p.identity_id IS NOT NULL AS in_parts,
        coalesce(r.declared, false) AS declared,
        coalesce(r.rank, 0) AS rank,
        coalesce(n.rank, min(coalesce(r.rank, 0)) OVER (PARTITION BY t.identity_id)) AS newest,
        row_number() OVER (PARTITION BY t.trust_id ORDER BY r.rank, t.evidence) AS copy,
        bool_and(coalesce(r.declared, false)) OVER (PARTITION BY t.identity_id, t.principal) AS only_declared
    FROM named AS t
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(t.evidence, '#', 1)
    LEFT JOIN work.newest_listing AS n ON n.identity_id = t.identity_id AND n.fact = 'trust'
    LEFT JOIN work.listed_in_parts AS p ON p.identity_id = t.identity_id
)
SELECT
    trust_id, identity_id, principal_kind,
    CASE
        WHEN principal LIKE 'projects/%/locations/%' THEN 'projects/' || coalesce(
            (SELECT a.identity_id FROM work.alias_name AS a WHERE a.alias = 'gcp:project:' || split_part(principal, '/', 2)), split_part(principal, '/', 2)
        ) || substr(principal, strpos(principal, '/locations/'))
        ELSE principal
    END AS principal,
    -- GCP names a project by its id or by its number.
    coalesce((SELECT a.identity_id FROM work.alias_name AS a WHERE a.alias = 'gcp:project:' || principal_scope), principal_scope) AS principal_scope, human OR principal_kind = 'saml' AS human, external_id, subject_pattern,
    audience, conditional, safety, safety_reason, evidence
FROM ranked
WHERE copy = 1 AND (rank = newest OR (in_parts AND NOT declared) OR (declared AND only_declared));
