"""The actions by which an Azure identity makes itself an administrator, as data. Compared without regard to case.

After Microsoft's own list of privileged administrator roles
(https://learn.microsoft.com/azure/role-based-access-control/role-assignments-steps) and what may be done with managed identities.
"""

from __future__ import annotations

from typing import NamedTuple

from scoring.least_privilege.grants import Reach

BROAD = frozenset({Reach.ROOT, Reach.MANAGEMENT_GROUP, Reach.SUBSCRIPTION})
"""Where a grant covers a whole subscription at least."""

ASSIGN = "Microsoft.Authorization/roleAssignments/write"

EVERYTHING = "*"
"""Not one action: the pattern `*`, of which no more was taken away than access to access (see KEPT)."""

KEPT = (
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Resources/deployments/write",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.Web/sites/write",
)
"""Who has `*` and still all of these may change everything and run code as every managed identity: Contributor has."""

ATTACH = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"

HOSTS = (
    "Microsoft.App/containerApps/write",
    "Microsoft.Automation/automationAccounts/write",
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.Compute/virtualMachineScaleSets/write",
    "Microsoft.ContainerInstance/containerGroups/write",
    "Microsoft.Logic/workflows/write",
    "Microsoft.Resources/deploymentScripts/write",
    "Microsoft.Web/sites/write",
)
"""With ATTACH, each runs code under a managed identity of choice."""


class Method(NamedTuple):
    """Actions that together make an administrator, on a subscription or more."""

    needs: tuple[str, ...]
    certain: bool
    """False: it depends on what another identity may do, so that the verdict stays open."""
    how: str


METHODS: tuple[Method, ...] = (
    Method((ASSIGN,), True, "may assign any role"),
    Method(("Microsoft.Authorization/roleDefinitions/write",), True, "may put any action into a custom role"),
    Method(("Microsoft.Authorization/elevateAccess/action",), True, "may raise itself to the root of the tenant"),
    Method(("Microsoft.Authorization/roleAssignmentScheduleRequests/write",), True, "may assign any role for a time"),
    Method(("Microsoft.Authorization/roleEligibilityScheduleRequests/write",), True, "may make anyone eligible for any role"),
    Method((EVERYTHING,), True, "may change everything but access, and run code as every managed identity there"),
    Method(
        ("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",),
        False,
        "may let anyone become every user-assigned identity there: admin if one is",
    ),
    *(Method((ATTACH, host), False, "may run code as every user-assigned identity there: admin if one is") for host in HOSTS),
    Method(("Microsoft.Blueprint/blueprintAssignments/write",), False, "may have blueprints assign roles: admin if one does"),
)

KEYS = (
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.DocumentDB/databaseAccounts/listKeys/action",
    "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Authorization/policyAssignments/write",
)
"""No administration, but worth naming first: keys that open data past any role, code on machines, policies that deploy."""

STEPS = (
    "Microsoft.Automation/automationAccounts/jobs/write",
    "Microsoft.Automation/automationAccounts/runbooks/draft/write",
    "Microsoft.Automation/automationAccounts/runbooks/write",
    "Microsoft.Compute/virtualMachines/extensions/write",
    "Microsoft.KeyVault/vaults/accessPolicies/write",
    "Microsoft.Web/sites/publish/Action",
)
"""Further actions that paths.toml names: ways to one other identity, or to data."""

WATCHED: tuple[str, ...] = tuple(
    dict.fromkeys([*(action for method in METHODS for action in method.needs if action != EVERYTHING), *KEPT, *KEYS, *STEPS])
)
"""Every action named here."""
