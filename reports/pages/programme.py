"""The programme: actions and targets, each with who decided it and when; forms to add, change and withdraw. What would come of a change: Plan."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from inventory.decisions import Action, ActionStatus, Kind, Target
from reports import charts_programme
from reports.access import Right
from reports.pages import shell
from reports.pages.deciding import SIGNED, buttons, history, offered, told, where_fields, withdraw
from reports.pages.signing import author
from reports.views import programme as views
from reports.views import stages
from reports.views.summary import attained_percent
from scoring.attained import STAGES
from scoring.decided.roadmap import phases, roadmap_from

SECTIONS = ("Actions", "Targets")


def show() -> None:
    context = shell.current()
    shell.heading("Programme", context.snapshot)
    section = st.segmented_control("Show", SECTIONS, default=SECTIONS[0], required=True, key="section", bind="query-params")
    who = author()
    told()
    {"Actions": _actions, "Targets": _targets}[str(section)](context, who)
    history(Kind.ACTION, Kind.TARGET)


def _actions(context: shell.Context, who: str | None) -> None:
    rows = views.actions(context.database, context.snapshot, context.today)
    st.subheader(f"Actions ({len(rows)}, {sum(row['overdue'] for row in rows)} overdue)", anchor=False)
    if rows:
        columns = {"action_id": "Action", "title": "Title", "owner": "Owner", "due": "Due", "status": "Status", "overdue": "Overdue", "about": "About",
                   "subjects": "Subjects", "told": "What the evidence says", "problem": "Problem", "note": "Note", **SIGNED}  # fmt: skip
        shell.table(rows, columns, alt="Actions, overdue first", title="Actions")
    else:
        st.caption("No action is recorded. The Plan page finds what to do, and gives it as actions to import; or record one below.")
        shell.link("plan", "Find a plan, or see what a change would do")
    if not shell.may(Right.DECIDE):
        return
    with st.form("action"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="action_id").strip()}
        body["title"] = st.text_input("Title", key="action_title")
        body["where"] = where_fields("action")
        body["owner"] = st.text_input("Owner", key="action_owner")
        body["due"] = st.date_input("Due", value=None, key="action_due")
        body["status"] = st.selectbox("Status", [str(status) for status in ActionStatus], key="action_status")
        body["note"] = st.text_area("Note", key="action_note")
        looked, recorded = buttons()
    offered(context, Kind.ACTION, body, who, looked=looked, recorded=recorded)
    withdraw(context, Action, who)


def _targets(context: shell.Context, who: str | None) -> None:
    rows = views.targets(context.database, context.snapshot, context.today)
    _timeline(context, [row for row in rows if not row["tags"]])
    st.subheader(f"Targets ({len(rows)})", anchor=False)
    shown = [
        {**row, "aim": f"S{row['stage']}", "now": stages.span(row["attained_lo"], row["attained_hi"]) if row["attained_lo"] else "none for certain",
         "share": f"{shell.percent(row['lo'])} to {shell.percent(row['hi'])}"}
        for row in rows
    ]  # fmt: skip
    if rows:
        columns = {"target_id": "Target", "about": "Where", "aim": "Stage", "due": "By", "says": "State", "overdue": "Overdue", "now": "Attained",
                   "share": "Share there or above", "paths": "Paths", "short": "Paths to lift", "critical": "Critical paths below", "phase": "Phase",
                   **SIGNED}  # fmt: skip
        shell.table(shown, columns, alt="Targets, the next due first", title="Targets")
    else:
        _adopt(context.today, who)
    if not shell.may(Right.DECIDE):
        return
    with st.form("target"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="target_id").strip()}
        body["where"] = where_fields("target", only_tags=True)
        body["stage"] = st.selectbox("Stage", list(STAGES), index=4, key="target_stage")
        body["by"] = st.date_input("By", value=None, key="target_by")
        body["phase"] = st.text_input("Phase", key="target_phase")
        looked, recorded = buttons()
    offered(context, Kind.TARGET, body, who, looked=looked, recorded=recorded)
    withdraw(context, Target, who)


def _timeline(context: shell.Context, aims: list[dict[str, Any]]) -> None:
    """Attained over all, snapshot by snapshot, up to the one on show."""
    rows = []
    for snapshot in shell.lake().snapshots():
        if snapshot.as_of <= context.snapshot.as_of:
            with shell.lake().open(snapshot.snapshot_id) as database:
                low, high = stages.attained_between(database, attained_percent(snapshot))
            rows.append({"day": snapshot.as_of, "label": snapshot.label, "lo": low, "hi": high})
    figure = charts_programme.attained_over_time(rows, aims, dark=shell.dark())
    twin = [{"label": row["label"], "day": row["day"], "lo": row["lo"], "hi": row["hi"]} for row in rows]
    twin += [{"label": f"target {aim['target_id']}", "day": aim["due"], "lo": aim["stage"], "hi": None} for aim in aims]
    columns = {"label": "Snapshot or target", "day": "Day", "lo": "Attained for certain, or asked for", "hi": "At most"}
    shell.chart(figure, charts_programme.attained_takeaway(rows, aims), twin, columns, key="timeline", title="Attained over time")


def _adopt(today: date, who: str | None) -> None:
    """The roadmap to start from."""
    st.caption("No target is set. A roadmap to start from; adopting it records three targets that you can change.")
    shell.words(
        [{"phase": phase.name, "stage": f"S{phase.stage}", "takes": phase.takes} for phase in phases()],
        {"phase": "Phase", "stage": "Attained", "takes": "What it takes"},
    )
    if shell.may(Right.DECIDE) and st.button("Adopt this roadmap from today", key="adopt"):
        if who is None:
            st.text("Not recorded. Write your name above.")
            return
        shell.adopt(roadmap_from(today), who)
        st.rerun()


show()
