"""Which of az's and Graph's answers a quarter's bundle holds, and what nobody could collect."""

from __future__ import annotations

from generator.azure import credentials, directory, directory_grants, governance, resources
from generator.azure.places import NONPROD, PROD, SUBSCRIPTIONS, TENANT, Subscription
from generator.bundle import Bundle, File
from generator.dress import lines, pretty
from generator.estate import Json

GRAPH = "az rest --url https://graph.microsoft.com/"


def add_files(found: Bundle) -> None:
    _directory(found)
    _tenant(found)
    for subscription in SUBSCRIPTIONS:
        _resources(found, subscription)
        _governance(found, subscription)
    _gaps(found)


def _add(found: Bundle, name: str, text: str, command: str, scope: str) -> None:
    found.files.append(File(path=f"azure/{name}", text=text, source="azure", command=command, scope=scope))


def _directory(found: Bundle) -> None:
    quarter = found.quarter
    found.files.append(
        File(path="azure/subscriptions.json", text=pretty(resources.subscriptions()), source="azure", command="az account list", scope=None)
    )
    _add(found, "tenant/organization.json", pretty(directory.organization()), f"{GRAPH}v1.0/organization", TENANT)
    _add(found, "tenant/applications.json", pretty(directory.applications(quarter)), "az ad app list --all", TENANT)
    page = directory.page("applications(appId,displayName,id,owners())", directory.owned_applications(quarter))
    command = f"{GRAPH}v1.0/applications?$select=appId,displayName,id&$expand=owners"
    _add(found, "tenant/application-owners.json", pretty(page), command, TENANT)
    page = directory.page("servicePrincipals(appRoleAssignments())", directory.service_principals(quarter))
    command = f"{GRAPH}v1.0/servicePrincipals?$top=999&$expand=appRoleAssignments"
    _add(found, "tenant/service-principals.json", pretty(page), command, TENANT)
    command = f"{GRAPH}v1.0/roleManagement/directory/roleAssignments?$expand=principal"
    _add(found, "tenant/directory-role-assignments.json", pretty(directory_grants.role_assignments(quarter)), command, TENANT)
    page = directory.page("oauth2PermissionGrants", list(directory_grants.permission_grants(quarter)))
    _add(found, "tenant/permission-grants.json", pretty(page), f"{GRAPH}v1.0/oauth2PermissionGrants", TENANT)
    command = "az ad app federated-credential list --id A, for each application, wrapped with the appId"
    _add(found, "tenant/federated-credentials.json", lines(credentials.federated_lists(quarter)), command, TENANT)


def _tenant(found: Bundle) -> None:
    quarter = found.quarter
    reports: dict[str, list[Json]] = {"servicePrincipalSignInActivities": list(directory.sign_ins(quarter))}
    reports["appCredentialSignInActivities"] = credentials.sign_ins(quarter)
    for report, records in reports.items():
        page = directory.page(f"reports/{report}", records, graph=directory.BETA)
        _add(found, f"tenant/{report}.json", pretty(page), f"{GRAPH}beta/reports/{report}", TENANT)
    command = "az rest --url https://management.azure.com/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01"
    _add(found, "tenant/diagnostic-settings.json", pretty(governance.tenant_logs()), command, TENANT)
    if quarter.number >= 3:
        command = f"{GRAPH}v1.0/policies/defaultAppManagementPolicy"
        _add(found, "tenant/default-app-management-policy.json", pretty(governance.application_policy()), command, TENANT)


def _resources(found: Bundle, where: Subscription) -> None:
    quarter, at = found.quarter, f"--subscription {where.id}"
    listings = {
        "identities": (resources.identities(quarter, where), "az identity list"),
        "virtual-machines": (resources.machines(quarter, where), "az vm list"),
        "function-apps": (resources.functions(quarter, where), "az functionapp list"),
        "key-vaults": (resources.vaults(where), "az keyvault list"),
        "storage-accounts": (resources.storage_accounts(where), "az storage account list"),
    }
    command = f"az identity federated-credential list, for each identity, wrapped with its principalId, {at}"
    wrapped = lines(credentials.federated_of_managed(quarter, where))
    _add(found, f"{where.alias}/identity-federated-credentials.json", wrapped, command, where.id)
    if where == PROD:
        listings["key-vault-secrets"] = (
            resources.secrets(quarter, where),
            f"az keyvault secret list --vault-name {resources.vault(where)}",
        )
    for name, (records, command) in listings.items():
        _add(found, f"{where.alias}/{name}.json", pretty(records), f"{command} {at}", where.id)


def _governance(found: Bundle, where: Subscription) -> None:
    quarter, at = found.quarter, f"--subscription {where.id}"
    listings: dict[str, tuple[object, str]] = {
        "role-assignments": (governance.role_assignments(quarter, where), "az role assignment list --all"),
        "policy-assignments": (governance.policy_assignments(quarter, where), "az policy assignment list"),
        "diagnostic-settings": (governance.subscription_logs(where), "az monitor diagnostic-settings subscription list"),
    }
    if where == PROD:
        listings["custom-roles"] = (governance.custom_roles(where), "az role definition list --custom-role-only true")
        listings["activity-log"] = (
            list(governance.activity(quarter)),
            "az monitor activity-log list --offset 90d --max-events 100000",
        )
    for name, (records, command) in listings.items():
        _add(found, f"{where.alias}/{name}.json", pretty(records), f"{command} {at}", where.id)


def _gaps(found: Bundle) -> None:
    found.miss("stored_secrets", NONPROD.id, "denied", "Forbidden: the assessment's account may not list secrets of kv-quillhaven-nonprod")
    found.miss("service_usage", NONPROD.id, "missing", "the activity log of nonprod was not asked for")
    if found.quarter.number < 3:
        denied = "Authorization_RequestDenied: Insufficient privileges: Policy.Read.All was not granted"
        found.miss("guardrails", TENANT, "denied", denied)
