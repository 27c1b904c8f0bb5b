-- What each question counts: one row per subject, pass, fail or unknown, with the record that says so.

-- Evidence that is too old answers nothing.
CREATE TABLE work.stale AS
SELECT DISTINCT fact, scope FROM main.coverage WHERE status = 'stale';

CREATE TABLE work.static_item AS
SELECT
    p.subject_kind, p.subject_id, p.credential_id, p.rule, p.mechanism, p.lo_evidence, c.storage, c.storage_basis, c.isolation,
    -- As the placement sees it: a place told of too long ago is unknown.
    coalesce(u.storage_group, 'unknown') AS storage_group, s.approved, coalesce(c.name, p.subject_id) AS name,
    coalesce(i.scope, c.scope) AS scope,
    CASE WHEN p.credential_id IS NULL THEN p.subject_kind ELSE 'credential' END AS item_kind,
    coalesce(p.credential_id, p.subject_id) AS item_id
FROM main.access_path AS p
LEFT JOIN main.credential AS c ON c.credential_id = p.credential_id
LEFT JOIN work.usable AS u ON u.credential_id = p.credential_id
LEFT JOIN main.identity AS i ON i.identity_id = p.subject_id
LEFT JOIN main.secret_store AS s ON s.store_id = c.store_id
WHERE p.mechanism LIKE 'static%';

-- Q1
INSERT INTO main.question_item
SELECT
    'Q1', w.item_kind, w.item_id,
    CASE
        WHEN w.rule IN ('exposed', 'in-code') THEN 'fail'
        WHEN w.rule = 'exposed-perhaps-dead' OR w.mechanism = 'static_not_listed' OR NOT r.enough OR st.fact IS NOT NULL THEN 'unknown'
        ELSE 'pass'
    END,
    CASE
        WHEN w.rule IN ('exposed', 'in-code') THEN 'found in code, and active'
        WHEN w.rule = 'exposed-perhaps-dead' THEN 'found in code; whether it still works is not known'
        WHEN w.mechanism = 'static_not_listed' THEN 'its credentials were not listed'
        WHEN r.enough AND st.fact IS NOT NULL THEN 'the evidence is too old'
        ELSE r.reason
    END,
    w.lo_evidence
FROM work.static_item AS w
CROSS JOIN work.scan AS r
LEFT JOIN work.stale AS st ON st.fact = 'access_keys' AND st.scope = w.scope;

-- Found in code, and no path stands for it: matched to nothing, or alive for the scanner and dead for the inventory.
INSERT INTO main.question_item
WITH matched AS (
    SELECT x.exposure_id, bool_or(c.status IN ('active', 'unknown')) AS usable
    FROM work.exposed_credential AS x
    JOIN main.credential AS c ON c.credential_id = x.credential_id
    GROUP BY x.exposure_id
)
SELECT
    'Q1', 'exposure', e.exposure_id, 'unknown',
    CASE
        WHEN m.exposure_id IS NULL THEN 'found in code; matches no known credential, and whether it works is not known'
        ELSE 'found in code; the scanner says that it works, the inventory that it does not'
    END,
    [e.evidence]
FROM main.secret_exposure AS e
LEFT JOIN matched AS m ON m.exposure_id = e.exposure_id
WHERE e.state = 'open' AND e.location_kind IN ('source_code', 'git_history', 'container_image')
    AND ((m.exposure_id IS NULL AND e.validity = 'unknown') OR (e.validity = 'active' AND NOT m.usable));

-- Q2
INSERT INTO main.question_item
SELECT
    'Q2', item_kind, item_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN rule IN ('exposed', 'in-code') OR approved = false THEN 'fail'
        WHEN storage_group = 'manager' AND approved THEN 'pass'
        WHEN storage_group IN ('code', 'config') AND storage_basis <> 'inferred' THEN 'fail'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN rule IN ('exposed', 'in-code') THEN 'it rests in code'
        WHEN approved = false THEN 'the manager is not approved'
        WHEN storage_group = 'manager' AND approved THEN 'held in an approved manager (' || storage_basis || ')'
        WHEN storage_group = 'manager' THEN 'held in a manager; nobody said that it is the approved one'
        WHEN storage_group IN ('code', 'config') THEN 'held in ' || replace(storage, '_', ' ') || ' (' || storage_basis || ')'
        ELSE 'where it rests is not known'
    END,
    lo_evidence
