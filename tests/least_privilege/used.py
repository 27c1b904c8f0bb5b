"""AWS identities with policies and records of their use, judged: for tests that state a verdict by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from inventory.database import Database
from inventory.model import (
    Coverage,
    CoverageStatus,
    Entitlement,
    Fact,
    Identity,
    IdentityKind,
    PolicyDocument,
    Row,
    Sighting,
    Source,
    Status,
    Usage,
)
from scoring.least_privilege.aws.principals import principal_privileges
from scoring.least_privilege.aws.propose import propose
from scoring.least_privilege.aws.use import counts, review
from scoring.least_privilege.use import Permission, Proposal, Review
from scoring.packs import load_pack
from tests.least_privilege.policies import Json, text

ACCOUNT = "111111111111"
AS_OF = datetime(2026, 9, 30)
PACK = load_pack("default")
REPORT = "last-accessed.json"


def days_ago(days: int) -> datetime:
    return AS_OF - timedelta(days=days)


def arn(name: str, kind: str = "role") -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


def identity(name: str = "app", *, kind: str = "role", **rest: Any) -> Identity:
    """A role made two years ago, of which nothing says when it was last used; or a user."""
    facts: dict[str, Any] = {
        "identity_id": arn(name, kind), "provider": "aws", "scope": ACCOUNT, "name": name, "status": Status.ACTIVE,
        "kind": IdentityKind.IAM_ROLE if kind == "role" else IdentityKind.SERVICE_ACCOUNT,
        "native_type": f"AWS::IAM::{kind.title()}", "created_at": days_ago(700), "evidence": f"gaad.json#{name}",
    }  # fmt: skip
    return Identity(**{**facts, **rest})


def held(*statements: Json, name: str = "app", policy: str = "needs", via: str = "inline", kind: str = "role", **rest: Any) -> list[Row]:
    document = text(*statements)
    document_id = hashlib.sha256(document.encode()).hexdigest()[:32]
    facts = {
        "identity_id": arn(name, kind),
        "via": via,
        "policy_name": policy,
        "document_id": document_id,
        "evidence": f"gaad.json#{name}/{policy}",
    }
    return [Entitlement(**{**facts, **rest}), PolicyDocument(document_id=document_id, document=document)]


def called(what: str, days: int | None, *, name: str = "app", kind: str = "role", window: int | None = 400, source: str = REPORT) -> Usage:
    """What a record says of `service` or `service:Action`: last called so many days ago, None: never."""
    service, _, action = what.partition(":")
    last_at = None if days is None else days_ago(days)
    where = f"{source}#{name}/{service}"
    return Usage(identity_id=arn(name, kind), service=service, action=action or None, last_at=last_at, window_days=window, evidence=where)


def reported(name: str = "app", kind: str = "role") -> Sighting:
    """The report lists all services of the identity."""
    return Sighting(subject_kind="service_usage", subject_id=arn(name, kind), evidence=f"{REPORT}#{name}")


def base(*, collected_at: datetime = AS_OF, facts: Iterable[Fact] = (Fact.POLICIES, Fact.ROLE_USAGE)) -> list[Row]:
    """Sources, and coverage of what every estate here knows."""
    dates = {"gaad.json": AS_OF, REPORT: collected_at}
    sources: list[Row] = [
        Source(source_id=name, collector="aws", format=form, collected_at=dates[name], collected_basis="manifest")
        for name, form in (("gaad.json", "aws-gaad"), (REPORT, "aws-services-last-accessed"))
    ]
    return [*sources, *(Coverage(fact=fact, scope=ACCOUNT, status=CoverageStatus.COLLECTED, evidence="gaad.json") for fact in facts)]


def estate(*groups: Any, **of_base: Any) -> Database:
    """A database of these rows with `least_privilege` filled."""
    rows: list[Row] = [*base(**of_base)]
    for group in groups:
        rows += group if isinstance(group, list) else [group]
    documents = {row.document_id: row for row in rows if isinstance(row, PolicyDocument)}
    database = Database.empty()
    database.insert([*(row for row in rows if not isinstance(row, PolicyDocument)), *documents.values()])
    principal_privileges(database)
    counts(database, AS_OF, PACK)
    return database


def count(database: Database, name: str = "app", kind: str = "role") -> dict[str, Any]:
    [row] = database.rows("SELECT * FROM main.least_privilege WHERE identity_id = $id", {"id": arn(name, kind)})
    return row


def reviewed(database: Database, name: str = "app", kind: str = "role") -> Review:
    return review(database, arn(name, kind), AS_OF, PACK)


def uses(database: Database, name: str = "app", kind: str = "role") -> dict[str, str]:
    return {one.name: str(one.use) for one in reviewed(database, name, kind).permissions}


def permission(database: Database, wanted: str) -> Permission:
    return next(one for one in reviewed(database).permissions if one.name == wanted)


def proposal(database: Database, name: str = "app", kind: str = "role") -> Proposal:
    return propose(database, arn(name, kind), AS_OF, PACK)
