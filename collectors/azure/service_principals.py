"""Service principals of Entra, managed and agent identities among them: `az ad sp list`, Graph pages with what was expanded.

An absent `accountEnabled` says nothing: $select may have left it out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.azure import credentials, federated, grants
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
    subscription_of,
    text,
    unscoped,
)
from collectors.azure.applications import owners
from collectors.azure.first_party import REASON, is_first_party
from collectors.azure.tenants import MICROSOFT, account, tenant_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Alias, Fact, Human, Identity, IdentityKind, PrincipalKind, Row, Safety, Sighting, Status

USER_ASSIGNED = "Microsoft.ManagedIdentity/userAssignedIdentities"
SYSTEM_ASSIGNED = "Microsoft.ManagedIdentity/systemAssigned"
SERVICE_PRINCIPAL = "microsoft.graph.servicePrincipal"
AGENT = re.compile(r"agentIdentity(BlueprintPrincipal)?$")


def service_principals(document: Document) -> Iterator[Row | Problem]:
    """Service principals with credentials, grants and owners as far as they are expanded."""
    notes = Notes(document)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    tenant, names = tenant_of(document, found), grants.role_names(found)
    for locator, raw in records(document):
        yield from notes.read(locator, lambda notes, raw: service_principal(notes, raw, tenant, names), raw)
    yield from account(document, tenant)
    missing = shortfall(document, cap=CLI_CAP)
    if not agent_kind(document, first(document) or {}):
        yield from coverage(document, (Fact.IDENTITIES,), {tenant}, missing)
    if found and all("owners" in raw for raw in found):
        yield from coverage(document, (Fact.OWNERSHIP,), {tenant}, missing)
    if found and any("appRoleAssignments" in raw for raw in found):
        yield from coverage(document, (Fact.POLICIES,), {tenant}, missing or grants.APART)
        if tenant and not missing and all(map(grants.tells_all, found)):
            yield Sighting(subject_kind="app_roles", subject_id=tenant, evidence=document.at("appRoleAssignments"))
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def service_principal(notes: Notes, raw: Record, tenant: str | None, names: grants.Names) -> Iterator[Row]:
    """All that one service principal says."""
    object_id = guid(raw.get("id", raw.get("objectId")))
    identity_id, record = f"azure:{object_id}", f"servicePrincipal={object_id}"
    evidence = notes.document.at(record)
    identity = _identity(notes, raw, object_id, tenant, record)
    yield identity
    app_id = guid_or_none(raw.get("appId"))
    if app_id:
        yield Alias(alias=f"azure:app:{app_id}", identity_id=identity_id, evidence=evidence)
    if identity.kind is IdentityKind.MANAGED_IDENTITY:
        resource = managed_resource(raw)
        if resource:
            yield Alias(alias=resource.lower(), identity_id=identity_id, evidence=evidence)
        yield federated.native(identity_id, evidence)
    else:
        yield from credentials.held(notes, raw, identity_id, tenant, record, on=" (on the service principal)")
        yield from _foreign(raw, identity_id, app_id, tenant, evidence)
    yield from _granted(raw, names, identity_id, evidence)
    yield from owners(raw.get("owners"), identity_id, evidence)
    yield from owners(raw.get("sponsors"), identity_id, evidence, "sponsor")
    if "federatedIdentityCredentials" in raw and raw["federatedIdentityCredentials"] is not None:
        yield from federated.trusts(notes, identity_id, raw["federatedIdentityCredentials"], record)
        yield Sighting(subject_kind="trust", subject_id=identity_id, evidence=evidence)


def agent_kind(document: Document, raw: Record) -> str | None:
    """Type name of an agent's identity, from the record or from the page's context."""
    for said in (str(raw.get("@odata.type", "")), context(document).partition("(")[0]):
        if AGENT.search(said):
            return f"microsoft.graph.{said.rsplit('.', 1)[-1]}"
    if text(raw.get("agentIdentityBlueprintId")):
        return "microsoft.graph.agentIdentity"
    return None


def managed_resource(raw: Record) -> str | None:
    """ARM id of the managed identity, or of the resource that a system-assigned one belongs to."""
    names = [*one_or_many(raw.get("alternativeNames")), raw.get("managedIdentityResourceId")]
    return next((name for name in names if isinstance(name, str) and name.lower().startswith("/subscriptions/")), None)


def _identity(notes: Notes, raw: Record, object_id: str, tenant: str | None, record: str) -> Identity:
    kind, native_type, scope = _kind(notes.document, raw, tenant)
    app_id = guid_or_none(raw.get("appId"))
    first_party = raw.get("microsoftFirstParty") is True or is_first_party(app_id, owner_tenant(raw))
    if kind is IdentityKind.MANAGED_IDENTITY:
        first_party = False
    return Identity(
        identity_id=f"azure:{object_id}",
        provider="azure",
        scope=scope,
        name=text(raw.get("displayName")) or text(raw.get("appDisplayName")) or object_id,
        kind=kind,
        native_type=native_type,
        human=Human.NONHUMAN,
        human_basis="a service principal",
        in_scope=not first_party,
        scope_reason=REASON if first_party else None,
        status=_status(raw),
        purpose=text(raw.get("description")) or text(raw.get("notes")),
        created_at=notes.when(raw.get("createdDateTime"), record, "createdDateTime"),
        evidence=notes.document.at(record),
    )


def _kind(document: Document, raw: Record, tenant: str | None) -> tuple[IdentityKind, str, str | None]:
    agent = agent_kind(document, raw)
    if agent:
        return IdentityKind.AI_AGENT, agent, tenant
    if str(raw.get("servicePrincipalType")).lower() == "managedidentity":
        resource = managed_resource(raw)
        is_user_assigned = "/userassignedidentities/" in (resource or "").lower()
        native_type = USER_ASSIGNED if is_user_assigned else SYSTEM_ASSIGNED if resource else "Microsoft.ManagedIdentity"
        return IdentityKind.MANAGED_IDENTITY, native_type, subscription_of(resource) or tenant
    return IdentityKind.SERVICE_PRINCIPAL, SERVICE_PRINCIPAL, tenant


def _status(raw: Record) -> Status:
    if text(raw.get("disabledByMicrosoftStatus")) not in (None, "NotDisabled"):
        return Status.DISABLED
    enabled = raw.get("accountEnabled")
    if isinstance(enabled, str):
        enabled = {"true": True, "false": False}.get(enabled.strip().lower())
    return Status.ACTIVE if enabled is True else Status.DISABLED if enabled is False else Status.UNKNOWN


def owner_tenant(raw: Record) -> str | None:
    """The tenant that registered the application."""
    return guid_or_none(raw.get("appOwnerOrganizationId", raw.get("appOwnerTenantId")))


def _foreign(raw: Record, identity_id: str, app_id: str | None, tenant: str | None, evidence: str) -> Iterator[Row]:
    """An application of somebody else's tenant: whoever holds its credentials there becomes this service principal here."""
    owner = owner_tenant(raw)
    if owner is None or owner in MICROSOFT or owner == tenant or is_first_party(app_id, owner):
        return
    reason = "the application is registered in another tenant, which holds its credentials"
    if tenant is None:
        reason = "which tenant the evidence is of is not known, so neither whether the application is registered in another one"
    yield federated.trust(identity_id, evidence, PrincipalKind.ACCOUNT, owner, Safety.UNKNOWN, reason, principal_scope=owner)


def _granted(raw: Record, names: grants.Names, identity_id: str, evidence: str) -> Iterator[Row]:
    own = {"principalId": identity_id.removeprefix("azure:"), "principalType": "ServicePrincipal"}
    for assignment in one_or_many(raw.get("appRoleAssignments")):
        yield from grants.app_role({**own, **assignment}, evidence, names)
    for grant in one_or_many(raw.get("oauth2PermissionGrants")):
        yield from grants.delegated({"clientId": own["principalId"], **grant}, evidence)


def _is_service_principals(document: Document) -> bool:
    if is_about(document, "servicePrincipals"):
        return True
    found = first(document) or {}
    kinds = {"servicePrincipalType", "appOwnerOrganizationId", "agentIdentityBlueprintId"} & found.keys()
    return bool(kinds) and bool({"id", "objectId"} & found.keys()) and "principalId" not in found


FORMATS = (
    Format(
        name="azure-service-principals",
        title=(
            "Service principals, managed and agent identities: `az ad sp list --all`, Graph `/servicePrincipals?$expand=appRoleAssignments`, "
            "Zero Trust Assessment `ServicePrincipal`, `AgentIdentity…`"
        ),
        matches=_is_service_principals,
        rows=service_principals,
    ),
)
