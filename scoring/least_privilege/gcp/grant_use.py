"""Which permissions of each grant are used, by the evidence about that grant.

A policy insight watches one grant whole: what it names was used, what it infers is kept, the rest was not used. An account that
authenticated nowhere used nothing. Everything else is unknown, and so is what a stale, undated or too short look did not see.
https://cloud.google.com/policy-intelligence/docs/policy-insights
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scoring.least_privilege.gcp.effective import Binding, Evaluator, short
from scoring.least_privilege.gcp.holdings import Holding, Watched
from scoring.least_privilege.use import Use
from scoring.packs import Pack

RUN_BY_GOOGLE = ("@cloudservices.gserviceaccount.com", "@cloudbuild.gserviceaccount.com")
"""Accounts as which only Google's services act, and which nobody can disable: that they are not seen to authenticate says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The thresholds, as dates."""

    as_of: datetime
    unused_days: int
    fresh_days: int

    @property
    def used_since(self) -> datetime:
        """What was used before is not in use."""
        return self.as_of - timedelta(days=self.unused_days)

    @property
    def looked_since(self) -> datetime:
        """A look that ended before is stale."""
        return self.as_of - timedelta(days=self.fresh_days)


def limits(as_of: datetime, pack: Pack) -> Limits:
    """Thresholds of a pack."""
    return Limits(as_of=as_of, unused_days=int(pack.thresholds["unused_days"]), fresh_days=int(pack.thresholds["iam_max_age_days"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantUse:
    """One grant of a role, its permissions split by their use. Bits of `Names`; the four are disjoint and together `mask`."""

    binding: Binding
    mask: int
    """What it grants: the role's permissions less those denied for certain."""
    used: int = 0
    likely: int = 0
    unused: int = 0
    watched: Watched | None = None
    why: str
    """About what was not seen in use."""
    problem: str | None = None
    """Why the role cannot be read."""
    lapsed: bool = False
    """Its condition has run out: it grants nothing any more."""

    @property
    def unknown(self) -> int:
        return self.mask & ~(self.used | self.likely | self.unused)

    @property
    def kept(self) -> int:
        """What a proposal keeps."""
        return self.mask & ~self.unused

    def mask_of(self, use: Use) -> int:
        """Permissions with one verdict."""
        return {Use.USED: self.used, Use.LIKELY_UNUSED: self.likely, Use.UNUSED: self.unused, Use.UNKNOWN: self.unknown}[use]


def words(binding: Binding) -> str:
    """`roles/editor on projects/p`."""
    return (
        f"{binding.role_id} on {short(binding.place)}" if binding.place else f"{binding.role_id} on a place that the source does not name"
    )


def idle(holding: Holding, limit: Limits) -> str | None:
    """Why nothing that the identity holds is used: it did not authenticate. None where it did, or nobody can tell."""
    seen = holding.authentication
    if holding.name.endswith(RUN_BY_GOOGLE):
        return None
    if seen is None or not holding.last_used_known or not _fresh(seen, limit) or (seen.window_days or 0) < limit.unused_days:
        return None
    lately = [
        *(one for one in (holding.last_used_at, holding.key_used_at) if one is not None),
        *(last_at for last_at, _ in holding.calls.values()),
        *(one.until for one in holding.observed.values() if one.used and one.until is not None),
    ]
    if any(one >= limit.used_since for one in lately):
        return None
    since = f"since {holding.last_used_at:%Y-%m-%d}" if holding.last_used_at else f"in the {seen.window_days} days to {seen.until:%Y-%m-%d}"
    return f"it has not authenticated {since}"


def _fresh(seen: Watched, limit: Limits) -> bool:
    return seen.until is not None and seen.until >= limit.looked_since


def grants_used(holding: Holding, evaluator: Evaluator, limit: Limits) -> list[GrantUse]:
    """Every grant of a role, in the order of its bindings."""
    asleep = idle(holding, limit)
    return [_use(holding, binding, evaluator, limit, asleep) for binding in holding.bindings if binding.via == "role"]


def _use(holding: Holding, binding: Binding, evaluator: Evaluator, limit: Limits, asleep: str | None) -> GrantUse:
    role, problem = evaluator.role(binding)
    if evaluator.decided(binding) is False:
        return GrantUse(binding=binding, mask=0, why="its condition has run out", lapsed=True)
    denies = [one for one in holding.bindings if one.via == "deny" and evaluator.decided(one)]
    taken = 0
    for one in denies:
        taken |= evaluator.denied(one) if evaluator.hierarchy.covers(one.place, binding.place) else 0
    mask = role & ~taken
    if asleep is not None:
        return GrantUse(binding=binding, mask=mask, unused=mask, watched=holding.authentication, why=asleep, problem=problem)
    called = evaluator.names.mask_of(action for action, (last_at, _) in holding.calls.items() if last_at >= limit.used_since) & mask
    seen = holding.watched(binding)
    if seen is None:
        return GrantUse(binding=binding, mask=mask, used=called, why="no policy insight is about this grant", problem=problem)
    recent = seen.until is not None and seen.until >= limit.used_since
    used = called | (evaluator.names.mask_of(seen.used) & mask if recent else 0)
    if why := _says_nothing(seen, limit):
        return GrantUse(binding=binding, mask=mask, used=used, watched=seen, why=why, problem=problem)
    likely = evaluator.names.mask_of(seen.inferred) & mask & ~used
    why = f"not used in the {seen.window_days} days to {seen.until:%Y-%m-%d}"
    return GrantUse(
        binding=binding, mask=mask, used=used, likely=likely, unused=mask & ~used & ~likely, watched=seen, why=why, problem=problem
    )


def _says_nothing(seen: Watched, limit: Limits) -> str | None:
    """Why what an insight does not name may be in use all the same."""
    if seen.until is None or seen.window_days is None:
        return "the policy insight does not say what period it looked at"
    if not _fresh(seen, limit):
        return f"the newest policy insight is of {seen.until:%Y-%m-%d}: collect it again"
    return None


def folded(grants: Sequence[GrantUse]) -> dict[Use, int]:
    """The verdict on each permission over all grants: used by one is used; unknown through one is not unused."""
    masks = dict.fromkeys(Use, 0)
    taken = 0
    for use in (Use.USED, Use.UNKNOWN, Use.LIKELY_UNUSED, Use.UNUSED):
        for grant in grants:
            masks[use] |= grant.mask_of(use) & ~taken
        taken |= masks[use]
    return masks
