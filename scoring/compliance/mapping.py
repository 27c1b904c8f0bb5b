"""Which checks are evidence for which control, and how the thresholds of a policy pack fit the figures that a control names.

The checks say it (`maps_to`); here it is turned round, and carried to other versions of the same framework: within a family, what has
the same title is the same rule. Nothing is judged here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scoring.catalogue import Check
from scoring.compliance import Framework, frameworks


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One check as evidence for one control."""

    control: str
    check_id: str
    provider: str | None
    """Only subjects of this provider count; NULL: all."""
    fit: str
    """same, looser or stricter: the thresholds it was judged by against those that the control names."""
    note: str | None
    """Why a pass (looser) or a failure (stricter) does not count; NULL when both do."""


def evidence_for_controls(checks: Iterable[Check], thresholds: Mapping[str, float]) -> list[Evidence]:
    """Every pair of a control and a check that speaks of it, in the order of the frameworks, then of the checks."""
    wanted = list(checks)
    named = _named(wanted)
    return [
        _evidence(framework, control, check, thresholds)
        for framework in frameworks()
        for control, title in framework.controls.items()
        for check in wanted
        if check.check_id in named.get(control, ()) or (framework.family and check.check_id in named.get((framework.family, title), ()))
    ]


def _named(checks: Iterable[Check]) -> dict[object, set[str]]:
    """Ids of checks by the control they name, and by the rule (family and title) that it is a version of."""
    found: dict[object, set[str]] = {}
    rules = {control: (framework.family, title) for framework in frameworks() for control, title in framework.controls.items()}
    for check in checks:
        for control in check.maps_to:
            found.setdefault(control, set()).add(check.check_id)
            found.setdefault(rules.get(control), set()).add(check.check_id)
    return found


def _evidence(framework: Framework, control: str, check: Check, thresholds: Mapping[str, float]) -> Evidence:
    fit, note = "same", None
    for name, figure in framework.limits.get(control, {}).items():
        ours = thresholds.get(name)
        if name not in check.parameters or ours == figure:
            continue
        fit = "looser" if ours is None or ours > figure else "stricter"
        what = "pass" if fit == "looser" else "failure"
        note = f"the control says {name} = {figure:g}, it was judged by {ours or 0:g}: a {what} does not count"
        if fit == "looser":
            break
    return Evidence(control=control, check_id=check.check_id, provider=framework.provider, fit=fit, note=note)


def mapping_version(checks: Iterable[Check]) -> str:
    """A short mark of the mapping: it changes exactly when some list of ids, question, figure or `maps_to` does."""
    said = [
        *(repr((f.key, dict(f.controls), dict(f.asks), dict(f.outside), dict(f.limits), f.provider, f.family)) for f in frameworks()),
        *sorted(repr((check.check_id, check.maps_to, tuple(map(str, check.needs)))) for check in checks),
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:10]
