"""Maturity: the distribution split by account, team, kind and more, and stage against privilege."""

from __future__ import annotations

import streamlit as st

from reports import charts
from reports.pages import filters, shell
from reports.views import stages
from reports.views.evidence import Rows
from reports.views.filters import condition
from reports.views.summary import attained_percent
from scoring.attained import STAGES


def show() -> None:
    context = shell.current()
    shell.heading("Maturity", context.snapshot)
    words = list(stages.DIMENSIONS.values())
    chosen = st.segmented_control("Split by", words, default=words[0], required=True, key="by", bind="query-params")
    dimension = next(column for column, word in stages.DIMENSIONS.items() if word == chosen)
    only = condition(context.database, filters.chosen(), identity="subject_id")
    rows = stages.by_group(context.database, dimension, attained_percent(context.snapshot), only)
    if not rows:
        st.caption("Nothing matches the filter. Clear it to see every group.")
        return
    _beside(context, dimension, rows)
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
        **({"attained_before": f"Attained in {context.before.label}"} if context.before else {}),
        "exact_pct": "Coverage %",
        "paths": "Paths",
    }
    drawn = "; the first 20 are drawn" if len(rows) > 20 else ""
    takeaway = f"Placed subjects by lower bound, split by {chosen}: {len(rows)} groups, the largest first{drawn}."
    shell.chart(charts.group_bars(rows, dark=shell.dark()), takeaway, rows, columns, key="groups", title=f"Stages by {chosen}")
    st.caption(
        "Counts are lower bounds. The median of an even number of subjects is the lower one. Coverage: share of access paths with one stage."
    )
    _privilege(context, only)


def _beside(context: shell.Context, dimension: str, rows: Rows) -> None:
    """What each group had attained in the snapshot compared with, into its row; None for a group that was not there."""
    wanted = filters.chosen()
    database = context.before_database if wanted.owner else context.before_measured  # owners are assigned by decisions too
    if context.before is None or database is None:
        return
    only = condition(database, wanted, identity="subject_id")
    before = stages.by_group(database, dimension, attained_percent(context.before), only)
    attained = {row["value"]: row["attained"] for row in before}
    for row in rows:
        row["attained_before"] = attained.get(row["value"])


def _privilege(context: shell.Context, only: stages.Only) -> None:
    rows = stages.stage_by_privilege(context.database, only)
    st.subheader("Stage is not risk: stage by privilege", anchor=False)
    columns = {"stage": "Stage (lower bound)", "privilege": "Privilege", "subjects": "Subjects"}
    shell.chart(
        charts.privilege_heatmap(rows, dark=shell.dark()),
        charts.privilege_takeaway(rows),
        rows,
        columns,
        key="privilege_map",
        title="Stage by privilege",
    )


show()
