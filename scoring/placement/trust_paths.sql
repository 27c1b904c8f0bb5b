-- Paths by trust: native, third-party, anonymous; and the edges of chains. People's paths are not placed.

-- Whose tokens an OIDC trust takes, where another cloud issues them: behind them stands an identity that may be in the evidence, and no
-- path is more mature than that. Other issuers (CI systems, clusters) attest what runs.
CREATE TABLE work.foreign_issuer AS
WITH issued AS (
    SELECT
        t.trust_id,
        CASE WHEN p.pool IS NOT NULL THEN p.kind END AS pool_kind,
        p.open,
        u.cloud AS any_cloud,
        lower(trim(replace(replace(CASE WHEN p.pool IS NULL THEN t.principal WHEN p.open = 1 THEN p.issuer END, 'https://', ''), 'http://', ''), '/')) AS issuer,
        CASE WHEN t.principal LIKE 'projects/%' THEN substr(t.subject_pattern, strpos(t.subject_pattern, '/') + 1) ELSE t.subject_pattern END AS subject,
        t.principal LIKE 'projects/%/workloadIdentityPools/%' AND coalesce(p.providers, 0) = 0 AS unknown_pool,
        coalesce(t.subject_pattern, '') AS pattern
    FROM work.living_trust AS t
    LEFT JOIN work.pool AS p ON p.pool = t.principal
    LEFT JOIN (
        SELECT pool, bool_or(kind = 'aws' OR issuer LIKE '%accounts.google.com%' OR issuer LIKE '%sts.windows.net%' OR issuer LIKE '%login.microsoftonline.com%' OR issuer LIKE '%.tokens.sts.global.api.aws%') AS cloud
        FROM main.federation
        WHERE status <> 'disabled' AND kind <> 'pool'
        GROUP BY pool
    ) AS u ON u.pool = t.principal
    WHERE t.principal_kind = 'oidc'
), told AS (
    SELECT
        i.*,
        CASE
            -- Only a CI system or a cluster can have issued these.
            WHEN pattern LIKE 'subject/repo:%' OR pattern LIKE 'subject/project_path:%' OR pattern LIKE 'subject/system:serviceaccount:%' OR pattern LIKE 'attribute.repository%/%' THEN NULL
            WHEN unknown_pool THEN 'pool'
            WHEN open > 1 AND any_cloud THEN 'several'
            WHEN pool_kind = 'aws' AND open = 1 THEN 'aws_account'
            WHEN issuer = 'accounts.google.com' THEN 'google'
            WHEN issuer LIKE 'sts.windows.net/%' OR issuer LIKE 'login.microsoftonline.com/%' THEN 'entra'
            WHEN issuer LIKE '%.tokens.sts.global.api.aws' THEN 'aws'
        END AS cloud,
        CASE WHEN subject LIKE '%*%' OR subject LIKE '%?%' OR subject LIKE '%;%' THEN NULL ELSE subject END AS exact
    FROM issued AS i
)
SELECT DISTINCT
    o.trust_id, o.cloud, o.issuer,
    coalesce(
        CASE WHEN o.cloud = 'google' THEN g.identity_id END,
        CASE WHEN o.cloud = 'entra' THEN e.identity_id END,
        CASE WHEN o.cloud IN ('aws', 'aws_account') THEN coalesce(a.identity_id, r.identity_id) END
    ) AS upstream_id
FROM told AS o
LEFT JOIN (
    -- Google's tokens name a service account by its number.
    SELECT DISTINCT identity_id, replace(replace(alias, 'serviceAccount:', ''), 'gcp:account:', '') AS number
    FROM main.alias
    WHERE identity_id LIKE 'serviceAccount:%'
) AS g ON g.number = o.exact
LEFT JOIN main.identity AS e ON e.identity_id = 'azure:' || lower(o.exact)
LEFT JOIN main.identity AS a ON a.identity_id = o.exact AND a.provider = 'aws'
LEFT JOIN main.identity AS r
    ON o.exact LIKE 'arn:%:sts:%:assumed-role/%' AND r.scope = split_part(o.exact, ':', 5) AND r.native_type = 'AWS::IAM::Role'
    AND r.name = split_part(split_part(o.exact, ':assumed-role/', 2), '/', 1)
WHERE o.cloud IS NOT NULL;

