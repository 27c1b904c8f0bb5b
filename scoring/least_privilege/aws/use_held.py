"""What one set of policies grants, counted against one pattern of use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from scoring.least_privilege.aws.catalogue import Catalogue
from scoring.least_privilege.aws.ceilings import NOTHING, Ceiling
from scoring.least_privilege.aws.documents import Policy
from scoring.least_privilege.aws.effective import Effective
from scoring.least_privilege.aws.principals import members_of
from scoring.least_privilege.aws.use_verdicts import Pattern, Verdicts, classes, split
from scoring.least_privilege.use import Use, Weight, weights


@dataclass(frozen=True, kw_only=True)
class Held:
    """The policies of one set, and what they come to."""

    policies: Sequence[Policy]
    boundaries: Sequence[Policy]
    catalogue: Catalogue
    ceiling: Ceiling = NOTHING
    """What the organisation leaves to the account."""

    @cached_property
    def effective(self) -> Effective:
        """The policies under evaluation."""
        return Effective(policies=self.policies, boundaries=self.boundaries, catalogue=self.catalogue, account=None, ceiling=self.ceiling)

    @cached_property
    def granted(self) -> int:
        """Actions of the catalogue that may be allowed on some resource, under some condition."""
        return self.effective.possible & self.catalogue.listed

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """Patterns that may be allowed and match nothing in the catalogue."""
        beyond = {pattern for grant in self.effective.grants for pattern in grant.beyond}
        return tuple(sorted(pattern for pattern in beyond if not self.catalogue.expand(pattern).known))

    @cached_property
    def boundless(self) -> bool:
        """It may allow actions of services that the catalogue does not know and no pattern names: `*`, or NotAction."""
        return any(self.catalogue.expand(pattern).known for grant in self.effective.grants for pattern in grant.beyond)

    @cached_property
    def gap(self) -> str | None:
        """Why what it grants is not known."""
        unread = [policy.problem for policy in self.policies if policy.problem]
        limits = [policy.problem for policy in self.boundaries if policy.problem]
        if unread:
            return f"a policy cannot be judged: {unread[0]}"
        return f"its permission boundary cannot be judged: {limits[0]}" if limits else None

    @cached_property
    def weight(self) -> int:
        """Of everything granted."""
        return self._weight(self.granted) + len(self.literals) * weights()[Weight.CHANGE]

    def _weight(self, mask: int) -> int:
        return sum(weights()[weight] * (mask & members).bit_count() for weight, members in classes(self.catalogue).items())

    def numbers(self, pattern: Pattern, found: Verdicts) -> dict[Use, int]:
        """How many permissions have which verdict."""
        counted = {use: mask.bit_count() for use, mask in split(self.granted, found).items()}
        # what no catalogue lists may be called unused only with the identity as a whole
        counted[Use.LIKELY_UNUSED if _idle(pattern, found) else Use.UNKNOWN] += len(self.literals)
        return counted

    def lost(self, after: Sequence[Policy]) -> int:
        """Actions that other policies in the place of these no longer grant."""
        return self.granted & ~replace(self, policies=after).granted

    def counted(self, pattern: Pattern, found: Verdicts) -> dict[str, Any]:
        """A row of `judging.use_count`, but for the pair."""
        numbers = self.numbers(pattern, found)
        action, confidence = self.decide(pattern, found, numbers)
        weight_unused = self._weight(self.granted & found.unused)
        return {
            "granted": sum(numbers.values()),
            **{str(use): number for use, number in numbers.items()},
            "weight": self.weight,
            "weight_unused": weight_unused,
            "weight_open": self.weight - weight_unused - self._weight(self.granted & found.used),
            "action": action,
            "confidence": confidence,
            "gap": self.gap,
        }

    def decide(self, pattern: Pattern, found: Verdicts, numbers: Mapping[Use, int]) -> tuple[str, str | None]:
        """What the evidence comes to, before any guard, and the confidence in it.

        high: the report lists all of the identity's services, looks back far enough, and covers all that would go. medium: what would
        go includes permissions that no record names, by a wildcard over services, or only the identity's own last use is known.
        """
        if self.gap:
            return "unknown", None
        if sum(numbers.values()) == 0:
            return "none", None
        covered = numbers[Use.UNKNOWN] == 0 and not self.boundless
        if found.wholly_unused and (_idle(pattern, found) or covered):
            reported = numbers[Use.UNUSED] == sum(numbers.values()) and not self.boundless
            return "disable", "high" if reported else "medium"
        if numbers[Use.UNUSED]:
            return "narrow", "medium" if self.boundless else "high"
        return ("none" if pattern.complete and pattern.seen else "unknown"), None


def _idle(pattern: Pattern, found: Verdicts) -> bool:
    return found.wholly_unused and pattern.own_use == "idle"


def held_by(members: Iterable[str], policies: Mapping[str, Policy], catalogue: Catalogue, ceiling: Ceiling = NOTHING) -> Held:
    """What the members of a policy set grant; each is written as `side document_id` or `side ?policy`."""
    listed = list(members)
    return Held(
        policies=members_of(listed, policies, ("identity",)),
        boundaries=members_of(listed, policies, ("boundary",)),
        catalogue=catalogue,
        ceiling=ceiling,
    )
