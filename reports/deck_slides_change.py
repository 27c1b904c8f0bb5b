"""The slide of the deck that says what changed since the snapshot before, by cause; or what it takes to say so."""

from __future__ import annotations

from typing import Any

from reports.blocks import day
from reports.charts_progress import IN_BAR
from reports.deck_notes import figure_notes, marks_of
from reports.deck_parts import Bars, Box, Column, Grid, Line, Series, Slide, Words
from reports.document_scores import how_judged, signed
from reports.first_page import short
from reports.palette import LIGHT
from reports.views.progress import WORDS
from scoring.progress import CAUSES

Content = dict[str, Any]

LABEL = 24
"""Letters of a snapshot's label in a title."""

WATCHED = ("attained", "exact", "at_or_above_5", "S1", "S2", "critical", "static", "creep_lo")
"""Headlines of the comparison that the board sees."""

OWN = {"retired": LIGHT.stages[5], "new": LIGHT.stages[0], "moved_down": LIGHT.stages[2], "moved_up": LIGHT.stages[3]}
"""Colours of the causes that are the estate's own; the others are pale and hatched."""


def change(told: Content) -> Slide:
    """What differs from the snapshot before, by cause; or what it takes to say so."""
    found, before = told["change"], told["before"]
    if not found:
        return _first(told)
    causes = found["causes"]
    counts = {name: cause["subjects"] for name, cause in causes.items()}
    label = short(before["label"], LABEL)
    title = (
        told["headline"]["verdict"]["text"] if found["unsplit"]
        else f"Since {label}: {counts['moved_up']:,} moved up, {counts['moved_down']:,} moved down, {counts['new']:,} new, {counts['retired']:,} retired;"
        f" of {counts['evidence']:,} more only what we know changed"
    )  # fmt: skip
    names = [f"cause-{name}" for name in causes]
    figure = next(figure for figure in told["headline"]["figures"] if figure["id"] == names[0])
    below = f"{how_judged(found)} Pale and hatched: no doing of the estate. The parts of a headline add up to its change, as printed."
    twin = [f"{cause['title']} ({cause['meaning']}): {cause['subjects']:,}" for cause in causes.values()]
    return Slide(
        topic=f"Change since {label} ({day(before['as_of'])})",
        title=title,
        parts=(
            _heading("Subjects that differ, one cause each", 0.6, 5.15),
            Bars(
                name="Subjects that differ, by cause", box=Box(left=0.6, top=2.05, width=5.15, height=4.0),
                categories=tuple(cause["title"] for cause in causes.values()),
                series=(Series(name="Subjects", values=tuple(counts.values()), colours=tuple(OWN.get(name, LIGHT.line) for name in causes),
                               hatched=tuple(name not in OWN for name in causes)),),
                description=f"Bar chart of subjects that differ from {label}, by cause: "
                + ", ".join(f"{cause['title'].lower()} {cause['subjects']:,}" for cause in causes.values()),
            ),
            _heading("Headlines, and what made most of their change", 5.95, 6.78),
            _headlines(found),
            Words(name="How it was compared", box=Box(left=0.6, top=6.2, width=12.13, height=0.66), lines=(Line(text=below, size=13, rows=3, ink="muted"),)),
        ),
        basis=f"n = {figure['n']:,} subjects, of {figure['unknown']:,} only what we know changed · {marks_of(told, names)}",
        notes=(told["headline"]["verdict"]["text"], *twin, *_twins(found), *figure_notes(told, names)),
    )  # fmt: skip


def _heading(text: str, left: float, width: float) -> Words:
    return Words(name=text, box=Box(left=left, top=1.72, width=width, height=0.28), lines=(Line(text=text, bold=True, ink="accent"),))


def _watched(found: Content) -> list[Content]:
    rows = {row["id"]: row for row in found["headlines"]}
    return [rows[name] for name in WATCHED if name in rows]


def _headlines(found: Content) -> Grid:
    columns = (
        Column(label="Headline", width=2.72, rows=2),
        *(Column(label=label, width=width, number=True) for label, width in (("Before", 0.86), ("Now", 0.86), ("Change", 0.96))),
        Column(label="Most of it", width=1.38, number=True, rows=2),
    )
    return Grid(
        name="Headlines of the comparison", left=5.95, top=2.05, columns=columns, row_height=0.45,
        rows=tuple((_titled(row), *_values(row), _most(row)) for row in _watched(found)),
        description="Table of headlines before and now, with the cause of the largest part of each change.",
    )  # fmt: skip


def _titled(row: Content) -> str:
    return f"{row['title']}{', %' if row['unit'] == '%' else ''}"


def _values(row: Content) -> tuple[str, str, str]:
    before, now = ("—" if row[name] is None else f"{row[name]:,}" for name in ("before", "now"))
    return before, now, signed(row["change"])


def _most(row: Content) -> str:
    """The cause of the largest part of a change, with that part."""
    if not row["parts"] or not any(row["parts"].values()):
        return "·"
    name = max(row["parts"], key=lambda cause: abs(row["parts"][cause]))
    return f"{IN_BAR[name]} {signed(row['parts'][name])}"


def _twins(found: Content) -> list[str]:
    return [
        f"{_titled(row)}: {values[0]} before, {values[1]} now, {values[2]}"
        + ("; " + ", ".join(f"{WORDS[name].lower()} {signed(part)}" for name, part in row["parts"].items() if part) if row["parts"] else "")
        for row in _watched(found)
        if (values := _values(row))
    ]


def _first(told: Content) -> Slide:
    """No quarter before: what the next deck will tell apart, and what it takes."""
    takes = (
        Line(lead="1.", text="Keep this workspace: its snapshots never change.", rows=2),
        Line(
            lead="2.",
            text="Collect the same accounts again next quarter, and have them assessed into it: nhi assess FOLDER --workspace WORKSPACE",
            rows=4,
        ),
        Line(lead="3.", text="nhi report --format pptx then compares with the snapshot before; --compare names any other.", rows=3),
    )
    columns = (Column(label="Cause", width=2.1), Column(label="Meaning", width=5.2, rows=2))
    return Slide(
        topic="Change",
        title=told["headline"]["verdict"]["text"],
        parts=(
            _heading("What it takes to have one", 0.6, 4.4),
            Words(name="What it takes", box=Box(left=0.6, top=2.05, width=4.4, height=3.2), lines=takes),
            _heading("What the next deck will tell apart: why a subject differs", 5.43, 7.3),
            Grid(name="Causes of change", left=5.43, top=2.05, columns=columns, row_height=0.5,
                 rows=tuple((WORDS[name], text) for name, text in CAUSES.items()),
                 description="Table of the seven causes that a comparison tells apart, with what each means."),
        ),
        basis="nothing to compare with",
        notes=(told["headline"]["verdict"]["text"], *(f"{WORDS[name]}: {text}" for name, text in CAUSES.items())),
    )  # fmt: skip
