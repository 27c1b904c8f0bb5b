-- title = "Machine identity keeps permissions that it does not use"
-- severity = "medium"
-- subject = "identity"
-- needs = ["policies", "service_usage"]
-- rationale = "What an identity never uses is of use only to whoever steals its credential. The permission-creep index weighs what is unused against what is granted: what controls access counts most."
-- fix = "Run `nhi recommend --identity NAME`: it keeps what is used and what nothing tells about, and says how to go back."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access", "CCM-4.0:IAM-05",
--     "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/5-overprivileged-nhi/"
--
-- [[example]]
-- why = "of a weight of 40, 30 is certainly unused: 75 percent, the limit is 50"
-- rows.identity = [{identity_id = "deploy", provider = "aws"}]
-- rows.least_privilege = [{identity_id = "deploy", granted = 8, weight = 40, weight_unused = 30, weight_open = 5, action = "narrow", reason = "6 of 8 were not used"}]
-- expect = {deploy = "fail"}
--
-- [[example]]
-- why = "even if all that is open were unused, it would be 45 percent"
-- rows.identity = [{identity_id = "reports", provider = "aws"}]
-- rows.least_privilege = [{identity_id = "reports", granted = 8, weight = 40, weight_unused = 10, weight_open = 8, action = "narrow", reason = "2 of 8 were not used"}]
-- expect = {reports = "pass"}
--
-- [[example]]
-- why = "between 25 and 100 percent: nothing tells whether the rest is used; of the other, nobody knows what it holds; the last was not judged"
-- rows.identity = [{identity_id = "batch", provider = "aws"}, {identity_id = "bare", provider = "aws"}, {identity_id = "new", provider = "aws"}]
-- rows.least_privilege = [
--     {identity_id = "batch", granted = 8, weight = 40, weight_unused = 10, weight_open = 30, action = "narrow", reason = "2 of 8 were not used"},
--     {identity_id = "bare", action = "unknown", reason = "the text of a policy is not in the evidence"},
-- ]
-- expect = {batch = "unknown", bare = "unknown", new = "unknown"}
--
-- [[example]]
-- why = "it is granted one read, and does not use it: too little to matter; people are not judged"
-- rows.identity = [{identity_id = "probe", provider = "aws"}, {identity_id = "ana", provider = "aws", human = "human"}]
-- rows.least_privilege = [{identity_id = "probe", granted = 1, weight = 1, weight_unused = 1, weight_open = 0, action = "narrow", reason = "1 of 1 was not used"}]
-- expect = {probe = "pass"}

WITH holder AS (
    SELECT
        i.identity_id,
        i.evidence AS record,
        l.weight,
        l.weight_unused,
        l.weight_open,
        l.reason,
        l.evidence
    FROM identity AS i
    LEFT JOIN least_privilege AS l ON l.identity_id = i.identity_id
    WHERE i.provider IN ('aws', 'gcp', 'azure') AND i.in_scope AND i.human <> 'human' AND i.kind <> 'root' AND i.status <> 'disabled'
)
SELECT
    identity_id AS subject_id,
    CASE
        WHEN weight IS NULL THEN 'unknown'
        WHEN weight < $creep_min_weight THEN 'pass'
        WHEN 100 * weight_unused >= $creep_percent * weight THEN 'fail'
        WHEN 100 * (weight_unused + weight_open) < $creep_percent * weight THEN 'pass'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN weight IS NULL THEN 'what it holds or uses is not known: ' || coalesce(reason, 'it was not judged')
        WHEN weight < $creep_min_weight THEN 'it is granted little: weight ' || weight
        ELSE 'of a weight of ' || weight || ', ' || weight_unused || ' is unused and ' || weight_open || ' is open; the limit is '
            || $creep_percent || ' percent; ' || reason
    END AS reason,
    list_concat([record], coalesce(evidence, [])) AS evidence
FROM holder
