-- Identities that may assume roles and certainly nothing else, with the policies that say so.
CREATE OR REPLACE TABLE judging.only_assumes_roles AS
WITH chosen AS (
    SELECT p.identity_id, v.documents
    FROM judging.policy_set AS p
    JOIN judging.set_verdict AS v ON v.set_id = p.set_id AND v.account = p.account
    JOIN judging.known_policies AS k ON k.identity_id = p.identity_id
    WHERE v.only_assumes AND k.gap IS NULL
),
deciding AS (
    SELECT c.identity_id, unnest(c.documents) AS member FROM chosen AS c
)
SELECT d.identity_id, list_sort(list(DISTINCT m.evidence)) AS evidence
FROM deciding AS d
JOIN judging.member AS m ON m.identity_id = d.identity_id AND m.member = d.member
GROUP BY d.identity_id;
