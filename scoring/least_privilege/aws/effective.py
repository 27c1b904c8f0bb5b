"""What a set of policies allows, as bit sets with two bounds: certainly, and possibly.

Rules of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an action is allowed when an identity
policy allows it, the permission boundary (if any) allows it too, every level of the organisation does whose policies are all known, and
no policy denies it. Resource policies and session policies are not seen here. One request of one principal: `evaluate`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from scoring.least_privilege.aws.catalogue import Catalogue
from scoring.least_privilege.aws.ceilings import NOTHING, Ceiling
from scoring.least_privilege.aws.conditions import Holds
from scoring.least_privilege.aws.documents import Policy, Statement
from scoring.least_privilege.aws.resources import Reach, contains, covers, overlap, overlaps, reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An Allow statement, and what of it is left by Deny statements and boundary."""

    statement: Statement
    possible: int
    """Actions it may allow on some resource, under some condition."""
    beyond: tuple[str, ...]
    """Patterns by which it may allow actions outside the catalogue; `*` for whatever there is."""


@dataclass(frozen=True, kw_only=True)
class Effective:
    """The policies of one set under evaluation."""

    policies: Sequence[Policy]
    boundaries: Sequence[Policy]
    catalogue: Catalogue
    account: str | None
    """Account of the identity, where it is known."""
    ceiling: Ceiling = NOTHING
    """What the organisation leaves to the account."""
    _masks: dict[int, tuple[int, int]] = field(default_factory=dict)

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        """One per Allow statement of the identity policies that can apply."""
        return tuple(self._grant(statement) for statement in _applicable(self.policies, allow=True))

    @cached_property
    def denies(self) -> tuple[Statement, ...]:
        """Deny statements that can apply: of identity policies, boundary and organisation alike."""
        return tuple(_applicable([*self.policies, *self.boundaries, *self.ceiling.denying], allow=False))

    @cached_property
    def possible(self) -> int:
        """Every action that may be allowed somewhere."""
        mask = 0
        for grant in self.grants:
            mask |= grant.possible
        return mask

    @property
    def beyond(self) -> bool:
        """Something outside the catalogue may be allowed."""
        return any(grant.beyond for grant in self.grants)

    def reaching(self, kind: str, reaches: Collection[Reach]) -> int:
        """Watched actions, others beside them, that may be allowed on IAM objects of a kind, by grants that reach that far."""
        mask = 0
        for grant in self.grants:
            if grant.possible & self.catalogue.watched and self.reach(grant.statement, kind) in reaches:
                mask |= grant.possible
        return mask

    def reach(self, statement: Statement, kind: str) -> Reach:
        """How far a statement reaches over the account's IAM objects of a kind."""
        return reach(statement.resources, kind, self.account)

    def certain(self, kind: str) -> int:
        """Watched actions, others beside them, that are certainly allowed on all IAM objects of a kind, but for a few that a Deny names."""
        mask = self._certain(self.policies, kind)
        for boundary in self.boundaries:
            mask &= self._certain([boundary], kind)
        for level in self.ceiling.limits:
            mask &= self._certain(level, kind)
        for statement in self.denies:
            if self.reach(statement, kind) in (Reach.ALL, Reach.SOME):
                mask &= ~self._bounds(statement)[1]
        return mask

    def _certain(self, policies: Sequence[Policy], kind: str) -> int:
        mask = 0
        for statement in _applicable(policies, allow=True):
            allowed = self._bounds(statement)[0]
            # how far a statement reaches is dear to find, and most allow nothing that is watched
            if statement.holds is Holds.ALWAYS and allowed & self.catalogue.watched and self.reach(statement, kind) is Reach.ALL:
                mask |= allowed
        return mask

    def _grant(self, statement: Statement) -> Grant:
        possible = self._bounds(statement)[1]
        beyond = self._beyond(statement)
        for deny in self.denies:
            if deny.holds is Holds.ALWAYS and covers(deny.resources, statement.resources):
                possible &= ~self._bounds(deny)[0]
                beyond = [pattern for pattern in beyond if not self._denied(deny, pattern)]
        for level in ((self.boundaries,) if self.boundaries else ()) + self.ceiling.limits:
            limits = [limit for limit in _applicable(level, allow=True) if overlaps(limit.resources, statement.resources)]
            unread = self._unread(level)
            within = unread
            for limit in limits:
                within |= self._bounds(limit)[1]
            possible &= within
            beyond = [pattern for pattern in beyond if unread or any(self._meets(limit, pattern) for limit in limits)]
        return Grant(statement=statement, possible=possible, beyond=tuple(beyond))

    def _unread(self, limits: Sequence[Policy]) -> int:
        """What limiting policies whose text is not known may allow."""
        mask = 0
        for limit in limits:
            if limit.problem:
                mask |= self.catalogue.everything & (~self.catalogue.watched if limit.harmless else -1)
        return mask

    def _bounds(self, statement: Statement) -> tuple[int, int]:
        """Actions that a statement speaks of: at least, at most. They differ only for patterns that AWS would refuse."""
        found = self._masks.get(id(statement))
        if found is None:
            found = self._masks[id(statement)] = self._compute(statement)
        return found

    def _compute(self, statement: Statement) -> tuple[int, int]:
        everything = self.catalogue.everything
        mask = 0
        malformed = False
        for pattern in statement.patterns:
            expansion = self.catalogue.expand(pattern)
            mask |= expansion.mask
            malformed = malformed or expansion.malformed
        if statement.negated:
            rest = everything & ~mask
            return (0 if malformed else rest, rest)
        return (mask, everything if malformed else mask)

    def _beyond(self, statement: Statement) -> list[str]:
        if statement.negated:
            return ["*"]
        return [_plain(pattern) for pattern in statement.patterns if self.catalogue.expand(pattern).beyond]

    def _denied(self, deny: Statement, pattern: str) -> bool:
        """Whether a Deny takes away everything that a pattern may allow outside the catalogue."""
        if deny.negated:
            return not self._touches(deny, pattern)
        return any(contains(_plain(denied), pattern) for denied in deny.patterns)

    def _meets(self, limit: Statement, pattern: str) -> bool:
        """Whether an Allow of the boundary may let through something that a pattern allows outside the catalogue."""
        if limit.negated:
            return not any(contains(_plain(excluded), pattern) for excluded in limit.patterns)
        return self._touches(limit, pattern)

    def _touches(self, statement: Statement, pattern: str) -> bool:
        # what a known pattern stands for is in the catalogue, unless the other side names one of its services' unlisted actions
        named = "*" not in pattern.partition(":")[0]
        return any(overlap(_plain(own), pattern) and (named or self.catalogue.expand(own).beyond) for own in statement.patterns)


def _plain(pattern: str) -> str:
    return "*" if pattern.strip("*:") == "" else pattern


def _applicable(policies: Sequence[Policy], *, allow: bool) -> Iterator[Statement]:
    for policy in policies:
        for statement in policy.statements:
            if statement.allow is allow and statement.holds is not Holds.NEVER:
                yield statement
