"""Who comes to administration, over how many others, and each principal's ways.

Set algebra in rounds: those who can take over a member of the last round are the next one. A principal enters once, at its shortest
distance, so cycles end by themselves. Three searches follow each other: by what is certain; by what is possible, to those found certain;
and to those of whom it is not known what they may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scoring.least_privilege.aws.paths.arns import Bounds, members
from scoring.least_privilege.aws.paths.estate import Estate, Principal
from scoring.least_privilege.aws.paths.openings import Opening, Openings
from scoring.least_privilege.verdict import RANK, Privilege

FURTHEST = 6
"""Identities that a chain goes through at most."""
TRIED = 50
"""Targets of one distance that are tried for a chain that does not lead back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A principal uses an opening, and becomes its target."""

    principal: Principal
    opening: Opening
    target: Principal | None
    """None: its own permissions grow; or nobody listed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One path of one principal to its best target, and from there on."""

    hops: tuple[Hop, ...]
    gains: Privilege
    certain: bool
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class _Round:
    """One search: its distances, and how each principal that it found goes on."""

    certain: bool
    gains: Privilege
    distances: list[int]
    steps: dict[int, tuple[Opening, int | None]]

    @property
    def everyone(self) -> int:
        mask = 0
        for distance in self.distances:
            mask |= distance
        return mask


class Search:
    """The ways of an estate's principals."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.openings = Openings(estate)
        self.open: dict[int, list[Opening]] = {}
        unsettled = 0
        for principal in estate.principals:
            if principal.privilege != Privilege.ADMIN:
                self._open(principal)
                unsettled |= bool(self.openings.unsettled(principal)) << principal.number
        self._found: dict[int, _Round] = {}
        admins = estate.privileges.get("admin", 0)
        first = self._search(_Round(True, Privilege.ADMIN, [admins], {}), beyond=0, settled=admins)
        settled = first.everyone
        second = self._search(_Round(False, Privilege.ADMIN, [0], {}), beyond=settled, settled=settled)
        settled |= second.everyone
        third = self._search(_Round(False, Privilege.UNKNOWN, [unsettled & ~settled], {}), beyond=0, settled=settled | unsettled)
        self.rounds = (first, second, third)

    def _open(self, principal: Principal) -> None:
        doubtful = self.openings.doubt(principal) is not None
        found = [_without_certainty(opening) if doubtful else opening for opening in self.openings.of(principal)]
        if found:
            self.open[principal.number] = found

    def _search(self, found: _Round, *, beyond: int, settled: int) -> _Round:
        """Fill a round. `beyond`: who else is reached besides its start; `settled`: who is not asked any more."""
        last = found.distances[0] | beyond
        for distance in range(1, FURTHEST + 1):
            fresh = 0
            for number, openings in self.open.items():
                if not settled >> number & 1:
                    step = next((step for opening in openings if (step := self._step(opening, last, found, first=distance == 1))), None)
                    if step:
                        found.steps[number] = step
                        self._found[number] = found
                        fresh |= 1 << number
            if not fresh:
                break
            found.distances.append(fresh)
            last, settled = fresh, settled | fresh
        return found

    @staticmethod
    def _step(opening: Opening, last: int, found: _Round, *, first: bool) -> tuple[Opening, int | None] | None:
        if opening.grows is not None:
            enough = opening.grows is found.gains and (opening.certain or not found.certain)
            return (opening, None) if first and enough else None
        over = opening.over.certain if found.certain else opening.over.possible
        if opening.path.gains == "admin":
            return (opening, _lowest(over)) if first and found.gains is Privilege.ADMIN and over else None
        return (opening, _lowest(over & last)) if over & last else None

    def ways(self, principal: Principal) -> Iterator[Way]:
        """Its ways to more than it has, one a path."""
        rank = RANK.get(Privilege(principal.privilege), RANK[Privilege.WRITE])
        for opening in self.open.get(principal.number, ()):
            way = self._grown(principal, opening, rank) if opening.grows is not None else self._taken(principal, opening, rank)
            if way:
                yield way

    @staticmethod
    def _grown(principal: Principal, opening: Opening, rank: int) -> Way | None:
        gains = opening.grows or Privilege.NONE
        if gains is not Privilege.UNKNOWN and RANK[gains] <= rank:
            return None
        certain = opening.certain and gains is not Privilege.UNKNOWN
        return Way(hops=(Hop(principal=principal, opening=opening, target=None),), gains=gains, certain=certain)

    def _taken(self, principal: Principal, opening: Opening, rank: int) -> Way | None:
        over = opening.over
        if opening.path.gains == "admin":
            return self._to(principal, opening, over, Privilege.ADMIN) or self._to_unlisted(principal, opening)
        for found in self.rounds:
            for mask in dict.fromkeys((over.certain, over.possible)):
                for distance in found.distances:
                    way = self._through(principal, opening, mask & distance, mask == over.certain and found.certain, found.gains)
                    if way:
                        return way
        for level in (Privilege.WRITE, Privilege.READ):
            holders = self.estate.privileges.get(level, 0)
            way = self._to(principal, opening, over & (holders, holders), level) if RANK[level] > rank else None
            if way:
                return way
        return self._to_unlisted(principal, opening)

    def _to(self, principal: Principal, opening: Opening, over: Bounds, gains: Privilege) -> Way | None:
        target = _lowest(over.certain or over.possible)
        if target is None:
            return None
        hop = Hop(principal=principal, opening=opening, target=self.estate.principals[target])
        return Way(hops=(hop,), gains=gains, certain=bool(over.certain))

    @staticmethod
    def _to_unlisted(principal: Principal, opening: Opening) -> Way | None:
        hop = Hop(principal=principal, opening=opening, target=None)
        return Way(hops=(hop,), gains=Privilege.UNKNOWN, certain=False, unlisted=True) if opening.unlisted else None

    def _through(self, principal: Principal, opening: Opening, mask: int, certain: bool, gains: Privilege) -> Way | None:
        """By the first of the targets that does not lead back to the principal itself."""
        for tried, number in enumerate(members(mask)):
            if tried == TRIED:
                break
            rest = self._onwards(number)
            if all(hop.principal.number != principal.number for hop in rest):
                hop = Hop(principal=principal, opening=opening, target=self.estate.principals[number])
                return Way(hops=(hop, *rest), gains=gains, certain=certain)
        return None

    def _onwards(self, number: int) -> tuple[Hop, ...]:
        """How a principal that comes to administration goes on."""
        hops: list[Hop] = []
        people = self.estate.principals
        at: int | None = number
        while at is not None and at in self._found:
            opening, target = self._found[at].steps[at]
            hops.append(Hop(principal=people[at], opening=opening, target=None if target is None else people[target]))
            at = None if opening.path.gains == "admin" else target
        return tuple(hops)


def _lowest(mask: int) -> int | None:
    return (mask & -mask).bit_length() - 1 if mask else None


def _without_certainty(opening: Opening) -> Opening:
    return replace(opening, shared=Bounds(0, opening.shared.possible), certain=False)
