-- One row of `privilege` per GCP and Azure identity (judging.known_grants: known_grants.sql). A level below admin counts only where the evidence shows all of its grants.

INSERT INTO main.privilege (identity_id, privilege, reason, evidence)
WITH verdict AS (
    SELECT g.identity_id, v.privilege, v.reason, v.grants
    FROM judging.grant_set AS g
    JOIN judging.grant_verdict AS v ON v.set_id = g.set_id
),
deciding AS (
    SELECT
        m.identity_id, m.evidence,
        CASE WHEN m.grant_id = v.grants[1] THEN coalesce(r.name, m.policy_name) || coalesce(' on ' || m.resource, '') || ': ' END AS words
    FROM judging.grant_member AS m
    JOIN verdict AS v ON v.identity_id = m.identity_id
    LEFT JOIN judging.role_name AS r ON r.role_id = m.role_id AND lower(m.policy_name) = m.role_id
    WHERE list_contains(v.grants, m.grant_id)
),
shown AS (
    SELECT d.identity_id, min(d.words) AS words, list_slice(list_sort(list(DISTINCT d.evidence)), 1, 5) AS evidence
    FROM deciding AS d
    GROUP BY d.identity_id
)
SELECT
    i.identity_id,
    CASE
        WHEN v.privilege = 'admin' THEN 'admin'
        WHEN k.gap IS NOT NULL THEN 'unknown'
        ELSE coalesce(v.privilege, 'none')
    END AS privilege,
    CASE
        WHEN v.privilege = 'admin' THEN coalesce(s.words, '') || v.reason
        WHEN k.gap IS NOT NULL AND v.identity_id IS NULL THEN k.gap
        WHEN k.gap IS NOT NULL THEN k.gap || '; what was seen is ' || v.privilege || ' (' || coalesce(s.words, '') || v.reason || ')'
        WHEN v.identity_id IS NULL THEN 'no role is granted to it'
        ELSE coalesce(s.words, '') || v.reason
    END AS reason,
    coalesce(s.evidence, [i.evidence]) AS evidence
FROM main.identity AS i
LEFT JOIN judging.known_grants AS k ON k.identity_id = i.identity_id
LEFT JOIN verdict AS v ON v.identity_id = i.identity_id
LEFT JOIN shown AS s ON s.identity_id = i.identity_id
WHERE i.provider IN ('gcp', 'azure');
