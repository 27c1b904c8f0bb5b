"""What the checks of a snapshot say of every control: met, partly, not, unknown or not_applicable.

- `not`: something failed and nothing is known to pass; `partly`: something failed, something passed.
- `met`: something passed, nothing failed or is unknown, and every fact that its checks need was collected everywhere. Only as far as
  our checks measure: `Framework.scope_note` and `outside` say what is not.
- `not_applicable`: everything was collected, and there is no such subject.
- `unknown`: all the rest, with the reason. A control that only people can answer is never met by evidence alone, and one without a
  check is unknown, never hidden.

Computed on demand, from the results stored in a snapshot and the mapping of this installation: `mapping_version` names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from inventory.database import Database
from inventory.model import Fact
from scoring.catalogue import Check
from scoring.compliance import frameworks
from scoring.compliance.mapping import evidence_for_controls
from scoring.engine import NOTHING_TO_JUDGE

VERDICTS = ("not", "partly", "unknown", "not_applicable", "met")
"""Worst first."""

LISTED_BY = {
    "identity": (Fact.IDENTITIES,),
    "credential": (Fact.ACCESS_KEYS, Fact.STORED_SECRETS, Fact.SERVICE_CREDENTIALS, Fact.PASSWORDS),
    "workload": (Fact.WORKLOADS,),
    "resource": (Fact.RESOURCE_POLICIES,),
    "exposure": (Fact.SECRET_SCAN,),
}
"""Facts that list what a check judges. One that needs none of them needs the first: what nobody listed is neither fine nor absent."""

NOT_KEPT = "WITH check_count AS (SELECT check_id, NULL AS provider, passed, failed, unknown FROM check_result WHERE false), mapped AS"
"""Instead of the table that older snapshots lack: frameworks of one provider are then unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the evidence says of one control. Counts are judgements: one subject judged by two checks counts twice."""

    control: str
    verdict: str
    """One of VERDICTS."""
    reason: str
    judged: int
    passed: int
    failed: int
    unknown: int
    checks: Sequence[str]
    """Checks that are evidence for it; empty: not assessed."""
    ask: str | None
    """What only people can answer."""


def verdicts(database: Database, checks: Sequence[Check], thresholds: Mapping[str, float]) -> dict[str, Verdict]:
    """The verdict on every control of every framework, by reference. `thresholds`: those that the checks were judged by."""
    sql = (files("scoring.compliance") / "verdict.sql").read_text(encoding="utf-8")
    kept = "check_count" in database.tables()
    if not kept:
        sql = sql.replace("WITH mapped AS", NOT_KEPT, 1)
    found = evidence_for_controls(checks, thresholds)
    controls = [(control, framework.asks.get(control)) for framework in frameworks() for control in framework.controls]
    needs = [(check.check_id, str(fact)) for check in checks for fact in _needs(check)]
    rows = database.rows(
        sql,
        {
            "controls": [pair.control for pair in found],
            "checks": [pair.check_id for pair in found],
            "providers": [pair.provider for pair in found],
            "fits": [pair.fit for pair in found],
            "notes": [pair.note for pair in found],
            "need_checks": [check_id for check_id, _ in needs],
            "need_facts": [fact for _, fact in needs],
            "all_controls": [control for control, _ in controls],
            "asks": [ask for _, ask in controls],
            "nothing": NOTHING_TO_JUDGE,
            "kept": kept,
        },
    )
    by_control = {row["control"]: Verdict(**row) for row in rows}
    return {control: by_control[control] for control, _ in controls}


def _needs(check: Check) -> tuple[Fact, ...]:
    """The facts that a check needs, and one that lists its subjects."""
    listed_by = LISTED_BY.get(check.subject, ())
    return check.needs if not listed_by or set(listed_by) & set(check.needs) else (*check.needs, listed_by[0])
