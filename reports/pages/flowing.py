"""The flow between stages, as the page Progress draws it."""

from __future__ import annotations

import streamlit as st

from reports import charts_flow
from reports.pages import shell
from reports.views.flow import STATES, WORDS_NOW, flow_table, stage_flow
from scoring.progress.compare import Comparison


def flow_of(found: Comparison) -> None:
    """From stage to stage between two snapshots, with its table."""
    rows = stage_flow(found)
    st.subheader("From stage to stage", anchor=False)
    if not rows:
        st.caption("Nothing is placed in either snapshot.")
        return
    table = flow_table(rows)
    there = [state for state in STATES if table[-1][state]]
    columns = {
        "before": f"{found.before.label}, down; {found.now.label}, across",
        **{state: WORDS_NOW.get(state, state) for state in there},
    }
    shell.chart(
        charts_flow.flow_figure(rows, dark=shell.dark()), charts_flow.flow_takeaway(rows), table, {**columns, "total": "All"}, key="flow"
    )
    st.caption("A lower bound also rises when more is known. Only what certainly moved is progress; the causes above tell them apart.")
