"""What the fake tenant holds, as a consultant gets it: files of `az … list` and of `az rest`, written by hand in the shapes that these print."""

from __future__ import annotations

from typing import Any

from tests.collectors.live.azure_tenant import (
    APP,
    ASSIGNMENTS,
    GRAPH,
    GROUP,
    IDENTITY,
    IMAGES,
    MICROSOFT,
    OF,
    PRINCIPAL,
    READER,
    SUBSCRIPTION,
    TENANT,
    USER_ASSIGNED,
    VAULT,
    agent,
    app_role,
    application,
    context,
    owner,
    service_principals,
)

SECRET_KEY = "c0000000-0000-4000-8000-000000000001"

SUBSCRIPTIONS: Any = [
    {
        "cloudName": "AzureCloud",
        "homeTenantId": TENANT,
        "id": SUBSCRIPTION,
        "isDefault": True,
        "managedByTenants": [],
        "name": "prod",
        "state": "Enabled",
        "tenantId": TENANT,
        "user": {"name": "ada@example.com", "type": "user"},
    }
]

ROLE_ASSIGNMENTS: Any = [
    {
        "condition": None,
        "conditionVersion": None,
        "createdOn": "2025-02-03T04:05:06.789000+00:00",
        "id": f"{ASSIGNMENTS}/e0000000-0000-4000-8000-000000000001",
        "name": "e0000000-0000-4000-8000-000000000001",
        "principalId": PRINCIPAL,
        "principalName": APP,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{OF}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "roleDefinitionName": None,
        "scope": OF,
        "type": "Microsoft.Authorization/roleAssignments",
    },
    {
        "condition": None,
        "conditionVersion": None,
        "createdOn": "2025-02-03T04:05:06.789000+00:00",
        "id": f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/e0000000-0000-4000-8000-000000000002",
        "name": "e0000000-0000-4000-8000-000000000002",
        "principalId": IDENTITY,
        "principalName": "id-orders",
        "principalType": "ServicePrincipal",
        "resourceGroup": "rg-(prod).eu",
        "roleDefinitionId": f"{OF}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "roleDefinitionName": None,
        "scope": GROUP,
        "type": "Microsoft.Authorization/roleAssignments",
    },
]

ROLE_DEFINITIONS: Any = [
    {
        "assignableScopes": ["/"],
        "description": None,
        "id": f"{OF}/providers/Microsoft.Authorization/roleDefinitions/{READER}",
        "name": READER,
        "permissions": [{"actions": ["*/read"], "dataActions": [], "notActions": [], "notDataActions": []}],
        "roleName": "Reader",
        "roleType": "BuiltInRole",
        "type": "Microsoft.Authorization/roleDefinitions",
    }
]

IDENTITIES: Any = [
    {
        "clientId": "d0000000-0000-4000-8000-000000000001",
        "id": USER_ASSIGNED,
        "location": "westeurope",
        "name": "id-orders",
        "principalId": IDENTITY,
        "resourceGroup": "rg-(prod).eu",
        "systemData": None,
        "tags": {"owner": "ada@example.com"},
        "tenantId": TENANT,
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
    }
]

IDENTITY_FEDERATED: Any = {
    "id": USER_ASSIGNED,
    "principalId": IDENTITY,
    "federatedIdentityCredentials": [
        {
            "audiences": ["api://AzureADTokenExchange"],
            "id": f"{USER_ASSIGNED}/federatedIdentityCredentials/aks",
            "issuer": "https://westeurope.oic.prod-aks.azure.com/t/c/",
            "name": "aks",
            "resourceGroup": "rg-(prod).eu",
            "subject": "system:serviceaccount:orders:api",
            "systemData": None,
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        }
    ],
}

APP_FEDERATED: Any = {
    "appId": APP,
    "federatedIdentityCredentials": [
        {
            "audiences": ["api://AzureADTokenExchange"],
            "description": None,
            "id": "f0000000-0000-4000-8000-000000000001",
            "issuer": "https://token.actions.githubusercontent.com",
            "name": "main",
            "subject": "repo:example/orders:ref:refs/heads/main",
        }
    ],
}

VAULTS: Any = [
    {
        "id": VAULT,
        "location": "westeurope",
        "name": "kv-orders",
        "properties": {"enableRbacAuthorization": True},
        "resourceGroup": "rg-(prod).eu",
        "tags": {},
        "type": "Microsoft.KeyVault/vaults",
    }
]

