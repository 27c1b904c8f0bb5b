-- title = "No organisation policy guards the account, project or tenant"
-- severity = "medium"
-- subject = "scope"
-- stage = 7
-- needs = ["guardrails"]
-- absence = true
-- rationale = "Without a policy from above (SCP, RCP, organisation policy, Azure Policy, application management policy), an administrator of the account, or whoever became one, can undo every rule inside it."
-- fix = "Enforce policies of the organisation that deny what no workload needs: making users and keys, adding secrets to applications, leaving the organisation, stopping the log."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-24", "CSF-2.0:GV.PO-01", "ISO-27001-2022:5.36", "SOC2:CC5.2", "PCI-DSS-4.0:7.2.1",
--     "CIS-AWS-7.0:2.1.2", "CCM-4.0:IAM-16",
-- ]
-- source = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"
--
-- [[example]]
-- why = "the organisation's policies were supplied, and none covers the account"
-- rows.account = [{scope = "111111111111"}]
-- rows.guardrail = [{scope = "222222222222", name = "deny-users", enforcement = "enforced"}]
-- expect = {"111111111111" = "fail"}
--
-- [[example]]
-- why = "a service control policy on the root of the organisation"
-- rows.account = [{scope = "111111111111"}]
-- rows.guardrail = [{scope = "*", name = "deny-users", enforcement = "enforced"}]
-- expect = {"111111111111" = "pass"}
--
-- [[example]]
-- why = "what hangs on the root never binds the management account: it cannot be guarded, so it is not judged"
-- rows.account = [{scope = "111111111111"}, {scope = "222222222222", name = "management"}]
-- rows.guardrail = [
--     {scope = "*", name = "deny-users", enforcement = "enforced"},
--     {scope = "222222222222", name = "deny-users", enforcement = "off"},
-- ]
-- expect = {"111111111111" = "pass"}
--
-- [[example]]
-- why = "a policy of a kind whose effect is not known"
-- rows.account = [{scope = "111111111111"}]
-- rows.guardrail = [{scope = "111111111111", name = "landing-zone", enforcement = "unknown"}]
-- expect = {"111111111111" = "unknown"}
--
-- [[example]]
-- why = "a member account cannot see the organisation's policies: that none is seen proves nothing"
-- rows.account = [{scope = "111111111111"}]
-- rows.coverage = [{fact = "guardrails", scope = "111111111111", status = "denied"}]
-- expect = {"111111111111" = "unknown"}
--
-- [[example]]
-- why = "a constraint that forbids service account keys is enforced on the project; the tenant's policies were listed, and none binds its applications"
-- rows.account = [{scope = "shop", provider = "gcp"}, {scope = "tenant", provider = "azure"}]
-- rows.guardrail = [{scope = "shop", name = "iam.disableServiceAccountKeyCreation", enforcement = "enforced"}]
-- expect = {shop = "pass", tenant = "fail"}

WITH guarded AS (
    SELECT
        a.scope,
        count(g.guardrail_id) AS policies,
        min(g.name) FILTER (WHERE g.enforcement = 'enforced') AS enforced,
        min(g.name) FILTER (WHERE g.enforcement = 'unknown') AS unclear,
        bool_or(coalesce(g.enforcement = 'off' AND g.scope = a.scope AND g.basis = 'observed', false)) AS exempt,
        min(g.name) AS name,
        list_sort(list(DISTINCT coalesce(g.evidence, a.evidence))) AS evidence
    FROM account AS a
    LEFT JOIN guardrail AS g ON g.kind = 'workload_policy' AND g.scope IN (a.scope, '*')
    WHERE a.provider IN ('aws', 'gcp', 'azure')
    GROUP BY a.scope
)
SELECT
    scope AS subject_id,
    CASE WHEN enforced IS NOT NULL THEN 'pass' WHEN unclear IS NOT NULL THEN 'unknown' ELSE 'fail' END AS status,
    CASE
        WHEN enforced IS NOT NULL THEN 'the organisation policy ' || enforced || ' is enforced on it'
        WHEN unclear IS NOT NULL THEN 'whether the policy ' || unclear || ' is enforced is not in the evidence'
        WHEN policies > 0 THEN 'the policy ' || name || ' is not enforced'
        ELSE 'no organisation policy covers it'
    END AS reason,
    evidence
FROM guarded
WHERE NOT exempt  -- the management account: no policy can bind it
