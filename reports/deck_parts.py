"""What a slide of the deck is made of, before it is drawn: text, cards, tables and charts at their places, as plain values. No python-pptx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from reports.deck_text import SPACING, fitted, lines, plain, width

POINTS = 72
"""In an inch."""

SMALLEST = 12.0
"""Points: nothing on a slide is set smaller."""

PADDING = 0.12
"""Inches between the edge of a filled box and its text."""

GAP = 4.0
"""Points between two paragraphs of a box."""

Ink = Literal["ink", "muted", "accent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A place on a slide of 13.333 by 7.5 inches, in inches."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paragraph."""

    text: str
    size: float = 14.0
    bold: bool = False
    ink: Ink = "ink"
    rows: int = 1
    """Lines that it may take; what is longer is cut where one can see it."""
    lead: str = ""
    """What stands before it, bold: the number of a list, a name. Every line is reckoned as if it stood there again, to be on the safe side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A box of paragraphs, filled or not."""

    name: str
    box: Box
    lines: tuple[Line, ...]
    filled: bool = False

    def settled(self) -> Words:
        """The same with every paragraph cut so that the box holds all of them: the longest gives way first."""
        shown = [replace(line, text=plain(line.text)) for line in self.lines]
        wide = (self.box.width - 2 * PADDING * self.filled) * POINTS
        height = (self.box.height - 2 * PADDING * self.filled) * POINTS
        rooms = [wide - width(f"{line.lead} ", line.size, bold=True) * bool(line.lead) for line in shown]
        taken = [min(line.rows, lines(line.text, line.size, room, bold=line.bold)) for line, room in zip(shown, rooms, strict=True)]
        while tall(shown, taken) > height and max(taken, default=1) > 1:
            taken[taken.index(max(taken))] -= 1
        cut = [fitted(line.text, line.size, room, rows, bold=line.bold) for line, room, rows in zip(shown, rooms, taken, strict=True)]
        return replace(self, lines=tuple(replace(line, text=text) for line, text in zip(shown, cut, strict=True)))


def tall(shown: Sequence[Line], taken: Sequence[int]) -> float:
    """Height in points of paragraphs that take so many lines each."""
    return sum(line.size * SPACING * rows for line, rows in zip(shown, taken, strict=True)) + GAP * (len(taken) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table."""

    label: str
    width: float
    """Inches."""
    number: bool = False
    rows: int = 1
    """Lines of its cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table. Its height is known before it is drawn, since no cell takes more lines than its column has."""

    name: str
    left: float
    top: float
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    description: str
    """What it shows, for who cannot see it."""
    size: float = SMALLEST
    row_height: float = 0.36
    head_height: float = 0.32


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of a chart."""

    name: str
    values: tuple[float, ...]
    colours: tuple[str, ...]
    """`#RRGGBB` of each point, or of all."""
    outlined: bool = False
    """Drawn as an outline: colour is never the only sign."""
    hatched: tuple[bool, ...] = ()
    """Of each point, or none of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A native chart of bars from top to bottom; its series side by side, or `stacked` up to 100."""

    name: str
    box: Box
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    description: str
    stacked: bool = False
    legend: bool = False


Part = Words | Grid | Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """One slide."""

    topic: str
    """Two or three words above the title."""
    title: str
    """What the slide says, in a sentence."""
    parts: tuple[Part, ...]
    """In the order in which they are read."""
    basis: str
    """n, unknown and where they are told, for the footer."""
    notes: tuple[str, ...]
    """The figures again with what stands behind them, a paragraph each."""
