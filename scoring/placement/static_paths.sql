-- Paths by a static credential, and those of users whose credentials nobody listed.
-- Open exposures in code, history or an image, per credential: live, or not known to be dead.
CREATE TABLE work.exposed AS
SELECT
    c.credential_id,
    bool_or(e.validity <> 'inactive' AND (e.validity = 'active' OR c.status = 'active')) AS live,
    list_sort(list_distinct(list_concat(list(e.evidence), list(c.evidence)))) AS evidence
FROM (
    -- One line may hold several credentials: every fingerprint seen there counts.
    SELECT *, unnest(fingerprints) AS fingerprint FROM main.secret_exposure
    UNION ALL BY NAME
    SELECT *, NULL AS fingerprint FROM main.secret_exposure
) AS e
JOIN main.credential AS c ON c.fingerprint = e.fingerprint OR (e.fingerprint IS NULL AND c.credential_id = e.credential_id)
WHERE e.state = 'open' AND e.location_kind IN ('source_code', 'git_history', 'container_image') AND c.status IN ('active', 'unknown')
    AND NOT (e.validity = 'inactive' AND c.status = 'unknown')
GROUP BY c.credential_id;

-- Whose policies are all in the evidence, with text: what is not seen to be limited to assuming roles is then used directly.
CREATE TABLE work.policies_known AS
SELECT i.identity_id
FROM main.identity AS i
JOIN main.coverage AS v ON v.fact = 'policies' AND v.scope = i.scope AND v.status IN ('collected', 'stale')
LEFT JOIN main.entitlement AS e ON e.identity_id = i.identity_id AND e.document_id IS NULL AND e.via <> 'boundary'
JOIN main.sighting AS s ON s.subject_kind = 'identity' AND s.subject_id = i.identity_id
JOIN main.source AS r ON r.source_id = split_part(s.evidence, '#', 1) AND r.format = 'aws-gaad'
WHERE e.identity_id IS NULL
GROUP BY i.identity_id;

