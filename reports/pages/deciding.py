"""Forms that record a decision: fields, a preview of what it would be about, a sentence where something is wrong, and the record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from inventory.decision_file import DecisionError, body_of, decision_of
from inventory.decisions import TAGS, Decision, Kind
from reports.pages import shell
from reports.views.exceptions import preview

SIGNED = {"who": "Recorded by", "decided_at": "On"}
"""Columns that every table of decisions ends with."""

HISTORY = 200
"""Entries shown; the file holds them all."""

TOLD = "decision_told"
"""Where the session keeps the sentence that is shown after a decision was recorded."""


def told() -> None:
    """What was recorded last, once."""
    if text := st.session_state.pop(TOLD, None):
        shell.note(text)


def where_fields(key: str, *, only_tags: bool = False) -> dict[str, Any]:
    """Fields for what a decision is about; ids come from the address where a page linked here."""
    where: dict[str, Any] = {}
    if not only_tags:
        given = st.query_params.get("subject", "")
        if ids := [line.strip() for line in st.text_area("Ids, one a line", value=given, key=f"{key}_ids").splitlines() if line.strip()]:
            where["ids"] = ids
    columns = st.columns(2)
    tag = columns[0].selectbox("A tag; without one, everything" if only_tags else "Or a tag", TAGS, index=None, key=f"{key}_tag")
    value = columns[1].text_input("Value of the tag", key=f"{key}_value").strip()
    if tag and value:
        where[tag] = value
    if not only_tags and (query := st.text_area("Or a SELECT whose first column is ids", key=f"{key}_query").strip()):
        where["query"] = query
    return where


def offered(context: shell.Context, kind: Kind, body: Mapping[str, Any], who: str | None, *, looked: bool, recorded: bool) -> None:
    """Act on a form's buttons: preview, or record under a name."""
    if not (looked or recorded):
        return
    try:
        decision = decision_of(kind, {name: value for name, value in body.items() if value not in ("", None)})
    except DecisionError as error:
        st.text(f"Not recorded. {error}")
        return
    if looked:
        _preview(context, decision)
    elif who is None:
        st.text("Not recorded. Write your name above: it stands beside the decision.")
    else:
        shell.log().record(decision, who=who, at=datetime.now(UTC))
        st.session_state[TOLD] = f"Recorded: {decision.id}, by {who}."
        st.rerun()


def _preview(context: shell.Context, decision: Decision) -> None:
    with shell.lake().open(context.snapshot.snapshot_id) as database:
        seen = preview(database, context.snapshot, decision, context.today)
    if decision.where.everything:
        st.text("Covers everything. Nothing is recorded yet.")
        return
    problem = f" It {seen['problem']}." if seen["problem"] else ""
    takes = f", takes out {seen['findings']:,} findings" if decision.kind is Kind.EXCEPTION else ""
    st.text(f"Covers {seen['subjects']:,} subjects{takes}.{problem} Nothing is recorded yet.")


def buttons() -> tuple[bool, bool]:
    """Preview and Record, at the end of a form: which was pressed."""
    left, right = st.columns(2)
    return left.form_submit_button("Preview"), right.form_submit_button("Record")


def history(*kinds: Kind) -> None:
    """Everything ever recorded of some kinds of decisions, newest first."""
    entries = [one for one in reversed(shell.log().entries()) if one.decision.kind in kinds]
    with st.expander(f"History ({len(entries)})"):
        rows = [
            {"seq": one.seq, "kind": str(one.decision.kind), "id": one.decision.id, "what": "withdrawn" if one.withdrawn else "recorded",
             "who": one.who, "at": f"{one.at:%Y-%m-%d %H:%M}", "says": "; ".join(f"{k} {v}" for k, v in body_of(one.decision).items() if k != "id")}
            for one in entries
        ]  # fmt: skip
        columns = {"seq": "No.", "at": "When (UTC)", "who": "Who", "what": "What", "kind": "Kind", "id": "Id", "says": "Says"}
        shell.words(rows[:HISTORY], columns)
        if rows:
            shell.savable("History", rows, columns)


def withdraw(context: shell.Context, made: type[Any], who: str | None) -> None:
    """Choose a standing decision of a class and withdraw it; what was recorded stays in the history."""
    standing = {decision.id: decision for decision, _ in context.decisions.of(made)}
    if not standing:
        return
    chosen = st.selectbox("Withdraw", list(standing), index=None, key=f"withdraw_{made.kind}", placeholder="choose one")
    if st.button("Withdraw it", key=f"withdraw_{made.kind}_now", disabled=chosen is None) and chosen:
        if who is None:
            st.text("Not withdrawn. Write your name above.")
            return
        shell.log().withdraw(standing[chosen], who=who, at=datetime.now(UTC))
        st.session_state[TOLD] = f"Withdrawn: {chosen}, by {who}."
        st.rerun()
