-- One row per credential, over every source that saw it: by native id, else by fingerprint, else a credential-report slot by its
-- creation time (the report gives no ids of keys or certificates; last_rotated is when they were made or uploaded).
CREATE TABLE work.credential_row AS
WITH named AS (
    SELECT c.* REPLACE (coalesce(n.identity_id, c.identity_id) AS identity_id)
    FROM seen.credential AS c
    LEFT JOIN work.identity_name AS n ON n.mention = c.identity_id
), by_native AS (
    SELECT named.*, CASE WHEN native_id IS NULL THEN credential_id ELSE min(credential_id) OVER (PARTITION BY native_id) END AS native_group
    FROM named
), by_id AS (
    SELECT by_native.*, min(native_group) OVER (PARTITION BY credential_id) AS id_group
    FROM by_native
), by_fingerprint AS (
    SELECT by_id.*, CASE WHEN fingerprint IS NULL THEN id_group ELSE min(id_group) OVER (PARTITION BY fingerprint) END AS value_group
    FROM by_id
), joined AS (
    -- A row without fingerprint goes with the rows of its id.
    SELECT by_fingerprint.*, min(value_group) OVER (PARTITION BY id_group) AS credential_group
    FROM by_fingerprint
), slot AS (
    SELECT s.credential_id, min(k.credential_group) AS key_id
    FROM joined AS s
    JOIN joined AS k
        ON k.identity_id = s.identity_id AND k.kind = s.kind AND k.native_id IS NOT NULL
        AND abs(date_diff('second', k.created_at, s.created_at)) <= 2
    WHERE s.credential_id LIKE 'aws:access_key_slot:%' OR s.credential_id LIKE 'aws:signing_certificate:arn:%'
    GROUP BY s.credential_id
), placed AS (
    SELECT
        j.* REPLACE (coalesce(s.key_id, j.credential_group) AS credential_id),
        j.credential_id AS seen_id,
        j.storage = 'env_var' AND j.store_id IS NOT NULL AS in_workload,
        coalesce(g.weakness, 9) AS weakness,
        coalesce(r.declared, false) AS declared,
        r.collected_at AS told_at
    FROM joined AS j
    LEFT JOIN slot AS s ON s.credential_id = j.credential_id
    LEFT JOIN work.storage_group AS g ON g.storage = j.storage
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(j.evidence, '#', 1)
)
SELECT
    placed.*,
    -- What people declare fills gaps and says where a credential rests; it never overrides an export.
    declared AND NOT bool_and(declared) OVER (PARTITION BY credential_id) AS outranked,
    -- An export of a later day has the last word on the status; without dates an active one stands.
    coalesce(
        told_at < max(CASE WHEN status <> 'unknown' AND NOT declared AND NOT in_workload THEN told_at END) OVER (PARTITION BY credential_id), false
    ) AS superseded
FROM placed;

-- Where it rests: a copy in a weak place counts, whatever else is said. Observed comes before declared.
CREATE TABLE work.credential_place AS
SELECT *
FROM (
    SELECT
        credential_id, storage, storage_basis, coalesce(storage_evidence, evidence) AS storage_evidence, store_id,
        row_number() OVER (
            PARTITION BY credential_id
            -- Of places alike, the first by name: how the files are called that tell of them must not matter.
            ORDER BY
                weakness, CASE storage_basis WHEN 'observed' THEN 1 WHEN 'declared' THEN 2 ELSE 3 END, store_id NULLS LAST,
                coalesce(storage_evidence, evidence)
        ) AS rank
    FROM work.credential_row
    WHERE storage <> 'unknown'
) AS places
WHERE rank = 1;

