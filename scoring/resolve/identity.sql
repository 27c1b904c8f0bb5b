-- One row per identity. The newest export sets the row; others fill what it leaves open. Declared rows fill gaps, never more:
-- a typed `disabled` or `out of scope` counts only for an identity that no export lists.
-- An application is the identity of its service principal, which has the last word on itself.
CREATE TABLE work.identity_row AS
WITH named AS (
    SELECT s.* REPLACE (coalesce(n.identity_id, s.identity_id) AS identity_id), n.alias IS NOT NULL AS by_alias
    FROM seen.identity AS s
    LEFT JOIN work.alias_name AS n ON n.alias = s.identity_id
)
SELECT
    i.*,
    row_number() OVER (
        PARTITION BY i.identity_id
        ORDER BY coalesce(r.declared, false), i.by_alias, coalesce(i.native_type LIKE 'Microsoft.ManagedIdentity/%', false) DESC, r.rank, i.evidence
    ) AS rank,
    coalesce(r.declared, false) AND NOT bool_and(coalesce(r.declared, false)) OVER (PARTITION BY i.identity_id) AS outranked
FROM (
    SELECT * FROM named
    UNION ALL BY NAME
    -- A user known only from its keys is an identity all the same; and one that people typed is then seen by an export.
    SELECT
        CASE WHEN candidates = 1 THEN found_id ELSE mention END AS identity_id, 'aws' AS provider, nullif(scope, '*') AS scope, name, 'service_account' AS kind, 'AWS::IAM::User' AS native_type,
        'unknown' AS human, true AS in_scope, 'unknown' AS status, false AS last_used_known, evidence, false AS by_alias
    FROM work.user_name
    WHERE candidates <> 1 OR only_declared
) AS i
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(i.evidence, '#', 1);

INSERT INTO main.identity BY NAME
SELECT
    identity_id,
    max(CASE WHEN rank = 1 THEN provider END) AS provider,
    coalesce(max(CASE WHEN rank = 1 THEN scope END), max(scope)) AS scope,
    max(CASE WHEN rank = 1 THEN name END) AS name,
    coalesce(max(CASE WHEN rank = 1 AND kind <> 'unknown' THEN kind END), max(CASE WHEN kind <> 'unknown' THEN kind END), 'unknown') AS kind,
    coalesce(max(CASE WHEN rank = 1 THEN native_type END), max(native_type)) AS native_type,
    coalesce(max(CASE WHEN human <> 'unknown' AND NOT outranked THEN human END), 'unknown') AS human,
    max(human_basis) FILTER (WHERE NOT outranked) AS human_basis,
    bool_and(in_scope) FILTER (WHERE NOT outranked) AS in_scope,
    max(scope_reason) FILTER (WHERE NOT outranked) AS scope_reason,
    CASE
        WHEN bool_or(status = 'active' AND NOT outranked AND NOT by_alias) THEN 'active'
        WHEN bool_or(status = 'disabled' AND NOT outranked AND NOT by_alias) THEN 'disabled'
        WHEN bool_or(status = 'active' AND NOT outranked) THEN 'active'
        WHEN bool_or(status = 'disabled' AND NOT outranked) THEN 'disabled'
        WHEN bool_or(status = 'active') THEN 'active'
        ELSE 'unknown'
    END AS status,
    lower(coalesce(max(CASE WHEN rank = 1 THEN environment END), max(environment))) AS environment,
    coalesce(max(CASE WHEN rank = 1 THEN team END), max(team)) AS team,
    coalesce(max(CASE WHEN rank = 1 THEN purpose END), max(purpose)) AS purpose,
    coalesce(min(created_at) FILTER (WHERE NOT outranked), min(created_at)) AS created_at,
    max(last_used_at) FILTER (WHERE NOT outranked) AS last_used_at,
    coalesce(bool_or(last_used_known) FILTER (WHERE NOT outranked), false) AS last_used_known,
    max(CASE WHEN rank = 1 THEN evidence END) AS evidence
FROM work.identity_row
GROUP BY identity_id;
