"""What a report is made of before it is drawn: sentences, lists, tables and charts, as plain data. PDF, Markdown and HTML draw the same.

A cell is a text or a list of texts (records, a line each). No table is longer than its limit: what is left out is counted, and where it stands is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Block = dict[str, Any]
Cell = str | list[str]

ROWS = 30
"""Rows of a table; no document is made longer by a larger estate."""

PAGE_ROWS = 100
"""Rows of a table on a page that scrolls."""

IN_JSON = "the JSON report has them all"

WORKLIST = "the worklist (XLSX, CSV) lists all"
"""Where the rows of a part stand that its report leaves out: what the dashboard and other commands list is of the whole estate."""

RECORDS = 1
"""Records in a cell."""

NUMBER, TEXT, NAME, RECORD = "number", "text", "name", "record"
"""Kinds of column: numbers stand to the right, names and records break anywhere."""


def paragraph(text: str, *, quiet: bool = False) -> Block:
    """A paragraph; `quiet`: in the colour of what is secondary."""
    return {"kind": "paragraph", "text": text, "quiet": quiet}


def listing(items: Sequence[str], *, ordered: bool = False) -> Block:
    """Items, each one text."""
    return {"kind": "list", "items": list(items), "ordered": ordered}


def chart(name: str, description: str) -> Block:
    """One of the charts that a format draws by its name; `description`: what it shows, in a sentence."""
    return {"kind": "chart", "name": name, "description": description}


def table(
    caption: str,
    columns: Mapping[str, tuple[str, float]],
    rows: Sequence[Sequence[Cell]],
    *,
    none: str = "None.",
    total: int | None = None,
    limit: int = ROWS,
    rest: str = IN_JSON,
) -> Block:
    """A table. `columns`: label -> kind and width among the others; `total`: how many rows there are in truth; `rest`: where the others stand."""
    shown = [list(row) for row in rows[:limit]]
    return {
        "kind": "table",
        "caption": caption,
        "columns": [{"label": label, "kind": kind, "width": width} for label, (kind, width) in columns.items()],
        "rows": shown,
        "none": none,
        "left_out": left_out(len(rows) if total is None else total, len(shown), rest),
    }


def left_out(total: int, shown: int, rest: str = IN_JSON) -> str:
    """How many rows a table leaves out, and where they stand; nothing where it has them all."""
    return f"{total - shown:,} more left out here: {rest}." if total > shown else ""


def records(evidence: Sequence[Mapping[str, Any]], limit: int = RECORDS) -> Cell:
    """Located records, a line each; what is left out is counted."""
    lines = [" # ".join(str(part) for part in (place["path"], place["record"]) if part is not None) for place in evidence[:limit]]
    return lines + ([f"and {len(evidence) - limit:,} more"] if len(evidence) > limit else [])


def number(value: float | None) -> str:
    """A count as text; a dash where nobody knows."""
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def day(moment: Any) -> str:
    """The date of a moment, or of a text that begins with one."""
    return "—" if moment is None else str(moment)[:10]
