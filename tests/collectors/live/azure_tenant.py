"""A small tenant and its subscription, as Azure answers: what the fake servers are filled with."""

from __future__ import annotations

from typing import Any

from tests.collectors.live.azure_fake import CANARY, Answer, Fake

TENANT = "5f2d9c0e-0000-4000-8000-00000000000a"
SUBSCRIPTION = "0c7e1d52-0000-4000-8000-00000000000b"
APP, APP_OBJECT, PRINCIPAL = (f"a1b2c3d4-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
IDENTITY, MICROSOFT, PERSON, GRAPH = (f"a1b2c3d4-0000-4000-8000-00000000000{number}" for number in (4, 5, 6, 7))
AGENT, BLUEPRINT = "a1b2c3d4-0000-4000-8000-000000000008", "a1b2c3d4-0000-4000-8000-000000000009"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
READS_ALL = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
OF = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{OF}/resourceGroups/rg-(prod).eu"
ASSIGNMENTS = f"{OF}/providers/Microsoft.Authorization/roleAssignments"
PERMISSIONS = f"{OF}/providers/Microsoft.Authorization/permissions"
USER_ASSIGNED = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-orders"
IMAGES = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/images"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-orders"


def owner(number: int = 0) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.user",
        "id": PERSON[:-2] + f"{number + 10:02x}",
        "displayName": "Ada Example",
        "userPrincipalName": f"ada{number}@example.com",
        "mobilePhone": f"{CANARY} phone",
    }


def app_role(number: int = 0) -> dict[str, Any]:
    return {
        "id": f"assignment-{number}",
        "principalId": PRINCIPAL,
        "principalType": "ServicePrincipal",
        "resourceId": GRAPH,
        "resourceDisplayName": "Microsoft Graph",
        "appRoleId": f"b0000000-0000-4000-8000-0000000000{number:02x}",
    }


def application() -> dict[str, Any]:
    return {
        "id": APP_OBJECT,
        "appId": APP,
        "displayName": "orders",
        "signInAudience": "AzureADMyOrg",
        "createdDateTime": "2025-01-02T03:04:05Z",
        "passwordCredentials": [
            {
                "keyId": "c0000000-0000-4000-8000-000000000001",
                "displayName": "ci",
                "startDateTime": "2025-01-02T03:04:05Z",
                "endDateTime": "2027-01-02T03:04:05Z",
                "hint": CANARY,
                "secretText": CANARY,
            }
        ],
        "keyCredentials": [
            {
                "keyId": "c0000000-0000-4000-8000-000000000002",
                "customKeyIdentifier": "0A1B",
                "type": "AsymmetricX509Cert",
                "usage": "Verify",
                "startDateTime": "2025-01-02T03:04:05Z",
                "endDateTime": "2026-01-02T03:04:05Z",
                "key": CANARY,
            }
        ],
        "requiredResourceAccess": [],
    }


def service_principals(expanded: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the application, of a managed identity and of Microsoft's; `expanded` is what the first one was asked for."""
    name = next(iter(expanded))
    common = {"accountEnabled": True, "passwordCredentials": [], "keyCredentials": [], "alternativeNames": []}
    return [
        {
            **common,
            "id": PRINCIPAL,
            "appId": APP,
            "displayName": "orders",
            "servicePrincipalType": "Application",
            "appOwnerOrganizationId": TENANT,
            "signInAudience": "AzureADMyOrg",
            **expanded,
        },
        {
            **common,
            "id": IDENTITY,
            "appId": "d0000000-0000-4000-8000-000000000001",
            "displayName": "id-orders",
            "servicePrincipalType": "ManagedIdentity",
            "alternativeNames": ["isExplicit=True", USER_ASSIGNED],
            name: [],
        },
        {
            **common,
            "id": MICROSOFT,
            "appId": "00000003-0000-0000-c000-000000000000",
            "displayName": "Microsoft Graph",
            "servicePrincipalType": "Application",
            "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
            name: [],
        },
        {**common, **agent(), name: []},
    ]


def agent() -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.agentIdentity",
        "id": AGENT,
        "displayName": "helper",
        "accountEnabled": True,
        "servicePrincipalType": "ServiceIdentity",
        "agentIdentityBlueprintId": BLUEPRINT,
    }


