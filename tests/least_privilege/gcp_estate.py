"""A GCP account with grants and what was watched of them, as rows of `main`, for tests of use and of proposals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from inventory.database import Database
from inventory.model import (
    Coverage,
    CoverageStatus,
    Entitlement,
    Fact,
    Human,
    Identity,
    IdentityKind,
    Observation,
    PolicyDocument,
    Row,
    Status,
)
from scoring.least_privilege.aws.principals import principal_privileges
from scoring.least_privilege.grantees import grantee_privileges
from scoring.packs import load_pack

AS_OF = datetime(2026, 11, 1)
UNTIL = datetime(2026, 10, 30)
PACK = load_pack("default")
MANAGER = "//cloudresourcemanager.googleapis.com/"
PROJECT = f"{MANAGER}projects/p"
BUCKET = "//storage.googleapis.com/b"
ADMIN = "roles/storage.admin"
CONDITION = {"title": "in", "expression": "resource.name.startsWith('projects/_/buckets/b')"}


def sa(name: str = "app") -> str:
    return f"serviceAccount:{name}@p.iam.gserviceaccount.com"


def account(name: str = "app", *, called: str | None = None, **rest: Any) -> Identity:
    facts: dict[str, Any] = {"kind": IdentityKind.SERVICE_ACCOUNT, "human": Human.NONHUMAN, "status": Status.ACTIVE, "scope": "p"}
    shown = {"name": called or f"{name}@p.iam.gserviceaccount.com", "provider": "gcp", "evidence": f"accounts#{name}"}
    return Identity(**{"identity_id": sa(name), **shown, **facts, **rest})


def grant(role_id: str = ADMIN, resource: str | None = PROJECT, name: str = "app", **rest: Any) -> Entitlement:
    facts = {"document_id": None, "via": "role", "conditional": False, "evidence": f"policy#{name}/{role_id}"}
    return Entitlement(**{"identity_id": sa(name), "policy_name": role_id, "policy_id": role_id, "resource": resource, **facts, **rest})


def conditional(role_id: str = ADMIN, resource: str = PROJECT, **condition: str) -> Entitlement:
    return grant(role_id, resource, conditional=True, condition=json.dumps(condition or CONDITION))


def custom(*permissions: str, document_id: str = "d") -> PolicyDocument:
    return PolicyDocument(document_id=document_id, document=json.dumps({"includedPermissions": sorted(permissions)}))


def insight(*used: str, role_id: str = ADMIN, resource: str | None = PROJECT, name: str = "app", **rest: Any) -> Observation:
    facts: dict[str, Any] = {"inferred": [], "until": UNTIL, "window_days": 90, "evidence": f"insights#{name}/{role_id}/{resource}"}
    return Observation(**{"identity_id": sa(name), "policy_id": role_id, "resource": resource, "used": sorted(used), **facts, **rest})


def watched(name: str = "app", days: int = 400, until: datetime = UNTIL) -> Observation:
    """The account's authentication was."""
    return Observation(identity_id=sa(name), until=until, window_days=days, evidence=f"activity#{name}")


def days_ago(days: int) -> datetime:
    return AS_OF - timedelta(days=days)


KNOWN = Coverage(fact=Fact.POLICIES, scope="*", status=CoverageStatus.COLLECTED)


def filled(database: Database, rows: Iterable[Row]) -> Database:
    """With the rows, and with the privileges that come before counts."""
    database.insert(rows)
    principal_privileges(database)
    grantee_privileges(database)
    return database
