-- One side of a comparison ({side}: `earlier` or `later`): what is listed there, and which fact would list it.

-- Whatever a unit that differs rests on. `standing`: on; off (there, and certainly of no use: disabled, inactive, closed); outside (a
-- person's, or out of scope); unknown.
CREATE TABLE progress.{side}_thing AS
WITH identity AS (
    SELECT
        *,
        CASE WHEN NOT in_scope OR human = 'human' THEN 'outside' WHEN status = 'disabled' THEN 'off' ELSE 'on' END AS standing
    FROM {side}.identity
), listed AS (
    SELECT 'identity' AS kind, identity_id AS id, scope, 'identities' AS fact, created_at, standing, evidence FROM identity
    UNION ALL
    SELECT
        'credential', c.credential_id, coalesce(i.scope, c.scope),
        CASE
            WHEN c.identity_id IS NULL AND c.storage = 'env_var' THEN 'workloads'
            WHEN c.kind IN ('access_key', 'signing_key', 'oauth_client_secret', 'x509_certificate') THEN 'access_keys'
            WHEN c.kind IN ('service_specific', 'api_key') THEN 'service_credentials'
            WHEN c.kind = 'stored_secret' OR c.storage = 'secrets_manager' THEN 'stored_secrets'
            WHEN c.storage = 'env_var' THEN 'workloads'
            WHEN c.credential_id LIKE 'aws:password:%' THEN 'passwords'
        END,
        c.created_at,
        CASE WHEN i.standing IN ('outside', 'off') THEN i.standing WHEN c.status IN ('inactive', 'expired') THEN 'off' ELSE 'on' END,
        c.evidence
    FROM {side}.credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    UNION ALL
    SELECT 'trust', t.trust_id, i.scope, 'trust', NULL, coalesce(i.standing, 'on'), t.evidence
    FROM {side}.trust AS t
    LEFT JOIN identity AS i ON i.identity_id = t.identity_id
    UNION ALL
    SELECT
        'resource', resource_id, scope, 'resource_policies', NULL,
        CASE public WHEN 'yes' THEN 'on' WHEN 'no' THEN 'off' ELSE 'unknown' END, evidence
    FROM {side}.resource
    UNION ALL
    SELECT 'workload', workload_id, scope, 'workloads', NULL, 'on', evidence FROM {side}.workload
    UNION ALL
    SELECT 'exposure', exposure_id, scope, 'secret_scan', introduced_at, CASE WHEN state = 'open' THEN 'on' ELSE 'off' END, evidence
    FROM {side}.secret_exposure
    UNION ALL
    SELECT 'scope', target_id, target_id, 'secret_scan', NULL, 'on', evidence FROM {side}.scan_target
    UNION ALL
    SELECT 'scope', scope, scope, 'identities', NULL, 'on', evidence FROM {side}.account
)
SELECT
    l.kind, l.id, min(l.scope) AS scope, min(l.fact) AS fact, min(l.created_at) AS created_at,
    CASE WHEN bool_or(l.standing = 'on') THEN 'on' ELSE min(l.standing) END AS standing, min(l.evidence) AS evidence
FROM listed AS l
JOIN (SELECT DISTINCT thing_kind, thing_id FROM progress.unit) AS u ON u.thing_kind = l.kind AND u.thing_id = l.id
GROUP BY l.kind, l.id;

-- Whether a fact was collected in full for a scope, and when. What is said of the scope itself goes before what is said of all.
CREATE TABLE progress.{side}_cover AS
WITH scope AS (
    SELECT scope FROM earlier.coverage UNION SELECT scope FROM later.coverage
    UNION SELECT scope FROM earlier.identity WHERE scope IS NOT NULL UNION SELECT scope FROM later.identity WHERE scope IS NOT NULL
    UNION SELECT scope FROM earlier.secret_exposure WHERE scope IS NOT NULL UNION SELECT scope FROM later.secret_exposure WHERE scope IS NOT NULL
), fact AS (
    SELECT fact FROM earlier.coverage UNION SELECT fact FROM later.coverage
)
SELECT
    f.fact, s.scope,
    coalesce(c.status, e.status, 'missing') = 'collected' AS whole,
    coalesce(c.status, e.status, 'missing') IN ('collected', 'partial', 'stale') AS known,
    CASE WHEN c.fact IS NULL THEN e.collected_at ELSE c.collected_at END AS collected_at
FROM scope AS s
CROSS JOIN fact AS f
LEFT JOIN {side}.coverage AS c ON c.fact = f.fact AND c.scope = s.scope
LEFT JOIN {side}.coverage AS e ON e.fact = f.fact AND e.scope = '*' AND s.scope <> '*';

-- Scopes of which anything was listed at all. The others are not covered on this side.
CREATE TABLE progress.{side}_scope AS
SELECT DISTINCT scope
FROM progress.{side}_cover
WHERE known AND fact IN (
    'identities', 'access_keys', 'service_credentials', 'stored_secrets', 'trust', 'workloads', 'resource_policies', 'secret_scan'
);
