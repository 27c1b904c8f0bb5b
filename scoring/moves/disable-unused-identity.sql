-- title = "Switch off an identity that nobody uses"
-- subject = "identity"
-- addresses = [1, 7]
-- effort = 1
-- effort_reason = "one policy or one switch; delete it when nobody has missed it"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Switch the identity off (deny everything, disable), wait, delete it."
-- rollback = "Switch it on again."
--
-- [[example]]
-- why = "a role that nobody assumed for a year"
-- rows.identity = [{identity_id = "r", name = "r", created_at = 2024-01-31, last_used_known = true, last_used_at = 2025-01-31}]
-- rows.trust = [{trust_id = "t", identity_id = "r", principal_kind = "oidc", principal = "token.actions.githubusercontent.com", safety = "unsafe"}]
-- candidates = {r = true}
-- before = {r = [6, 6]}
-- after = {r = []}
--
-- [[example]]
-- why = "whether it is used is not known, or it is too young to say"
-- rows.identity = [
--     {identity_id = "untracked", name = "untracked", created_at = 2024-01-31},
--     {identity_id = "young", name = "young", created_at = 2026-09-01, last_used_known = true},
-- ]
-- rows.trust = [{trust_id = "t", identity_id = "untracked", safety = "safe"}, {trust_id = "u", identity_id = "young", safety = "safe"}]
-- candidates = {}

-- candidates
WITH key_use AS (
    -- A key that is in use, or whose use nobody tracks, is a use of the identity.
    SELECT identity_id, bool_or(NOT last_used_known OR date_diff('day', last_used_at, $as_of) <= $unused_days) AS perhaps
    FROM main.credential
    WHERE status IN ('active', 'unknown') AND credential_id NOT LIKE 'aws:password:%'
    GROUP BY identity_id
)
SELECT
    'identity' AS subject_kind, i.identity_id AS subject_id,
    CASE WHEN i.last_used_at IS NULL THEN 'its use is tracked, and none was seen' ELSE 'last used ' || strftime(i.last_used_at, '%Y-%m-%d') END AS reason,
    coalesce(l.guards, []) AS guards,
    len(coalesce(l.guards, [])) = 0 AS ready, [i.evidence] AS evidence
FROM main.identity AS i
JOIN main.placement AS p ON p.subject_kind = 'identity' AND p.subject_id = i.identity_id AND p.stage_lo IS NOT NULL
LEFT JOIN main.least_privilege AS l ON l.identity_id = i.identity_id
LEFT JOIN key_use AS k ON k.identity_id = i.identity_id
WHERE i.last_used_known AND date_diff('day', i.created_at, $as_of) > $unused_days
    AND (i.last_used_at IS NULL OR date_diff('day', i.last_used_at, $as_of) > $unused_days)
    AND NOT coalesce(k.perhaps, false)

-- amendment
UPDATE seen.identity SET status = 'disabled'
WHERE identity_id IN (SELECT mention FROM was.identity_name WHERE list_contains($subjects, identity_id));
