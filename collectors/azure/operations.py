"""What the Azure collector asks, as data: the calls, the permissions they need and the facts that are unknown without them.

The role and the list of Graph permissions (collectors/azure/permissions.py) are made from it, so that nothing is asked without being named there.
Every operation reads; application settings, environment values, account keys and secret values are never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from collectors.azure.fetch_clean import clean, clean_container, clean_event, clean_secret
from inventory.model import Fact

GRAPH_PAGE = 100
"""Records a page. With $expand, Graph gives no more, whatever is asked for (learn.microsoft.com/graph/query-parameters)."""

EXPANDED = 20
"""$expand gives this many related objects and does not say that there are more (same page)."""

UNREGISTERED = ("MissingSubscriptionRegistration", "SubscriptionNotRegistered")
"""Codes of a subscription that never used a resource provider: there is nothing to list."""

UNLICENSED = ("AadPremiumLicenseRequired",)
"""Code of a tenant that has no Privileged Identity Management: a role that nobody can activate gives nothing."""


class Plane(StrEnum):
    ARM = "arm"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A list method of one of Azure's own clients; it makes the request where there is one."""

    module: str
    name: str
    group: str
    method: str
    arguments: tuple[str, ...] = ()
    """With the placeholders of the operation's `url`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One list (or one object) that is asked for, per tenant, subscription or object."""

    name: str
    """As Azure calls it: the action that the caller's role must allow, or method and path of Graph."""
    plane: Plane
    service: str
    """What progress is shown for."""
    file: str
    """Below the folder of the tenant or subscription."""
    url: str
    """Path and query, with {tenant}, {subscription}, {id} (of the object it follows from), {since} and {until}."""
    command: str
    """The command that prints the same; the same placeholders."""
    permission: str | None = None
    """Graph application permission. Of ARM, `name` is the action; None there."""
    facts: tuple[Fact, ...] = ()
    client: Client | None = None
    clean: Callable[[Any], Any] = clean
    expands: str | None = None
    """Related objects asked for with $expand; where they may be cut off, the rest is asked for one by one."""
    one: bool = False
    """The answer is one object, no list."""
    never_empty: str | None = None
    """Why an empty list cannot be true."""
    empty_when: tuple[str, ...] = ()
    """Error codes that say that there is nothing."""


def _graph(name: str, file: str, permission: str, facts: tuple[Fact, ...] = (), *, query: str = "", **more: Any) -> Operation:
    version = "beta" if name.startswith("/reports/") else "v1.0"
    url = f"/{version}{name}{'?' if query else ''}{query}"
    command = f'az rest --method get --url "https://graph.microsoft.com{url}"'
    details = {"service": "Microsoft Graph", "command": command, "permission": permission, "facts": facts, **more}
    return Operation(name=f"GET {name}", plane=Plane.GRAPH, file=f"graph/{file}.json", url=url, **details)


def _arm(name: str, service: str, file: str, url: str, command: str, facts: tuple[Fact, ...] = (), **more: Any) -> Operation:
    return Operation(name=name, plane=Plane.ARM, service=service, file=f"arm/{file}.json", url=url, command=command, facts=facts, **more)


def _listed(name: str, version: str) -> str:
    """Path of a list of all resources of a type in the subscription, from its read action."""
    return f"/subscriptions/{{subscription}}/providers/{name.rsplit('/', 1)[0]}?api-version={version}"


AUTHORIZATION = "azure.mgmt.authorization"
MSI = "azure.mgmt.msi"


def _authorization(group: str, method: str, *arguments: str) -> Client:
    return Client(module=AUTHORIZATION, name="AuthorizationManagementClient", group=group, method=method, arguments=arguments)


def _msi(group: str, method: str, *arguments: str) -> Client:
    return Client(module=MSI, name="ManagedServiceIdentityClient", group=group, method=method, arguments=arguments)


ORGANIZATION = _graph(
    "/organization",
    "organization",
    "Directory.Read.All",
    query="$select=id,displayName,tenantType,verifiedDomains",
    never_empty="a tenant is always an organization",
)

