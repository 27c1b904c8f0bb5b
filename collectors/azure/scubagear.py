"""ScubaGear's ProviderSettingsExport.json, and the `Raw` part of ScubaResults.json: applications that its rules call risky.

Written by PowerShell 5: `/Date(ms)/`, a list of one as its item, an empty one as null. It lists risky applications, not all of them.
https://github.com/cisagov/ScubaGear
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.azure import applications, credentials, federated
from collectors.azure.answers import Record, camel, coverage, guid, guid_or_none, one_or_many, text
from collectors.azure.service_principals import service_principal
from collectors.azure.tenants import account
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Alias, Entitlement, Fact, Row

RISKY_ONLY = (
    "ScubaGear lists applications with permissions that it calls risky, and roles that it calls privileged; the others are not in it"
)
SECTIONS = ("risky_applications", "risky_third_party_service_principals", "privileged_service_principals", "privileged_roles")


def provider_settings(document: Document) -> Iterator[Row | Problem]:
    """Risky applications and service principals, their credentials and permissions; service principals with privileged roles."""
    notes = Notes(document)
    for settings in filter(None, map(_settings, document.values or ())):
        details: Record = next((held for held in one_or_many(settings.get("tenant_details")) if isinstance(held, Mapping)), {})
        tenant = guid_or_none(details.get("TenantId")) or guid_or_none(settings.get("tenant_id")) or guid_or_none(document.scope)
        at = notes.when(settings.get("timestamp_zulu"), "timestamp_zulu", "timestamp_zulu")
        yield from account(document, tenant, text(details.get("DisplayName")))
        yield from _applications(notes, settings, tenant)
        yield from _principals(notes, settings, tenant)
        yield from _roles(notes, settings, tenant)
        yield from _covered(document, settings, tenant, at)
    yield from notes.problems


def _settings(value: Any) -> Record | None:
    """The settings themselves, or as the results carry them."""
    if not isinstance(value, Mapping):
        return None
    raw = value.get("Raw")
    for held in (value, raw if isinstance(raw, Mapping) else {}):
        if "tenant_details" in held and any(section in held for section in SECTIONS):
            return held
    return None


def _covered(document: Document, settings: Record, tenant: str | None, at: datetime | None) -> Iterator[Row]:
    facts = (Fact.IDENTITIES, Fact.ACCESS_KEYS, Fact.POLICIES, Fact.TRUST)
    yield from coverage(document, facts, {tenant}, RISKY_ONLY, at=at)


def _applications(notes: Notes, settings: Record, tenant: str | None) -> Iterator[Row]:
    hybrid = [apps for entry in one_or_many(settings.get("dedicated_exchange_hybrid_applications")) for apps in _held(entry, "Apps")]
    for section, found in (
        ("risky_applications", one_or_many(settings.get("risky_applications"))),
        ("dedicated_exchange_hybrid_applications", hybrid),
    ):
        for index, raw in enumerate(found):
            yield from notes.read(f"{section}[{index}]", lambda notes, raw: _application(notes, camel(raw), tenant), raw)


def _held(entry: Any, key: str) -> list[Any]:
    return one_or_many(entry.get(key)) if isinstance(entry, Mapping) else []


def _application(notes: Notes, raw: Record, tenant: str | None) -> Iterator[Row]:
    """An application with its service principal: credentials of both, told apart by `isFromApplication`."""
    app_id = guid(raw["appId"])
    identity_id, record = f"azure:app:{app_id}", f"appId={app_id}"
    evidence = notes.document.at(record)
    object_id = raw.get("objectId")
    ids: Record = object_id if isinstance(object_id, Mapping) else {"application": object_id}
    yield applications.identity(notes, raw, app_id, tenant, record)
    principal, registration = guid_or_none(ids.get("servicePrincipal")), guid_or_none(ids.get("application"))
    if registration:
        yield Alias(alias=f"azure:object:{registration}", identity_id=identity_id, evidence=evidence)
    if principal:
        yield from service_principal(notes, {"id": principal, "appId": app_id, "displayName": raw.get("displayName")}, tenant, {})
    for of_application, on in ((True, ""), (False, " (on the service principal)")):
        yield from credentials.held(notes, _of(raw, of_application), identity_id, tenant, record, on=on)
    yield from federated.trusts(notes, identity_id, raw.get("federatedCredentials"), record)
    yield from permissions(raw, f"azure:{principal}" if principal else identity_id, evidence)


def _of(raw: Record, application: bool) -> Record:
    """The credentials that stand on the application, or those that stand on its service principal."""
    return {
        name: [key for key in one_or_many(raw.get(name)) if (key.get("isFromApplication") is not False) == application]
        for name in ("keyCredentials", "passwordCredentials")
        if raw.get(name)
    }


def permissions(raw: Record, identity_id: str, evidence: str) -> Iterator[Entitlement]:
    """Permissions. Without an admin's consent they are asked for, not granted; single people may have consented to delegated ones."""
    for permission in one_or_many(raw.get("permissions")):
        role, name = guid(permission["roleId"]), text(permission.get("roleDisplayName"))
        is_delegated = str(permission.get("roleType")).lower() == "delegated"
        granted = "delegated" if is_delegated else "app_role"
        yield Entitlement(
            identity_id=identity_id,
            document_id=None,
            via=granted if permission.get("isAdminConsented") is not False else "requested",
            policy_name=name or role,
            policy_id=name if is_delegated and name else role,
            resource=text(permission.get("applicationDisplayName")),
            conditional=False if is_delegated and permission.get("isAdminConsented") is True else None,
            evidence=f"{evidence}/{role}",
        )


