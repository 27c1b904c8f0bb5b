"""The three judgements of a comparison in one database: `stored` (the earlier one as it was published), `earlier` (the same evidence by
the rules of the later one) and `later`. Nothing is compared here, and nothing is written to the lake.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from scoring.again import judged_again
from scoring.catalogue import load
from scoring.packs import Pack
from scoring.rules import load_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgements:
    """A database with the schemas `stored`, `earlier` and `later`."""

    database: Database
    before: Snapshot
    now: Snapshot
    earlier: Snapshot | None
    """What `earlier` was published as; None: it was judged again for this."""
    same_rules: bool
    """Both were judged alike: `earlier` is `stored`."""
    unsplit: str | None
    """Why the earlier evidence could not be judged by today's rules; then `earlier` is `later`, and all of the difference is of the rules."""


@contextmanager
def judgements(lake: Lake, before: Snapshot, now: Snapshot) -> Iterator[Judgements]:
    """Open the three. Judges the earlier evidence again only where the rules differ and nobody rescored it before."""
    like = before if before.judged_by == now.judged_by else lake.twin(before, now)
    if like is not None:
        with Database.empty() as database:
            yield _attached(lake, database, before, now, like, unsplit=None)
        return
    reason = _cannot(before, now)
    if reason is None:
        pack = Pack(name=now.pack, title=now.pack, thresholds=now.details["thresholds"])
        try:
            again = judged_again(lake, before, pack=pack, checks=load().checks)
            database = again.__enter__()
        except StoreError as error:
            reason = str(error)
        else:
            try:
                database.execute("CREATE SCHEMA earlier")
                for table in database.tables():
                    database.execute(f"CREATE VIEW earlier.{table} AS SELECT * FROM main.{table}")
                yield _attached(lake, database, before, now, None, unsplit=None)
            finally:
                again.__exit__(None, None, None)
            return
    with Database.empty() as database:
        yield _attached(lake, database, before, now, now, unsplit=reason)


def _cannot(before: Snapshot, now: Snapshot) -> str | None:
    """Why the earlier evidence cannot be judged as the later was; None when it can."""
    if not before.seen_files:
        return f"{before.snapshot_id} keeps no rows as they were read; assess its evidence again"
    installed = load_rules().version
    if now.rules_version != installed:
        return f"{now.snapshot_id} was judged by rules {now.rules_version}, installed are {installed}; `nhi rescore` judges both again"
    if not now.details.get("thresholds"):
        return f"{now.snapshot_id} does not say by which thresholds it was judged; `nhi rescore` judges both again"
    return None


def _attached(
    lake: Lake, database: Database, before: Snapshot, now: Snapshot, earlier: Snapshot | None, *, unsplit: str | None
) -> Judgements:
    lake.attach(database, before, "stored")
    lake.attach(database, now, "later")
    if earlier is not None:
        lake.attach(database, earlier, "earlier")
    return Judgements(
        database=database, before=before, now=now, earlier=earlier, same_rules=before.judged_by == now.judged_by, unsplit=unsplit
    )
