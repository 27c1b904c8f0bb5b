"""Single steps of escalation on Azure and Entra: what one identity can get hold of by its grants.

The paths are data (paths.toml). A path is certain where nothing in the evidence stands in its way: its actions are held by active roles
without conditions, and its target lies where they hold. What an identity gains is what its target may do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from scoring.least_privilege.azure.effective import Held, certainly_covers, covers
from scoring.least_privilege.azure.entra import standard as standard_permissions
from scoring.least_privilege.azure.privilege import Judge
from scoring.least_privilege.grants import Grant, Reach

BROAD_GAIN, NARROW_GAIN = "admin", "write"
RANK = {"none": 0, "read": 1, "write": 2, "unknown": 3, "admin": 4}
"""Order of gains; an open one may be anything."""

ADMINISTERS_APPLICATIONS = frozenset({"9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", "158c047a-c907-4556-b7ef-446551a6b5f7"})
"""Application Administrator and Cloud Application Administrator: alone on one application, they may add secrets to it."""

SHOWN = 20
"""Targets of one path that are listed for an identity, the weightiest first."""

REACHED = 100
"""Targets that are looked at of one place and kind, the weightiest first: enough to list, and for ways over several."""


class Path(NamedTuple):
    """One entry of paths.toml."""

    id: str
    title: str
    needs: Sequence[Sequence[str]]
    target: str
    kinds: Sequence[str]
    certain: bool
    how: str


@lru_cache(maxsize=1)
def catalogue() -> tuple[Path, ...]:
    """The paths that ship with the product."""
    raw = tomllib.loads((files("scoring.least_privilege.azure") / "paths.toml").read_text(encoding="utf-8"))["path"]
    return tuple(
        Path(one["id"], one["title"], one["needs"], one["target"], one.get("kinds", ()), one["certain"], one["how"]) for one in raw
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One step: an identity gets a target, or with none more for itself."""

    identity_id: str
    path_id: str
    target_id: str | None
    gains: str
    certain: bool
    steps: tuple[str, ...]
    reason: str
    evidence: tuple[str, ...]


class Target(NamedTuple):
    """An identity that something gives access to."""

    identity_id: str
    place: str
    """Azure scope of the resource that decides, lower case."""
    kind: str
    """`user_assigned`, or the workload's kind."""
    name: str


class Targets:
    """Identities that something gives access to, the ones that may most first, by the places that hold them."""

    def __init__(self, targets: Iterable[Target], privilege: Mapping[str, str]) -> None:
        self._by_place: dict[tuple[str, str], list[Target]] = {}
        for target in sorted(targets, key=lambda one: (-RANK[privilege.get(one.identity_id, "unknown")], one)):
            parts = target.place.split("/")
            for place in {"", *("/".join(parts[:length]) for length in (3, 5, len(parts)))}:
                self._by_place.setdefault((target.kind, place), []).append(target)

    def on(self, places: Iterable[str], kinds: Iterable[str]) -> list[Target]:
        """Those of some kinds on any of some places; of each kind and place no more than REACHED."""
        found = (self._by_place.get((kind, _bucket(place)), [])[:REACHED] for kind in kinds for place in sorted(set(places)))
        return list(dict.fromkeys(target for targets in found for target in targets))


def _bucket(place: str) -> str:
    """The place whose targets are listed: everything above subscriptions is one."""
    return "" if covers(place, "/subscriptions/any") else place


class World(NamedTuple):
    """What the evidence knows beyond grants."""

    names: Mapping[str, str]
    privilege: Mapping[str, str]
    targets: Targets
    owned: Mapping[str, Sequence[Mapping[str, Any]]]
    aliases: Mapping[str, str]
    """Object id of an application or principal -> identity."""


class Key(NamedTuple):
    """An action that a grant gives."""

    held: Held
    action: str
    sure: bool


def edges(identity_id: str, held: Sequence[Held], judge: Judge, world: World) -> Iterator[Edge]:
    """All single steps of one identity, to weak targets too: the next step may lead on."""
    keys = _keys(held, judge)
    denied = [one for one in held if one.via == "deny"]
    for path in catalogue():
        if path.target in {"directory", "owned", "application"}:
            yield from _of_directory(identity_id, path, held, world)
        elif keys and (chosen := [_holding(keys, need) for need in path.needs]) and all(chosen):
            yield from _by_roles(identity_id, path, chosen, denied, world)


def _keys(held: Sequence[Held], judge: Judge) -> list[Key]:
    found = []
    for one in held:
        if one.via not in {"role", "eligible"}:
            continue
        facts = judge.facts(_grant(one))
        active = one.via == "role" and not one.conditional
        found += [Key(one, action, active and action in facts.sure) for action in sorted(facts.maybe)]
    return found


def _grant(held: Held) -> Grant:
    document_id = held.document_id
    return Grant(
        member="", via=held.via, role_id=held.role_id, document_id=document_id, reach=Reach.UNKNOWN, place="", conditional=held.conditional
    )


def _holding(keys: Iterable[Key], need: Sequence[str]) -> list[Key]:
    """Grants of one of some actions, sure ones first."""
    wanted = {action.lower(): number for number, action in enumerate(need)}
    found = [key for key in keys if key.action.lower() in wanted]
    return sorted(found, key=lambda key: (not key.sure, wanted[key.action.lower()], key.held.place, key.held.name))