CREATE TABLE work.static_path AS
WITH usable AS (
    SELECT
        c.*,
        i.identity_id AS known_identity,
        CASE WHEN i.identity_id IS NULL THEN 'credential' ELSE 'identity' END AS subject_kind,
        coalesce(i.identity_id, c.credential_id) AS subject_id,
        coalesce(g.grp, 'unknown') AS storage_group,
        CASE
            WHEN c.role = 'identity' THEN 'static_exchanged'
            WHEN c.role = 'combined' THEN 'static_direct'
            WHEN o.identity_id IS NOT NULL AND c.kind = 'access_key' THEN 'static_exchanged'
            WHEN c.kind = 'access_key' AND i.identity_id IS NOT NULL THEN CASE WHEN k.identity_id IS NULL THEN 'static_unknown' ELSE 'static_direct' END
            WHEN c.kind IN ('password', 'api_key', 'access_key', 'pat', 'service_specific', 'bearer_token', 'ssh_key', 'webhook_secret') THEN 'static_direct'
            ELSE 'static_unknown'
        END AS mechanism,
        coalesce(p.privilege, 'unknown') AS privilege,
        coalesce(o.evidence, p.evidence, []) AS use_evidence,
        coalesce(i.scope, c.scope) AS path_scope
    FROM main.credential AS c
    LEFT JOIN main.identity AS i ON i.identity_id = c.identity_id
    LEFT JOIN main.privilege AS p ON p.identity_id = c.identity_id
    LEFT JOIN judging.only_assumes_roles AS o ON o.identity_id = c.identity_id
    LEFT JOIN work.policies_known AS k ON k.identity_id = c.identity_id
    LEFT JOIN work.storage_group AS g ON g.storage = c.storage
    WHERE c.status IN ('active', 'unknown')
        AND NOT (c.kind = 'password' AND c.provider = 'aws')  -- console passwords are for people; a check looks at misuse
        AND (i.identity_id IS NULL OR (i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'))
), kept AS (
    SELECT
        u.*,
        s.approved IS TRUE AND (s.access_logged IS TRUE OR (s.access_logged IS NULL AND v.logging = 'on'))
            AND date_diff('day', u.rotated_at, t.as_of) <= CASE WHEN u.kind = 'access_key' THEN $key_age_days ELSE $rotation_days END AS well_kept,
        s.evidence AS store_evidence
    FROM usable AS u
    CROSS JOIN work.assessment AS t
    LEFT JOIN main.secret_store AS s ON s.store_id = u.store_id
    LEFT JOIN work.governance AS v ON v.scope = coalesce(s.scope, u.scope)
), qualified AS (
    SELECT
        k.*,
        e.live AS exposed_live, e.evidence AS exposed_evidence, coalesce(h.evidence, []) AS held_evidence,
        CASE
            WHEN e.live THEN 'exposed'
            WHEN k.storage_group = 'config' AND k.storage_basis = 'inferred' THEN 'inferred'
            WHEN k.storage_group = 'config' THEN k.isolation
            WHEN k.storage_group = 'manager' AND k.mechanism <> 'static_exchanged' THEN CASE WHEN coalesce(k.well_kept, false) THEN 'kept' ELSE 'not_kept' END
            ELSE 'any'
        END AS qualifier
    FROM kept AS k
    LEFT JOIN work.exposed AS e ON e.credential_id = k.credential_id
    LEFT JOIN work.credential_isolation AS h ON h.credential_id = k.credential_id
), ruled AS (
    SELECT
        q.*, r.id AS rule, r.lo, least(r.hi, CASE WHEN q.mechanism = 'static_direct' THEN 5 ELSE 6 END) AS hi,
        r.lo_reason, r.hi_reason, r.to_settle
    FROM qualified AS q
    JOIN work.placement_rule AS r
        ON (r.mechanism = q.mechanism OR r.mechanism = 'static')
        AND ((q.qualifier = 'exposed' AND r.qualifier = 'exposed') OR (q.qualifier <> 'exposed' AND r.storage = q.storage_group AND r.qualifier = q.qualifier))
)
SELECT
    q.subject_kind, q.subject_id, q.credential_id, q.mechanism, q.path_scope AS scope, q.privilege,
    CASE WHEN x.doubtful THEN d.id ELSE q.rule END AS rule,
    CASE WHEN x.doubtful THEN d.lo ELSE q.lo END AS lo,
    q.hi,
    CASE WHEN x.doubtful THEN d.lo_reason ELSE q.lo_reason END AS lo_reason,
    q.hi_reason,
    CASE WHEN x.doubtful THEN d.to_settle ELSE q.to_settle END AS to_settle,
    list_sort(list_distinct(list_filter(
        CASE WHEN q.exposed_live IS NOT NULL THEN q.exposed_evidence ELSE list_concat([q.evidence, q.storage_evidence, q.store_evidence], q.held_evidence) END, lambda v: v IS NOT NULL
    ))) AS lo_evidence,
    list_sort(list_distinct(list_filter(list_concat(
        CASE WHEN q.exposed_live THEN q.exposed_evidence ELSE list_concat([q.evidence, q.storage_evidence], q.held_evidence) END, CASE WHEN q.known_identity IS NULL THEN [] ELSE q.use_evidence END
    ), lambda v: v IS NOT NULL))) AS hi_evidence,
    list_filter([
        CASE WHEN q.exposed_live THEN 'secret_in_code' END,
        CASE WHEN q.isolation = 'shared' THEN 'shared_across_environments' END,
        CASE WHEN q.status = 'unknown' THEN 'status_unknown' END
    ], lambda v: v IS NOT NULL) AS flags
FROM ruled AS q
CROSS JOIN LATERAL (SELECT coalesce(NOT q.exposed_live, false) AS doubtful) AS x
LEFT JOIN work.placement_rule AS d ON d.id = 'exposed-perhaps-dead';

-- Users of whom nobody listed the keys: they may have one.
INSERT INTO work.static_path
SELECT
    'identity' AS subject_kind, i.identity_id AS subject_id, NULL AS credential_id, 'static_not_listed' AS mechanism, i.scope,
    coalesce(p.privilege, 'unknown') AS privilege,
    r.id AS rule, r.lo,
    CASE WHEN o.identity_id IS NULL AND k.identity_id IS NOT NULL THEN 5 ELSE r.hi END AS hi,
    r.lo_reason,
    CASE WHEN o.identity_id IS NULL AND k.identity_id IS NOT NULL THEN 'a key of this user would be used directly' ELSE r.hi_reason END AS hi_reason,
    r.to_settle, [i.evidence] AS lo_evidence, list_sort(list_distinct(list_concat([i.evidence], coalesce(p.evidence, [])))) AS hi_evidence,
    ['credentials_not_listed'] AS flags
FROM main.identity AS i
JOIN work.user_facts AS f ON f.identity_id = i.identity_id
JOIN work.placement_rule AS r ON r.id = 'not-listed'
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN judging.only_assumes_roles AS o ON o.identity_id = i.identity_id
LEFT JOIN work.policies_known AS k ON k.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND NOT f.keys_known AND NOT coalesce(f.has_key, false) AND i.native_type = 'AWS::IAM::User';
