"""The tenant's default app management policy: whether new secrets may be put on applications, and whether that binds them all.

https://learn.microsoft.com/graph/api/resources/tenantappmanagementpolicy
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.azure.answers import Record, coverage, first, guid_or_none, one_or_many, read_all, text, unscoped
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Enforcement, Fact, Guardrail, Row

PARTS = {"applicationRestrictions": "applications", "servicePrincipalRestrictions": "service principals"}
NO_SECRETS = "passwordAddition"


def policy(document: Document) -> Iterator[Row | Problem]:
    """Graph `/policies/defaultAppManagementPolicy`: a guardrail for applications and one for service principals."""
    notes = Notes(document)
    tenant = guid_or_none(document.scope)
    if tenant is None:
        yield from unscoped(document, "tenant")
        return

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        for part, whose in PARTS.items():
            yield Guardrail(
                guardrail_id=f"azure:app-management:{tenant}:{part}",
                scope=tenant,
                kind="workload_policy",
                name=f"{text(raw.get('displayName')) or 'App management policy'}: no new secrets on {whose}",
                enforcement=enforcement(raw, part),
                basis="observed",
                evidence=notes.document.at(f"policy={part}"),
            )

    yield from read_all(notes, reader)
    yield from coverage(document, (Fact.GUARDRAILS,), {tenant}, None)
    yield from notes.problems


def enforcement(raw: Record, part: str) -> Enforcement:
    """Enforced: nobody may add a secret to any. Where the policy spares some of them, by age or by who asks, it is left unknown."""
    if raw.get("isEnabled") is not True:
        return Enforcement.OFF if raw.get("isEnabled") is False else Enforcement.UNKNOWN
    restrictions = raw.get(part)
    if not isinstance(restrictions, dict):
        return Enforcement.UNKNOWN
    found = [entry for entry in one_or_many(restrictions.get("passwordCredentials")) if entry.get("restrictionType") == NO_SECRETS]
    in_force = [entry for entry in found if entry.get("state", "enabled") == "enabled"]
    if not in_force:
        return Enforcement.OFF
    return Enforcement.UNKNOWN if all(map(_spares_some, in_force)) else Enforcement.ENFORCED


def _spares_some(restriction: dict[str, Any]) -> bool:
    return any(restriction.get(name) is not None for name in ("restrictForAppsCreatedAfterDateTime", "excludeActors"))


def _is_policy(document: Document) -> bool:
    return {"isEnabled", *PARTS} <= (first(document) or {}).keys()


FORMATS = (
    Format(
        name="azure-app-management-policy",
        title="Whether applications may get new secrets: Graph `/policies/defaultAppManagementPolicy`",
        matches=_is_policy,
        rows=policy,
    ),
)
