-- title = "Anyone may assume the role or act as the service account"
-- severity = "critical"
-- subject = "identity"
-- stage = 1
-- needs = ["trust"]
-- rationale = "A trust policy with Principal * and no limiting condition, or a grant to allUsers, hands the identity to everyone in the world."
-- fix = "Name the principals. If it must be many, limit them by aws:PrincipalOrgID, a group or a list."
-- maps_to = [
--     "NHI4:2025", "NIST-800-53r5:AC-3", "CSF-2.0:PR.AA-05", "ISO-27001-2022:5.15", "SOC2:CC6.1", "HIPAA:164.312(a)(1)",
--     "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-16", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
--
-- [[example]]
-- why = "Principal * without a limiting condition"
-- rows.identity = [{identity_id = "open"}]
-- rows.trust = [{identity_id = "open", principal_kind = "anonymous", principal = "*", safety = "unsafe", safety_reason = "anyone may assume it: Principal `*` without a limiting condition"}]
-- expect = {open = "fail"}
--
-- [[example]]
-- why = "it trusts a service"
-- rows.identity = [{identity_id = "orders"}]
-- rows.trust = [{identity_id = "orders"}]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "a kind of principal that is not understood; the other role's trust policy is not in the evidence"
-- rows.identity = [{identity_id = "odd"}, {identity_id = "bare", scope = "222222222222"}]
-- rows.trust = [{identity_id = "odd", principal_kind = "unknown", principal = "anything", safety = "unknown"}]
-- rows.coverage = [{fact = "trust", scope = "111111111111", status = "collected"}]
-- expect = {odd = "unknown", bare = "unknown"}
--
-- [[example]]
-- why = "the service account's policy lets allUsers make its tokens"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.trust = [{identity_id = "batch", principal_kind = "anonymous", principal = "allUsers", safety = "unsafe"}]
-- expect = {batch = "fail"}

WITH trusted AS (
    SELECT
        identity_id,
        min(coalesce(nullif(safety_reason, ''), principal)) FILTER (WHERE principal_kind = 'anonymous') AS open_reason,
        min(principal) FILTER (WHERE principal_kind = 'unknown' AND safety = 'unknown') AS unclear,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM trust
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN t.open_reason IS NOT NULL THEN 'fail' WHEN t.unclear IS NOT NULL THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN t.open_reason IS NOT NULL THEN t.open_reason
        WHEN t.unclear IS NOT NULL THEN 'it trusts ' || t.unclear || ', a kind of principal that is not understood'
        ELSE 'its trust policy names who may assume it'
    END AS reason,
    coalesce(t.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN trusted AS t ON t.identity_id = i.identity_id
WHERE (i.kind = 'iam_role' OR i.native_type = 'iam.googleapis.com/ServiceAccount') AND i.in_scope AND i.human <> 'human'
