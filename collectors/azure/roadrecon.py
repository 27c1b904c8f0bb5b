"""ROADrecon's database: what AAD Graph, the directory's older interface, says of applications, service principals and roles.

Lists stand in it as JSON texts, yes and no as 1 and 0. Its credentials may hold the values of certificates, which nobody reads.
https://github.com/dirkjanm/ROADtools
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collectors.azure import applications, directory_roles, grants
from collectors.azure.answers import Record, coverage, guid, guid_or_none, text
from collectors.azure.service_principals import service_principal
from collectors.azure.tenants import account
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Entitlement, Fact, Row

NEEDED = ("ServicePrincipals", "Applications", "TenantDetails")

LISTS = ("keyCredentials", "passwordCredentials", "requiredResourceAccess", "appRoles", "alternativeNames", "resourceScopes")
FLAGS = ("accountEnabled", "microsoftFirstParty", "availableToOtherTenants")

PEOPLE = "User"


def database(document: Document) -> Iterator[Row | Problem]:
    """Everything of machine identities in a roadrecon.db."""
    notes = Notes(document)
    tenant, name = _tenant(document)
    yield from account(document, tenant, name)
    principals = _records(notes, "ServicePrincipals")
    names = grants.role_names(principals)
    roles = {row.get("objectId", ""): row for row in _table(document, "DirectoryRoles")}
    readers: tuple[tuple[str, Callable[[Notes, Any], Iterator[Row]]], ...] = (
        ("ServicePrincipals", lambda notes, raw: service_principal(notes, raw, tenant, names)),
        ("Applications", lambda notes, raw: applications.application(notes, raw, tenant)),
        ("AppRoleAssignments", lambda notes, raw: _app_role(notes, raw, names)),
        ("OAuth2PermissionGrants", _delegated),
        ("RoleDefinitions", _role_name),
        ("RoleAssignments", lambda notes, raw: _directory_role(notes, raw, "directory_role")),
        ("EligibleRoleAssignments", lambda notes, raw: _directory_role(notes, raw, "eligible")),
        ("lnk_role_member_serviceprincipal", lambda notes, raw: _role_member(notes, raw, roles)),
        ("lnk_group_member_serviceprincipal", _member),
    )
    for table, reader in readers:
        for index, raw in enumerate(principals if table == "ServicePrincipals" else _records(notes, table)):
            yield from notes.read(f"{table}[{index}]", reader, raw)
    yield from _owners(document)
    yield from coverage(document, (Fact.IDENTITIES, Fact.ACCESS_KEYS, Fact.POLICIES, Fact.OWNERSHIP), {tenant}, _missing(principals))
    yield from notes.problems


def _missing(principals: list[Record]) -> str | None:
    return None if principals else "the table of service principals is empty: the collection did not end; gather again"


def _table(document: Document, name: str) -> tuple[Mapping[str, str], ...]:
    """A table; one that an older version did not write is empty."""
    return (document.sheets or {}).get(name, ())


def _tenant(document: Document) -> tuple[str | None, str | None]:
    row = next(iter(_table(document, "TenantDetails")), {})
    return guid_or_none(row.get("objectId")) or guid_or_none(document.scope), text(row.get("displayName"))


def _records(notes: Notes, table: str) -> list[Record]:
    """The rows of a table; one whose lists are no JSON is told."""
    found = []
    for index, row in enumerate(_table(notes.document, table)):
        try:
            found.append(_record(row))
        except (ValueError, RecursionError):
            notes.lost(f"{table}[{index}]", ValueError("a list in it is no JSON"))
    return found


def _record(row: Mapping[str, str]) -> Record:
    """A row as Graph would write it: what is empty was not said."""
    found: dict[str, Any] = {name: value for name, value in row.items() if value != ""}
    found.update({name: json.loads(found[name]) for name in LISTS if name in found})
    found.update({name: found[name] in ("1", "True", "true") for name in FLAGS if name in found})
    return found


def _app_role(notes: Notes, raw: Record, names: grants.Names) -> Iterator[Row]:
    record = f"{guid(raw['principalId'])}/{guid(raw['id'])}/{guid_or_none(raw.get('resourceId')) or ''}"
    return grants.app_role({**raw, "appRoleId": raw["id"]}, notes.document.at(record), names)


def _delegated(notes: Notes, raw: Record) -> Iterator[Row]:
    return grants.delegated(raw, notes.document.at(f"{guid(raw['clientId'])}/{guid_or_none(raw.get('resourceId')) or ''}"))


def _role_name(notes: Notes, raw: Record) -> Iterator[Row]:
    return directory_roles.role_name(raw, notes.document.at(f"roleDefinition={guid(raw['objectId'])}"))


def _directory_role(notes: Notes, raw: Record, via: str) -> Iterator[Row]:
    """The table does not say what the principal is; people are among them."""
    for scope in raw.get("resourceScopes") or ["/"]:
        evidence = notes.document.at(f"{via}/{guid(raw['principalId'])}/{guid(raw['roleDefinitionId'])}{scope}")
        yield from directory_roles.directory_role({**raw, "directoryScopeId": scope}, evidence, via=via)


def _role_member(notes: Notes, raw: Record, roles: Mapping[str, Mapping[str, str]]) -> Iterator[Row]:
    """A role by its object in this tenant; it is known by its template."""
    principal, role = guid(raw["ServicePrincipal"]), roles.get(raw["DirectoryRole"], {})
    template = guid(role.get("roleTemplateId") or raw["DirectoryRole"])
    found = {"principalId": principal, "roleDefinitionId": template, "directoryScopeId": "/"}
    evidence = notes.document.at(f"directory_role/{principal}/{template}/")
    return directory_roles.directory_role(found, evidence, via="directory_role", name=text(role.get("displayName")))


def _member(notes: Notes, raw: Record) -> Iterator[Row]:
    group, principal = guid(raw["Group"]), guid(raw["ServicePrincipal"])
    yield Entitlement(
        identity_id=f"azure:{principal}",
        document_id=None,
        via="group",
        policy_name="",
        policy_id=f"group:azure/{group}",
        group_name=group,
        evidence=notes.document.at(f"{group}/{principal}"),
    )


def _owners(document: Document) -> Iterator[Row]:
    """Owners stand in tables of pairs; people go by their sign-in names."""
    people = {row.get("objectId"): row for row in _table(document, "Users")}
    app_ids = {row.get("objectId"): row.get("appId", "").lower() for row in _table(document, "Applications")}
    for subject in ("Application", "ServicePrincipal"):
        for owner in (PEOPLE, "ServicePrincipal"):
            for row in _table(document, f"lnk_{subject.lower()}_owner_{owner.lower()}"):
                yield from _owner(document, row, subject, owner, people, app_ids)


def _owner(
    document: Document, row: Mapping[str, str], subject: str, kind: str, people: Mapping[Any, Mapping[str, str]], app_ids: Mapping[Any, str]
) -> Iterator[Row]:
    # A service principal that owns another one: SQLAlchemy names the second column `childServicePrincipal`.
    owned, owner = row.get(subject), row.get(kind) if kind != subject else row.get(f"child{kind}")
    identity_id = f"azure:app:{app_ids[owned]}" if subject == "Application" and owned in app_ids else f"azure:{str(owned).lower()}"
    person = people.get(owner, {})
    raw = {"id": owner, "@odata.type": f"#microsoft.graph.{kind[:1].lower()}{kind[1:]}"}
    if person.get("userPrincipalName"):
        raw["userPrincipalName"] = person["userPrincipalName"]
    yield from applications.owners(raw, identity_id, document.at(identity_id))


FORMATS = (
    Format(
        name="azure-roadrecon",
        title="ROADrecon database: `roadrecon gather` writes `roadrecon.db`",
        matches=lambda document: document.sheets is not None and all(name in document.sheets for name in NEEDED),
        rows=database,
    ),
)
