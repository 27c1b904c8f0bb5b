-- One row of `privilege` per GCP and Azure identity. A level below admin counts only where the evidence shows all of its grants.

-- Whether all grants of an identity are known, and why not.
CREATE OR REPLACE TABLE judging.known_grants AS
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
LEFT JOIN elsewhere AS o ON o.provider = i.provider;

INSERT INTO main.privilege (identity_id, privilege, reason, evidence)
WITH verdict AS (
    SELECT g.identity_id, v.privilege, v.reason, v.grants
    FROM judging.grant_set AS g
    JOIN judging.grant_verdict AS v ON v.set_id = g.set_id
),
deciding AS (
    SELECT
        m.identity_id, m.evidence,
        CASE WHEN m.grant_id = v.grants[1] THEN coalesce(r.name, m.policy_name) || coalesce(' on ' || m.resource, '') || ': ' END AS words
    FROM judging.grant_member AS m
    JOIN verdict AS v ON v.identity_id = m.identity_id
    LEFT JOIN judging.role_name AS r ON r.role_id = m.role_id AND lower(m.policy_name) = m.role_id
    WHERE list_contains(v.grants, m.grant_id)
),
shown AS (
    SELECT d.identity_id, min(d.words) AS words, list_slice(list_sort(list(DISTINCT d.evidence)), 1, 5) AS evidence
    FROM deciding AS d
    GROUP BY d.identity_id
)
SELECT
    i.identity_id,
    CASE
        WHEN v.privilege = 'admin' THEN 'admin'
        WHEN k.gap IS NOT NULL THEN 'unknown'
        ELSE coalesce(v.privilege, 'none')
    END AS privilege,
    CASE
        WHEN v.privilege = 'admin' THEN coalesce(s.words, '') || v.reason
        WHEN k.gap IS NOT NULL AND v.identity_id IS NULL THEN k.gap
        WHEN k.gap IS NOT NULL THEN k.gap || '; what was seen is ' || v.privilege || ' (' || coalesce(s.words, '') || v.reason || ')'
        WHEN v.identity_id IS NULL THEN 'no role is granted to it'
        ELSE coalesce(s.words, '') || v.reason
    END AS reason,
    coalesce(s.evidence, [i.evidence]) AS evidence
FROM main.identity AS i
LEFT JOIN judging.known_grants AS k ON k.identity_id = i.identity_id
LEFT JOIN verdict AS v ON v.identity_id = i.identity_id
LEFT JOIN shown AS s ON s.identity_id = i.identity_id
WHERE i.provider IN ('gcp', 'azure');
