"""Five questions: answer, bounds, and the subjects each was counted from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports import charts
from reports.pages import filters, saving, shell
from reports.views import interview
from reports.views.questions import bands_in_words, question_batches, question_item_count, question_item_counts, question_items, questions
from reports.views.summary import thresholds

DECLARED = {"words": "Declared", "by": "By", "says": "Together"}  # what people answered in the interview, for everything

ITEM = {"subject_name": "Subject", "subject_kind": "Kind", "status": "Counted as", "reason": "Why", "evidence": "Evidence"}


def show() -> None:
    context = shell.current()
    rows = questions(context.database)
    shell.heading("Five questions", context.snapshot)
    columns = {
        "question_id": "Id",
        "wording": "Question",
        "literal": "Answer",
        "met": "Control met",
        "lo": "At least",
        "hi": "At most",
        "numerator": "Pass",
        "denominator": "n",
        "unknown": "Unknown",
        "data_date": "Oldest data",
    }
    declared = interview.by_question(interview.answers(context.database, context.snapshot, context.decisions, context.today))
    shown = [
        {
            **row,
            "lo": shell.percent(row["lo"]),
            "hi": shell.percent(row["hi"]),
            **{name: declared[row["question_id"]][name] if row["question_id"] in declared else None for name in ("words", "by", "says")},
        }
        for row in rows
    ]
    shell.chart(
        charts.question_bars(rows, dark=shell.dark()), charts.question_takeaway(rows), shown, columns, key="bounds", title="Five questions"
    )
    st.caption(
        f"{bands_in_words(thresholds(context.snapshot))}. An answer is given only when both bounds fall in one band. "
        "For Q1 and S1 one subject that fails is enough."
    )
    shell.words(
        shown,
        {name: columns[name] for name in ("question_id", "wording", "literal", "met", "unknown", "denominator", "data_date")} | DECLARED,
    )
    _differ(context)
    ids = [row["question_id"] for row in rows]
    if ids:
        left, right = st.columns([3, 1])
        with left:
            question = shell.choose("Question", ids, "question", default=ids[0]) or ids[0]
        with right:
            status = shell.choose("Counted as", ["fail", "unknown", "pass"], "status")
        _items(context, next(row for row in rows if row["question_id"] == question), status)


def _differ(context: shell.Context) -> None:
    """Declared answers that cannot be true together with what was measured, for any part of the estate."""
    rows = interview.disagreements(context.database, context.snapshot, context.decisions, context.today)
    shell.link("interview", "Interview: declare an answer")
    if not rows:
        return
    st.subheader(f"Declared differs from measured ({len(rows)})", anchor=False)
    shell.block("differs", rows=rows)


def _items(context: shell.Context, question: dict[str, Any], status: str | None) -> None:
    number = question["question_id"]
    shell.block("question", question=question)
    within = filters.chosen()
    if within.active():
        st.caption("The answer is over everything: the filter narrows the subjects below.")
    total = question_item_count(context.database, number, status, within=within)
    offset = shell.page_offset(total)
    rows = question_items(context.database, number, status, within=within, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "subjects", len(rows), offset)
    every = saving.Every(
        columns={**ITEM, "subject_id": "Id"},
        batches=lambda: question_batches(context.database, number, status, within=within),
        counts=lambda: question_item_counts(context.database, number, status, within=within),
        unknown="of which it is not known",
        asked={"Question": number, "Counted as": status},
    )
    chosen = shell.table(
        rows,
        ITEM,
        alt=f"Subjects counted for {number}",
        key="items",
        tall=len(rows) > 18,
        title=f"Subjects counted for {number}",
        every=every,
    )
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


show()
