-- Whether all grants of each GCP and Azure identity are known (gap: NULL), and why not. Reads `main` alone.
WITH stated AS (
    SELECT c.scope, bool_and(c.status = 'collected') AS collected, min(c.status || coalesce(': ' || c.reason, '')) FILTER (WHERE c.status <> 'collected') AS gap
    FROM main.coverage AS c
    WHERE c.fact = 'policies'
    GROUP BY c.scope
),
provider AS (
    SELECT 'gcp' AS provider UNION ALL SELECT 'azure'
),
-- a statement for everything counts for the provider whose source makes it
everywhere AS (
    SELECT p.provider, count(c.fact) > 0 AS collected
    FROM provider AS p
    LEFT JOIN main.coverage AS c ON c.fact = 'policies' AND c.scope = '*' AND c.status = 'collected'
        AND p.provider = coalesce((SELECT min(s.collector) FROM main.source AS s WHERE s.source_id = c.evidence), p.provider)
    GROUP BY p.provider
),
-- an identity has grants in other projects and subscriptions than its own: all that the evidence knows of must be collected
elsewhere AS (
    SELECT a.provider, min(a.scope || ': ' || coalesce(s.gap, 'no source lists the grants there')) AS gap
    FROM main.account AS a
    LEFT JOIN stated AS s ON s.scope = a.scope
    WHERE NOT coalesce(s.collected, false)
    GROUP BY a.provider
),
tenant AS (
    SELECT count(*) > 0 AS known
    FROM main.identity AS i
    JOIN stated AS s ON s.scope = i.scope AND s.collected
    WHERE i.provider = 'azure' AND i.kind IN ('service_principal', 'oauth_client', 'ai_agent')
)
SELECT
    i.identity_id,
    CASE
        WHEN own.gap IS NOT NULL THEN 'not all of its grants may be known: ' || own.gap
        WHEN e.collected THEN NULL
        WHEN own.scope IS NULL THEN 'not all of its grants may be known: no source lists the grants of ' || coalesce(i.scope, 'its account')
        WHEN o.gap IS NOT NULL THEN 'not all of its grants may be known: ' || o.gap
        WHEN i.provider = 'azure' AND NOT t.known
            THEN 'its application permissions and directory roles were not in the evidence: supply Graph servicePrincipals with appRoleAssignments'
    END AS gap
FROM main.identity AS i
CROSS JOIN tenant AS t
JOIN everywhere AS e ON e.provider = i.provider
LEFT JOIN stated AS own ON own.scope = i.scope
LEFT JOIN elsewhere AS o ON o.provider = i.provider