FROM work.static_item AS w
LEFT JOIN work.stale AS st ON st.fact = CASE WHEN storage = 'secrets_manager' THEN 'stored_secrets' WHEN storage = 'env_var' THEN 'workloads' ELSE 'access_keys' END AND st.scope = w.scope;

-- Q3, derived from the credential's type
INSERT INTO main.question_item
SELECT
    'Q3', 'access_path', p.path_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN p.mechanism IN ('native', 'chain', 'third_party', 'static_exchanged', 'certificate') THEN 'pass'
        WHEN p.mechanism = 'static_direct' THEN 'fail'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN p.mechanism IN ('native', 'chain', 'third_party', 'certificate') THEN 'short-lived credentials of a native or federated identity'
        WHEN p.mechanism = 'static_exchanged' THEN 'the credential may only buy short-lived tokens'
        WHEN p.mechanism = 'static_direct' THEN 'one static secret both proves and grants'
        ELSE 'how it is used is not known'
    END,
    p.lo_evidence
FROM main.access_path AS p
LEFT JOIN main.identity AS i ON i.identity_id = p.subject_id
LEFT JOIN work.stale AS st ON st.scope = i.scope AND st.fact = CASE WHEN p.trust_id IS NULL THEN 'access_keys' ELSE 'trust' END
WHERE p.mechanism <> 'anonymous';

-- Q4: an instance's disk is not in the evidence, so it passes only when its role was really used of late
INSERT INTO main.question_item
WITH held AS (
    -- Keys that still work, or may. A variable whose value was not seen may hold a reference.
    SELECT
        r.store_id AS workload_id, bool_or(r.storage_basis <> 'inferred') AS certain,
        bool_or(c.kind <> 'access_key') AS other
    FROM work.credential_row AS r
    JOIN main.credential AS c ON c.credential_id = r.credential_id AND c.status IN ('active', 'unknown')
    WHERE r.in_workload AND (
        r.kind = 'access_key'
        OR (c.provider IN ('gcp', 'azure') AND c.role = 'identity' AND c.kind IN ('signing_key', 'oauth_client_secret', 'x509_certificate'))
    )
    GROUP BY r.store_id
), beside AS (
    -- A native identity that has a key as well is not native only; of one whose keys nobody listed, that is not known.
    SELECT
        subject_id, bool_or(mechanism = 'static_not_listed') AS unlisted,
        bool_or(mechanism LIKE 'static%' AND mechanism <> 'static_not_listed') AS keyed
    FROM main.access_path
    WHERE subject_kind = 'identity'
    GROUP BY subject_id
)
SELECT
    'Q4', 'workload', w.workload_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN h.certain OR b.keyed THEN 'fail'
        WHEN h.workload_id IS NOT NULL OR w.identity_id IS NULL OR b.unlisted THEN 'unknown'
        WHEN w.env_names IS NOT NULL THEN 'pass'
        WHEN date_diff('day', i.last_used_at, t.as_of) <= $unused_days THEN 'pass'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN h.certain AND h.other THEN 'a static credential in its environment'
        WHEN h.certain THEN 'a static access key in its environment'
        WHEN b.keyed THEN 'its native identity has a static credential beside'
        WHEN h.workload_id IS NOT NULL THEN 'a variable is named like an access key; its value was not seen'
        WHEN w.identity_id IS NULL THEN 'no native identity attached; whether it needs one is not known'
        WHEN b.unlisted THEN 'native identity attached; whether it has a key beside is not known'
        WHEN w.env_names IS NOT NULL THEN 'native identity, no access key in its environment'
        WHEN date_diff('day', i.last_used_at, t.as_of) <= $unused_days THEN 'native identity, and it is used'
        ELSE 'native identity attached; nothing shows that it is used'
    END,
    [w.evidence]
