-- Paths by trust: native, third-party, anonymous; and the edges of chains. People's paths are not placed.
CREATE TABLE work.trust_row AS
SELECT
    t.*,
    i.scope AS role_scope,
    coalesce(p.privilege, 'unknown') AS privilege,
    coalesce(g.evidence, []) AS governance_evidence,
    a.scope IS NOT NULL AS ours,
    coalesce(exact.identity_id, named.identity_id) AS upstream_id,
    coalesce(exact.in_scope, named.in_scope) AS upstream_in_scope,
    -- What a role of this account could reach, with this trust: what a native path is, and the cap of a chain.
    CASE
        WHEN t.safety = 'unsafe' THEN 'unsafe'
        WHEN coalesce(g.qualifier, 'undetermined') = 'governed' AND (t.safety = 'unknown' OR r.stale) THEN 'undetermined'
        ELSE coalesce(g.qualifier, 'undetermined')
    END AS native_qualifier,
    CASE
        WHEN coalesce(g.qualifier, 'undetermined') = 'governed' AND r.stale THEN 'undetermined'
        ELSE coalesce(g.qualifier, 'undetermined')
    END AS chain_qualifier
FROM work.living_trust AS t
JOIN main.identity AS i ON i.identity_id = t.identity_id AND i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(t.evidence, '#', 1)
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN work.governance AS g ON g.scope = i.scope
LEFT JOIN main.account AS a ON a.scope = t.principal_scope
-- An account's root stands for every principal of the account, not for its root user.
LEFT JOIN main.identity AS exact ON exact.identity_id = t.principal AND t.principal_kind = 'principal'
LEFT JOIN main.identity AS named
    ON t.principal LIKE 'arn:%:sts:%:assumed-role/%' AND named.scope = t.principal_scope AND named.native_type = 'AWS::IAM::Role'
    AND named.name = split_part(split_part(t.principal, ':assumed-role/', 2), '/', 1);

CREATE TABLE work.trust_kind AS
SELECT
    t.*,
    CASE
        WHEN t.principal_kind = 'anonymous' THEN 'anonymous'
        WHEN t.principal_kind = 'unknown' THEN 'trust_unknown'
        -- IAM Roles Anywhere and IoT: the service lets in who holds a certificate's private key.
        WHEN t.principal_kind = 'service' AND t.principal IN ('rolesanywhere.amazonaws.com', 'credentials.iot.amazonaws.com') THEN 'certificate'
        WHEN t.principal_kind IN ('service', 'oidc') THEN 'native'
        WHEN t.principal_kind IN ('account', 'principal') AND t.principal_scope IS NOT NULL AND NOT t.ours THEN 'third_party'
        WHEN t.principal_kind = 'account' AND t.ours THEN 'chain'
        WHEN t.principal_kind = 'principal' AND t.upstream_in_scope THEN 'chain'
        ELSE 'chain_unknown'
    END AS mechanism
FROM work.trust_row AS t
LEFT JOIN work.people AS p ON p.identity_id = t.upstream_id
WHERE NOT t.human AND p.identity_id IS NULL;

