-- What the metrics count, once for all of them: tables in the schema `counting`, made of `main` and of the gaps in its coverage.
-- A term of a definition is yes, no or unknown; absence counts as no only where the fact was collected.

-- Who is counted: machine identities of ours that are not switched off. People, root users and what is out of scope are not.
CREATE OR REPLACE TABLE counting.identity AS
SELECT * FROM main.identity WHERE in_scope AND human <> 'human' AND status <> 'disabled' AND kind <> 'root';

-- Every subject a metric may count, with what it is grouped by.
CREATE OR REPLACE TABLE counting.subject AS
SELECT
    s.subject_kind, s.subject_id, s.name, s.identity_id, s.provider, s.scope,
    coalesce(w.environment, i.environment) AS environment, coalesce(w.team, i.team) AS team
FROM main.subject AS s
LEFT JOIN main.identity AS i ON i.identity_id = s.identity_id AND s.subject_kind <> 'workload'
LEFT JOIN main.workload AS w ON s.subject_kind = 'workload' AND w.workload_id = s.subject_id
WHERE s.subject_kind IN ('identity', 'credential', 'workload')
UNION ALL
SELECT
    'access_path', a.path_id, p.name, CASE WHEN a.subject_kind = 'identity' THEN a.subject_id END, p.provider, p.scope, p.environment, p.team
FROM main.access_path AS a
JOIN main.placement AS p ON p.subject_kind = a.subject_kind AND p.subject_id = a.subject_id;

-- Static credentials of those, active or perhaps so; and an identity whose credentials nobody listed, which may have one.
CREATE OR REPLACE TABLE counting.static_credential AS
WITH path AS (
    SELECT DISTINCT credential_id FROM main.access_path WHERE mechanism LIKE 'static%' AND credential_id IS NOT NULL
), held AS (
    SELECT
        c.*, coalesce(c.scope, i.scope) AS place,
        CASE c.kind WHEN 'stored_secret' THEN 'stored_secrets' WHEN 'password' THEN 'passwords' WHEN 'api_key' THEN 'service_credentials'
            WHEN 'service_specific' THEN 'service_credentials' ELSE 'access_keys' END AS fact,
        -- A key's value is as old as the key; a secret in a manager, or a password, may have been changed since it was made.
        CASE WHEN c.kind IN ('stored_secret', 'password', 'webhook_secret', 'unknown') THEN c.rotated_at ELSE coalesce(c.rotated_at, c.created_at) END
            AS changed_at
    FROM path AS p
    JOIN main.credential AS c ON c.credential_id = p.credential_id
    LEFT JOIN main.identity AS i ON i.identity_id = c.identity_id
    WHERE c.issuance NOT IN ('dynamic', 'federated', 'platform_attested')
)
SELECT
    'credential' AS subject_kind, h.credential_id AS subject_id, h.kind, h.issuance, h.expires_at, h.never_expires, h.changed_at, h.rotation_days,
    CASE WHEN CAST(h.changed_at AS DATE) <= CAST($as_of AS DATE) THEN date_diff('day', h.changed_at, $as_of) END AS age_days,
    CASE
        WHEN h.kind = 'x509_certificate' THEN $certificate_max_validity_days
        WHEN h.kind = 'password' THEN $password_max_age_days
        WHEN h.kind IN ('stored_secret', 'webhook_secret', 'unknown') THEN $secret_rotation_days
        ELSE $key_max_age_days
    END AS limit_days,
    CASE
        WHEN h.status = 'unknown' THEN 'whether it is active is not known'
        WHEN v.status = 'stale' THEN 'the evidence is too old to say whether it is active'
    END AS doubt,
    [h.evidence] AS evidence
FROM held AS h
LEFT JOIN main.coverage AS v ON v.fact = h.fact AND v.scope = h.place AND v.status = 'stale'
UNION ALL
SELECT
    'identity', subject_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'its credentials were not listed',
    list_sort(list_distinct(flatten(list(lo_evidence))))
FROM main.access_path
WHERE mechanism = 'static_not_listed'
GROUP BY subject_id;

