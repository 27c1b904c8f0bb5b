-- title = "Identity is governed by an inline policy"
-- severity = "low"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "An inline policy belongs to one identity only: no central review sees it, it has no versions, and it is forgotten when rules change."
-- fix = "Move the statements into a managed policy under review, attach it, and delete the inline policy."
-- maps_to = ["NHI5:2025", "NIST-800-53r5:CM-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:5.15", "SOC2:CC6.3"]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"
--
-- [[example]]
-- why = "one policy is inline"
-- rows.identity = [{identity_id = "batch"}]
-- rows.entitlement = [{identity_id = "batch", via = "inline", policy_name = "temp-access"}, {identity_id = "batch", policy_name = "ReadOnly"}]
-- expect = {batch = "fail"}
--
-- [[example]]
-- why = "managed policies only, even those of its group"
-- rows.identity = [{identity_id = "orders"}]
-- rows.entitlement = [{identity_id = "orders", policy_name = "orders-write"}, {identity_id = "orders", via = "group_inline", policy_name = "all-services"}]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "list-roles names the role, but not its policies"
-- rows.identity = [{identity_id = "batch"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}, {fact = "policies", scope = "111111111111", status = "denied"}]
-- expect = {batch = "unknown"}

WITH inline AS (
    SELECT identity_id, count(*) AS policies, min(policy_name) AS policy_name, list_sort(list(DISTINCT evidence)) AS evidence
    FROM entitlement
    WHERE via = 'inline'
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN n.identity_id IS NULL THEN 'pass' ELSE 'fail' END AS status,
    CASE WHEN n.identity_id IS NULL THEN 'it has no inline policy of its own' ELSE n.policies || ' inline policy(ies): ' || n.policy_name END AS reason,
    coalesce(n.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN inline AS n ON n.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.kind <> 'root' AND i.provider NOT IN ('gcp', 'azure')  -- these have none
