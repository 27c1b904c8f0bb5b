"""Statements without what is not used: the same resources, conditions and names, fewer actions. Deny statements are never touched.

A pattern stays as written when everything that it stands for stays. Otherwise its remaining actions are named, under a wildcard where
that stands for nothing else; a wildcard is only ever replaced by narrower ones of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.least_privilege.aws.catalogue import Catalogue
from scoring.least_privilege.aws.resources import contains, overlap

Json = dict[str, Any]

GROUPED = 3
"""A wildcard stands for at least as many actions; fewer are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What goes from every statement of an identity."""

    catalogue: Catalogue
    unused: int
    """Actions to take away."""
    foreign: tuple[str, ...]
    """What was used and is not in the catalogue: it stays wherever it is allowed."""
    services: frozenset[str]
    """Services of which anything was used: what of them is not in the catalogue may be too."""

    def statement(self, raw: Json) -> Json | None:
        """The statement with what remains; None when nothing does. The same object when nothing changes."""
        if raw.get("Effect") != "Allow":
            return raw
        negated = "NotAction" in raw
        written = _listed(raw["NotAction" if negated else "Action"])
        if any(self.catalogue.expand(pattern).malformed for pattern in written):
            return raw  # AWS would refuse it: nothing is known of what it allows
        named = 0
        for pattern in written:
            named |= self.catalogue.expand(pattern).mask
        mask = self.catalogue.everything & ~named if negated else named
        if not mask & self.unused:
            return raw
        everything = any(pattern.strip("*:") == "" for pattern in written)
        if not negated and not everything:
            return _with(raw, "Action", self._rest(written))
        excluded = written if negated else []
        candidates = [("NotAction", self._excluding(excluded, mask)), ("Action", self._all_but(excluded, mask))]
        key, patterns = min(candidates, key=lambda one: (len(json.dumps(one[1])), one[0]))
        if not mask & ~self.unused and not self._allowed_foreign(excluded):
            return None
        return _with(raw, key, patterns)

    def _rest(self, written: Iterable[str]) -> list[str]:
        """What remains of patterns."""
        found: list[str] = []
        for pattern in written:
            mask = self.catalogue.expand(pattern).mask
            if not mask & self.unused:
                found.append(pattern)
                continue
            found += self.group(mask & ~self.unused, within=pattern.lower())
            found += [used for used in self.foreign if contains(pattern.lower(), used)]
        return list(dict.fromkeys(found))

    def _all_but(self, excluded: Sequence[str], mask: int) -> list[str]:
        """What remains of everything but the excluded patterns, named."""
        return [*self.group(mask & ~self.unused, within="*", apart=excluded), *self._allowed_foreign(excluded)]

    def _allowed_foreign(self, excluded: Sequence[str]) -> list[str]:
        return [used for used in self.foreign if not any(overlap(pattern.lower(), used) for pattern in excluded)]

    def _excluding(self, excluded: Sequence[str], mask: int) -> list[str]:
        """The excluded patterns with what goes: by wildcard only where nothing of the service was used."""
        gone = mask & self.unused
        used = 0
        for service in self.services:
            used |= self.catalogue.expand(f"{service}:*").mask
        named = [f"{action.service}:{action.name}" for action in self.catalogue.members(gone & used)]
        return [*excluded, *named, *self.group(gone & ~used, within="*", apart=self.foreign)]

    def group(self, mask: int, *, within: str, apart: Sequence[str] = ()) -> list[str]:
        """Patterns that stand for exactly these actions: each lies within one pattern and meets none of others.

        `within` in lower case.
        """
        found: list[str] = []
        names: dict[str, list[str]] = {}
        for action in self.catalogue.members(mask):
            names.setdefault(action.service, []).append(action.name)
        for service, kept in names.items():
            found += self._grouped(service, kept, mask, within, apart)
        return found

    def _grouped(self, service: str, kept: list[str], mask: int, within: str, apart: Sequence[str]) -> Iterator[str]:
        covered = 0
        for name in kept:
            if self.catalogue.bit(f"{service}:{name.lower()}") & covered:
                continue
            for stem in _stems(name):
                pattern = f"{service}:{stem}*"
                expansion = self.catalogue.expand(pattern)
                fits = not expansion.mask & ~mask and (expansion.actions >= GROUPED or not stem)
                if fits and contains(within, pattern.lower()) and not any(overlap(other.lower(), pattern.lower()) for other in apart):
                    covered |= expansion.mask
                    yield pattern
                    break
            else:
                yield f"{service}:{name}"


def _stems(name: str) -> Iterator[str]:
    """Beginnings of a name that end with a word, the shortest first: ``, Get, GetBucket."""
    yield ""
    for end in re.finditer(r"(?<=[a-z0-9])(?=[A-Z])", name):
        yield name[: end.start()]
    yield name


def _with(raw: Json, key: str, patterns: list[str]) -> Json | None:
    if not patterns and key == "Action":
        return None
    return {**{name: value for name, value in raw.items() if name not in ("Action", "NotAction")}, key: patterns}


def _listed(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]


def document(text: str) -> Json:
    """A policy's JSON text with its statements as a list."""
    raw: Json = json.loads(text)
    return {**raw, "Statement": _listed(raw["Statement"])}


def narrowed(raw: Json, narrowing: Narrowing) -> Json | None:
    """A policy without what goes; None when no statement is left. The same object when nothing changes."""
    statements = [narrowing.statement(one) for one in raw["Statement"]]
    if all(after is before for after, before in zip(statements, raw["Statement"], strict=True)):
        return raw
    rest = [one for one in statements if one is not None]
    return {**raw, "Statement": rest} if rest else None


def compact(raw: Json) -> str:
    """The text whose length IAM's quotas count: without white space."""
    return json.dumps(raw, separators=(",", ":"), ensure_ascii=False)


def pretty(raw: Json) -> str:
    """The text for people, in the usual order."""
    order = ("Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition")
    statements = [
        {key: one[key] for key in sorted(one, key=lambda key: order.index(key) if key in order else 9)} for one in raw["Statement"]
    ]
    head = {key: raw[key] for key in ("Version", "Id") if key in raw}
    return json.dumps({**head, "Statement": statements}, indent=2, ensure_ascii=False) + "\n"