-- Isolation is judged later, when the coverage of workloads is known; here stands what people declare.
INSERT INTO main.credential BY NAME
WITH merged AS (
    SELECT
        credential_id,
        -- An owner that is in the evidence comes before a bare name, and both before what people declare.
        coalesce(
            min(identity_id) FILTER (WHERE NOT in_workload AND NOT outranked AND identity_id NOT LIKE 'user:%'),
            min(identity_id) FILTER (WHERE NOT in_workload AND NOT outranked),
            min(identity_id)
        ) AS identity_id,
        min(provider) AS provider,
        coalesce(max(scope) FILTER (WHERE NOT in_workload AND NOT outranked), max(scope) FILTER (WHERE NOT in_workload), max(scope)) AS scope,
        coalesce(max(native_id) FILTER (WHERE kind = 'access_key'), min(name) FILTER (WHERE seen_id = credential_id), min(name)) AS name,
        -- People may say what a manager's secret is; they do not turn a key into something else.
        coalesce(
            min(kind) FILTER (WHERE kind NOT IN ('unknown', 'stored_secret') AND NOT outranked),
            min(kind) FILTER (WHERE kind NOT IN ('unknown', 'stored_secret')),
            min(kind) FILTER (WHERE kind <> 'unknown'),
            'unknown'
        ) AS kind,
        coalesce(min(role) FILTER (WHERE role <> 'unknown' AND NOT outranked), min(role) FILTER (WHERE role <> 'unknown'), 'unknown') AS role,
        max(native_id) AS native_id,
        max(fingerprint) AS fingerprint,
        coalesce(max(isolation) FILTER (WHERE isolation <> 'unknown'), 'unknown') AS isolation,
        coalesce(
            CASE WHEN bool_or(issuance = 'manual' AND NOT outranked) THEN 'manual' END,
            min(issuance) FILTER (WHERE issuance <> 'unknown' AND NOT outranked),
            min(issuance) FILTER (WHERE issuance <> 'unknown'),
            'unknown'
        ) AS issuance,
        coalesce(max(ttl_seconds) FILTER (WHERE NOT outranked), max(ttl_seconds)) AS ttl_seconds,
        coalesce(min(created_at) FILTER (WHERE NOT outranked), min(created_at)) AS created_at,
        coalesce(max(rotated_at) FILTER (WHERE NOT outranked), max(rotated_at)) AS rotated_at,
        max(last_used_at) FILTER (WHERE NOT outranked) AS last_used_at,
        coalesce(bool_or(last_used_known) FILTER (WHERE NOT outranked), false) AS last_used_known,
        arg_max(last_used_service, last_used_at) AS used_service,
        max(last_used_service) AS any_service,
        max(expires_at) FILTER (WHERE NOT outranked) AS expires_at,
        coalesce(bool_or(never_expires) FILTER (WHERE NOT outranked), bool_or(never_expires)) AS never_expires,
        coalesce(min(rotation_days) FILTER (WHERE NOT outranked), min(rotation_days)) AS rotation_days,
        -- What the provider says of it counts before the fact that something still holds it.
        coalesce(
            CASE
                WHEN bool_or(status = 'active') FILTER (WHERE NOT in_workload AND NOT outranked AND NOT superseded) THEN 'active'
                WHEN bool_or(status IN ('inactive', 'disabled')) FILTER (WHERE NOT in_workload AND NOT outranked AND NOT superseded) THEN 'inactive'
                WHEN bool_or(status = 'expired') FILTER (WHERE NOT in_workload AND NOT outranked AND NOT superseded) THEN 'expired'
            END,
            CASE WHEN bool_or(status = 'active') THEN 'active' ELSE 'unknown' END
        ) AS status,
        min(evidence) FILTER (WHERE NOT in_workload AND NOT outranked) AS own_evidence,
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
    m.isolation,
    m.issuance, m.ttl_seconds, m.created_at, m.rotated_at, m.last_used_at, m.last_used_known,
    coalesce(m.used_service, m.any_service) AS last_used_service,
    m.expires_at, m.never_expires, m.rotation_days,
    CASE WHEN m.status IN ('active', 'unknown') AND m.expires_at < t.as_of THEN 'expired' ELSE m.status END AS status,
    coalesce(m.own_evidence, m.any_evidence) AS evidence
FROM merged AS m
CROSS JOIN work.assessment AS t
LEFT JOIN work.credential_place AS p ON p.credential_id = m.credential_id;