-- Owned: someone is named of whom a list of people says that they are here.
CREATE OR REPLACE TABLE counting.owned AS
WITH named AS (
    SELECT
        o.identity_id, bool_or(p.status = 'active') AS active, bool_and(coalesce(p.status, 'unknown') = 'departed') AS departed,
        min(o.owner_id) AS owner_id, list_sort(list(DISTINCT o.evidence)) AS evidence
    FROM main.ownership AS o
    LEFT JOIN main.owner AS p ON p.owner_id = o.owner_id
    GROUP BY o.identity_id
)
SELECT
    i.identity_id,
    CASE
        WHEN n.active THEN 'yes'
        WHEN n.departed THEN 'no'
        WHEN n.identity_id IS NOT NULL OR g.fact IS NOT NULL OR i.kind = 'certificate_subject' THEN 'unknown'
        ELSE 'no'
    END AS owned,
    CASE
        WHEN n.active THEN 'owned by someone who is here'
        WHEN n.departed THEN 'its owner has left: ' || n.owner_id
        WHEN n.identity_id IS NOT NULL THEN 'no list says whether its owner is still here: ' || n.owner_id
        WHEN g.fact IS NOT NULL THEN g.reason
        WHEN i.kind = 'certificate_subject' THEN 'its tags are not in the evidence'
        ELSE 'nobody is named as its owner'
    END AS reason,
    list_concat([i.evidence], coalesce(n.evidence, [])) AS evidence
FROM counting.identity AS i
LEFT JOIN named AS n ON n.identity_id = i.identity_id
LEFT JOIN work.gap AS g ON g.fact = 'ownership' AND g.scope IS NOT DISTINCT FROM i.scope;

-- Scoped: no administrator, no certain way to become one, no unconditional grant of a whole service or role family on everything.
CREATE OR REPLACE TABLE counting.scoped AS
WITH way AS (
    SELECT identity_id, bool_or(certainty = 'certain') AS certain, list_sort(list_distinct(flatten(list(evidence)))) AS evidence
    FROM main.escalation WHERE gains IN ('admin', 'unknown') GROUP BY identity_id
), wide AS (
    SELECT e.identity_id, min(e.policy_name) AS policy_name, min(e.evidence) AS evidence
    FROM main.entitlement AS e
    LEFT JOIN main.policy_permission AS p ON p.document_id = e.document_id AND p.effect = 'Allow' AND p.all_resources AND NOT p.conditional
        AND e.via IN ('inline', 'managed', 'group_inline', 'group_managed') AND (p.negated OR p.action_pattern = '*' OR p.action_pattern LIKE '%:*')
    WHERE p.document_id IS NOT NULL
        OR (e.via = 'role' AND e.conditional IS NOT true AND e.policy_id IN ('roles/owner', 'roles/editor', 'roles/viewer'))
        -- Azure's Owner, Contributor and Reader, on a whole subscription or above.
        OR (e.via = 'role' AND e.conditional IS NOT true AND e.policy_id IN ('8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
            'b24988ac-6180-42a0-ab88-20f7382dd24c', 'acdd72a7-3385-48ef-bd42-f606fba81ae7')
            AND regexp_full_match(e.resource, '/|/subscriptions/[^/]+|/providers/Microsoft.Management/managementGroups/[^/]+'))
    GROUP BY e.identity_id
)
SELECT
    i.identity_id,
    CASE
        WHEN p.privilege = 'admin' OR w.certain OR b.identity_id IS NOT NULL THEN 'no'
        WHEN w.identity_id IS NOT NULL OR g.fact IS NOT NULL OR coalesce(p.privilege, 'unknown') = 'unknown' THEN 'unknown'
        ELSE 'yes'
    END AS scoped,
    CASE
        WHEN p.privilege = 'admin' THEN 'it is an administrator'
        WHEN w.certain THEN 'it can make itself an administrator'
        WHEN b.identity_id IS NOT NULL THEN b.policy_name || ' grants a whole service or more on everything'
        WHEN w.identity_id IS NOT NULL THEN 'it may be able to make itself an administrator'
        WHEN g.fact IS NOT NULL THEN g.reason
        WHEN coalesce(p.privilege, 'unknown') = 'unknown' THEN 'what it may do is not known'
        ELSE 'its rights are limited: ' || p.privilege
    END AS reason,
    list_distinct(list_filter(list_concat([i.evidence, b.evidence], coalesce(p.evidence, []), coalesce(w.evidence, [])), lambda v: v IS NOT NULL)) AS evidence
