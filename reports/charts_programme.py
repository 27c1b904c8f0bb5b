"""Attained over time against the targets. Pure: rows to a figure."""

from __future__ import annotations

import plotly.graph_objects as go

from reports.charts import plain
from reports.palette import palette
from reports.views.evidence import Rows


def attained_over_time(rows: Rows, aims: Rows, *, dark: bool = False) -> go.Figure:
    """A point per snapshot (`day`, `label`, `lo`, `hi`: attained for certain and at most) and a diamond per target (`due`, `stage`, `target_id`)."""
    colours = palette(dark)
    figure = go.Figure()
    for bound, name, dash in (("hi", "at most, as far as evidence allows", "dot"), ("lo", "attained for certain", "solid")):
        figure.add_scatter(
            x=[row["day"] for row in rows],
            y=[row[bound] or 0 for row in rows],
            mode="lines+markers",
            name=name,
            line={"color": colours.accent, "dash": dash, "shape": "hv"},
            marker={"size": 9, "color": [colours.stages[row[bound] - 1] if row[bound] else colours.muted for row in rows]},
        )
    figure.add_scatter(
        x=[aim["due"] for aim in aims],
        y=[aim["stage"] for aim in aims],
        mode="markers+text",
        name="target",
        text=[plain(aim["target_id"]) for aim in aims],
        textposition="top center",
        textfont={"color": colours.ink, "size": 11},
        marker={"symbol": "diamond", "size": 12, "color": [colours.stages[aim["stage"] - 1] for aim in aims]},
    )
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": colours.ink, "size": 13},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": colours.ink}},
        hovermode=False,
        dragmode=False,
    )
    figure.update_xaxes(showgrid=False, color=colours.ink, automargin=True, fixedrange=True)
    ticks = ["none", *(f"S{stage}" for stage in range(1, 8))]
    figure.update_yaxes(
        range=[-0.4, 7.8],
        tickvals=list(range(8)),
        ticktext=ticks,
        gridcolor=colours.line,
        color=colours.ink,
        automargin=True,
        fixedrange=True,
    )
    return figure


def attained_takeaway(rows: Rows, aims: Rows) -> str:
    """Where it stands now, and what is asked for next."""
    last = rows[-1]
    now = f"S{last['lo']}" if last["lo"] else "no stage"
    ahead = [aim for aim in aims if aim["verdict"] != "met"]
    following = (
        f"next target S{ahead[0]['stage']} by {ahead[0]['due']:%Y-%m-%d}"
        if ahead
        else "every target is met"
        if aims
        else "no target is set"
    )
    return f"Attained in {last['label']}: {now} for certain; {following}. {len(rows)} snapshots."
