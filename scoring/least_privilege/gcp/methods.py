"""The catalogue of ways to more privilege (paths.toml), read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from scoring.least_privilege.grants import Reach


class Kind(StrEnum):
    """What a method gets hold of; paths.toml says each in a sentence."""

    OWN = "own"
    ACCOUNT = "account"
    DELEGATE = "delegate"
    ATTACH = "attach"
    AGENT = "agent"
    BUILD = "build"
    STORAGE = "storage"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One method."""

    path_id: str
    kind: Kind
    needs: tuple[str, ...]
    one_of: tuple[str, ...]
    """And any one of these."""
    reach: frozenset[Reach]
    does: str
    """A verb that the account's name ends: `makes a key of`."""
    source: str
    examples: Sequence[Mapping[str, Any]]


@lru_cache(maxsize=1)
def paths() -> tuple[Path, ...]:
    """All methods, in the order of the file."""
    raw = tomllib.loads((files("scoring.least_privilege.gcp") / "paths.toml").read_text(encoding="utf-8"))
    return tuple(
        Path(
            path_id=one["id"],
            kind=Kind(one["kind"]),
            needs=tuple(one["needs"]),
            one_of=tuple(one.get("one_of", ())),
            reach=frozenset(Reach(name) for name in one["reach"]),
            does=one["does"],
            source=one["source"],
            examples=one["example"],
        )
        for one in raw["method"]
    )


@lru_cache(maxsize=1)
def steps_permissions() -> frozenset[str]:
    """Every permission that a method needs."""
    return frozenset(name for path in paths() for name in (*path.needs, *path.one_of))
