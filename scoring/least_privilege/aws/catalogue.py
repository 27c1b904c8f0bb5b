"""The AWS actions we know, and what an action pattern stands for.

Sets of actions are Python integers used as bit sets, one bit an action: union, difference and complement of 22,000 actions cost a
microsecond, so a policy set is evaluated exactly and no list of actions is ever built per identity. The catalogue never guesses:
a pattern it cannot resolve is `known = False`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from scoring.least_privilege.aws.escalation import WATCHED


class Level(StrEnum):
    """AWS's access levels."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    service: str
    """Prefix, lower case."""
    name: str
    """As AWS writes it."""
    level: Level
    tracked: bool
    """IAM reports when it was last used."""


def changes(action: Action) -> bool:
    """Whether an action changes something, so that it counts as write.

    AWS's level, but for what its name shows to be a mere look: reading permissions or tags, listing, describing. A `Get…` that AWS
    calls Write stays one: most hand out credentials or sessions.
    """
    if action.level in (Level.PERMISSIONS, Level.TAGGING):
        return not action.name.startswith(("BatchGet", "Describe", "Get", "List", "Search", "View"))
    return action.level is Level.WRITE and not action.name.startswith(("Describe", "List"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expansion:
    """What one action pattern stands for."""

    pattern: str
    """Lower case."""
    mask: int
    """The actions, as bits."""
    service: str | None
    """Service prefix; None when it holds a wildcard."""
    known: bool
    """At least one action of the catalogue matches."""
    actions: int
    """How many do."""
    levels: list[str]
    """Their distinct access levels."""
    beyond: bool
    """It may stand for actions that the catalogue does not list: unknown, or a wildcard in the service part."""
    malformed: bool
    """Not `*` and not `service:action`; AWS would refuse it."""


@dataclass(frozen=True, slots=True)
class _Service:
    offset: int
    names: list[str]
    """Lower case, sorted: bit = offset + index."""
    index: dict[str, int] = field(repr=False)

    def matching(self, glob: str) -> int:
        """Bits of the actions whose name matches."""
        stem = glob.rstrip("*")
        if "*" not in stem and "?" not in stem:
            if stem == glob:
                return 1 << (self.offset + self.index[glob]) if glob in self.index else 0
            first = bisect_left(self.names, stem)
            after = bisect_left(self.names, stem + "\U0010ffff")
            return ((1 << (after - first)) - 1) << (self.offset + first)
        matches = glob_regex(glob).fullmatch
        bits = 0
        for position, name in enumerate(self.names):
            if matches(name):
                bits |= 1 << position
        return bits << self.offset


def glob_regex(glob: str) -> re.Pattern[str]:
    """IAM's wildcards as a regular expression: `*` any text, `?` one character, nothing else is special."""
    return re.compile("".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in re.sub(r"\*+", "*", glob)), re.DOTALL)


class Catalogue:
    """Every known action with its bit. Patterns are expanded once and remembered."""

    def __init__(self, actions: Iterable[Action], *, retired: Iterable[str] = (), version: str = "") -> None:
        """`retired`: prefixes of services known to be gone, whose actions are not listed."""
        self.version = version
        self.retired = frozenset(retired)
        self.actions: Mapping[str, Action] = {f"{action.service}:{action.name.lower()}": action for action in actions}
        """By `service:action` in lower case."""
        # actions that decide over administration get a bit even where the list lacks them: a gap in it must not hide an administrator
        keys = sorted({*self.actions, *WATCHED}, key=lambda key: key.split(":", 1))
        self.everything = (1 << len(keys)) - 1
        self._keys = keys
        self._services = _by_service(keys)
        self.listed = self._bits(key for key in keys if key in self.actions)
        """The actions of the list, without those that have a bit only because they are watched."""
        self._levels = {
            level: self._bits(key for key in keys if key in self.actions and self.actions[key].level is level) for level in Level
        }
        self.writes = self._bits(key for key in keys if key in self.actions and changes(self.actions[key]))
        self.watched = self._bits(WATCHED)
        self._expansions: dict[str, Expansion] = {}

    def _bits(self, keys: Iterable[str]) -> int:
        chosen = frozenset(keys)
        return int("".join("1" if key in chosen else "0" for key in reversed(self._keys)) or "0", 2)

    def bit(self, action: str) -> int:
        """The bit of a listed or watched action, `service:action` in lower case."""
        service, name = action.split(":", 1)
        place = self._services[service]
        return 1 << (place.offset + place.index[name])

    def members(self, mask: int) -> list[Action]:
        """The listed actions of a bit set, by service and name."""
        mask &= self.listed
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.actions[self._keys[lowest.bit_length() - 1]])
            mask ^= lowest
        return found

    def count(self, mask: int) -> int:
        """How many listed actions a bit set holds."""
        return (mask & self.listed).bit_count()

    def levels(self, mask: int) -> list[str]:
        """Distinct access levels of a bit set, in AWS's order."""
        return [str(level) for level, bits in self._levels.items() if bits & mask]

    def expand(self, pattern: str) -> Expansion:
        """What a pattern stands for, whatever its case."""
        found = self._expansions.get(pattern)
        if found is None:
            found = self._expand(pattern.lower())
            self._expansions[pattern] = found
        return found

    def _expand(self, pattern: str) -> Expansion:
        service, colon, glob = pattern.partition(":")
        malformed = (not colon and pattern.strip("*") != "") or pattern == ""
        wild = "*" in service or "?" in service
        mask = 0 if malformed else self._matching(service, glob if colon else "*", wild)
        listed = mask & self.listed
        return Expansion(
            pattern=pattern,
            mask=mask,
            service=None if wild or malformed else service,
            known=listed != 0,
            actions=listed.bit_count(),
            levels=self.levels(listed),
            beyond=wild or malformed or listed == 0,
            malformed=malformed,
        )

    def _matching(self, service: str, glob: str, wild: bool) -> int:
        if not wild:
            place = self._services.get(service)
            return place.matching(glob) if place else 0
        matches = glob_regex(service).fullmatch
        mask = 0
        for name, place in self._services.items():
            if matches(name):
                mask |= place.matching(glob)
        return mask

    def gap(self, pattern: str) -> str:
        """Why a pattern stands for nothing certain, in words."""
        expansion = self.expand(pattern)
        if expansion.malformed:
            return "is not a valid action pattern"
        if expansion.service is None:
            return "may stand for actions of services that are not in the action catalogue"
        if expansion.service in self.retired:
            return f"names {expansion.service}, a retired service whose actions are not known"
        if not any(key.startswith(f"{expansion.service}:") for key in self.actions):
            return f"names {expansion.service}, a service that is not in the action catalogue"
        return "matches no action in the action catalogue"


def _by_service(keys: list[str]) -> dict[str, _Service]:
    services: dict[str, _Service] = {}
    for position, key in enumerate(keys):
        service, name = key.split(":", 1)
        place = services.setdefault(service, _Service(position, [], {}))
        place.index[name] = len(place.names)
        place.names.append(name)
    return services


def parse(text: str) -> Catalogue:
    """Read the snapshot that `build_catalogue` writes."""
    actions: list[Action] = []
    retired: list[str] = []
    version = ""
    for line in text.splitlines():
        if line.startswith("#"):
            version = line.split("\t", 1)[1] if line.startswith("# version\t") else version
            continue
        service, level, names = line.split("\t")
        if level == "retired":
            retired.append(service)
            continue
        at = Level(level)
        actions.extend(Action(service=service, name=name.rstrip("+"), level=at, tracked=name.endswith("+")) for name in names.split())
    return Catalogue(actions, retired=retired, version=version)


@lru_cache(maxsize=1)
def standard() -> Catalogue:
    """The catalogue that ships with the product, read once."""
    return parse((files("scoring.least_privilege.aws") / "actions.tsv").read_text(encoding="utf-8"))
