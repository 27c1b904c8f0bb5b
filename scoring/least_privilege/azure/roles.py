"""Azure's built-in roles, and what the patterns of any role definition allow. Actions are compared without regard to case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from scoring.least_privilege.aws.resources import contains

PARTS = ("actions", "notActions", "dataActions", "notDataActions")

LOOK = re.compile(
    r".*/read"
    r"|.*/(?:check|get|list|query|read|search)(?!\w*(?:credential|key|password|sas|secrets|token|connectionstring))\w*/action"
    r"|.*/generateuserdelegationkey/action"
)
"""Actions that look and change nothing: `/read`, or an action that says so and hands out no key (a delegation key opens no more than
its holder may). `getSecret` reads one secret; what lists keys opens what they open, past any role, and counts as a change."""

CHANGES = ("/write", "/delete", "/action")
"""Last parts of what changes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One permission block: patterns as written."""

    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    condition: str | None = None

    def holds(self, wanted: Iterable[str]) -> set[str]:
        """Which of some management actions it holds, its condition aside."""
        given = [each for pattern in self.actions for each in widened(pattern)]
        return _matched(given, wanted) - _matched(self.not_actions, wanted)

    def changing(self) -> list[str]:
        """Patterns that change something, less what is taken away."""
        return [pattern for pattern, removed in self._granted() if _changes(pattern, removed)]

    def reading(self) -> list[str]:
        """Patterns that are not taken away whole."""
        return [pattern for pattern, _ in self._granted()]

    def _granted(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        for patterns, removed in ((self.actions, self.not_actions), (self.data_actions, self.not_data_actions)):
            gone = tuple(_bare(pattern) for pattern in removed)
            yield from ((pattern, gone) for pattern in patterns if not any(contains(other, _bare(pattern)) for other in gone))


def _bare(pattern: str) -> str:
    """For comparison: some definitions carry a blank at the end."""
    return pattern.strip().lower()


def widened(pattern: str) -> tuple[str, ...]:
    """A pattern that gives something, and what it may give besides: `x/*/assign/action` is how Managed Identity Operator gives
    `x/assign/action`, so `/*/` may stand for nothing at all. What takes away is read narrowly.
    https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/identity#managed-identity-operator"""
    return (pattern, pattern.replace("/*/", "/")) if "/*/" in pattern else (pattern,)


def _matched(patterns: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Actions that some pattern stands for."""
    bare = {_bare(pattern) for pattern in patterns}
    wild = [pattern for pattern in bare if "*" in pattern]
    return {action for action in wanted if (low := action.lower()) in bare or any(contains(pattern, low) for pattern in wild)}


def _changes(pattern: str, removed: tuple[str, ...]) -> bool:
    lowered = _bare(pattern)
    if LOOK.fullmatch(lowered):
        return False
    if not lowered.endswith("*"):
        return True
    # an open end stands for every kind of action that is not taken away
    stem = lowered.rstrip("*")
    return not all(any(contains(other, f"{stem}*{kind}") for other in removed) for kind in CHANGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role definition."""

    role_id: str
    """GUID, lower case."""
    name: str
    blocks: tuple[Block, ...] = ()
    problem: str | None = None
    """Why it could not be judged; such a role may allow anything."""


class Roles:
    """The built-in roles."""

    def __init__(self, roles: Iterable[Role], *, date: str = "") -> None:
        self.date = date
        self.by_id: Mapping[str, Role] = {role.role_id: role for role in roles}
        self._by_name = {role.name.lower(): role for role in self.by_id.values()}

    def find(self, role_id: str) -> Role:
        """A built-in role by its GUID, its whole resource id, or its name; one that is not listed has a problem."""
        last = role_id.rsplit("/", 1)[-1].lower()
        found = self.by_id.get(last) or self._by_name.get(role_id.lower())
        return found or Role(role_id=last, name=role_id, problem=f"{role_id} is no built-in role, and its text was not in the evidence")


def custom(role_id: str, text: str) -> Role:
    """A role by its definition: `{"permissions": [{actions, notActions, dataActions, notDataActions}]}`."""
    try:
        blocks = tuple(_block(raw) for raw in json.loads(text)["permissions"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return Role(role_id=role_id, name=role_id, problem=f"{role_id}, whose text is no role definition")
    return Role(role_id=role_id, name=role_id, blocks=blocks)


def _block(raw: Mapping[str, Any]) -> Block:
    listed = [raw.get(part) or [] for part in PARTS]
    if "actions" not in raw or not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in listed):
        raise TypeError
    actions, not_actions, data_actions, not_data_actions = (tuple(names) for names in listed)
    return Block(
        actions=actions,
        not_actions=not_actions,
        data_actions=data_actions,
        not_data_actions=not_data_actions,
        condition=str(raw["condition"]) if raw.get("condition") else None,
    )


ASSIGN = "Microsoft.Authorization/roleAssignments/write"

_ROLES = r"@%s\[Microsoft\.Authorization/roleAssignments:RoleDefinitionId\] ?ForAnyOfAnyValues:GuidEquals ?\{%s[0-9a-fA-F, -]+)\}"
_GIVES = _ROLES % ("Request", "(?P<roles>")
_UNLESS = r"\(\(!\(ActionMatches\{'Microsoft\.Authorization/roleAssignments/%s'\}\)\) OR \(%s\)\)"
_DELEGATES = (
    re.compile(_GIVES),
    re.compile(_UNLESS % ("write", _GIVES) + "( AND " + _UNLESS % ("delete", _ROLES % ("Resource", "(?:")) + ")?"),
)
"""Conditions that let a role assign the listed roles and no others: alone, or where the action is an assignment."""


def delegated(condition: str) -> tuple[str, ...] | None:
    """The roles (GUIDs) to which a condition limits assignments; None where it is not plainly such a condition."""
    for form in _DELEGATES:
        if match := form.fullmatch(condition):
            return tuple(_guid(text) for text in match["roles"].split(",") if text.strip())
    return None


def _guid(text: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", text.lower())
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def parse(text: str) -> Roles:
    """Read the table that `build_roles` writes."""
    patterns: list[str] = []
    conditions: list[str] = []
    roles: list[Role] = []
    date = ""
    for line in text.splitlines():
        if line.startswith("#"):
            date = line.split("\t", 1)[1] if line.startswith("# date\t") else date
            continue
        kind, name, *rest = line.split("\t")
        if kind == "s":
            patterns.extend(f"{name}/{last}" if name != "*" else last for last in rest[0].split("|"))
        elif kind == "c":
            conditions.append(name)
        else:
            blocks = tuple(_coded(coded, patterns, conditions) for coded in rest[1:])
            roles.append(Role(role_id=name.lower(), name=rest[0], blocks=blocks))
    return Roles(roles, date=date)


def _coded(coded: str, patterns: list[str], conditions: list[str]) -> Block:
    *parts, condition = coded.split(";")
    actions, not_actions, data_actions, not_data_actions = (tuple(patterns[int(number, 36)] for number in part.split()) for part in parts)
    return Block(
        actions=actions,
        not_actions=not_actions,
        data_actions=data_actions,
        not_data_actions=not_data_actions,
        condition=conditions[int(condition, 36)] if condition else None,
    )


@lru_cache(maxsize=1)
def standard() -> Roles:
    """The catalogue that ships with the product, read once."""
    return parse((files("scoring.least_privilege.azure") / "roles.tsv").read_text(encoding="utf-8"))
