-- title = "Nobody wrote down why another organisation may assume the role"
-- severity = "medium"
-- subject = "identity"
-- stage = 6
-- needs = ["trust", "identities", "ownership"]
-- absence = true
-- rationale = "When a vendor's contract ends or the vendor is breached, only a named owner and purpose tell which roles to close."
-- fix = "Name the owner and the purpose of the role (tags or the template). Where the account is your own, add it to the list of accounts."
-- maps_to = ["NHI3:2025", "NIST-800-53r5:SA-9", "CSF-2.0:ID.AM-04", "ISO-27001-2022:5.19", "SOC2:CC9.2", "CIS-Controls-8:15.1"]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/3-vulnerable-third-party-nhi/"
--
-- [[example]]
-- why = "a foreign account, and neither owner nor purpose"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "partner"}]
-- rows.trust = [{identity_id = "partner", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {partner = "fail"}
--
-- [[example]]
-- why = "its owner and its purpose are named"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "monitor", purpose = "metrics for the monitoring vendor"}]
-- rows.ownership = [{identity_id = "monitor", owner_id = "platform"}]
-- rows.trust = [{identity_id = "monitor", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {monitor = "pass"}
--
-- [[example]]
-- why = "no list of the organisation's accounts: the other account may be ours"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "partner"}]
-- rows.trust = [{identity_id = "partner", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- expect = {partner = "unknown"}
--
-- [[example]]
-- why = "the export holds no tags: that no owner is named proves nothing"
-- rows.account = [{scope = "111111111111", name = "production"}]
-- rows.identity = [{identity_id = "partner"}]
-- rows.trust = [{identity_id = "partner", principal_kind = "account", principal = "arn:aws:iam::999999999999:root", principal_scope = "999999999999"}]
-- rows.coverage = [{fact = "trust", scope = "*", status = "collected"}, {fact = "identities", scope = "*", status = "collected"}]
-- expect = {partner = "unknown"}

WITH listing AS (
    SELECT count(name) > 0 AS supplied FROM account
), foreign_trust AS (
    SELECT t.identity_id, min(t.principal_scope) AS foreign_scope, list_sort(list(DISTINCT t.evidence)) AS evidence
    FROM trust AS t
    LEFT JOIN account AS a ON a.scope = t.principal_scope
    WHERE t.principal_kind IN ('account', 'principal') AND t.principal_scope IS NOT NULL AND a.scope IS NULL
    GROUP BY t.identity_id
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
        WHEN o.identity_id IS NOT NULL AND i.purpose IS NOT NULL THEN 'account ' || f.foreign_scope || ' may assume it; ' || o.owner_id || ' owns it, its purpose is named'
        WHEN l.supplied
            THEN 'account ' || f.foreign_scope || ', which is not ours, may assume it; ' || CASE
                WHEN o.identity_id IS NULL AND i.purpose IS NULL THEN 'neither owner nor purpose is named'
                WHEN o.identity_id IS NULL THEN 'no owner is named'
                ELSE 'its purpose is not named'
            END
        ELSE 'whether account ' || f.foreign_scope || ' is ours is not known: supply the organisation''s list of accounts'
    END AS reason,
    f.evidence AS evidence
FROM identity AS i
JOIN foreign_trust AS f ON f.identity_id = i.identity_id
CROSS JOIN listing AS l
LEFT JOIN owned AS o ON o.identity_id = i.identity_id
WHERE i.kind = 'iam_role' AND i.in_scope AND i.human <> 'human'
