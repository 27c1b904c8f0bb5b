"""AzureHound's collection: records of many kinds in one file, `{"data": [{"kind": …, "data": …}], "meta": …}`.

Its ids are in upper case, and its writer leaves out what is false or empty: an absent `accountEnabled` may be false.
https://github.com/SpecterOps/AzureHound
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collectors.azure import accounts, applications, directory_roles, federated, grants, key_vault, role_assignments, storage, workloads
from collectors.azure.answers import Record, coverage, flat, guid, guid_or_none, one_or_many
from collectors.azure.service_principals import service_principal
from collectors.azure.tenants import account
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Entitlement, Fact, Row

RUNS = {"AZVM", "AZVMScaleSet", "AZFunctionApp", "AZWebApp", "AZLogicApp", "AZAutomationAccount", "AZManagedCluster"}
CUT = "its meta counts {said} records and {held} are there: the file is cut, collect again"
MANY_FILES = "AzureHound writes what it was told to list; kinds that are not in the file may not have been asked for"

Held = list[tuple[str, Record]]


def collection(document: Document) -> Iterator[Row | Problem]:
    """Every kind that speaks of machine identities; the others are passed over."""
    notes = Notes(document)
    held = list(_records(document))
    tenant = next((found for _, raw in held if (found := guid_or_none(raw.get("tenantId")))), guid_or_none(document.scope))
    known = _Known(held, tenant)
    yield from account(document, tenant)
    for index, (kind, raw) in enumerate(held):
        reader = known.reader(kind)
        if reader is not None:
            yield from notes.read(f"data[{index}]", reader, raw)
    yield from _covered(document, held, tenant)
    yield from notes.problems


def _records(document: Document) -> Iterator[tuple[str, Record]]:
    for page in document.values or ():
        for entry in one_or_many(page.get("data")) if isinstance(page, Mapping) else []:
            if isinstance(entry, Mapping) and isinstance(entry.get("data"), Mapping):
                yield str(entry.get("kind")), flat(entry["data"])


class _Known:
    """What one record needs to know of the others: role names, object ids of applications."""

    def __init__(self, held: Held, tenant: str | None) -> None:
        self.tenant = tenant
        self.names = grants.role_names([raw for kind, raw in held if kind == "AZServicePrincipal"])
        apps = [raw for kind, raw in held if kind == "AZApp"]
        self.app_ids = {
            object_id: app_id for raw in apps if (object_id := guid_or_none(raw.get("id"))) and (app_id := guid_or_none(raw.get("appId")))
        }

    def reader(self, kind: str) -> Callable[[Notes, Any], Iterator[Row]] | None:
        if kind in RUNS:
            return workloads.workload
        if kind.endswith("RoleAssignment") and kind not in _READERS:
            return _assignees
        found = _READERS.get(kind)
        return None if found is None else lambda notes, raw: found(self, notes, raw)

    def app(self, value: Any) -> str:
        """An application by its id, or by its object id as older versions wrote."""
        found = guid(value)
        return f"azure:app:{self.app_ids.get(found, found)}"


def _tenant(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    # Tenants of partners are listed too; only the one collected is ours.
    return accounts.tenant(notes, raw) if guid(raw["tenantId"]) == known.tenant else iter(())


def _subscription(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return accounts.subscription(notes, raw)


def _application(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return applications.application(notes, raw, known.tenant)


def _principal(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return service_principal(notes, raw, known.tenant, known.names)


def _app_owners(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    identity_id = known.app(raw["appId"])
    held = [owner.get("owner") for owner in one_or_many(raw.get("owners"))]
    return applications.owners(held, identity_id, notes.document.at(identity_id))


def _principal_owners(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    identity_id = f"azure:{guid(raw['servicePrincipalId'])}"
    held = [owner.get("owner") for owner in one_or_many(raw.get("owners"))]
    return applications.owners(held, identity_id, notes.document.at(identity_id))


def _federated(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    identity_id = known.app(raw["appId"])
    return federated.trusts(notes, identity_id, [held.get("fic") for held in one_or_many(raw.get("fics"))], identity_id)


def _app_role(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    record = f"{guid(raw['principalId'])}/{guid(raw['appRoleId'])}/{guid_or_none(raw.get('resourceId')) or ''}"
    return grants.app_role(raw, notes.document.at(record), known.names)


def _delegated(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return grants.delegated(raw, notes.document.at(f"{guid(raw['clientId'])}/{guid_or_none(raw.get('resourceId')) or ''}"))


def _directory_roles(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    for assignment in one_or_many(raw.get("roleAssignments")):
        evidence = notes.document.at(f"{guid(assignment['principalId'])}/{guid(assignment['roleDefinitionId'])}")
        yield from directory_roles.directory_role(assignment, evidence, via="directory_role")


def _eligible(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    evidence = notes.document.at(f"eligible/{guid(raw['principalId'])}/{guid(raw['roleDefinitionId'])}")
    return directory_roles.directory_role(raw, evidence, via="eligible")


def _role_name(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return directory_roles.role_name(raw, notes.document.at(f"roleDefinition={guid(raw['id'])}"))


def _assignees(notes: Notes, raw: Record) -> Iterator[Row]:
    """Azure roles on one resource. They hold no principal type, so that people are among them."""
    for held in one_or_many(raw.get("assignees") or raw.get("roleAssignments")):
        yield from role_assignments.role_assignment(notes, flat(held.get("assignee") or held.get("roleAssignment")), via="role")


def _members(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    """Service principals in groups: they hold what the group holds."""
    group = guid(raw["groupId"])
    for held in one_or_many(raw.get("members")):
        member = held.get("member") or {}
        if "serviceprincipal" in str(member.get("@odata.type", "")).lower():
            principal = guid(member["id"])
            yield Entitlement(
                identity_id=f"azure:{principal}",
                document_id=None,
                via="group",
                policy_name="",
                policy_id=f"group:azure/{group}",
                group_name=group,
                evidence=notes.document.at(f"{group}/{principal}"),
            )


def _vault(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return key_vault.vault(notes, raw)


def _storage(known: _Known, notes: Notes, raw: Record) -> Iterator[Row]:
    return storage.storage_account(notes, raw)


_READERS: Mapping[str, Callable[[_Known, Notes, Any], Iterator[Row]]] = {
    "AZTenant": _tenant,
    "AZSubscription": _subscription,
    "AZApp": _application,
    "AZAppOwner": _app_owners,
    "AZServicePrincipal": _principal,
    "AZServicePrincipalOwner": _principal_owners,
    "AZFederatedIdentityCredential": _federated,
    "AZAppRoleAssignment": _app_role,
    "AZOAuth2PermissionGrant": _delegated,
    "AZRole": _role_name,
    "AZRoleAssignment": _directory_roles,
    "AZRoleEligibilityScheduleInstance": _eligible,
    "AZGroupMember": _members,
    "AZKeyVault": _vault,
    "AZStorageAccount": _storage,
}


def _covered(document: Document, held: Held, tenant: str | None) -> Iterator[Row]:
    kinds = {kind for kind, _ in held}
    missing = _cut(document, len(held))
    apps = [raw for kind, raw in held if kind == "AZApp"]
    if "AZServicePrincipal" in kinds:
        yield from coverage(document, (Fact.IDENTITIES,), {tenant}, missing)
    if any("passwordCredentials" in raw or "keyCredentials" in raw for raw in apps):  # none at all: the version did not ask for them
        yield from coverage(document, (Fact.ACCESS_KEYS,), {tenant}, missing)
    if {"AZAppOwner", "AZServicePrincipalOwner"} <= kinds:
        yield from coverage(document, (Fact.OWNERSHIP,), {tenant}, missing)
    if "AZFederatedIdentityCredential" in kinds:
        yield from coverage(document, (Fact.TRUST,), {tenant}, missing)
    if {"AZAppRoleAssignment", "AZRoleAssignment"} & kinds:
        whole = {"AZAppRoleAssignment", "AZRoleAssignment"} <= kinds
        yield from coverage(document, (Fact.POLICIES,), {tenant}, missing or (None if whole else MANY_FILES))


def _cut(document: Document, held: int) -> str | None:
    said = [
        meta.get("count") for page in document.values or () if isinstance(page, Mapping) and isinstance(meta := page.get("meta"), Mapping)
    ]
    counts = [count for count in said if isinstance(count, int)]
    if not counts:
        return "it has no meta, which AzureHound writes last: the file is cut, collect again"
    return None if sum(counts) == held else CUT.format(said=sum(counts), held=held)


def _is_collection(document: Document) -> bool:
    kind = next((kind for kind, _ in _records(document)), "")
    return kind.startswith("AZ")


FORMATS = (
    Format(
        name="azure-azurehound",
        title="AzureHound collection: `azurehound list -o output.json`",
        matches=_is_collection,
        rows=collection,
    ),
)
