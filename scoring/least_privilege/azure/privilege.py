"""The verdict on the grants of an Azure identity: roles on resources, application permissions, directory roles.

`admin`: on a subscription, a management group or the root it may assign roles or change everything; or it holds an application
permission or a directory role that administers the directory. The same on a resource group or less is `write`: the reason says so.
`unknown`: a condition, a role without text, a permission that sources disagree on, or identities it may take over may yet make it one.

Eligible (PIM): a machine cannot activate a role by itself, and someone could make it active at any time: administration that it is only
eligible for is `unknown`, never `admin`. Delegated permissions lift nothing: they do no more than the user who signs in may do.
A deny assignment takes nothing away here: what it denies, the evidence does not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scoring.least_privilege.azure.entra import CHANGING, READING, TIER_ZERO, Permissions
from scoring.least_privilege.azure.entra import standard as standard_permissions
from scoring.least_privilege.azure.escalation import ASSIGN, BROAD, EVERYTHING, KEPT, KEYS, METHODS, WATCHED, Method
from scoring.least_privilege.azure.roles import Block, Role, Roles, custom, delegated, standard
from scoring.least_privilege.grants import Finding, Grant, Reach, Weight, verdict
from scoring.least_privilege.verdict import Verdict

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The app role of an application without app roles: to sign in, and no more."""

