"""Which rights of an Azure identity are used, as sets.

The Activity Log of a subscription records what is written, deleted and done there, no reads and nothing of the data plane
(https://learn.microsoft.com/azure/azure-monitor/platform/activity-log): only the former can be found unused, and only where the log was
collected whole and looks back long enough. No source tells which Graph permissions are used. An application that has not signed in for so
long uses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from scoring.least_privilege.azure.effective import Effective, Held, Judge, of_directory, sum_of
from scoring.least_privilege.use import Use


class Verdicts(NamedTuple):
    """Disjoint sets of rights that make up all that is held."""

    held: Effective
    used: int
    unused: int
    likely: int
    unknown: int

    def use(self, bit: int) -> Use:
        """The verdict on one right."""
        if bit & self.used:
            return Use.USED
        if bit & self.unused:
            return Use.UNUSED
        return Use.LIKELY_UNUSED if bit & self.likely else Use.UNKNOWN


def verdicts(judge: Judge, held: Sequence[Held], used: Iterable[str], *, idle: bool = False, absent: bool = False) -> Verdicts:
    """`used`: control actions seen lately. `idle`: the identity has not signed in for as long as the policy asks.
    `absent`: a whole report of sign-ins does not name it."""
    found = judge.effective(held)
    if idle:
        return Verdicts(found, 0, found.all, 0, 0)
    seen = judge.rights.names(used) & found.all
    logged = judge.rights.logged & ~seen
    if seen & judge.rights.logged:
        logged &= ~judge.rights.linked
    roles = [one for one in held if one.via == "role" and not of_directory(one)]
    full = _given(judge, held, (one for one in roles if one.covered))
    some = _given(judge, held, (one for one in roles if not one.covered and one.window_days is not None))
    unseen = _given(judge, held, (one for one in roles if one.window_days is None))
    unused = logged & full & ~some & ~unseen
    likely = found.all & ~(seen | unused) if absent else logged & some & ~unseen & found.all
    return Verdicts(found, seen, unused & found.all, likely, found.all & ~(seen | unused | likely))


def _given(judge: Judge, held: Sequence[Held], some: Iterable[Held]) -> int:
    return sum_of(judge.given(one, held) for one in some)
