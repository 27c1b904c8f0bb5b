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
        bool_and(coalesce(r.declared, false)) OVER (PARTITION BY t.identity_id, t.principal) AS only_declared
    FROM named AS t
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(t.evidence, '#', 1)
    LEFT JOIN work.newest_listing AS n ON n.identity_id = t.identity_id AND n.fact = 'trust'
    LEFT JOIN work.listed_in_parts AS p ON p.identity_id = t.identity_id
), told AS (
    -- Of two records of one source, the one that saw a hole speaks, then the one that could tell at all.
    SELECT
        r.*,
        row_number() OVER (
            PARTITION BY r.trust_id ORDER BY r.rank, list_position(['unsafe', 'safe', 'unknown'], r.safety), r.evidence
        ) AS copy
    FROM ranked AS r
    WHERE r.rank = r.newest OR (r.in_parts AND NOT r.declared) OR (r.declared AND r.only_declared)
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
FROM told
WHERE copy = 1;
