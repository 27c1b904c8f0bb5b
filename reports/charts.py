"""Rows to Plotly figures for the dashboard. Pure: no database, no Streamlit, no theme lookup.

Every number that matters is printed on the chart, so nothing depends on hovering; each figure has a sentence (`*_takeaway`)
that says what it shows, for screen readers and captions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from reports import svg
from reports.palette import Palette, ink_on, palette
from reports.views.evidence import Rows
from reports.views.methodology import stage_name, stages
from reports.views.shares import percent, share_text


def bare(colours: Palette, height: int, **layout: Any) -> go.Figure:
    """An empty figure in the colours of the page: no grid, no hover, nothing to drag."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": colours.ink, "size": 13},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"color": colours.ink}},
        hovermode=False,
        dragmode=False,
        bargap=0.28,
        **layout,
    )
    figure.update_xaxes(showgrid=False, zeroline=False, color=colours.ink, automargin=True, fixedrange=True)
    figure.update_yaxes(showgrid=False, zeroline=False, color=colours.ink, automargin=True, fixedrange=True)
    return figure


def add_printed_bars(
    figure: go.Figure, names: Sequence[str], lengths: Sequence[float], texts: Sequence[str], *, name: str, colour: str, **marker: Any
) -> None:
    """One part of every horizontal bar, its text printed inside where it fits."""
    figure.add_bar(
        orientation="h",
        y=names,
        x=lengths,
        name=name,
        text=texts,
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"color": ink_on(colour)},
        marker={"color": colour, **marker},
    )


def stage_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """Seven pairs of bars: subjects whose lower bound is the stage (filled), whose upper bound is (outlined). Points carry (stage, bound)."""
    colours = palette(dark)
    figure = bare(colours, 340, barmode="group")
    labels = [f"<b>S{row['stage']}</b><br>{'<br>'.join(svg.lines(stages()[row['stage'] - 1].name, 13))}" for row in rows]
    for bound, column, filled in (("lower", "lo", True), ("upper", "hi", False)):
        figure.add_bar(
            x=labels,
            y=[row[column] for row in rows],
            name=f"{bound} bound is this stage",
            text=[f"{row[column]:,}" for row in rows],
            textposition="outside",
            textfont={"color": colours.ink},
            cliponaxis=False,
            customdata=[[row["stage"], column] for row in rows],
            marker={
                "color": list(colours.stages) if filled else "rgba(0,0,0,0)",
                "line": {"color": list(colours.stages), "width": 1.5},
            },
        )
    figure.update_xaxes(tickangle=0, tickfont={"size": 10.5, "color": colours.ink})
    figure.update_yaxes(visible=False)
    return figure


def stage_takeaway(rows: Rows) -> str:
    """What the stage bars say, in one sentence."""
    total = sum(row["lo"] for row in rows)
    if not total:
        return "No subject is placed."
    low = sum(row["lo"] for row in rows if row["stage"] <= 3)
    largest = max(rows, key=lambda row: row["lo"])
    exact = sum(row["exact"] for row in rows)
    return (
        f"Of {total:,} placed subjects, {low:,} may stand at stage 3 or lower and {total - low:,} stand at stage 4 or higher for certain; "
        f"the largest group by lower bound is {stage_name(largest['stage'])} with {largest['lo']:,}."
        f" {exact:,} have a single stage, {total - exact:,} an interval."
    )


def group_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """One bar per group, 100 % wide, split by lower bound; the count is printed in each part wide enough for it."""
    colours = palette(dark)
    parts = [(f"s{stage}", f"S{stage}", colours.stages[stage - 1]) for stage in range(1, 8)]
    return _shares(rows, colours, parts, of="subjects", counted="subjects")