CREATE TABLE work.trust_row AS
SELECT
    t.*,
    i.scope AS role_scope,
    coalesce(p.privilege, 'unknown') AS privilege,
    coalesce(g.evidence, []) AS governance_evidence,
    i.provider AS role_provider,
    a.scope IS NOT NULL AS ours,
    -- A project's number whose id nobody told is no stranger's.
    coalesce(t.principal_scope, CASE WHEN f.cloud = 'aws_account' THEN f.issuer END) AS outside_scope,
    NOT (i.provider = 'gcp' AND t.principal_kind = 'principal' AND regexp_full_match(coalesce(t.principal_scope, ''), '[0-9]+'))
        AND coalesce(t.principal_scope <> i.scope, true) AS elsewhere,
    f.cloud,
    coalesce(exact.identity_id, named.identity_id, issued.identity_id) AS upstream_id,
    coalesce(exact.in_scope, named.in_scope, issued.in_scope) AS upstream_in_scope,
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
LEFT JOIN work.foreign_issuer AS f ON f.trust_id = t.trust_id
LEFT JOIN main.identity AS issued ON issued.identity_id = f.upstream_id
LEFT JOIN main.account AS a ON a.scope = coalesce(t.principal_scope, CASE WHEN f.cloud = 'aws_account' THEN f.issuer END)
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
        WHEN t.cloud = 'pool' THEN 'pool_unknown'
        WHEN t.cloud = 'aws_account' AND NOT t.ours THEN 'third_party'
        WHEN t.cloud = 'aws_account' OR (t.upstream_in_scope AND t.safety <> 'unsafe' AND t.principal_kind = 'oidc') THEN 'chain'
        WHEN t.cloud IS NOT NULL AND t.safety <> 'unsafe' THEN 'chain_unknown'
        WHEN t.principal_kind IN ('service', 'oidc') THEN 'native'
        -- Google's own agents run nowhere but with Google.
        WHEN t.principal_kind = 'principal' AND regexp_full_match(
            t.principal, 'serviceAccount:service-[0-9]+@(gcp-sa-[a-z0-9-]+|compute-system|container-engine-robot|serverless-robot-prod|gcf-admin-robot|dataflow-service-producer-prod|dataproc-accounts|containerregistry|gs-project-accounts|cloudcomposer-accounts)[.]iam[.]gserviceaccount[.]com'
        ) THEN 'native'
        WHEN t.principal_kind IN ('account', 'principal') AND t.principal_scope IS NOT NULL AND NOT t.ours AND t.elsewhere THEN 'third_party'
        WHEN t.principal_kind = 'account' AND (t.ours OR NOT t.elsewhere) THEN 'chain'
        WHEN t.principal_kind = 'principal' AND t.upstream_in_scope THEN 'chain'
        ELSE 'chain_unknown'
    END AS mechanism,
    CASE
        WHEN t.principal_kind = 'account' THEN 'account:' || t.principal_scope
        WHEN t.cloud = 'aws_account' AND t.upstream_id IS NULL THEN 'account:' || t.outside_scope
        ELSE t.upstream_id
    END AS upstream_node
FROM work.trust_row AS t
LEFT JOIN work.people AS p ON p.identity_id = t.upstream_id
WHERE NOT t.human AND p.identity_id IS NULL;

CREATE TABLE work.trust_path AS
SELECT
    'identity' AS subject_kind, t.identity_id AS subject_id, t.trust_id, t.mechanism, t.role_scope AS scope, t.privilege,
    r.id AS rule,
    -- An unseen role or service account may let anyone in; a user or an application signs in with something.
    CASE WHEN t.mechanism = 'chain_unknown' AND (t.principal LIKE 'arn:%:iam::%:user/%' OR t.cloud = 'entra') THEN 2 ELSE r.lo END AS lo,
    -- A role that an unknown principal may assume is still no better than a native role of its account.
    CASE WHEN t.mechanism IN ('chain_unknown', 'pool_unknown', 'trust_unknown') THEN least(r.hi, n.hi) ELSE r.hi END AS hi,
    r.lo_reason || CASE
        WHEN t.mechanism <> 'third_party' THEN ''
        WHEN t.cloud = 'aws_account' OR t.role_provider = 'aws' THEN ': account ' || t.outside_scope || coalesce(', ' || v.name, '')
        WHEN t.role_provider = 'azure' THEN ': tenant ' || t.outside_scope
        ELSE ': project ' || t.outside_scope
    END AS lo_reason,
    CASE
        WHEN t.mechanism IN ('chain_unknown', 'pool_unknown', 'trust_unknown') AND n.hi < r.hi THEN n.hi_reason
        WHEN t.mechanism = 'native' AND t.safety = 'unsafe' THEN r.hi_reason || coalesce(': ' || t.safety_reason, '')
        ELSE r.hi_reason
    END AS hi_reason,
    CASE WHEN t.mechanism = 'native' THEN r.to_settle || coalesce(' for ' || t.role_scope, '') ELSE r.to_settle END AS to_settle,
    CASE WHEN t.mechanism = 'native' AND t.safety <> 'unsafe' THEN list_concat([t.evidence], t.governance_evidence) ELSE [t.evidence] END AS lo_evidence,
    CASE WHEN t.mechanism IN ('native', 'chain_unknown', 'pool_unknown', 'trust_unknown') AND t.safety <> 'unsafe' THEN list_concat([t.evidence], t.governance_evidence) ELSE [t.evidence] END AS hi_evidence,
    list_filter([
        CASE WHEN t.safety = 'unsafe' THEN 'unsafe_trust' END,
        CASE WHEN t.mechanism = 'third_party' THEN 'third_party' END,
        CASE WHEN t.mechanism = 'third_party' AND NOT t.external_id THEN 'no_external_id' END
    ], lambda v: v IS NOT NULL) AS flags
