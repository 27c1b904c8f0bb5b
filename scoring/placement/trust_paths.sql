-- Paths by trust: native, third-party, anonymous; and the edges of chains. People's paths are not placed.
CREATE TABLE work.trust_row AS
SELECT
    t.*,
    i.scope AS role_scope,
    coalesce(p.privilege, 'unknown') AS privilege,
    coalesce(g.qualifier, 'undetermined') AS governance,
    coalesce(g.evidence, []) AS governance_evidence,
    a.scope IS NOT NULL AS ours,
    coalesce(exact.identity_id, named.identity_id) AS upstream_id,
    coalesce(exact.human, named.human) AS upstream_human,
    t.principal_kind = 'unknown' AND t.safety = 'safe' AS deleted
FROM main.trust AS t
JOIN main.identity AS i ON i.identity_id = t.identity_id AND i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN work.governance AS g ON g.scope = i.scope
LEFT JOIN main.account AS a ON a.scope = t.principal_scope
LEFT JOIN main.identity AS exact ON exact.identity_id = t.principal
LEFT JOIN main.identity AS named
    ON t.principal LIKE 'arn:%:sts:%:assumed-role/%' AND named.scope = t.principal_scope AND named.native_type = 'AWS::IAM::Role'
    AND named.name = split_part(split_part(t.principal, ':assumed-role/', 2), '/', 1);

CREATE TABLE work.trust_kind AS
SELECT
    t.*,
    CASE
        WHEN principal_kind = 'anonymous' THEN 'anonymous'
        WHEN principal_kind IN ('service', 'oidc') THEN 'native'
        WHEN principal_kind IN ('account', 'principal') AND principal_scope IS NOT NULL AND NOT ours THEN 'third_party'
        WHEN principal_kind = 'account' AND ours THEN 'chain'
        WHEN principal_kind = 'principal' AND upstream_id IS NOT NULL THEN 'chain'
        ELSE 'chain_unknown'
    END AS mechanism
FROM work.trust_row AS t
WHERE NOT deleted AND NOT human AND (principal_kind = 'account' OR coalesce(upstream_human, 'unknown') <> 'human');

CREATE TABLE work.trust_path AS
SELECT
    'identity' AS subject_kind, t.identity_id AS subject_id, t.trust_id, t.mechanism, t.role_scope AS scope, t.privilege,
    r.id AS rule, r.lo, r.hi,
    r.lo_reason || CASE WHEN t.mechanism = 'third_party' THEN ': account ' || t.principal_scope ELSE '' END AS lo_reason,
    r.hi_reason || CASE WHEN t.safety = 'unsafe' AND t.mechanism = 'native' THEN ': ' || t.safety_reason ELSE '' END AS hi_reason,
    CASE WHEN r.lo < r.hi THEN r.to_settle || CASE WHEN t.mechanism = 'native' THEN ' ' || t.role_scope ELSE '' END END AS to_settle,
    CASE WHEN t.mechanism = 'native' AND r.qualifier <> 'unsafe' THEN list_concat([t.evidence], t.governance_evidence) ELSE [t.evidence] END AS lo_evidence,
    CASE WHEN t.mechanism = 'native' AND r.qualifier <> 'unsafe' THEN list_concat([t.evidence], t.governance_evidence) ELSE [t.evidence] END AS hi_evidence,
    list_filter([
        CASE WHEN t.safety = 'unsafe' THEN 'unsafe_trust' END,
        CASE WHEN t.mechanism = 'third_party' THEN 'third_party' END,
        CASE WHEN t.mechanism = 'third_party' AND NOT t.external_id THEN 'no_external_id' END
    ], lambda v: v IS NOT NULL) AS flags
FROM work.trust_kind AS t
JOIN work.placement_rule AS r
    ON r.mechanism = t.mechanism AND (r.qualifier = 'any' OR r.qualifier = CASE WHEN t.safety = 'unsafe' THEN 'unsafe' WHEN t.safety = 'unknown' AND t.governance = 'governed' THEN 'undetermined' ELSE t.governance END)
WHERE t.mechanism <> 'chain';

-- Open resources are paths of their own: nobody's identity.
CREATE TABLE work.open_path AS
SELECT 'resource' AS subject_kind, o.resource_id AS subject_id, 'anonymous' AS mechanism, o.scope, r.id AS rule, r.lo, r.hi,
    o.public_reason AS lo_reason, o.public_reason AS hi_reason, [o.evidence] AS evidence
FROM main.resource AS o
JOIN work.placement_rule AS r ON r.mechanism = 'anonymous'
WHERE o.public = 'yes';

-- Who may assume whom. An account's root stands for all its in-scope machine identities.
CREATE TABLE work.chain_edge AS
SELECT DISTINCT t.trust_id, t.identity_id AS node, CASE WHEN t.principal_kind = 'account' THEN 'account:' || t.principal_scope ELSE t.upstream_id END AS upstream
FROM work.trust_kind AS t
WHERE t.mechanism = 'chain';

-- A chained role is capped by what a native role of its account could reach; an account node caps nothing.
CREATE TABLE work.edge AS
SELECT e.node, e.upstream, min(n.lo) AS cap_lo, min(n.hi) AS cap_hi
FROM work.chain_edge AS e
JOIN work.trust_kind AS t ON t.trust_id = e.trust_id
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = t.governance
GROUP BY e.node, e.upstream
UNION ALL
SELECT e.account AS node, i.identity_id AS upstream, 7 AS cap_lo, 7 AS cap_hi
FROM (SELECT DISTINCT upstream AS account FROM work.chain_edge WHERE upstream LIKE 'account:%') AS e
JOIN main.identity AS i ON 'account:' || i.scope = e.account AND i.in_scope AND i.human <> 'human';

-- Starting bounds: each identity's own paths, before any chain.
CREATE TABLE work.bound AS
WITH own AS (
    SELECT subject_id AS node, lo, hi FROM work.static_path WHERE subject_kind = 'identity'
    UNION ALL SELECT subject_id, lo, hi FROM work.trust_path
), nodes AS (
    SELECT node FROM own UNION SELECT node FROM work.edge UNION SELECT upstream FROM work.edge
)
SELECT n.node, min(o.lo) AS lo, min(o.hi) AS hi, CASE WHEN min(o.lo) IS NULL THEN NULL ELSE n.node END AS lo_from, CASE WHEN min(o.hi) IS NULL THEN NULL ELSE n.node END AS hi_from
FROM nodes AS n
LEFT JOIN own AS o ON o.node = n.node
GROUP BY n.node;
