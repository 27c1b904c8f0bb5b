"""A roll-up of several workspaces as a file: HTML for people, CSV for a spreadsheet, JSON for programs. The figures are those of views/roll_up.py."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

from reports.exports import cell
from reports.palette import LIGHT
from reports.views.questions import WORDING
from reports.views.roll_up import ASKED
from reports.views.summary import SEVERITIES
from scoring.attained import STAGES

SCHEMA = {"schema": "nhi-posture/roll-up", "schema_version": 1}
TOTAL = "Total"


def as_json(found: Mapping[str, Any]) -> str:
    """Every figure, with its names as in views/roll_up.py."""
    return json.dumps({**SCHEMA, **found}, indent=1, default=str, ensure_ascii=False) + "\n"


def as_csv(found: Mapping[str, Any]) -> str:
    """A record for each workspace, and one of totals; notes stand above, ended by an empty line. An empty cell: nothing to say, or not to be added."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([["Note", cell(note)] for note in found["notes"]])
    if found["notes"]:
        writer.writerow([])
    rows = [*map(cells, found["workspaces"]), cells({"workspace": TOTAL, **found["totals"]})]
    writer.writerow(list(rows[0]))
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row by the headers of the table; totals have some of them only."""
    people, exact, failed = row.get("identities") or {}, row.get("coverage") or row, row.get("failed") or {}
    by_stage = {one["stage"]: one for one in row.get("stages") or []}
    change, answers = row.get("change") or {}, row.get("questions") or {}
    return {
        "Workspace": row["workspace"],
        "Snapshot": row.get("label"),
        "Snapshot id": row.get("snapshot_id"),
        "Data as of": (row.get("as_of") or "")[:10] or None,
        "Rules version": row.get("rules_version"),
        "Pack": row.get("pack"),
        "Identities": people.get("total"),
        "Non-human": people.get("nonhuman"),
        "Not known whether human": people.get("human_unknown"),
        "Attained, for certain": row.get("attained_lo"),
        "Attained, at most": row.get("attained_hi"),
        "Access paths": exact.get("paths"),
        "With one certain stage": exact.get("exact"),
        "Placed subjects": row.get("subjects"),
        "Stage not certain": row.get("not_a_point"),
        **{f"Stage {stage}, for certain": by_stage.get(stage, {}).get("exact") for stage in STAGES},
        "No active path": row.get("no_active_path"),
        **{f"Failed, {name}": failed.get(name) for name in SEVERITIES},
        "Findings not known": row.get("findings_unknown"),
        **{one: answer_in_words(answers.get(one)) if answers else None for one in ASKED},
        "Change": change_in_words(row) if "change" in row else None,
        "Attained before, for certain": change.get("attained_lo"),
        "Attained before, at most": change.get("attained_hi"),
    }


def answer_in_words(answer: Mapping[str, Any] | None) -> str:
    """`no: 0 of 20 met, 1 unknown`: whether it is well, and what that was counted from."""
    if answer is None:
        return "not asked"
    return f"{answer['met'].replace('_', ' ')}: {answer['numerator']:,} of {answer['denominator']:,} met, {answer['unknown']:,} unknown"


def change_in_words(row: Mapping[str, Any]) -> str:
    """What became of it since the workspace's own last quarter, or why nothing can be said."""
    change = row["change"]
    if change is None:
        return "no earlier snapshot"
    since = f"since {change['label']} ({change['as_of'][:10]})"
    if not change["comparable"]:
        return f"{since}: judged in another way, not compared"
    failed, was = sum(row["failed"].values()), sum(change["failed"].values())
    stages = f"attained {_span(change)} → {_span(row)}"
    return f"{since}: {stages}, failed findings {was:,} → {failed:,}"


def _span(row: Mapping[str, Any]) -> str:
    low, high = row["attained_lo"], row["attained_hi"]
    if low is None:
        return "none"
    return f"S{low}" if low == high else f"S{low}–S{high}"


def as_html(found: Mapping[str, Any]) -> str:
    """One self-contained page: no script, nothing loaded from anywhere, every value escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(span=_span, answer=answer_in_words, change=change_in_words)
    template = (files("reports") / "templates" / "roll_up.html.j2").read_text(encoding="utf-8")
    wording = {one: WORDING[one] for one in ASKED}
    return environment.from_string(template).render(found=found, wording=wording, severities=SEVERITIES, p=LIGHT)


FORMATS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {"html": as_html, "csv": as_csv, "json": as_json}
"""Format -> how it is written."""
