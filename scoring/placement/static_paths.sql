-- Paths by a static credential, and those of users whose credentials nobody listed.
-- Exposures in code, history or an image, per credential: live, or not known to be dead. An alert that was closed because the
-- credential is said to be revoked, or to be for tests only, counts for nothing as long as the provider still calls it active.
CREATE TABLE work.exposed AS
SELECT
    c.credential_id,
    bool_or(e.state = 'open' AND e.validity <> 'inactive' AND (e.validity = 'active' OR c.status = 'active')) AS live,
    list_sort(list_distinct(list_concat(list(e.evidence), list(c.evidence)))) AS evidence
FROM main.secret_exposure AS e
JOIN work.exposed_credential AS x ON x.exposure_id = e.exposure_id
JOIN main.credential AS c ON c.credential_id = x.credential_id
WHERE e.location_kind IN ('source_code', 'git_history', 'container_image') AND c.status IN ('active', 'unknown')
    AND (e.state = 'open' OR (e.resolution IN ('revoked', 'used_in_tests') AND c.status = 'active'))
    AND NOT (e.validity = 'inactive' AND c.status = 'unknown')
GROUP BY c.credential_id;

-- Whose policies are all in the evidence, with text: what is not seen to be limited to assuming roles is then used directly.
CREATE TABLE work.policies_known AS
SELECT i.identity_id
FROM main.identity AS i
JOIN main.coverage AS v ON v.fact = 'policies' AND v.scope = i.scope AND v.status IN ('collected', 'stale')
LEFT JOIN main.entitlement AS e ON e.identity_id = i.identity_id AND e.document_id IS NULL AND e.via NOT IN ('boundary', 'eks_access')
JOIN main.sighting AS s ON s.subject_kind = 'identity' AND s.subject_id = i.identity_id
JOIN main.source AS r ON r.source_id = split_part(s.evidence, '#', 1) AND r.format = 'aws-gaad'
WHERE e.identity_id IS NULL
GROUP BY i.identity_id;

-- What the credential is good for, as far as its type and its identity's policies tell. What people declare of a key's use does not
-- outweigh its policies, nor lift a type above its cap.
CREATE TABLE work.usable AS
SELECT
    c.*,
    i.identity_id AS known_identity,
    i.human,
    CASE WHEN i.identity_id IS NULL THEN 'credential' ELSE 'identity' END AS subject_kind,
    coalesce(i.identity_id, c.credential_id) AS subject_id,
    -- A place told of too long ago is not known any more; unless it is code, which does not forget.
    CASE WHEN coalesce(r.stale, false) AND g.grp <> 'code' THEN 'unknown' ELSE coalesce(g.grp, 'unknown') END AS storage_group,
    CASE
        WHEN c.kind = 'access_key' AND o.identity_id IS NOT NULL THEN 'static_exchanged'
        WHEN c.kind = 'access_key' AND (c.role IN ('access', 'combined') OR k.identity_id IS NOT NULL OR p.privilege <> 'unknown') THEN 'static_direct'
        WHEN c.kind = 'access_key' OR c.issuance IN ('dynamic', 'federated', 'platform_attested') THEN 'static_unknown'
        WHEN c.kind IN ('password', 'api_key', 'pat', 'service_specific', 'bearer_token', 'ssh_key', 'webhook_secret') THEN 'static_direct'
        WHEN c.kind IN ('oauth_client_secret', 'signing_key', 'x509_certificate') AND c.role = 'identity' THEN 'static_exchanged'
        WHEN c.role IN ('access', 'combined') THEN 'static_direct'
        ELSE 'static_unknown'
    END AS mechanism,
    coalesce(p.privilege, 'unknown') AS privilege,
    coalesce(o.evidence, p.evidence, []) AS use_evidence,
    coalesce(i.scope, c.scope) AS path_scope
