"""Judges stored evidence again: under today's rules, under another pack, or with something changed in it.

A snapshot keeps its rows as they were read, so the whole judgement runs anew, not a formula beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from scoring.catalogue import Check
from scoring.judge import judge_seen, place_seen
from scoring.packs import Pack

Amendment = Callable[[Database], None]
"""Changes rows of `seen` before they are judged."""


@contextmanager
def judged_again(
    lake: Lake, snapshot: Snapshot, *, pack: Pack, checks: Iterable[Check] | None, amend: Amendment | None = None
) -> Iterator[Database]:
    """A database with the evidence of a snapshot, judged as of its date by the rules of today. Raises StoreError.

    `amend` changes the evidence first: what would be, if. Without checks (None), only placements are judged, in a third of the time.
    Nothing is written to the lake.
    """
    with Database.empty() as database:
        lake.load_seen(snapshot, database)
        if amend is not None:
            amend(database)
        if checks is None:
            place_seen(database, as_of=snapshot.as_of, pack=pack)
        else:
            judge_seen(database, as_of=snapshot.as_of, pack=pack, checks=checks)
        yield database
