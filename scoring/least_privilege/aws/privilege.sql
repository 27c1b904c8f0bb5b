-- One row of `privilege` per AWS identity. A level below admin counts only where the evidence shows all policies of the identity.

-- Whether all policies of an identity are known, and why not.
CREATE OR REPLACE TABLE judging.known_policies AS
WITH stated AS (
    SELECT c.scope, bool_and(c.status = 'collected') AS collected, min(c.status || coalesce(': ' || c.reason, '')) FILTER (WHERE c.status <> 'collected') AS gap
    FROM main.coverage AS c
    WHERE c.fact = 'policies'
    GROUP BY c.scope
),
-- formats that list policies: an identity that none of them names came from elsewhere, and its policies were never read
lister AS (
    SELECT DISTINCT s.format
    FROM main.coverage AS c
    JOIN main.source AS s ON s.source_id = c.evidence
    WHERE c.fact = 'policies' AND c.status = 'collected'
),
record AS (
    SELECT i.identity_id, i.evidence FROM main.identity AS i
    UNION
    SELECT g.subject_id AS identity_id, g.evidence FROM main.sighting AS g WHERE g.subject_kind = 'identity'
),
named AS (
    SELECT DISTINCT r.identity_id
    FROM record AS r
    JOIN main.source AS s ON s.source_id = split_part(r.evidence, '#', 1)
    JOIN lister AS l ON l.format = s.format
)
SELECT
    i.identity_id,
    CASE
        WHEN NOT coalesce(own.collected, everywhere.collected, false)
            THEN 'not all of its policies may be known: ' || coalesce(own.gap, everywhere.gap, 'no source lists the policies of ' || coalesce(i.scope, 'its account'))
        WHEN n.identity_id IS NULL AND (SELECT count(*) FROM lister) > 0
            THEN 'the source that lists policies does not name it: supply a newer export'
    END AS gap
FROM main.identity AS i
LEFT JOIN stated AS own ON own.scope = i.scope
LEFT JOIN stated AS everywhere ON everywhere.scope = '*'
LEFT JOIN named AS n ON n.identity_id = i.identity_id
WHERE i.provider = 'aws';

INSERT INTO main.privilege (identity_id, privilege, reason, evidence)
WITH verdict AS (
    SELECT p.identity_id, v.privilege, v.reason, v.documents, v.documents[1] AS lead
    FROM judging.policy_set AS p
    JOIN judging.set_verdict AS v ON v.set_id = p.set_id AND v.account = p.account
),
deciding AS (
    SELECT v.identity_id, unnest(v.documents) AS member FROM verdict AS v
),
record AS (
    SELECT DISTINCT m.identity_id, m.evidence
    FROM judging.member AS m
    JOIN deciding AS d ON d.identity_id = m.identity_id AND d.member = m.member
),
numbered AS (
    SELECT r.identity_id, r.evidence, row_number() OVER (PARTITION BY r.identity_id ORDER BY r.evidence) AS position FROM record AS r
),
shown AS (
    SELECT n.identity_id, list_sort(list(n.evidence)) AS evidence FROM numbered AS n WHERE n.position <= 5 GROUP BY n.identity_id
),
lead AS (
    SELECT v.identity_id, min(m.policy_name) AS policy_name
    FROM verdict AS v
    JOIN judging.member AS m ON m.identity_id = v.identity_id AND m.member = v.lead
    GROUP BY v.identity_id
),
-- Kubernetes has permissions of its own: who gets into a cluster may do more than its policies say.
cluster_access AS (
    SELECT e.identity_id, min(e.policy_name || ' in cluster ' || substr(e.resource, 5)) AS access
    FROM main.entitlement AS e
    WHERE e.via = 'eks_access'
    GROUP BY e.identity_id
),
judged AS (
    SELECT
        i.identity_id,
        CASE
            WHEN i.kind = 'root' THEN 'admin'
            WHEN v.privilege = 'admin' THEN 'admin'
            WHEN k.gap IS NOT NULL THEN 'unknown'
            WHEN c.identity_id IS NOT NULL AND coalesce(v.privilege, 'none') IN ('none', 'read') THEN 'unknown'
            WHEN v.privilege IS NOT NULL THEN v.privilege
            WHEN i.identity_id LIKE 'arn:%:iam::%:user/%' OR i.identity_id LIKE 'arn:%:iam::%:role/%' THEN 'none'
            ELSE 'unknown'
        END AS privilege,
        CASE
            WHEN i.kind = 'root' THEN 'the root user of an account may do everything there'
            WHEN c.identity_id IS NOT NULL AND k.gap IS NULL AND coalesce(v.privilege, 'none') IN ('none', 'read')
                THEN 'it has ' || c.access || '; what it may do there is not judged'
            WHEN v.privilege IS NOT NULL AND (v.privilege = 'admin' OR k.gap IS NULL)
                THEN coalesce('policy ' || l.policy_name || ': ', '') || v.reason
            WHEN k.gap IS NOT NULL THEN k.gap
            WHEN i.identity_id LIKE 'arn:%:iam::%:user/%' OR i.identity_id LIKE 'arn:%:iam::%:role/%' THEN 'no policy is attached to it'
            ELSE 'it is neither an IAM user nor a role: its permissions are kept elsewhere'
        END AS reason,
        CASE WHEN i.kind = 'root' THEN [i.evidence] ELSE coalesce(s.evidence, [i.evidence]) END AS evidence
    FROM main.identity AS i
    LEFT JOIN judging.known_policies AS k ON k.identity_id = i.identity_id
    LEFT JOIN verdict AS v ON v.identity_id = i.identity_id
    LEFT JOIN cluster_access AS c ON c.identity_id = i.identity_id
    LEFT JOIN lead AS l ON l.identity_id = i.identity_id
    LEFT JOIN shown AS s ON s.identity_id = i.identity_id
    WHERE i.provider = 'aws'
)
SELECT j.identity_id, j.privilege, j.reason, j.evidence FROM judged AS j;
