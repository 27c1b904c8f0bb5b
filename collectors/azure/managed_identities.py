"""User-assigned managed identities. System-assigned ones stand with the resource that they belong to, and among the service principals."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.azure import federated
from collectors.azure.answers import Record, coverage, first, guid, guid_or_none, read_all, records, shortfall, subscription_of, type_of
from collectors.azure.service_principals import USER_ASSIGNED
from collectors.document import Document, Format, Problem
from collectors.records import ENVIRONMENT_TAGS, PURPOSE_TAGS, TEAM_TAGS, Notes, first_tag, ownership, tags_of
from inventory.model import Account, Alias, Fact, Human, Identity, IdentityKind, Row, Status

TYPE = "microsoft.managedidentity/userassignedidentities"


def managed_identities(document: Document) -> Iterator[Row | Problem]:
    """az identity list."""
    notes = Notes(document)
    yield from read_all(notes, _managed_identity)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    subscriptions = {subscription for raw in found if (subscription := subscription_of(raw.get("id")))}
    for subscription in sorted(subscriptions):
        yield Account(scope=subscription, provider="azure", evidence=document.at(f"/subscriptions/{subscription}"))
    facts = [Fact.IDENTITIES, *([Fact.OWNERSHIP] if any("tags" in raw for raw in found) else [])]
    yield from coverage(document, facts, subscriptions, shortfall(document))
    yield from notes.problems


def _managed_identity(notes: Notes, raw: Record) -> Iterator[Row]:
    resource, principal = str(raw["id"]).lower(), guid(raw["principalId"])
    subscription = subscription_of(resource)
    if subscription is None:
        raise ValueError("its id names no subscription")
    identity_id, evidence = f"azure:{principal}", notes.document.at(f"identity={resource}")
    tags = tags_of(raw.get("tags"))
    yield identity(identity_id, subscription, str(raw["name"]), USER_ASSIGNED, evidence, tags)
    yield Alias(alias=resource, identity_id=identity_id, evidence=evidence)
    app_id = guid_or_none(raw.get("clientId"))
    if app_id:
        yield Alias(alias=f"azure:app:{app_id}", identity_id=identity_id, evidence=evidence)
    yield federated.native(identity_id, evidence)
    yield from ownership(identity_id, tags, evidence)
    if "federatedIdentityCredentials" in raw:
        yield from federated.trusts(notes, identity_id, raw["federatedIdentityCredentials"], f"identity={resource}")


def identity(identity_id: str, subscription: str, name: str, native_type: str, evidence: str, tags: dict[str, str]) -> Identity:
    """A managed identity. Whether it is enabled only its service principal says."""
    return Identity(
        identity_id=identity_id,
        provider="azure",
        scope=subscription,
        name=name,
        kind=IdentityKind.MANAGED_IDENTITY,
        native_type=native_type,
        human=Human.NONHUMAN,
        human_basis="a managed identity",
        status=Status.UNKNOWN,
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        purpose=first_tag(tags, PURPOSE_TAGS),
        evidence=evidence,
    )


def _is_identities(document: Document) -> bool:
    found = first(document) or {}
    return type_of(found) == TYPE and "principalId" in found


FORMATS = (
    Format(
        name="azure-managed-identities",
        title="User-assigned managed identities: `az identity list`",
        matches=_is_identities,
        rows=managed_identities,
    ),
)