FROM work.trust_kind AS t
JOIN work.placement_rule AS r ON r.mechanism = t.mechanism AND r.qualifier IN ('any', t.native_qualifier)
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = t.chain_qualifier
LEFT JOIN main.vendor AS v ON v.scope = t.outside_scope
WHERE t.mechanism <> 'chain';

-- Who may act as a service account, or comes as an application by federation, is told one by one. Where it was not, there may be more: anyone
-- may be let in to a service account; an application's issuer is at least somebody.
INSERT INTO work.trust_path
SELECT
    'identity', i.identity_id, NULL, r.mechanism, i.scope, coalesce(p.privilege, 'unknown'), r.id, r.lo, least(r.hi, n.hi),
    r.lo_reason, CASE WHEN n.hi < r.hi THEN n.hi_reason ELSE r.hi_reason END, r.to_settle,
    [i.evidence], list_concat([i.evidence], coalesce(g.evidence, [])), ['trust_not_listed']
FROM main.identity AS i
JOIN work.placement_rule AS r ON r.mechanism = 'trust_not_listed'
    AND r.qualifier = CASE
        WHEN i.provider = 'gcp' AND i.kind = 'service_account' THEN 'service_account'
        WHEN i.provider = 'azure' AND i.kind IN ('service_principal', 'managed_identity', 'oauth_client') THEN 'application'
    END
LEFT JOIN work.governance AS g ON g.scope = i.scope
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = coalesce(g.qualifier, 'undetermined')
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN main.coverage AS c ON c.fact = 'trust' AND c.scope = i.scope AND c.status = 'collected'
LEFT JOIN (
    SELECT DISTINCT s.subject_id
    FROM main.sighting AS s
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(s.evidence, '#', 1)
    WHERE s.subject_kind = 'trust' AND NOT coalesce(r.stale, false)
) AS l ON l.subject_id = i.identity_id
LEFT JOIN (
    SELECT DISTINCT t.identity_id, t.principal_scope FROM main.trust AS t WHERE t.principal_kind = 'account'
) AS o ON o.identity_id = i.identity_id AND i.provider = 'azure' AND o.principal_scope <> i.scope
LEFT JOIN work.stranger AS x ON x.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.status <> 'disabled' AND c.fact IS NULL AND l.subject_id IS NULL AND o.identity_id IS NULL
    AND x.identity_id IS NULL
    -- A system-assigned identity lives and dies with its resource; nobody can federate it.
    AND coalesce(i.native_type, '') <> 'Microsoft.ManagedIdentity/systemAssigned';

INSERT INTO work.trust_path
SELECT
    'identity', i.identity_id, NULL, r.mechanism, i.scope, coalesce(p.privilege, 'unknown'), r.id, r.lo, r.hi,
    r.lo_reason || ': project ' || x.scope, r.hi_reason, r.to_settle, [i.evidence], [i.evidence], ['third_party']
FROM work.stranger AS x
JOIN main.identity AS i ON i.identity_id = x.identity_id
JOIN work.placement_rule AS r ON r.id = 'third-party'
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
WHERE i.in_scope AND i.status <> 'disabled';

-- Open resources are paths of their own: nobody's identity.
CREATE TABLE work.open_path AS
SELECT 'resource' AS subject_kind, o.resource_id AS subject_id, 'anonymous' AS mechanism, o.scope, r.id AS rule, r.lo, r.hi,
    o.public_reason AS lo_reason, o.public_reason AS hi_reason, [o.evidence] AS evidence
FROM main.resource AS o
JOIN work.placement_rule AS r ON r.mechanism = 'anonymous'
WHERE o.public = 'yes';

-- Who may assume whom. An account's root stands for all its in-scope machine identities.
CREATE TABLE work.chain_edge AS
SELECT DISTINCT t.trust_id, t.identity_id AS node, t.upstream_node AS upstream
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
-- A user whose keys nobody listed may have none, and then opens no way in: it caps no role that trusts it.
SELECT subject_id AS node, lo, CASE WHEN mechanism = 'static_not_listed' THEN 7 ELSE hi END AS hi, lo_evidence, hi_evidence
FROM work.static_path
WHERE subject_kind = 'identity'
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
