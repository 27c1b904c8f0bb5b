"""Many ARNs as a bit set, and which of them a statement's resources are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from scoring.least_privilege.aws.catalogue import glob_regex
from scoring.least_privilege.aws.resources import Resources

VARIABLE = re.compile(r"\$\{[^}]*\}")


class Bounds(NamedTuple):
    """Members of a set: those that certainly belong, and those that may (the certain ones with them)."""

    certain: int
    possible: int

    def __or__(self, other: tuple[int, ...]) -> Bounds:
        return Bounds(self.certain | other[0], self.possible | other[1])

    def __and__(self, other: tuple[int, ...]) -> Bounds:
        return Bounds(self.certain & other[0], self.possible & other[1])


NOBODY = Bounds(0, 0)


def members(mask: int) -> Iterator[int]:
    """The numbers of a set's bits, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class Arns:
    """ARNs in their order, one bit each."""

    def __init__(self, arns: Iterable[str]) -> None:
        self.names = sorted(set(arns))
        self.position = {arn: number for number, arn in enumerate(self.names)}
        self.everything = (1 << len(self.names)) - 1
        self._found: dict[Resources, Bounds] = {}
        self._globs: dict[str, int] = {}
        self._kept: dict[int, int] = {}

    def kept(self, found: Bounds) -> Bounds:
        """The same, from one copy of each mask: as long as the estate is wide, and the same for most who share a way of granting."""
        return Bounds(*(self._kept.setdefault(mask, mask) for mask in found))

    def bit(self, arn: str) -> int:
        """Its bit; 0 for one that is not here."""
        position = self.position.get(arn)
        return 0 if position is None else 1 << position

    def matching(self, resources: Resources) -> Bounds:
        """The ARNs that resources stand for, the asking user's own left aside. A policy variable may stand for anything."""
        found = self._found.get(resources)
        if found is None:
            found = NOBODY
            for pattern in resources.patterns:
                found |= self._pattern(pattern)
            if resources.negated:
                found = Bounds(self.everything & ~found.possible, self.everything & ~found.certain)
            found = self._found[resources] = self.kept(found)
        return found

    def _pattern(self, pattern: str) -> Bounds:
        if ":user/" in pattern and pattern.endswith("/${aws:username}"):
            return NOBODY  # the caller, who is no target of its own
        if "${" in pattern:
            return Bounds(0, self._glob(VARIABLE.sub("*", pattern)))
        mask = self._glob(pattern)
        return Bounds(mask, mask)

    def _glob(self, glob: str) -> int:
        found = self._globs.get(glob)
        if found is None:
            found = self._globs[glob] = self._search(glob)
        return found

    def _search(self, glob: str) -> int:
        stem = re.split(r"[*?]", glob, maxsplit=1)[0]
        if stem == glob:
            return self.bit(glob)
        first, after = bisect_left(self.names, stem), bisect_left(self.names, stem + "\U0010ffff")
        if glob.rstrip("*") == stem:
            return ((1 << (after - first)) - 1) << first
        matches = glob_regex(glob).fullmatch
        bits = 0
        for position in range(first, after):
            if matches(self.names[position]):
                bits |= 1 << position
        return bits
