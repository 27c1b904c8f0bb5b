"""Why a right counts as used, unused or unknown: one clause each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scoring.least_privilege.azure.decide import Decision
from scoring.least_privilege.azure.effective import Held
from scoring.least_privilege.azure.rights import Plane, Rights
from scoring.least_privilege.azure.verdicts import Verdicts
from scoring.least_privilege.use import Use

BY_PLANE = {
    Plane.DATA: "the activity log does not hold what is done with data",
    Plane.PATTERN: "no list says which actions it stands for",
    Plane.ENTRA: "no source tells which permissions of the directory and its APIs are used",
    Plane.VAULT: "the activity log does not hold what is done with a vault's contents",
}


def permission_reason(
    rights: Rights, bit: int, by: Sequence[Held], use: Use, facts: Mapping[str, Any], seen: Mapping[str, Any] | None
) -> str:
    """`by`: grants that give it. `facts`: row of idle.sql. `seen`: the record of its use, recent or not."""
    if use is Use.USED:
        return f"the activity log shows it on {seen['last_at']:%Y-%m-%d}" if seen and seen["last_at"] else "the activity log shows it"
    if use is Use.UNUSED and facts["idle"]:
        return idle_reason(facts)
    if use is Use.UNUSED:
        return f"not in the activity log of its subscription, which looks back {_window(by)} days"
    if use is Use.LIKELY_UNUSED and facts["absent"]:
        return "the report of sign-ins, which was collected whole, does not name the application"
    if use is Use.LIKELY_UNUSED:
        return f"not in the activity logs that were collected, which look back {_window(by)} days and may not cover all of its place"
    return _unknown(rights, bit, by)


def idle_reason(facts: Mapping[str, Any]) -> str:
    """Why an application that does not sign in uses nothing."""
    last = facts["last_used_at"]
    return (
        f"the application last signed in on {last:%Y-%m-%d}" if last else "the application has never signed in, as far as that is recorded"
    )


def _window(by: Sequence[Held]) -> int:
    return min((held.window_days for held in by if held.window_days is not None), default=0)


def _unknown(rights: Rights, bit: int, by: Sequence[Held]) -> str:
    right = rights.rights[bit.bit_length() - 1]
    if right.plane is not Plane.CONTROL:
        return BY_PLANE[right.plane]
    if right.name.lower().endswith("/read"):
        return "the activity log holds no reads"
    if not bit & rights.logged:
        return "its service takes it at an endpoint of its own, which the activity log does not see"
    if all(held.via == "eligible" for held in by):
        return "held only once somebody activates the role"
    bare = next((held.place for held in by if held.window_days is None), None)
    if bare is not None:
        return f"no activity log covers {bare or 'its place'}: collect it with --offset 90d --max-events 100000"
    return "checked while something else is written, and not logged by itself"


def summary(found: Verdicts, decision: Decision, held: Sequence[Held], facts: Mapping[str, Any]) -> str:
    """One sentence on an identity: what to do next, or why there is nothing to do."""
    granted, unused = found.held.all.bit_count(), found.unused.bit_count()
    if not granted:
        return "Nothing is granted to it."
    if decision.action == "disable":
        return f"Disable it, and delete it later: {idle_reason(facts)}."
    if decision.action == "narrow":
        changed = sum(step.after != step.before for step in decision.steps)
        return f"Narrow {changed} role assignment{'s' if changed != 1 else ''}: {decision.removed.bit_count()} of {granted} permissions are not used."
    if unused:
        left = next((step.left for step in decision.steps if step.left and step.before & found.unused), "other grants give it too")
        return f"{unused} of {granted} permissions are not used, but nothing can be taken away here: {left}."
    likely, unknown = found.likely.bit_count(), found.unknown.bit_count()
    if likely:
        return f"Ask its owner: {likely} of {granted} permissions are likely unused, and nothing is known to be."
    if any(one.via == "role" and one.window_days is None for one in held):
        return f"Collect the activity log of its subscriptions, whole and over 90 days: {unknown} of {granted} permissions are open."
    return f"Nothing that it holds is known to be unused: no source tells of {unknown} of {granted} permissions."
