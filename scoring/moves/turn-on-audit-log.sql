-- title = "Turn on the audit log of an account"
-- subject = "account"
-- addresses = [6, 7]
-- effort = 2
-- effort_reason = "one setting, and storage to pay for"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Log every use of identities in all regions and services of the account, to a place that the account cannot change."
-- rollback = "Turn it off; what was logged stays."
--
-- [[example]]
-- why = "a policy is enforced, use is not logged: with the log, a native role reaches the top"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", safety = "safe"}]
-- rows.guardrail = [{guardrail_id = "scp", enforcement = "enforced"}]
-- candidates = {"111111111111" = true}
-- before = {r = [6, 6]}
-- after = {r = [7, 7]}
--
-- [[example]]
-- why = "use is logged already"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", safety = "safe"}]
-- rows.guardrail = [{guardrail_id = "trail", kind = "audit_log", enforcement = "enforced"}]
-- candidates = {}

-- candidates
WITH enforced AS (
    SELECT scope, bool_or(enforcement = 'enforced') AS log FROM main.guardrail WHERE kind = 'audit_log' GROUP BY scope
), held AS (
    SELECT scope, count(*) AS identities FROM main.placement WHERE subject_kind = 'identity' AND stage_lo IS NOT NULL GROUP BY scope
)
SELECT
    'account' AS subject_kind, a.scope AS subject_id,
    'use is not known to be logged in ' || coalesce(a.name, a.scope) || ': ' || h.identities || ' identities' AS reason,
    CASE WHEN v.status IS NULL OR v.status <> 'collected' THEN ['whether it is logged already is not known: look first'] ELSE [] END AS guards,
    true AS ready, [a.evidence] AS evidence
FROM main.account AS a
JOIN held AS h ON h.scope = a.scope
LEFT JOIN enforced AS e ON e.scope = a.scope
LEFT JOIN enforced AS w ON w.scope = '*'
LEFT JOIN main.coverage AS v ON v.fact = 'audit_log' AND v.scope = a.scope
WHERE NOT coalesce(e.log, w.log, false)

-- amendment
INSERT INTO seen.guardrail BY NAME
SELECT
    'what-if:log:' || a.scope AS guardrail_id, a.scope, 'audit_log' AS kind, 'the audit log' AS name, 'enforced' AS enforcement,
    'observed' AS basis, 'what-if#turn-on-audit-log' AS evidence
FROM was.account AS a
WHERE list_contains($subjects, a.scope);