def _by_roles(identity_id: str, path: Path, chosen: Sequence[Sequence[Key]], denied: Sequence[Held], world: World) -> Iterator[Edge]:
    others = [keys[0] for keys in chosen[1:]]
    if path.target in {"self", "data"}:
        for first in _widest(chosen[0]):
            gains = BROAD_GAIN if path.target == "self" and _broad(first.held.place) else NARROW_GAIN
            yield _edge(identity_id, path, [first, *others], None, gains, denied)
        return
    for target in world.targets.on((key.held.place for key in chosen[0]), path.kinds or ("user_assigned",)):
        runs = [_near(keys, target, path) for keys in chosen[1:]]
        if target.identity_id != identity_id and all(runs):
            reaching = next(key for key in chosen[0] if covers(key.held.place, target.place))
            gains = world.privilege.get(target.identity_id, "unknown")
            yield _edge(identity_id, path, [reaching, *(key for key in runs if key)], target, gains, denied)


def _near(keys: Sequence[Key], target: Target, path: Path) -> Key | None:
    """Of a further need, the grant that counts: where things already run it must reach them, else it counts anywhere."""
    return next((key for key in keys if path.target != "running" or covers(key.held.place, target.place)), None)


def _widest(keys: Sequence[Key]) -> list[Key]:
    """One grant per place that no other sure grant covers."""
    found: list[Key] = []
    for key in sorted(keys, key=lambda key: (not key.sure, len(key.held.place))):
        if not any(covers(other.held.place, key.held.place) for other in found):
            found.append(key)
    return found


def _broad(place: str) -> bool:
    return covers(place, "/subscriptions/any") or place.count("/") == 2


def _edge(identity_id: str, path: Path, keys: Sequence[Key], target: Target | None, gains: str, denied: Sequence[Held]) -> Edge:
    open_denial = any(certainly_covers(one.place, key.held.place) or covers(key.held.place, one.place) for one in denied for key in keys)
    placed = all(key.held.place for key in keys)
    certain = path.certain and all(key.sure for key in keys) and placed and not open_denial and gains != "unknown"
    steps = [f"{key.action} by {_title(key.held)}" for key in keys]
    who = f" and becomes {target.name} ({gains})" if target else ""
    return Edge(
        identity_id=identity_id,
        path_id=path.id,
        target_id=target.identity_id if target else None,
        gains=gains,
        certain=certain,
        steps=(*steps, f"{path.how}{who}"),
        reason=f"It {path.how}{who}{_doubt(keys, open_denial)}.",
        evidence=tuple(dict.fromkeys(key.held.evidence for key in keys)),
    )


def _title(held: Held) -> str:
    through = f" through group {held.group}" if held.group else ""
    return f"{'eligible role ' if held.via == 'eligible' else ''}{held.title}{through}"


def _doubt(keys: Sequence[Key], denied: bool) -> str:
    if any(key.held.via == "eligible" for key in keys):
        return ", once somebody activates a role that it is eligible for"
    if not all(key.sure for key in keys):
        return ", under a condition that the evidence does not decide"
    return ", unless a deny assignment keeps it from that" if denied else ""


def _of_directory(identity_id: str, path: Path, held: Sequence[Held], world: World) -> Iterator[Edge]:
    if path.target == "directory":
        for one in held:
            known = standard_permissions().find(one.role_id) if one.via == "app_role" else None
            if known is not None and known.level == "open":
                yield _entra(identity_id, path, f"{known.api} {known.name}", one.evidence, None, "admin", certain=False, world=world)
    elif path.target == "application":
        for one in held:
            target = world.aliases.get(one.place.strip("/").rsplit("/", 1)[-1]) if one.role_id in ADMINISTERS_APPLICATIONS else None
            if target is not None and target != identity_id:
                words = f"{_title(one)}"
                yield _entra(identity_id, path, words, one.evidence, target, None, certain=one.via == "directory_role", world=world)
    else:
        may = next((one for one in held if one.via == "app_role" and _named(one.role_id) == "Application.ReadWrite.OwnedBy"), None)
        for row in world.owned.get(identity_id, ()):
            words = f"owner of {world.names.get(row['identity_id'], row['identity_id'])}" + (
                ", with Application.ReadWrite.OwnedBy"
                if may
                else "; whether an owner without a permission of Graph may do so is not settled"
            )
            yield _entra(identity_id, path, words, row["evidence"], row["identity_id"], None, certain=may is not None, world=world)


def _named(role_id: str) -> str | None:
    known = standard_permissions().find(role_id)
    return known.name if known else None


def _entra(
    identity_id: str, path: Path, words: str, evidence: str, target: str | None, gains: str | None, *, certain: bool, world: World
) -> Edge:
    gained = gains or world.privilege.get(target or "", "unknown")
    who = f" and becomes {world.names.get(target, target)} ({gained})" if target else ""
    return Edge(
        identity_id=identity_id,
        path_id=path.id,
        target_id=target,
        gains=gained,
        certain=certain and path.certain and gained != "unknown",
        steps=(words, f"{path.how}{who}"),
        reason=f"It {path.how}{who}.",
        evidence=(evidence,),
    )


def worth(own: str, found: Sequence[Edge]) -> list[Edge]:
    """Steps that give an identity more than it has, the weightiest of each path: more of itself always, another identity if it may more."""
    level = RANK["write"] if own == "unknown" else RANK[own]
    kept = [one for one in found if one.target_id is None or RANK[one.gains] > level]
    kept.sort(key=lambda one: (one.path_id, -RANK[one.gains], not one.certain, one.target_id or "", one.steps))
    shown: dict[tuple[str, bool], int] = {}
    unique: dict[tuple[str, str | None, tuple[str, ...]], Edge] = {}
    for one in kept:
        key = (one.path_id, one.target_id is None)
        shown[key] = shown.get(key, 0) + 1
        if shown[key] <= SHOWN:
            unique.setdefault((one.path_id, one.target_id, one.steps if one.target_id is None else ()), one)
    return list(unique.values())
