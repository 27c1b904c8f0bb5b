"""What a set of policies allows on which ARNs, for the actions that paths name: certainly, and possibly.

As in `effective`, but object by object: allowed is what an Allow names, each limit (permission boundary, and each level of service
control policies) allows too, and no Deny names. `iam:PassedToService` is decided against the service that a role is passed to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from scoring.least_privilege.aws.catalogue import glob_regex
from scoring.least_privilege.aws.conditions import Holds, decide
from scoring.least_privilege.aws.documents import Policy, Statement
from scoring.least_privilege.aws.paths.arns import NOBODY, Arns, Bounds
from scoring.least_privilege.aws.paths.catalogue import actions, bit
from scoring.least_privilege.aws.resources import Resources, covers, overlaps

ALSO_ON = {"ec2-instance-connect": ("ec2",), "ssm": ("ec2",)}
"""Services whose actions work on resources of others."""

PASSED_TO = "iam:passedtoservice"


@lru_cache(maxsize=65536)
def _pattern(pattern: str) -> int:
    matches = glob_regex(pattern if ":" in pattern or pattern.strip("*") else "*").fullmatch
    mask = 0
    for action in actions():
        if matches(action):
            mask |= bit(action)
    return mask


@lru_cache(maxsize=65536)
def speaks_of(patterns: tuple[str, ...], negated: bool) -> int:
    """Which actions of the paths a statement's patterns stand for."""
    mask = 0
    for pattern in patterns:
        mask |= _pattern(pattern)
    return (1 << len(actions())) - 1 & ~mask if negated else mask


def holds(statement: Statement, service: str | None) -> Holds:
    """Whether a statement applies when a role is passed to a service; None: no role is passed."""
    condition = statement.condition
    if statement.holds is not Holds.MAYBE or service is None or not isinstance(condition, Mapping):
        return statement.holds
    if PASSED_TO not in str(condition).lower():
        return statement.holds
    rest: dict[str, dict[str, Any]] = {}
    for operator, tests in condition.items():
        for key, values in tests.items() if isinstance(tests, Mapping) else [("", tests)]:
            met = _is_passed(operator.lower(), values, service) if key.lower() == PASSED_TO else None
            if met is False:
                return Holds.NEVER
            if met is None:
                rest.setdefault(operator, {})[key] = values
    return decide(rest, "Allow" if statement.allow else "Deny")


def _is_passed(operator: str, raw: Any, service: str) -> bool | None:
    """Whether a test of iam:PassedToService is met; None: it is not one that we know."""
    values = [str(value).lower() for value in (raw if isinstance(raw, list) else [raw])]
    plain = operator.rpartition(":")[2].removesuffix("ifexists")
    found = any(glob_regex(value).fullmatch(service) if plain.endswith("like") else value == service for value in values)
    if plain in ("stringequals", "stringlike", "stringequalsignorecase"):
        return found
    if plain in ("stringnotequals", "stringnotlike", "stringnotequalsignorecase"):
        return not found
    return None


