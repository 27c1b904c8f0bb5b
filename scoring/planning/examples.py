"""Runs a move's worked examples: evidence of one account, all facts collected, judged before and after the move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from inventory.database import Database
from inventory.model import Account, Coverage, CoverageStatus, Fact, Source
from scoring.catalogue import EXAMPLE_AS_OF
from scoring.examples import SCOPE, filled_rows
from scoring.judge import place_seen
from scoring.least_privilege.recommend import count_use
from scoring.packs import Pack
from scoring.planning.amend import amendment
from scoring.planning.moves import Candidate, Example, Move, candidates

EXPORT = "example.json"
FRESH = datetime(2026, 9, 28)

REPOSITORY = "repository"
SCANNED = [{"target_id": REPOSITORY, "kind": "repository", "in_scope": True, "scanned": True, "scanned_at": FRESH}]
"""The code of an example that does not speak of repositories: scanned in full, so that a copy of a credential there is excluded."""

WITH_PROVIDER = ("identity", "credential", "workload", "resource", "secret_store")
"""Tables of which an example's rows are AWS's, where it does not say."""

Placements = Mapping[str, Sequence[int]]
"""Subject id -> stage interval of its weakest path; empty: no path."""


def told(move: Move, example: Example, pack: Pack) -> tuple[dict[str, bool], Placements, Placements]:
    """Who is a candidate (and whether ready), and where subjects stand before and after the move is made to all of them."""
    with Database.empty() as base:
        _fill(base, example)
        place_seen(base, as_of=EXAMPLE_AS_OF, pack=pack)
        count_use(base, EXAMPLE_AS_OF, pack)
        found = candidates(base, move, as_of=EXAMPLE_AS_OF, thresholds=pack.thresholds)
        return {one.subject_id: one.ready for one in found}, _placed(base), _after(base, example, found, pack)


def _after(base: Database, example: Example, found: Sequence[Candidate], pack: Pack) -> Placements:
    with Database.empty() as database:
        _fill(database, example)
        amendment(base, found, as_of=EXAMPLE_AS_OF, pack=pack)(database)
        place_seen(database, as_of=EXAMPLE_AS_OF, pack=pack)
        return _placed(database)


def _fill(database: Database, example: Example) -> None:
    scopes = {str(row.get("scope", SCOPE)): str(row.get("provider", "aws")) for rows in example.rows.values() for row in rows}
    database.insert(
        [Source(source_id=EXPORT, collector="aws", format="aws-gaad", collected_at=FRESH, collected_basis="manifest")], schema="seen"
    )
    for scope, provider in {SCOPE: "aws", **scopes}.items():
        ours: list[Any] = [Account(scope=scope, provider=provider, evidence=f"{EXPORT}#{scope}")]
        facts = [
            Coverage(fact=fact, scope=scope, status=CoverageStatus.COLLECTED, collected_at=FRESH, evidence=EXPORT) for fact in Fact
        ]  # fmt: skip
        database.insert([*ours, *facts], schema="seen")
    whole = Coverage(fact=Fact.SECRET_SCAN, scope=REPOSITORY, status=CoverageStatus.COLLECTED, collected_at=FRESH, evidence=EXPORT)
    database.insert([whole], schema="seen")
    for table, rows in {"scan_target": SCANNED, **example.rows}.items():
        spoken = [{"provider": "aws", **row} if table in WITH_PROVIDER else row for row in rows]
        database.insert_rows(table, filled_rows(database, table, spoken), schema="seen")


def _placed(database: Database) -> dict[str, Sequence[int]]:
    rows = database.rows("SELECT subject_id, stage_lo, stage_hi FROM main.placement")
    return {row["subject_id"]: [] if row["stage_lo"] is None else [row["stage_lo"], row["stage_hi"]] for row in rows}
