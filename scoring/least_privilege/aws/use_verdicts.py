"""The verdict on the use of every AWS action, from what the records of an identity say: as bit sets, whatever the identity is granted.

Facts of https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html that decide here: a service is reported with
every attempt to call it, data plane included; an action only where IAM tracks it, and never iam:PassRole; a service that the report
leaves out is not watched. So silence about an untracked action of a service that is used means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from scoring.least_privilege.aws.catalogue import Catalogue, Level, changes
from scoring.least_privilege.use import Use, Weight

PASS_ROLE = "iam:passrole"


class Seen(NamedTuple):
    """What the records say of a service, or of one action of it."""

    service: str
    action: str
    """Lower case; empty: the service as a whole."""
    recent: bool
    """Used within the limit; otherwise watched for at least as long, and not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Everything that the records say of one identity's use. Many identities share one."""

    seen: tuple[Seen, ...]
    complete: bool
    """The records list all of its services, as far as AWS watches them."""
    own_use: str
    """What its own last use says: used, idle (watched, and not used within the limit), unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """Actions by verdict, as bits; an action in none of the sets is unknown."""

    used: int
    unused: int
    likely: int
    services: frozenset[str]
    """Services with any recent use."""
    wholly_unused: bool
    """The identity as a whole was not used within the limit, and its records watch that."""
    needed: int
    """Actions that a used one asks for besides: unknown whatever the records say of them."""
    foreign: tuple[str, ...]
    """Patterns of what was used and is not in the catalogue: kept literally wherever they are granted."""


def verdicts(pattern: Pattern, catalogue: Catalogue) -> Verdicts:
    """Judge every action of the catalogue."""
    known = [(one, _mask(catalogue, one.service, one.action)) for one in pattern.seen if one.action]
    services = frozenset(one.service for one in pattern.seen if one.recent)
    absent = {one.service for one in pattern.seen if not one.recent and not one.action}
    used = _union(bit for one, bit in known if one.recent)
    silent = _union(_mask(catalogue, service, "") for service in absent - services)
    # a report that calls a service unused although some record shows its use is out of date on the rest of it too
    doubted = absent & services
    not_seen = _union(bit for one, bit in known if not one.recent and one.service not in doubted)
    wholly = not services and pattern.own_use != "used" and (pattern.own_use == "idle" or (pattern.complete and bool(absent)))
    needed = needs(catalogue, (f"{one.service}:{one.action}" for one, _ in known if one.recent)) & ~used
    if not wholly:
        needed |= catalogue.bit(PASS_ROLE)
    certain = silent | (not_seen & tracked(catalogue))
    unused = certain & ~used & ~needed if pattern.complete else 0
    likely = (silent | not_seen) & ~used & ~needed
    if wholly and pattern.own_use == "idle":
        likely = catalogue.everything
    return Verdicts(
        used=used,
        unused=unused,
        likely=likely & ~unused,
        services=services,
        wholly_unused=wholly,
        needed=needed,
        foreign=tuple(_foreign(pattern.seen, catalogue)),
    )


def _foreign(seen: Iterable[Seen], catalogue: Catalogue) -> Iterable[str]:
    return sorted(f"{one.service}:{one.action or '*'}" for one in seen if one.recent and not _mask(catalogue, one.service, one.action))


@lru_cache(maxsize=65536)
def _mask(catalogue: Catalogue, service: str, action: str) -> int:
    """The bit of an action, or those of a whole service; 0 where the catalogue does not list it."""
    return _bit(catalogue, f"{service}:{action}") if action else catalogue.expand(f"{service}:*").mask & catalogue.listed


def _bit(catalogue: Catalogue, action: str) -> int:
    return catalogue.bit(action) if action in catalogue.actions else 0


def _union(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def split(granted: int, found: Verdicts) -> Mapping[Use, int]:
    """What an identity is granted, by verdict."""
    used, unused, likely = granted & found.used, granted & found.unused, granted & found.likely
    return {Use.USED: used, Use.UNUSED: unused, Use.LIKELY_UNUSED: likely, Use.UNKNOWN: granted & ~(used | unused | likely)}


@lru_cache(maxsize=4)
def tracked(catalogue: Catalogue) -> int:
    """Actions whose last use IAM reports."""
    return _union(catalogue.bit(key) for key, action in catalogue.actions.items() if action.tracked)


@lru_cache(maxsize=4)
def classes(catalogue: Catalogue) -> Mapping[Weight, int]:
    """Every action by what it lets its holder do: steps of escalation and changes of permissions control, other writes change."""
    permissions = (catalogue.bit(key) for key, action in catalogue.actions.items() if action.level is Level.PERMISSIONS and changes(action))
    control = catalogue.watched | _union(permissions)
    change = catalogue.writes & ~control
    return {Weight.LOOK: catalogue.everything & ~control & ~change, Weight.CHANGE: change, Weight.CONTROL: control}


@lru_cache(maxsize=1)
def dependents() -> Mapping[str, tuple[str, ...]]:
    """Action -> further actions that AWS checks when it is called, all in lower case: the pinned table that `build_operations` makes."""
    text = (files("scoring.least_privilege.aws") / "dependents.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {action: tuple(others.split()) for action, others in rows}


def needs(catalogue: Catalogue, actions: Iterable[str]) -> int:
    """Further actions that AWS checks when these are called, `service:action` in lower case."""
    table = dependents()
    return _union(_bit(catalogue, other) for action in actions for other in table.get(action, ()))
