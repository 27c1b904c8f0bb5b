-- title = "A credential that still works stands in code"
-- severity = "critical"
-- subject = "exposure"
-- stage = 2
-- needs = ["secret_scan"]
-- rationale = "Everyone who can read the repository, its history, a copy or the image can use the credential."
-- fix = "Revoke the credential first, then take it out of the artefact; give the program a role or a reference to the secrets manager."
-- maps_to = [
--     "NHI2:2025", "NIST-800-53r5:IA-5(7)", "CSF-2.0:PR.PS-06", "ISO-27001-2022:8.28", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.2",
--     "CIS-Controls-8:16.12", "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.b", "ITGC:authentication", "ASVS-5.0:V13.3.1",
--     "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/2-secret-leakage/"
--
-- [[example]]
-- why = "the scanner found an access key, and the credential report says that the key is active; the other was verified by the scanner"
-- rows.credential = [{credential_id = "key", status = "active"}]
-- rows.secret_exposure = [
--     {exposure_id = "e1", scope = "corp/orders", path = "aws.tf", credential_id = "key"},
--     {exposure_id = "e2", scope = "corp/orders", path = "ci.yml", validity = "active"},
-- ]
-- expect = {e1 = "fail", e2 = "fail"}
--
-- [[example]]
-- why = "the key was deactivated; the scanner found that the other one no longer works"
-- rows.credential = [{credential_id = "key", status = "inactive"}]
-- rows.secret_exposure = [
--     {exposure_id = "e1", scope = "corp/orders", path = "aws.tf", credential_id = "key"},
--     {exposure_id = "e2", scope = "corp/orders", path = "ci.yml", validity = "inactive"},
-- ]
-- expect = {e1 = "pass", e2 = "pass"}
--
-- [[example]]
-- why = "nobody tried whether it works, and it matches no credential of the inventory"
-- rows.secret_exposure = [{exposure_id = "e1", scope = "corp/orders", path = "aws.tf"}]
-- expect = {e1 = "unknown"}
--
-- [[example]]
-- why = "the scanner says active, the provider inactive: one of the two is out of date"
-- rows.credential = [{credential_id = "key", status = "inactive"}]
-- rows.secret_exposure = [{exposure_id = "e1", scope = "corp/orders", path = "aws.tf", credential_id = "key", validity = "active"}]
-- expect = {e1 = "unknown"}
--
-- [[example]]
-- why = "the finding was closed as revoked, but the key is still active; the one closed as a false positive is not judged"
-- rows.credential = [{credential_id = "key", status = "active"}]
-- rows.secret_exposure = [
--     {exposure_id = "e1", scope = "corp/orders", path = "aws.tf", credential_id = "key", state = "resolved", resolution = "revoked"},
--     {exposure_id = "e2", scope = "corp/orders", path = "test.tf", state = "resolved", resolution = "false_positive", validity = "active"},
-- ]
-- expect = {e1 = "fail"}
--
-- [[example]]
-- why = "the scan is too old to prove that a key no longer works"
-- rows.coverage = [{fact = "secret_scan", scope = "corp/orders", status = "stale", reason = "the newest evidence is of 2026-01-01"}]
-- rows.secret_exposure = [{exposure_id = "e1", scope = "corp/orders", path = "aws.tf", validity = "inactive"}]
-- expect = {e1 = "unknown"}

WITH found AS (
    SELECT
        e.exposure_id,
        e.state,
        e.validity,
        e.evidence,
        c.evidence AS credential_evidence,
        c.name,
        coalesce(c.status, 'unknown') AS credential_status
    FROM secret_exposure AS e
    LEFT JOIN credential AS c ON c.credential_id = e.credential_id
    WHERE e.state = 'open' OR (e.resolution = 'revoked' AND c.status = 'active')
)
SELECT
    exposure_id AS subject_id,
    CASE
        WHEN credential_status = 'active' THEN 'fail'
        WHEN credential_status IN ('inactive', 'expired') AND validity = 'active' THEN 'unknown'
        WHEN validity = 'active' THEN 'fail'
        WHEN validity = 'inactive' OR credential_status IN ('inactive', 'expired') THEN 'pass'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN credential_status = 'active' AND state <> 'open' THEN 'closed as revoked, but ' || name || ' is still active'
        WHEN credential_status = 'active' THEN 'it matches ' || name || ', which is active'
        WHEN credential_status IN ('inactive', 'expired') AND validity = 'active'
            THEN 'the scanner says that it works, the inventory that ' || name || ' is ' || credential_status
        WHEN validity = 'active' THEN 'the scanner verified that it works'
        WHEN validity = 'inactive' THEN 'the scanner verified that it no longer works'
        WHEN credential_status IN ('inactive', 'expired') THEN 'it matches ' || name || ', which is ' || credential_status
        ELSE 'nobody verified whether it works, and it matches no credential whose status is known'
    END AS reason,
    CASE WHEN credential_evidence IS NULL THEN [evidence] ELSE [evidence, credential_evidence] END AS evidence
FROM found
