-- title = "Another organisation may assume the role without an ExternalId"
-- severity = "high"
-- subject = "identity"
-- stage = 6
-- needs = ["trust", "identities"]
-- rationale = "Without an ExternalId, another customer of the same vendor can make the vendor's account use your role (the confused deputy)."
-- fix = "Ask the vendor for your ExternalId and demand it in the trust policy: StringEquals sts:ExternalId."
-- maps_to = [
--     "NHI3:2025", "NIST-800-53r5:AC-20", "CSF-2.0:GV.SC-07", "ISO-27001-2022:5.19", "SOC2:CC9.2", "PCI-DSS-4.0:8.2.7",
--     "NIS2-2024-2690:11.2.2.d", "ITGC:third-party",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html"
--
-- [[example]]
-- why = "the organisation lists its accounts, and this one is not among them"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "monitor", provider = "aws"}]
-- rows.trust = [{identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {monitor = "fail"}
--
-- [[example]]
-- why = "an ExternalId is asked for; the other role trusts an account of ours"
-- rows.account = [{scope = "111111111111", name = "production"}, {scope = "222222222222", name = "tools"}]
-- rows.identity = [{identity_id = "monitor", provider = "aws"}, {identity_id = "deploy", provider = "aws"}]
-- rows.trust = [
--     {identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999", external_id = true, safety = "safe"},
--     {identity_id = "deploy", principal_kind = "account", principal = "arn:aws:iam::222222222222:root", principal_scope = "222222222222"},
-- ]
-- expect = {monitor = "pass", deploy = "pass"}
--
-- [[example]]
-- why = "no list of the organisation's accounts: the other account may be ours"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "monitor", provider = "aws"}]
-- rows.trust = [{identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {monitor = "unknown"}

-- Accounts get their names from the organisation's list; without any name, nobody has listed them.
WITH listing AS (
    SELECT provider, count(name) > 0 AS supplied FROM account GROUP BY provider
), foreign_trust AS (
    SELECT
        t.identity_id,
        count(*) FILTER (WHERE NOT t.external_id AND t.safety <> 'safe') AS bare,
        min(t.principal_scope || coalesce(', ' || v.name || ',', '')) FILTER (WHERE NOT t.external_id AND t.safety <> 'safe') AS bare_scope,
        list_sort(list(DISTINCT t.evidence)) AS evidence
    FROM trust AS t
    LEFT JOIN account AS a ON a.scope = t.principal_scope
    LEFT JOIN vendor AS v ON v.scope = t.principal_scope
    WHERE t.principal_kind IN ('account', 'principal') AND t.principal_scope IS NOT NULL AND a.scope IS NULL
    GROUP BY t.identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN coalesce(f.bare, 0) = 0 THEN 'pass' WHEN l.supplied THEN 'fail' ELSE 'unknown' END AS status,
    CASE
        WHEN f.identity_id IS NULL THEN 'it trusts no account outside ours'
        WHEN f.bare = 0 THEN 'outside accounts must show an ExternalId or meet a limiting condition'
        WHEN l.supplied THEN 'account ' || f.bare_scope || ' is not ours and may assume it without an ExternalId'
        ELSE 'account ' || f.bare_scope || ' may assume it without an ExternalId; whether it is ours is not known: supply the organisation''s list of accounts'
    END AS reason,
    coalesce(f.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN listing AS l ON l.provider = i.provider
LEFT JOIN foreign_trust AS f ON f.identity_id = i.identity_id
WHERE i.kind = 'iam_role' AND i.in_scope AND i.human <> 'human'
