-- Facts that are not to be asked of an Azure scope of its kind: applications and their credentials live in the tenant, what runs and is
-- stored in subscriptions. Where the evidence knows no scope of the kind that holds them, they were not supplied by anyone: a tenant
-- without its subscriptions does not say that nothing runs.
CREATE TABLE work.not_asked AS
WITH kind AS (
    SELECT scope, 'tenant' AS kind FROM main.identity WHERE native_type LIKE 'microsoft.graph.%'
    UNION SELECT scope, 'subscription' FROM main.identity WHERE native_type LIKE 'Microsoft.ManagedIdentity/%'
    UNION SELECT scope, 'subscription' FROM main.workload WHERE provider = 'azure'
    UNION SELECT scope, 'subscription' FROM seen.resource WHERE provider = 'azure'
    UNION SELECT scope, 'subscription' FROM seen.secret_store WHERE provider = 'azure'
), decided AS (
    SELECT k.scope, min(k.kind) AS kind
    FROM kind AS k
    JOIN work.place AS p ON p.scope = k.scope AND p.provider = 'azure'
    GROUP BY k.scope
    HAVING count(*) = 1
)
SELECT d.scope, f.fact
FROM decided AS d
JOIN work.fact AS f ON f.provider = 'azure' AND f.held_by <> d.kind
WHERE f.held_by IN (SELECT kind FROM decided);

-- One verdict per fact and scope. What lists users one by one is collected only when every user of the account was looked at, and
-- something says that these are all users. A user who was looked at too long ago counts only when all were: then the fact is stale.
-- What a source lists in one go, per scope: a statement for the whole organisation stands for each scope of its provider. That all calls of
-- a collection succeeded does not count here: it does not look at identities one by one.
CREATE TABLE work.whole_listing AS
SELECT DISTINCT v.fact, coalesce(nullif(v.scope, '*'), p.scope) AS scope, v.evidence
FROM seen.coverage AS v
LEFT JOIN work.source_rank AS r ON r.source_id = v.evidence
LEFT JOIN seen.source AS q ON q.source_id = v.evidence
LEFT JOIN work.place AS p ON v.scope = '*' AND (r.provider IS NULL OR r.provider = p.provider)
WHERE v.status = 'collected' AND NOT coalesce(r.declared, false) AND coalesce(q.format, '') <> 'manifest';

-- Service accounts whose keys were all told: listed one by one, or by a source that lists the accounts and their keys.
CREATE TABLE work.keys_told AS
SELECT DISTINCT i.identity_id
FROM main.identity AS i
JOIN main.sighting AS s ON s.subject_kind = 'access_keys' AND s.subject_id = i.identity_id
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(s.evidence, '#', 1)
WHERE i.provider = 'gcp' AND NOT coalesce(r.stale, false)
UNION
SELECT i.identity_id
FROM main.identity AS i
JOIN work.whole_listing AS k ON k.fact = 'access_keys' AND k.scope = i.scope
JOIN work.whole_listing AS l ON l.fact = 'identities' AND l.scope = i.scope AND l.evidence = k.evidence
LEFT JOIN work.source_rank AS r ON r.source_id = k.evidence
WHERE i.provider = 'gcp' AND NOT coalesce(r.stale, false);

