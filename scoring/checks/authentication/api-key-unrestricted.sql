-- title = "API key is not restricted"
-- severity = "high"
-- subject = "credential"
-- needs = ["service_credentials"]
-- rationale = "An unrestricted API key opens every API of the project that takes keys, from anywhere: whoever reads it in a page or a log can use it."
-- fix = "Restrict the key to the APIs it needs and to the sites, addresses or applications that call them; use a service account where the API takes one."
-- maps_to = [
--     "NHI4:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.5", "SOC2:CC6.1", "CIS-GCP-5.0:1.14", "CIS-GCP-5.0:1.15",
--     "HIPAA:164.312(d)", "NIS2-2024-2690:11.6.1", "ITGC:authentication", "CCM-4.0:IAM-14",
-- ]
-- source = "https://cloud.google.com/api-keys/docs/add-restrictions-api-keys"
--
-- [[example]]
-- why = "the listing shows no restriction; the other is limited to addresses, but opens any API"
-- rows.credential = [
--     {credential_id = "maps", provider = "gcp", kind = "api_key", name = "maps (API key, unrestricted)"},
--     {credential_id = "jobs", provider = "gcp", kind = "api_key", name = "jobs (API key, for any API, limited by address)"},
-- ]
-- expect = {maps = "fail", jobs = "fail"}
--
-- [[example]]
-- why = "limited to one API and to sites"
-- rows.credential = [{credential_id = "maps", provider = "gcp", kind = "api_key", name = "maps (API key, for 1 API, limited by site)"}]
-- expect = {maps = "pass"}
--
-- [[example]]
-- why = "the source does not say what limits it"
-- rows.credential = [{credential_id = "maps", provider = "gcp", kind = "api_key", name = "maps"}]
-- expect = {maps = "unknown"}

SELECT
    c.credential_id AS subject_id,
    CASE
        WHEN c.name LIKE '%(API key, unrestricted)' OR c.name LIKE '%(API key, for any API,%' OR c.name LIKE '%(API key,%, from anywhere)' THEN 'fail'
        WHEN c.name LIKE '%(API key,%limited by %)' THEN 'pass'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN c.name LIKE '%(API key, unrestricted)' THEN 'nothing restricts it'
        WHEN c.name LIKE '%(API key, for any API,%' THEN 'it opens any API'
        WHEN c.name LIKE '%(API key,%, from anywhere)' THEN 'it works from anywhere'
        WHEN c.name LIKE '%(API key,%limited by %)' THEN 'its APIs and callers are limited'
        ELSE 'what restricts it is not in the evidence'
    END AS reason,
    [c.evidence] AS evidence
FROM credential AS c
WHERE c.provider = 'gcp' AND c.kind = 'api_key' AND c.status IN ('active', 'unknown')
