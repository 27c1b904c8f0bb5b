"""Azure estates as merged rows, in one line each, for tests of use and of escalation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inventory.database import Database
from inventory.model import (
    Account,
    Alias,
    Coverage,
    CoverageStatus,
    Entitlement,
    Fact,
    Human,
    Identity,
    IdentityKind,
    PolicyDocument,
    Row,
    Status,
    Usage,
)
from scoring.least_privilege.azure.entra import standard as permissions
from scoring.least_privilege.azure.roles import standard
from scoring.least_privilege.azure.use import counts
from scoring.least_privilege.grantees import grantee_privileges
from scoring.packs import load_pack

AS_OF = datetime(2026, 9, 30)
PACK = load_pack("default")
TENANT = "11111111-aaaa-4aaa-8aaa-111111111111"
SUBSCRIPTION = "22222222-bbbb-4bbb-8bbb-222222222222"
PLACE = f"/subscriptions/{SUBSCRIPTION}"
GROUP, OTHER = f"{PLACE}/resourcegroups/rg", f"{PLACE}/resourcegroups/other"
LOG = "activity.json"


def object_id(name: str) -> str:
    return f"{int.from_bytes(name.encode()) % 10**12:08d}-0000-4000-8000-{len(name):012d}"


def known_as(name: str) -> str:
    return f"azure:{object_id(name)}"


def definition(**parts: list[str]) -> str:
    """A role's text, of any of the four lists."""
    lists = {part: parts.get(part, []) for part in ("actions", "notActions", "dataActions", "notDataActions")}
    return json.dumps({"permissions": [lists]}, sort_keys=True)


def accounts(*, log: CoverageStatus = CoverageStatus.COLLECTED, policies: CoverageStatus = CoverageStatus.COLLECTED) -> list[Row]:
    """A tenant and a subscription, all of it collected."""
    return [
        Account(scope=TENANT, provider="azure", evidence="sp.json#t"),
        Account(scope=SUBSCRIPTION, provider="azure", evidence="arm.json#s"),
        Coverage(fact=Fact.POLICIES, scope=TENANT, status=CoverageStatus.COLLECTED, evidence="sp.json"),
        Coverage(
            fact=Fact.POLICIES, scope=SUBSCRIPTION, status=policies, reason=None if policies == "collected" else "cut", evidence="arm.json"
        ),
        Coverage(fact=Fact.ROLE_USAGE, scope=TENANT, status=CoverageStatus.COLLECTED, evidence="signins.json"),
        Coverage(fact=Fact.SERVICE_USAGE, scope=TENANT, status=CoverageStatus.COLLECTED, reason="does not apply"),
        Coverage(fact=Fact.SERVICE_USAGE, scope=SUBSCRIPTION, status=log, evidence=LOG),
        principal("logged"),
        *seen("logged", "microsoft.web/sites/write"),
    ]


def principal(label: str, *, managed: bool = False, **more: Any) -> Identity:
    """A service principal that signed in the day before, or a managed identity."""
    kind = IdentityKind.MANAGED_IDENTITY if managed else IdentityKind.SERVICE_PRINCIPAL
    native = "Microsoft.ManagedIdentity/userAssignedIdentities" if managed else "microsoft.graph.servicePrincipal"
    plain: dict[str, Any] = {
        "identity_id": known_as(label), "provider": "azure", "scope": SUBSCRIPTION if managed else TENANT, "name": label, "kind": kind,
        "native_type": native, "human": Human.NONHUMAN, "status": Status.ACTIVE, "last_used_known": not managed,
        "last_used_at": None if managed else datetime(2026, 9, 29), "created_at": datetime(2024, 1, 1), "evidence": f"sp.json#{label}",
    }  # fmt: skip
    return Identity(**{**plain, **more})


def user_assigned(name: str, place: str = GROUP) -> list[Row]:
    resource = f"{place}/providers/microsoft.managedidentity/userassignedidentities/{name}"
    return [principal(name, managed=True), Alias(alias=resource, identity_id=known_as(name), evidence="arm.json#mi")]


def assigned(name: str, role: str, place: str = PLACE, **more: Any) -> Entitlement:
    """A role by its name, or by the GUID of a custom one."""
    role_id = standard().find(role).role_id
    plain: dict[str, Any] = {
        "identity_id": known_as(name), "document_id": None, "via": "role", "policy_name": role, "policy_id": role_id, "resource": place,
        "conditional": False, "changed_at": datetime(2025, 1, 1), "evidence": f"arm.json#{name}/{role}{place}",
    }  # fmt: skip
    return Entitlement(**{**plain, **more})


def custom_role(name: str, place: str = PLACE, **parts: list[str]) -> list[Row]:
    """A custom role and its assignment."""
    document = definition(**parts)
    document_id = f"doc-{name}"
    grant = assigned(name, f"custom-{name}", place, document_id=document_id)
    return [PolicyDocument(document_id=document_id, document=document), grant]


def permitted(name: str, permission: str) -> Entitlement:
    """An application permission of Microsoft Graph."""
    known = permissions().find(permission)
    assert known is not None
    return assigned(name, permission, "Microsoft Graph", via="app_role", policy_id=known.role_id)


def seen(name: str, *actions: str, last_at: datetime | None = datetime(2026, 9, 20), window_days: int = 90) -> list[Row]:
    """Actions in the activity log."""
    common: dict[str, Any] = {"identity_id": known_as(name), "last_at": last_at, "window_days": window_days}
    return [Usage(service=action.partition("/")[0], action=action, evidence=f"{LOG}#{name}/{action}", **common) for action in actions]


def database_of(*rows: Row | Sequence[Row]) -> Database:
    """The rows as merged, with privileges and counts."""
    database = Database.empty()
    database.insert(row for part in rows for row in (part if isinstance(part, Sequence) else [part]))
    grantee_privileges(database)
    counts(database, AS_OF, PACK)
    return database


def counted(database: Database, name: str) -> dict[str, Any]:
    (row,) = database.rows("SELECT * FROM least_privilege WHERE identity_id = $id", {"id": known_as(name)})
    return row
