-- title = "AWS quarantined this user: one of its keys is public"
-- severity = "critical"
-- subject = "identity"
-- stage = 2
-- needs = ["identities", "policies"]
-- rationale = "AWS attaches the policy AWSCompromisedKeyQuarantine to a user when it finds the user's key in public. The policy denies a few actions; the key still works."
-- fix = "Deactivate the user's keys now, look through CloudTrail for what they did, replace them with a role, then detach the policy."
-- maps_to = [
--     "NHI2:2025", "NIST-800-53r5:IA-5(6)", "CSF-2.0:DE.CM-09", "ISO-27001-2022:5.17", "SOC2:CC7.2", "HIPAA:164.308(a)(5)(ii)(D)",
--     "NIS2-2024-2690:11.6.2.b", "ITGC:authentication", "ASVS-5.0:V13.3.1", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html"
--
-- [[example]]
-- why = "AWS attached its quarantine policy"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User", human = "unknown"}]
-- rows.entitlement = [{identity_id = "svc", policy_name = "AWSCompromisedKeyQuarantineV2"}]
-- expect = {svc = "fail"}
--
-- [[example]]
-- why = "only policies of its own"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.entitlement = [{identity_id = "svc", policy_name = "orders-read"}]
-- expect = {svc = "pass"}
--
-- [[example]]
-- why = "list-users names the user, but not its policies"
-- rows.identity = [{identity_id = "svc", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.coverage = [{fact = "identities", scope = "111111111111", status = "collected"}, {fact = "policies", scope = "111111111111", status = "missing"}]
-- expect = {svc = "unknown"}

WITH quarantine AS (
    SELECT identity_id, min(policy_name) AS policy_name, list_sort(list(DISTINCT evidence)) AS evidence
    FROM entitlement
    WHERE policy_name LIKE 'AWSCompromisedKeyQuarantine%'
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN q.identity_id IS NULL THEN 'pass' ELSE 'fail' END AS status,
    CASE WHEN q.identity_id IS NULL THEN 'no quarantine policy is attached' ELSE 'AWS attached ' || q.policy_name END AS reason,
    coalesce(q.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN quarantine AS q ON q.identity_id = i.identity_id
WHERE i.native_type = 'AWS::IAM::User' AND i.in_scope AND i.human <> 'human'
