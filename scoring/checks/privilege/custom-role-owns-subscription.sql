-- title = "Machine identity holds a custom role that owns a subscription"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "policies"]
-- rationale = "A custom role that allows everything is an Owner that no review of Owners finds."
-- fix = "Replace it by built-in roles of the services that it uses; delete the custom role when nobody holds it any more."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "CIS-Azure-6.0:5.4", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access",
--     "CCM-4.0:IAM-05", "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://learn.microsoft.com/azure/role-based-access-control/custom-roles"
--
-- [[example]]
-- why = "all actions, on a subscription"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [{identity_id = "azure:1", via = "role", policy_id = "c0ffee00-0000-0000-0000-000000000001", policy_name = "Deployment", document_id = "d", resource = "/subscriptions/22222222-2222-2222-2222-222222222222", conditional = false}]
-- rows.policy_document = [{document_id = "d", document = '{"permissions":[{"actions":["*"],"dataActions":[],"notActions":[],"notDataActions":[]}]}'}]
-- expect = {"azure:1" = "fail"}
--
-- [[example]]
-- why = "the built-in Owner is judged by identity-is-administrator; the custom role reads, or holds on a resource group"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}, {identity_id = "azure:2", provider = "azure", kind = "managed_identity"}]
-- rows.entitlement = [
--     {identity_id = "azure:1", via = "role", policy_id = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", policy_name = "Owner", document_id = "d", resource = "/subscriptions/22222222-2222-2222-2222-222222222222"},
--     {identity_id = "azure:1", via = "role", policy_id = "c0ffee00-0000-0000-0000-000000000002", policy_name = "Look", document_id = "r", resource = "/subscriptions/22222222-2222-2222-2222-222222222222"},
--     {identity_id = "azure:2", via = "role", policy_id = "c0ffee00-0000-0000-0000-000000000001", policy_name = "Deployment", document_id = "d", resource = "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg"},
-- ]
-- rows.policy_document = [
--     {document_id = "d", document = '{"permissions":[{"actions":["*"],"dataActions":[],"notActions":[],"notDataActions":[]}]}'},
--     {document_id = "r", document = '{"permissions":[{"actions":["*/read"],"dataActions":[],"notActions":[],"notDataActions":[]}]}'},
-- ]
-- expect = {"azure:1" = "pass", "azure:2" = "pass"}
--
-- [[example]]
-- why = "the text of the role was not supplied, and nobody could judge it"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [{identity_id = "azure:1", via = "role", policy_id = "c0ffee00-0000-0000-0000-000000000001", policy_name = "Deployment", resource = "/subscriptions/22222222-2222-2222-2222-222222222222", evidence = "roles.json#1"}]
-- rows.privilege = [{identity_id = "azure:1", privilege = "unknown", reason = "a role cannot be judged", evidence = ["roles.json#1"]}]
-- expect = {"azure:1" = "unknown"}

WITH held AS (
    SELECT
        e.identity_id,
        e.policy_name || ' on ' || coalesce(e.resource, 'a place that is not told') AS what,
        d.document LIKE '%"actions":["*"%' OR (p.privilege = 'admin' AND d.document IS NOT NULL AND list_contains(p.evidence, e.evidence)) AS owns,
        d.document IS NULL AND coalesce(p.privilege, 'unknown') = 'unknown' AS unread,
        coalesce(e.conditional, false) OR e.resource IS NULL AS doubtful,
        e.evidence
    FROM entitlement AS e
    LEFT JOIN policy_document AS d ON d.document_id = e.document_id
    LEFT JOIN privilege AS p ON p.identity_id = e.identity_id
    WHERE e.via IN ('role', 'group_role')
        -- the built-in roles that administer: Owner, Contributor, User Access Administrator, Role Based Access Control Administrator
        AND lower(coalesce(e.policy_id, e.policy_name)) NOT IN (
            '8e3af657-a8ff-443c-a75c-2fe8c4bcb635', 'b24988ac-6180-42a0-ab88-20f7382dd24c',
            '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'
        )
        AND (e.resource IS NULL OR e.resource = '/' OR lower(e.resource) LIKE '/providers/microsoft.management/managementgroups/%'
            OR (lower(e.resource) LIKE '/subscriptions/%' AND lower(e.resource) NOT LIKE '/subscriptions/%/%'))
), judged AS (
    SELECT
        identity_id,
        bool_or(owns AND NOT doubtful) AS fails,
        bool_or(owns OR unread) AS open,
        min(CASE WHEN owns AND NOT doubtful THEN what END) AS sure,
        min(CASE WHEN owns OR unread THEN what END) AS what,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM held
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN j.fails THEN 'fail' WHEN j.open THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN j.fails THEN 'a custom role allows everything: ' || j.sure
        WHEN j.open THEN 'whether a role allows everything is not known: ' || j.what
        ELSE 'no custom role of its allows everything on a subscription or above'
    END AS reason,
    coalesce(j.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN judged AS j ON j.identity_id = i.identity_id
WHERE i.provider = 'azure' AND i.in_scope AND i.human <> 'human' AND i.kind IN ('service_principal', 'managed_identity', 'ai_agent')