CREATE TABLE work.trust_path AS
SELECT
    'identity' AS subject_kind, t.identity_id AS subject_id, t.trust_id, t.mechanism, t.role_scope AS scope, t.privilege,
    r.id AS rule, r.lo,
    -- A role that an unknown principal may assume is still no better than a native role of its account.
    CASE WHEN t.mechanism IN ('chain_unknown', 'trust_unknown') THEN least(r.hi, n.hi) ELSE r.hi END AS hi,
    r.lo_reason || CASE WHEN t.mechanism = 'third_party' THEN ': account ' || t.principal_scope ELSE '' END AS lo_reason,
    CASE
        WHEN t.mechanism IN ('chain_unknown', 'trust_unknown') AND n.hi < r.hi THEN n.hi_reason
        WHEN t.mechanism = 'native' AND t.safety = 'unsafe' THEN r.hi_reason || coalesce(': ' || t.safety_reason, '')
        ELSE r.hi_reason
    END AS hi_reason,
    CASE WHEN t.mechanism = 'native' THEN r.to_settle || coalesce(' ' || t.role_scope, '') ELSE r.to_settle END AS to_settle,
    CASE WHEN t.mechanism = 'native' AND t.safety <> 'unsafe' THEN list_concat([t.evidence], t.governance_evidence) ELSE [t.evidence] END AS lo_evidence,
    CASE WHEN t.mechanism IN ('native', 'chain_unknown', 'trust_unknown') AND t.safety <> 'unsafe' THEN list_concat([t.evidence], t.governance_evidence) ELSE [t.evidence] END AS hi_evidence,
    list_filter([
        CASE WHEN t.safety = 'unsafe' THEN 'unsafe_trust' END,
        CASE WHEN t.mechanism = 'third_party' THEN 'third_party' END,
        CASE WHEN t.mechanism = 'third_party' AND NOT t.external_id THEN 'no_external_id' END
    ], lambda v: v IS NOT NULL) AS flags
FROM work.trust_kind AS t
JOIN work.placement_rule AS r ON r.mechanism = t.mechanism AND r.qualifier IN ('any', t.native_qualifier)
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = t.chain_qualifier
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
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = t.chain_qualifier
GROUP BY e.node, e.upstream
UNION ALL
SELECT e.account AS node, i.identity_id AS upstream, 7 AS cap_lo, 7 AS cap_hi
FROM (SELECT DISTINCT upstream AS account FROM work.chain_edge WHERE upstream LIKE 'account:%') AS e
JOIN main.identity AS i ON 'account:' || i.scope = e.account AND i.in_scope AND i.human <> 'human';

-- Each node's own paths, before any chain. An account of which not all principals are known may hold one of any kind.
CREATE TABLE work.own_path AS
SELECT subject_id AS node, lo, hi, lo_evidence, hi_evidence FROM work.static_path WHERE subject_kind = 'identity'
UNION ALL
SELECT subject_id AS node, lo, hi, lo_evidence, hi_evidence FROM work.trust_path
UNION ALL
SELECT a.node, r.lo, r.hi, [] AS lo_evidence, [] AS hi_evidence
FROM (SELECT DISTINCT upstream AS node FROM work.chain_edge WHERE upstream LIKE 'account:%') AS a
JOIN work.placement_rule AS r ON r.id = 'chain-unknown-principal'
LEFT JOIN main.coverage AS v ON v.fact = 'identities' AND 'account:' || v.scope = a.node AND v.status = 'collected'
WHERE v.fact IS NULL;

-- Starting bounds, and the records that set them.
CREATE TABLE work.bound AS
WITH nodes AS (
    SELECT node FROM work.own_path UNION SELECT node FROM work.edge UNION SELECT upstream AS node FROM work.edge
)
SELECT
    n.node, min(o.lo) AS lo, min(o.hi) AS hi,
    CASE WHEN min(o.lo) IS NOT NULL THEN n.node END AS lo_from, CASE WHEN min(o.hi) IS NOT NULL THEN n.node END AS hi_from
FROM nodes AS n
LEFT JOIN work.own_path AS o ON o.node = n.node
GROUP BY n.node;

CREATE TABLE work.bound_evidence AS
SELECT l.node, l.lo_evidence, h.hi_evidence
FROM (SELECT node, lo_evidence, row_number() OVER (PARTITION BY node ORDER BY lo, lo_evidence) AS rank FROM work.own_path) AS l
JOIN (SELECT node, hi_evidence, row_number() OVER (PARTITION BY node ORDER BY hi, hi_evidence) AS rank FROM work.own_path) AS h
    ON h.node = l.node AND h.rank = 1
WHERE l.rank = 1;
