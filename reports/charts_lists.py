"""Figures of the pages that list: who waits for an owner, when credentials and exceptions end, granted against used one by one.

Pure, as reports/charts.py: rows in, figure and sentence out.
"""

from __future__ import annotations

from datetime import date
from math import log10
from typing import Any

import plotly.graph_objects as go

from reports.charts import add_printed_bars, bare, plain
from reports.palette import Palette, palette
from reports.views.evidence import Rows
from reports.views.expiry import LATER, NEVER, OVER, SOON_DAYS, UNKNOWN
from reports.views.ownership import STATES

DRAWN = 15
"""Lines drawn; the table under a chart holds them all."""


def unowned_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """One bar per group: those that wait, by why; the count is printed in each part wide enough for it. Points carry the group's value."""
    colours = palette(dark)
    shown = rows[:DRAWN]
    figure = bare(colours, 70 + 34 * max(len(shown), 1), barmode="stack", uniformtext={"minsize": 10, "mode": "hide"})
    names = [f"{plain(row['group'])}  ({row['n']})" for row in shown]
    fills = {"nobody": colours.stages[0], "left": colours.stages[2], "unknown": colours.line, "declared": colours.stages[3]}
    for state, words in STATES.items():
        add_printed_bars(
            figure,
            names,
            [row[state] for row in shown],
            [f"{row[state]:,}" if row[state] else "" for row in shown],
            name=words,
            colour=fills[state],
            line={"color": colours.background, "width": 1},
        )
        figure.data[-1].customdata = [[row["value"]] for row in shown]
    figure.update_xaxes(visible=False)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(legend={"traceorder": "normal"})
    return figure


def unowned_takeaway(rows: Rows, word: str) -> str:
    """How many wait, why, and where most of them are."""
    total = sum(row["n"] for row in rows)
    if not total:
        return "Nobody waits: every identity has an owner that a tag or a directory names."
    nobody, left, unknown, declared = (sum(row[state] for row in rows) for state in STATES)
    first = rows[0]
    return (
        f"{total:,} identities wait for someone to attest that they are theirs: of {nobody:,} nobody is named, of {left:,} the owner has left, of"
        f" {unknown:,} it is not known, and {declared:,} have an owner by declaration only. Most by {word}: {first['group']} with {first['n']:,}."
    )


def expiry_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """A bar per month, those that are over before them and later ones behind. What has no date is no bar: it has no place in time. Points carry
    the group."""
    colours = palette(dark)
    shown = [row for row in rows if row["ends"] not in (NEVER, UNKNOWN)]
    figure = bare(colours, 320, showlegend=False)
    colour = {OVER: colours.stages[0], LATER: colours.stages[5]}
    figure.add_bar(
        x=[row["says"] for row in shown],
        y=[row["credentials"] for row in shown],
        text=[f"{row['credentials']:,}" for row in shown],
        textposition="outside",
        textfont={"color": colours.ink},
        cliponaxis=False,
        customdata=[[row["ends"]] for row in shown],
        marker={"color": [colour.get(row["ends"], colours.stages[4]) for row in shown]},
    )
    figure.update_xaxes(type="category", tickangle=-45, tickfont={"size": 11})
    figure.update_yaxes(visible=False)
    return figure


def expiry_takeaway(rows: Rows) -> str:
    """How many end soon, how many never, of how many nobody says."""
    found = {row["ends"]: row["credentials"] for row in rows}
    total, soon, certificates = (sum(row[name] for row in rows) for name in ("credentials", "soon", "soon_certificates"))
    if not total:
        return "There is no credential that could open something."
    return (
        f"Of {total:,} credentials, {soon:,} end within {SOON_DAYS} days ({certificates:,} of them certificates), {found[OVER]:,} ended already,"
        f" {found[NEVER]:,} never will, and of {found[UNKNOWN]:,} no source says."
    )


