-- Azure identities, a row each, with what tells whether they are used at all. $identity: one identity, or NULL for all. Reads `main` alone.
-- Managed identities sign in to a log of their own, which the report of sign-ins does not sum up: it never makes one of them idle.
-- https://learn.microsoft.com/entra/identity/monitoring-health/concept-service-principal-sign-ins
WITH signed AS (
    SELECT c.scope FROM main.coverage AS c WHERE c.fact = 'role_usage' AND c.status = 'collected' AND c.evidence IS NOT NULL
),
recent AS (
    SELECT u.identity_id, list_sort(list(DISTINCT lower(u.action)) FILTER (WHERE u.action IS NOT NULL)) AS actions
    FROM main.usage AS u
    WHERE u.last_at >= $since
    GROUP BY u.identity_id
)
SELECT
    i.identity_id, i.name, i.kind, i.human, i.in_scope, i.status, i.purpose, i.created_at, i.last_used_at, i.evidence,
    coalesce(r.actions, []) AS used,
    i.kind <> 'managed_identity' AND i.last_used_known AND s.scope IS NOT NULL AND r.identity_id IS NULL
        AND coalesce(i.last_used_at < $since, true) AS idle,
    -- the report was collected whole, and it is not in it: not seen, or older than what the report holds
    i.kind <> 'managed_identity' AND NOT i.last_used_known AND s.scope IS NOT NULL AND r.identity_id IS NULL AS absent
FROM main.identity AS i
LEFT JOIN signed AS s ON s.scope = i.scope
LEFT JOIN recent AS r ON r.identity_id = i.identity_id
WHERE i.provider = 'azure' AND (CAST($identity AS VARCHAR) IS NULL OR i.identity_id = CAST($identity AS VARCHAR))
