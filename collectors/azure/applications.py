"""Application registrations of Entra: `az ad app list`, Graph pages, PowerShell's Get-MgApplication, Zero Trust Assessment exports.

An application row and its service principal's are one identity once both are in the evidence: the service principal gives the alias.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.azure import credentials, federated
from collectors.azure.answers import (
    CLI_CAP,
    Record,
    context,
    coverage,
    first,
    guid,
    guid_or_none,
    is_about,
    one_or_many,
    records,
    shortfall,
    text,
    unscoped,
)
from collectors.azure.first_party import REASON, is_first_party
from collectors.azure.tenants import account, tenant_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Alias, Entitlement, Fact, Human, Identity, IdentityKind, Owner, Ownership, Row, Sighting, Status

REQUESTED = {"Role": "application permission", "Scope": "delegated permission"}
BLUEPRINT = "agentIdentityBlueprint"


def applications(document: Document) -> Iterator[Row | Problem]:
    """Applications with credentials, requested permissions, and owners and federated credentials where they are expanded."""
    notes = Notes(document)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    tenant = tenant_of(document, ())
    for locator, raw in records(document):
        yield from notes.read(locator, lambda notes, raw: application(notes, raw, tenant), raw)
    yield from account(document, tenant)
    missing = shortfall(document, cap=CLI_CAP)
    said = {
        Fact.ACCESS_KEYS: ("passwordCredentials", "keyCredentials"),
        Fact.OWNERSHIP: ("owners",),
        Fact.TRUST: ("federatedIdentityCredentials",),
    }
    facts = [fact for fact, keys in said.items() if found and all(key in raw for raw in found for key in keys)]
    yield from coverage(document, facts, {tenant}, missing)
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def application(notes: Notes, raw: Record, tenant: str | None) -> Iterator[Row]:
    """All that one application says."""
    app_id = guid(raw["appId"])
    identity_id, record = f"azure:app:{app_id}", f"appId={app_id}"
    evidence = notes.document.at(record)
    yield identity(notes, raw, app_id, tenant, record)
    object_id = guid_or_none(raw.get("id", raw.get("objectId")))
    if object_id and object_id != app_id:
        yield Alias(alias=f"azure:object:{object_id}", identity_id=identity_id, evidence=evidence)
    yield from credentials.held(notes, raw, identity_id, tenant, record, on="")
    yield from requested(raw, identity_id, evidence)
    yield from owners(raw.get("owners"), identity_id, evidence)
    yield from owners(raw.get("sponsors"), identity_id, evidence, "sponsor")
    if "federatedIdentityCredentials" in raw:
        yield from federated.trusts(notes, identity_id, raw["federatedIdentityCredentials"], record)
        yield Sighting(subject_kind="trust", subject_id=identity_id, evidence=evidence)


def identity(notes: Notes, raw: Record, app_id: str, tenant: str | None, record: str) -> Identity:
    disabled = raw.get("isDisabled") is True or text(raw.get("disabledByMicrosoftStatus")) not in (None, "NotDisabled")
    first_party = is_first_party(app_id, None)
    agent = BLUEPRINT in str(raw.get("@odata.type", "")) or BLUEPRINT in context(notes.document)
    return Identity(
        identity_id=f"azure:app:{app_id}",
        provider="azure",
        scope=tenant,
        name=text(raw.get("displayName")) or app_id,
        kind=IdentityKind.AI_AGENT if agent else IdentityKind.OAUTH_CLIENT,
        native_type="microsoft.graph.agentIdentityBlueprint" if agent else "microsoft.graph.application",
        human=Human.NONHUMAN,
        human_basis="an application registration",
        in_scope=not first_party,
        scope_reason=REASON if first_party else None,
        status=Status.DISABLED if disabled else Status.UNKNOWN,
        purpose=text(raw.get("description")) or text(raw.get("notes")),
        created_at=notes.when(raw.get("createdDateTime"), record, "createdDateTime"),
        evidence=notes.document.at(record),
    )


def requested(raw: Record, identity_id: str, evidence: str) -> Iterator[Entitlement]:
    """`requiredResourceAccess`: permissions that the application asks for. Until somebody consents, they grant nothing."""
    for resource in one_or_many(raw.get("requiredResourceAccess")):
        for access in one_or_many(resource.get("resourceAccess")):
            role = guid(access["id"])
            yield Entitlement(
                identity_id=identity_id,
                document_id=None,
                via="requested",
                policy_name=f"{REQUESTED.get(access.get('type'), 'permission')} {role}",
                policy_id=role,
                resource=f"azure:app:{guid(resource['resourceAppId'])}",
                evidence=evidence,
            )


def owners(held: Any, identity_id: str, evidence: str, basis: str = "directory") -> Iterator[Owner | Ownership]:
    """Owners or sponsors as expanded: people by their sign-in name, service principals by their object id."""
    for owner in one_or_many(held):
        kind = str(owner.get("@odata.type", "")).rsplit(".", 1)[-1]
        object_id = guid_or_none(owner.get("id", owner.get("objectId")))
        owner_id = text(owner.get("userPrincipalName")) or text(owner.get("mail")) or (f"azure:{object_id}" if object_id else None)
        if owner_id is None:
            continue
        is_person = kind == "user" or "userPrincipalName" in owner
        enabled = owner.get("accountEnabled") if is_person else None
        status = {True: Status.ACTIVE, False: Status.DEPARTED}.get(enabled, Status.UNKNOWN) if isinstance(enabled, bool) else Status.UNKNOWN
        yield Owner(owner_id=owner_id.lower(), kind="person" if is_person else "unknown", status=status, evidence=evidence)
        yield Ownership(identity_id=identity_id, owner_id=owner_id.lower(), basis=basis, evidence=evidence)


def _is_applications(document: Document) -> bool:
    if is_about(document, "applications"):
        return True
    found = first(document) or {}
    is_application = (
        {"appId", "displayName"} <= found.keys() and "servicePrincipalType" not in found and "appOwnerOrganizationId" not in found
    )
    return is_application and bool({"passwordCredentials", "keyCredentials", "requiredResourceAccess", "publisherDomain"} & found.keys())


FORMATS = (
    Format(
        name="azure-applications",
        title="Application registrations: `az ad app list --all`, Graph `/applications?$expand=owners`, Zero Trust Assessment `Application`",
        matches=_is_applications,
        rows=applications,
    ),
)
