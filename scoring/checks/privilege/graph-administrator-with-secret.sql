-- title = "A secret opens an application that administers the directory"
-- severity = "critical"
-- subject = "identity"
-- needs = ["identities", "policies", "access_keys"]
-- rationale = "With one of these permissions of Microsoft Graph whoever copies the secret makes itself Global Administrator: no second factor, no sign-in by a person, no conditional access."
-- fix = "Let it sign in with a managed identity or a federated credential and delete the secret; replace the permission by a narrower one (Application.ReadWrite.OwnedBy, a Selected or Read permission)."
-- maps_to = [
--     "NHI5:2025", "NHI7:2025", "NIST-800-53r5:AC-6(5)", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access", "CCM-4.0:IAM-05",
--     "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://learn.microsoft.com/graph/permissions-reference"
--
-- [[example]]
-- why = "it may grant itself any permission, and a secret is active"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [{identity_id = "azure:1", via = "app_role", policy_id = "06b708a9-e830-4db3-a914-8e69da51d44f", policy_name = "AppRoleAssignment.ReadWrite.All", resource = "Microsoft Graph"}]
-- rows.credential = [{credential_id = "azure:secret:1", identity_id = "azure:1", provider = "azure", kind = "oauth_client_secret"}]
-- expect = {"azure:1" = "fail"}
--
-- [[example]]
-- why = "it signs in with a federated credential: its certificate and an expired secret are judged elsewhere"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [{identity_id = "azure:1", via = "app_role", policy_id = "AppRoleAssignment.ReadWrite.All", resource = "Microsoft Graph"}]
-- rows.credential = [
--     {credential_id = "azure:cert:1", identity_id = "azure:1", provider = "azure", kind = "x509_certificate"},
--     {credential_id = "azure:secret:1", identity_id = "azure:1", provider = "azure", kind = "oauth_client_secret", expires_at = 2026-01-31},
-- ]
-- expect = {"azure:1" = "pass"}
--
-- [[example]]
-- why = "whether its secret is active, nobody said"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [{identity_id = "azure:1", via = "app_role", policy_id = "06b708a9-e830-4db3-a914-8e69da51d44f", resource = "Microsoft Graph"}]
-- rows.credential = [{credential_id = "azure:secret:1", identity_id = "azure:1", provider = "azure", kind = "oauth_client_secret", status = "unknown"}]
-- expect = {"azure:1" = "unknown"}

WITH critical AS (
    -- level `admin` in scoring/least_privilege/azure/entra_permissions.tsv: a test keeps the two equal
    SELECT role_id, name
    FROM (VALUES
        ('01c0a623-fc9b-48e9-b794-0756f8e8f067', 'Policy.ReadWrite.ConditionalAccess'),
        ('06b708a9-e830-4db3-a914-8e69da51d44f', 'AppRoleAssignment.ReadWrite.All'),
        ('19dbc75e-c2e2-444c-a770-ec69d8559fc7', 'Directory.ReadWrite.All'),
        ('1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9', 'Application.ReadWrite.All'),
        ('292d869f-3427-49a8-9dab-8c70152b74e9', 'Organization.ReadWrite.All'),
        ('29c18626-4985-4dcd-85c0-193eef327366', 'Policy.ReadWrite.AuthenticationMethod'),
        ('3011c876-62b7-4ada-afa2-506cbbecc68c', 'User.EnableDisableAccount.All'),
        ('31e08e0a-d3f7-4ca2-ac39-7343fb83e8ad', 'RoleManagementPolicy.ReadWrite.Directory'),
        ('50483e42-d915-4231-9639-7fdb7fd190e5', 'UserAuthenticationMethod.ReadWrite.All'),
        ('6e7a5640-116b-45cb-a24a-1b9e9921fbbd', 'RoleManagementPolicy.ReadWrite.Directory'),
        ('741f803b-c850-494e-b5df-cde7c675a1ca', 'User.ReadWrite.All'),
        ('7e05723c-0bb0-42da-be95-ae9f08a6e53c', 'Domain.ReadWrite.All'),
        ('9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8', 'RoleManagement.ReadWrite.Directory'),
        ('a402ca1c-2696-4531-972d-6e5ee4aa11ea', 'Policy.ReadWrite.PermissionGrant'),
        ('aaddf15b-d1a9-4fd7-bd46-cbb2ae85162e', 'RoleEligibilitySchedule.ReadWrite.Directory'),
        ('cc117bb9-00cf-4eb8-b580-ea2a878fe8f7', 'User-PasswordProfile.ReadWrite.All'),
        ('cc13eba4-8cd8-44c6-b4d4-f93237adce58', 'DelegatedAdminRelationship.ReadWrite.All'),
        ('dd199f4a-f148-40a4-a2ec-f0069cc799ec', 'RoleAssignmentSchedule.ReadWrite.Directory'),
        ('f0060247-9e6b-4299-9094-858a175d488b', 'RoleAssignmentSchedule.ReadWrite.Directory'),
        ('fee28b28-e1f3-4841-818e-2704dc62245f', 'RoleEligibilitySchedule.ReadWrite.Directory')
    ) AS permission (role_id, name)
), held AS (
    SELECT e.identity_id, min(c.name) AS what, list_sort(list(DISTINCT e.evidence)) AS evidence
    FROM entitlement AS e
    JOIN critical AS c ON lower(e.policy_id) = c.role_id OR e.policy_id = c.name
    WHERE e.via IN ('app_role', 'group_app_role')
    GROUP BY e.identity_id
), secret AS (
    SELECT
        c.identity_id,
        count(*) FILTER (WHERE c.status = 'active') AS active,
        count(*) AS possible,
        list_sort(list(DISTINCT c.evidence)) AS evidence
    FROM credential AS c
    WHERE c.kind = 'oauth_client_secret' AND c.status IN ('active', 'unknown') AND c.identity_id IS NOT NULL
        AND (c.expires_at IS NULL OR c.expires_at > $as_of)
    GROUP BY c.identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN s.active > 0 THEN 'fail' WHEN s.possible > 0 THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN s.active > 0 THEN s.active || ' active secret(s) open ' || h.what
        WHEN s.possible > 0 THEN 'whether its ' || s.possible || ' secret(s), which open ' || h.what || ', are active is not in the evidence'
        ELSE h.what || ', and no secret opens it'
    END AS reason,
    list_concat(h.evidence, coalesce(s.evidence, [])) AS evidence
FROM identity AS i
JOIN held AS h ON h.identity_id = i.identity_id
LEFT JOIN secret AS s ON s.identity_id = i.identity_id
WHERE i.provider = 'azure' AND i.in_scope AND i.human <> 'human' AND i.status <> 'disabled'