FROM main.workload AS w
CROSS JOIN work.assessment AS t
LEFT JOIN held AS h ON h.workload_id = w.workload_id
LEFT JOIN beside AS b ON b.subject_id = w.identity_id
LEFT JOIN main.identity AS i ON i.identity_id = w.identity_id
LEFT JOIN work.stale AS st ON st.fact = 'workloads' AND st.scope = w.scope;

-- Q5
INSERT INTO main.question_item
WITH inline AS (
    SELECT identity_id, min(evidence) AS evidence FROM main.entitlement WHERE via IN ('inline', 'group_inline') GROUP BY identity_id
), told AS (
    -- All of its own policies are in the evidence, as the privilege judges it; of a provider that it does not judge, as the coverage says.
    SELECT i.identity_id, coalesce(k.identity_id IS NOT NULL AND k.gap IS NULL, false) OR (k.identity_id IS NULL AND i.provider <> 'aws' AND v.fact IS NOT NULL) AS whole
    FROM main.identity AS i
    LEFT JOIN judging.known_policies AS k ON k.identity_id = i.identity_id
    LEFT JOIN main.coverage AS v ON v.fact = 'policies' AND v.scope = i.scope AND v.status = 'collected'
)
SELECT
    'Q5', 'identity', i.identity_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN n.identity_id IS NOT NULL OR g.policy = 'off' OR g.logging = 'off' THEN 'fail'
        WHEN g.policy = 'on' AND g.logging = 'on' AND k.whole THEN 'pass'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN n.identity_id IS NOT NULL THEN 'it has an inline policy'
        WHEN g.policy = 'off' THEN 'no organisation policy is enforced on its account, project or tenant'
        WHEN g.logging = 'off' THEN 'use is not logged there'
        WHEN g.policy = 'on' AND g.logging = 'on' AND k.whole THEN 'managed policies and roles only, under an enforced and logged organisation policy'
        ELSE 'organisation policies, logging or its own policies are not all known'
    END,
    list_concat([coalesce(n.evidence, i.evidence)], coalesce(g.evidence, []))
FROM main.identity AS i
LEFT JOIN inline AS n ON n.identity_id = i.identity_id
LEFT JOIN work.governance AS g ON g.scope = i.scope
LEFT JOIN told AS k ON k.identity_id = i.identity_id
LEFT JOIN work.stale AS st ON st.fact = 'policies' AND st.scope = i.scope
WHERE i.in_scope AND i.human <> 'human';

-- S1: resources, and roles that anyone may assume
INSERT INTO main.question_item
SELECT
    'S1', 'resource', r.resource_id,
    CASE WHEN r.public = 'yes' THEN 'fail' WHEN r.public = 'unknown' OR st.fact IS NOT NULL THEN 'unknown' ELSE 'pass' END,
    r.public_reason, [r.evidence]
FROM main.resource AS r
LEFT JOIN work.stale AS st ON st.fact = 'resource_policies' AND st.scope = r.scope
UNION ALL
SELECT 'S1', 'identity', p.subject_id, 'fail', 'anyone may assume it', list_sort(list_distinct(flatten(list(p.lo_evidence))))
FROM main.access_path AS p
WHERE p.mechanism = 'anonymous' AND p.subject_kind = 'identity'
GROUP BY p.subject_id;

-- S4
INSERT INTO main.question_item
SELECT
    'S4', item_kind, item_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN isolation = 'shared' THEN 'fail'
        WHEN rule IN ('exposed', 'exposed-perhaps-dead', 'in-code') THEN 'unknown'
        WHEN isolation = 'isolated' THEN 'pass'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN isolation = 'shared' THEN 'used in several environments'
        WHEN rule IN ('exposed', 'exposed-perhaps-dead', 'in-code') THEN 'it stands in code: who uses it from there is not known'
        WHEN isolation = 'isolated' THEN 'used in one environment'
        ELSE 'where it is used is not known'
    END,
    lo_evidence
FROM work.static_item AS w
LEFT JOIN work.stale AS st ON st.fact = 'workloads' AND st.scope = w.scope;
