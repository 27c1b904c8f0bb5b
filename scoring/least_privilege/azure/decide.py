"""What to do with an Azure identity, from what is known of its use: the same for the count of all and for the proposal on one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from scoring.least_privilege.azure.effective import Held, Judge, sum_of
from scoring.least_privilege.azure.narrow import Step, steps
from scoring.least_privilege.azure.verdicts import Verdicts


class Decision(NamedTuple):
    """What would be done, guards aside."""

    action: str
    """narrow, disable, none."""
    steps: Sequence[Step]
    """What becomes of each assignment, where it is to be narrowed."""
    removed: int
    """Rights that would go: none but unused ones."""
    confidence: str | None
    """None: nothing is proposed."""


def decide(judge: Judge, held: Sequence[Held], found: Verdicts, *, idle: bool) -> Decision:
    """The action on a set of grants. Only what does not sign in is disabled: what does may be needed for more than these grants."""
    if not found.unused:
        return Decision("none", (), 0, None)
    if idle:
        quiet = all(one.covered for one in held if one.via == "role")
        return Decision("disable", (), found.unused, "high" if quiet else "medium")
    narrowed = steps(judge, held, found)
    others = sum_of(judge.given(one, held) for one in held if one.via != "deny" and one not in {step.held for step in narrowed})
    removed = found.held.all & ~(others | sum_of(step.after for step in narrowed))
    if not removed or removed & ~found.unused:
        return Decision("none", narrowed, 0, None)
    return Decision("narrow", narrowed, removed, "high")


def subject_to(facts: Mapping[str, Any]) -> str | None:
    """Why nothing is proposed for an identity, whatever it uses; None where it may be."""
    if facts["human"] == "human":
        return "Nothing is proposed for people."
    if not facts["in_scope"]:
        return "Nothing is proposed: it is not ours to change."
    return "Nothing is proposed: it is disabled already." if facts["status"] == "disabled" else None
