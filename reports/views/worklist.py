"""The worklist: who has what to do, in tables that are ranked first and told a piece at a time, however many rows they have.

No judgement is made here: stages, findings, proposals and candidates of moves are those of the snapshot. Records are told as `file # record`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.evidence import Rows
from reports.views.filters import owners
from reports.views.permissions import judged_by
from scoring.catalogue import parameters_of
from scoring.planning.moves import moves

CANDIDATES = "work.candidate"
"""Table of whom each move can be done to. A database that holds a part of an estate has it from the start: a part cannot tell."""

PIECE = 150_000
"""Rows that are told at a time: what is ranked is narrow, what is told is wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table of the worklist. Rank it, then take its rows; one sheet at a time, after `prepare`."""

    title: str
    about: str
    """What its rows are, and in which order."""
    columns: Mapping[str, str]
    """Column of the rows -> its header."""
    keys: str
    """Columns by which `told` finds a row again."""
    rows: str
    """SQL behind FROM: where the keys come from."""
    order: str
    """SQL: what stands first. Tells any two rows apart."""
    unknown: str
    """SQL condition of rows that the evidence leaves open."""
    told: str
    """SELECT of the columns for the rows of `work.picked` (their keys, and `n`, their rank)."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """Of `told`."""

    def rank(self, database: Database, most: int | None = None) -> dict[str, int]:
        """Put the rows in order: all of them, or the first `most`. How many there are (`n`), and how many of them the evidence leaves open
        (`unknown`)."""
        first = "" if most is None else f"LIMIT {most}"
        database.execute(
            f"""
            CREATE OR REPLACE TABLE work.ranked AS
            SELECT row_number() OVER () AS n, * FROM (SELECT {self.keys} FROM {self.rows} ORDER BY {self.order} {first}) AS ranked
            """
        )
        counted = database.rows(f"SELECT count(*) AS n, count(*) FILTER (WHERE coalesce({self.unknown}, true)) AS unknown FROM {self.rows}")
        return {name: int(value) for name, value in counted[0].items()}

    def pieces(self, database: Database, last: int) -> Iterator[str]:
        """SQL of the ranked rows up to the rank `last`, some at a time: run each before the next is taken."""
        for first in range(0, last, PIECE):
            bounds = f"n > {first} AND n <= {min(first + PIECE, last)}"
            database.execute(f"CREATE OR REPLACE TABLE work.picked AS SELECT * FROM work.ranked WHERE {bounds}")
            yield f"SELECT * EXCLUDE (n) FROM ({self.told}) AS told ORDER BY n"

    def batches(self, database: Database, last: int) -> Iterator[Rows]:
        """The ranked rows up to the rank `last`, in batches."""
        for sql in self.pieces(database, last):
            yield from database.batches(sql, self.params)


def prepare(database: Database, snapshot: Snapshot) -> None:
    """Make what the sheets share in the schema `work`: owners by identity, gaps by account, candidates of every move."""
    database.execute("CREATE SCHEMA IF NOT EXISTS work")
    database.script(SHARED)
    database.execute(f"CREATE OR REPLACE TABLE work.owned AS SELECT DISTINCT identity_id, owner FROM {owners(database)}")
    if "candidate" not in database.tables("work"):
        candidates(database, snapshot)


SHARED = """
CREATE OR REPLACE TABLE work.gap AS
SELECT scope, string_agg(DISTINCT fact || ' ' || status, '; ' ORDER BY fact || ' ' || status) AS missing
FROM coverage WHERE status <> 'collected' GROUP BY scope
"""


def candidates(database: Database, snapshot: Snapshot) -> None:
    """Fill `work.candidate`: whom each move can be done to. Two paths of one subject are one thing to do, ready only if both are."""
    database.execute("CREATE SCHEMA IF NOT EXISTS work")
    database.execute(
        f"CREATE OR REPLACE TABLE {CANDIDATES}"
        " (move_id VARCHAR, subject_kind VARCHAR, subject_id VARCHAR, reason VARCHAR, guards VARCHAR[], ready BOOLEAN, evidence VARCHAR[])"
    )
    values: dict[str, Any] = {**judged_by(snapshot).thresholds, "as_of": snapshot.as_of}
    for one in moves().values():
        sql = f"""
            INSERT INTO {CANDIDATES}
            SELECT '{one.move_id}', subject_kind, subject_id, min(reason), list_sort(list_distinct(flatten(list(DISTINCT guards)))), bool_and(ready),
                   min(evidence)
            FROM ({one.candidates}) AS found GROUP BY subject_kind, subject_id
        """
        database.execute(sql, {name: values[name] for name in parameters_of(one.candidates)})
