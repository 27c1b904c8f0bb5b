"""The figures of the report as a table: a row each, typed, with where its rows are found. The worklist begins with it; nothing is counted here."""

from __future__ import annotations

from datetime import date
from typing import Any

from reports.content import Content
from reports.exports import words
from reports.views.evidence import Rows

TITLE = "Figures"

COLUMNS = {
    "mark": "Mark", "title": "Figure", "text": "Value", "lo": "At least", "hi": "At most", "unit": "Unit", "n": "n", "unknown": "Unknown",
    "date": "Date of the data", "record": "First record", "ask": "Command that lists the rows", "id": "Figure id",
}  # fmt: skip
"""`text` is the value as every format prints it, `lo` and `hi` its bounds as numbers; `mark` is its row in the evidence index."""


def figure_rows(told: Content) -> Rows:
    """Every figure of a report's content, in its order."""
    return [_row(figure) for figure in told["headline"]["figures"]]


def _row(figure: dict[str, Any]) -> dict[str, Any]:
    typed = {"date": date.fromisoformat(figure["date"]) if figure["date"] else None, "record": words(figure["records"][:1]) or None}
    return {name: typed.get(name, figure.get(name)) for name in COLUMNS}