class Access:
    """Identity policies within limits: a level is a list of policies of which one must allow an action."""

    def __init__(self, policies: Sequence[Policy], levels: Sequence[Sequence[Policy]]) -> None:
        self.allows = list(_speaking(policies, allow=True))
        self.denies = list(_speaking([*policies, *(policy for level in levels for policy in level)], allow=False))
        self.levels = [list(_speaking(level, allow=True)) for level in levels]
        self.unread = [any(policy.problem for policy in level) for level in levels]
        self.mask = 0
        for statement in self.allows:
            self.mask |= speaks_of(statement.patterns, statement.negated)
        self._over: dict[tuple[int, int, str | None], Bounds] = {}

    def over(self, action: str, arns: Arns, service: str | None = None) -> Bounds:
        """The ARNs on which an action is allowed."""
        key = (bit(action), id(arns), service)
        if key not in self._over:
            self._over[key] = arns.kept(self._bounds(self.allows, action, arns.matching, arns.everything, service))
        return self._over[key]

    def undenied(self, action: str, arns: Arns) -> Bounds:
        """The ARNs on which an action stays allowed where the object's own policy allows it. Limits hold there for roles."""
        return self._bounds(None, action, arns.matching, arns.everything, None)

    def on(self, action: str, arn: str, names: Mapping[str, str], service: str | None = None) -> Holds:
        """Whether an action is allowed on one ARN. `names`: what policy variables stand for."""
        certain, possible = self._bounds(self.allows, action, lambda resources: _meets(resources, arn, names), 1, service)
        return Holds.ALWAYS if certain else Holds.MAYBE if possible else Holds.NEVER

    def _bounds(
        self, allows: Sequence[Statement] | None, action: str, matching: Callable[[Resources], Bounds], everything: int, service: str | None
    ) -> Bounds:
        found = Bounds(everything, everything) if allows is None else _allowed(allows, action, matching, service)
        for level, unread in zip(self.levels, self.unread, strict=True):
            within = _allowed(level, action, matching, service)
            found &= Bounds(within.certain, everything if unread or allows is None else within.possible)
        certain, possible = found
        for deny in _naming(self.denies, action):
            state, names = holds(deny, service), matching(deny.resources)
            if state is not Holds.NEVER:
                certain &= ~names.possible
            if state is Holds.ALWAYS:
                possible &= ~names.certain
        return Bounds(certain, possible)

    def anywhere(self, action: str) -> Holds:
        """Whether an action of a service is allowed on some resource of it, new ones included."""
        able = [statement for statement in _naming(self.allows, action) if usable(statement.resources, action)]
        best = Holds.NEVER
        for statement in able:
            state = self._anywhere(statement, action)
            if state is Holds.ALWAYS:
                return state
            best = Holds.MAYBE if state is Holds.MAYBE else best
        return best

    def _anywhere(self, statement: Statement, action: str) -> Holds:
        # where a name is free to choose, a pattern is as good as everything; an instance needs images, networks and more beside it
        free = statement.resources.everything or (
            not action.startswith("ec2:") and any("*" in pattern.rsplit(":", 1)[-1] for pattern in statement.resources.patterns)
        )
        certain = statement.holds is Holds.ALWAYS and free
        for level, unread in zip(self.levels, self.unread, strict=True):
            limits = [limit for limit in _naming(level, action) if overlaps(limit.resources, statement.resources)]
            if not limits and not unread:
                return Holds.NEVER
            certain = certain and any(limit.holds is Holds.ALWAYS and covers(limit.resources, statement.resources) for limit in limits)
        for deny in _naming(self.denies, action):
            whole = covers(deny.resources, statement.resources)
            if whole and deny.holds is Holds.ALWAYS:
                return Holds.NEVER
            if overlaps(deny.resources, statement.resources):
                # of everything, something is left when a few are denied for good
                certain = certain and deny.holds is Holds.ALWAYS and statement.resources.everything and not deny.resources.negated
        return Holds.ALWAYS if certain else Holds.MAYBE

    def allowing(self, action: str, arn: str | None, names: Mapping[str, str], service: str | None = None) -> Statement | None:
        """The plainest statement that allows an action: on an ARN, or on some resource of its service."""
        able = [
            (holds(statement, service) is Holds.ALWAYS, statement.resources.everything, -number, statement)
            for number, statement in enumerate(_naming(self.allows, action))
            if holds(statement, service) is not Holds.NEVER
            and (_meets(statement.resources, arn, names).possible if arn else usable(statement.resources, action))
        ]
        return max(able, key=lambda found: found[:3])[3] if able else None


def usable(resources: Resources, action: str) -> bool:
    """Whether resources may be of the action's service."""
    if resources.negated:
        return True
    service = action.partition(":")[0].lower()
    return any(_of_service(pattern, (service, *ALSO_ON.get(service, ()))) for pattern in resources.patterns)


def _of_service(pattern: str, services: Iterable[str]) -> bool:
    parts = pattern.split(":", 3)
    if len(parts) < 3 or set("*?$") & set("".join(parts[:3])):
        return True
    return parts[2] in services


def _speaking(policies: Iterable[Policy], *, allow: bool) -> Iterator[Statement]:
    for policy in policies:
        for statement in policy.statements:
            if statement.allow is allow and statement.holds is not Holds.NEVER and speaks_of(statement.patterns, statement.negated):
                yield statement


def _naming(statements: Iterable[Statement], action: str) -> Iterator[Statement]:
    mask = bit(action)
    return (statement for statement in statements if speaks_of(statement.patterns, statement.negated) & mask)


def _allowed(statements: Iterable[Statement], action: str, matching: Callable[[Resources], Bounds], service: str | None) -> Bounds:
    found = NOBODY
    for statement in _naming(statements, action):
        state = holds(statement, service)
        if state is not Holds.NEVER:
            names = matching(statement.resources)
            found |= Bounds(names.certain if state is Holds.ALWAYS else 0, names.possible)
    return found


def _meets(resources: Resources, arn: str, names: Mapping[str, str]) -> Bounds:
    found = NOBODY
    for pattern in resources.patterns:
        plain = re.sub(r"\$\{([^}]*)\}", lambda variable: names.get(variable[1].lower(), variable[0]), pattern)
        open_ = "${" in plain
        if glob_regex(re.sub(r"\$\{[^}]*\}", "*", plain)).fullmatch(arn):
            found |= Bounds(0 if open_ else 1, 1)
    return Bounds(1 - found.possible, 1 - found.certain) if resources.negated else found
