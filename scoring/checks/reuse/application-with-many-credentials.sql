-- title = "One identity has many active secrets or keys"
-- severity = "medium"
-- subject = "identity"
-- needs = ["access_keys"]
-- rationale = "Every secret of an application opens all of it. Many mean several programs behind one identity, or rotations that were never finished."
-- fix = "Find out from the last use which are needed, delete the others, and give each program an identity of its own."
-- maps_to = ["NHI9:2025", "NIST-800-53r5:IA-4", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.16"]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/9-nhi-reuse/"
--
-- [[example]]
-- why = "three active secrets; the limit is 2"
-- rows.identity = [{identity_id = "portal", provider = "azure", kind = "service_principal"}]
-- rows.credential = [
--     {credential_id = "s1", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "portal"},
--     {credential_id = "s2", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "portal"},
--     {credential_id = "s3", provider = "azure", kind = "x509_certificate", role = "identity", identity_id = "portal"},
-- ]
-- expect = {portal = "fail"}
--
-- [[example]]
-- why = "an old one and its successor; a third has expired"
-- rows.identity = [{identity_id = "batch", provider = "gcp", kind = "service_account"}]
-- rows.credential = [
--     {credential_id = "k1", provider = "gcp", kind = "signing_key", role = "identity", identity_id = "batch"},
--     {credential_id = "k2", provider = "gcp", kind = "signing_key", role = "identity", identity_id = "batch"},
--     {credential_id = "k3", provider = "gcp", kind = "signing_key", role = "identity", identity_id = "batch", status = "expired"},
-- ]
-- expect = {batch = "pass"}
--
-- [[example]]
-- why = "whether all three are active is not known"
-- rows.identity = [{identity_id = "portal", provider = "azure", kind = "service_principal"}]
-- rows.credential = [
--     {credential_id = "s1", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "portal"},
--     {credential_id = "s2", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "portal"},
--     {credential_id = "s3", provider = "azure", kind = "oauth_client_secret", role = "identity", identity_id = "portal", status = "unknown"},
-- ]
-- expect = {portal = "unknown"}

WITH held AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE status = 'active') AS active,
        count(*) AS possible,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM credential
    WHERE provider IN ('gcp', 'azure') AND role = 'identity' AND status IN ('active', 'unknown') AND identity_id IS NOT NULL
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE
        WHEN h.active > $credentials_per_identity THEN 'fail'
        WHEN h.possible > $credentials_per_identity THEN 'unknown'
        ELSE 'pass'
    END AS status,
    CASE
        WHEN h.active > $credentials_per_identity THEN h.active || ' active secrets, certificates or keys; the limit is ' || $credentials_per_identity
        WHEN h.possible > $credentials_per_identity THEN h.possible || ' of them; which are active is not in the evidence'
        ELSE h.possible || ' secret(s), certificate(s) or key(s)'
    END AS reason,
    h.evidence AS evidence
FROM identity AS i
JOIN held AS h ON h.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'
