"""The HTML report: one self-contained file from one snapshot. No script, nothing loaded from anywhere, every value escaped.

Determined by the snapshots, the decisions, the day given and the rules alone: the clock is not read, so the same give the same bytes.
"""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from inventory.decision_log import DecisionLog
from inventory.decisions import Decisions
from inventory.store import Database, Lake, Snapshot
from reports import charts, svg, views
from reports.palette import DARK, LIGHT
from reports.views import interview, least_privilege, methodology, metrics, progress, stages
from reports.views.compliance import report_section
from reports.views.coverage import coverage_matrices, to_supply
from reports.views.findings import FindingFilter, check_results, findings_page
from reports.views.programme import programme_section
from reports.views.questions import SUPPLEMENTARY, bands_in_words, questions
from reports.views.summary import attained_percent, thresholds
from scoring.decided import lay_over
from scoring.progress.compare import comparison

NOBODY = Decisions()
"""Nothing decided."""

LISTED = 100
"""Findings printed in full; the rest are counted, and the report says so."""

EVIDENCE_SHOWN = 5

ACTED_ON = 15
"""Identities to act on first, and ways to more privilege, printed in full."""


def render_html(
    lake: Lake, snapshot_id: str, compare_id: str | None = None, *, decisions: Decisions = NOBODY, on: date | None = None
) -> str:
    """The report of a snapshot as HTML, compared with another one when its id is given, with decisions laid over it.

    `on`: the day by which exceptions expire; the snapshot's own if left out. Raises StoreError for an unknown id.
    """
    with ExitStack() as stack:
        snapshot = lake.snapshot(snapshot_id)
        database = stack.enter_context(lake.open(snapshot_id))
        day = on or snapshot.as_of.date()
        lay_over(database, decisions, on=day)
        before = lake.snapshot(compare_id) if compare_id else None
        change = progress.section(stack.enter_context(comparison(lake, before, snapshot))) if before else None
        earlier = stack.enter_context(lake.open(before.snapshot_id)) if before else None
        context = _context(snapshot, database, before, change) | {
            "metrics": metrics.figures(database, earlier),
            "interview": interview.section(database, snapshot, decisions, day),
            "programme": programme_section(database, snapshot, decisions, day),
        }
        return _environment().get_template("report.html.j2").render(context)


def _environment() -> Environment:
    """Escapes everywhere: `.html.j2` is not among the endings that Jinja escapes by itself."""
    environment = Environment(
        autoescape=True, loader=FunctionLoader(_template), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(day=_day, span=_span, percent=_percent, creep=_creep)
    return environment


def _template(name: str) -> str:
    return (files("reports") / "templates" / name).read_text(encoding="utf-8")


def _context(snapshot: Snapshot, database: Database, before: Snapshot | None, change: dict[str, Any] | None) -> dict[str, Any]:
    rows, asked = stages.distribution(database), questions(database)
    percent = attained_percent(snapshot)
    failed = findings_page(database, FindingFilter(status="fail"), limit=LISTED)
    return {
        "snapshot": snapshot,
        "summary": views.summary(database, snapshot),
        "percent": percent,
        "stages": methodology.stages(),
        "distribution": rows,
        "stage_chart": svg.stage_bars(rows, charts.stage_takeaway(rows)),
        "stage_takeaway": charts.stage_takeaway(rows),
        "groups": stages.by_group(database, "scope", percent),
        "questions": asked,
        "supplementary": SUPPLEMENTARY,
        "bands": bands_in_words(thresholds(snapshot)),
        "question_chart": svg.question_bars(asked, charts.question_takeaway(asked)),
        "question_takeaway": charts.question_takeaway(asked),
        "risks": views.top_risks(database),
        "access": (access := _access(database)),
        "seen_index": least_privilege.interval(access["totals"]["seen_lo"], access["totals"]["seen_hi"]),
        "access_takeaway": charts.use_takeaway(access["totals"]),
        "moves": dataclasses.asdict(views.next_moves(database)),
        "before": before,
        "change": change,
        "findings": failed,
        "checks": check_results(database),
        "evidence_shown": EVIDENCE_SHOWN,
        "compliance": report_section(database, snapshot),
        "gaps": to_supply(database),
        "matrices": coverage_matrices(database),
        "rules": methodology.placement_rules(),
        "bounds": methodology.bounds_on_copies(),
        "light": LIGHT,
        "dark": DARK,
    }


def _access(database: Database) -> dict[str, Any]:
    """Granted against used: over all, by provider and account, what to act on first, and the ways to more."""
    everyone = least_privilege.AccessFilter()
    return {
        "totals": least_privilege.access_totals(database, everyone),
        "groups": least_privilege.creep_by(database, "scope", everyone),
        "first": [row for row in least_privilege.access_page(database, everyone, limit=ACTED_ON) if row["action"] in ("disable", "narrow")],
        "ways": least_privilege.escalations(database, limit=ACTED_ON),
        "actions": least_privilege.ACTIONS,
    }


def _day(moment: datetime | str | None) -> str:
    if moment is None:
        return "—"
    return moment[:10] if isinstance(moment, str) else f"{moment:%Y-%m-%d}"


def _span(row: dict[str, Any], suffix: str = "") -> str:
    return stages.span(row[f"stage_lo{suffix}"], row[f"stage_hi{suffix}"])


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f} %"


def write_report(lake: Lake, snapshot: Snapshot, compare: str | None, folder: Path, *, on: date) -> Path:
    """Render and write, with the decisions of the workspace; returns the file. `on`: the day by which exceptions expire."""
    before = lake.before(snapshot)
    decisions = DecisionLog(lake.workspace).standing()
    html = render_html(lake, snapshot.snapshot_id, compare or (before.snapshot_id if before else None), decisions=decisions, on=on)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"nhi-posture-{snapshot.snapshot_id}.html"
    target.write_text(html, encoding="utf-8")
    return target


def _creep(row: dict[str, Any]) -> str:
    """A permission-creep index as an interval."""
    return least_privilege.interval(row["creep_lo"], row["creep_hi"])
