-- title = "Nobody wrote down why another organisation may come in"
-- severity = "medium"
-- subject = "identity"
-- stage = 6
-- needs = ["trust", "identities", "ownership"]
-- absence = true
-- rationale = "When a vendor's contract ends or the vendor is breached, only a named owner and purpose tell which roles, service accounts and applications to close."
-- fix = "Name the owner and the purpose (tags or the template). Where the account, project or tenant is your own, add it to the list of accounts."
-- maps_to = [
--     "NHI3:2025", "NIST-800-53r5:SA-9", "CSF-2.0:ID.AM-04", "ISO-27001-2022:5.19", "SOC2:CC9.2", "CIS-Controls-8:15.1",
--     "NIS2-2024-2690:11.2.2.d", "ITGC:third-party", "PCI-DSS-4.0:12.8",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/3-vulnerable-third-party-nhi/"
--
-- [[example]]
-- why = "a foreign account, and neither owner nor purpose"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "partner", provider = "aws"}]
-- rows.trust = [{identity_id = "partner", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {partner = "fail"}
--
-- [[example]]
-- why = "its owner and its purpose are named"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "monitor", provider = "aws", purpose = "metrics for the monitoring vendor"}]
-- rows.ownership = [{identity_id = "monitor", owner_id = "platform"}]
-- rows.trust = [{identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {monitor = "pass"}
--
-- [[example]]
-- why = "no list of the organisation's accounts: the other account may be ours"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "partner", provider = "aws"}]
-- rows.trust = [{identity_id = "partner", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {partner = "unknown"}
--
-- [[example]]
-- why = "the export holds no tags: that no owner is named proves nothing"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "partner", provider = "aws"}]
-- rows.trust = [{identity_id = "partner", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- rows.coverage = [{fact = "trust", scope = "*", status = "collected"}, {fact = "identities", scope = "*", status = "collected"}]
-- expect = {partner = "unknown"}
--
-- [[example]]
-- why = "a vendor whose account is published; an application of another tenant; a service account of another project"
-- rows.account = [{scope = "111111111111", name = "production"}, {scope = "shop", provider = "gcp", name = "shop"}, {scope = "tenant", provider = "azure", name = "corp"}]
-- rows.vendor = [{scope = "999999999999", provider = "aws", name = "Watchers Inc."}]
-- rows.identity = [
--     {identity_id = "monitor", provider = "aws"},
--     {identity_id = "crm", provider = "azure", scope = "tenant", kind = "service_principal"},
--     {identity_id = "batch", provider = "gcp", scope = "shop", kind = "service_account"},
-- ]
-- rows.trust = [
--     {identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"},
--     {identity_id = "crm", principal_kind = "account", principal = "another-tenant", principal_scope = "another-tenant"},
--     {identity_id = "batch", principal_kind = "principal", principal = "serviceAccount:x@vendor.iam.gserviceaccount.com", principal_scope = "vendor"},
-- ]
-- expect = {monitor = "fail", crm = "fail", batch = "fail"}

WITH listing AS (
    SELECT provider, count(name) > 0 AS supplied FROM account GROUP BY provider
), foreign_trust AS (
    SELECT
        t.identity_id,
        min(t.principal_scope || coalesce(', ' || v.name || ',', '')) AS foreign_scope,
        list_sort(list(DISTINCT t.evidence)) AS evidence
    FROM trust AS t
    LEFT JOIN account AS a ON a.scope = t.principal_scope
    LEFT JOIN vendor AS v ON v.scope = t.principal_scope
    WHERE t.principal_kind IN ('account', 'principal') AND t.principal_scope IS NOT NULL AND a.scope IS NULL
    GROUP BY t.identity_id
), word AS (
    SELECT identity_id, CASE provider WHEN 'azure' THEN 'tenant ' WHEN 'gcp' THEN 'project ' ELSE 'account ' END AS word FROM identity
), owned AS (
    SELECT identity_id, min(owner_id) AS owner_id FROM ownership GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE
        WHEN o.identity_id IS NOT NULL AND i.purpose IS NOT NULL THEN 'pass'
        WHEN l.supplied THEN 'fail'
        ELSE 'unknown'
    END AS status,
    CASE
        WHEN o.identity_id IS NOT NULL AND i.purpose IS NOT NULL THEN w.word || f.foreign_scope || ' may come in; ' || o.owner_id || ' owns it, its purpose is named'
        WHEN l.supplied
            THEN w.word || f.foreign_scope || ' is not ours and may come in; ' || CASE
                WHEN o.identity_id IS NULL AND i.purpose IS NULL THEN 'neither owner nor purpose is named'
                WHEN o.identity_id IS NULL THEN 'no owner is named'
                ELSE 'its purpose is not named'
            END
        ELSE 'whether ' || w.word || f.foreign_scope || ' is ours is not known: supply the organisation''s list of accounts'
    END AS reason,
    f.evidence AS evidence
FROM identity AS i
JOIN foreign_trust AS f ON f.identity_id = i.identity_id
LEFT JOIN listing AS l ON l.provider = i.provider
JOIN word AS w ON w.identity_id = i.identity_id
LEFT JOIN owned AS o ON o.identity_id = i.identity_id
WHERE (i.kind = 'iam_role' OR i.provider IN ('gcp', 'azure')) AND i.in_scope AND i.human <> 'human'
