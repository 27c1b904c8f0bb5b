"""The log of decisions: one SQLite file in the workspace, append-only, every entry with who and when.

What was recorded stays: a change is a new entry, a withdrawal too. The database itself refuses to change or delete one. A decision is on disk
when `record` returns.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from inventory.database import StoreError
from inventory.decision_file import DecisionError, Entry, body_of, decision_of
from inventory.decisions import Decision, Decisions, Kind, Recorded

FILE = "decisions.sqlite"

SCHEMA = """
CREATE TABLE IF NOT EXISTS decision (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL,
    id        TEXT NOT NULL,
    at        TEXT NOT NULL,
    who       TEXT NOT NULL CHECK (trim(who) <> ''),
    withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
    body      TEXT NOT NULL CHECK (json_valid(body))
) STRICT;
CREATE TRIGGER IF NOT EXISTS decision_stays BEFORE UPDATE ON decision BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;
CREATE TRIGGER IF NOT EXISTS decision_is_kept BEFORE DELETE ON decision BEGIN SELECT raise(ABORT, 'decisions are append-only'); END;
"""

APPEND = "INSERT INTO decision (kind, id, at, who, withdrawn, body) VALUES (:kind, :id, :at, :who, :withdrawn, :body)"

WAIT_SECONDS = 10
"""How long a writer waits for another one."""


class DecisionLog:
    """Decisions of one workspace. Raises StoreError when the file cannot be used."""

    def __init__(self, workspace: Path) -> None:
        self.path = workspace / FILE

    def entries(self) -> list[Recorded]:
        """The whole log, oldest first; empty where nothing was decided yet."""
        if not self.path.exists():
            return []
        with self._open() as connection:
            rows = connection.execute("SELECT seq, kind, id, at, who, withdrawn, body FROM decision ORDER BY seq").fetchall()
        return [self._recorded(*row) for row in rows]

    def standing(self) -> Decisions:
        """What holds now."""
        return Decisions.standing(self.entries())

    def record(self, decision: Decision, *, who: str, at: datetime) -> None:
        """Append a decision; the last one of a kind and id stands. `at` is UTC. Raises DecisionError without a name."""
        self._append([(decision, who, at, False)])

    def withdraw(self, decision: Decision, *, who: str, at: datetime) -> None:
        """Append that a decision no longer holds."""
        self._append([(decision, who, at, True)])

    def take(self, entries: Iterable[Entry], *, who: str | None, at: datetime) -> tuple[list[Decision], list[Decision]]:
        """Record those of a file that say something new, all or none. Returns what was recorded, and what was not since the log is newer.

        `who` and `at` stand in where the file does not say. Raises DecisionError when nobody says who decided.
        """
        last = {(entry.decision.kind, entry.decision.id): entry for entry in self.entries()}
        fresh, older = [], []
        for entry in entries:
            known = last.get((entry.decision.kind, entry.decision.id))
            if known is not None and not known.withdrawn and known.decision == entry.decision and entry.who in (None, known.who):
                continue
            if known is not None and entry.at is not None and _utc(entry.at) <= known.at:
                older.append(entry.decision)
                continue
            author = entry.who or who
            if not author:
                raise DecisionError(f"{entry.decision.kind} {entry.decision.id}: who decided it? Write `who:` into the file, or give --who")
            fresh.append((entry.decision, author, entry.at or at, False))
        self._append(fresh)
        return [row[0] for row in fresh], older

    def _append(self, rows: list[tuple[Decision, str, datetime, bool]]) -> None:
        for decision, who, _, _ in rows:
            if not who.strip():
                raise DecisionError(f"{decision.kind} {decision.id}: say who decides")
        if not rows:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection, connection:
            connection.executemany(
                APPEND,
                [
                    {
                        "kind": str(decision.kind),
                        "id": decision.id,
                        "at": _utc(at).isoformat(timespec="seconds"),
                        "who": who.strip(),
                        "withdrawn": int(withdrawn),
                        "body": json.dumps(body_of(decision), ensure_ascii=False),
                    }
                    for decision, who, at, withdrawn in rows
                ],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose commits are on disk. Raises StoreError."""
        try:
            with closing(sqlite3.connect(self.path, timeout=WAIT_SECONDS)) as connection:
                connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {SCHEMA}")
                yield connection
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: decisions cannot be read or written ({error}); restore the file, or move it away") from error

    def _recorded(self, seq: int, kind: str, identity: str, at: str, who: str, withdrawn: int, body: str) -> Recorded:
        try:
            decision = decision_of(Kind(kind), json.loads(body))
        except (DecisionError, ValueError) as error:
            raise StoreError(f"{self.path}: entry {seq} ({kind} {identity}): {error}") from error
        return Recorded(seq=seq, decision=decision, who=who, at=datetime.fromisoformat(at), withdrawn=bool(withdrawn))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