DIRECTORY = {**TIER_ZERO, **CHANGING, **READING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What decides of a role."""

    role: Role
    sure: frozenset[str]
    """Watched actions that it holds without a condition."""
    maybe: frozenset[str]
    """Watched actions that it holds, with a condition or without."""
    changes: tuple[str, ...]
    reads: tuple[str, ...]


class Held(NamedTuple):
    """A grant and what its role comes to."""

    grant: Grant
    facts: Facts

    @property
    def sure(self) -> bool:
        """It counts as it stands."""
        return not self.grant.conditional and self.grant.via == "role" and self.grant.reach in BROAD


class Judge:
    """The catalogues, and what was found out about roles so far."""

    def __init__(self, texts: Mapping[str, str] | None = None, roles: Roles | None = None, permissions: Permissions | None = None) -> None:
        """`texts`: definitions of roles by document id."""
        self.texts = texts or {}
        self.roles = roles or standard()
        self.permissions = permissions or standard_permissions()
        self._facts: dict[tuple[str, str | None], Facts] = {}
        self._alone: dict[Grant, Finding | None] = {}

    def privilege_of(self, grants: Iterable[Grant]) -> Verdict:
        """How much grants allow together."""
        listed = sorted(set(grants), key=lambda grant: grant.member)
        held = [Held(grant, self.facts(grant)) for grant in listed if grant.via in {"role", "eligible"} and not _of_directory(grant)]
        found = [*_methods(held), *(one for grant in listed if (one := self._by_itself(grant)) is not None)]
        return verdict(found, also=_also(listed, bool(found)))

    def _by_itself(self, grant: Grant) -> Finding | None:
        """What one grant changes or reads, found out once."""
        if grant not in self._alone:
            found: Finding | None
            if grant.via == "app_role":
                found = self._permission(grant)
            elif grant.via == "access_policy":
                found = _access_policy(grant)
            elif _of_directory(grant):
                found = _directory_role(grant)
            else:
                found = _level(grant, self.facts(grant)) if grant.via in {"role", "eligible"} else None
            self._alone[grant] = found
        return self._alone[grant]

    def facts(self, grant: Grant) -> Facts:
        """What a grant's role comes to, found out once."""
        text = self.texts.get(grant.document_id or "")
        key = (grant.role_id, grant.document_id if text is not None else None)
        if key not in self._facts:
            role = self.roles.find(grant.role_id) if text is None else custom(grant.role_id, text)
            self._facts[key] = self._of_role(role)
        return self._facts[key]

    def _of_role(self, role: Role, within: frozenset[str] = frozenset()) -> Facts:
        sure, maybe = set(), set()
        for block in role.blocks:
            held = _watched(block)
            if block.condition is None:
                sure |= held
            elif self._limited(block.condition, within | {role.role_id}):
                held -= {ASSIGN}
            maybe |= held
        changes = tuple(dict.fromkeys(pattern for block in role.blocks for pattern in block.changing()))
        reads = tuple(dict.fromkeys(pattern for block in role.blocks for pattern in block.reading()))
        return Facts(role=role, sure=frozenset(sure), maybe=frozenset(maybe), changes=changes, reads=reads)

    def _limited(self, condition: str, within: frozenset[str]) -> bool:
        """Whether a condition lets it assign no role but listed ones, none of which makes an administrator."""
        listed = delegated(condition)
        if listed is None:
            return False
        others = [self.roles.find(role_id) for role_id in listed if role_id not in within]
        if any(role.problem for role in others):
            return False
        return not any(self._of_role(role, within).maybe >= set(method.needs) for role in others for method in METHODS)

    def _permission(self, grant: Grant) -> Finding | None:
        if grant.role_id == DEFAULT_ACCESS:
            return None
        known = self.permissions.find(grant.role_id)
        if known is None:
            reason = f"what the application permission {grant.role_id} allows is not in the catalogue"
            return Finding(weight=Weight.OPEN, reason=reason, members=(grant.member,), plain=-1)
        said = f" ({known.sources})" if known.sources else ""
        words = {
            "admin": (Weight.ADMIN, f"{known.api} {known.name} administers the directory{said}"),
            "open": (Weight.OPEN, f"{known.api} {known.name} may come to administration of the directory: sources disagree{said}"),
            "write": (Weight.WRITE, f"changes: {known.api} {known.name}{said}"),
            "read": (Weight.READ, f"reads: {known.api} {known.name}{said}"),
        }
        weight, reason = words[known.level]
        return Finding(weight=weight, reason=reason, members=(grant.member,), plain=1)


def _access_policy(grant: Grant) -> Finding:
    """A key vault's own policy: `secrets: get, list`."""
    verbs = {verb.strip().lower() for verb in grant.role_id.partition(":")[2].split(",")}
    looks = bool(verbs) and verbs <= {"get", "list"}
    weight, word = (Weight.READ, "reads") if looks else (Weight.WRITE, "changes")
    return Finding(weight=weight, reason=f"{word}: key vault {grant.role_id}", members=(grant.member,))


def _of_directory(grant: Grant) -> bool:
    return grant.via == "directory_role" or (grant.via == "eligible" and grant.role_id.lower() in DIRECTORY)


def _directory_role(grant: Grant) -> Finding:
    role_id = grant.role_id.lower()
    name = DIRECTORY.get(role_id, grant.role_id)
    part = grant.reach is Reach.RESOURCE
    if role_id in READING:
        return Finding(weight=Weight.READ, reason=f"reads: directory role {name}", members=(grant.member,), plain=1)
    if part:
        reason = f"changes: directory role {name} on part of the directory, which by itself makes no administrator"
        return Finding(weight=Weight.WRITE, reason=reason, members=(grant.member,), plain=1)
    if role_id in CHANGING:
        return Finding(weight=Weight.WRITE, reason=f"changes: directory role {name}", members=(grant.member,), plain=1)
    if role_id not in TIER_ZERO:
        reason = f"whether the directory role {name} comes to administration is not settled"
        return Finding(weight=Weight.OPEN, reason=reason, members=(grant.member,), plain=-1)
    if grant.via == "eligible" or grant.conditional:
        return Finding(weight=Weight.OPEN, reason=f"directory role {name} (tier 0){_doubt([grant])}", members=(grant.member,))
    return Finding(
        weight=Weight.ADMIN, reason=f"directory role {name} is tier 0: it administers the directory", members=(grant.member,), plain=2
    )


def _watched(block: Block) -> set[str]:
    held = block.holds(WATCHED)
    if "*" in block.actions and held.issuperset(KEPT):
        held.add(EVERYTHING)
    return held


def _methods(held: Sequence[Held]) -> Iterator[Finding]:
    """Administration, and what may come to it."""
    able = [one for one in held if one.grant.reach in {*BROAD, Reach.UNKNOWN}]
    for number, method in enumerate(METHODS):
        plain = len(METHODS) - number
        if by := _way(method, able, certain=True):
            weight = Weight.ADMIN if method.certain else Weight.OPEN
            yield Finding(weight=weight, reason=_how(method), members=_members(by), plain=plain)
        elif by := _way(method, able, certain=False):
            doubt = _doubt([one.grant for one in by]) or ", under a condition of the role that the evidence does not decide"
            yield Finding(weight=Weight.OPEN, reason=_how(method) + doubt, members=_members(by), plain=plain)
    for one in able:
        if one.facts.role.problem:
            reason = f"a role cannot be judged: {one.facts.role.problem}"
            yield Finding(weight=Weight.OPEN, reason=reason, members=(one.grant.member,), plain=-1)


def _way(method: Method, able: Sequence[Held], *, certain: bool) -> list[Held]:
    """Grants that together hold what a method needs; none when they do not."""
    chosen: list[Held] = []
    for action in method.needs:
        holding = (one for one in able if (one.sure and action in one.facts.sure if certain else action in one.facts.maybe))
        first = next(holding, None)
        if first is None:
            return []
        chosen.append(first)
    return chosen


def _how(method: Method) -> str:
    return f"{method.how} ({' with '.join(method.needs)})"


def _doubt(grants: Sequence[Grant]) -> str:
    if any(grant.via == "eligible" for grant in grants):
        return ", for which it is only eligible: a machine cannot activate it, but someone may make it active"
    if any(grant.conditional for grant in grants):
        return ", under a condition that the evidence does not decide"
    if any(grant.reach is Reach.UNKNOWN for grant in grants):
        return ", but the evidence does not say on what"
    return ""


def _level(grant: Grant, facts: Facts) -> Finding | None:
    """What a role changes or reads."""
    where = _where(grant)
    plain = 2 * (not grant.conditional and grant.via == "role") + (grant.reach in BROAD)
    if facts.role.problem:
        reason = f"a role cannot be judged: {facts.role.problem}"
        return Finding(weight=Weight.LOWER, reason=reason, members=(grant.member,), plain=-1)
    if facts.changes:
        reason = f"changes: {_few(facts.changes)}{where}{_end(grant, facts)}{_keys(facts)}"
        return Finding(weight=Weight.WRITE, reason=reason, members=(grant.member,), plain=plain)
    if facts.reads:
        return Finding(weight=Weight.READ, reason=f"reads: {_few(facts.reads)}{where}", members=(grant.member,), plain=plain)
    return None


def _where(grant: Grant) -> str:
    if grant.via == "eligible":
        return ", once activated"
    return ", under a condition" if grant.conditional else ""


def _end(grant: Grant, facts: Facts) -> str:
    """Why administration of a part is none of the subscription."""
    ways = [method for method in METHODS if facts.maybe.issuperset(method.needs)]
    if not ways or grant.reach in {*BROAD, Reach.UNKNOWN}:
        return ""
    place = "one resource group" if grant.reach is Reach.RESOURCE_GROUP else "one resource"
    return f"; it {ways[0].how}, but on {place} only, which by itself makes no administrator"


def _keys(facts: Facts) -> str:
    named = [action for action in KEYS if action in facts.maybe]
    return f"; {named[0]} among it" if named and named[0] not in facts.changes else ""


def _few(patterns: Sequence[str]) -> str:
    more = len(patterns) - 3
    return ", ".join(patterns[:3]) + (f" and {more} more" if more > 0 else "")


def _members(by: Sequence[Held]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.grant.member for one in by))


def _also(grants: Sequence[Grant], anything: bool) -> str:
    notes = []
    if any(grant.via == "deny" for grant in grants) and anything:
        notes.append("a deny assignment names it and may take some of this away")
    if any(grant.via == "delegated" for grant in grants) and not anything:
        notes.append("its delegated permissions do no more than the user who signs in may do")
    return "".join(f"; {note}" for note in notes)
