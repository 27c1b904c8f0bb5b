"""The HTML report: one self-contained file from one snapshot. No script, nothing loaded from anywhere, every value escaped.

Determined by the content alone: the clock is not read, so the same snapshots, decisions and day give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from inventory.decisions import Decisions
from inventory.lake import Lake
from reports import svg
from reports.audiences import LISTS
from reports.blocks import IN_JSON, PAGE_ROWS, left_out
from reports.content import NOBODY, Content, content
from reports.document import sections
from reports.first_page import first_page
from reports.palette import DARK, LIGHT
from reports.views import least_privilege, stages
from reports.views.shares import percent

EVIDENCE_SHOWN = 5

DRAWN = ("distribution", "actions", "credentials", "ownership", "evidence", "sign_off")
"""Sections drawn from the document's blocks, of the distribution the accounts alone; the others have templates of their own. Of a part all are."""


def render_html(
    lake: Lake, snapshot_id: str, compare_id: str | None = None, *, decisions: Decisions = NOBODY, on: date | None = None
) -> str:
    """The report of a snapshot as HTML, for everybody, as `content` tells it."""
    return html(content(lake, snapshot_id, compare_id, decisions=decisions, on=on))


def html(told: Content) -> str:
    """The content as one page."""
    drawn = {section["id"]: section for section in sections(told) if section["id"] in DRAWN or told["part"] is not None}
    drawn["distribution"]["blocks"] = drawn["distribution"]["blocks"][2:]
    context = {
        **told,
        "page": first_page(told),
        "drawn": drawn,
        "lists": told["audience"] in LISTS,
        "stage_chart": svg.stage_bars(told["distribution"], told["stage_takeaway"]),
        "question_chart": svg.question_bars(told["questions"], told["question_takeaway"]) if told["part"] is None else "",
        "charts": {"gains": svg.gain_bars(told["gains"], told["gain_takeaway"])},
        "evidence_shown": EVIDENCE_SHOWN,
        "light": LIGHT,
        "dark": DARK,
    }
    return _environment().get_template("report.html.j2").render(context)


def _environment() -> Environment:
    """Escapes everywhere: `.html.j2` is not among the endings that Jinja escapes by itself."""
    environment = Environment(
        autoescape=True,
        loader=FunctionLoader(_template),
        undefined=StrictUndefined,
        finalize=_counted,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=_day, span=_span, percent=percent, creep=_creep, most=_most, left_out=_left_out)
    return environment


def _counted(value: Any) -> Any:
    """Counts with their thousands apart; everything else as it is."""
    return f"{value:,}" if type(value) is int else value


def _template(name: str) -> str:
    return (files("reports") / "templates" / name).read_text(encoding="utf-8")


def _most(rows: Sequence[Any]) -> Sequence[Any]:
    """As many rows as a table of the page has."""
    return rows[:PAGE_ROWS]


def _left_out(rows: Sequence[Any], rest: str = IN_JSON, total: int | None = None) -> str:
    """What is to be said under a table of the `most` rows; `total`: how many there are in truth."""
    return left_out(len(rows) if total is None else total, len(_most(rows)), rest)


def _day(moment: datetime | str | None) -> str:
    if moment is None:
        return "—"
    return moment[:10] if isinstance(moment, str) else f"{moment:%Y-%m-%d}"


def _span(row: dict[str, Any], suffix: str = "") -> str:
    return stages.span(row[f"stage_lo{suffix}"], row[f"stage_hi{suffix}"])


def _creep(row: dict[str, Any]) -> str:
    """A permission-creep index as an interval."""
    return least_privilege.interval(row["creep_lo"], row["creep_hi"])
