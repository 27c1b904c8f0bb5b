-- title = "People may assume the role or service account of a workload"
-- severity = "medium"
-- subject = "identity"
-- needs = ["trust", "identities"]
-- rationale = "A person in a workload's role leaves the workload's name in the log and gets rights that were granted to a program."
-- fix = "Take people out of the trust policy, or of the service account's policy, and give them a role of their own, with sign-in and a second factor."
-- maps_to = [
--     "NHI10:2025", "NIST-800-53r5:AU-10", "CSF-2.0:DE.CM-03", "ISO-27001-2022:5.16", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.1",
--     "HIPAA:164.312(a)(2)(i)", "NIS2-2024-2690:11.5.2.a", "CCM-4.0:IAM-13",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/10-human-use-of-nhi/"
--
-- [[example]]
-- why = "a function runs with it, and people reach it through SAML; the other one trusts a person's user"
-- rows.identity = [{identity_id = "orders"}, {identity_id = "batch"}, {identity_id = "ada", kind = "service_account", human = "human"}]
-- rows.trust = [
--     {identity_id = "orders"},
--     {identity_id = "orders", principal_kind = "saml", principal = "arn:aws:iam::111111111111:saml-provider/idp", human = true},
--     {identity_id = "batch"},
--     {identity_id = "batch", principal_kind = "principal", principal = "ada", principal_scope = "111111111111"},
-- ]
-- expect = {orders = "fail", batch = "fail"}
--
-- [[example]]
-- why = "only the service, and another role, may assume it"
-- rows.identity = [{identity_id = "orders"}, {identity_id = "runner"}]
-- rows.trust = [
--     {identity_id = "orders"},
--     {identity_id = "orders", principal_kind = "principal", principal = "runner", principal_scope = "111111111111"},
-- ]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "the whole account may assume it, people or not; the other one trusts a user who may be either"
-- rows.identity = [{identity_id = "orders"}, {identity_id = "batch"}, {identity_id = "kim", kind = "service_account", human = "unknown"}]
-- rows.trust = [
--     {identity_id = "orders"},
--     {identity_id = "orders", principal_kind = "account", principal = "arn:aws:iam::111111111111:root", principal_scope = "111111111111"},
--     {identity_id = "batch"},
--     {identity_id = "batch", principal_kind = "principal", principal = "kim", principal_scope = "111111111111"},
-- ]
-- expect = {orders = "unknown", batch = "unknown"}
--
-- [[example]]
-- why = "a person may make tokens of the service account"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.trust = [
--     {identity_id = "batch", principal = "gcp.attached"},
--     {identity_id = "batch", principal_kind = "principal", principal = "user:ada@corp.example", human = true},
-- ]
-- expect = {batch = "fail"}

WITH trusted AS (
    SELECT
        t.identity_id,
        count(*) FILTER (WHERE t.principal_kind IN ('service', 'oidc')) AS native,
        min(t.principal) FILTER (WHERE t.human OR p.human = 'human') AS person,
        min(t.principal) FILTER (
            WHERE NOT t.human AND t.principal_kind IN ('account', 'principal', 'unknown', 'anonymous') AND coalesce(p.human, 'unknown') = 'unknown'
                AND NOT (t.principal LIKE 'AIDA%' OR t.principal LIKE 'AROA%')
        ) AS unclear,
        list_sort(list(DISTINCT t.evidence)) AS evidence
    FROM trust AS t
    LEFT JOIN identity AS p ON p.identity_id = t.principal
    GROUP BY t.identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN t.person IS NOT NULL THEN 'fail' WHEN t.unclear IS NOT NULL THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN t.person IS NOT NULL THEN 'a workload''s identity, and people may assume it through ' || t.person
        WHEN t.unclear IS NOT NULL THEN 'whether people are behind ' || t.unclear || ', which may assume it, is not in the evidence'
        ELSE 'no person may assume it'
    END AS reason,
    t.evidence AS evidence
FROM identity AS i
JOIN trusted AS t ON t.identity_id = i.identity_id
WHERE (i.kind = 'iam_role' OR i.native_type = 'iam.googleapis.com/ServiceAccount') AND i.in_scope AND i.human <> 'human' AND t.native > 0
