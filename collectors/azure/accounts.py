"""Which subscriptions and tenants are ours, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.azure.answers import Record, first, guid, guid_or_none, is_about, read_all, records, text
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Account, Row


def subscriptions(document: Document) -> Iterator[Row | Problem]:
    """az account list."""
    notes = Notes(document)
    yield from read_all(notes, subscription)
    tenants = {tenant for _, raw in records(document) if isinstance(raw, dict) and (tenant := guid_or_none(raw.get("tenantId")))}
    for tenant in sorted(tenants):
        yield Account(scope=tenant, provider="azure", evidence=document.at(f"tenant={tenant}"))
    if len(tenants) > 1:
        notes.problem("tenantId", f"subscriptions of {len(tenants)} tenants, all taken as ours: leave out those where you are a guest")
    yield from notes.problems


def subscription(notes: Notes, raw: Record) -> Iterator[Row]:
    scope = guid(raw["subscriptionId"] if "subscriptionId" in raw else raw["id"])
    name = text(raw.get("name")) or text(raw.get("displayName"))
    yield Account(scope=scope, provider="azure", name=name, evidence=notes.document.at(f"/subscriptions/{scope}"))


def tenants(document: Document) -> Iterator[Row | Problem]:
    """az account tenant list, or Graph's organization."""
    notes = Notes(document)
    yield from read_all(notes, tenant)
    yield from notes.problems


def tenant(notes: Notes, raw: Record) -> Iterator[Row]:
    scope = guid(raw["tenantId"] if "tenantId" in raw else raw["id"])
    yield Account(scope=scope, provider="azure", name=text(raw.get("displayName")), evidence=notes.document.at(f"tenant={scope}"))


def _is_subscriptions(document: Document) -> bool:
    found = first(document) or {}
    of_cli = {"id", "tenantId", "state", "isDefault"} <= found.keys()
    return of_cli or {"subscriptionId", "displayName", "state", "subscriptionPolicies"} <= found.keys()


def _is_tenants(document: Document) -> bool:
    found = first(document) or {}
    if is_about(document, "organization") or {"id", "verifiedDomains"} <= found.keys():
        return True
    return "tenantId" in found and str(found.get("id", "")).startswith("/tenants/")


FORMATS = (
    Format(
        name="azure-subscriptions",
        title="Subscriptions: `az account list`, `az account subscription list`",
        matches=_is_subscriptions,
        rows=subscriptions,
    ),
    Format(name="azure-tenants", title="Tenants: `az account tenant list`, Graph `/organization`", matches=_is_tenants, rows=tenants),
)
