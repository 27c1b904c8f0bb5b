-- title = "Supply an account's organisation policies and log settings"
-- subject = "account"
-- settles = true
-- effort = 1
-- effort_reason = "an export by someone who may read the organisation"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Supply the organisation's policies and the audit-log settings, so that it is known what binds the account."
-- rollback = "Nothing is changed."
--
-- [[example]]
-- why = "stage 6 or 7: that is known afterwards, not now"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", safety = "safe"}]
-- rows.guardrail = [{guardrail_id = "scp", enforcement = "unknown"}, {guardrail_id = "trail", kind = "audit_log", enforcement = "enforced"}]
-- candidates = {"111111111111" = true}
-- before = {r = [6, 7]}
-- after = {r = [6, 7]}

-- candidates
SELECT
    'account' AS subject_kind, a.scope AS subject_id,
    count(*) || ' paths are at stage 6 or 7: ' || min(p.lo_reason) AS reason, [] AS guards, true AS ready, [min(a.evidence)] AS evidence
FROM main.access_path AS p
JOIN main.identity AS i ON i.identity_id = p.subject_id
JOIN main.account AS a ON a.scope = i.scope
WHERE p.rule = 'native-undetermined'
GROUP BY a.scope
