-- One row per credential, over every source that saw it: by native id, else by fingerprint, else a credential-report slot by its
-- creation time (the report gives no key ids; last_rotated is the key's creation).
CREATE TABLE work.credential_row AS
WITH named AS (
    SELECT c.* REPLACE (coalesce(n.identity_id, c.identity_id) AS identity_id)
    FROM seen.credential AS c
    LEFT JOIN work.identity_name AS n ON n.mention = c.identity_id
), by_native AS (
    SELECT named.*, CASE WHEN native_id IS NULL THEN credential_id ELSE min(credential_id) OVER (PARTITION BY native_id) END AS group1
    FROM named
), by_fingerprint AS (
    SELECT by_native.*, CASE WHEN fingerprint IS NULL THEN group1 ELSE min(group1) OVER (PARTITION BY fingerprint) END AS group2
    FROM by_native
), slot AS (
    SELECT s.credential_id, min(k.group2) AS key_id
    FROM by_fingerprint AS s
    JOIN by_fingerprint AS k
        ON k.identity_id = s.identity_id AND k.kind = 'access_key' AND k.native_id IS NOT NULL
        AND abs(date_diff('second', k.created_at, s.created_at)) <= 2
    WHERE s.credential_id LIKE 'aws:access_key_slot:%'
    GROUP BY s.credential_id
)
SELECT
    f.* REPLACE (coalesce(s.key_id, f.group2) AS credential_id),
    f.credential_id AS seen_id,
    f.storage = 'env_var' AND f.store_id IS NOT NULL AS in_workload,
    coalesce(g.weakness, 9) AS weakness,
    -- What people declare fills gaps and says where a credential rests; it never overrides an export.
    coalesce(r.declared, false) AND NOT bool_and(coalesce(r.declared, false)) OVER (PARTITION BY coalesce(s.key_id, f.group2)) AS outranked
FROM by_fingerprint AS f
LEFT JOIN slot AS s ON s.credential_id = f.credential_id
LEFT JOIN work.storage_group AS g ON g.storage = f.storage
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(f.evidence, '#', 1);

-- Where it rests: a copy in a weak place counts, whatever else is said. Observed comes before declared.
CREATE TABLE work.credential_place AS
SELECT *
FROM (
    SELECT
        credential_id, storage, storage_basis, coalesce(storage_evidence, evidence) AS storage_evidence, store_id, isolation,
        row_number() OVER (
            PARTITION BY credential_id
            ORDER BY weakness, CASE storage_basis WHEN 'observed' THEN 1 WHEN 'declared' THEN 2 ELSE 3 END, coalesce(storage_evidence, evidence), store_id
        ) AS rank
    FROM work.credential_row
    WHERE storage <> 'unknown'
) AS places
WHERE rank = 1;

-- Isolated: every workload that holds it is of one known environment, and all our accounts' workloads were listed.
CREATE TABLE work.credential_isolation AS
SELECT
    c.credential_id,
    CASE
        WHEN count(DISTINCT w.environment) > 1 THEN 'shared'
        WHEN count(DISTINCT w.environment) = 1 AND count(*) = count(w.environment) AND (
            SELECT count(*) FROM main.account AS a
            LEFT JOIN seen.coverage AS v ON v.fact = 'workloads' AND v.status = 'collected' AND v.scope IN (a.scope, '*')
            WHERE v.fact IS NULL
        ) = 0 THEN 'isolated'
        ELSE 'unknown'
    END AS isolation,
    list_sort(list(DISTINCT c.evidence)) AS evidence
FROM work.credential_row AS c
LEFT JOIN main.workload AS w ON w.workload_id = c.store_id
WHERE c.in_workload
GROUP BY c.credential_id;

INSERT INTO main.credential BY NAME
WITH merged AS (
    SELECT
        credential_id,
        coalesce(max(identity_id) FILTER (WHERE NOT in_workload), max(identity_id)) AS identity_id,
        min(provider) AS provider,
        coalesce(max(scope) FILTER (WHERE NOT in_workload), max(scope)) AS scope,
        coalesce(max(native_id) FILTER (WHERE kind = 'access_key'), min(name) FILTER (WHERE seen_id = credential_id), min(name)) AS name,
        coalesce(min(kind) FILTER (WHERE kind <> 'unknown'), 'unknown') AS kind,
        coalesce(min(role) FILTER (WHERE role <> 'unknown'), 'unknown') AS role,
        max(native_id) AS native_id,
        max(fingerprint) AS fingerprint,
        coalesce(max(isolation) FILTER (WHERE isolation <> 'unknown'), 'unknown') AS declared_isolation,
        coalesce(min(issuance) FILTER (WHERE issuance <> 'unknown'), 'unknown') AS issuance,
        coalesce(max(ttl_seconds) FILTER (WHERE NOT outranked), max(ttl_seconds)) AS ttl_seconds,
        coalesce(min(created_at) FILTER (WHERE NOT outranked), min(created_at)) AS created_at,
        coalesce(max(rotated_at) FILTER (WHERE NOT outranked), max(rotated_at)) AS rotated_at,
        max(last_used_at) FILTER (WHERE NOT outranked) AS last_used_at,
        coalesce(bool_or(last_used_known) FILTER (WHERE NOT outranked), false) AS last_used_known,
        arg_max(last_used_service, last_used_at) AS used_service,
        max(last_used_service) AS any_service,
        coalesce(min(expires_at) FILTER (WHERE NOT outranked), min(expires_at)) AS expires_at,
        coalesce(bool_or(never_expires) FILTER (WHERE NOT outranked), bool_or(never_expires)) AS never_expires,
        coalesce(min(rotation_days) FILTER (WHERE NOT outranked), min(rotation_days)) AS rotation_days,
        -- What the provider says of it counts before the fact that something still holds it.
        coalesce(
            CASE
                WHEN bool_or(status = 'active') FILTER (WHERE NOT in_workload AND NOT outranked) THEN 'active'
                WHEN bool_or(status = 'inactive') FILTER (WHERE NOT in_workload AND NOT outranked) THEN 'inactive'
                WHEN bool_or(status = 'expired') FILTER (WHERE NOT in_workload AND NOT outranked) THEN 'expired'
            END,
            CASE WHEN bool_or(status = 'active') THEN 'active' ELSE 'unknown' END
        ) AS status,
        coalesce(min(evidence) FILTER (WHERE NOT in_workload AND status <> 'unknown'), min(evidence) FILTER (WHERE NOT in_workload)) AS own_evidence,
        min(evidence) AS any_evidence
    FROM work.credential_row
    GROUP BY credential_id
)
SELECT
    m.credential_id, m.identity_id, m.provider, m.scope, m.name, m.kind, m.role, m.native_id, m.fingerprint,
    coalesce(p.storage, 'unknown') AS storage,
    coalesce(p.storage_basis, 'unknown') AS storage_basis,
    p.storage_evidence,
    p.store_id,
    CASE WHEN i.isolation = 'shared' OR m.declared_isolation = 'shared' THEN 'shared'
         WHEN coalesce(i.isolation, 'unknown') <> 'unknown' THEN i.isolation
         ELSE m.declared_isolation END AS isolation,
    m.issuance, m.ttl_seconds, m.created_at, m.rotated_at, m.last_used_at, m.last_used_known,
    coalesce(m.used_service, m.any_service) AS last_used_service,
    m.expires_at, m.never_expires, m.rotation_days,
    CASE WHEN m.status IN ('active', 'unknown') AND m.expires_at < t.as_of THEN 'expired' ELSE m.status END AS status,
    coalesce(m.own_evidence, m.any_evidence) AS evidence
FROM merged AS m
CROSS JOIN work.assessment AS t
LEFT JOIN work.credential_place AS p ON p.credential_id = m.credential_id
LEFT JOIN work.credential_isolation AS i ON i.credential_id = m.credential_id;
