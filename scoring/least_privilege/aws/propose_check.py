"""The proof that a proposal takes away what it should and nothing else. What does not pass is not handed out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from scoring.least_privilege.aws.catalogue import Catalogue
from scoring.least_privilege.aws.documents import Policy, Statement
from scoring.least_privilege.aws.effective import Effective
from scoring.least_privilege.aws.resources import contains, overlap


def fault(
    old: Sequence[Policy], new: Sequence[Policy], boundaries: Sequence[Policy], catalogue: Catalogue, *, unused: int, foreign: Iterable[str]
) -> str | None:
    """Why the new policies may not replace the old ones; None when they may.

    They allow nothing that the old ones do not, statement by statement and so resource by resource; they keep all but the unused;
    and they deny the same.
    """
    before = Effective(policies=old, boundaries=boundaries, catalogue=catalogue, account=None)
    after = Effective(policies=new, boundaries=boundaries, catalogue=catalogue, account=None)
    if any(policy.problem for policy in new):
        return "one of its policies would not be valid"
    if _denies(old) != _denies(new):
        return "it would deny something else than today"
    if after.possible & ~before.possible:
        return "it would allow more than today"
    if before.possible & ~unused & ~after.possible:
        return "it would take away more than what is unused"
    gained = [one for one in _allows(new) if not _within(one, _allows(old), catalogue)]
    if gained:
        return f"statement {gained[0].number} would allow more than any statement of today"
    lost = [one for one in _allows(old) if not _kept(one, _allows(new), catalogue, unused)]
    if lost:
        return f"statement {lost[0].number} would lose more than what is unused"
    literals = {pattern for grant in before.grants for pattern in grant.beyond if not catalogue.expand(pattern).known}
    for pattern in sorted({*literals, *foreign}):
        if _allowed(old, pattern) and not _allowed(new, pattern):
            return f"it would lose {pattern}, which the catalogue does not know"
    return None


def _allowed(policies: Sequence[Policy], pattern: str) -> bool:
    """Whether a statement allows something outside the catalogue, by the text of its patterns."""
    return any(
        not any(overlap(other, pattern) for other in one.patterns)
        if one.negated
        else any(contains(other, pattern) for other in one.patterns)
        for one in _allows(policies)
    )


def _allows(policies: Sequence[Policy]) -> list[Statement]:
    return [one for policy in policies for one in policy.statements if one.allow]


def _denies(policies: Sequence[Policy]) -> set[str]:
    """The Deny statements, whatever their names and order."""
    return {
        json.dumps([sorted(one.patterns), one.negated, one.resources, one.condition], default=str, sort_keys=True)
        for policy in policies
        for one in policy.statements
        if not one.allow
    }


def _place(one: Statement) -> tuple[Any, ...]:
    return one.resources, json.dumps(one.condition, sort_keys=True)


def _mask(one: Statement, catalogue: Catalogue) -> int:
    named = 0
    for pattern in one.patterns:
        named |= catalogue.expand(pattern).mask
    return catalogue.everything & ~named if one.negated else named


def _within(one: Statement, today: Sequence[Statement], catalogue: Catalogue) -> bool:
    """Whether one statement of today allows all of it, what the catalogue does not list included."""
    return any(
        _place(one) == _place(other) and not _mask(one, catalogue) & ~_mask(other, catalogue) and _worded(one, other) for other in today
    )


def _worded(one: Statement, other: Statement) -> bool:
    if other.negated:
        # everything but what is named: the new statement names other things, or leaves out at least as much
        return set(other.patterns) <= set(one.patterns) if one.negated else True
    wide = any(pattern.strip("*:") == "" for pattern in other.patterns)
    return wide or (not one.negated and all(any(contains(whole, part) for whole in other.patterns) for part in one.patterns))


def _kept(one: Statement, then: Sequence[Statement], catalogue: Catalogue, unused: int) -> bool:
    mask = 0
    for other in then:
        if _place(one) == _place(other):
            mask |= _mask(other, catalogue)
    return not _mask(one, catalogue) & ~unused & ~mask
