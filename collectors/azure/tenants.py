"""Which tenant a Graph answer is of. Most do not say; what can be concluded is concluded, the rest needs the manifest."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.azure.answers import Record, guid_or_none
from collectors.document import Document
from inventory.model import Account

MICROSOFT = {
    "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    "72f988bf-86f1-41af-91ab-2d7cd011db47",
    "cdc5aeea-15c5-4db6-b079-fcadd2505dc2",
}
"""Tenants in which Microsoft registers its own applications; not all of them, so that the list of first_party.py counts too.
https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in"""


def tenant_of(document: Document, found: Iterable[Record]) -> str | None:
    """The tenant that the manifest names, else the one whose single-tenant applications have service principals here.

    A single-tenant application can be used in its own tenant only; two candidates leave it open.
    """
    if document.scope:
        return guid_or_none(document.scope)
    homes = {
        home
        for record in found
        if record.get("signInAudience") == "AzureADMyOrg" and (home := guid_or_none(record.get("appOwnerOrganizationId"))) not in MICROSOFT
    } - {None}
    return homes.pop() if len(homes) == 1 else None


def account(document: Document, tenant: str | None, name: str | None = None) -> list[Account]:
    """The row that makes a tenant ours: its evidence comes from inside."""
    return [Account(scope=tenant, provider="azure", name=name, evidence=document.at(f"tenant={tenant}"))] if tenant else []
