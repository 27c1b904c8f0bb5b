"""Metrics: each figure with its bounds, n and date, what it means, and the subjects that it is made of."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inventory.database import Database
from reports.pages import saving, shell
from reports.pages.chosen import counted
from reports.views import metrics as view
from scoring.metrics import Metric, metric

COLUMNS = {
    "title": "Metric",
    "text": "Now",
    "text_before": "Before",
    "better": "Better",
    "numerator": "Counted",
    "denominator": "n",
    "unknown": "Unknown",
    "data_date": "Oldest data",
    "reason": "Note",
}
WORDS = {"counted": "counts", "not": "does not", "unknown": "not known"}


def show() -> None:
    context = shell.current()
    shell.heading("Metrics", context.snapshot)
    rows = view.figures(context.database, context.before_measured)
    if not rows:
        shell.note("This snapshot holds no metrics: assess its evidence again.")
        return
    shell.note(
        "A figure is an interval: from what counts for certain to what counts if all that is not known does."
        + (f" Before: {context.before.label}. The Progress page splits each change by its cause." if context.before else "")
    )
    shell.words(rows, COLUMNS)
    shell.savable("Metrics", rows, {**COLUMNS, "lo": "At least", "hi": "At most", "unit": "Unit"})
    ids = [row["metric_id"] for row in rows]
    chosen = shell.choose("Metric", ids, "metric", default=ids[0]) or ids[0]
    one = metric(chosen)
    if one is not None:
        _definition(one, next(row for row in rows if row["metric_id"] == chosen))
        _groups(context, one)
        _subjects(context, one)


def _definition(one: Metric, row: dict[str, Any]) -> None:
    st.subheader(one.title, anchor=False)
    facts = {
        "Figure": row["text"],
        "What it means": one.definition,
        "Formula": one.formula,
        "Counted is": one.counts,
        "Note": row["reason"],
        "Name from": one.source,
    }
    shell.words([{"what": name, "says": text} for name, text in facts.items() if text], {"what": "", "says": ""})


def _groups(context: shell.Context, one: Metric) -> None:
    words = list(view.GROUPS.values())
    word = shell.choose("By", words, "by", default="team") or "team"
    dimension = next(name for name, label in view.GROUPS.items() if label == word)
    rows = view.by_group(context.database, one, dimension)
    named = [{**row, "group": row["group"] or "(not stated)"} for row in rows]
    columns = {"group": word.capitalize(), "text": one.title, "numerator": "Counted", "denominator": "n", "unknown": "Unknown"}
    shell.table(named, columns, alt=f"{one.title} by {word}", title=f"{one.title} by {word}")


def _subjects(context: shell.Context, one: Metric) -> None:
    status = shell.choose("Counted as", list(view.STATUSES), "status")
    own = counted(context.snapshot.snapshot_id, one.metric_id)
    total = view.counted(own, status)
    offset = shell.page_offset(total)
    rows = view.listed(own, status, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "subjects", len(rows), offset)
    shown = [{**row, "status": WORDS[row["status"]]} for row in rows]
    columns = {"name": "Subject", "subject_kind": "Kind", "status": "Counts", "reason": "Why", "evidence": "Evidence"}
    chosen = shell.table(
        shown,
        columns,
        alt=f"Subjects of {one.title}",
        key="subjects",
        tall=len(rows) > 18,
        title=f"Subjects of {one.title}",
        every=_every(own, one, status, columns),
    )
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["identity_id"] or rows[chosen]["subject_id"])


def _every(own: Database, one: Metric, status: str | None, columns: dict[str, str]) -> saving.Every:
    """All subjects, of what was counted for the page."""

    def counts() -> dict[str, int]:
        unknown = 0 if status in ("counted", "not") else view.counted(own, "unknown")
        return {"n": view.counted(own, status), "unknown": unknown}

    return saving.Every(
        columns={**columns, "value": "Value", "subject_id": "Id"},
        batches=lambda: [view.listed(own, status, limit=None)],
        counts=counts,
        unknown="of which it is not known",
        asked={"Metric": one.title, "Counted as": status},
    )


show()
