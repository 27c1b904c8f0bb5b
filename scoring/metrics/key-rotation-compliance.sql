-- title = "Rotation compliance of keys"
-- better = "higher"
-- subject = "credential"
-- definition = "Active access keys, service account keys and application secrets of machine identities that are no older than the pack allows."
-- formula = "age in days <= key_max_age_days / all"
-- needs = ["access_keys"]

SELECT
    c.credential_id AS subject_id,
    CASE WHEN c.created_at IS NULL OR c.status = 'unknown' THEN 'unknown'
        WHEN date_diff('day', c.created_at, $as_of) <= $key_max_age_days THEN 'counted' ELSE 'not' END AS status,
    CASE WHEN c.created_at IS NULL THEN 'when it was made is not in the evidence' WHEN c.status = 'unknown' THEN 'whether it is active is not in the evidence'
        ELSE date_diff('day', c.created_at, $as_of) || ' days old; the limit is ' || $key_max_age_days END AS reason,
    [c.evidence] AS evidence
FROM credential AS c
LEFT JOIN identity AS i ON i.identity_id = c.identity_id
WHERE (c.kind = 'access_key' OR (c.provider = 'gcp' AND c.kind = 'signing_key') OR (c.provider = 'azure' AND c.kind = 'oauth_client_secret'))
    AND c.provider <> 'other' AND c.status IN ('active', 'unknown') AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
