-- title = "Stored secret is not rotated automatically"
-- severity = "medium"
-- subject = "credential"
-- stage = 5
-- needs = ["stored_secrets"]
-- rationale = "A secret that people must rotate by hand is rotated late, or after a breach."
-- fix = "Turn on rotation in the manager, or let it issue dynamic credentials; best, replace the secret by a role."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.3",
--     "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication", "ASVS-5.0:V13.3.4", "AWS-FSBP:SecretsManager.1",
-- ]
-- source = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html"
--
-- [[example]]
-- why = "RotationEnabled is false"
-- rows.credential = [{credential_id = "db", kind = "stored_secret", storage = "secrets_manager", issuance = "manual"}]
-- expect = {db = "fail"}
--
-- [[example]]
-- why = "the manager rotates it every 30 days"
-- rows.credential = [{credential_id = "db", kind = "stored_secret", storage = "secrets_manager", issuance = "auto_rotated", rotation_days = 30}]
-- expect = {db = "pass"}
--
-- [[example]]
-- why = "the listing does not say whether it is rotated"
-- rows.credential = [{credential_id = "db", kind = "stored_secret", storage = "secrets_manager"}]
-- expect = {db = "unknown"}

SELECT
    c.credential_id AS subject_id,
    CASE
        WHEN c.issuance IN ('auto_rotated', 'dynamic') THEN 'pass'
        WHEN c.issuance = 'manual' AND c.status = 'active' THEN 'fail'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN c.issuance = 'dynamic' THEN 'the manager issues it anew for each use'
        WHEN c.issuance = 'auto_rotated' THEN 'the manager rotates it' || coalesce(' every ' || c.rotation_days || ' days', '')
        WHEN c.issuance = 'manual' AND c.status = 'active' THEN 'rotation is off'
        WHEN c.issuance = 'manual' THEN 'rotation is off; whether the secret is active is not in the evidence'
        ELSE 'whether it is rotated is not in the evidence'
    END AS reason,
    [c.evidence] AS evidence
FROM credential AS c
LEFT JOIN identity AS i ON i.identity_id = c.identity_id
WHERE c.kind = 'stored_secret' AND c.status IN ('active', 'unknown')
    AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
