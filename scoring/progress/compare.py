"""Compare two snapshots: a cause for every unit that differs, and every headline split by cause."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from scoring.packs import limit
from scoring.progress.headlines import Split, headlines, split_all
from scoring.progress.judgements import Judgements, judgements

CAUSED = "progress.caused"
"""A row per unit that differs, with its cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What came of it. The database holds `progress.caused` (a row per unit that differs) beside the three judgements."""

    database: Database
    before: Snapshot
    now: Snapshot
    same_rules: bool
    unsplit: str | None
    """Why all of the difference is put down to the rules; None when it is split."""
    splits: list[Split]


@contextmanager
def comparison(lake: Lake, before: Snapshot, now: Snapshot) -> Iterator[Comparison]:
    """Compare two published snapshots. Raises StoreError when they are one, or the wrong way round."""
    if before.snapshot_id == now.snapshot_id:
        raise StoreError(f"{now.snapshot_id}: cannot be compared with itself")
    if before.as_of > now.as_of:
        raise StoreError(f"{before.snapshot_id} is as of a later date than {now.snapshot_id}: swap them")
    with judgements(lake, before, now) as three:
        database = three.database
        _causes(lake, three)
        thresholds = now.details.get("thresholds") or {}
        questions = [row["id"] for row in database.rows("SELECT question_id AS id FROM later.question ORDER BY 1")]
        splits = split_by_cause(database, float(limit(thresholds, "attained_percent")), questions)
        yield Comparison(database=database, before=before, now=now, same_rules=three.same_rules, unsplit=three.unsplit, splits=splits)


def compare_ahead(lake: Lake, now: Snapshot) -> None:
    """Work out what changed since the last quarter once, for reports and pages to come: where the two were judged alike."""
    before = lake.before(now)
    if before is not None and before.judged_by == now.judged_by:
        with comparison(lake, before, now):
            pass


def _causes(lake: Lake, three: Judgements) -> None:
    """Fill the schema `progress`: the causes as they were worked out before, of snapshots that do not change, by the same rules; else anew."""
    database = three.database
    database.execute("CREATE SCHEMA IF NOT EXISTS progress")
    name = f"{three.before.snapshot_id}..{three.earlier.snapshot_id}..{three.now.snapshot_id}.{_version()}" if three.earlier else None
    if name and lake.attach_kept(database, CAUSED, name):
        for side in ("stored", "earlier"):
            database.script(_sql("static", side))
        return
    find_causes(database, three.before)
    if name:
        lake.keep(database, CAUSED, name)
    for table in set(database.tables("progress")) - {"caused", "stored_static", "earlier_static"}:
        database.execute(f"DROP TABLE progress.{table}")  # steps on the way: as large as the estate


@cache
def _version() -> str:
    """Of the rules by which causes are found."""
    return hashlib.sha256("".join(_sql(name) for name in ("static", "units", "things", "causes")).encode()).hexdigest()[:10]


def find_causes(database: Database, before: Snapshot) -> None:
    """Fill the schema `progress` from the schemas `stored`, `earlier` and `later`."""
    database.execute("CREATE SCHEMA IF NOT EXISTS progress")
    for side in ("stored", "earlier", "later"):
        database.script(_sql("static", side))
    database.script(_sql("units"))
    for side in ("earlier", "later"):
        database.script(_sql("things", side))
    database.script(_sql("causes"), {"as_of": before.as_of})


def split_by_cause(database: Database, percent: float, questions: Iterable[str]) -> list[Split]:
    """Every headline by cause, once `find_causes` has filled the database. `percent`: the share of paths that `attained` asks for."""
    stored, earlier = (database.rows(_sql("counts", side)) for side in ("stored", "earlier"))
    return split_all(headlines(percent, questions), stored, earlier, database.rows(_sql("changes")))


def _sql(name: str, side: str | None = None) -> str:
    text = (files("scoring") / "progress" / f"{name}.sql").read_text(encoding="utf-8")
    return text.replace("{side}", side) if side else text
