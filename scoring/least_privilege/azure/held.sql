-- Grants of Azure identities, a row each, with how far back a log of use that covers their place looks.
-- $identity: one identity, or NULL for all. Reads `main` alone.
WITH span AS (
    -- the Activity Log of a subscription says how far back it looks in each of its records of use
    SELECT split_part(u.evidence, '#', 1) AS source_id, min(u.window_days) AS window_days
    FROM main.usage AS u
    WHERE u.window_days IS NOT NULL
    GROUP BY split_part(u.evidence, '#', 1)
),
logged AS (
    SELECT a.scope, bool_and(coalesce(c.status = 'collected', false)) AS collected, min(s.window_days) AS window_days
    FROM main.account AS a
    LEFT JOIN main.coverage AS c ON c.scope = a.scope AND c.fact = 'service_usage'
    LEFT JOIN span AS s ON s.source_id = c.evidence
    WHERE a.provider = 'azure'
    GROUP BY a.scope
),
-- above subscriptions: as far as all of them that the evidence knows of look back; there may be others
above AS (
    SELECT CASE WHEN bool_and(l.collected) THEN min(l.window_days) END AS window_days FROM logged AS l
),
granted AS (
    SELECT
        e.identity_id, e.policy_name, e.document_id, e.group_name, e.changed_at, e.evidence,
        coalesce(e.conditional, false) AS conditional,
        CASE e.via WHEN 'group_managed' THEN 'role' ELSE regexp_replace(e.via, '^group_', '') END AS via,
        CASE WHEN e.via IN ('access_policy', 'group_managed') THEN e.policy_name ELSE lower(coalesce(e.policy_id, e.policy_name)) END AS role_id,
        CASE
            WHEN e.resource = '/' THEN '/'
            WHEN e.via LIKE '%app_role' OR e.via LIKE '%delegated' THEN coalesce(e.resource, '')
            ELSE rtrim(lower(coalesce(e.resource, '')), '/')
        END AS place
    FROM main.entitlement AS e
    JOIN main.identity AS i ON i.identity_id = e.identity_id AND i.provider = 'azure'
    WHERE (CAST($identity AS VARCHAR) IS NULL OR e.identity_id = CAST($identity AS VARCHAR))
        AND regexp_replace(e.via, '^group_', '') IN ('role', 'eligible', 'deny', 'app_role', 'delegated', 'directory_role', 'access_policy', 'managed')
),
placed AS (
    SELECT
        g.*, regexp_extract(g.place, '^/subscriptions/([^/]+)', 1) AS subscription,
        g.place = '/' OR g.place LIKE '/providers/microsoft.management/managementgroups/%' AS is_above
    FROM granted AS g
)
SELECT
    p.identity_id, p.via, p.role_id, p.policy_name, p.document_id, p.place, p.conditional, p.group_name,
    CASE WHEN p.is_above THEN above.window_days WHEN l.collected THEN l.window_days END AS window_days,
    coalesce(NOT p.is_above AND l.collected AND l.window_days >= $unused_days, false) AS covered,
    p.changed_at, p.evidence
FROM placed AS p
CROSS JOIN above
LEFT JOIN logged AS l ON l.scope = p.subscription
