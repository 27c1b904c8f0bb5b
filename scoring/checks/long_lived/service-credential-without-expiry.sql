-- title = "Service-specific credential never expires"
-- severity = "high"
-- subject = "credential"
-- stage = 5
-- needs = ["service_credentials"]
-- rationale = "Keys for Bedrock, CodeCommit, Keyspaces or mail can be made with an end date; one without it works until someone remembers it."
-- fix = "Use the role of the workload instead. Where the service takes only such a credential, make a new one with an end date and delete this one."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.3",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication", "ASVS-5.0:V13.3.4",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_service-specific-creds.html"
--
-- [[example]]
-- why = "the listing shows it without an expiration date"
-- rows.credential = [{credential_id = "bedrock", kind = "service_specific", never_expires = true}]
-- expect = {bedrock = "fail"}
--
-- [[example]]
-- why = "it ends in a month"
-- rows.credential = [{credential_id = "bedrock", kind = "service_specific", never_expires = false, expires_at = 2026-10-30}]
-- expect = {bedrock = "pass"}
--
-- [[example]]
-- why = "the source says nothing about its end; of the other one, not whether it is active"
-- rows.credential = [
--     {credential_id = "mail", kind = "service_specific"},
--     {credential_id = "git", kind = "service_specific", status = "unknown", never_expires = true},
-- ]
-- expect = {mail = "unknown", git = "unknown"}

SELECT
    c.credential_id AS subject_id,
    CASE
        WHEN c.expires_at IS NOT NULL THEN 'pass'
        WHEN c.never_expires AND c.status = 'active' THEN 'fail'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN c.expires_at IS NOT NULL THEN 'it expires on ' || CAST(c.expires_at AS DATE)
        WHEN c.never_expires AND c.status = 'active' THEN 'it has no end date' || coalesce('; created on ' || CAST(c.created_at AS DATE), '')
        WHEN c.never_expires THEN 'it has no end date; whether it is active is not in the evidence'
        ELSE 'whether it ever expires is not in the evidence'
    END AS reason,
    [c.evidence] AS evidence
FROM credential AS c
LEFT JOIN identity AS i ON i.identity_id = c.identity_id
WHERE c.kind = 'service_specific' AND c.status IN ('active', 'unknown')
    AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
