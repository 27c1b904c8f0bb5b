-- title = "Long-lived key is older than the limit"
-- severity = "high"
-- subject = "credential"
-- stage = 5
-- needs = ["access_keys"]
-- rationale = "The longer a key lives, the more copies of it there are, and every copy works until the key is replaced."
-- fix = "Replace the key by a role, an attached service account or a federated credential. Where that is not possible yet, make a second key, move the program over, and delete the old one."
-- maps_to = [
--     "NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "PCI-DSS-4.0:8.6.3",
--     "CIS-AWS-7.0:2.12", "CIS-GCP-5.0:1.8", "HIPAA:164.308(a)(5)(ii)(D)", "NIS2-2024-2690:11.6.2.c", "ITGC:authentication",
--     "ASVS-5.0:V13.3.4", "AWS-FSBP:IAM.3",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html"
--
-- [[example]]
-- why = "created 242 days ago; the limit is 90"
-- rows.credential = [{credential_id = "key", created_at = 2026-01-31}]
-- expect = {key = "fail"}
--
-- [[example]]
-- why = "created exactly 90 days ago"
-- rows.credential = [{credential_id = "key", created_at = 2026-07-02}]
-- expect = {key = "pass"}
--
-- [[example]]
-- why = "the source did not say when it was created, or whether the old key is active"
-- rows.credential = [{credential_id = "undated"}, {credential_id = "found", status = "unknown", created_at = 2026-01-31}]
-- expect = {undated = "unknown", found = "unknown"}
--
-- [[example]]
-- why = "keys of this account were listed for some users only"
-- rows.credential = [{credential_id = "key", created_at = 2026-09-01}]
-- rows.coverage = [{fact = "access_keys", scope = "111111111111", status = "partial", reason = "3 of 44 were looked at"}]
-- expect = {key = "unknown"}
--
-- [[example]]
-- why = "a key of a service account and a secret of an application; certificates have a limit of their own"
-- rows.credential = [
--     {credential_id = "key", provider = "gcp", kind = "signing_key", role = "identity", created_at = 2026-01-31},
--     {credential_id = "secret", provider = "azure", kind = "oauth_client_secret", role = "identity", created_at = 2026-09-01},
--     {credential_id = "cert", provider = "azure", kind = "x509_certificate", role = "identity", created_at = 2024-01-31},
-- ]
-- expect = {key = "fail", secret = "pass"}
--
-- [[example]]
-- why = "dated after the day judged by: it is no younger for that"
-- rows.credential = [{credential_id = "key", created_at = 2031-01-05}]
-- expect = {key = "unknown"}

WITH access_key AS (
    SELECT
        c.credential_id,
        c.status,
        c.created_at,
        c.evidence,
        date_diff('day', c.created_at, $as_of) AS age_days
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE (c.kind = 'access_key' OR (c.provider = 'gcp' AND c.kind = 'signing_key') OR (c.provider = 'azure' AND c.kind = 'oauth_client_secret'))
        AND c.provider <> 'other' AND c.status IN ('active', 'unknown')
        AND coalesce(i.in_scope, true) AND coalesce(i.human, 'unknown') <> 'human'
)
SELECT
    credential_id AS subject_id,
    CASE
        WHEN created_at IS NULL OR age_days < 0 THEN 'unknown'
        WHEN age_days <= $key_max_age_days THEN 'pass'
        WHEN status = 'unknown' THEN 'unknown'
        ELSE 'fail'
    END AS status,
    CASE
        WHEN created_at IS NULL THEN 'the evidence does not say when it was created'
        WHEN age_days < 0 THEN 'created on ' || CAST(created_at AS DATE) || ', after the day judged by: when it really was is not known'
        WHEN status = 'active' OR age_days <= $key_max_age_days
            THEN 'created on ' || CAST(created_at AS DATE) || ', ' || age_days || ' days ago; the limit is ' || $key_max_age_days
        ELSE 'created ' || age_days || ' days ago, but the evidence does not say whether it is still active'
    END AS reason,
    [evidence] AS evidence
FROM access_key
