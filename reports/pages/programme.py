"""The programme: exceptions, owners, actions and targets, each with who decided it and when; forms to add, change and withdraw."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from inventory.decision_file import body_of
from inventory.decisions import EVERY_CHECK, Action, ActionStatus, Kind, OwnerAssignment, PolicyException, Target
from reports import charts_programme
from reports.pages import shell
from reports.pages.deciding import offered, told, where_fields, withdraw
from reports.pages.signing import author
from reports.views import programme as views
from reports.views import stages
from reports.views.exceptions import announced, register, register_size, with_exceptions
from reports.views.findings import check_results
from reports.views.summary import attained_percent, scores_measured
from scoring.attained import STAGES
from scoring.decided.roadmap import phases, roadmap_from

SECTIONS = ("Exceptions", "Owners", "Actions", "Targets")
SIGNED = {"who": "Recorded by", "decided_at": "On"}


def show() -> None:
    context = shell.current()
    shell.heading("Programme", context.snapshot)
    section = st.segmented_control("Show", SECTIONS, default=SECTIONS[0], required=True, key="section", bind="query-params")
    who = author()
    told()
    {"Exceptions": _exceptions, "Owners": _owners, "Actions": _actions, "Targets": _targets}[str(section)](context, who)
    _history()


def _exceptions(context: shell.Context, who: str | None) -> None:
    rows = register(context.database, context.snapshot, context.today)
    for text in announced(rows, context.snapshot):
        shell.note(text)
    _with_and_without(context)
    size = register_size(rows)
    st.subheader(f"Register ({size['recorded']})", anchor=False)
    if rows:
        st.caption(
            f"{size['holding']} hold, {size['expired']} expired. Oldest: {size['oldest_days']} days, median {size['median_days']} (n={len(rows)})."
        )
        columns = {"exception_id": "Exception", "says": "State", "about": "About", "checks": "Checks", "reason": "Reason", "approver": "Approver",
                   "expires": "Last day", "subjects": "Subjects", "findings": "Failed findings", **SIGNED}  # fmt: skip
        shell.table(rows, columns, alt="Exceptions, those that need a look first")
    else:
        st.caption("No exception is recorded.")
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
        looked, recorded = _buttons()
    offered(context, Kind.EXCEPTION, body, who, looked=looked, recorded=recorded)
    withdraw(context, PolicyException, who)


def _buttons() -> tuple[bool, bool]:
    left, right = st.columns(2)
    return left.form_submit_button("Preview"), right.form_submit_button("Record", type="primary")


def _with_and_without(context: shell.Context) -> None:
    """Scores in two columns: measured first."""
    beside = with_exceptions(context.database, context.snapshot)
    if beside is None:
        return
    st.subheader("Scores with and without", anchor=False)
    rows = views.both_scores(scores_measured(context.database, context.snapshot), beside)
    shell.words(rows, {"score": "Score", "measured": "Measured", "kept": "Without what is excepted"})


def _owners(context: shell.Context, who: str | None) -> None:
    owned = views.owner_coverage(context.database)
    st.caption(
        f"Sources name an owner for {owned['named']:,} of {owned['n']:,} ({shell.percent(owned['lo'])}; not known: {owned['unknown']:,}). "
        f"With {owned['assigned']:,} assigned here: {shell.percent(owned['lo_with'])}. "
        f"The owner left: {owned['departed']:,}, of them assigned anew: {owned['departed_assigned']:,}."
    )
    total = views.without_owner_count(context.database)
    offset = shell.page_offset(total)
    rows = views.without_owner(context.database, limit=shell.PAGE_SIZE, offset=offset)
    st.subheader("Nobody answers for them", anchor=False)
    shell.counted(total, "identities", len(rows), offset)
    columns = {
        "name": "Identity",
        "privilege": "Privilege",
        "status": "Status",
        "reason": "Why",
        "assigned": "Assigned",
        "subject_id": "Id",
    }
    chosen = shell.table(rows, columns, alt="Identities without an owner, unassigned first", key="unowned", tall=len(rows) > 18)
    if chosen is not None:
        shell.go_to("programme", section="Owners", subject=rows[chosen]["subject_id"])
    assigned = views.assignments(context.database)
    st.subheader(f"Assignments ({len(assigned)})", anchor=False)
    if assigned:
        names = {
            "owner_id": "Assignment",
            "owner": "Owner",
            "about": "About",
            "subjects": "Subjects",
            "problem": "Problem",
            "note": "Note",
            **SIGNED,
        }
        shell.table(assigned, names, alt="Owner assignments")
    with st.form("owner"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="owner_id").strip()}
        body["where"] = where_fields("owner")
        body["owner"] = st.text_input("Owner", key="owner_name")
        body["note"] = st.text_area("Note", key="owner_note")
        looked, recorded = _buttons()
    offered(context, Kind.OWNER, body, who, looked=looked, recorded=recorded)
    withdraw(context, OwnerAssignment, who)


def _actions(context: shell.Context, who: str | None) -> None:
    rows = views.actions(context.database, context.snapshot, context.today)
    st.subheader(f"Actions ({len(rows)}, {sum(row['overdue'] for row in rows)} overdue)", anchor=False)
    if rows:
        columns = {"action_id": "Action", "title": "Title", "owner": "Owner", "due": "Due", "status": "Status", "overdue": "Overdue", "about": "About",
                   "subjects": "Subjects", "told": "What the evidence says", "problem": "Problem", "note": "Note", **SIGNED}  # fmt: skip
        shell.table(rows, columns, alt="Actions, overdue first", title="Actions")
    with st.form("action"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="action_id").strip()}
        body["title"] = st.text_input("Title", key="action_title")
        body["where"] = where_fields("action")
        body["owner"] = st.text_input("Owner", key="action_owner")
        body["due"] = st.date_input("Due", value=None, key="action_due")
        body["status"] = st.selectbox("Status", [str(status) for status in ActionStatus], key="action_status")
        body["note"] = st.text_area("Note", key="action_note")
        looked, recorded = _buttons()
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
    with st.form("target"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="target_id").strip()}
        body["where"] = where_fields("target", only_tags=True)
        body["stage"] = st.selectbox("Stage", list(STAGES), index=4, key="target_stage")
        body["by"] = st.date_input("By", value=None, key="target_by")
        body["phase"] = st.text_input("Phase", key="target_phase")
        looked, recorded = _buttons()
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
    if st.button("Adopt this roadmap from today", key="adopt"):
        if who is None:
            st.text("Not recorded. Write your name above.")
            return
        shell.adopt(roadmap_from(today), who)
        st.rerun()


def _history() -> None:
    """Everything ever recorded, newest first."""
    entries = list(reversed(shell.log().entries()))
    with st.expander(f"History ({len(entries)})"):
        rows = [
            {"seq": one.seq, "kind": str(one.decision.kind), "id": one.decision.id, "what": "withdrawn" if one.withdrawn else "recorded",
             "who": one.who, "at": f"{one.at:%Y-%m-%d %H:%M}", "says": "; ".join(f"{k} {v}" for k, v in body_of(one.decision).items() if k != "id")}
            for one in entries
        ]  # fmt: skip
        shell.words(
            rows[:200], {"seq": "No.", "at": "When (UTC)", "who": "Who", "what": "What", "kind": "Kind", "id": "Id", "says": "Says"}
        )


show()