CREATE TABLE work.covered_scope AS
WITH looked AS (
    SELECT
        s.subject_kind, s.subject_id, bool_or(NOT coalesce(r.stale, false)) AS fresh, max(coalesce(r.collected_at, q.newest_at)) AS collected_at
    FROM main.sighting AS s
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(s.evidence, '#', 1)
    LEFT JOIN main.source AS q ON q.source_id = r.source_id
    WHERE s.subject_kind IN ('access_keys', 'passwords', 'trust')
    GROUP BY s.subject_kind, s.subject_id
), all_users AS (
    SELECT DISTINCT v.scope, f.fact
    FROM seen.coverage AS v
    LEFT JOIN main.source AS q ON q.source_id = v.evidence
    CROSS JOIN (SELECT 'access_keys' AS fact UNION ALL SELECT 'passwords' AS fact) AS f
    WHERE v.status = 'collected' AND (v.fact = 'identities' OR (v.fact = f.fact AND q.format = 'aws-credential-report'))
), user_count AS (
    SELECT
        i.scope, f.fact, count(*) AS users,
        CASE WHEN bool_or(l.fresh) THEN count(*) FILTER (WHERE l.fresh) ELSE count(l.subject_id) END AS looked_at,
        bool_or(a.scope IS NOT NULL) AS complete,
        max(l.collected_at) AS collected_at
    FROM main.identity AS i
    CROSS JOIN (SELECT 'access_keys' AS fact UNION ALL SELECT 'passwords' AS fact) AS f
    LEFT JOIN looked AS l ON l.subject_kind = f.fact AND l.subject_id = i.identity_id
    LEFT JOIN all_users AS a ON a.scope = i.scope AND a.fact = f.fact
    WHERE i.native_type = 'AWS::IAM::User' AND i.scope IS NOT NULL
    GROUP BY i.scope, f.fact
), one_by_one AS (
    -- GCP lists keys per service account; GCP and Azure list who may act as an identity per identity. A source that lists the
    -- identities of the scope as well (an asset inventory) speaks of all of them; so does one that tells the trust of the whole scope.
    SELECT
        i.scope, f.fact, i.identity_id,
        CASE WHEN f.fact = 'access_keys' THEN k.identity_id IS NOT NULL ELSE coalesce(l.fresh, false) END AS fresh,
        l.subject_id IS NOT NULL AS sighted, l.collected_at
    FROM main.identity AS i
    CROSS JOIN (SELECT 'access_keys' AS fact UNION ALL SELECT 'trust' AS fact) AS f
    LEFT JOIN looked AS l ON l.subject_kind = f.fact AND l.subject_id = i.identity_id
    LEFT JOIN work.keys_told AS k ON k.identity_id = i.identity_id
    LEFT JOIN (
        SELECT DISTINCT identity_id, principal_scope FROM main.trust WHERE principal_kind = 'account'
    ) AS o ON o.identity_id = i.identity_id AND i.provider = 'azure' AND o.principal_scope <> i.scope
    WHERE i.in_scope AND i.scope IS NOT NULL AND o.identity_id IS NULL AND (
        (i.provider = 'gcp' AND i.kind = 'service_account')
        -- A system-assigned identity lives and dies with its resource: nobody can federate it.
        OR (f.fact = 'trust' AND i.provider = 'azure' AND i.kind IN ('service_principal', 'managed_identity', 'oauth_client')
            AND coalesce(i.native_type, '') <> 'Microsoft.ManagedIdentity/systemAssigned')
    )
), listed_scope AS (
    SELECT
        o.scope, o.fact, count(DISTINCT o.identity_id) AS users,
        CASE WHEN bool_or(o.fresh) THEN count(DISTINCT o.identity_id) FILTER (WHERE o.fresh) ELSE count(DISTINCT o.identity_id) FILTER (WHERE o.sighted) END AS looked_at,
        bool_or(v.fact IS NOT NULL) AS complete, max(o.collected_at) AS collected_at
    FROM one_by_one AS o
    LEFT JOIN work.whole_listing AS v ON v.fact = 'identities' AND v.scope = o.scope
    LEFT JOIN work.whole_listing AS w ON w.fact = 'trust' AND w.scope = o.scope
    WHERE o.fact = 'access_keys' OR w.fact IS NULL
    GROUP BY o.scope, o.fact
    HAVING o.fact = 'access_keys' OR bool_or(o.sighted)
), key_count AS (
    SELECT
        i.scope, 'key_usage' AS fact, count(*) AS users, count(*) FILTER (WHERE c.last_used_known) AS looked_at,
        true AS complete, CAST(NULL AS TIMESTAMP) AS collected_at
    FROM main.credential AS c
    JOIN main.identity AS i ON i.identity_id = c.identity_id
    WHERE c.kind = 'access_key' AND c.status = 'active' AND i.scope IS NOT NULL
    GROUP BY i.scope
), principal_count AS (
    SELECT
        i.scope, 'service_usage' AS fact, count(*) AS users, count(s.subject_id) AS looked_at,
        true AS complete, CAST(NULL AS TIMESTAMP) AS collected_at
    FROM main.identity AS i
    LEFT JOIN (SELECT DISTINCT subject_id FROM main.sighting WHERE subject_kind = 'service_usage') AS s ON s.subject_id = i.identity_id
    -- IAM tells it of its own principals; agents and who comes with a certificate are none.
    WHERE i.in_scope AND i.provider = 'aws' AND i.scope IS NOT NULL AND i.kind NOT IN ('root', 'ai_agent', 'certificate_subject')
    GROUP BY i.scope
)
SELECT * FROM user_count UNION ALL SELECT * FROM listed_scope UNION ALL SELECT * FROM key_count UNION ALL SELECT * FROM principal_count;

