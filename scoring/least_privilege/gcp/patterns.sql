-- GCP identities by pattern: the same roles, conditions and looks at them, wherever they are. Counts are the same for all of a pattern.
-- Places are numbered within the identity; where a deny policy names it, they stand for themselves.
CREATE OR REPLACE TABLE judging.gcp_pattern AS
WITH own AS (
    SELECT identity_id FROM main.identity WHERE provider = 'gcp'
),
held AS (
    SELECT
        e.identity_id, e.resource, e.via, coalesce(e.policy_id, e.policy_name) AS role_id, e.document_id,
        coalesce(e.conditional, false) AS conditional, e.condition
    FROM main.entitlement AS e
    JOIN own AS o ON o.identity_id = e.identity_id
),
seen AS (
    SELECT b.* FROM main.observation AS b JOIN own AS o ON o.identity_id = b.identity_id
),
denied AS (
    SELECT DISTINCT identity_id FROM held WHERE via LIKE '%deny'
),
named AS (
    SELECT identity_id, resource FROM held UNION SELECT identity_id, resource FROM seen
),
place AS (
    SELECT
        n.identity_id, n.resource,
        coalesce(CASE WHEN d.identity_id IS NOT NULL THEN n.resource END, CAST(dense_rank() OVER (PARTITION BY n.identity_id ORDER BY n.resource) AS VARCHAR)) AS place
    FROM named AS n
    LEFT JOIN denied AS d ON d.identity_id = n.identity_id
),
part AS (
    SELECT
        h.identity_id,
        concat_ws('|', 'grant', p.place, h.via, h.role_id, coalesce(h.document_id, ''), CAST(h.conditional AS VARCHAR), coalesce(h.condition, '')) AS word
    FROM held AS h
    JOIN place AS p ON p.identity_id = h.identity_id AND p.resource IS NOT DISTINCT FROM h.resource
    UNION ALL
    SELECT
        s.identity_id,
        concat_ws(
            '|', 'seen', p.place, coalesce(s.policy_id, ''), coalesce(s.condition, ''), coalesce(array_to_string(s.used, ','), '-'),
            coalesce(array_to_string(s.inferred, ','), ''), coalesce(CAST(s.until AS VARCHAR), ''), coalesce(CAST(s.window_days AS VARCHAR), '')
        )
    FROM seen AS s
    JOIN place AS p ON p.identity_id = s.identity_id AND p.resource IS NOT DISTINCT FROM s.resource
    UNION ALL
    SELECT u.identity_id, concat_ws('|', 'call', u.action, CAST(u.last_at AS VARCHAR))
    FROM main.usage AS u
    JOIN own AS o ON o.identity_id = u.identity_id
    LEFT JOIN main.observation AS b ON b.identity_id = u.identity_id AND b.evidence = u.evidence
    WHERE u.action IS NOT NULL AND u.last_at IS NOT NULL AND b.evidence IS NULL
    UNION ALL
    SELECT c.identity_id, concat_ws('|', 'key', CAST(max(c.last_used_at) AS VARCHAR))
    FROM main.credential AS c
    JOIN own AS o ON o.identity_id = c.identity_id
    WHERE c.last_used_at IS NOT NULL
    GROUP BY c.identity_id
),
words AS (
    SELECT identity_id, md5(array_to_string(list_sort(list(word)), chr(10))) AS word FROM part GROUP BY identity_id
)
SELECT
    i.identity_id,
    md5(concat_ws('|',
        coalesce(w.word, ''), i.kind, i.human, CAST(i.in_scope AS VARCHAR), i.status, CAST(i.last_used_known AS VARCHAR),
        coalesce(CAST(i.last_used_at AS VARCHAR), ''), coalesce(k.gap, '')
    )) AS pattern
FROM main.identity AS i
LEFT JOIN words AS w ON w.identity_id = i.identity_id
LEFT JOIN judging.known_grants AS k ON k.identity_id = i.identity_id
WHERE i.provider = 'gcp';
