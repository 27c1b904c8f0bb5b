-- One row of `privilege` per GCP and Azure identity. A level below admin counts only where the evidence shows all of its grants.

-- Whether all grants of an identity are known, and why not.
CREATE OR REPLACE TABLE judging.known_grants AS
WITH stated AS (
    SELECT c.scope, bool_and(c.status = 'collected') AS collected, min(c.status || coalesce(': ' || c.reason, '')) FILTER (WHERE c.status <> 'collected') AS gap
    FROM main.coverage AS c
    WHERE c.fact = 'policies'
    GROUP BY c.scope
),
everywhere AS (
    SELECT count(*) FILTER (WHERE s.collected) > 0 AS collected FROM stated AS s WHERE s.scope = '*'
),
-- a service principal has grants in any subscription, a managed identity has them in the directory: all that we know of must be collected
azure AS (
    SELECT min(a.scope || coalesce(': ' || s.gap, ': no source lists its role assignments')) AS gap
    FROM main.account AS a
    LEFT JOIN stated AS s ON s.scope = a.scope
    WHERE a.provider = 'azure' AND NOT coalesce(s.collected, false)
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
        WHEN i.provider = 'gcp'
            THEN 'grants above its project, and in other projects, were not in the evidence: supply gcloud asset search-all-iam-policies of the organisation'
        WHEN z.gap IS NOT NULL THEN 'not all of its grants may be known: ' || z.gap
        WHEN NOT t.known THEN 'its application permissions and directory roles were not in the evidence: supply Graph servicePrincipals with appRoleAssignments'
    END AS gap
FROM main.identity AS i
CROSS JOIN everywhere AS e
CROSS JOIN azure AS z
CROSS JOIN tenant AS t
LEFT JOIN stated AS own ON own.scope = i.scope
WHERE i.provider IN ('gcp', 'azure');

INSERT INTO main.privilege (identity_id, privilege, reason, evidence)
WITH verdict AS (
    SELECT g.identity_id, v.privilege, v.reason, v.members, v.members[1] AS lead
    FROM judging.grant_set AS g
    JOIN judging.grant_verdict AS v ON v.provider = g.provider AND v.set_id = g.set_id
),
deciding AS (
    SELECT v.identity_id, unnest(v.members) AS member FROM verdict AS v
),
record AS (
    SELECT DISTINCT m.identity_id, m.evidence
    FROM judging.grant_member AS m
    JOIN deciding AS d ON d.identity_id = m.identity_id AND d.member = m.member
),
numbered AS (
    SELECT r.identity_id, r.evidence, row_number() OVER (PARTITION BY r.identity_id ORDER BY r.evidence) AS position FROM record AS r
),
shown AS (
    SELECT n.identity_id, list_sort(list(n.evidence)) AS evidence FROM numbered AS n WHERE n.position <= 5 GROUP BY n.identity_id
),
lead AS (
    SELECT
        v.identity_id,
        min(
            CASE WHEN lower(m.policy_name) = lower(m.role_id) THEN coalesce(r.name, m.policy_name) ELSE m.policy_name END
            || coalesce(' on ' || m.resource, '') || ': '
        ) AS words
    FROM verdict AS v
    JOIN judging.grant_member AS m ON m.identity_id = v.identity_id AND m.member = v.lead
    LEFT JOIN judging.role_name AS r ON r.role_id = lower(m.role_id)
    GROUP BY v.identity_id
)
SELECT
    i.identity_id,
    CASE
        WHEN v.privilege = 'admin' THEN 'admin'
        WHEN k.gap IS NOT NULL THEN 'unknown'
        ELSE coalesce(v.privilege, 'none')
    END AS privilege,
    CASE
        WHEN v.privilege = 'admin' THEN coalesce(l.words, '') || v.reason
        WHEN k.gap IS NOT NULL AND v.identity_id IS NULL THEN k.gap
        WHEN k.gap IS NOT NULL THEN k.gap || '; what was seen is ' || v.privilege || ' (' || coalesce(l.words, '') || v.reason || ')'
        WHEN v.identity_id IS NULL THEN 'no role is granted to it'
        ELSE coalesce(l.words, '') || v.reason
    END AS reason,
    coalesce(s.evidence, [i.evidence]) AS evidence
FROM main.identity AS i
LEFT JOIN judging.known_grants AS k ON k.identity_id = i.identity_id
LEFT JOIN verdict AS v ON v.identity_id = i.identity_id
LEFT JOIN lead AS l ON l.identity_id = i.identity_id
LEFT JOIN shown AS s ON s.identity_id = i.identity_id
WHERE i.provider IN ('gcp', 'azure');
