"""Role assignments, policies, logs and what was done: per subscription, and the tenant's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from generator.azure.application_list import lines
from generator.azure.credentials import cli_time
from generator.azure.directory import foreign_principal
from generator.azure.identity_list import managed
from generator.azure.places import CUSTOM_ROLE, NONPROD, PROD, ROLES, TENANT, Subscription
from generator.chance import between, guid
from generator.company import Quarter, email
from generator.dress import zulu
from generator.estate import Json

AUTHORIZATION = "/providers/Microsoft.Authorization"
TAGS_POLICY = (
    "require-environment-tag",
    f"{AUTHORIZATION}/policyDefinitions/871b6d14-10aa-478d-b590-94f262ecfa99",
    "Require a tag on resources",
)
ISSUERS_POLICY = (
    "identity-issuers",
    f"{AUTHORIZATION}/policyDefinitions/2571b7c3-3056-4a61-b00a-9bc5232234f5",
    "[Preview]: Managed Identity Federated Credentials should be from allowed issuer types",
)
"""Built-in definitions of Azure Policy: https://learn.microsoft.com/azure/governance/policy/samples/built-in-policies"""


def role_assignments(quarter: Quarter, subscription: Subscription) -> list[Json]:
    """`az role assignment list --all`."""
    found = [_assignment(quarter, subscription, one.principal_id, one.client_id, one.role) for one in managed(quarter, subscription)]
    for line in lines(quarter):
        if line.role and (subscription == PROD) != (line.name == "platform-old-jenkins"):
            found.append(_assignment(quarter, subscription, line.principal_id, line.app_id, line.role))
    if subscription == NONPROD:
        preview = next(line for line in lines(quarter) if line.name == "platform-deploy-preview")
        found.append(_assignment(quarter, subscription, preview.principal_id, preview.app_id, "Contributor"))
    if subscription == PROD:
        name = "Fathom Audit Connector"
        found.append(_assignment(quarter, subscription, foreign_principal(name), guid("application of", name), "Reader"))
    for person in ("dana.kovacs", "joel.abara"):
        found.append(_assignment(quarter, subscription, guid("person", person), email(person), "Owner", kind="User"))
    found.append(_assignment(quarter, subscription, guid("group", "engineers"), "engineers", "Reader", kind="Group"))
    return found


def _assignment(quarter: Quarter, where: Subscription, principal: str, shown: str, role: str, *, kind: str = "ServicePrincipal") -> Json:
    name = guid("assignment", where.alias, principal, role)
    definition = ROLES.get(role, CUSTOM_ROLE[1])
    created = cli_time(quarter.ago(300 + between(0, 500, "assigned", name)).replace(year=2025, microsecond=0))
    narrow = role.startswith(("Storage", "Key Vault", "Azure Service Bus"))
    scope = f"{where.scope}/resourceGroups/{where.group}" if narrow else where.scope
    entry: Json = {
        "condition": None,
        "conditionVersion": None,
        "createdBy": guid("person", "dana.kovacs"),
        "createdOn": created,
        "delegatedManagedIdentityResourceId": None,
        "description": None,
        "id": f"{scope}{AUTHORIZATION}/roleAssignments/{name}",
        "name": name,
        "principalId": principal,
        "principalName": shown,
        "principalType": kind,
        "roleDefinitionId": f"{where.scope}{AUTHORIZATION}/roleDefinitions/{definition}",
        "roleDefinitionName": role,
        "scope": scope,
        "type": "Microsoft.Authorization/roleAssignments",
        "updatedBy": guid("person", "dana.kovacs"),
        "updatedOn": created,
    }
    return entry | ({"resourceGroup": where.group} if narrow else {})


def custom_roles(subscription: Subscription) -> list[Json]:
    """`az role definition list --custom-role-only`."""
    actions = [
        "Microsoft.Communication/emailServices/read",
        "Microsoft.Communication/emailServices/domains/*",
        "Microsoft.Insights/metrics/read",
    ]
    permissions = {
        "actions": actions,
        "dataActions": [],
        "notActions": ["Microsoft.Communication/emailServices/domains/delete"],
        "notDataActions": [],
    }
    return [
        {
            "assignableScopes": [subscription.scope],
            "description": "Sends invoices",
            "id": f"{subscription.scope}{AUTHORIZATION}/roleDefinitions/{CUSTOM_ROLE[1]}",
            "name": CUSTOM_ROLE[1],
            "permissions": [permissions | {"condition": None, "conditionVersion": None}],
            "roleName": CUSTOM_ROLE[0],
            "roleType": "CustomRole",
            "type": "Microsoft.Authorization/roleDefinitions",
        }
    ]


def policy_assignments(quarter: Quarter, subscription: Subscription) -> list[Json]:
    """`az policy assignment list`: since August production refuses federated credentials of issuers that are not allowed."""
    found = [_policy(subscription, TAGS_POLICY, {"tagName": {"value": "environment"}})]
    if subscription == PROD and quarter.number >= 3:
        found.append(_policy(subscription, ISSUERS_POLICY, {"effect": {"value": "Deny"}}))
    return found