FROM counting.identity AS i
LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN way AS w ON w.identity_id = i.identity_id
LEFT JOIN wide AS b ON b.identity_id = i.identity_id
LEFT JOIN work.gap AS g ON g.fact = 'policies' AND g.scope IS NOT DISTINCT FROM i.scope;

-- Revocable: it can be withdrawn at once and stops no more programs than one identity should serve.
CREATE OR REPLACE TABLE counting.revocable AS
WITH served AS (
    SELECT identity_id, count(DISTINCT workload_id) AS workloads FROM main.workload WHERE identity_id IS NOT NULL GROUP BY identity_id
)
SELECT
    i.identity_id,
    CASE WHEN s.workloads > $workloads_per_identity THEN 'no' WHEN g.fact IS NOT NULL THEN 'unknown' ELSE 'yes' END AS revocable,
    CASE
        WHEN s.workloads > $workloads_per_identity THEN 'withdrawing it stops ' || s.workloads || ' workloads'
        WHEN g.fact IS NOT NULL THEN g.reason
        ELSE 'withdrawing it stops ' || coalesce(s.workloads, 0) || ' known workloads'
    END AS reason
FROM counting.identity AS i
LEFT JOIN served AS s ON s.identity_id = i.identity_id
LEFT JOIN work.gap AS g ON g.fact = 'workloads' AND g.scope IS NOT DISTINCT FROM i.scope;

-- Short-lived: what the path hands out ends within the pack's hours. AWS and Google end every such token after 12 hours at most
-- (docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html, cloud.google.com/iam/docs/create-short-lived-credentials-direct).
-- Azure's may live for 24 hours (learn.microsoft.com/entra/identity-platform/access-tokens), so below that it is not known.
CREATE OR REPLACE TABLE counting.path AS
WITH aged AS (
    SELECT
        a.*, i.identity_id, i.provider,
        coalesce(c.issuance, 'unknown') IN ('dynamic', 'federated', 'platform_attested') AS issued,
        coalesce(c.status, 'active') = 'unknown' AS perhaps_off,
        c.ttl_seconds <= 3600 * $token_max_hours AS in_time,
        CASE WHEN i.provider IN ('aws', 'gcp') THEN 12 WHEN i.provider = 'azure' THEN 24 END <= $token_max_hours AS capped
    FROM main.access_path AS a
    LEFT JOIN counting.identity AS i ON a.subject_kind = 'identity' AND i.identity_id = a.subject_id
    LEFT JOIN main.credential AS c ON c.credential_id = a.credential_id
), termed AS (
    SELECT
        *,
        CASE
            WHEN mechanism = 'anonymous' THEN 'none'
            WHEN perhaps_off OR mechanism IN ('static_not_listed', 'chain_unknown', 'pool_unknown', 'trust_unknown', 'trust_not_listed') THEN 'unknown'
            WHEN mechanism LIKE 'static%' AND NOT issued THEN 'static'
            ELSE 'ephemeral'
        END AS nature
    FROM aged
)
SELECT
    t.path_id, t.mechanism, t.nature, t.stage_lo, t.stage_hi, t.to_settle, t.lo_evidence, t.hi_evidence,
    CASE
        WHEN t.nature IN ('none', 'static') THEN 'no'
        WHEN t.nature = 'unknown' OR t.mechanism = 'certificate' THEN 'unknown'
        WHEN t.in_time IS NOT NULL THEN CASE WHEN t.in_time THEN 'yes' ELSE 'no' END
        WHEN t.mechanism IN ('native', 'chain', 'third_party') AND t.capped THEN 'yes'
        ELSE 'unknown'
    END AS short_lived,
    CASE
        WHEN t.nature = 'none' THEN 'no credential at all'
        WHEN t.nature = 'static' THEN 'the credential is static'
        WHEN short_lived = 'no' THEN 'its token lives too long'
        WHEN short_lived = 'unknown' THEN 'how long its credential lives is not known'
    END AS lifetime_doubt,
    CASE WHEN t.nature = 'none' THEN 'no' ELSE coalesce(s.scoped, 'unknown') END AS scoped,
    CASE WHEN t.nature = 'none' THEN 'no' ELSE coalesce(o.owned, 'unknown') END AS owned,
    CASE WHEN t.nature = 'none' THEN 'no' ELSE coalesce(r.revocable, 'unknown') END AS revocable,
    CASE WHEN t.nature <> 'none' AND coalesce(s.scoped, 'unknown') <> 'yes' THEN coalesce(s.reason, 'what it may do is not known') END AS scoped_doubt,
    CASE WHEN t.nature <> 'none' AND coalesce(o.owned, 'unknown') <> 'yes' THEN coalesce(o.reason, 'who owns it is not known') END AS owned_doubt,
    CASE WHEN t.nature <> 'none' AND coalesce(r.revocable, 'unknown') <> 'yes' THEN coalesce(r.reason, 'what stops with it is not known') END AS revocable_doubt,
    list_sort(list_distinct(list_concat(t.lo_evidence, coalesce(s.evidence, []), coalesce(o.evidence, [])))) AS evidence