APPLICATIONS = _graph(
    "/applications",
    "applications",
    "Application.Read.All",
    (Fact.ACCESS_KEYS, Fact.OWNERSHIP, Fact.TRUST),
    query=f"$top={GRAPH_PAGE}&$expand=owners",
    expands="owners",
    never_empty="a tenant in use has applications",
)
APP_FEDERATED = _graph(
    "/applications/{id}/federatedIdentityCredentials",
    "federated-credentials/{name}",
    "Application.Read.All",
    (Fact.TRUST,),
)

OWNERS = _graph(
    "/servicePrincipals",
    "service-principals-owners",
    "Application.Read.All",
    (Fact.OWNERSHIP,),
    query=f"$top={GRAPH_PAGE}&$expand=owners",
    expands="owners",
    never_empty="a tenant always has service principals of Microsoft's",
)
SPONSORS = _graph(
    "/servicePrincipals/microsoft.graph.agentIdentity",
    "agent-identities",
    "AgentIdentity.Read.All",
    (Fact.OWNERSHIP,),
    query=f"$top={GRAPH_PAGE}&$expand=sponsors",
    never_empty="there are service principals of agents",
)
"""Asked where there are agents: people answer for them as sponsors. Of very many sponsors the first few are enough to know that there are any."""

TENANT: tuple[Operation, ...] = (
    APPLICATIONS,
    _graph(
        "/servicePrincipals",
        "service-principals",
        "Application.Read.All",
        (Fact.IDENTITIES, Fact.POLICIES, Fact.ACCESS_KEYS),
        query=f"$top={GRAPH_PAGE}&$expand=appRoleAssignments",
        expands="appRoleAssignments",
        never_empty="a tenant always has service principals of Microsoft's",
    ),
    OWNERS,
    _graph("/oauth2PermissionGrants", "oauth2-permission-grants", "Directory.Read.All", (Fact.POLICIES,), query="$top=999"),
    _graph(
        "/roleManagement/directory/roleAssignments",
        "directory-role-assignments",
        "RoleManagement.Read.Directory",
        (Fact.POLICIES,),
        query="$expand=principal",
        never_empty="a tenant always has an administrator",
    ),
    _graph(
        "/roleManagement/directory/roleDefinitions",
        "directory-role-definitions",
        "RoleManagement.Read.Directory",
        (Fact.POLICIES,),
        never_empty="a tenant always has built-in roles",
    ),
    _graph(
        "/roleManagement/directory/roleEligibilityScheduleInstances",
        "directory-role-eligibility",
        "RoleManagement.Read.Directory",
        (Fact.POLICIES,),
        query="$expand=principal",
        empty_when=UNLICENSED,
    ),
    _graph("/reports/servicePrincipalSignInActivities", "service-principal-sign-ins", "AuditLog.Read.All", (Fact.ROLE_USAGE,)),
    _graph("/reports/appCredentialSignInActivities", "credential-sign-ins", "AuditLog.Read.All", (Fact.KEY_USAGE,)),
    _graph("/policies/defaultAppManagementPolicy", "default-app-management-policy", "Policy.Read.All", (Fact.GUARDRAILS,), one=True),
    _arm(
        "microsoft.aadiam/diagnosticSettings/read",
        "Azure Monitor",
        "sign-in-diagnostic-settings",
        "/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01",
        'az rest --method get --url "https://management.azure.com/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01"',
        (Fact.AUDIT_LOG,),
    ),
)
"""Asked of the tenant."""

SUBSCRIPTIONS = _arm(
    "Microsoft.Resources/subscriptions/read",
    "Azure subscriptions",
    "subscriptions",
    "/subscriptions?api-version=2022-12-01",
    "az account list --all",
    never_empty="no subscription is visible to the caller; assign the role on one, or on a management group",
)