VAULT_SECRETS: Any = [
    {
        "attributes": {
            "created": "2025-01-02T03:04:05+00:00",
            "enabled": True,
            "expires": None,
            "notBefore": None,
            "recoveryLevel": "Recoverable+Purgeable",
            "updated": "2025-01-02T03:04:05+00:00",
        },
        "contentType": None,
        "id": "https://kv-orders.vault.azure.net/secrets/db",
        "managed": None,
        "name": "db",
        "tags": None,
    }
]

STORAGE: Any = [
    {
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "id": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st",
        "name": "st",
        "resourceGroup": "rg-(prod).eu",
        "type": "Microsoft.Storage/storageAccounts",
    },
    {
        "allowBlobPublicAccess": True,
        "id": IMAGES,
        "name": "images",
        "resourceGroup": "rg-(prod).eu",
        "type": "Microsoft.Storage/storageAccounts",
    },
]

CONTAINERS: Any = [
    {
        "id": f"{IMAGES}/blobServices/default/containers/logos",
        "name": "logos",
        "publicAccess": "Blob",
        "resourceGroup": "rg-(prod).eu",
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers",
    }
]

MACHINES: Any = [
    {
        "id": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/vm-1",
        "identity": {
            "principalId": None,
            "type": "UserAssigned",
            "userAssignedIdentities": {USER_ASSIGNED: {"clientId": None, "principalId": IDENTITY}},
        },
        "name": "vm-1",
        "osProfile": {"adminPassword": None, "computerName": "vm-1", "customData": None},
        "resourceGroup": "RG-(PROD).EU",
        "type": "Microsoft.Compute/virtualMachines",
    }
]

SITES: Any = [
    {
        "id": f"{GROUP}/providers/Microsoft.Web/sites/shop",
        "identity": {"principalId": MICROSOFT, "type": "SystemAssigned", "userAssignedIdentities": None},
        "kind": "functionapp",
        "name": "shop",
        "resourceGroup": "rg-(prod).eu",
        "siteConfig": None,
        "type": "Microsoft.Web/sites",
    }
]

POLICIES: Any = [
    {
        "displayName": "No keys",
        "enforcementMode": "Default",
        "id": f"{OF}/providers/Microsoft.Authorization/policyAssignments/no-keys",
        "name": "no-keys",
        "parameters": {"effect": {"value": "Deny"}},
        "policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/2571b7c3-3056-4a61-b00a-9bc5232234f5",
        "scope": OF,
        "type": "Microsoft.Authorization/policyAssignments",
    }
]

DIAGNOSTICS: Any = [
    {
        "id": f"{OF}/providers/Microsoft.Insights/diagnosticSettings/all",
        "logs": [{"category": "Administrative", "enabled": True}],
        "name": "all",
        "workspaceId": "/w",
    }
]

CONTAINER_APPS: Any = [
    {
        "id": f"{GROUP}/providers/Microsoft.App/containerApps/api",
        "identity": {"principalId": GRAPH, "type": "SystemAssigned"},
        "name": "api",
        "properties": {
            "configuration": {"secrets": [{"name": "db"}]},
            "template": {"containers": [{"env": [{"name": "TOKEN"}, {"name": "DB", "secretRef": "db"}], "name": "api"}]},
        },
        "resourceGroup": "rg-(prod).eu",
        "type": "Microsoft.App/containerApps",
    }
]

LOGIC_APPS: Any = [
    {
        "id": f"{GROUP}/providers/Microsoft.Logic/workflows/flow",
        "name": "flow",
        "resourceGroup": "rg-(prod).eu",
        "type": "Microsoft.Logic/workflows",
    }
]

VAULT_LOGGING: Any = [
    {
        "id": f"{VAULT}/providers/Microsoft.Insights/diagnosticSettings/all",
        "logs": [{"category": "AuditEvent", "enabled": True}],
        "name": "all",
        "workspaceId": "/w",
    }
]

