"""One Azure identity with all that its verdicts rest on, read from the tables of `main`: an assessment's or a snapshot's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from inventory.database import Database
from scoring.least_privilege.azure.effective import Held, Judge
from scoring.least_privilege.azure.verdicts import Verdicts, verdicts
from scoring.least_privilege.sql import statement
from scoring.packs import Pack

TEXTS = """
    SELECT DISTINCT d.document_id, d.document
    FROM main.policy_document AS d
    JOIN main.entitlement AS e ON e.document_id = d.document_id
    JOIN main.identity AS i ON i.identity_id = e.identity_id AND i.provider = 'azure'
    ORDER BY d.document_id
"""
"""Roles and denials with a text. Those of all identities, as what one of them names counts for the wildcards of others."""

USED = """
    SELECT DISTINCT lower(u.action) AS action
    FROM main.usage AS u
    JOIN main.identity AS i ON i.identity_id = u.identity_id AND i.provider = 'azure'
    WHERE u.action IS NOT NULL AND u.last_at >= $since
    ORDER BY 1
"""


class Subject(NamedTuple):
    """One identity with all that its verdicts rest on."""

    facts: Mapping[str, Any]
    """Row of idle.sql."""
    judge: Judge
    held: list[Held]
    found: Verdicts
    gap: str | None
    """Why not all that it holds may be known; what is granted was not counted then."""

    @property
    def window_days(self) -> int | None:
        """How far back the evidence looks that its unused rights rest on."""
        return window_of(self.held)


def window_of(held: Iterable[Held]) -> int | None:
    """The shortest look back over places of roles that a log covers; None where none does."""
    return min((one.window_days for one in held if one.via == "role" and one.window_days is not None), default=None)


def since(as_of: datetime, pack: Pack) -> datetime:
    """What happened before counts as long ago."""
    return as_of - timedelta(days=int(pack.thresholds["unused_days"]))


def judge_of(database: Database, as_of: datetime, pack: Pack) -> Judge:
    """The roles and the actions that all identities of a database name."""
    texts = {row["document_id"]: row["document"] for row in database.rows(TEXTS)}
    return Judge(texts, [row["action"] for row in database.rows(USED, {"since": since(as_of, pack)})])


def subject(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Subject:
    """Read one identity from the tables of `main`. Raises LookupError where there is no such Azure identity."""
    asked: dict[str, Any] = {"identity": identity_id}
    rows = database.rows(statement("azure/idle"), {**asked, "since": since(as_of, pack)})
    if not rows:
        raise LookupError(f"{identity_id}: no such identity of Azure")
    facts = rows[0]
    judge = judge_of(database, as_of, pack)
    limit = {"unused_days": int(pack.thresholds["unused_days"])}
    held = sorted((held_by(row) for row in database.rows(statement("azure/held"), {**asked, **limit})), key=_order)
    gap = database.value("SELECT reason FROM main.least_privilege WHERE identity_id = $identity AND granted IS NULL", asked)
    return Subject(facts, judge, held, verdicts(judge, held, facts["used"], idle=facts["idle"], absent=facts["absent"]), gap)


def held_by(row: Mapping[str, Any]) -> Held:
    """A row of held.sql."""
    return Held(
        via=row["via"],
        role_id=row["role_id"],
        name=row["policy_name"],
        document_id=row["document_id"],
        place=row["place"],
        conditional=row["conditional"],
        group=row["group_name"],
        window_days=row["window_days"],
        covered=row["covered"],
        changed_at=row["changed_at"],
        evidence=row["evidence"],
    )


def _order(held: Held) -> tuple[str, ...]:
    return (held.via, held.name, held.place, held.role_id, held.group or "", held.evidence)
