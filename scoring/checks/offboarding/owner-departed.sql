-- title = "Its only owners have left"
-- severity = "high"
-- subject = "identity"
-- needs = ["ownership"]
-- rationale = "An identity whose owner has left is nobody's: nobody rotates it, reviews it or notices its misuse, and who left may still hold its secret."
-- fix = "Name a new owner, replace its credentials, and review what it may do; delete it when no team claims it."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:IA-4", "CSF-2.0:ID.AM-08", "ISO-27001-2022:5.9", "SOC2:CC6.2", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.5", "NIS2-2024-2690:11.5.1", "ITGC:access-provisioning", "CCM-4.0:IAM-03",
-- ]
-- source = "https://owasp.org/www-project-non-human-identities-top-10/2025/1-improper-offboarding/"
--
-- [[example]]
-- why = "the staff list says that its owner has left"
-- rows.identity = [{identity_id = "billing"}]
-- rows.ownership = [{identity_id = "billing", owner_id = "ada@corp.example"}]
-- rows.owner = [{owner_id = "ada@corp.example", status = "departed"}]
-- expect = {billing = "fail"}
--
-- [[example]]
-- why = "one of two owners is still there"
-- rows.identity = [{identity_id = "billing"}]
-- rows.ownership = [{identity_id = "billing", owner_id = "ada@corp.example"}, {identity_id = "billing", owner_id = "bob@corp.example"}]
-- rows.owner = [{owner_id = "ada@corp.example", status = "departed"}, {owner_id = "bob@corp.example", status = "active"}]
-- expect = {billing = "pass"}
--
-- [[example]]
-- why = "a tag names an owner; no staff list says whether that person is still there"
-- rows.identity = [{identity_id = "billing"}]
-- rows.ownership = [{identity_id = "billing", owner_id = "ada@corp.example"}]
-- rows.owner = [{owner_id = "ada@corp.example"}]
-- expect = {billing = "unknown"}
--
-- [[example]]
-- why = "an identity without an owner is a case for owner-missing; a team is on no staff list"
-- rows.identity = [{identity_id = "orphan"}, {identity_id = "orders"}, {identity_id = "billing"}]
-- rows.ownership = [{identity_id = "billing", owner_id = "bob@corp.example"}, {identity_id = "orders", owner_id = "payments"}]
-- rows.owner = [{owner_id = "bob@corp.example", status = "active"}, {owner_id = "payments", kind = "team"}]
-- expect = {billing = "pass"}

WITH owned AS (
    SELECT
        o.identity_id,
        count(*) AS owners,
        count(*) FILTER (WHERE w.status = 'active') AS active,
        count(*) FILTER (WHERE w.status = 'departed') AS departed,
        min(o.owner_id) FILTER (WHERE w.status = 'departed') AS departed_id,
        min(o.owner_id) FILTER (WHERE w.status = 'active') AS active_id,
        min(o.owner_id) FILTER (WHERE coalesce(w.status, 'unknown') = 'unknown') AS unknown_id,
        list_sort(list(DISTINCT o.evidence)) AS said,
        list_sort(list(DISTINCT w.evidence) FILTER (WHERE w.evidence IS NOT NULL)) AS listed
    FROM ownership AS o
    LEFT JOIN owner AS w ON w.owner_id = o.owner_id
    GROUP BY o.identity_id
    HAVING count(*) FILTER (WHERE coalesce(w.kind, 'unknown') <> 'team' OR w.status <> 'unknown') > 0
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN o.active > 0 THEN 'pass' WHEN o.departed = o.owners THEN 'fail' ELSE 'unknown' END AS status,
    CASE
        WHEN o.active > 0 THEN o.active_id || ' owns it and is still there'
        WHEN o.departed = o.owners AND o.owners = 1 THEN 'its owner ' || o.departed_id || ' has left'
        WHEN o.departed = o.owners THEN 'all ' || o.owners || ' owners have left, ' || o.departed_id || ' among them'
        ELSE 'whether its owner ' || o.unknown_id || ' is still there is not in the evidence'
    END AS reason,
    list_concat(o.said, coalesce(o.listed, [])) AS evidence
FROM identity AS i
JOIN owned AS o ON o.identity_id = i.identity_id
WHERE i.in_scope AND i.human <> 'human'