IDENTITIES = _arm(
    "Microsoft.ManagedIdentity/userAssignedIdentities/read",
    "Managed identities",
    "user-assigned-identities",
    _listed("Microsoft.ManagedIdentity/userAssignedIdentities/read", "2024-11-30"),
    "az identity list --subscription {subscription}",
    (Fact.IDENTITIES, Fact.TRUST, Fact.OWNERSHIP),
    client=_msi("user_assigned_identities", "list_by_subscription"),
    empty_when=UNREGISTERED,
)
IDENTITY_FEDERATED = _arm(
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read",
    "Managed identities",
    "federated-credentials/{name}",
    "{id}/federatedIdentityCredentials?api-version=2024-11-30",
    "az identity federated-credential list --subscription {subscription} --ids {id}",
    (Fact.TRUST,),
    client=_msi("federated_identity_credentials", "list", "{group}", "{resource}"),
)
VAULTS = _arm(
    "Microsoft.KeyVault/vaults/read",
    "Key Vault",
    "key-vaults",
    _listed("Microsoft.KeyVault/vaults/read", "2023-07-01"),
    "az keyvault list --subscription {subscription}",
    (Fact.STORED_SECRETS,),
    empty_when=UNREGISTERED,
)
VAULT_SECRETS = _arm(
    "Microsoft.KeyVault/vaults/secrets/read",
    "Key Vault",
    "key-vault-secrets/{name}",
    "{id}/secrets?api-version=2023-07-01",
    'az rest --method get --url "https://management.azure.com{id}/secrets?api-version=2023-07-01"',
    (Fact.STORED_SECRETS,),
    clean=clean_secret,
)

STORAGE = _arm(
    "Microsoft.Storage/storageAccounts/read",
    "Storage",
    "storage-accounts",
    _listed("Microsoft.Storage/storageAccounts/read", "2023-05-01"),
    "az storage account list --subscription {subscription}",
    (Fact.RESOURCE_POLICIES,),
    empty_when=UNREGISTERED,
)
CONTAINERS = _arm(
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Storage",
    "storage-containers/{name}",
    "{id}/blobServices/default/containers?api-version=2023-05-01",
    "az storage container-rm list --subscription {subscription} --storage-account {resource}",
    (Fact.RESOURCE_POLICIES,),
    clean=clean_container,
)
"""Asked of accounts where each container decides who may read it."""

VAULT_LOGGING = _arm(
    "Microsoft.Insights/DiagnosticSettings/Read",
    "Key Vault",
    "key-vault-logging/{name}",
    "{id}/providers/Microsoft.Insights/diagnosticSettings?api-version=2021-05-01-preview",
    "az monitor diagnostic-settings list --resource {id}",
)

WORKLOADS = (
    ("Microsoft.Compute/virtualMachines/read", "virtual-machines", "2024-07-01", "az vm list"),
    ("Microsoft.Compute/virtualMachineScaleSets/read", "scale-sets", "2024-07-01", "az vmss list"),
    ("Microsoft.Web/sites/Read", "sites", "2023-12-01", "az webapp list"),
    ("Microsoft.App/containerApps/read", "container-apps", "2024-03-01", "az containerapp list"),
    ("Microsoft.App/jobs/read", "container-app-jobs", "2024-03-01", "az containerapp job list"),
    ("Microsoft.ContainerInstance/containerGroups/read", "container-groups", "2023-05-01", "az container list"),
    ("Microsoft.ContainerService/managedClusters/read", "kubernetes-clusters", "2024-05-01", "az aks list"),
    ("Microsoft.Logic/workflows/read", "logic-apps", "2019-05-01", "az logic workflow list"),
    ("Microsoft.Automation/automationAccounts/read", "automation-accounts", "2023-11-01", "az automation account list"),
    ("Microsoft.DataFactory/factories/read", "data-factories", "2018-06-01", "az datafactory list"),
)
"""What runs with an identity: action, file, version of the interface, command. Function apps are sites."""


def _workload(name: str, file: str, version: str, command: str) -> Operation:
    whole = f"{command} --subscription {{subscription}}"
    return _arm(name, "Workloads", file, _listed(name, version), whole, (Fact.WORKLOADS,), empty_when=UNREGISTERED)


