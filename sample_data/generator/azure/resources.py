"""What a subscription holds: managed identities, machines, functions, vaults with the names of their secrets, storage accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from generator.azure.credentials import cli_time
from generator.azure.identity_list import Managed, managed
from generator.azure.places import REGION, SUBSCRIPTIONS, TENANT, Subscription
from generator.chance import guid, on_day
from generator.company import DOMAIN, PEOPLE, Quarter, email
from generator.estate import Json

VAULT = "Microsoft.KeyVault/vaults"
SECRETS = {
    # name, days between rotations or None
    "prod": (
        ("edi-hub-password", None),
        ("erp-database", 60),
        ("portal-sso-client", 45),
        ("sftp-partner-key", None),
        ("teams-webhook", 80),
    ),
    "nonprod": (),
}


def subscriptions() -> list[Json]:
    """`az account list`."""
    return [
        {
            "cloudName": "AzureCloud",
            "homeTenantId": TENANT,
            "id": subscription.id,
            "isDefault": subscription == SUBSCRIPTIONS[0],
            "managedByTenants": [],
            "name": f"quillhaven-{subscription.alias}",
            "state": "Enabled",
            "tenantId": TENANT,
            "user": {"name": f"assessment@{DOMAIN}", "type": "user"},
        }
        for subscription in SUBSCRIPTIONS
    ]


def tags(one: Managed) -> dict[str, str]:
    """The owner is the same person as in AWS and Google Cloud; nobody put one on the platform team's."""
    found = {"environment": one.subscription.environment, "team": one.team}
    return found if one.team == "platform" else found | {"owner": email(PEOPLE[one.team][0])}


def identities(quarter: Quarter, subscription: Subscription) -> list[Json]:
    """`az identity list`: user-assigned ones only."""
    return [
        {
            "clientId": one.client_id,
            "id": one.resource_id,
            "isolationScope": "None",
            "location": REGION,
            "name": one.name,
            "principalId": one.principal_id,
            "resourceGroup": subscription.group,
            "systemData": None,
            "tags": tags(one),
            "tenantId": TENANT,
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
        }
        for one in managed(quarter, subscription)
        if one.kind == "user"
    ]


def _identity(one: Managed) -> Json:
    if one.kind == "system":
        return {"principalId": one.principal_id, "tenantId": TENANT, "type": "SystemAssigned", "userAssignedIdentities": None}
    assigned = {one.resource_id: {"clientId": one.client_id, "principalId": one.principal_id}}
    return {"principalId": None, "tenantId": None, "type": "UserAssigned", "userAssignedIdentities": assigned}


def _resource(one: Managed, kind: str, name: str) -> Json:
    place = {"id": one.subscription.resource(kind, name), "location": REGION, "name": name, "resourceGroup": one.subscription.group}
    return place | {"identity": _identity(one), "tags": tags(one), "type": kind}


def machines(quarter: Quarter, subscription: Subscription) -> list[Json]:
    """`az vm list`. One has no identity."""
    found = []
    for one in managed(quarter, subscription):
        if one.runs == "vm":
            name = one.name if one.kind == "system" else f"vm-{one.name.removeprefix('id-')}"
            entry = _resource(one, "Microsoft.Compute/virtualMachines", name)
            found.append(
                entry | {"hardwareProfile": {"vmSize": "Standard_D2s_v5"}, "provisioningState": "Succeeded", "vmId": guid("vm", name)}
            )
    bare = {**found[0], "id": subscription.resource("Microsoft.Compute/virtualMachines", "vm-print-server"), "identity": None}
    return [*found, bare | {"name": "vm-print-server", "tags": {"team": "carriers"}, "vmId": guid("vm", subscription.alias, "print")}]


def functions(quarter: Quarter, subscription: Subscription) -> list[Json]:
    """`az functionapp list`: application settings are not in it."""
    found = []
    for one in managed(quarter, subscription):
        if one.runs == "function":
            name = one.name if one.kind == "system" else f"func-{one.name.removeprefix('id-')}"
            entry = _resource(one, "Microsoft.Web/sites", name)
            host = {"defaultHostName": f"{name}.azurewebsites.example", "httpsOnly": True, "kind": "functionapp,linux", "state": "Running"}
            found.append(entry | host)
    return found


def vaults(subscription: Subscription) -> list[Json]:
    """`az keyvault list`."""
    name = vault(subscription)
    place = {"id": subscription.resource(VAULT, name), "location": REGION, "name": name, "resourceGroup": subscription.group}
    return [place | {"tags": {"environment": subscription.environment, "team": "platform"}, "type": VAULT}]


def vault(subscription: Subscription) -> str:
    return f"kv-quillhaven-{subscription.alias}"


def secrets(quarter: Quarter, subscription: Subscription) -> list[Json]:
    """`az keyvault secret list`: names and dates."""
    return [_secret(quarter, subscription, name, days) for name, days in SECRETS[subscription.alias]]


def _secret(quarter: Quarter, subscription: Subscription, name: str, days: int | None) -> Json:
    created = on_day(datetime(2022, 4, 1), datetime(2024, 9, 1), "vault secret", name)
    updated = created if days is None else quarter.ago(days // 2).replace(microsecond=0)
    expires = None if days is None else cli_time(updated + timedelta(days=days * 2))
    attributes = {"created": cli_time(created), "enabled": True, "expires": expires, "notBefore": None, "recoverableDays": 90}
    return {
        "attributes": attributes | {"recoveryLevel": "Recoverable+Purgeable", "updated": cli_time(updated)},
        "contentType": None,
        "id": f"https://{vault(subscription)}.vault.azure.net/secrets/{name}",
        "managed": None,
        "name": name,
        "tags": {},
    }


def storage_accounts(subscription: Subscription) -> list[Json]:
    """`az storage account list`."""
    names = {"prod": ("quillhavenledger", "quillhavenlabels"), "nonprod": ("quillhavenstaging",)}[subscription.alias]
    kind = "Microsoft.Storage/storageAccounts"
    return [
        {
            "allowBlobPublicAccess": False,
            "allowSharedKeyAccess": name != "quillhavenledger",
            "creationTime": cli_time(on_day(datetime(2021, 2, 1), datetime(2023, 2, 1), "storage", name)),
            "id": subscription.resource(kind, name),
            "kind": "StorageV2",
            "location": REGION,
            "name": name,
            "publicNetworkAccess": "Enabled",
            "resourceGroup": subscription.group,
            "tags": {"environment": subscription.environment},
            "type": kind,
        }
        for name in names
    ]