def _shares(rows: Rows, colours: Palette, parts: Sequence[tuple[str, str, str]], *, of: str, counted: str) -> go.Figure:
    """One bar per group, 100 % wide: the parts (column, name, colour) of the column `of`, printed; `counted` is
    printed as n beside the group."""
    shown = [row for row in rows if row[of]][:20]
    figure = bare(colours, 70 + 34 * max(len(shown), 1), barmode="stack", uniformtext={"minsize": 10, "mode": "hide"})
    names = [f"{plain(row['group'])}  (n={row[counted]:,})" for row in shown]
    for column, name, colour in parts:
        texts = [f"{name}: {row[column]:,}" if row[column] else "" for row in shown]
        lengths = [100 * row[column] / row[of] for row in shown]
        add_printed_bars(figure, names, lengths, texts, name=name, colour=colour, line={"color": colours.background, "width": 1})
    figure.update_xaxes(range=[0, 100], visible=False)
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(legend={"traceorder": "normal"})
    return figure


def plain(text: str) -> str:
    """A name as chart text: Plotly reads a few tags and entities, so their marks are spelled out, and long names are cut."""
    short = text if len(text) <= 40 else f"{text[:39]}…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def question_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """The interval of each question on a 0 to 100 % scale; dotted lines are the bands: no below 10, yes from 90."""
    colours = palette(dark)
    figure = bare(colours, 60 + 40 * max(len(rows), 1), barmode="overlay", showlegend=False)
    names = [f"<b>{row['question_id']}</b>" for row in rows]
    figure.add_bar(orientation="h", y=names, x=[100] * len(rows), marker={"color": colours.band}, width=0.55)
    counted = [(name, row) for name, row in zip(names, rows, strict=True) if row["lo"] is not None]
    figure.add_bar(
        orientation="h",
        y=[name for name, _ in counted],
        base=[100 * row["lo"] for _, row in counted],
        x=[max(100 * (row["hi"] - row["lo"]), 0.8) for _, row in counted],
        marker={"color": colours.accent},
        width=0.55,
    )
    for name, row in zip(names, rows, strict=True):
        figure.add_annotation(x=101, y=name, text=_bounds(row), showarrow=False, xanchor="left", font={"color": colours.ink})
    for edge in (10, 90):
        figure.add_vline(x=edge, line={"color": colours.muted, "width": 1, "dash": "dot"})
    figure.update_xaxes(range=[0, 128], tickvals=[0, 10, 50, 90, 100], ticktext=["0", "10 %", "50 %", "90 %", "100 %"])
    figure.update_yaxes(autorange="reversed")
    return figure


def _bounds(row: dict[str, Any]) -> str:
    share = share_text(row["lo"], row["hi"])
    return share if row["lo"] is None else f"{share} (n={row['denominator']:,})"


def gain_takeaway(rows: Rows) -> str:
    """Which step up the ladder lifts most, in one sentence."""
    if not rows:
        return "No step up the ladder can be counted: no subject's stage is certain."
    most = max(rows, key=lambda row: row["paths"])
    return (
        f"The step from S{most['stage']} lifts most: {most['paths']:,} of {most['n']:,} paths, and {percent(most['lo_before'])} would become"
        f" {percent(most['lo_after'])} at S{most['stage'] + 1} or above."
    )


def question_takeaway(rows: Rows) -> str:
    """Answers in one sentence."""
    answered = [row for row in rows if row["met"] in ("yes", "partly", "no")]
    met = sum(row["met"] == "yes" for row in rows)
    return f"{met} of {len(rows)} questions are met for certain; {len(rows) - len(answered)} cannot be answered from the evidence supplied."


def privilege_heatmap(rows: Rows, *, dark: bool = False) -> go.Figure:
    """Stage by privilege, counts printed: a mature identity may still be a dangerous one."""
    colours = palette(dark)
    levels = ["admin", "unknown", "write", "read", "none"]
    counts = {(row["stage"], row["privilege"]): row["subjects"] for row in rows}
    values = [[counts.get((stage, level), 0) for stage in range(1, 8)] for level in levels]
    figure = bare(colours, 250)
    figure.add_heatmap(
        x=[f"S{stage}" for stage in range(1, 8)],
        y=levels,
        z=[[value**0.5 for value in line] for line in values],
        colorscale=[[0, colours.band], [1, colours.accent]],
        showscale=False,
        xgap=2,
        ygap=2,
    )
    peak = max((value for line in values for value in line), default=0) or 1
    printed = []
    for level, line in zip(levels, values, strict=True):
        for stage, value in enumerate(line, start=1):
            dark_cell = (value / peak) ** 0.5 > 0.55
            ink = ink_on(colours.accent) if dark_cell else colours.ink
            printed.append(
                {"x": f"S{stage}", "y": level, "text": f"{value:,}" if value else "·", "showarrow": False, "font": {"color": ink}}
            )
    figure.update_layout(annotations=printed)  # at once: one by one, each checks all before it again
    figure.update_yaxes(autorange="reversed")
    return figure


def privilege_takeaway(rows: Rows) -> str:
    """How many dangerous subjects stand low."""
    low = sum(row["subjects"] for row in rows if row["stage"] <= 4 and row["privilege"] in ("admin", "unknown"))
    admin = sum(row["subjects"] for row in rows if row["privilege"] == "admin")
    return f"Admin-equivalent: {admin:,} of the placed subjects. With admin or unknown privilege and perhaps at stage 4 or lower: {low:,}."


def use_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """One bar per group, 100 % wide: permissions used, not known to be used, unused. The count is printed in each part wide enough for it."""
    colours = palette(dark)
    parts = [("used", "used", colours.stages[5]), ("open", "not known", colours.line), ("unused", "unused", colours.stages[0])]
    return _shares(rows, colours, parts, of="granted", counted="judged")


def use_takeaway(totals: dict[str, Any]) -> str:
    """Granted against used, in one sentence."""
    if not totals["granted"]:
        return "Of no identity is it known what it is granted."
    shares = {name: percent(totals[name] / totals["granted"]) for name in ("used", "unused", "open")}
    return (
        f"Of {totals['granted']:,} permissions granted to {totals['judged']:,} identities, {shares['used']} are used, {shares['unused']} are unused and"
        f" of {shares['open']} nothing tells. {totals['unjudged']:,} more could not be judged."
    )


def effort_gain(rows: Rows, *, dark: bool = False) -> go.Figure:
    """Each identity by the policies or roles to touch (across) and the weight that goes (up); the largest with room for it are named."""
    colours = palette(dark)
    figure = bare(colours, 340)
    for action, symbol, colour in (("disable", "diamond", colours.stages[0]), ("narrow", "circle", colours.accent)):
        chosen = [row for row in rows if row["action"] == action]
        figure.add_scatter(
            x=[row["policies"] for row in chosen],
            y=[row["weight_unused"] for row in chosen],
            mode="markers",
            name=action,
            customdata=[[row["identity_id"]] for row in chosen],
            marker={"color": colour, "symbol": symbol, "size": 11, "line": {"color": colours.background, "width": 1}},
        )
    for row in _apart(rows):
        figure.add_annotation(
            x=row["policies"],
            y=row["weight_unused"],
            text=plain(row["name"]),
            showarrow=False,
            xanchor="left",
            xshift=9,
            font={"color": colours.ink, "size": 11},
        )
    most = max((row["policies"] for row in rows), default=1)
    figure.update_xaxes(title="policies or roles to touch", range=[-0.04 * most, 1.25 * most], showgrid=True, gridcolor=colours.line)
    if most < 12:
        figure.update_xaxes(dtick=1)
    figure.update_yaxes(title="unused weight that goes", rangemode="tozero", showgrid=True, gridcolor=colours.line)
    return figure


def _apart(rows: Rows, most: int = 10) -> Rows:
    """The largest gains whose names do not print over each other."""
    wide, high = max((row["policies"] for row in rows), default=1) or 1, max((row["weight_unused"] for row in rows), default=1) or 1
    named: Rows = []
    for row in rows:
        close = [
            other
            for other in named
            if abs(row["weight_unused"] - other["weight_unused"]) / high < 0.07 and abs(row["policies"] - other["policies"]) / wide < 0.45
        ]
        if not close and len(named) < most:
            named.append(row)
    return named


def effort_takeaway(rows: Rows) -> str:
    """Where to start."""
    if not rows:
        return "Nothing can be taken away on the evidence supplied."
    first, total = rows[0], sum(row["weight_unused"] for row in rows)
    return (
        f"{len(rows)} identities can be acted on now. The first, {first['name']}, takes {first['policies']} "
        f"{'change' if first['policies'] == 1 else 'changes'} and removes {percent(first['weight_unused'] / total)} of the unused weight shown."
    )