def assignment(number: int, principal: str = PRINCIPAL, scope: str = OF) -> dict[str, Any]:
    name = f"e0000000-0000-4000-8000-0000000000{number:02x}"
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
        "name": name,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": {
            "roleDefinitionId": f"{OF}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "scope": scope,
            "condition": None,
            "createdOn": "2025-02-03T04:05:06.789Z",
        },
    }


def fill_graph(graph: Fake) -> None:
    graph.list("/v1.0/organization", [{"id": TENANT, "displayName": "Example"}], **context("organization"))
    graph.list("/v1.0/applications", [{**application(), "owners": [owner()]}], **context("applications(owners())"))
    graph.list(
        f"/v1.0/applications/{APP_OBJECT}/federatedIdentityCredentials",
        [
            {
                "id": "f0000000-0000-4000-8000-000000000001",
                "name": "main",
                "issuer": "https://token.actions.githubusercontent.com",
                "subject": "repo:example/orders:ref:refs/heads/main",
                "audiences": ["api://AzureADTokenExchange"],
            }
        ],
        **context(f"applications('{APP_OBJECT}')/federatedIdentityCredentials"),
    )
    by_roles, by_owners = service_principals({"appRoleAssignments": [app_role()]}), service_principals({"owners": [owner()]})
    graph.give(
        "/v1.0/servicePrincipals?$top=100&$expand=appRoleAssignments",
        Answer(body={**context("servicePrincipals(appRoleAssignments())"), "value": by_roles}),
    )
    graph.give(
        "/v1.0/servicePrincipals?$top=100&$expand=owners",
        Answer(body={**context("servicePrincipals(owners())"), "value": by_owners}),
    )
    graph.list(
        "/v1.0/servicePrincipals/microsoft.graph.agentIdentity",
        [{**agent(), "sponsors": [owner(1)]}],
        **context("servicePrincipals/microsoft.graph.agentIdentity(sponsors())"),
    )
    grant = {"clientId": PRINCIPAL, "consentType": "AllPrincipals", "principalId": None, "resourceId": GRAPH, "scope": "User.Read"}
    graph.list("/v1.0/oauth2PermissionGrants", [grant], **context("oauth2PermissionGrants"))
    held = {
        "id": "directory-assignment-1",
        "principalId": PRINCIPAL,
        "directoryScopeId": "/",
        "roleDefinitionId": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
        "principal": {"@odata.type": "#microsoft.graph.servicePrincipal", "id": PRINCIPAL, "displayName": "orders"},
    }
    roles = "/v1.0/roleManagement/directory"
    graph.list(f"{roles}/roleAssignments", [held], **context("roleManagement/directory/roleAssignments(principal())"))
    graph.list(
        f"{roles}/roleDefinitions",
        [{"id": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b", "displayName": "Directory Readers", "isBuiltIn": True}],
        **context("roleManagement/directory/roleDefinitions"),
    )
    graph.list(f"{roles}/roleEligibilityScheduleInstances", **context("roleManagement/directory/roleEligibilityScheduleInstances"))
    seen = {"lastSignInDateTime": "2026-10-01T00:00:00Z"}
    graph.list(
        "/beta/reports/servicePrincipalSignInActivities",
        [{"appId": APP, "lastSignInActivity": seen}],
        **context("reports/servicePrincipalSignInActivities"),
    )
    used = {"appId": APP, "keyId": "c0000000-0000-4000-8000-000000000001", "keyType": "clientSecret", "signInActivity": seen}
    graph.list("/beta/reports/appCredentialSignInActivities", [used], **context("reports/appCredentialSignInActivities"))
    spared: dict[str, Any] = {"applicationRestrictions": {}, "servicePrincipalRestrictions": {}}
    policy = {**context("policies/defaultAppManagementPolicy/$entity"), "id": GRAPH, "isEnabled": True, **spared}
    graph.give("/v1.0/policies/defaultAppManagementPolicy", Answer(body=policy))


def context(entity: str) -> dict[str, Any]:
    return {"@odata.context": f"https://graph.microsoft.com/v1.0/$metadata#{entity}"}


def fill_arm(arm: Fake) -> None:
    authorization = f"{OF}/providers/Microsoft.Authorization"
    subscription = {"id": OF, "subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "displayName": "prod", "state": "Enabled"}
    arm.list("/subscriptions", [{**subscription, "subscriptionPolicies": {"quotaId": "PayAsYouGo_2014-09-01"}}])
    arm.list(PERMISSIONS, [READS_ALL])
    arm.list(ASSIGNMENTS, [assignment(1)], [assignment(2, IDENTITY, GROUP)])
    arm.list(
        f"{authorization}/roleDefinitions",
        [
            {
                "id": f"{authorization}/roleDefinitions/{READER}",
                "name": READER,
                "type": "Microsoft.Authorization/roleDefinitions",
                "properties": {"roleName": "Reader", "type": "BuiltInRole", "permissions": [READS_ALL], "assignableScopes": ["/"]},
            }
        ],
    )
    for nothing in ("denyAssignments", "roleEligibilityScheduleInstances", "roleAssignmentScheduleInstances"):
        arm.list(f"{authorization}/{nothing}")
    identity = {
        "id": USER_ASSIGNED,
        "name": "id-orders",
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        "location": "westeurope",
        "tags": {"owner": "ada@example.com"},
        "properties": {"principalId": IDENTITY, "clientId": "d0000000-0000-4000-8000-000000000001", "tenantId": TENANT},
    }
    arm.list(f"{OF}/providers/Microsoft.ManagedIdentity/userAssignedIdentities", [identity])
    arm.list(
        f"{USER_ASSIGNED}/federatedIdentityCredentials",
        [
            {
                "id": f"{USER_ASSIGNED}/federatedIdentityCredentials/aks",
                "name": "aks",
                "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
                "properties": {
                    "issuer": "https://westeurope.oic.prod-aks.azure.com/t/c/",
                    "subject": "system:serviceaccount:orders:api",
                    "audiences": ["api://AzureADTokenExchange"],
                },
            }
        ],
    )
    fill_resources(arm)


def setting(of: str, category: str) -> dict[str, Any]:
    provider = "Microsoft.Insights" if of else "microsoft.aadiam"
    logs = [{"category": category, "enabled": True}]
    return {"id": f"{of}/providers/{provider}/diagnosticSettings/all", "name": "all", "properties": {"logs": logs, "workspaceId": "/w"}}


def fill_containers(arm: Fake) -> None:
    """What runs besides machines and sites; most of it is not there."""
    container = {"name": "api", "env": [{"name": "TOKEN", "value": CANARY}, {"name": "DB", "secretRef": "db"}]}
    app = {
        "id": f"{GROUP}/providers/Microsoft.App/containerApps/api",
        "name": "api",
        "type": "Microsoft.App/containerApps",
        "identity": {"type": "SystemAssigned", "principalId": GRAPH},
        "properties": {
            "template": {"containers": [container]},
            "configuration": {"secrets": [{"name": "db", "value": CANARY}]},
        },
    }
    workflow = {
        "id": f"{GROUP}/providers/Microsoft.Logic/workflows/flow",
        "name": "flow",
        "type": "Microsoft.Logic/workflows",
        "properties": {"definition": {"actions": CANARY}, "parameters": {"key": {"value": CANARY}}},
    }
    arm.list(f"{OF}/providers/Microsoft.App/containerApps", [app])
    arm.list(f"{OF}/providers/Microsoft.Logic/workflows", [workflow])
    arm.list(f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings", [setting(VAULT, "AuditEvent")])
    for nothing in (
        "Compute/virtualMachineScaleSets",
        "App/jobs",
        "ContainerInstance/containerGroups",
        "ContainerService/managedClusters",
        "Automation/automationAccounts",
        "DataFactory/factories",
    ):
        arm.list(f"{OF}/providers/Microsoft.{nothing}")


def fill_resources(arm: Fake) -> None:
    vault = {"id": VAULT, "name": "kv-orders", "type": "Microsoft.KeyVault/vaults", "properties": {"enableRbacAuthorization": True}}
    arm.list(f"{OF}/providers/Microsoft.KeyVault/vaults", [vault])
    dates = {"enabled": True, "created": 1735787045, "updated": 1735787045}
    secret = {
        "id": f"{VAULT}/secrets/db",
        "name": "db",
        "type": "Microsoft.KeyVault/vaults/secrets",
        "properties": {"attributes": dates, "secretUri": "https://kv-orders.vault.azure.net/secrets/db", "value": CANARY},
    }
    arm.list(f"{VAULT}/secrets", [secret])
    machine = {
        "id": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm-1",
        "name": "vm-1",
        "type": "Microsoft.Compute/virtualMachines",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {USER_ASSIGNED: {"principalId": IDENTITY}}},
        "properties": {"osProfile": {"computerName": "vm-1", "adminPassword": CANARY, "customData": CANARY}, "userData": CANARY},
    }
    arm.list(f"{OF}/providers/Microsoft.Compute/virtualMachines", [machine])
    site = {
        "id": f"{GROUP}/providers/Microsoft.Web/sites/shop",
        "name": "shop",
        "kind": "functionapp",
        "type": "Microsoft.Web/sites",
        "identity": {"type": "SystemAssigned", "principalId": MICROSOFT},
        "properties": {"siteConfig": {"appSettings": [{"name": "KEY", "value": CANARY}], "connectionStrings": [CANARY]}},
    }
    arm.list(f"{OF}/providers/Microsoft.Web/sites", [site])
    fill_containers(arm)
    storage = {
        "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st",
        "name": "st",
        "type": "Microsoft.Storage/storageAccounts",
        "properties": {"allowBlobPublicAccess": False, "allowSharedKeyAccess": False},
    }
    images = {**storage, "id": IMAGES, "name": "images", "properties": {"allowBlobPublicAccess": True}}
    arm.list(f"{OF}/providers/Microsoft.Storage/storageAccounts", [storage, images])
    container = {
        "id": f"{IMAGES}/blobServices/default/containers/logos",
        "name": "logos",
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
        "properties": {"publicAccess": "Blob", "metadata": {"note": CANARY}},
    }
    arm.list(f"{IMAGES}/blobServices/default/containers", [container])
    policy = {
        "id": f"{OF}/providers/Microsoft.Authorization/policyAssignments/no-keys",
        "name": "no-keys",
        "properties": {
            "displayName": "No keys",
            "scope": OF,
            "enforcementMode": "Default",
            "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/2571b7c3-3056-4a61-b00a-9bc5232234f5",
            "parameters": {"effect": {"value": "Deny"}, "webhook": {"value": CANARY}},
        },
    }
    arm.list(f"{OF}/providers/Microsoft.Authorization/policyAssignments", [policy])
    arm.list(f"{OF}/providers/Microsoft.Insights/diagnosticSettings", [setting(OF, "Administrative")])
    arm.list("/providers/microsoft.aadiam/diagnosticSettings", [setting("", "ServicePrincipalSignInLogs")])
    event = {
        "caller": PRINCIPAL,
        "claims": {"appid": APP, "ipaddr": CANARY, "http://schemas.microsoft.com/identity/claims/objectidentifier": PRINCIPAL},
        "authorization": {"action": "Microsoft.Compute/virtualMachines/write", "scope": OF, "role": "Contributor"},
        "operationName": {"value": "Microsoft.Compute/virtualMachines/write"},
        "status": {"value": "Succeeded"},
        "eventTimestamp": "2026-10-01T00:00:00Z",
        "subscriptionId": SUBSCRIPTION,
        "properties": {"requestbody": CANARY},
        "httpRequest": {"clientIpAddress": CANARY},
    }
    arm.list(f"{OF}/providers/Microsoft.Insights/eventtypes/management/values", [event], [event])
