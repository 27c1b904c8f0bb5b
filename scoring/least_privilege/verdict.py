"""How much a set of policies or grants allows: the verdict, the same for every provider."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Privilege(StrEnum):
    ADMIN = "admin"
    WRITE = "write"
    READ = "read"
    NONE = "none"
    UNKNOWN = "unknown"


RANK = {Privilege.NONE: 0, Privilege.READ: 1, Privilege.WRITE: 2, Privilege.ADMIN: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How much a policy set allows."""

    privilege: Privilege
    at_most: Privilege
    """Never unknown: the same as `privilege`, or the most that is left open."""
    reason: str
    """One clause that begins with the statement or gap concerned."""
    documents: tuple[str, ...] = ()
    """Documents that decide it, the one that the reason speaks of first."""
    only_assumes: bool = False
    """All that it allows is assuming roles and asking who one is; nothing about it is open."""