def exception_lines(rows: Rows, today: date, *, dark: bool = False) -> go.Figure:
    """A line per exception from the day it was recorded to its last day; the dotted line is today."""
    colours = palette(dark)
    shown = sorted(rows, key=lambda row: row["expires"])[:DRAWN]
    figure = bare(colours, 90 + 34 * max(len(shown), 1))
    fills = {"expired": colours.stages[0], "expiring": colours.stages[2], "broken": colours.muted, "holds": colours.stages[4]}
    for state, dash in (("expired", "dot"), ("expiring", "dash"), ("broken", "dot"), ("holds", "solid")):
        lines = [row for row in shown if row["state"] == state]
        if lines:
            points: list[tuple[Any, Any]] = []
            for row in lines:
                name = plain(row["exception_id"])
                points += [(row["decided_at"].date(), name), (row["expires"], name), (None, None)]
            figure.add_scatter(
                x=[when for when, _ in points],
                y=[name for _, name in points],
                mode="lines+markers",
                name=lines[0]["says"],
                line={"color": fills[state], "width": 4, "dash": dash},
                marker={"size": 9, "color": fills[state]},
            )
    for row in shown:
        figure.add_annotation(x=row["expires"], y=plain(row["exception_id"]), text=f"{row['expires']:%Y-%m-%d}", showarrow=False, xanchor="left",
                              xshift=9, font={"color": colours.ink, "size": 11})  # fmt: skip
    figure.add_vline(x=today.isoformat(), line={"color": colours.ink, "width": 1, "dash": "dot"})
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_xaxes(showgrid=True, gridcolor=colours.line)
    return figure


def exception_takeaway(rows: Rows, today: date) -> str:
    """What ends next, and what is over."""
    over = sum(row["state"] == "expired" for row in rows)
    ahead = sorted((row for row in rows if row["holds"]), key=lambda row: row["expires"])
    following = f"the next ends on {ahead[0]['expires']:%Y-%m-%d}, in {(ahead[0]['expires'] - today).days} days" if ahead else "none holds"
    return f"{len(ahead)} of {len(rows)} exceptions hold, {following}; {over} {'is over and counts' if over == 1 else 'are over and count'} again."


def use_dumbbells(rows: Rows, *, dark: bool = False) -> go.Figure:
    """A line per identity from used to granted; what nothing tells about is its dotted part. Points carry the identity. The scale grows tenfold, so
    that one who holds ten and one who holds ten thousand can be read on one figure; the numbers are printed."""
    colours = palette(dark)
    shown = [row for row in rows if row["granted"]][:DRAWN]
    figure = bare(colours, 90 + 30 * max(len(shown), 1))
    places = list(range(len(shown)))
    for place, row in zip(places, shown, strict=True):
        known = row["granted"] - row["unused"]
        for start, end, dash in ((row["used"], known, "dot"), (known, row["granted"], "solid")):
            line = {"color": colours.muted, "width": 3, "dash": dash}
            figure.add_scatter(x=[_place(start), _place(end)], y=[place, place], mode="lines", showlegend=False, line=line)
    _ends(figure, colours, shown, places)
    figure.update_yaxes(tickvals=places, ticktext=[plain(row["name"]) for row in shown], autorange="reversed")
    ticks = [0, *(10**power for power in range(6))]
    figure.update_xaxes(
        range=[-0.5, _place(max((row["granted"] for row in shown), default=1)) + 0.6],
        tickvals=[_place(tick) for tick in ticks],
        ticktext=[f"{tick:,}" for tick in ticks],
        showgrid=True,
        gridcolor=colours.line,
        title="permissions; dotted: nothing tells whether they are used",
    )
    return figure


def _place(count: int) -> float:
    return log10(1 + count)


def _ends(figure: go.Figure, colours: Palette, shown: Rows, places: list[int]) -> None:
    for column, symbol, colour, side in (
        ("used", "circle", colours.stages[5], "middle left"),
        ("granted", "diamond", colours.stages[0], "middle right"),
    ):
        figure.add_scatter(
            x=[_place(row[column]) for row in shown],
            y=places,
            mode="markers+text",
            name=column,
            text=[f"  {row[column]:,}  " for row in shown],
            textposition=side,
            cliponaxis=False,
            textfont={"color": colours.ink, "size": 11},
            customdata=[[row["identity_id"]] for row in shown],
            marker={"symbol": symbol, "size": 11, "color": colour},
        )


def dumbbell_takeaway(rows: Rows) -> str:
    """What the first of the list may do and what they do."""
    shown = [row for row in rows if row["granted"]][:DRAWN]
    if not shown:
        return "Of no identity here is it known what it is granted."
    granted, used, unused = (sum(row[name] for row in shown) for name in ("granted", "used", "unused"))
    return (
        f"The first {len(shown)} identities to act on use {used:,} of {granted:,} permissions; {unused:,} are unused and of"
        f" {granted - used - unused:,} nothing tells."
    )
