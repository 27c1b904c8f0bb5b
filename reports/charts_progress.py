"""Figures of progress: headlines by cause, and the trend over all snapshots. Pure, as reports/charts.py: rows in, figure and sentence out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import plotly.graph_objects as go

from reports.charts import add_printed_bars, bare, plain
from reports.palette import Palette, palette
from reports.views.evidence import Rows
from reports.views.progress import WORDS
from reports.views.shares import percent

PATTERNS = {"rules": "x", "scope": ".", "evidence": "/", "retired": "", "new": "", "moved_down": "", "moved_up": ""}
"""Hatched: what is no doing of anyone's. Colour is never the only sign."""

IN_BAR = {
    "rules": "rules",
    "scope": "scope",
    "evidence": "known",
    "retired": "retired",
    "new": "new",
    "moved_down": "down",
    "moved_up": "up",
}
"""Causes as printed inside a bar; the legend says them in full."""


def _colours(colours: Palette) -> dict[str, str]:
    return {
        "rules": colours.line,
        "scope": colours.line,
        "evidence": colours.line,
        "retired": colours.stages[5],
        "new": colours.stages[0],
        "moved_down": colours.stages[2],
        "moved_up": colours.stages[3],
    }


def _hatched(shape: str, colour: str, colours: Palette) -> dict[str, Any]:
    return {"shape": shape, "bgcolor": colour, "fgcolor": colours.muted if shape else colour, "size": 12, "solidity": 0.06}


def cause_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """One line per headline: its change split by cause, additions right of zero, losses left; every part with its number."""
    colours = palette(dark)
    shown = [row for row in rows if row["parts"] is not None and any(row["parts"].values())]
    figure = bare(colours, 90 + 40 * max(len(shown), 1), barmode="relative", uniformtext={"minsize": 9, "mode": "hide"})
    names = [f"{row['title']}<br>{row['before']:,} → {row['now']:,}" for row in shown]
    for cause, colour in _colours(colours).items():
        add_printed_bars(
            figure,
            names,
            [row["parts"][cause] for row in shown],
            [f"{IN_BAR[cause]} {row['parts'][cause]:+g}" if row["parts"][cause] else "" for row in shown],
            name=WORDS[cause].lower(),
            colour=colour,
            line={"color": colours.background, "width": 1},
            pattern=_hatched(PATTERNS[cause], colour, colours),
        )
    figure.add_vline(x=0, line={"color": colours.ink, "width": 1})
    figure.update_xaxes(showticklabels=True)
    figure.update_yaxes(autorange="reversed")
    return figure


def cause_takeaway(rows: Rows) -> str:
    """The largest change of a group, and what made most of it."""
    moved = [row for row in rows if row["change"]]
    if not moved:
        return "Nothing changed here."
    row = max(moved, key=lambda one: abs(one["change"]))
    cause = max(row["parts"], key=lambda name: abs(row["parts"][name]))
    unit = "" if row["unit"] == "index" else f" {row['unit']}"
    return (
        f"Most changed: {row['title'].lower()}, {row['before']:,} to {row['now']:,}{unit}; the largest part is"
        f" {WORDS[cause].lower()} with {row['parts'][cause]:+g}."
    )


def _point(row: dict[str, Any]) -> str:
    mark = " *" if row["other_rules"] else ""
    return f"{plain(row['label'])}{mark}<br>{row['as_of']:%Y-%m-%d}"


FAMILIES = {"static": "static credentials", "short_lived": "short-lived", "none": "no authentication", "unknown": "not known"}


def mix_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """One bar per snapshot, 100 % wide: access paths by family. A star marks other rules."""
    colours = palette(dark)
    points = _points(rows)
    figure = bare(colours, 90 + 46 * max(len(points), 1), barmode="stack", uniformtext={"minsize": 10, "mode": "hide"})
    fills = {"static": colours.stages[0], "short_lived": colours.stages[3], "none": colours.stages[2], "unknown": colours.line}
    for family, name in FAMILIES.items():
        counts = [sum(row["paths"] for row in rows if row["as_of"] == moment and row["family"] == family) for moment, _ in points]
        totals = [sum(row["paths"] for row in rows if row["as_of"] == moment) or 1 for moment, _ in points]
        add_printed_bars(
            figure,
            [text for _, text in points],
            [100 * count / total for count, total in zip(counts, totals, strict=True)],
            [f"{name} {count:,}" if count else "" for count in counts],
            name=name,
            colour=fills[family],
            line={"color": colours.background, "width": 1},
        )
    figure.update_xaxes(range=[0, 100], visible=False)
    figure.update_yaxes(autorange="reversed")
    return figure


def _points(rows: Rows) -> list[tuple[datetime, str]]:
    return list({row["as_of"]: (row["as_of"], _point(row)) for row in rows}.values())


def mix_takeaway(rows: Rows) -> str:
    """Static against short-lived, first and last."""
    if not rows:
        return "No snapshot holds an access path."
    first, last = min(row["as_of"] for row in rows), max(row["as_of"] for row in rows)

    def share(moment: datetime) -> str:
        whole = [row for row in rows if row["as_of"] == moment]
        static = sum(row["paths"] for row in whole if row["family"] == "static")
        total = sum(row["paths"] for row in whole)
        return f"{percent(static / total)} ({static:,} of {total:,})"

    if first == last:
        return f"Access paths by static credentials: {share(last)} on {last:%Y-%m-%d}. There is one date only."
    return f"Access paths by static credentials: {share(first)} on {first:%Y-%m-%d}, {share(last)} on {last:%Y-%m-%d}."


def static_bars(rows: Rows, *, dark: bool = False) -> go.Figure:
    """Active static credentials between two dates: made right of zero, retired left; newly seen and out of sight hatched."""
    colours = palette(dark)
    figure = bare(colours, 90 + 46 * max(len(rows), 1), barmode="relative")
    names = [f"{plain(row['label'])}{' *' if row['other_rules'] else ''}<br>since {row['since']:%Y-%m-%d}" for row in rows]
    kinds = [
        ("new", "new", 1, colours.stages[0], ""),
        ("seen", "newly seen", 1, colours.line, "/"),
        ("scope_in", "came into scope", 1, colours.line, "."),
        ("retired", "retired", -1, colours.stages[5], ""),
        ("unseen", "out of sight", -1, colours.line, "/"),
        ("scope_out", "left scope", -1, colours.line, "."),
    ]
    for column, name, sign, colour, pattern in kinds:
        add_printed_bars(
            figure,
            names,
            [sign * row[column] for row in rows],
            [f"{name} {sign * row[column]:+}" if row[column] else "" for row in rows],
            name=name,
            colour=colour,
            pattern=_hatched(pattern, colour, colours),
        )
    figure.add_vline(x=0, line={"color": colours.ink, "width": 1})
    figure.update_yaxes(autorange="reversed")
    return figure


def static_takeaway(rows: Rows) -> str:
    """New against retired, last."""
    if not rows:
        return "There is no earlier snapshot to compare with."
    last = rows[-1]
    return (
        f"Since {last['since']:%Y-%m-%d}: {last['new']:,} static credentials are new and {last['retired']:,} retired;"
        f" {last['seen']:,} are newly seen, {last['unseen']:,} out of sight, and active are {last['now']:,} (before: {last['before']:,})."
    )
