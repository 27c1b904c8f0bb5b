"""What ought to be done about one GCP identity, decided from its grants and their use: the same answer for counts and for proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scoring.least_privilege.gcp.effective import Evaluator
from scoring.least_privilege.gcp.grant_use import GrantUse, Limits, folded, grants_used, idle
from scoring.least_privilege.gcp.holdings import Holding
from scoring.least_privilege.gcp.names import Names
from scoring.least_privilege.gcp.replacement import replacement
from scoring.least_privilege.guards import guards
from scoring.least_privilege.use import Use
from scoring.packs import Pack

SUPPLY_ROLE = "supply its text: gcloud iam roles describe"
SUPPLY_INSIGHTS = "supply policy insights: gcloud recommender insights list --insight-type=google.iam.policy.Insight"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One identity's grants, what of them is used, and what that comes to."""

    grants: Sequence[GrantUse]
    masks: Mapping[Use, int]
    """Permissions by verdict, over all grants."""
    gap: str | None
    """Why what it holds is not known."""
    action: str
    """narrow, disable, none, unknown: before guards."""
    reason: str
    """A clause."""
    confidence: str | None
    window_days: int | None
    """The shortest look that shows something unused."""

    @property
    def granted(self) -> int:
        """All permissions it may hold."""
        mask = 0
        for one in self.masks.values():
            mask |= one
        return mask


def standing(holding: Holding, evaluator: Evaluator, limit: Limits) -> Standing:
    """Decide about one identity."""
    grants = grants_used(holding, evaluator, limit)
    problem = next((one.problem for one in grants if one.problem), None)
    gap = holding.gap or (f"a role cannot be judged: {problem}; {SUPPLY_ROLE}" if problem else None)
    asleep = idle(holding, limit)
    action, reason = _decided(holding, grants, gap, asleep, evaluator.names)
    windows = [one.watched.window_days for one in grants if one.unused and one.watched and one.watched.window_days is not None]
    if asleep and holding.authentication and holding.authentication.window_days is not None:
        windows = [holding.authentication.window_days]
    window = min(windows, default=None)
    return Standing(
        grants=grants,
        masks=folded(grants),
        gap=gap,
        action=action,
        reason=reason,
        confidence=_confidence(action, holding, window, limit),
        window_days=window,
    )


def held_back(holding: Holding, found: Standing, limit: Limits, pack: Pack) -> list[str]:
    """Guards of an identity from which something would be taken."""
    if found.action not in ("narrow", "disable"):
        return []
    return guards(
        created_at=holding.created_at,
        changed_at=holding.changed_at,
        window_days=found.window_days,
        name=holding.name,
        purpose=holding.purpose,
        as_of=limit.as_of,
        pack=pack,
    )


def _decided(holding: Holding, grants: Sequence[GrantUse], gap: str | None, asleep: str | None, names: Names) -> tuple[str, str]:
    if outside := _not_ours(holding):
        return "none", outside
    if gap is not None:
        return "unknown", gap
    if asleep is not None and holding.kind == "service_account":
        return "disable", asleep
    if not grants:
        return "none", "no role is granted to it"
    if removable := [one for one in grants if replacement(one, names).changes]:
        gone, held = _count(removable), _count(grants, held=True)
        if not gone:
            return "narrow", "a grant's condition has run out: it grants nothing any more"
        return "narrow", f"of {held} permissions in its grants {gone} were {next(one.why for one in removable if one.unused)}"
    if fitting := next((one for one in grants if one.unused and not one.problem), None):
        return "none", f"{replacement(fitting, names).why}; what of its grants is not in use comes with them"
    if any(one.unknown for one in grants):
        return "unknown", f"{next(one.why for one in grants if one.unknown)}: {SUPPLY_INSIGHTS}"
    return "none", "all that it is granted is used, or Google takes it to be needed"


def _not_ours(holding: Holding) -> str | None:
    """Why nothing is proposed for an identity, whatever it uses."""
    if not holding.in_scope:
        return "it is not in scope"
    if holding.human == "human":
        return "it is a person's"
    if holding.status == "disabled":
        return "it is disabled: delete it once nobody has missed it"
    return None


def _count(grants: Sequence[GrantUse], *, held: bool = False) -> int:
    return sum((one.mask if held else one.unused).bit_count() for one in grants)


def _confidence(action: str, holding: Holding, window: int | None, limit: Limits) -> str | None:
    """high: each grant was watched whole. medium: only authentication was, and Google leaves some kinds of it out."""
    if action not in ("narrow", "disable"):
        return None
    if window is not None and window < limit.unused_days:
        return "low"
    if action == "disable" and not all(holding.watched(one) for one in holding.bindings if one.via == "role"):
        return "medium"
    return "high"
