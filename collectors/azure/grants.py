"""What service principals may do at other applications: app roles (application permissions) and delegated permissions that were consented."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collectors.azure.answers import (
    Record,
    context,
    coverage,
    first,
    guid,
    guid_or_none,
    is_about,
    one_or_many,
    read_all,
    shortfall,
    text,
    unscoped,
)
from collectors.azure.tenants import tenant_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Entitlement, Fact, Row

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The app role of an application without app roles: may sign in, no more."""

EXPANDED = 20

APART = "holds one kind of grant of the tenant; app roles, consented permissions and directory roles are listed apart"
"""Policies of a tenant come in several answers, and none of them tells whether the others were asked for."""

Names = Mapping[tuple[str, str], str]
"""(object id of the resource, role id) -> the permission's name."""


def app_role(raw: Record, evidence: str, names: Names | None = None) -> Iterator[Entitlement]:
    """One appRoleAssignment. People and groups get app roles too: those of people are no matter of ours."""
    if str(raw.get("principalType")).lower() == "user":
        return
    principal, role = guid(raw["principalId"]), guid(raw["appRoleId"])
    resource = guid_or_none(raw.get("resourceId"))
    name = (names or {}).get((resource or "", role)) or text(raw.get("roleDisplayName"))
    yield Entitlement(
        identity_id=holder(principal, raw.get("principalType")),
        document_id=None,
        via="app_role",
        policy_name=name or ("default access" if role == DEFAULT_ACCESS else role),
        policy_id=role,
        resource=text(raw.get("resourceDisplayName")) or (f"azure:{resource}" if resource else None),
        evidence=evidence,
    )


def holder(principal: str, kind: Any) -> str:
    """Identity id of who holds a grant. A group's id stands for its members."""
    return f"group:azure/{principal}" if "group" in str(kind).lower() else f"azure:{principal}"


def delegated(raw: Record, evidence: str) -> Iterator[Entitlement]:
    """One oauth2PermissionGrant: one row per permission. Consented by one person, it acts for that person only."""
    client, resource = guid(raw["clientId"]), guid_or_none(raw.get("resourceId"))
    consent = text(raw.get("consentType"))
    for scope in sorted(set((text(raw.get("scope")) or "").split())):
        yield Entitlement(
            identity_id=f"azure:{client}",
            document_id=None,
            via="delegated",
            policy_name=scope,
            policy_id=scope,
            resource=text(raw.get("resourceDisplayName")) or (f"azure:{resource}" if resource else None),
            conditional=None if consent is None else consent != "AllPrincipals",
            evidence=evidence,
        )


def role_names(found: Iterable[Record]) -> dict[tuple[str, str], str]:
    """Names of the app roles that the service principals of a document define."""
    names = {}
    for raw in found:
        resource = guid_or_none(raw.get("id", raw.get("objectId")))
        for role in one_or_many(raw.get("appRoles")):
            if resource and isinstance(role, dict) and (role_id := guid_or_none(role.get("id"))) and (value := text(role.get("value"))):
                names[resource, role_id] = value
    return names


def tells_all(raw: Record) -> bool:
    """The application permissions of a principal are all there. Graph expands 20 related objects and cuts the rest off without a word.
    https://learn.microsoft.com/graph/query-parameters#expand-parameter"""
    held = raw.get("appRoleAssignments")
    return isinstance(held, list) and (len(held) != EXPANDED or raw.get("appRoleAssignments@odata.count") == EXPANDED)


def app_role_assignments(document: Document) -> Iterator[Row | Problem]:
    """Pages of appRoleAssignments (of a principal) or appRoleAssignedTo (at a resource)."""
    notes = Notes(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        record = f"{guid(raw['principalId'])}/{guid(raw['appRoleId'])}/{guid_or_none(raw.get('resourceId')) or ''}"
        return app_role(raw, notes.document.at(record))

    yield from read_all(notes, reader)
    tenant = tenant_of(document, ())
    yield from coverage(document, (Fact.POLICIES,), {tenant}, shortfall(document) or APART)
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def permission_grants(document: Document) -> Iterator[Row | Problem]:
    """Pages of oauth2PermissionGrants."""
    notes = Notes(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        record = f"{guid(raw['clientId'])}/{guid_or_none(raw.get('resourceId')) or ''}/{guid_or_none(raw.get('principalId')) or 'all'}"
        return delegated(raw, notes.document.at(record))

    yield from read_all(notes, reader)
    tenant = tenant_of(document, ())
    yield from coverage(document, (Fact.POLICIES,), {tenant}, shortfall(document) or APART)
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def _is_app_roles(document: Document) -> bool:
    about = re.search(r"(^|/)appRole(Assignments|AssignedTo)(\([^/]*\))?$", context(document)) is not None
    return about or {"appRoleId", "principalId"} <= (first(document) or {}).keys()


def _is_grants(document: Document) -> bool:
    return is_about(document, "oauth2PermissionGrants") or {"clientId", "consentType", "scope"} <= (first(document) or {}).keys()


FORMATS = (
    Format(
        name="azure-app-role-assignments",
        title="Application permissions: Graph `/servicePrincipals/{id}/appRoleAssignments` or `appRoleAssignedTo`",
        matches=_is_app_roles,
        rows=app_role_assignments,
    ),
    Format(
        name="azure-permission-grants",
        title="Consented delegated permissions: Graph `/oauth2PermissionGrants`",
        matches=_is_grants,
        rows=permission_grants,
    ),
)
