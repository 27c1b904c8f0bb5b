-- title = "Enforce an organisation policy on an account"
-- subject = "account"
-- addresses = [6, 7]
-- effort = 5
-- effort_reason = "written once, tried in audit mode first, since it binds everything in the account"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Bind the account by a policy of the organisation on what machine identities may do (SCP, organisation policy, Azure Policy), enforced and not only audited."
-- rollback = "Detach the policy, or set it back to audit."
--
-- [[example]]
-- why = "logging is on, no policy is enforced: with one, a native role reaches the top"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", safety = "safe"}]
-- rows.guardrail = [{guardrail_id = "trail", kind = "audit_log", enforcement = "enforced"}]
-- candidates = {"111111111111" = true}
-- before = {r = [6, 6]}
-- after = {r = [7, 7]}
--
-- [[example]]
-- why = "the management account: no SCP binds it"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", safety = "safe"}]
-- rows.ceiling = [{kind = "exempt", level = "root", policy_id = "p", policy_name = "p", document_id = "d"}]
-- rows.policy_document = [{document_id = "d", document = "{}"}]
-- candidates = {}

-- candidates
WITH enforced AS (
    SELECT scope, bool_or(enforcement = 'enforced') AS policy, bool_or(enforcement = 'unknown') AS undecided
    FROM main.guardrail
    WHERE kind = 'workload_policy'
    GROUP BY scope
), exempt AS (
    SELECT DISTINCT scope FROM main.ceiling WHERE kind = 'exempt'
), held AS (
    SELECT scope, count(*) AS identities FROM main.placement WHERE subject_kind = 'identity' AND stage_lo IS NOT NULL GROUP BY scope
)
SELECT
    'account' AS subject_kind, a.scope AS subject_id,
    'no organisation policy is known to be enforced on ' || coalesce(a.name, a.scope) || ': ' || h.identities || ' identities' AS reason,
    CASE
        WHEN e.undecided OR v.status IS NULL OR v.status <> 'collected' THEN ['whether one is enforced already is not known: look first']
        ELSE []
    END AS guards,
    true AS ready, [a.evidence] AS evidence
FROM main.account AS a
JOIN held AS h ON h.scope = a.scope
LEFT JOIN enforced AS e ON e.scope = a.scope
LEFT JOIN enforced AS w ON w.scope = '*'
LEFT JOIN exempt AS x ON x.scope = a.scope
LEFT JOIN main.coverage AS v ON v.fact = 'guardrails' AND v.scope = a.scope
WHERE NOT coalesce(e.policy, w.policy, false) AND x.scope IS NULL

-- amendment
INSERT INTO seen.guardrail BY NAME
SELECT
    'what-if:policy:' || a.scope AS guardrail_id, a.scope, 'workload_policy' AS kind, 'the organisation policy' AS name, 'enforced' AS enforcement,
    'observed' AS basis, 'what-if#enforce-guardrails' AS evidence
FROM was.account AS a
WHERE list_contains($subjects, a.scope);
