-- title = "Several workloads share one role"
-- severity = "low"
-- subject = "identity"
-- needs = ["workloads"]
-- rationale = "A shared role holds the rights of all its workloads: the weakest of them gives away the rights of the others, and the log cannot tell them apart."
-- fix = "Give each workload its own role with its own policies, starting with the one that needs the most."
-- maps_to = [
--     "NHI9:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:5.16", "SOC2:CC6.3", "HIPAA:164.312(a)(2)(i)",
--     "NIS2-2024-2690:11.5.2.a", "CCM-4.0:IAM-13", "NIST-800-53r5:AC-2(9)",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/9-nhi-reuse/"
--
-- [[example]]
-- why = "two functions run with it"
-- rows.identity = [{identity_id = "shared"}]
-- rows.workload = [{workload_id = "orders", identity_id = "shared"}, {workload_id = "refunds", identity_id = "shared"}]
-- expect = {shared = "fail"}
--
-- [[example]]
-- why = "one function in two regions, or instances of one name, are one workload"
-- rows.identity = [{identity_id = "orders"}, {identity_id = "web"}]
-- rows.workload = [
--     {workload_id = "w1", name = "orders", region = "eu-west-1", identity_id = "orders"},
--     {workload_id = "w2", name = "orders", region = "us-east-1", identity_id = "orders"},
--     {workload_id = "i1", name = "web", kind = "ec2_instance", identity_id = "web"},
--     {workload_id = "i2", name = "web", kind = "ec2_instance", identity_id = "web"},
-- ]
-- expect = {orders = "pass", web = "pass"}
--
-- [[example]]
-- why = "two instances without a name: one fleet, or two applications"
-- rows.identity = [{identity_id = "web"}]
-- rows.workload = [
--     {workload_id = "i1", name = "i-0a1", kind = "ec2_instance", identity_id = "web"},
--     {workload_id = "i2", name = "i-0b2", kind = "ec2_instance", identity_id = "web"},
-- ]
-- expect = {web = "unknown"}

WITH used AS (
    SELECT
        identity_id,
        kind || ' ' || name AS label,
        kind = 'ec2_instance' AND name LIKE 'i-%' AS nameless,
        evidence
    FROM workload
    WHERE identity_id IS NOT NULL
), counted AS (
    SELECT
        identity_id,
        count(DISTINCT label) FILTER (WHERE NOT nameless) AS named,
        count(DISTINCT label) AS labels,
        min(label) AS first_label,
        max(label) AS last_label,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM used
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE
        WHEN c.named > $workloads_per_identity THEN 'fail'
        WHEN c.labels > $workloads_per_identity THEN 'unknown'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN c.named > $workloads_per_identity
            THEN c.labels || ' workloads run with it, ' || replace(c.first_label, '_', ' ') || ' and ' || replace(c.last_label, '_', ' ') || ' among them'
        WHEN c.labels > $workloads_per_identity THEN c.labels || ' instances run with it; without names they may be one fleet or several applications'
        ELSE c.labels || ' workload(s) run with it'
    END AS reason,
    c.evidence AS evidence
FROM identity AS i
JOIN counted AS c ON c.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human'
