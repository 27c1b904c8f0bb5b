"""The verdict on the grants of a GCP identity.

`admin`: on a project, a folder or the organisation it holds, without a condition and over all of its roles together, one of the methods
of `gcp_escalation`. The same permissions on one service account or one resource are `write`: the reason says that they end there.
`unknown`: a condition, a role without text or a place that nobody named may yet make it an administrator. `write` and `read` go by the
permissions' names (`roles.reads`). A deny policy takes nothing away here, it is only named; `effective` reads what it denies.
The name of a role decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scoring.least_privilege.gcp.escalation import ABOVE, BROAD, IMPERSONATES, METHODS, Method
from scoring.least_privilege.gcp.roles import READ_ONLY, Role, Roles, reads, standard
from scoring.least_privilege.grants import Finding, Grant, Reach, Weight, verdict
from scoring.least_privilege.verdict import Verdict


class Held(NamedTuple):
    """A grant and the role it is of."""

    grant: Grant
    role: Role


class Judge:
    """The catalogue, and the custom roles read so far."""

    def __init__(self, texts: Mapping[str, str] | None = None, roles: Roles | None = None) -> None:
        """`texts`: definitions of roles by document id."""
        self.texts = texts or {}
        self.roles = roles or standard()
        self._custom: dict[tuple[str, str], Role] = {}
        self._alone: dict[Grant, Finding | None] = {}

    def privilege_of(self, grants: Iterable[Grant]) -> Verdict:
        """How much grants allow together."""
        listed = sorted(set(grants), key=lambda grant: grant.member)
        held = [Held(grant, self.role(grant)) for grant in listed if grant.via == "role"]
        denied = any(grant.via == "deny" for grant in listed)
        found = [*_methods(held, self.roles), *(one for each in held if (one := self._by_itself(each)) is not None)]
        return verdict(found, also="; a deny policy names it and may take some of this away" if denied and found else "")

    def _by_itself(self, one: Held) -> Finding | None:
        """What one grant changes or reads, found out once."""
        if one.grant not in self._alone:
            self._alone[one.grant] = _level(one.grant, one.role, self.roles)
        return self._alone[one.grant]

    def role(self, grant: Grant) -> Role:
        """The role of a grant: by its text where the evidence has it, else as Google defines it."""
        text = self.texts.get(grant.document_id or "")
        if text is None or grant.document_id is None:
            return self.roles.predefined(grant.role_id)
        key = (grant.role_id, grant.document_id)
        if key not in self._custom:
            self._custom[key] = self.roles.custom(grant.role_id, text)
        return self._custom[key]


def _methods(held: Sequence[Held], roles: Roles) -> Iterator[Finding]:
    """Administration, and what may come to it."""
    able = [one for one in held if one.role.mask & roles.watched and one.grant.reach in {*BROAD, Reach.UNKNOWN}]
    if not able:
        return
    sure = [one for one in able if not one.grant.conditional and one.grant.reach in BROAD]
    for number, method in enumerate(METHODS):
        plain = len(METHODS) - number
        if by := _way(method, sure, roles, certain=True):
            weight = Weight.ADMIN if method.certain else Weight.OPEN
            yield Finding(weight=weight, reason=_how(method), members=_members(by), plain=plain)
        elif by := _way(method, able, roles, certain=False):
            yield Finding(weight=Weight.OPEN, reason=_how(method) + _doubt(by), members=_members(by), plain=plain)


def _way(method: Method, able: Sequence[Held], roles: Roles, *, certain: bool) -> list[Held]:
    """Grants that together hold what a method needs over one place; none when they do not."""
    needed = [roles.bit(permission) for permission in method.needs]
    holding = [one for one in able if any(one.role.mask & bit for bit in needed) and _works(one.grant, method)]
    for start in holding:
        over = [one for one in holding if not certain or _same(one.grant, start.grant)]
        chosen = [next((one for one in over if one.role.mask & bit), None) for bit in needed]
        if all(chosen):
            return [one for one in chosen if one is not None]
    return []


def _works(grant: Grant, method: Method) -> bool:
    return grant.reach in method.reaches or grant.reach is Reach.UNKNOWN


def _same(one: Grant, other: Grant) -> bool:
    """Whether what two grants cover certainly has a project in common. What a folder holds is not in the evidence: it counts."""
    return one.reach in ABOVE or other.reach in ABOVE or (one.reach, one.place) == (other.reach, other.place)


def _how(method: Method) -> str:
    return f"{method.how} ({' with '.join(method.needs)})"


def _doubt(by: Sequence[Held]) -> str:
    if any(one.grant.conditional for one in by):
        return ", under a condition that the evidence does not decide"
    if any(one.grant.reach is Reach.UNKNOWN for one in by):
        return ", but the evidence does not say on what"
    return ", if both count for the same project"


def _level(grant: Grant, role: Role, roles: Roles) -> Finding | None:
    """What a role changes or reads, or that nobody can tell."""
    if role.problem is not None:
        weight = Weight.OPEN if grant.reach in {*BROAD, Reach.UNKNOWN} else Weight.LOWER
        return Finding(weight=weight, reason=f"a role cannot be judged: {role.problem}", members=(grant.member,), plain=-1)
    changing = role.mask & ~roles.looks
    others = [name for name in role.unlisted if not reads(name)]
    if (changing or others) and role.role_id not in READ_ONLY:
        reason = f"changes: {_few(changing, others, roles)}{_end(grant, role, roles)}{_where(grant)}"
        return Finding(weight=Weight.WRITE, reason=reason, members=(grant.member,), plain=_plainness(grant))
    if role.mask or role.unlisted:
        reason = f"reads: {_few(role.mask, role.unlisted, roles)}{_where(grant)}"
        return Finding(weight=Weight.READ, reason=reason, members=(grant.member,), plain=_plainness(grant))
    return None


def _end(grant: Grant, role: Role, roles: Roles) -> str:
    """Why taking over one object is no administration."""
    if grant.reach in {*BROAD, Reach.UNKNOWN} or not role.mask & roles.mask_of(IMPERSONATES):
        return ""
    if grant.reach is Reach.SERVICE_ACCOUNT:
        return "; it may become this one service account, which by itself makes no administrator"
    return "; on one resource, which by itself makes no administrator"


def _few(mask: int, others: Sequence[str], roles: Roles) -> str:
    """The first permissions, those that decide over administration before others."""
    weighty = roles.members(mask & roles.watched)[:3]
    rest = mask & ~roles.watched
    count = mask.bit_count() + len(others)
    shown = list(weighty)
    while rest and len(shown) < 3:
        lowest = rest & -rest
        shown.append(roles.names[lowest.bit_length() - 1])
        rest ^= lowest
    shown.extend(others[: 3 - len(shown)])
    return ", ".join(shown) + (f" and {count - len(shown)} more" if count > len(shown) else "")


def _plainness(grant: Grant) -> int:
    return 2 * (not grant.conditional) + (grant.reach in BROAD)


def _where(grant: Grant) -> str:
    return ", under a condition" if grant.conditional else ""


def _members(by: Sequence[Held]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.grant.member for one in by))
