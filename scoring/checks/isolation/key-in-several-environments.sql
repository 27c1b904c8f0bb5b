-- title = "One credential serves several environments"
-- severity = "high"
-- subject = "credential"
-- stage = 4
-- needs = ["workloads"]
-- rationale = "Who reads the secret in development, where many may, holds production as well; and production cannot be rotated without stopping the tests."
-- fix = "Give each environment its own identity and its own value, then rotate the shared one away."
-- maps_to = [
--     "NHI8:2025", "NIST-800-53r5:SA-3(1)", "CSF-2.0:PR.IR-01", "ISO-27001-2022:8.31", "SOC2:CC6.1", "PCI-DSS-4.0:6.5.3",
--     "CIS-Controls-8:16.8", "ITGC:segregation-of-duties",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/8-environment-isolation/"
--
-- [[example]]
-- why = "workloads of production and of staging hold the same key"
-- rows.credential = [{credential_id = "key", storage = "env_var", isolation = "shared"}]
-- expect = {key = "fail"}
--
-- [[example]]
-- why = "all workloads are listed, and only production's hold it"
-- rows.credential = [{credential_id = "key", storage = "env_var", isolation = "isolated"}]
-- expect = {key = "pass"}
--
-- [[example]]
-- why = "nobody says which environments use it"
-- rows.credential = [{credential_id = "key"}]
-- expect = {key = "unknown"}

SELECT
    c.credential_id AS subject_id,
    CASE c.isolation WHEN 'shared' THEN 'fail' WHEN 'isolated' THEN 'pass' ELSE 'unknown' END AS status,
    CASE c.isolation
        WHEN 'shared' THEN 'workloads of several environments hold it'
        WHEN 'isolated' THEN 'only one environment uses it'
        ELSE 'which environments use it is not in the evidence'
    END AS reason,
    [c.evidence, c.storage_evidence] AS evidence
FROM credential AS c
LEFT JOIN identity AS i ON i.identity_id = c.identity_id
WHERE c.status = 'active' AND c.kind <> 'stored_secret' AND NOT (c.kind IN ('password', 'x509_certificate') AND c.storage = 'unknown')
    AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
