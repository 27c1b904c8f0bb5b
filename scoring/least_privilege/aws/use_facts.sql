-- What an AWS identity's own records say of its use, and whether anything may be proposed about it. $identity: one identity; NULL: all.
WITH chosen AS (
    SELECT * FROM main.identity WHERE provider = 'aws' AND ($identity IS NULL OR identity_id = $identity)
),
-- Sources too old to show that something was not used since.
source_age AS (
    SELECT source_id, coalesce(date_diff('day', coalesce(collected_at, newest_at), $as_of) > $max_age_days, false) AS stale FROM main.source
),
-- A report that lists every service of the identity, none left out.
report AS (
    SELECT g.subject_id AS identity_id, min(g.evidence) AS evidence
    FROM main.sighting AS g
    LEFT JOIN source_age AS a ON a.source_id = split_part(g.evidence, '#', 1)
    WHERE g.subject_kind = 'service_usage' AND NOT coalesce(a.stale, false) AND ($identity IS NULL OR g.subject_id = $identity)
    GROUP BY g.subject_id
),
seen AS (
    SELECT u.identity_id, max(u.window_days) AS window_days
    FROM main.usage AS u
    WHERE $identity IS NULL OR u.identity_id = $identity
    GROUP BY u.identity_id
),
collected AS (
    SELECT
        c.scope,
        bool_or(c.fact = 'service_usage') AS service_usage,
        bool_or(c.fact = 'role_usage') AS role_usage,
        count(DISTINCT c.fact) FILTER (WHERE c.fact IN ('access_keys', 'key_usage', 'passwords', 'service_credentials')) = 4 AS user_usage
    FROM main.coverage AS c
    WHERE c.status = 'collected'
    GROUP BY c.scope
),
said AS (
    SELECT DISTINCT scope, fact FROM main.coverage WHERE fact IN ('service_usage', 'role_usage')
),
held AS (
    SELECT
        c.identity_id,
        bool_or(coalesce(date_diff('day', c.last_used_at, $as_of) <= $unused_days, false)) AS recent,
        bool_and(c.status = 'inactive' OR c.status = 'expired' OR c.last_used_known) AS known
    FROM main.credential AS c
    WHERE c.identity_id IS NOT NULL AND ($identity IS NULL OR c.identity_id = $identity)
    GROUP BY c.identity_id
),
-- A policy that AWS itself maintains is changed by AWS, not for this identity.
changed AS (
    SELECT e.identity_id, max(e.changed_at) AS changed_at
    FROM main.entitlement AS e
    WHERE NOT coalesce(e.policy_id LIKE 'arn:%:iam::aws:policy/%', false) AND ($identity IS NULL OR e.identity_id = $identity)
    GROUP BY e.identity_id
)
SELECT
    i.identity_id, i.name, i.purpose, i.native_type, i.created_at, i.last_used_at, g.changed_at, s.window_days, i.evidence, r.evidence AS report,
    r.identity_id IS NOT NULL OR CASE WHEN n.scope IS NULL THEN coalesce(everywhere.service_usage, false) ELSE coalesce(own.service_usage, false) END AS complete,
    CASE
        WHEN coalesce(h.recent, false) OR coalesce(date_diff('day', i.last_used_at, $as_of) <= $unused_days, false) THEN 'used'
        WHEN i.native_type = 'AWS::IAM::Role'
            AND i.last_used_known AND CASE WHEN m.scope IS NULL THEN coalesce(everywhere.role_usage, false) ELSE coalesce(own.role_usage, false) END THEN 'idle'
        WHEN i.native_type = 'AWS::IAM::User' AND coalesce(own.user_usage, false) AND coalesce(h.known, true) THEN 'idle'
        ELSE 'unknown'
    END AS own_use,
    CASE
        WHEN i.kind = 'root' THEN 'the root user of an account may do everything there, and no policy narrows it'
        WHEN NOT i.in_scope THEN coalesce(i.scope_reason, 'it is out of scope')
        WHEN i.human = 'human' THEN 'a person uses it: ' || coalesce(i.human_basis, 'people are not judged here')
        WHEN i.status = 'disabled' THEN 'it is disabled already'
    END AS left_out
FROM chosen AS i
LEFT JOIN report AS r ON r.identity_id = i.identity_id
LEFT JOIN seen AS s ON s.identity_id = i.identity_id
LEFT JOIN collected AS own ON own.scope = i.scope
LEFT JOIN collected AS everywhere ON everywhere.scope = '*'
LEFT JOIN said AS n ON n.scope = i.scope AND n.fact = 'service_usage'
LEFT JOIN said AS m ON m.scope = i.scope AND m.fact = 'role_usage'
LEFT JOIN held AS h ON h.identity_id = i.identity_id
LEFT JOIN changed AS g ON g.identity_id = i.identity_id
