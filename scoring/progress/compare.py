"""Compare two snapshots: a cause for every unit that differs, and every headline split by cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files

from inventory.store import Database, Lake, Snapshot, StoreError
from scoring.packs import limit
from scoring.progress.headlines import Split, headlines, split_all
from scoring.progress.judgements import judgements


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
        find_causes(database, before)
        thresholds = now.details.get("thresholds") or {}
        questions = [row["id"] for row in database.rows("SELECT question_id AS id FROM later.question ORDER BY 1")]
        splits = split_by_cause(database, float(limit(thresholds, "attained_percent")), questions)
        yield Comparison(database=database, before=before, now=now, same_rules=three.same_rules, unsplit=three.unsplit, splits=splits)


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
