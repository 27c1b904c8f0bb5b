-- title = "Owner coverage"
-- better = "higher"
-- subject = "identity"
-- definition = "Machine identities that answer to a team or a person who is still there. In scope and not disabled; those of which it is not known whether they are people count in."
-- formula = "with an owner who is still there / all"
-- needs = ["identities", "ownership"]

WITH owned AS (
    SELECT o.identity_id, bool_or(w.status = 'active' OR (w.kind = 'team' AND w.status <> 'departed')) AS present,
        bool_and(coalesce(w.status = 'departed', false)) AS departed, list_sort(list(DISTINCT o.evidence)) AS evidence
    FROM ownership AS o
    LEFT JOIN owner AS w ON w.owner_id = o.owner_id
    GROUP BY o.identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN o.present THEN 'counted' WHEN o.identity_id IS NULL OR o.departed THEN 'not' ELSE 'unknown' END AS status,
    CASE WHEN o.present THEN 'its owner is there' WHEN o.identity_id IS NULL THEN 'nobody is named' WHEN o.departed THEN 'its owners have left'
        ELSE 'whether its owner is still there is not in the evidence' END AS reason,
    coalesce(o.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN owned AS o ON o.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'
