-- What each question counts: one row per subject, pass, fail or unknown, with the record that says so.

-- Is the scanning itself good enough for "not found" to mean anything?
CREATE TABLE work.scan AS
SELECT
    count(*) AS targets,
    count(*) FILTER (WHERE scanned AND date_diff('day', scanned_at, t.as_of) BETWEEN 0 AND $scan_max_age_days) AS fresh,
    coalesce(count(*) > 0 AND 100.0 * count(*) FILTER (WHERE scanned AND date_diff('day', scanned_at, t.as_of) BETWEEN 0 AND $scan_max_age_days)
        / nullif(count(*), 0) >= $scan_coverage_percent, false) AS enough,
    (SELECT count(*) FROM main.scan_target WHERE scanned) AS scanned_any
FROM main.scan_target AS s
CROSS JOIN work.assessment AS t
WHERE s.in_scope;

CREATE TABLE work.scan_reason AS
SELECT
    enough,
    CASE
        WHEN scanned_any = 0 THEN 'no secret-scanner report was supplied'
        WHEN targets = 0 THEN 'which repositories are in scope was not declared'
        ELSE fresh || ' of ' || targets || ' repositories in scope were scanned in the last ' || CAST($scan_max_age_days AS VARCHAR) || ' days'
    END AS reason
FROM work.scan;

-- Evidence that is too old answers nothing.
CREATE TABLE work.stale AS
SELECT DISTINCT fact, scope FROM main.coverage WHERE status = 'stale';

CREATE TABLE work.static_item AS
SELECT
    p.subject_kind, p.subject_id, p.credential_id, p.rule, p.mechanism, p.lo_evidence, c.storage, c.storage_basis, c.isolation,
    coalesce(g.grp, 'unknown') AS storage_group, s.approved, coalesce(c.name, p.subject_id) AS name,
    coalesce(c.scope, i.scope) AS scope,
    CASE WHEN p.credential_id IS NULL THEN p.subject_kind ELSE 'credential' END AS item_kind,
    coalesce(p.credential_id, p.subject_id) AS item_id
FROM main.access_path AS p
LEFT JOIN main.credential AS c ON c.credential_id = p.credential_id
LEFT JOIN main.identity AS i ON i.identity_id = p.subject_id
LEFT JOIN work.storage_group AS g ON g.storage = c.storage
LEFT JOIN main.secret_store AS s ON s.store_id = c.store_id
WHERE p.mechanism LIKE 'static%';

-- Q1
INSERT INTO main.question_item
SELECT
    'Q1', item_kind, item_id,
    CASE WHEN rule IN ('exposed', 'in-code') THEN 'fail' WHEN rule = 'exposed-perhaps-dead' OR NOT r.enough OR mechanism = 'static_not_listed' THEN 'unknown' ELSE 'pass' END,
    CASE
        WHEN rule IN ('exposed', 'in-code') THEN 'found in code, and active'
        WHEN rule = 'exposed-perhaps-dead' THEN 'found in code; whether it still works is not known'
        WHEN mechanism = 'static_not_listed' THEN 'its credentials were not listed'
        ELSE r.reason
    END,
    lo_evidence
FROM work.static_item
CROSS JOIN work.scan_reason AS r;

INSERT INTO main.question_item
SELECT 'Q1', 'exposure', exposure_id, 'unknown', 'found in code; matches no known credential, and whether it works is not known', [evidence]
FROM main.secret_exposure
WHERE credential_id IS NULL AND state = 'open' AND validity = 'unknown';

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
        WHEN p.mechanism IN ('native', 'chain', 'third_party', 'static_exchanged') THEN 'pass'
        WHEN p.mechanism = 'static_direct' THEN 'fail'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN p.mechanism IN ('native', 'chain', 'third_party') THEN 'short-lived role credentials'
        WHEN p.mechanism = 'static_exchanged' THEN 'the key may only buy short-lived tokens'
        WHEN p.mechanism = 'static_direct' THEN 'one static secret both proves and grants'
        ELSE 'how it is used is not known'
    END,
    p.lo_evidence
