-- title = "A workload identity pool takes tokens of strangers"
-- severity = "high"
-- subject = "scope"
-- stage = 7
-- needs = ["trust"]
-- rationale = "An issuer such as GitHub signs tokens for everyone. Without an attribute condition that names your organisation, every token of the issuer enters the pool, and one careless binding lets it act as a service account."
-- fix = "Set an attribute condition on the provider that names your organisation or repositories, and bind subjects, never the whole pool."
-- maps_to = [
--     "NHI6:2025", "NIST-800-53r5:IA-9", "CSF-2.0:PR.AA-03", "ISO-27001-2022:8.25", "SOC2:CC8.1", "HIPAA:164.312(d)",
--     "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-14", "ITGC:change-management",
-- ]
-- source = "https://cloud.google.com/iam/docs/best-practices-for-using-workload-identity-federation"
--
-- [[example]]
-- why = "a provider for GitHub without an attribute condition"
-- rows.account = [{scope = "shop", provider = "gcp"}]
-- rows.federation = [{federation_id = "github", provider = "gcp", scope = "shop", pool = "ci", kind = "oidc", safety = "unsafe", status = "active"}]
-- expect = {shop = "fail"}
--
-- [[example]]
-- why = "its condition names the organisation; the open one is disabled; the other project has no pool"
-- rows.account = [{scope = "shop", provider = "gcp"}, {scope = "web", provider = "gcp"}]
-- rows.federation = [
--     {federation_id = "github", provider = "gcp", scope = "shop", pool = "ci", kind = "oidc", safety = "safe", status = "active"},
--     {federation_id = "old", provider = "gcp", scope = "shop", pool = "ci", kind = "oidc", safety = "unsafe", status = "disabled"},
-- ]
-- expect = {shop = "pass"}
--
-- [[example]]
-- why = "what its condition demands is not understood"
-- rows.account = [{scope = "shop", provider = "gcp"}]
-- rows.federation = [{federation_id = "github", provider = "gcp", scope = "shop", pool = "ci", kind = "oidc", safety = "unknown", status = "active"}]
-- expect = {shop = "unknown"}

WITH open_provider AS (
    SELECT
        scope,
        count(*) FILTER (WHERE safety = 'unsafe' AND status <> 'disabled') AS unsafe,
        count(*) FILTER (WHERE safety = 'unknown' AND status <> 'disabled') AS unclear,
        min(name || coalesce(': ' || safety_reason, '')) FILTER (WHERE safety = 'unsafe' AND status <> 'disabled') AS unsafe_name,
        min(name) FILTER (WHERE safety = 'unknown' AND status <> 'disabled') AS unclear_name,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM federation
    WHERE provider = 'gcp' AND pool IS NOT NULL AND kind <> 'pool' AND scope IS NOT NULL
    GROUP BY scope
)
SELECT
    a.scope AS subject_id,
    CASE WHEN p.unsafe > 0 THEN 'fail' WHEN p.unclear > 0 THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN p.unsafe > 0 THEN p.unsafe || ' provider(s) take tokens of anyone: ' || p.unsafe_name
        WHEN p.unclear > 0 THEN 'whom the provider ' || p.unclear_name || ' lets in could not be judged'
        ELSE 'every active provider names whom it lets in'
    END AS reason,
    p.evidence AS evidence
FROM account AS a
JOIN open_provider AS p ON p.scope = a.scope
