-- The graph as SELECTs, one between two `---` lines of its name: nodes have (id, kind, and properties), edges (start_id, end_id, and properties).
-- Ids carry what they are of, since an identity may be a resource as well. An edge points the way in which access is gained.

--- nodes: identities
SELECT 'nhi:identity:' || i.identity_id AS id, 'NHI_Identity' AS kind, i.name, i.identity_id AS native_id, i.provider, i.scope, i.kind AS type, i.human,
       i.in_scope, i.status, i.environment, i.team, p.stage_lo AS stage_lowest, p.stage_hi AS stage_highest, v.privilege, e.paths AS escalates_itself_by,
       i.evidence
FROM identity AS i
LEFT JOIN placement AS p ON p.subject_kind = 'identity' AND p.subject_id = i.identity_id
LEFT JOIN privilege AS v ON v.identity_id = i.identity_id
LEFT JOIN (
    SELECT identity_id, list(DISTINCT path_id ORDER BY path_id) AS paths FROM escalation WHERE target_id IS NULL GROUP BY identity_id
) AS e ON e.identity_id = i.identity_id
ORDER BY 1

--- nodes: credentials
SELECT 'nhi:credential:' || credential_id AS id, 'NHI_Credential' AS kind, name, credential_id AS native_id, provider, scope, kind AS type, storage, issuance,
       status, created_at, rotated_at, expires_at, evidence
FROM credential ORDER BY 1

--- nodes: resources
SELECT 'nhi:resource:' || id AS id, 'NHI_Resource' AS kind, coalesce(any_value(name), id) AS name, id AS native_id, any_value(provider) AS provider,
       any_value(scope) AS scope, any_value(type) AS type, any_value(public) AS public
FROM (
    SELECT resource_id AS id, name, provider, scope, kind AS type, public FROM resource
    UNION ALL
    SELECT DISTINCT t.resource, NULL, NULL, NULL, NULL, NULL FROM entitlement AS t
    JOIN identity AS i ON i.identity_id = t.identity_id
    WHERE t.resource IS NOT NULL AND t.via NOT IN ('deny', 'requested', 'definition', 'group')
)
GROUP BY id ORDER BY 1

--- nodes: outside principals
SELECT DISTINCT 'nhi:principal:' || t.principal_kind || ':' || t.principal AS id, 'NHI_Principal' AS kind, t.principal AS name, t.principal AS native_id,
       t.principal_kind AS type
FROM trust AS t
JOIN identity AS i ON i.identity_id = t.identity_id
WHERE NOT (t.principal_kind = 'principal' AND EXISTS (SELECT 1 FROM identity AS o WHERE o.identity_id = t.principal))
ORDER BY 1

--- edges: NHI_AuthenticatesAs
SELECT 'nhi:credential:' || c.credential_id AS start_id, 'nhi:identity:' || c.identity_id AS end_id, c.role, c.status, c.evidence
FROM credential AS c
JOIN identity AS i ON i.identity_id = c.identity_id
WHERE c.status NOT IN ('inactive', 'expired')
ORDER BY 1, 2

--- edges: NHI_CanAssume
SELECT 'nhi:identity:' || t.principal AS start_id, 'nhi:identity:' || t.identity_id AS end_id,
       CASE WHEN bool_or(t.safety = 'unsafe') THEN 'unsafe' WHEN bool_or(t.safety = 'unknown') THEN 'unknown' ELSE 'safe' END AS safety,
       list(DISTINCT t.evidence ORDER BY t.evidence) AS evidence
FROM trust AS t
JOIN identity AS i ON i.identity_id = t.identity_id
JOIN identity AS o ON o.identity_id = t.principal
WHERE t.principal_kind = 'principal'
GROUP BY t.principal, t.identity_id ORDER BY 1, 2

--- edges: NHI_TrustedBy
SELECT 'nhi:principal:' || t.principal_kind || ':' || t.principal AS start_id, 'nhi:identity:' || t.identity_id AS end_id,
       CASE WHEN bool_or(t.safety = 'unsafe') THEN 'unsafe' WHEN bool_or(t.safety = 'unknown') THEN 'unknown' ELSE 'safe' END AS safety,
       bool_or(t.human) AS people, list(DISTINCT t.subject_pattern ORDER BY t.subject_pattern) FILTER (WHERE t.subject_pattern IS NOT NULL) AS subject_patterns,
       list(DISTINCT t.evidence ORDER BY t.evidence) AS evidence
FROM trust AS t
JOIN identity AS i ON i.identity_id = t.identity_id
WHERE NOT (t.principal_kind = 'principal' AND EXISTS (SELECT 1 FROM identity AS o WHERE o.identity_id = t.principal))
GROUP BY t.principal_kind, t.principal, t.identity_id ORDER BY 1, 2

--- edges: NHI_EscalatesTo
SELECT 'nhi:identity:' || e.identity_id AS start_id, 'nhi:identity:' || e.target_id AS end_id, list(DISTINCT e.path_id ORDER BY e.path_id) AS paths,
       list(DISTINCT e.gains ORDER BY e.gains) AS gains, bool_or(e.certainty = 'certain') AS certain,
       list_sort(list_distinct(flatten(list(e.evidence)))) AS evidence
FROM escalation AS e
JOIN identity AS i ON i.identity_id = e.identity_id
JOIN identity AS o ON o.identity_id = e.target_id
GROUP BY e.identity_id, e.target_id ORDER BY 1, 2

--- edges: NHI_GrantedOn
SELECT 'nhi:identity:' || t.identity_id AS start_id, 'nhi:resource:' || t.resource AS end_id, list(DISTINCT t.policy_name ORDER BY t.policy_name) AS policies,
       list(DISTINCT t.evidence ORDER BY t.evidence) AS evidence
FROM entitlement AS t
JOIN identity AS i ON i.identity_id = t.identity_id
WHERE t.resource IS NOT NULL AND t.via NOT IN ('deny', 'requested', 'definition', 'group')
GROUP BY t.identity_id, t.resource ORDER BY 1, 2
