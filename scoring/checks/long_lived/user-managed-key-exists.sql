-- title = "Service account has a user-managed key"
-- severity = "medium"
-- subject = "identity"
-- stage = 6
-- needs = ["identities", "access_keys"]
-- rationale = "A key that people made and downloaded is a file: it is copied, it does not expire by itself, and whoever has it is the service account from anywhere."
-- fix = "Attach the service account to what runs, or let outside workloads come in through workload identity federation; then delete the key and forbid new ones (iam.disableServiceAccountKeyCreation)."
-- maps_to = ["NHI7:2025", "NIST-800-53r5:IA-5", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.17", "SOC2:CC6.1", "CIS-GCP-5.0:1.5"]
-- source = "https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys"
--
-- [[example]]
-- why = "one active key; keys that Google manages are none of these"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.credential = [{credential_id = "key", provider = "gcp", kind = "signing_key", role = "identity", identity_id = "batch"}]
-- expect = {batch = "fail"}
--
-- [[example]]
-- why = "its keys were listed, and none is active; a Google agent is not ours to judge"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}, {identity_id = "agent", in_scope = false, provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.credential = [{credential_id = "key", provider = "gcp", kind = "signing_key", role = "identity", identity_id = "batch", status = "inactive"}]
-- expect = {batch = "pass"}
--
-- [[example]]
-- why = "the keys of some service accounts of the project were listed only"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}, {fact = "access_keys", scope = "111111111111", status = "partial", reason = "1 of 2 were looked at"}]
-- expect = {batch = "unknown"}

WITH held AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE status = 'active') AS active,
        count(*) FILTER (WHERE status = 'unknown') AS unclear,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM credential
    WHERE provider = 'gcp' AND kind = 'signing_key' AND status IN ('active', 'unknown') AND identity_id IS NOT NULL
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN h.active > 0 THEN 'fail' WHEN h.unclear > 0 THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN h.active > 0 THEN h.active || ' active user-managed key(s)'
        WHEN h.unclear > 0 THEN 'it has a user-managed key; whether it is active is not in the evidence'
        ELSE 'it has no active user-managed key'
    END AS reason,
    coalesce(h.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN held AS h ON h.identity_id = i.identity_id
WHERE i.native_type = 'iam.googleapis.com/ServiceAccount' AND i.in_scope
