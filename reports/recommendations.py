"""What `nhi recommend` prints: who holds most that it does not use, and for one identity the review and the proposal in words.

Words only: every figure and every verdict comes from the views.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from inventory.database import Database
from inventory.lake import Snapshot
from reports.console import CONTROL, print_table
from reports.views.least_privilege import ACTIONS, AccessFilter, access_of, access_page, access_totals, interval
from reports.views.permissions import IN_WORDS, by_service, diff, permissions_of
from scoring.least_privilege.use import Permission, Proposal, Review, Use

SHOWN = 30
"""Identities in the table, and permissions in one identity's list."""
PROPOSED = ("disable", "narrow", "wait")
"""Actions behind which there is something to take away."""
COLUMNS = ["identity", "provider", "account", "granted", "used", "unused", "not known", "creep index", "proposed", "confidence", "why"]


def rows_of(database: Database, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Identities with something to take away: what to act on first, then by the weight that goes."""
    found: list[dict[str, Any]] = []
    for action in PROPOSED:
        wanted = AccessFilter(action=action)
        found += access_page(database, wanted, limit=limit or access_totals(database, wanted)["identities"])
    return found[:limit]


def print_recommendations(console: Console, wide: Console, database: Database) -> None:
    """The table, and what stands behind it. `wide`: where the table goes."""
    totals = access_totals(database, AccessFilter())
    rows = rows_of(database, limit=SHOWN)
    print_table(wide, COLUMNS, [_line(row) for row in rows])
    there = sum(totals["actions"][action] for action in PROPOSED)
    if there > len(rows):
        console.print(Text(f"{there - len(rows):,} more have something to take away; --json lists all."))
    words = ", ".join(f"{count:,} {ACTIONS[action].lower()}" for action, count in totals["actions"].items() if count)
    console.print(Text(f"{totals['identities']:,} machine identities: {words or 'none'}."))
    console.print(Text(f"Permission-creep index {interval(totals['creep_lo'], totals['creep_hi'])} of 100."))
    if rows:
        console.print(Text("Next: nhi recommend --identity NAME, or --out DIR for files to review."))


def _line(row: dict[str, Any]) -> tuple[Any, ...]:
    unknown = None if row["granted"] is None else row["likely_unused"] + row["unknown"]
    return (
        row["name"], row["provider"], row["scope"], row["granted"], row["used"], row["unused"], unknown,
        interval(row["creep_lo"], row["creep_hi"]), row["action"], row["confidence"], row["reason"],
    )  # fmt: skip


def print_recommendation(console: Console, database: Database, snapshot: Snapshot, identity_id: str) -> None:
    """One identity: what it holds and uses, what would go and what happens then, and the way back."""
    found, proposal = permissions_of(database, snapshot, identity_id)
    for line in _paragraphs(access_of(database, identity_id), found, proposal):
        console.print(Text(CONTROL.sub(" ", line)), soft_wrap=True)


def _paragraphs(row: dict[str, Any] | None, found: Review, proposal: Proposal) -> Iterator[str]:
    yield found.identity_id
    if row and row["granted"] is not None:
        open_ = row["likely_unused"] + row["unknown"]
        yield (
            f"Granted {row['granted']:,}: {row['used']:,} used, {row['unused']:,} unused, {open_:,} not known."
            f" Permission-creep index {interval(row['creep_lo'], row['creep_hi'])} of 100."
        )
    yield from (f"It may hold more, or less: {gap}." for gap in found.gaps)
    yield f"\n{proposal.summary}"
    if proposal.files:
        yield f"Confidence: {proposal.confidence}."
    yield from (f"Wait: {guard}." for guard in proposal.guards)
    yield "\nBy service"
    for service in by_service(found)[:SHOWN]:
        counts = ", ".join(f"{service[use]:,} {words}" for use, words in IN_WORDS.items() if service[use])
        yield f"  {service['service']}: {counts}"
    yield from _going(found, proposal)
    for change in proposal.changes:
        yield f"\n{change.title}\n{diff(change) or 'no change of text'}"
    if proposal.rollback:
        yield f"\nThe way back\n{proposal.rollback.rstrip()}"


def going(found: Review, proposal: Proposal) -> list[Permission]:
    """The permissions that the proposal takes away."""
    return [permission for permission in found.permissions if proposal.removed.get(permission.use)]


def _going(found: Review, proposal: Proposal) -> Iterator[str]:
    gone = going(found, proposal)
    if not gone:
        return
    yield f"\nWhat would go ({len(gone):,})"
    for permission in gone[:SHOWN]:
        where = f" [{permission.evidence[0]}]" if permission.evidence else ""
        yield f"  {permission.name}: {permission.reason}; granted by {'; '.join(permission.granted_by)}{where}"
    if len(gone) > SHOWN:
        yield f"  and {len(gone) - SHOWN:,} more; --json lists all"


def as_json(database: Database, snapshot: Snapshot, identity_id: str) -> dict[str, Any]:
    """The same for machines, every permission included."""
    found, proposal = permissions_of(database, snapshot, identity_id)
    counts = access_of(database, identity_id)
    return {"identity_id": identity_id, "counts": counts, "review": dataclasses.asdict(found), "proposal": dataclasses.asdict(proposal)}


def counted(permissions: list[Permission]) -> dict[str, int]:
    """How many have which verdict."""
    return {str(use): sum(permission.use is use for permission in permissions) for use in Use}