EVENT: dict[str, Any] = {
    "authorization": {"action": "Microsoft.Compute/virtualMachines/write", "role": "Contributor", "scope": OF},
    "caller": PRINCIPAL,
    "claims": {"appid": APP, "http://schemas.microsoft.com/identity/claims/objectidentifier": PRINCIPAL},
    "eventTimestamp": "2026-10-01T00:00:00Z",
    "operationName": {"localizedValue": "Create or Update Virtual Machine", "value": "Microsoft.Compute/virtualMachines/write"},
    "status": {"localizedValue": "Succeeded", "value": "Succeeded"},
    "subscriptionId": SUBSCRIPTION,
}


def graph(entity: str, *records: Any) -> Any:
    """One page as `az rest` prints it."""
    return {**context(entity), "value": list(records)}


EXPORTS: dict[str, Any] = {
    f"{TENANT}/graph/organization.json": graph("organization", {"id": TENANT, "displayName": "Example"}),
    f"{TENANT}/graph/applications.json": [{**application(), "owners": [owner()]}],
    f"{TENANT}/graph/service-principals.json": service_principals({"appRoleAssignments": [app_role()]}),
    f"{TENANT}/graph/service-principals-owners.json": service_principals({"owners": [owner()]}),
    f"{TENANT}/graph/agent-identities.json": graph(
        "servicePrincipals/microsoft.graph.agentIdentity(sponsors())", {**agent(), "sponsors": [owner(1)]}
    ),
    f"{TENANT}/graph/oauth2-permission-grants.json": graph(
        "oauth2PermissionGrants",
        {
            "clientId": PRINCIPAL,
            "consentType": "AllPrincipals",
            "principalId": None,
            "resourceId": app_role()["resourceId"],
            "scope": "User.Read",
        },
    ),
    f"{TENANT}/graph/directory-role-assignments.json": graph(
        "roleManagement/directory/roleAssignments",
        {
            "id": "directory-assignment-1",
            "principalId": PRINCIPAL,
            "directoryScopeId": "/",
            "roleDefinitionId": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
            "principal": {"@odata.type": "#microsoft.graph.servicePrincipal", "id": PRINCIPAL},
        },
    ),
    f"{TENANT}/graph/service-principal-sign-ins.json": graph(
        "reports/servicePrincipalSignInActivities",
        {"appId": APP, "lastSignInActivity": {"lastSignInDateTime": "2026-10-01T00:00:00Z"}},
    ),
    f"{TENANT}/graph/credential-sign-ins.json": graph(
        "reports/appCredentialSignInActivities",
        {
            "appId": APP,
            "keyId": SECRET_KEY,
            "keyType": "clientSecret",
            "signInActivity": {"lastSignInDateTime": "2026-10-01T00:00:00Z"},
        },
    ),
    f"{TENANT}/graph/federated-credentials/{APP}.json": APP_FEDERATED,
    f"{TENANT}/arm/subscriptions.json": SUBSCRIPTIONS,
    f"{SUBSCRIPTION}/arm/role-assignments.json": ROLE_ASSIGNMENTS,
    f"{SUBSCRIPTION}/arm/role-definitions.json": ROLE_DEFINITIONS,
    f"{SUBSCRIPTION}/arm/user-assigned-identities.json": IDENTITIES,
    f"{SUBSCRIPTION}/arm/federated-credentials/": IDENTITY_FEDERATED,
    f"{SUBSCRIPTION}/arm/key-vaults.json": VAULTS,
    f"{SUBSCRIPTION}/arm/key-vault-secrets/": VAULT_SECRETS,
    f"{SUBSCRIPTION}/arm/storage-accounts.json": STORAGE,
    f"{SUBSCRIPTION}/arm/storage-containers/": CONTAINERS,
    f"{SUBSCRIPTION}/arm/virtual-machines.json": MACHINES,
    f"{SUBSCRIPTION}/arm/sites.json": SITES,
    f"{SUBSCRIPTION}/arm/container-apps.json": CONTAINER_APPS,
    f"{SUBSCRIPTION}/arm/logic-apps.json": LOGIC_APPS,
    f"{SUBSCRIPTION}/arm/key-vault-logging/": VAULT_LOGGING,
    f"{SUBSCRIPTION}/arm/policy-assignments.json": POLICIES,
    f"{SUBSCRIPTION}/arm/diagnostic-settings.json": DIAGNOSTICS,
    f"{SUBSCRIPTION}/arm/activity-log.json": [EVENT, EVENT],
}
"""By the live file (or the start of its name) that holds the same facts."""
