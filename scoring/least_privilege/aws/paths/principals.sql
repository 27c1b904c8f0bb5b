-- AWS roles and users with their privilege and policies, by ARN. The root user is an administrator already and no target of any path.
SELECT
    i.identity_id,
    i.name,
    i.in_scope AND i.human <> 'human' AND i.status <> 'disabled' AS reported,
    p.privilege,
    p.reason,
    k.gap,
    s.set_id,
    s.members,
    i.evidence
FROM main.identity AS i
JOIN main.privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN judging.known_policies AS k ON k.identity_id = i.identity_id
LEFT JOIN judging.policy_set AS s ON s.identity_id = i.identity_id
WHERE i.provider = 'aws' AND (i.identity_id LIKE 'arn:%:iam::%:role/%' OR i.identity_id LIKE 'arn:%:iam::%:user/%')
ORDER BY i.identity_id
