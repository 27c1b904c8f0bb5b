-- title = "A secret opens a tier-0 service principal"
-- severity = "critical"
-- subject = "identity"
-- needs = ["identities", "policies", "access_keys"]
-- rationale = "A directory role of tier 0 administers the tenant. A secret is copied without a trace and needs no second factor."
-- fix = "Take the role away or let it sign in with a managed identity or a federated credential; then delete the secret."
-- maps_to = [
--     "NHI5:2025", "NHI7:2025", "NIST-800-53r5:AC-6(5)", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access", "CCM-4.0:IAM-05",
--     "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://learn.microsoft.com/entra/identity/role-based-access-control/privileged-roles-permissions"
--
-- [[example]]
-- why = "a Global Administrator with an active secret; the other goes by the role's name"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}, {identity_id = "azure:2", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [
--     {identity_id = "azure:1", via = "directory_role", policy_id = "62e90394-69f5-4237-9190-012177145e10", policy_name = "Global Administrator", resource = "/"},
--     {identity_id = "azure:2", via = "directory_role", policy_id = "11111111-0000-0000-0000-000000000000", policy_name = "Application Administrator", resource = "/"},
-- ]
-- rows.credential = [
--     {credential_id = "s1", identity_id = "azure:1", provider = "azure", kind = "oauth_client_secret"},
--     {credential_id = "s2", identity_id = "azure:2", provider = "azure", kind = "oauth_client_secret"},
-- ]
-- expect = {"azure:1" = "fail", "azure:2" = "fail"}
--
-- [[example]]
-- why = "it has a certificate only; a reader, and a role on one application, are not meant"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}, {identity_id = "azure:2", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [
--     {identity_id = "azure:1", via = "directory_role", policy_id = "62e90394-69f5-4237-9190-012177145e10", policy_name = "Global Administrator", resource = "/"},
--     {identity_id = "azure:2", via = "directory_role", policy_id = "f2ef992c-3afb-46b9-b7cf-a126ee74c451", policy_name = "Global Reader", resource = "/"},
--     {identity_id = "azure:2", via = "directory_role", policy_id = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", policy_name = "Application Administrator", resource = "/33333333-0000-0000-0000-000000000000"},
-- ]
-- rows.credential = [
--     {credential_id = "c1", identity_id = "azure:1", provider = "azure", kind = "x509_certificate"},
--     {credential_id = "s2", identity_id = "azure:2", provider = "azure", kind = "oauth_client_secret"},
-- ]
-- expect = {"azure:1" = "pass"}
--
-- [[example]]
-- why = "the applications and their secrets were not supplied"
-- rows.identity = [{identity_id = "azure:1", provider = "azure", kind = "service_principal"}]
-- rows.entitlement = [{identity_id = "azure:1", via = "directory_role", policy_id = "62e90394-69f5-4237-9190-012177145e10", policy_name = "Global Administrator", resource = "/"}]
-- rows.coverage = [{fact = "identities", scope = "*", status = "collected"}, {fact = "policies", scope = "*", status = "collected"}]
-- expect = {"azure:1" = "unknown"}

WITH tier_zero AS (
    -- TIER_ZERO in scoring/least_privilege/azure/entra.py: a test keeps the two equal
    SELECT role_id, name
    FROM (VALUES
        ('158c047a-c907-4556-b7ef-446551a6b5f7', 'Cloud Application Administrator'),
        ('194ae4cb-b126-40b2-bd5b-6091b380977d', 'Security Administrator'),
        ('62e90394-69f5-4237-9190-012177145e10', 'Global Administrator'),
        ('7be44c8a-adaf-4e2a-84d6-ab2649e08a13', 'Privileged Authentication Administrator'),
        ('8329153b-31d0-4727-b945-745eb3bc5f31', 'Domain Name Administrator'),
        ('8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2', 'Hybrid Identity Administrator'),
        ('9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3', 'Application Administrator'),
        ('b1be1c3e-b65d-4f19-8427-f6fa0d97feb9', 'Conditional Access Administrator'),
        ('be2f45a1-457d-42af-a067-6ec1fa63bc45', 'External Identity Provider Administrator'),
        ('d29b2b05-8046-44ba-8758-1e26182fcf32', 'Directory Synchronization Accounts'),
        ('e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8', 'Partner Tier2 Support'),
        ('e8611ab8-c189-46e8-94e1-60213ab1f814', 'Privileged Role Administrator')
    ) AS role (role_id, name)
), held AS (
    SELECT e.identity_id, 'the directory role ' || min(t.name) AS what, list_sort(list(DISTINCT e.evidence)) AS evidence
    FROM entitlement AS e
    JOIN tier_zero AS t ON lower(e.policy_id) = t.role_id OR lower(e.policy_name) = lower(t.name)
    WHERE e.via IN ('directory_role', 'group_directory_role') AND (e.resource IS NULL OR e.resource = '/' OR e.resource NOT LIKE '/%')
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