FROM main.credential AS c
LEFT JOIN main.identity AS i ON i.identity_id = c.identity_id
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN judging.only_assumes_roles AS o ON o.identity_id = i.identity_id
LEFT JOIN work.policies_known AS k ON k.identity_id = i.identity_id
LEFT JOIN work.storage_group AS g ON g.storage = c.storage
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(c.storage_evidence, '#', 1)
WHERE c.status IN ('active', 'unknown')
    AND c.credential_id NOT LIKE 'aws:password:%'  -- console passwords are for people; a check looks at misuse
    AND (i.identity_id IS NULL OR (i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'));

-- How well the manager keeps it: every shortcoming in words; none means well kept.
CREATE TABLE work.kept AS
WITH measured AS (
    SELECT
        u.credential_id, s.store_id, s.approved, s.evidence,
        -- CloudTrail sees who reads AWS's own manager, and Google's data-access log its own; an Azure vault logs by a setting of its own.
        coalesce(s.access_logged, CASE WHEN s.kind IN ('aws_secrets_manager', 'gcp_secret_manager') AND v.logging = 'on' THEN true END) AS logged,
        date_diff('day', u.rotated_at, t.as_of) AS age_days,
        CASE WHEN u.kind = 'access_key' THEN $key_age_days ELSE $rotation_days END AS limit_days
    FROM work.usable AS u
    CROSS JOIN work.assessment AS t
    LEFT JOIN main.secret_store AS s ON s.store_id = u.store_id
    LEFT JOIN work.governance AS v ON v.scope = coalesce(s.scope, u.scope)
    WHERE u.storage_group = 'manager'
)
SELECT
    m.credential_id,
    m.evidence,
    concat_ws(
        ', ',
        CASE WHEN m.store_id IS NULL THEN 'which manager it is was not said' WHEN m.approved IS NULL THEN 'approval not known' WHEN NOT m.approved THEN 'not approved' END,
        CASE WHEN m.store_id IS NULL THEN NULL WHEN m.logged IS NULL THEN 'read logging not known' WHEN NOT m.logged THEN 'reads are not logged' END,
        CASE WHEN m.age_days IS NULL OR m.age_days < 0 THEN 'last rotation not known' WHEN m.age_days > m.limit_days THEN 'rotated ' || m.age_days || ' days ago' END
    ) AS shortcomings
FROM measured AS m;

-- The bound of each group of storage: a copy in code where the code was not scanned in full, else one in a variable where not all were
-- listed. What the scanner missed is named.
CREATE TABLE work.copy_bound AS
WITH open AS (
    SELECT 'copy-in-code' AS id, reason, missing FROM work.scan WHERE NOT whole
    UNION ALL
    SELECT 'copy-in-variable', NULL, [] FROM work.unlisted_workloads WHERE accounts > 0
), grp AS (
    SELECT DISTINCT grp FROM work.storage_group
    UNION ALL
    SELECT 'unknown'
)
SELECT
    g.grp AS storage_group,
    min(b.lo) AS lo,
    arg_min(concat_ws(': ', b.lo_reason, o.reason), b.lo) AS lo_reason,
    arg_min(b.to_settle, b.lo) AS to_settle,
    arg_min(o.missing, b.lo) AS missing
FROM grp AS g
JOIN work.placement_bound AS b ON b.storage IN ('any', g.grp)
JOIN open AS o ON o.id = b.id
GROUP BY g.grp;

CREATE TABLE work.static_path AS
WITH qualified AS (
    SELECT
        u.*,
        -- Of an access key only people can say that it is made anew, and their word lifts nothing.
        u.issuance IN ('dynamic', 'federated', 'platform_attested') AND u.kind <> 'access_key' AS made_anew,
        e.live AS exposed_live, e.evidence AS exposed_evidence,
        list_concat([u.evidence, u.storage_evidence, k.evidence], coalesce(h.evidence, [])) AS place_evidence,
        k.shortcomings,
        CASE
            WHEN e.live THEN 'exposed'
            WHEN u.storage_group = 'config' AND u.storage_basis = 'inferred' THEN 'inferred'
            WHEN u.storage_group = 'config' THEN u.isolation
            WHEN u.storage_group = 'manager' AND u.mechanism <> 'static_exchanged' THEN CASE WHEN k.shortcomings = '' THEN 'kept' ELSE 'not_kept' END
            ELSE 'any'
        END AS qualifier
    FROM work.usable AS u
    LEFT JOIN work.exposed AS e ON e.credential_id = u.credential_id
    LEFT JOIN work.kept AS k ON k.credential_id = u.credential_id
    LEFT JOIN work.credential_isolation AS h ON h.credential_id = u.credential_id
), ruled AS (
    SELECT
        q.*, r.id AS rule, r.lo, r.lo_reason, r.hi_reason, r.to_settle,
        -- No higher than the type's cap.
        least(r.hi, CASE WHEN q.mechanism = 'static_direct' THEN 5 ELSE 6 END) AS hi
    FROM qualified AS q
    JOIN work.placement_rule AS r
        ON r.mechanism IN ('static', q.mechanism)
        AND ((q.qualifier = 'exposed' AND r.qualifier = 'exposed') OR (q.qualifier <> 'exposed' AND r.storage = q.storage_group AND r.qualifier = q.qualifier))
)
SELECT
    q.subject_kind, q.subject_id, q.credential_id, q.mechanism, q.path_scope AS scope, q.privilege,
    coalesce(d.id, q.rule) AS rule,
    coalesce(d.lo, b.lo, q.lo) AS lo,
    q.hi,
    coalesce(d.lo_reason, b.lo_reason, q.lo_reason || CASE WHEN q.qualifier = 'not_kept' THEN ': ' || q.shortcomings ELSE '' END) AS lo_reason,
    q.hi_reason,
    coalesce(d.to_settle, b.to_settle, q.to_settle) AS to_settle,
    list_sort(list_distinct(list_filter(
        CASE WHEN q.exposed_live IS NOT NULL THEN q.exposed_evidence ELSE list_concat(q.place_evidence, coalesce(b.missing, [])) END, lambda v: v IS NOT NULL
    ))) AS lo_evidence,
    list_sort(list_distinct(list_filter(list_concat(
        CASE WHEN q.exposed_live THEN q.exposed_evidence ELSE q.place_evidence END, CASE WHEN q.known_identity IS NULL THEN [] ELSE q.use_evidence END
    ), lambda v: v IS NOT NULL))) AS hi_evidence,
    list_filter([
        CASE WHEN q.exposed_live THEN 'secret_in_code' END,
        CASE WHEN q.isolation = 'shared' THEN 'shared_across_environments' END,
        CASE WHEN q.status = 'unknown' THEN 'status_unknown' END,
        CASE WHEN q.human = 'unknown' THEN 'person_or_program' END
    ], lambda v: v IS NOT NULL) AS flags
FROM ruled AS q
-- In code, but perhaps dead: the lower bound falls to stage 2.
LEFT JOIN work.placement_rule AS d ON d.id = 'exposed-perhaps-dead' AND NOT q.exposed_live
LEFT JOIN work.copy_bound AS b ON q.exposed_live IS NULL AND q.lo > b.lo AND b.storage_group = q.storage_group AND NOT q.made_anew;

-- Users of whom not all keys were listed: they may have one more.
INSERT INTO work.static_path
SELECT
    'identity' AS subject_kind, i.identity_id AS subject_id, NULL AS credential_id, 'static_not_listed' AS mechanism, i.scope,
    coalesce(p.privilege, 'unknown') AS privilege,
    r.id AS rule, r.lo,
    CASE WHEN o.identity_id IS NULL AND k.identity_id IS NOT NULL THEN 5 ELSE r.hi END AS hi,
    r.lo_reason,
    CASE WHEN o.identity_id IS NULL AND k.identity_id IS NOT NULL THEN 'a key of this user would be used directly' ELSE r.hi_reason END AS hi_reason,
    r.to_settle, [i.evidence] AS lo_evidence, list_sort(list_distinct(list_concat([i.evidence], coalesce(p.evidence, [])))) AS hi_evidence,
    list_filter(['credentials_not_listed', CASE WHEN i.human = 'unknown' THEN 'person_or_program' END], lambda v: v IS NOT NULL) AS flags
FROM main.identity AS i
JOIN work.user_facts AS f ON f.identity_id = i.identity_id
JOIN work.placement_rule AS r ON r.id = 'not-listed'
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN judging.only_assumes_roles AS o ON o.identity_id = i.identity_id
LEFT JOIN work.policies_known AS k ON k.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.status <> 'disabled' AND NOT f.keys_known AND i.native_type = 'AWS::IAM::User';

-- Service accounts of other people's projects that are granted something in ours: what they hold is told there.
CREATE TABLE work.stranger AS
SELECT i.identity_id, i.scope
FROM main.identity AS i
LEFT JOIN main.account AS a ON a.scope = i.scope
WHERE i.provider = 'gcp' AND i.kind = 'service_account' AND i.scope IS NOT NULL AND a.scope IS NULL AND NOT regexp_full_match(i.scope, '[0-9]+');

-- Service accounts and applications of which not all credentials were told: they may have one more. An application that another tenant
-- owns keeps its credentials there; an application is told of by a listing of applications, not by that of service principals.
CREATE TABLE work.application_told AS
SELECT DISTINCT coalesce(n.identity_id, a.identity_id) AS identity_id
FROM seen.identity AS a
JOIN seen.coverage AS v ON v.evidence = split_part(a.evidence, '#', 1) AND v.fact = 'access_keys' AND v.status IN ('collected', 'partial')
JOIN work.source_rank AS r ON r.source_id = v.evidence
LEFT JOIN work.alias_name AS n ON n.alias = a.identity_id
WHERE a.native_type = 'microsoft.graph.application' AND NOT r.stale AND NOT r.declared
UNION
SELECT coalesce(n.identity_id, s.subject_id)
FROM seen.sighting AS s
LEFT JOIN work.alias_name AS n ON n.alias = s.subject_id
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(s.evidence, '#', 1)
-- Of a service principal it tells what stands on that, not on its application.
WHERE s.subject_kind = 'access_keys' AND s.subject_id LIKE 'azure:app:%' AND NOT coalesce(r.stale, false);

INSERT INTO work.static_path
SELECT
    'identity' AS subject_kind, i.identity_id AS subject_id, NULL AS credential_id, 'static_not_listed' AS mechanism, i.scope,
    coalesce(p.privilege, 'unknown') AS privilege,
    r.id AS rule, r.lo, r.hi, r.lo_reason, r.hi_reason, r.to_settle, [i.evidence] AS lo_evidence, [i.evidence] AS hi_evidence,
    ['credentials_not_listed'] AS flags
FROM main.identity AS i
JOIN work.placement_rule AS r ON r.mechanism = 'static_not_listed'
    AND r.qualifier = CASE
        WHEN i.provider = 'gcp' AND i.kind = 'service_account' THEN 'service_account'
        WHEN i.native_type LIKE 'microsoft.graph.%' AND i.kind IN ('service_principal', 'oauth_client') THEN 'application'
    END
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN work.keys_told AS k ON k.identity_id = i.identity_id
LEFT JOIN work.application_told AS a ON a.identity_id = i.identity_id
LEFT JOIN work.stranger AS x ON x.identity_id = i.identity_id
LEFT JOIN (
    SELECT DISTINCT t.identity_id, t.principal_scope FROM main.trust AS t WHERE t.principal_kind = 'account'
) AS o ON o.identity_id = i.identity_id AND i.provider = 'azure' AND o.principal_scope <> i.scope
WHERE i.in_scope AND i.human <> 'human' AND i.status <> 'disabled' AND k.identity_id IS NULL AND a.identity_id IS NULL AND o.identity_id IS NULL AND x.identity_id IS NULL;