SUBSCRIPTION: tuple[Operation, ...] = (
    _arm(
        "Microsoft.Authorization/roleAssignments/read",
        "Azure roles",
        "role-assignments",
        _listed("Microsoft.Authorization/roleAssignments/read", "2022-04-01"),
        "az role assignment list --all --subscription {subscription}",
        (Fact.POLICIES,),
        client=_authorization("role_assignments", "list_for_subscription"),
        never_empty="a subscription always has an owner",
    ),
    _arm(
        "Microsoft.Authorization/roleDefinitions/read",
        "Azure roles",
        "role-definitions",
        _listed("Microsoft.Authorization/roleDefinitions/read", "2022-04-01"),
        "az role definition list --subscription {subscription}",
        (Fact.POLICIES,),
        client=_authorization("role_definitions", "list", "subscriptions/{subscription}"),
        never_empty="a subscription always has built-in roles",
    ),
    _arm(
        "Microsoft.Authorization/denyAssignments/read",
        "Azure roles",
        "deny-assignments",
        _listed("Microsoft.Authorization/denyAssignments/read", "2022-04-01"),
        'az rest --method get --url "https://management.azure.com/subscriptions/{subscription}/providers/Microsoft.Authorization/'
        'denyAssignments?api-version=2022-04-01"',
        client=_authorization("deny_assignments", "list"),
    ),
    _arm(
        "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
        "Azure roles",
        "role-eligibility",
        _listed("Microsoft.Authorization/roleEligibilityScheduleInstances/read", "2020-10-01"),
        'az rest --method get --url "https://management.azure.com/subscriptions/{subscription}/providers/Microsoft.Authorization/'
        'roleEligibilityScheduleInstances?api-version=2020-10-01"',
        (Fact.POLICIES,),
        client=_authorization("role_eligibility_schedule_instances", "list_for_scope", "subscriptions/{subscription}"),
        empty_when=UNLICENSED,
    ),
    _arm(
        "Microsoft.Authorization/roleAssignmentScheduleInstances/read",
        "Azure roles",
        "role-assignment-schedules",
        _listed("Microsoft.Authorization/roleAssignmentScheduleInstances/read", "2020-10-01"),
        'az rest --method get --url "https://management.azure.com/subscriptions/{subscription}/providers/Microsoft.Authorization/'
        'roleAssignmentScheduleInstances?api-version=2020-10-01"',
        client=_authorization("role_assignment_schedule_instances", "list_for_scope", "subscriptions/{subscription}"),
        empty_when=UNLICENSED,
    ),
    IDENTITIES,
    VAULTS,
    STORAGE,
    *(_workload(*details) for details in WORKLOADS),
    _arm(
        "Microsoft.Authorization/policyAssignments/read",
        "Azure Policy",
        "policy-assignments",
        _listed("Microsoft.Authorization/policyAssignments/read", "2023-04-01"),
        "az policy assignment list --disable-scope-strict-match --subscription {subscription}",
        (Fact.GUARDRAILS,),
    ),
    _arm(
        "Microsoft.Insights/DiagnosticSettings/Read",
        "Azure Monitor",
        "diagnostic-settings",
        _listed("Microsoft.Insights/diagnosticSettings/read", "2021-05-01-preview"),
        "az monitor diagnostic-settings subscription list --subscription {subscription}",
        (Fact.AUDIT_LOG,),
    ),
    _arm(
        "Microsoft.Insights/eventtypes/values/Read",
        "Activity log",
        "activity-log",
        "/subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01"
        "&$filter=eventTimestamp%20ge%20'{since}'%20and%20eventTimestamp%20le%20'{until}'",
        "az monitor activity-log list --offset 90d --max-events 1000000 --subscription {subscription}",
        (Fact.SERVICE_USAGE,),
        clean=clean_event,
    ),
)
"""Asked of each subscription."""

FOLLOWING: tuple[Operation, ...] = (APP_FEDERATED, SPONSORS, IDENTITY_FEDERATED, VAULT_SECRETS, VAULT_LOGGING, CONTAINERS)
"""Asked of each application, identity, vault and storage account, and of agents."""

OF_SUBSCRIPTION = frozenset(operation.name for operation in (*SUBSCRIPTION, IDENTITY_FEDERATED, VAULT_SECRETS, CONTAINERS))
"""What the caller's own roles on the subscription must allow for a list to be whole."""

OWN_RIGHTS = _arm(
    "Microsoft.Authorization/permissions/read",
    "Azure roles",
    "own-permissions",
    _listed("Microsoft.Authorization/permissions/read", "2022-04-01"),
    'az rest --method get --url "https://management.azure.com/subscriptions/{subscription}/providers/Microsoft.Authorization/'
    'permissions?api-version=2022-04-01"',
)
"""What the caller may do there itself. Azure leaves out of lists what a caller may not see; this tells that it does."""

OPERATIONS: tuple[Operation, ...] = (ORGANIZATION, SUBSCRIPTIONS, *TENANT, *SUBSCRIPTION, *FOLLOWING, OWN_RIGHTS)
"""All that is ever asked."""
