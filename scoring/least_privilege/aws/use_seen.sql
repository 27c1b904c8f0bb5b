-- What the records say of each service and action of an AWS identity: `recent`, used within the limit; `absent`, watched for at least as
-- long and not used. A record that looks back less far, or is too old to know, says nothing and has no row. $identity: one; NULL: all.
WITH source_age AS (
    SELECT source_id, coalesce(date_diff('day', coalesce(collected_at, newest_at), $as_of) > $max_age_days, false) AS stale FROM main.source
),
judged AS (
    SELECT
        u.identity_id, u.service, lower(coalesce(u.action, '')) AS action, u.last_at, u.window_days, u.evidence,
        CASE
            WHEN date_diff('day', u.last_at, $as_of) <= $unused_days THEN 'recent'
            WHEN u.window_days >= $unused_days AND NOT coalesce(a.stale, false) THEN 'absent'
        END AS seen
    FROM main.usage AS u
    LEFT JOIN source_age AS a ON a.source_id = split_part(u.evidence, '#', 1)
    WHERE $identity IS NULL OR u.identity_id = $identity
)
-- One row speaks for an action: recent use before none. Its evidence is the record of the last call, or the one that looks back the farthest.
SELECT
    j.identity_id, j.service, j.action, max(j.seen) AS seen, max(j.last_at) AS last_at, max(j.window_days) AS window_days,
    arg_max(j.evidence, row(j.seen, coalesce(j.last_at, TIMESTAMP '1970-01-01'), coalesce(j.window_days, 0), j.evidence)) AS evidence
FROM judged AS j
WHERE j.seen IS NOT NULL
GROUP BY j.identity_id, j.service, j.action
