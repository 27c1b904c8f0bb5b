"""The flow between stages as a Sankey diagram. Pure, as reports/charts.py: rows in, figure and sentence out."""

from __future__ import annotations

import plotly.graph_objects as go

from reports.charts import bare
from reports.palette import Palette, palette
from reports.views.evidence import Rows
from reports.views.flow import STATES, WORDS_BEFORE, WORDS_NOW, flow_counts


def flow_figure(rows: Rows, *, dark: bool = False) -> go.Figure:
    """Left where subjects stood, right where they stand; every node with its number. Colours of ribbons are those of where they came from."""
    colours = palette(dark)
    figure = bare(colours, 460)
    nodes = [("before", state) for state in STATES] + [("now", state) for state in STATES]
    totals = {node: sum(row["subjects"] for row in rows if row[node[0]] == node[1]) for node in nodes}
    shown = [node for node in nodes if totals[node]]
    words = {"before": WORDS_BEFORE, "now": WORDS_NOW}
    figure.add_trace(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": [f"{words[side].get(state, state)}: {totals[(side, state)]:,}" for side, state in shown],
                "color": [_colour(state, colours) for _, state in shown],
                "x": [0.001 if side == "before" else 0.999 for side, _ in shown],
                "y": _heights(shown, totals),
                "pad": 14,
                "thickness": 18,
                "line": {"width": 0},
                "hoverinfo": "skip",
            },
            link={
                "source": [shown.index(("before", row["before"])) for row in rows],
                "target": [shown.index(("now", row["now"])) for row in rows],
                "value": [row["subjects"] for row in rows],
                "color": [_faint(_colour(row["before"], colours)) for row in rows],
                "hovertemplate": "%{value:,}<extra></extra>",
            },
            textfont={"color": colours.ink, "size": 13, "shadow": "none"},
        )
    )
    figure.update_layout(margin={"l": 6, "r": 6, "t": 10, "b": 10})
    return figure


def _heights(shown: list[tuple[str, str]], totals: dict[tuple[str, str], int]) -> list[float]:
    """Middles of the nodes, from the top in the order of the stages: a fixed picture, whatever the solver would like."""
    found = []
    for side in ("before", "now"):
        members = [node for node in shown if node[0] == side]
        whole = sum(totals[node] for node in members) or 1
        gap = 0.03
        room, top = 1 - gap * len(members), 0.0
        for node in members:
            share = room * totals[node] / whole
            found.append(min(0.999, max(0.001, top + share / 2)))
            top += share + gap
    return found


def _colour(state: str, colours: Palette) -> str:
    return colours.stages[int(state[1]) - 1] if state.startswith("S") else colours.muted


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.35)"


def flow_takeaway(rows: Rows) -> str:
    """How many moved, by their lower bound."""
    counts = flow_counts(rows)
    return (
        f"Of {counts['subjects']:,} subjects in either snapshot, by their lower bound: {counts['up']:,} higher (certainly moved:"
        f" {counts['moved_up']:,}), {counts['down']:,} lower (certainly moved: {counts['moved_down']:,}), {counts['same']:,} the same,"
        f" {counts['came']:,} not there then, {counts['went']:,} not there now."
    )
