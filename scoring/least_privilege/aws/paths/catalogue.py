"""The escalation paths, read from paths.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One path; paths.toml says what the words mean."""

    id: str
    name: str
    takes: str
    """own, role, user, group, workload"""
    steps: Mapping[str, str]
    """Action as AWS writes it -> what it must be allowed on. In order."""
    trusts: Sequence[str] = ()
    workload: str | None = None
    gains: str | None = None
    needs: str | None = None
    by: str | None = None
    open: str | None = None

    @property
    def mask(self) -> int:
        """Its actions, as bits."""
        mask = 0
        for action in self.steps:
            mask |= bit(action)
        return mask


@lru_cache(maxsize=1)
def paths() -> tuple[Path, ...]:
    """Every path, in the file's order."""
    text = (files("scoring.least_privilege.aws.paths") / "paths.toml").read_text(encoding="utf-8")
    return tuple(Path(**raw) for raw in tomllib.loads(text)["path"])


BEYOND = (
    "iam:SetDefaultPolicyVersion",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
)
"""Actions that the verdict on a policy set takes to be open to administration and that no path speaks of: who holds one, and whose
privilege is unknown, may come to more by a way that is not looked at here."""


@lru_cache(maxsize=1)
def _positions() -> Mapping[str, int]:
    named = dict.fromkeys(action.lower() for path in paths() for action in path.steps)
    return {action: position for position, action in enumerate([*named, *(a.lower() for a in BEYOND if a.lower() not in named)])}


def bit(action: str) -> int:
    """The bit of an action that a path names."""
    return 1 << _positions()[action.lower()]


def actions() -> Sequence[str]:
    """Every action with a bit, in lower case, by bit."""
    return list(_positions())


@lru_cache(maxsize=1)
def beyond() -> int:
    """The bits of BEYOND."""
    mask = 0
    for action in BEYOND:
        mask |= bit(action)
    return mask
