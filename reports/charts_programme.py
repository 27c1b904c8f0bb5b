"""Attained over time against the targets. Pure: rows to a figure."""

from __future__ import annotations

import plotly.graph_objects as go

from reports.charts import bare, plain
from reports.palette import palette
from reports.views.evidence import Rows


def attained_over_time(rows: Rows, aims: Rows, *, dark: bool = False) -> go.Figure:
    """A point per snapshot (`day`, `label`, `lo`, `hi`: attained for certain and at most) and a diamond per target (`due`, `stage`, `target_id`)."""
    colours = palette(dark)
    figure = bare(colours, 340)
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
    ticks = ["none", *(f"S{stage}" for stage in range(1, 8))]
    figure.update_yaxes(range=[-0.4, 7.8], tickvals=list(range(8)), ticktext=ticks, showgrid=True, zeroline=True, gridcolor=colours.line)
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
