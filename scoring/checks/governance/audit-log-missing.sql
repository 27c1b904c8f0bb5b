-- title = "Use of the account, project or tenant is not logged"
-- severity = "high"
-- subject = "scope"
-- stage = 7
-- needs = ["audit_log"]
-- absence = true
-- rationale = "Without a trail nobody can tell what a stolen credential did, and unused access cannot be told from used."
-- fix = "Turn on what logs use for the whole organisation (a CloudTrail trail in all regions, data-access logs of all services, diagnostic settings), into a place that the logged ones cannot change."
-- maps_to = [
--     "NHI10:2025", "NIST-800-53r5:AU-12", "CSF-2.0:PR.PS-04", "ISO-27001-2022:8.15", "SOC2:CC7.2", "PCI-DSS-4.0:10.2.1.2",
--     "CIS-Controls-8:8.2", "CIS-AWS-7.0:4.1", "CIS-GCP-5.0:2.1", "PCI-DSS-4.0:10.2.1.5", "HIPAA:164.312(b)", "NIS2-2024-2690:11.5.2.d",
--     "ITGC:logging", "CCM-4.0:LOG-08",
-- ]
-- source = "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-trail-organization.html"
--
-- [[example]]
-- why = "its trails were listed, and there is none; in the other account the trail is switched off"
-- rows.account = [{scope = "111111111111"}, {scope = "222222222222"}]
-- rows.guardrail = [{scope = "222222222222", kind = "audit_log", name = "main", enforcement = "off"}]
-- expect = {"111111111111" = "fail", "222222222222" = "fail"}
--
-- [[example]]
-- why = "a trail of the whole organisation is running"
-- rows.account = [{scope = "111111111111"}]
-- rows.guardrail = [{scope = "*", kind = "audit_log", name = "org-trail", enforcement = "enforced"}]
-- expect = {"111111111111" = "pass"}
--
-- [[example]]
-- why = "there is a trail; whether it runs was not supplied"
-- rows.account = [{scope = "111111111111"}]
-- rows.guardrail = [{scope = "111111111111", kind = "audit_log", name = "main", enforcement = "unknown"}]
-- expect = {"111111111111" = "unknown"}
--
-- [[example]]
-- why = "nobody supplied the trails: that none is seen proves nothing"
-- rows.account = [{scope = "111111111111"}]
-- rows.coverage = [{fact = "audit_log", scope = "111111111111", status = "missing"}]
-- expect = {"111111111111" = "unknown"}
--
-- [[example]]
-- why = "only administrators' actions are logged in the project; the subscription exports its activity"
-- rows.account = [{scope = "shop", provider = "gcp"}, {scope = "sub", provider = "azure"}]
-- rows.guardrail = [
--     {scope = "shop", kind = "audit_log", name = "audit configuration", enforcement = "audit"},
--     {scope = "sub", kind = "audit_log", name = "to-siem", enforcement = "enforced"},
-- ]
-- expect = {shop = "fail", sub = "pass"}

WITH logged AS (
    SELECT
        a.scope,
        count(g.guardrail_id) AS trails,
        min(g.name) FILTER (WHERE g.enforcement = 'enforced') AS running,
        min(g.name) FILTER (WHERE g.enforcement = 'unknown') AS unclear,
        min(g.name) FILTER (WHERE g.enforcement = 'audit') AS partly,
        min(g.name) AS name,
        list_sort(list(DISTINCT coalesce(g.evidence, a.evidence))) AS evidence
    FROM account AS a
    LEFT JOIN guardrail AS g ON g.kind = 'audit_log' AND g.scope IN (a.scope, '*')
    WHERE a.provider IN ('aws', 'gcp', 'azure')
    GROUP BY a.scope
)
SELECT
    scope AS subject_id,
    CASE WHEN running IS NOT NULL THEN 'pass' WHEN unclear IS NOT NULL THEN 'unknown' ELSE 'fail' END AS status,
    CASE
        WHEN running IS NOT NULL THEN running || ' logs it'
        WHEN unclear IS NOT NULL THEN 'whether ' || unclear || ' is on is not in the evidence: supply its status'
        WHEN partly IS NOT NULL THEN partly || ' logs a part of it only'
        WHEN trails > 0 THEN name || ' is off or does not cover all of it'
        ELSE 'nothing logs it'
    END AS reason,
    evidence
FROM logged