INSERT INTO main.coverage
WITH said AS (
    SELECT
        v.fact, v.scope,
        bool_or(v.status = 'collected') AS collected,
        bool_or(v.status = 'denied') AS denied,
        bool_or(v.status IN ('partial', 'unreadable')) AS partial,
        -- A file of which records could not be read: what they said is missing, whatever other files hold. The same where a manifest
        -- says that only a part was collected: the files of that part cannot know.
        bool_or(v.status = 'unreadable' OR (v.status = 'partial' AND r.format = 'manifest')) AS damaged,
        bool_or(v.status = 'missing') AS missing,
        min(v.reason) AS reason,
        -- A manifest that says what is missing does not make the rest younger.
        max(coalesce(v.collected_at, r.collected_at, r.newest_at)) FILTER (WHERE v.status IN ('collected', 'partial')) AS collected_at,
        coalesce(min(v.evidence) FILTER (WHERE v.status = 'collected'), min(v.evidence)) AS evidence
    FROM seen.coverage AS v
    LEFT JOIN seen.source AS r ON r.source_id = v.evidence
    GROUP BY v.fact, v.scope
), unfinished AS (
    -- These facts are the sum of several listings (functions, tasks, instances …): a whole one does not make up for half of another.
    SELECT DISTINCT l.fact, l.scope
    FROM (
        SELECT v.fact, v.scope, r.format
        FROM seen.coverage AS v
        JOIN seen.source AS r ON r.source_id = v.evidence
        WHERE v.fact IN ('workloads', 'resource_policies') AND v.status IN ('collected', 'partial')
        GROUP BY v.fact, v.scope, r.format
        HAVING NOT bool_or(v.status = 'collected')
    ) AS l
), tenant_grants AS (
    -- What a tenant grants to applications is listed apart: application permissions, and directory roles. Both whole make one whole.
    SELECT 'policies' AS fact, s.subject_id AS scope
    FROM main.sighting AS s
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(s.evidence, '#', 1)
    WHERE s.subject_kind IN ('app_roles', 'directory_roles') AND NOT coalesce(r.stale, false)
    GROUP BY s.subject_id
    HAVING count(DISTINCT s.subject_kind) = 2
), everywhere AS (
    -- What is said of a whole organisation is said of one provider's scopes, unless no provider's source says it.
    SELECT
        v.fact, p.scope, max(coalesce(v.collected_at, r.collected_at, q.newest_at)) AS collected_at,
        min(v.evidence) FILTER (WHERE v.status = 'collected') AS evidence
    FROM seen.coverage AS v
    LEFT JOIN work.source_rank AS r ON r.source_id = v.evidence
    LEFT JOIN seen.source AS q ON q.source_id = v.evidence
    JOIN work.place AS p ON r.provider IS NULL OR r.provider = p.provider
    WHERE v.scope = '*'
    GROUP BY v.fact, p.scope
    HAVING bool_or(v.status = 'collected') AND NOT bool_or(v.status IN ('denied', 'unreadable'))
), not_everywhere AS (
    SELECT DISTINCT v.fact, p.provider
    FROM (SELECT DISTINCT fact FROM seen.coverage WHERE scope = '*') AS v
    CROSS JOIN (SELECT DISTINCT provider FROM work.place WHERE provider IN ('aws', 'gcp', 'azure')) AS p
    LEFT JOIN (
        SELECT c.fact, r.provider
        FROM seen.coverage AS c
        LEFT JOIN work.source_rank AS r ON r.source_id = c.evidence
        WHERE c.scope = '*'
    ) AS o ON o.fact = v.fact AND (o.provider IS NULL OR o.provider = p.provider)
    WHERE o.fact IS NULL
), expected AS (
    SELECT a.scope, f.fact
    FROM main.account AS a
    JOIN work.fact AS f ON f.provider = a.provider
), known AS (
    SELECT fact, scope FROM said UNION SELECT fact, scope FROM work.covered_scope UNION SELECT fact, scope FROM expected
    UNION SELECT fact, scope FROM everywhere
), verdict AS (
    SELECT
        k.fact, k.scope, coalesce(s.collected_at, c.collected_at) AS collected_at, s.evidence,
        coalesce(s.reason, 'known for some providers only, not for ' || e.provider) AS reason,
        everywhere.collected_at AS everywhere_at, everywhere.evidence AS everywhere_evidence,
        CASE
            -- A listing that goes user by user is judged by its users, whatever the file claims.
            WHEN c.users IS NOT NULL AND c.looked_at = 0 AND coalesce(s.denied, false) THEN 'denied'
            WHEN c.users IS NOT NULL AND c.looked_at = 0 AND NOT coalesce(s.collected, false) THEN 'missing'
            WHEN c.users IS NOT NULL AND c.looked_at < c.users THEN 'partial'
            WHEN c.users IS NOT NULL AND NOT c.complete THEN 'partial'
            WHEN (s.damaged OR p.fact IS NOT NULL) AND NOT s.denied THEN 'partial'
            WHEN c.users IS NOT NULL AND NOT coalesce(s.denied, false) THEN 'collected'
            WHEN s.collected AND NOT s.denied THEN CASE WHEN e.provider IS NULL THEN 'collected' ELSE 'partial' END
            WHEN t.scope IS NOT NULL AND NOT s.denied THEN 'collected'
            WHEN s.collected OR s.partial THEN 'partial'
            WHEN s.denied THEN 'denied'
            WHEN s.missing THEN 'missing'
            WHEN everywhere.fact IS NOT NULL AND k.scope <> '*' THEN 'everywhere'
            WHEN x.scope IS NOT NULL THEN 'not_asked'
            ELSE 'missing'
        END AS status,
        c.users, c.looked_at
    FROM known AS k
    LEFT JOIN said AS s ON s.fact = k.fact AND s.scope = k.scope
    LEFT JOIN tenant_grants AS t ON t.fact = k.fact AND t.scope = k.scope
    LEFT JOIN unfinished AS p ON p.fact = k.fact AND p.scope = k.scope
    LEFT JOIN work.covered_scope AS c ON c.fact = k.fact AND c.scope = k.scope
    LEFT JOIN everywhere ON everywhere.fact = k.fact AND everywhere.scope = k.scope
    LEFT JOIN (SELECT fact, min(provider) AS provider FROM not_everywhere GROUP BY fact) AS e ON e.fact = k.fact AND k.scope = '*'
    LEFT JOIN work.not_asked AS x ON x.fact = k.fact AND x.scope = k.scope
), dated AS (
    SELECT
        fact, scope,
        CASE WHEN status IN ('everywhere', 'not_asked') THEN 'collected' ELSE status END AS status,
        CASE WHEN status = 'everywhere' THEN everywhere_at ELSE collected_at END AS collected_at,
        CASE WHEN status = 'everywhere' THEN everywhere_evidence ELSE evidence END AS evidence,
        -- What one source could not know does not stay a reason where another did.
        CASE
            WHEN status = 'not_asked' THEN 'does not apply: an Azure tenant and a subscription hold different things'
            WHEN status NOT IN ('collected', 'everywhere') THEN reason
        END AS reason,
        users, looked_at
    FROM verdict
)
SELECT
    d.fact, d.scope,
    CASE WHEN d.status = 'collected' AND date_diff('day', d.collected_at, t.as_of) > CASE d.fact WHEN 'secret_scan' THEN $scan_max_age_days ELSE $max_age_days END
        THEN 'stale' ELSE d.status END AS status,
    CASE
        WHEN d.status = 'collected' AND date_diff('day', d.collected_at, t.as_of) > CASE d.fact WHEN 'secret_scan' THEN $scan_max_age_days ELSE $max_age_days END
            THEN 'the newest evidence is of ' || strftime(d.collected_at, '%Y-%m-%d') || ': collect it again'
        WHEN d.status = 'missing' THEN coalesce(d.reason, 'not supplied' || coalesce(': ' || f.supply, ''))
        WHEN d.status = 'partial' AND d.users = d.looked_at THEN coalesce(d.reason || '; ', '') || 'that these are all of them is not known'
        WHEN d.status = 'partial' AND d.users IS NOT NULL THEN coalesce(d.reason || '; ', '') || d.looked_at || ' of ' || d.users || ' were looked at'
        ELSE d.reason
    END AS reason,
    d.collected_at, d.evidence
FROM dated AS d
CROSS JOIN work.assessment AS t
LEFT JOIN main.account AS a ON a.scope = d.scope
LEFT JOIN work.fact AS f ON f.provider = a.provider AND f.fact = d.fact;
