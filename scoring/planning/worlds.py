"""The world as the evidence tells it, and worlds in which moves were made: all judged by the one engine.

A path is told by where it stands; a world without a path that another has is one in which it was closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from scoring.again import judged_again
from scoring.catalogue import Check
from scoring.packs import Pack
from scoring.planning.amend import amendment
from scoring.planning.moves import Candidate, candidates, moves


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One access path of a world."""

    path_id: str
    subject_kind: str
    subject_id: str
    name: str
    credential_id: str | None
    trust_id: str | None
    mechanism: str
    lo: int
    hi: int
    critical: bool
    lo_reason: str
    to_settle: str | None
    tags: Mapping[str, str | None]
    """team, environment, provider, account and kind of its subject."""


class Paths(dict[str, Path]):
    """Every access path of a world, by path_id."""

    @cached_property
    def touching(self) -> Mapping[tuple[str, str], list[Path]]:
        """Paths by the kind and id of each thing that something can be done to."""
        found: dict[tuple[str, str], list[Path]] = {}
        for path in self.values():
            things = (
                ("credential", path.credential_id),
                ("trust", path.trust_id),
                ("account", path.tags["account"]),
                (path.subject_kind, path.subject_id if path.subject_kind in ("identity", "resource") else None),
            )
            for kind, thing in things:
                if thing:
                    found.setdefault((kind, thing), []).append(path)
        return found

    def touched(self, candidate: Candidate) -> list[Path]:
        """Paths of the candidate's subject itself."""
        return self.touching.get((candidate.subject_kind, candidate.subject_id), [])


@dataclass(slots=True, kw_only=True)
class Worlds:
    """One snapshot's evidence, judged as it is, and able to be judged again with moves made. Writes nothing."""

    lake: Lake
    snapshot: Snapshot
    pack: Pack
    checks: tuple[Check, ...]
    base: Database = field(init=False)
    """Judged in full, as it is."""
    candidates: tuple[Candidate, ...] = field(init=False)
    """Everything that any move can be done to."""
    runs: int = 0
    """How often the engine ran."""
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        self.base = self._stack.enter_context(judged_again(self.lake, self.snapshot, pack=self.pack, checks=self.checks))
        self.runs = 1
        self.candidates = tuple(
            one
            for move in moves().values()
            for one in candidates(self.base, move, as_of=self.snapshot.as_of, thresholds=self.pack.thresholds)
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def judged(self, chosen: Iterable[Candidate]) -> Iterator[Database]:
        """The world in which these moves were made, judged in full."""
        with self._again(chosen, self.checks) as database:
            yield database

    def placed(self, chosen: Iterable[Candidate]) -> Paths:
        """Only where paths stand in the world in which these moves were made: a third of the time."""
        with self._again(chosen, None) as database:
            return paths(database)

    @contextmanager
    def _again(self, chosen: Iterable[Candidate], checks: Iterable[Check] | None) -> Iterator[Database]:
        self.runs += 1
        amend = amendment(self.base, chosen, as_of=self.snapshot.as_of, pack=self.pack)
        with judged_again(self.lake, self.snapshot, pack=self.pack, checks=checks, amend=amend) as database:
            yield database


def paths(database: Database) -> Paths:
    """Every access path of a judged database."""
    return Paths({row["path_id"]: _path(row) for row in database.rows(PATHS)})


def _path(row: dict[str, Any]) -> Path:
    tags = {name: row.pop(name) for name in ("team", "environment", "provider", "account", "kind")}
    return Path(tags=tags, **row)


PATHS = """
    SELECT
        a.path_id, a.subject_kind, a.subject_id, coalesce(p.name, a.subject_id) AS name, a.credential_id, a.trust_id, a.mechanism,
        a.stage_lo AS lo, a.stage_hi AS hi, a.critical, a.lo_reason, a.to_settle, p.team, p.environment, p.provider, p.scope AS account, p.kind
    FROM main.access_path AS a
    LEFT JOIN main.placement AS p ON p.subject_kind = a.subject_kind AND p.subject_id = a.subject_id
    ORDER BY a.path_id
"""