FROM main.access_path AS p
LEFT JOIN main.identity AS i ON i.identity_id = p.subject_id
LEFT JOIN work.stale AS st ON st.scope = i.scope AND st.fact = CASE WHEN p.trust_id IS NULL THEN 'access_keys' ELSE 'trust' END
WHERE p.mechanism <> 'anonymous';

-- Q4: an instance's disk is not in the evidence, so it passes only when its role is really used
INSERT INTO main.question_item
WITH held AS (
    SELECT DISTINCT r.store_id AS workload_id FROM work.credential_row AS r WHERE r.in_workload AND r.kind = 'access_key' AND r.storage_basis = 'observed'
)
SELECT
    'Q4', 'workload', w.workload_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN h.workload_id IS NOT NULL THEN 'fail'
        WHEN w.identity_id IS NULL THEN 'unknown'
        WHEN w.env_names IS NOT NULL THEN 'pass'
        WHEN i.last_used_at IS NOT NULL THEN 'pass'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN h.workload_id IS NOT NULL THEN 'a static access key in its environment'
        WHEN w.identity_id IS NULL THEN 'no native identity attached; whether it needs one is not known'
        WHEN w.env_names IS NOT NULL THEN 'native identity, no access key in its environment'
        WHEN i.last_used_at IS NOT NULL THEN 'native identity, and it is used'
        ELSE 'native identity attached; nothing shows that it is used'
    END,
    [w.evidence]
FROM main.workload AS w
LEFT JOIN held AS h ON h.workload_id = w.workload_id
LEFT JOIN main.identity AS i ON i.identity_id = w.identity_id
LEFT JOIN work.stale AS st ON st.fact = 'workloads' AND st.scope = w.scope;

-- Q5
INSERT INTO main.question_item
WITH inline AS (
    SELECT identity_id, min(evidence) AS evidence FROM main.entitlement WHERE via = 'inline' GROUP BY identity_id
)
SELECT
    'Q5', 'identity', i.identity_id,
    CASE
        WHEN st.fact IS NOT NULL THEN 'unknown'
        WHEN n.identity_id IS NOT NULL OR g.policy = 'off' OR g.logging = 'off' THEN 'fail'
        WHEN g.policy = 'on' AND g.logging = 'on' AND v.status = 'collected' THEN 'pass'
        ELSE 'unknown'
    END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN n.identity_id IS NOT NULL THEN 'it has an inline policy'
        WHEN g.policy = 'off' THEN 'no organisation policy is enforced on its account'
        WHEN g.logging = 'off' THEN 'use is not logged in its account'
        WHEN g.policy = 'on' AND g.logging = 'on' AND v.status = 'collected' THEN 'managed policies only, under an enforced and logged organisation policy'
        ELSE 'organisation policies, logging or its own policies are not all known'
    END,
    list_concat([coalesce(n.evidence, i.evidence)], coalesce(g.evidence, []))
FROM main.identity AS i
LEFT JOIN inline AS n ON n.identity_id = i.identity_id
LEFT JOIN work.governance AS g ON g.scope = i.scope
LEFT JOIN main.coverage AS v ON v.fact = 'policies' AND v.scope = i.scope
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
SELECT DISTINCT 'S1', 'identity', p.subject_id, 'fail', 'anyone may assume it', p.lo_evidence
FROM main.access_path AS p
WHERE p.mechanism = 'anonymous' AND p.subject_kind = 'identity';

-- S4
INSERT INTO main.question_item
SELECT
    'S4', item_kind, item_id,
    CASE WHEN st.fact IS NOT NULL THEN 'unknown' WHEN isolation = 'isolated' THEN 'pass' WHEN isolation = 'shared' THEN 'fail' ELSE 'unknown' END,
    CASE
        WHEN st.fact IS NOT NULL THEN 'the evidence is too old'
        WHEN isolation = 'isolated' THEN 'used in one environment'
        WHEN isolation = 'shared' THEN 'used in several environments'
        ELSE 'where it is used is not known'
    END,
    lo_evidence
FROM work.static_item AS w
LEFT JOIN work.stale AS st ON st.fact = 'workloads' AND st.scope = w.scope;