def _policy(subscription: Subscription, policy: tuple[str, str, str], parameters: Json) -> Json:
    name, definition, title = policy
    return {
        "description": None,
        "displayName": title,
        "enforcementMode": "Default",
        "id": f"{subscription.scope}{AUTHORIZATION}/policyAssignments/{name}",
        "identity": None,
        "metadata": {"assignedBy": "Dana Kovacs"},
        "name": name,
        "nonComplianceMessages": None,
        "notScopes": None,
        "parameters": parameters,
        "policyDefinitionId": definition,
        "scope": subscription.scope,
        "type": "Microsoft.Authorization/policyAssignments",
    }


def _setting(where: str, name: str, logs: dict[str, bool]) -> Json:
    workspace = PROD.resource("Microsoft.OperationalInsights/workspaces", "law-quillhaven")
    inner = {"logs": [{"category": category, "enabled": on} for category, on in logs.items()], "workspaceId": workspace}
    return {"id": f"{where}/diagnosticSettings/{name}", "name": name, "type": "Microsoft.Insights/diagnosticSettings"} | inner


def subscription_logs(subscription: Subscription) -> Json:
    """`az monitor diagnostic-settings subscription list`: nonprod exports health, not who did what."""
    logs = {"Administrative": subscription == PROD, "Security": subscription == PROD, "ServiceHealth": True, "Policy": subscription == PROD}
    return {"value": [_setting(f"{subscription.scope}/providers/Microsoft.Insights", "to-workspace", logs)]}


def tenant_logs() -> Json:
    """ARM's `providers/microsoft.aadiam/diagnosticSettings`."""
    logs = {"AuditLogs": True, "SignInLogs": True, "ServicePrincipalSignInLogs": True, "ManagedIdentitySignInLogs": True}
    entry = _setting("/providers/microsoft.aadiam", "entra-to-workspace", logs)
    inner = {"logs": entry.pop("logs"), "workspaceId": entry.pop("workspaceId")}
    return {"value": [entry | {"properties": inner, "type": "microsoft.aadiam/diagnosticSettings"}]}


def application_policy() -> Json:
    """Graph's `policies/defaultAppManagementPolicy`: since August nobody may add a secret to an application."""
    off: Json = {"keyCredentials": [], "passwordCredentials": []}
    added = [{"maxLifetime": None, "restrictForAppsCreatedAfterDateTime": None, "restrictionType": "passwordAddition", "state": "enabled"}]
    return {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#policies/defaultAppManagementPolicy/$entity",
        "applicationRestrictions": off | {"passwordCredentials": added},
        "description": "Default tenant policy that enforces app management restrictions on applications and service principals.",
        "displayName": "Default app management tenant policy",
        "id": "00000000-0000-0000-0000-000000000000",
        "isEnabled": True,
        "servicePrincipalRestrictions": off | {"passwordCredentials": added},
    }


EVENTS = (
    # who, action
    ("platform-terraform", "Microsoft.Network/virtualNetworks/subnets/write"),
    ("platform-terraform", "Microsoft.Storage/storageAccounts/write"),
    ("platform-terraform", "Microsoft.Resources/deployments/write"),
    ("platform-deploy-portal", "Microsoft.Web/sites/config/write"),
    ("platform-deploy-portal", "Microsoft.Web/sites/restart/action"),
    ("platform-dns-automation", "Microsoft.Network/dnsZones/A/write"),
    ("platform-backup-vault", "Microsoft.RecoveryServices/vaults/backupJobs/cancel/action"),
)


OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


def activity(quarter: Quarter) -> Iterator[Json]:
    """`az monitor activity-log list --offset 90d` of production: what service principals did, and an administrator on the first day."""
    administrator = email("greta.vonholt")
    yield _event(quarter, len(EVENTS), "Microsoft.Authorization/locks/write", quarter.ago(90), administrator, {UPN: administrator})
    for number, (who, action) in enumerate(EVENTS):
        line = next(line for line in lines(quarter) if line.name == who)
        when = quarter.ago(3 + 9 * number + between(0, 4, "event", quarter.number, number))
        yield _event(quarter, number, action, when, line.principal_id, {"appid": line.app_id, OBJECT_ID: line.principal_id})


def _event(quarter: Quarter, number: int, action: str, when: datetime, caller: str, claims: dict[str, str]) -> Json:
    return {
        "authorization": {"action": action, "role": None, "scope": f"{PROD.scope}/resourceGroups/{PROD.group}"},
        "caller": caller,
        "category": {"localizedValue": "Administrative", "value": "Administrative"},
        "claims": {**claims, "http://schemas.microsoft.com/identity/claims/tenantid": TENANT},
        "correlationId": guid("correlation", quarter.number, number),
        "eventTimestamp": zulu(when),
        "level": "Informational",
        "operationName": {"localizedValue": action, "value": action},
        "resourceGroupName": PROD.group,
        "status": {"localizedValue": "Succeeded", "value": "Succeeded"},
        "subscriptionId": PROD.id,
        "tenantId": TENANT,
    }
