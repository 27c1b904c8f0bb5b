"""Roles of the Entra directory: who has them, who may take them (PIM), and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.azure import grants
from collectors.azure.answers import Record, coverage, first, guid, guid_or_none, is_about, read_all, records, shortfall, text, unscoped
from collectors.azure.tenants import tenant_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Entitlement, Fact, Row, Sighting

PEOPLE = "user"
ELIGIBLE_ONLY = "tells who may take a directory role; who has one is listed apart"


def directory_role(raw: Record, evidence: str, *, via: str, name: str | None = None) -> Iterator[Entitlement]:
    """One assignment or schedule instance. People's roles are no matter of ours; an unnamed principal may be anything."""
    principal = raw.get("principal") if isinstance(raw.get("principal"), dict) else {}
    kind = str((principal or {}).get("@odata.type") or raw.get("principalType") or "").rsplit(".", 1)[-1].lower()
    if kind == PEOPLE:
        return
    holder, role = guid(raw["principalId"]), guid(raw["roleDefinitionId"])
    definition = raw.get("roleDefinition")
    called = text(definition.get("displayName")) if isinstance(definition, Mapping) else None
    yield Entitlement(
        identity_id=grants.holder(holder, kind),
        document_id=None,
        via=via,
        policy_name=name or called or role,
        policy_id=role,
        resource=text(raw.get("directoryScopeId")) or text(raw.get("appScopeId")) or text(raw.get("resourceScope")) or "/",
        evidence=evidence,
    )


def role_name(raw: Record, evidence: str) -> Iterator[Entitlement]:
    """A role definition of the directory: its name. A built-in one is known by its template."""
    for role in sorted({guid(raw["id"] if "id" in raw else raw["objectId"]), guid_or_none(raw.get("templateId")) or ""} - {""}):
        yield Entitlement(
            identity_id=role, document_id=None, via="definition", policy_name=raw["displayName"], policy_id=role, evidence=evidence
        )


def assignments(document: Document) -> Iterator[Row | Problem]:
    """roleAssignments, roleAssignmentScheduleInstances, roleEligibilityScheduleInstances of Graph."""
    notes = Notes(document)
    eligible = _is_eligible(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        scope = text(raw.get("directoryScopeId")) or text(raw.get("appScopeId")) or "/"
        record = f"{guid(raw['principalId'])}/{guid(raw['roleDefinitionId'])}{scope}"
        return directory_role(raw, notes.document.at(record), via="eligible" if eligible else "directory_role")

    yield from read_all(notes, reader)
    tenants = {guid_or_none(raw.get("principalOrganizationId")) for _, raw in records(document) if isinstance(raw, dict)}
    tenant = tenant_of(document, ()) or (tenants.pop() if len(tenants) == 1 else None)
    missing = shortfall(document)
    yield from coverage(document, (Fact.POLICIES,), {tenant}, missing or (ELIGIBLE_ONLY if eligible else grants.APART))
    if tenant and not missing and not eligible:
        yield Sighting(subject_kind="directory_roles", subject_id=tenant, evidence=document.at("roleAssignments"))
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def definitions(document: Document) -> Iterator[Row | Problem]:
    """roleDefinitions of Graph's directory."""
    notes = Notes(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        return role_name(raw, notes.document.at(f"roleDefinition={guid(raw['id'])}"))

    yield from read_all(notes, reader)
    yield from notes.problems


def group_members(document: Document) -> Iterator[Row | Problem]:
    """Members of groups with directory roles, as Zero Trust Assessment writes them; service principals among them get the group's roles."""
    notes = Notes(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        group, role, member = guid(raw["privilegedGroupId"]), guid(raw["roleDefinitionId"]), guid(raw["id"])
        kind = str(raw.get("@odata.type", "")).rsplit(".", 1)[-1].lower()
        if kind == PEOPLE:
            return
        yield Entitlement(
            identity_id=grants.holder(member, kind),
            document_id=None,
            via="directory_role",
            policy_name=role,
            policy_id=role,
            group_name=group,
            resource="/",
            evidence=notes.document.at(f"{group}/{member}/{role}"),
        )

    yield from read_all(notes, reader)
    yield from notes.problems


def _is_eligible(document: Document) -> bool:
    """By the page's context; Zero Trust Assessment writes none, but only requests for eligibility carry a justification field."""
    if is_about(document, *(f"roleManagement/directory/{name}" for name in ELIGIBLE)):
        return True
    found = first(document) or {}
    return "roleEligibilityScheduleId" in found or ("isValidationOnly" in found and "targetScheduleId" in found)


ELIGIBLE = ("roleEligibilityScheduleInstances", "roleEligibilitySchedules", "roleEligibilityScheduleRequests")
HELD = ("roleAssignments", "roleAssignmentScheduleInstances", "roleAssignmentSchedules")


def _is_assignments(document: Document) -> bool:
    if is_about(document, *(f"roleManagement/directory/{name}" for name in (*ELIGIBLE, *HELD))):
        return True
    found = first(document) or {}
    is_role = {"roleDefinitionId", "principalId"} <= found.keys()
    return is_role and bool({"directoryScopeId", "appScopeId", "principalOrganizationId", "resourceScope"} & found.keys())


def _is_definitions(document: Document) -> bool:
    return (
        is_about(document, "roleManagement/directory/roleDefinitions")
        or {"rolePermissions", "displayName"} <= (first(document) or {}).keys()
    )


def _is_group_members(document: Document) -> bool:
    return {"privilegedGroupId", "roleDefinitionId"} <= (first(document) or {}).keys()


FORMATS = (
    Format(
        name="azure-directory-roles",
        title=(
            "Entra roles held or eligible: Graph `/roleManagement/directory/roleAssignments?$expand=principal`, "
            "`roleEligibilityScheduleInstances`, `roleAssignmentScheduleInstances`, Zero Trust Assessment exports of these"
        ),
        matches=_is_assignments,
        rows=assignments,
    ),
    Format(
        name="azure-directory-role-definitions",
        title="Entra role definitions: Graph `/roleManagement/directory/roleDefinitions`",
        matches=_is_definitions,
        rows=definitions,
    ),
    Format(
        name="azure-directory-role-groups",
        title="Members of groups with Entra roles: Zero Trust Assessment `RoleAssignmentGroup` and its like",
        matches=_is_group_members,
        rows=group_members,
    ),
)
