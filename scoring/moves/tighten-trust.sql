-- title = "Tighten a trust that lets others in"
-- subject = "trust"
-- addresses = [6, 7]
-- effort = 2
-- effort_reason = "one condition; the pipelines that use it are known by name"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Name the subject and audience (OIDC), the tenant in the provider's condition (pools), or the ExternalId (third parties), so that only the known workload gets in."
-- rollback = "Put the old condition back."
--
-- [[example]]
-- why = "any repository may assume it; afterwards one"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", principal_kind = "oidc", principal = "token.actions.githubusercontent.com", safety = "unsafe"}]
-- rows.guardrail = [{guardrail_id = "scp", enforcement = "enforced"}, {guardrail_id = "trail", kind = "audit_log", enforcement = "enforced"}]
-- candidates = {t = true}
-- before = {r = [6, 6]}
-- after = {r = [7, 7]}
--
-- [[example]]
-- why = "a vendor without ExternalId: the finding goes, the stage stays, since how the vendor keeps its keys is not known"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999", safety = "unknown"}]
-- candidates = {t = true}
-- before = {r = [2, 6]}
-- after = {r = [2, 6]}

-- candidates
SELECT
    'trust' AS subject_kind, t.trust_id AS subject_id,
    coalesce(t.safety_reason, 'the other party may be made to use it for strangers: no ExternalId is asked for') AS reason,
    CASE WHEN t.principal_kind IN ('account', 'principal') THEN ['the other party must send the ExternalId: agree on a day'] ELSE [] END AS guards,
    true AS ready, [t.evidence] AS evidence
FROM main.trust AS t
JOIN main.access_path AS p ON p.trust_id = t.trust_id
JOIN main.identity AS i ON i.identity_id = t.identity_id
WHERE p.mechanism <> 'anonymous' AND (t.safety = 'unsafe' OR (p.mechanism = 'third_party' AND i.provider = 'aws' AND NOT t.external_id))

-- amendment
UPDATE seen.trust
SET
    safety = CASE WHEN trust.safety = 'unsafe' THEN 'safe' ELSE trust.safety END, safety_reason = 'only the known workload gets in',
    external_id = trust.external_id OR trust.principal_kind IN ('account', 'principal')
WHERE list_contains($subjects, trust_id);

-- A pool lets in whom its providers let in: all of its bindings share what is tightened there.
UPDATE seen.federation SET safety = 'safe', safety_reason = 'only the known tenant gets in'
WHERE safety = 'unsafe' AND federation_id IN (
    SELECT f.federation_id
    FROM was.federation AS f
    JOIN was.trust AS t ON t.principal = f.pool AND list_contains($subjects, t.trust_id)
);
