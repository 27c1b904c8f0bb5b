"""Ownership: who answers for each identity, whom nobody answers for, and a form to assign an owner."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inventory.decisions import Kind, OwnerAssignment
from reports import charts_lists
from reports.access import Right
from reports.pages import filters, saving, shell
from reports.pages.deciding import SIGNED, buttons, history, offered, told, where_fields, withdraw
from reports.pages.signing import author
from reports.views.ownership import (
    GROUPS,
    STATES,
    attestation_batches,
    attestation_counts,
    attestation_groups,
    attestation_page,
)
from reports.views.programme import assignments, owner_coverage

COLUMNS = {
    "name": "Identity",
    "says": "Owner",
    "privilege": "Privilege",
    "reason": "Why",
    "owners": "Named",
    "assigned": "Assigned here",
    "team": "Team",
    "scope": "Account",
    "evidence": "Evidence",
    "subject_id": "Id",
}
GROUP = {"group": "Group", "n": "Waiting", **{state: words.capitalize() for state, words in STATES.items()}, "assigned": "Assigned here"}
ASSIGNED = {
    "owner_id": "Assignment",
    "owner": "Owner",
    "about": "About",
    "subjects": "Subjects",
    "problem": "Problem",
    "note": "Note",
    **SIGNED,
}


def show() -> None:
    context = shell.current()
    shell.heading("Ownership", context.snapshot)
    owned = owner_coverage(context.database)
    shell.note(
        f"Sources name an owner for {owned['named']:,} of {owned['n']:,} ({shell.percent(owned['lo'])}; not known: {owned['unknown']:,}). "
        f"With {owned['assigned']:,} assigned here: {shell.percent(owned['lo_with'])}. "
        f"The owner left: {owned['departed']:,}, of them assigned anew: {owned['departed_assigned']:,}. Counted over everything."
    )
    _groups(context)
    _queue(context)
    _assign(context)


def _groups(context: shell.Context) -> None:
    word = shell.choose("By", list(GROUPS.values()), "by", default="team") or "team"
    column = next(name for name, label in GROUPS.items() if label == word)
    rows = attestation_groups(context.database, column, filters.chosen())
    st.subheader(f"Waiting for an owner, by {word}", anchor=False)
    if not rows:
        st.caption("Nobody waits here: every identity of the filter has an owner that a tag or a directory names.")
        return
    figure, takeaway = charts_lists.unowned_bars(rows, dark=shell.dark()), charts_lists.unowned_takeaway(rows, word)
    wanted, name = filters.chosen(), "account" if column == "scope" else column
    key = f"waiting {word} {hash(wanted)}"  # with another filter it is another chart, on which nothing is chosen yet
    chosen = shell.chart(figure, takeaway, rows, GROUP, key=key, title=f"Waiting for an owner by {word}", select=True)
    if chosen and (chosen[0]["customdata"][0],) != getattr(wanted, name):
        shell.go_to("ownership", **{name: chosen[0]["customdata"][0]})


def _queue(context: shell.Context) -> None:
    st.subheader("To attest", anchor=False)
    words = shell.choose("Owner is", list(STATES.values()), "state")
    state = next((name for name, text in STATES.items() if text == words), None)
    within = filters.chosen()
    total = attestation_counts(context.database, within, state)["n"]
    offset = shell.page_offset(total)
    rows = attestation_page(context.database, within, state, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "identities", len(rows), offset)
    if not rows:
        return
    every = saving.Every(
        columns=COLUMNS,
        batches=lambda: attestation_batches(context.database, within, state),
        counts=lambda: attestation_counts(context.database, within, state),
        unknown="whose owner is not known",
        asked={"Owner is": words},
    )
    alt = "Identities whose owner somebody must attest, unassigned first"
    chosen = shell.table(rows, COLUMNS, alt=alt, key="queue", tall=len(rows) > 18, title="Identities to attest", every=every)
    st.caption(
        "Choose a row for the identity; “Assign owner…” there fills in the form below. An assignment stands beside what sources say."
    )
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


def _assign(context: shell.Context) -> None:
    rows = assignments(context.database)
    st.subheader(f"Assignments ({len(rows)})", anchor=False)
    if rows:
        shell.table(rows, ASSIGNED, alt="Owner assignments", title="Owner assignments")
    else:
        st.caption("No owner was assigned here yet. Fill in below: one identity, a team, or whatever a query finds.")
    who = author()
    told()
    if shell.may(Right.DECIDE):
        _form(context, who)
        withdraw(context, OwnerAssignment, who)
    history(Kind.OWNER)


def _form(context: shell.Context, who: str | None) -> None:
    with st.form("owner"):
        body: dict[str, Any] = {"id": st.text_input("Id: short; the same id again changes it", key="owner_id").strip()}
        body["where"] = where_fields("owner")
        body["owner"] = st.text_input("Owner", key="owner_name")
        body["note"] = st.text_area("Note", key="owner_note")
        looked, recorded = buttons()
    offered(context, Kind.OWNER, body, who, looked=looked, recorded=recorded)


show()
