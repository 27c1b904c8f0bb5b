-- Outside issuers: one row each, as the newest source tells it. A pool that is disabled disables its providers.
CREATE TABLE work.federation_row AS
WITH ranked AS (
    SELECT
        f.* REPLACE (
            CASE WHEN a.identity_id IS NULL THEN f.pool ELSE 'projects/' || a.identity_id || substr(f.pool, strpos(f.pool, '/locations/')) END AS pool
        ),
        coalesce(r.stale, false) AS stale,
        row_number() OVER (PARTITION BY f.federation_id ORDER BY r.rank, f.evidence) AS copy
    FROM seen.federation AS f
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(f.evidence, '#', 1)
    LEFT JOIN work.alias_name AS a ON f.pool LIKE 'projects/%/locations/%' AND a.alias = 'gcp:project:' || split_part(f.pool, '/', 2)
)
SELECT * FROM ranked WHERE copy = 1;

CREATE TABLE work.closed_pool AS
SELECT DISTINCT pool FROM work.federation_row WHERE kind = 'pool' AND status = 'disabled' AND NOT stale;

INSERT INTO main.federation BY NAME
SELECT
    f.federation_id, f.provider, f.scope, f.pool, f.name, f.kind, f.issuer, f.audiences, f.condition, f.safety, f.safety_reason,
    CASE WHEN c.pool IS NOT NULL THEN 'disabled' ELSE f.status END AS status,
    f.evidence
FROM work.federation_row AS f
LEFT JOIN work.closed_pool AS c ON c.pool = f.pool;

-- Who comes through a pool comes through one of its providers. A provider that is not known to be off counts as open.
CREATE TABLE work.pool AS
SELECT
    f.pool,
    count(*) FILTER (WHERE m.kind <> 'pool') AS providers,
    count(*) FILTER (WHERE m.kind <> 'pool' AND (m.status <> 'disabled' OR f.stale)) AS open,
    count(*) FILTER (WHERE m.kind <> 'pool' AND m.status <> 'disabled' AND m.safety = 'unsafe') AS unsafe,
    count(*) FILTER (WHERE m.kind <> 'pool' AND m.status <> 'disabled' AND m.safety = 'safe' AND NOT f.stale) AS safe,
    bool_or(c.pool IS NOT NULL) AS closed,
    min(coalesce(m.safety_reason, m.name)) FILTER (WHERE m.kind <> 'pool' AND m.status <> 'disabled' AND m.safety = 'unsafe') AS unsafe_reason,
    min(m.kind) FILTER (WHERE m.kind <> 'pool' AND m.status <> 'disabled') AS kind,
    min(m.issuer) FILTER (WHERE m.kind <> 'pool' AND m.status <> 'disabled') AS issuer,
    min(m.evidence) AS evidence
FROM work.federation_row AS f
JOIN main.federation AS m ON m.federation_id = f.federation_id
LEFT JOIN work.closed_pool AS c ON c.pool = f.pool
WHERE f.pool IS NOT NULL
GROUP BY f.pool;

-- How much of a pool a binding lets in. Attributes are named by whoever set up the provider; these are the usual ones that name a tenant.
CREATE TABLE work.pool_trust AS
SELECT
    t.trust_id,
    p.pool IS NOT NULL AS known,
    coalesce(p.closed OR (p.providers > 0 AND p.open = 0), false) AS closed,
    CASE
        WHEN t.safety = 'unsafe' THEN 'unsafe'
        WHEN t.subject_pattern LIKE 'subject/%' AND t.subject_pattern NOT LIKE '%*%' AND length(t.subject_pattern) > 8 THEN 'safe'
        WHEN coalesce(p.providers, 0) = 0 THEN CASE WHEN t.safety = 'safe' THEN 'unknown' ELSE t.safety END
        WHEN p.safe = p.open THEN 'safe'
        WHEN p.unsafe > 0 AND lower(split_part(coalesce(t.subject_pattern, '*'), '/', 1)) NOT IN (
            'attribute.repository', 'attribute.repository_id', 'attribute.repository_owner', 'attribute.repository_owner_id', 'attribute.sub',
            'attribute.subject', 'attribute.project_path', 'attribute.project_id', 'attribute.namespace_path', 'attribute.namespace_id',
            'attribute.organization', 'attribute.terraform_organization_name', 'attribute.terraform_workspace_id', 'attribute.arn',
            'attribute.aws_role', 'attribute.aws_account', 'attribute.account', 'attribute.tid', 'attribute.tenant', 'group'
        ) THEN 'unsafe'
        ELSE 'unknown'
    END AS safety,
    p.providers, p.unsafe, p.unsafe_reason
FROM main.trust AS t
LEFT JOIN work.pool AS p ON p.pool = t.principal
WHERE t.principal_kind = 'oidc' AND t.principal LIKE 'projects/%/workloadIdentityPools/%';

UPDATE main.trust
SET
    safety = p.safety,
    safety_reason = CASE
        WHEN p.closed THEN 'every provider of the pool is disabled: nobody comes through it'
        WHEN p.safety = 'unsafe' THEN coalesce('a provider of the pool lets strangers in, and the binding does not keep them out: ' || p.unsafe_reason, trust.safety_reason, 'the binding takes the whole pool')
        WHEN p.safety = 'safe' AND trust.subject_pattern LIKE 'subject/%' THEN 'the binding names one subject'
        WHEN p.safety = 'safe' THEN 'every provider of the pool lets only known workloads in'
        WHEN coalesce(p.providers, 0) = 0 THEN 'the providers of its pool are not in the evidence'
        WHEN p.unsafe > 0 THEN 'a provider of the pool lets strangers in; whether the attribute keeps them out depends on its mapping: ' || p.unsafe_reason
        ELSE 'whom a provider of the pool lets in is not known'
    END
FROM work.pool_trust AS p
WHERE p.trust_id = trust.trust_id;
