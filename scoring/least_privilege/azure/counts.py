"""Used against granted for all Azure identities at once. Cost grows with distinct sets of grants and patterns of use, not with identities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from inventory.database import Database
from scoring.least_privilege.azure.decide import Decision, decide, subject_to
from scoring.least_privilege.azure.effective import Held, Judge
from scoring.least_privilege.azure.reasons import summary
from scoring.least_privilege.azure.subject import judge_of, since, window_of
from scoring.least_privilege.azure.verdicts import Verdicts, verdicts
from scoring.least_privilege.guards import guards
from scoring.least_privilege.sql import statement
from scoring.least_privilege.use import Weight, weights
from scoring.packs import Pack

COLUMNS = ("granted", "used", "unused", "likely_unused", "unknown", "weight", "weight_unused", "weight_open", "window_days")
NOTHING = dict.fromkeys(COLUMNS)


class Counted(NamedTuple):
    """What the identities of one set have in common."""

    columns: Mapping[str, int | None]
    decision: Decision
    found: Verdicts
    held: Sequence[Held]


def counts(database: Database, as_of: datetime, pack: Pack) -> None:
    """Add one row per Azure identity to `main.least_privilege`. Needs `judging.known_grants`."""
    _load(database, as_of, pack)
    sets = database.rows(SETS)
    kinds = {row.pop("grant_id"): _held(row) for row in database.rows(KINDS)}
    judge = judge_of(database, as_of, pack)
    counted = {row["set_id"]: _count(judge, [kinds[number] for number in row["grants"]], row) for row in sets}
    rows = [_row(identity, counted[identity["set_id"]], as_of, pack) for identity in database.rows(IDENTITIES)]
    database.insert_rows("least_privilege", rows)


SETS = """
    SELECT set_id, any_value(grants) AS grants, any_value(used) AS used, any_value(idle) AS idle, any_value(absent) AS absent
    FROM judging.azure_set GROUP BY set_id ORDER BY set_id
"""

KINDS = """
    SELECT DISTINCT grant_id, via, role_id, document_id, conditional, grouped, window_days, covered, place
    FROM judging.azure_grant ORDER BY grant_id
"""

IDENTITIES = """
    WITH granted AS (
        SELECT h.identity_id, max(h.changed_at) AS changed_at, list_slice(list_sort(list(DISTINCT h.evidence)), 1, 5) AS evidence
        FROM judging.azure_held AS h
        GROUP BY h.identity_id
    )
    SELECT i.*, s.set_id, k.gap, g.changed_at, coalesce(g.evidence, [i.evidence]) AS shown
    FROM judging.azure_idle AS i
    JOIN judging.azure_set AS s ON s.identity_id = i.identity_id
    LEFT JOIN judging.known_grants AS k ON k.identity_id = i.identity_id
    LEFT JOIN granted AS g ON g.identity_id = i.identity_id
    ORDER BY i.identity_id
"""


def _load(database: Database, as_of: datetime, pack: Pack) -> None:
    every: dict[str, Any] = {"identity": None}
    for name, parameters in (("held", {"unused_days": int(pack.thresholds["unused_days"])}), ("idle", {"since": since(as_of, pack)})):
        database.execute(f"CREATE OR REPLACE TABLE judging.azure_{name} AS {statement(f'azure/{name}')}", {**every, **parameters})
    database.script(statement("azure/use_sets"))


def _held(row: Mapping[str, Any]) -> Held:
    return Held(
        via=row["via"],
        role_id=row["role_id"],
        document_id=row["document_id"] or None,
        place=row["place"],
        conditional=row["conditional"],
        group="a group" if row["grouped"] else None,
        window_days=row["window_days"],
        covered=row["covered"],
    )


def _count(judge: Judge, held: Sequence[Held], row: Mapping[str, Any]) -> Counted:
    found = verdicts(judge, held, row["used"], idle=row["idle"], absent=row["absent"])
    columns = {
        "granted": found.held.all.bit_count(),
        "used": found.used.bit_count(),
        "unused": found.unused.bit_count(),
        "likely_unused": found.likely.bit_count(),
        "unknown": found.unknown.bit_count(),
        "weight": weight_of(judge, found.held.all),
        "weight_unused": weight_of(judge, found.unused),
        "weight_open": weight_of(judge, found.likely | found.unknown),
        "window_days": window_of(held),
    }
    return Counted(columns, decide(judge, held, found, idle=row["idle"]), found, held)


def weight_of(judge: Judge, mask: int) -> int:
    """Published weights of a set of rights, added up."""
    return sum((mask & judge.rights.of(weight)).bit_count() * weights()[weight] for weight in Weight)


def _row(identity: Mapping[str, Any], counted: Counted, as_of: datetime, pack: Pack) -> dict[str, Any]:
    action, confidence, held_back = counted.decision.action, counted.decision.confidence, list[str]()
    if identity["gap"] is not None:
        return _entry(identity, NOTHING, "unknown", None, [], identity["gap"])
    if (why := subject_to(identity)) is not None:
        return _entry(identity, counted.columns, "none", None, [], why)
    if action != "none":
        held_back = guards_of(identity, identity["changed_at"], counted.columns["window_days"], action, as_of, pack)
    reason = summary(counted.found, counted.decision, counted.held, identity)
    return _entry(identity, counted.columns, "wait" if held_back else action, confidence, held_back, reason)


def guards_of(
    facts: Mapping[str, Any], changed_at: datetime | None, window_days: int | None, action: str, as_of: datetime, pack: Pack
) -> list[str]:
    """Reasons to wait. Whether an application signs in is known for longer than the log of what it did looks back."""
    return guards(
        created_at=facts["created_at"],
        changed_at=changed_at,
        window_days=window_days if action == "narrow" else None,
        name=facts["name"],
        purpose=facts["purpose"],
        as_of=as_of,
        pack=pack,
    )


def _entry(
    identity: Mapping[str, Any], columns: Mapping[str, int | None], action: str, confidence: str | None, held_back: list[str], reason: str
) -> dict[str, Any]:
    return {
        "identity_id": identity["identity_id"],
        **columns,
        "action": action,
        "confidence": confidence,
        "guards": held_back,
        "reason": reason,
        "evidence": identity["shown"],
    }
