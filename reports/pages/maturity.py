"""Maturity: the distribution split by account, team, kind and more, and stage against privilege."""

from __future__ import annotations

import streamlit as st

from reports import charts
from reports.pages import shell
from reports.views import stages
from reports.views.summary import attained_percent
from scoring.attained import STAGES


def show() -> None:
    context = shell.current()
    shell.heading("Maturity", context.snapshot)
    words = list(stages.DIMENSIONS.values())
    chosen = st.segmented_control("Split by", words, default=words[0], required=True, key="by", bind="query-params")
    dimension = next(column for column, word in stages.DIMENSIONS.items() if word == chosen)
    rows = stages.by_group(context.database, dimension, attained_percent(context.snapshot))
    st.subheader(f"Stages by {chosen}", anchor=False)
    columns = {
        "group": str(chosen).capitalize(),
        "subjects": "Placed",
        **{f"s{stage}": f"S{stage}" for stage in STAGES},
        "no_active_path": "No active path",
        "floor": "Floor",
        "median_lo": "Median, lower",
        "median_hi": "Median, upper",
        "attained": "Attained",
        "exact_pct": "Coverage %",
        "paths": "Paths",
    }
    drawn = "; the first 20 are drawn" if len(rows) > 20 else ""
    takeaway = f"Placed subjects by lower bound, split by {chosen}: {len(rows)} groups, the largest first{drawn}."
    shell.chart(charts.group_bars(rows, dark=shell.dark()), takeaway, rows, columns, key="groups")
    st.caption(
        "Counts are lower bounds. The median of an even number of subjects is the lower one. Coverage: share of access paths with one stage."
    )
    _privilege(context)


def _privilege(context: shell.Context) -> None:
    rows = stages.stage_by_privilege(context.database)
    st.subheader("Stage is not risk: stage by privilege", anchor=False)
    columns = {"stage": "Stage (lower bound)", "privilege": "Privilege", "subjects": "Subjects"}
    shell.chart(charts.privilege_heatmap(rows, dark=shell.dark()), charts.privilege_takeaway(rows), rows, columns, key="privilege")


show()
