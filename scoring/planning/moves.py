"""The moves: what people can do, one `.sql` file each in scoring/moves. The file name is the id.

TOML front matter in `--` lines, then two parts. `-- candidates`: one SELECT over the judged tables, a row per subject with its reason, its
guards and whether it is ready (no guard says to wait). `-- amendment`: statements that change the rows as they were read (`seen`) for the
chosen `$subjects`, as if people had done it; `was` holds what the judgement said before. A move that `settles` has no amendment: it makes
something known, and nobody can say beforehand what.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from inventory.database import Database
from scoring.catalogue import moment, parameters_of, split

FIELDS = ("title", "subject", "effort", "effort_reason", "providers", "asks", "rollback")
PART = re.compile(r"^-- (candidates|amendment)\n", re.MULTILINE)


class MoveError(Exception):
    """A move is not there or its file is malformed; the message says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked case: what is there, who is a candidate, and where subjects stand before and after."""

    why: str
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    candidates: Mapping[str, bool]
    """Subject id -> ready."""
    before: Mapping[str, Sequence[int]]
    """Subject id -> stage interval; empty: not placed."""
    after: Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Something people can do to a subject."""

    move_id: str
    title: str
    subject: str
    """credential, identity, trust, resource, account or repository."""
    addresses: tuple[int, int] | None
    """From which stage to which it can lift a path, at best; None: it lifts none (it takes away risk, or makes something known)."""
    effort: int
    """A small number: 1 is an hour with one person, 8 a project. Adjust it in the file, or per run."""
    effort_reason: str
    providers: tuple[str, ...]
    """Where the engine shows an effect."""
    asks: str
    """What people are to do."""
    rollback: str
    settles: bool
    """It changes only what is known."""
    candidates: str
    amendment: str
    examples: tuple[Example, ...]

    def lifts_to(self, stage: int) -> bool:
        """Whether it can lift a path from below a stage to it, or close it."""
        return self.addresses is not None and self.addresses[0] < stage <= self.addresses[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A subject that a move can be done to."""

    move: Move
    subject_kind: str
    subject_id: str
    reason: str
    guards: tuple[str, ...]
    """What to settle or agree on first."""
    ready: bool
    """No guard says to wait. The planner takes no other."""
    evidence: tuple[str, ...]


@cache
def moves() -> Mapping[str, Move]:
    """Every move by its id, in the order of the ids."""
    folder = files("scoring") / "moves"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {name.removesuffix(".sql"): _parsed(name, (folder / name).read_text(encoding="utf-8")) for name in names}


def move(move_id: str) -> Move:
    """A move by its id. Raises MoveError."""
    if move_id not in moves():
        raise MoveError(f"{move_id!r} is no move; choose from {', '.join(moves())}")
    return moves()[move_id]


def candidates(database: Database, of: Move, *, as_of: datetime, thresholds: Mapping[str, int | float]) -> list[Candidate]:
    """Every subject that a move can be done to, by id. Reads the judged tables of `main` alone."""
    values: dict[str, Any] = {**thresholds, "as_of": as_of}
    named = {name: values[name] for name in parameters_of(of.candidates)}
    found = database.rows(f"SELECT * FROM ({of.candidates}) AS found ORDER BY subject_kind, subject_id", named)
    return [
        Candidate(
            move=of,
            subject_kind=row["subject_kind"],
            subject_id=row["subject_id"],
            reason=row["reason"],
            guards=tuple(row["guards"]),
            ready=bool(row["ready"]),
            evidence=tuple(row["evidence"]),
        )
        for row in _once(found)
    ]


def _once(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a subject: two paths of one credential are one thing to do, ready only if both are."""
    merged: dict[str, dict[str, Any]] = {}
    for row in found:
        first = merged.setdefault(row["subject_id"], row)
        first["ready"] = first["ready"] and row["ready"]
        first["guards"] = list(dict.fromkeys([*first["guards"], *row["guards"]]))
    return list(merged.values())


def _parsed(file: str, text: str) -> Move:
    header, *parts = PART.split(text)
    try:
        raw = tomllib.loads(split(header)[0])
        if missing := [name for name in FIELDS if name not in raw]:
            raise ValueError(f"the front matter lacks {missing[0]}")
        bodies = dict(zip(parts[::2], parts[1::2], strict=True))
        settles = bool(raw.get("settles", False))
        if "candidates" not in bodies or settles == ("amendment" in bodies):
            raise ValueError("write `-- candidates` and, unless it settles, `-- amendment`")
    except ValueError as error:
        raise MoveError(f"scoring/moves/{file}: {error}") from error
    return Move(
        move_id=file.removesuffix(".sql"),
        providers=tuple(raw["providers"]),
        settles=settles,
        addresses=(raw["addresses"][0], raw["addresses"][1]) if "addresses" in raw else None,
        candidates=bodies["candidates"].strip(),
        amendment=bodies.get("amendment", "").strip(),
        examples=tuple(_example(entry) for entry in raw.get("example", [])),
        **{name: raw[name] for name in FIELDS if name != "providers"},
    )


def _example(raw: Mapping[str, Any]) -> Example:
    rows = {table: tuple({name: moment(value) for name, value in row.items()} for row in members) for table, members in raw["rows"].items()}
    return Example(
        why=raw["why"], rows=rows, candidates=raw["candidates"], before=raw.get("before", {}), after=raw.get("after", {})
    )  # fmt: skip