def _principals(notes: Notes, settings: Record, tenant: str | None) -> Iterator[Row]:
    for section in ("risky_third_party_service_principals", "legacy_exchange_service_principal"):
        for index, raw in enumerate(one_or_many(settings.get(section))):
            yield from notes.read(f"{section}[{index}]", lambda notes, raw: _principal(notes, camel(raw), tenant), raw)


def _principal(notes: Notes, raw: Record, tenant: str | None) -> Iterator[Row]:
    object_id = guid(raw["objectId"])
    record = f"servicePrincipal={object_id}"
    yield from service_principal(notes, raw, tenant, {})
    yield from federated.trusts(notes, f"azure:{object_id}", raw.get("federatedCredentials"), record)
    yield from permissions(raw, f"azure:{object_id}", notes.document.at(record))


def _roles(notes: Notes, settings: Record, tenant: str | None) -> Iterator[Row]:
    """Roles by name beside each service principal; ids and scopes stand with the assignments, where most principals are people."""
    found = [role for role in one_or_many(settings.get("privileged_roles")) if isinstance(role, Mapping)]
    templates = {str(role.get("DisplayName")): guid_or_none(role.get("RoleTemplateId")) for role in found}
    held = settings.get("privileged_service_principals")
    people = set(settings["privileged_users"]) if isinstance(settings.get("privileged_users"), Mapping) else set()
    for key, raw in held.items() if isinstance(held, Mapping) else ():
        yield from notes.read(
            f"privileged_service_principals[{key}]", lambda notes, raw: _privileged(notes, camel(raw), templates, tenant), raw
        )
    for role in found:
        assignments = [
            raw for raw in one_or_many(role.get("Assignments")) if isinstance(raw, Mapping) and str(raw.get("PrincipalId")) not in people
        ]
        for index, raw in enumerate(assignments):
            reader = _reader(str(role.get("DisplayName")))
            yield from notes.read(f"privileged_roles[{role.get('DisplayName')}].Assignments[{index}]", reader, raw)


def _privileged(notes: Notes, raw: Record, templates: Mapping[str, str | None], tenant: str | None) -> Iterator[Row]:
    principal = guid(raw["servicePrincipalId"])
    evidence = notes.document.at(f"servicePrincipal={principal}")
    yield from service_principal(notes, {"id": principal, "appId": raw.get("appId"), "displayName": raw.get("displayName")}, tenant, {})
    for name in one_or_many(raw.get("roles")):
        yield _role(principal, str(name), templates.get(str(name)), None, evidence)


def _reader(name: str) -> Any:
    def reader(notes: Notes, raw: Record) -> Iterable[Row]:
        principal, role = guid(raw["PrincipalId"]), guid(raw["RoleDefinitionId"])
        evidence = notes.document.at(f"{principal}/{role}")
        return [_role(principal, name, role, text(raw.get("DirectoryScopeId")), evidence)]

    return reader


def _role(principal: str, name: str, role: str | None, scope: str | None, evidence: str) -> Entitlement:
    return Entitlement(
        identity_id=f"azure:{principal}",
        document_id=None,
        via="directory_role",
        policy_name=name,
        policy_id=role,
        resource=scope or "/",
        evidence=evidence,
    )


FORMATS = (
    Format(
        name="azure-scubagear",
        title="ScubaGear `ProviderSettingsExport.json` or `ScubaResults….json`: risky applications, privileged service principals",
        matches=lambda document: any(map(_settings, document.values or ())),
        rows=provider_settings,
    ),
)
