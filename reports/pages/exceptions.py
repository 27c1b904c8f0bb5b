"""Exceptions: what is accepted, by whom, until when, what they take out of the scores; a form to add, change and withdraw."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inventory.decisions import EVERY_CHECK, Kind, PolicyException
from reports import charts_lists
from reports.access import Right
from reports.pages import shell
from reports.pages.deciding import SIGNED, buttons, history, offered, told, where_fields, withdraw
from reports.pages.signing import author
from reports.views.evidence import Rows
from reports.views.exceptions import announced, register, register_size, with_exceptions
from reports.views.findings import check_results
from reports.views.programme import both_scores
from reports.views.summary import scores_measured

COLUMNS = {
    "exception_id": "Exception",
    "says": "State",
    "about": "About",
    "checks": "Checks",
    "reason": "Reason",
    "approver": "Approver",
    "expires": "Last day",
    "days_left": "Days left",
    "subjects": "Subjects",
    "findings": "Failed findings",
    **SIGNED,
}
LINE = {"exception_id": "Exception", "says": "State", "decided_at": "Recorded", "expires": "Last day", "days_left": "Days left"}


def show() -> None:
    context = shell.current()
    shell.heading("Exceptions", context.snapshot)
    who = author()
    told()
    rows = register(context.database, context.snapshot, context.today)
    for text in announced(rows, context.snapshot):
        shell.note(text)
    _register(context, rows)
    _with_and_without(context)
    if shell.may(Right.DECIDE):
        _form(context, who)
        withdraw(context, PolicyException, who)
    history(Kind.EXCEPTION)


def _register(context: shell.Context, rows: Rows) -> None:
    size = register_size(rows)
    st.subheader(f"Register ({size['recorded']})", anchor=False)
    if not rows:
        st.caption(
            "No exception is recorded. To accept a failure for a time, open it from an identity or a finding (“Except…”), or fill in below."
        )
        shell.link("findings", "Findings that could be accepted")
        return
    st.caption(
        f"{size['holding']} hold, {size['expired']} expired. Oldest: {size['oldest_days']} days, median {size['median_days']} (n={len(rows)})."
    )
    figure = charts_lists.exception_lines(rows, context.today, dark=shell.dark())
    shell.chart(figure, charts_lists.exception_takeaway(rows, context.today), rows, LINE, key="lines", title="When exceptions end")
    chosen = shell.table(rows, COLUMNS, alt="Exceptions, those that need a look first", key="register", title="Exceptions")
    st.caption("Choose a row for the findings that are excepted today. What is over counts again.")
    if chosen is not None:
        checks = [name for name in rows[chosen]["checks"] if name != EVERY_CHECK]
        shell.go_to("findings", excepted="excepted", **({"check": checks[0]} if len(checks) == 1 else {}))


def _with_and_without(context: shell.Context) -> None:
    """Scores in two columns: measured first."""
    beside = with_exceptions(context.database, context.snapshot)
    if beside is None:
        return
    st.subheader("Scores with and without", anchor=False)
    rows = both_scores(scores_measured(context.database, context.snapshot), beside)
    columns = {"score": "Score", "measured": "Measured", "kept": "Without what is excepted"}
    shell.words(rows, columns)
    shell.savable("Scores with and without exceptions", rows, columns)


def _form(context: shell.Context, who: str | None) -> None:
    st.subheader("Add or change", anchor=False)
    checks = [EVERY_CHECK, *(row["check_id"] for row in check_results(context.database))]
    given = st.query_params.get("check")
    with st.form("exception"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="exception_id").strip()}
        body["where"] = where_fields("exception")
        body["checks"] = st.multiselect(
            "Checks whose failures are accepted; * takes the subject out of stages and questions too",
            checks, default=[given] if given in checks else [], key="exception_checks",
        )  # fmt: skip
        body["reason"] = st.text_area("Reason", key="exception_reason")
        body["approver"] = st.text_input("Approved by", key="exception_approver")
        body["expires"] = st.date_input("Last day on which it holds", value=None, key="exception_expires")
        looked, recorded = buttons()
    offered(context, Kind.EXCEPTION, body, who, looked=looked, recorded=recorded)


show()
