"""What a gate counts when it is given a baseline, and what it leaves out: every failed finding with one cause."""

from __future__ import annotations

from typing import Any

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from reports.views.summary import SEVERITIES, identified
from scoring.progress.since import SINCE, since

REGRESSION = ("worse", "new", "newly_known")
"""Causes that count. A change of rules or of what is covered is none: it says nothing about what people did."""


def against(
    database: Database, lake: Lake, baseline: Snapshot, now: Snapshot, severity: str, *, newly_known: bool = True
) -> dict[str, Any]:
    """Failed findings at a severity or above that nobody excepts today, by cause (`causes`); how many count (`counted`: regressions, without the newly
    known where they are not wanted); how many of the baseline cannot be judged any more (`lost`). Raises StoreError."""
    since(database, lake, baseline, now)
    wanted = {"severities": list(SEVERITIES[: SEVERITIES.index(severity) + 1])}
    rows = database.rows(
        "SELECT cause, count(*) AS n FROM baseline.since WHERE list_contains($severities, severity) GROUP BY cause", wanted
    )
    found = {row["cause"]: int(row["n"]) for row in rows}
    causes = {cause: found.get(cause, 0) for cause in SINCE}
    counting = [cause for cause in REGRESSION if newly_known or cause != "newly_known"]
    lost = database.value("SELECT count(*) FROM baseline.lost WHERE list_contains($severities, severity)", wanted)
    return {
        "baseline": identified(baseline),
        "fail_on": severity,
        "causes": causes,
        "counting": counting,
        "counted": sum(causes[cause] for cause in counting),
        "lost": int(lost),
    }


def in_words(result: dict[str, Any]) -> list[str]:
    """The same, a line each: what counts first, then what does not, then what nobody knows."""
    name, severity = result["baseline"]["snapshot_id"], result["fail_on"]
    lines = [f"--fail-on {severity}, baseline {name}: {result['counted']:,} failed findings count"]
    order = [*result["counting"], *(cause for cause in SINCE if cause not in result["counting"])]
    for cause in order:
        if result["causes"][cause]:
            verdict = "counts" if cause in result["counting"] else "does not count"
            lines.append(f"  {result['causes'][cause]:,} {cause.replace('_', ' ')} ({verdict}): {SINCE[cause]}")
    if result["lost"]:
        lines.append(
            f"  {result['lost']:,} that failed in the baseline cannot be judged any more: evidence is missing, nothing says that they are repaired"
        )
    return lines
