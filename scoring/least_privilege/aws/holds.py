"""Three-valued logic: whether something holds of a request, or that this is not decided."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Holds(Enum):
    """Whether a statement applies when its action and resource match."""

    ALWAYS = "always"
    MAYBE = "maybe"
    NEVER = "never"


def any_of(found: Iterable[Holds]) -> Holds:
    """Or. NEVER of nothing."""
    best = Holds.NEVER
    for one in found:
        if one is Holds.ALWAYS:
            return one
        if one is Holds.MAYBE:
            best = one
    return best


def all_of(found: Iterable[Holds]) -> Holds:
    """And. ALWAYS of nothing."""
    worst = Holds.ALWAYS
    for one in found:
        if one is Holds.NEVER:
            return one
        if one is Holds.MAYBE:
            worst = one
    return worst


def opposite(one: Holds) -> Holds:
    """Not."""
    return {Holds.ALWAYS: Holds.NEVER, Holds.NEVER: Holds.ALWAYS}.get(one, one)


def sure(true: bool) -> Holds:
    """A plain truth."""
    return Holds.ALWAYS if true else Holds.NEVER