FROM termed AS t
LEFT JOIN counting.scoped AS s ON s.identity_id = t.identity_id
LEFT JOIN counting.owned AS o ON o.identity_id = t.identity_id
LEFT JOIN counting.revocable AS r ON r.identity_id = t.identity_id;

-- When an identity was last used, and that in words: itself, or by a key or password of its own. A user of AWS is used by those alone.
CREATE OR REPLACE TABLE counting.use AS
WITH own AS (
    SELECT identity_id, max(last_used_at) AS last_used_at, bool_and(last_used_known) AS known
    FROM main.credential WHERE identity_id IS NOT NULL GROUP BY identity_id
), unlisted AS (
    SELECT DISTINCT subject_id FROM main.access_path WHERE mechanism = 'static_not_listed'
), used AS (
    SELECT
        i.identity_id, i.created_at, i.evidence,
        greatest(i.last_used_at, o.last_used_at) AS last_used_at,
        date_diff('day', greatest(i.last_used_at, o.last_used_at), $as_of) AS idle_days,
        date_diff('day', i.created_at, $as_of) AS age_days,
        CASE WHEN coalesce(i.native_type, '') = 'AWS::IAM::User' THEN coalesce(o.known, true) AND u.subject_id IS NULL ELSE i.last_used_known END AS known
    FROM counting.identity AS i
    LEFT JOIN own AS o ON o.identity_id = i.identity_id
    LEFT JOIN unlisted AS u ON u.subject_id = i.identity_id
)
SELECT
    *,
    CASE
        WHEN last_used_at IS NOT NULL AND (known OR idle_days <= $unused_days)
            THEN 'last used on ' || CAST(last_used_at AS DATE) || ', ' || idle_days || ' days ago; the limit is ' || $unused_days
        WHEN last_used_at IS NOT NULL THEN 'seen on ' || CAST(last_used_at AS DATE) || '; whether it was used since is not known'
        WHEN NOT known THEN 'whether it was ever used is not known'
        WHEN created_at IS NULL THEN 'no use seen, but when it was made is not known'
        ELSE 'no use seen since it was made, ' || age_days || ' days ago; the limit is ' || $unused_days
    END AS reason
FROM used;

-- Who should have an owner: a resource owns what is assigned to it by the system.
CREATE OR REPLACE VIEW counting.to_be_owned AS
SELECT i.identity_id, o.owned, o.reason, o.evidence
FROM counting.identity AS i
JOIN counting.owned AS o ON o.identity_id = i.identity_id
WHERE coalesce(i.native_type, '') NOT LIKE '%systemAssigned';

-- What an identity is granted in three parts, by use: how many permissions, and what they weigh. What nobody knows of is NULL.
CREATE OR REPLACE VIEW counting.granted AS
SELECT identity_id, 'counted' AS status, unused AS permissions, weight_unused AS weight, reason, evidence FROM main.least_privilege
UNION ALL
SELECT identity_id, 'not', used, weight - weight_unused - weight_open, reason, evidence FROM main.least_privilege
UNION ALL
SELECT identity_id, 'unknown', likely_unused + unknown, weight_open, reason, evidence FROM main.least_privilege;

-- What a question counts, in the words of a metric.
CREATE OR REPLACE VIEW counting.question_item AS
SELECT
    question_id, subject_kind, subject_id, CASE status WHEN 'pass' THEN 'counted' WHEN 'fail' THEN 'not' ELSE 'unknown' END AS status, reason, evidence
FROM main.question_item;
