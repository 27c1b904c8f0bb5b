-- title = "A production identity trusts something outside production"
-- severity = "high"
-- subject = "identity"
-- stage = 4
-- needs = ["trust", "identities"]
-- rationale = "Test systems are looser: who takes one over walks through this trust into production."
-- fix = "Let production trust production only; give the deployment a role of its own with what it needs."
-- maps_to = [
--     "NHI8:2025", "NIST-800-53r5:AC-4", "CSF-2.0:PR.IR-01", "ISO-27001-2022:8.31", "SOC2:CC8.1", "PCI-DSS-4.0:6.5.3",
--     "CIS-Controls-8:16.8", "ITGC:segregation-of-duties", "ITGC:change-management",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/8-environment-isolation/"
--
-- [[example]]
-- why = "a role of the staging environment may assume it; the other trusts the whole development account"
-- rows.account = [{scope = "222222222222", environment = "Development"}]
-- rows.identity = [
--     {identity_id = "prod-writer", environment = "production"},
--     {identity_id = "prod-reader", environment = "prod"},
--     {identity_id = "staging-job", environment = "staging"},
-- ]
-- rows.trust = [
--     {identity_id = "prod-writer", principal_kind = "principal", principal = "staging-job", principal_scope = "111111111111"},
--     {identity_id = "prod-reader", principal_kind = "account", principal = "arn:aws:iam::222222222222:root", principal_scope = "222222222222"},
-- ]
-- expect = {prod-writer = "fail", prod-reader = "fail"}
--
-- [[example]]
-- why = "only a service of its account and another production role may assume it"
-- rows.identity = [{identity_id = "prod-writer", environment = "production"}, {identity_id = "prod-job", environment = "production"}]
-- rows.trust = [
--     {identity_id = "prod-writer"},
--     {identity_id = "prod-writer", principal_kind = "principal", principal = "prod-job", principal_scope = "111111111111"},
-- ]
-- expect = {prod-writer = "pass", prod-job = "pass"}
--
-- [[example]]
-- why = "the environment of the principal, or of the whole account that it trusts, is not known"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "prod-writer", environment = "production"}, {identity_id = "prod-ops", environment = "live"}, {identity_id = "job"}]
-- rows.trust = [
--     {identity_id = "prod-writer", principal_kind = "principal", principal = "job", principal_scope = "111111111111"},
--     {identity_id = "prod-ops", principal_kind = "account", principal = "arn:aws:iam::111111111111:root", principal_scope = "111111111111"},
-- ]
-- expect = {prod-writer = "unknown", prod-ops = "unknown"}
--
-- [[example]]
-- why = "a foreign account is no environment of ours: vendor-trust-without-external-id judges it"
-- rows.account = [{scope = "111111111111", name = "production", environment = "production"}]
-- rows.identity = [{identity_id = "monitor"}]
-- rows.trust = [{identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {monitor = "pass"}
--
-- [[example]]
-- why = "a service account of the staging project may act as one of production"
-- rows.account = [{scope = "shop-prod", provider = "gcp", environment = "production"}, {scope = "shop-stg", provider = "gcp", environment = "staging"}]
-- rows.identity = [
--     {identity_id = "writer", provider = "gcp", kind = "service_account", scope = "shop-prod"},
--     {identity_id = "job", provider = "gcp", kind = "service_account", scope = "shop-stg"},
-- ]
-- rows.trust = [{identity_id = "writer", principal_kind = "principal", principal = "job", principal_scope = "shop-stg"}]
-- expect = {writer = "fail"}

WITH setting AS (
    SELECT i.identity_id, lower(coalesce(i.environment, a.environment)) AS environment
    FROM identity AS i
    LEFT JOIN account AS a ON a.scope = i.scope
), reach AS (
    SELECT
        t.identity_id,
        t.principal,
        CASE
            WHEN coalesce(s.environment, lower(a.environment)) IN ('production', 'prod', 'prd', 'live') THEN 'production'
            ELSE coalesce(s.environment, lower(a.environment))
        END AS environment,
        t.evidence
    FROM trust AS t
    JOIN account AS a ON a.scope = t.principal_scope
    LEFT JOIN setting AS s ON s.identity_id = t.principal
    WHERE t.principal_kind IN ('account', 'principal')
    UNION ALL
    SELECT
        t.identity_id,
        t.principal,
        CASE WHEN s.environment IN ('production', 'prod', 'prd', 'live') THEN 'production' ELSE s.environment END AS environment,
        t.evidence
    FROM trust AS t
    JOIN setting AS s ON s.identity_id = t.principal
    LEFT JOIN account AS a ON a.scope = t.principal_scope
    WHERE t.principal_kind = 'principal' AND a.scope IS NULL
), counted AS (
    SELECT
        identity_id,
        count(*) FILTER (WHERE environment <> 'production') AS outside,
        count(*) FILTER (WHERE environment IS NULL) AS unclear,
        min(principal || ' (' || environment || ')') FILTER (WHERE environment <> 'production') AS outsider,
        min(principal) FILTER (WHERE environment IS NULL) AS unclear_principal,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM reach
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN c.outside > 0 THEN 'fail' WHEN c.unclear > 0 THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN c.outside > 0 THEN 'it is of production and trusts ' || c.outsider
        WHEN c.unclear > 0 THEN 'it trusts ' || c.unclear_principal || ', whose environment is not in the evidence'
        ELSE 'of our own, it trusts nothing outside production'
    END AS reason,
    coalesce(c.evidence, [i.evidence]) AS evidence
FROM identity AS i
JOIN setting AS s ON s.identity_id = i.identity_id
LEFT JOIN counted AS c ON c.identity_id = i.identity_id
WHERE (i.kind = 'iam_role' OR i.provider IN ('gcp', 'azure')) AND i.in_scope AND i.human <> 'human' AND s.environment IN ('production', 'prod', 'prd', 'live')
