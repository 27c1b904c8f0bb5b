-- title = "Resource answers callers without any identity"
-- severity = "critical"
-- subject = "resource"
-- stage = 1
-- needs = ["resource_policies"]
-- rationale = "Whoever finds the address may call it; nobody can be told apart, limited or shut out."
-- fix = "Name the callers in the resource policy, or set the function URL to AWS_IAM. Where it is meant to be public, record an exception."
-- maps_to = [
--     "NHI4:2025", "NIST-800-53r5:AC-3", "CSF-2.0:PR.AA-05", "ISO-27001-2022:5.15", "SOC2:CC6.1", "CIS-AWS-7.0:2.21",
--     "HIPAA:164.312(a)(1)", "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-16", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
--
-- [[example]]
-- why = "its policy lets Principal * in without a condition"
-- rows.resource = [{resource_id = "bucket", public = "yes", public_reason = "statement 1 lets Principal * in without a limiting condition"}]
-- expect = {bucket = "fail"}
--
-- [[example]]
-- why = "no statement lets everyone in"
-- rows.resource = [{resource_id = "queue", public = "no", public_reason = "no statement lets everyone in"}]
-- expect = {queue = "pass"}
--
-- [[example]]
-- why = "a Deny narrows the open statement; how far is not decided"
-- rows.resource = [{resource_id = "topic", public = "unknown", public_reason = "statement 1 is open; a Deny narrows it"}]
-- expect = {topic = "unknown"}

SELECT
    resource_id AS subject_id,
    CASE public WHEN 'yes' THEN 'fail' WHEN 'no' THEN 'pass' ELSE 'unknown' END AS status,
    coalesce(nullif(public_reason, ''), 'open to anyone: ' || public) AS reason,
    [evidence] AS evidence
FROM resource
