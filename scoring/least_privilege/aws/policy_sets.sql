-- Identities by the distinct set of policies they hold, and what each identity's policies are called there.
CREATE SCHEMA IF NOT EXISTS judging;

-- One row per policy of an identity. A policy without text stands under its own name.
CREATE OR REPLACE TABLE judging.member AS
SELECT
    e.identity_id,
    CASE WHEN e.via = 'boundary' THEN 'boundary' ELSE 'identity' END AS side,
    CASE WHEN d.document_id IS NULL THEN '?' || coalesce(e.policy_id, e.policy_name) ELSE e.document_id END AS member,
    e.policy_name,
    e.evidence
FROM main.entitlement AS e
LEFT JOIN main.policy_document AS d ON d.document_id = e.document_id
WHERE e.via <> 'eks_access';

CREATE OR REPLACE TABLE judging.policy_set AS
WITH held AS (
    SELECT
        m.identity_id,
        list_sort(list(DISTINCT m.side || ' ' || m.member)) AS members,
        -- no policy of the organisation binds these, so they make sets of their own
        m.identity_id LIKE '%:role/aws-service-role/%' AS service_linked
    FROM judging.member AS m
    JOIN main.identity AS i ON i.identity_id = m.identity_id
    WHERE i.provider = 'aws'
    GROUP BY m.identity_id
)
SELECT
    h.identity_id,
    md5(array_to_string(h.members, chr(10)) || CASE WHEN h.service_linked THEN chr(10) || 'service-linked' ELSE '' END) AS set_id,
    split_part(h.identity_id, ':', 5) AS account,
    h.members,
    h.service_linked
FROM held AS h;
