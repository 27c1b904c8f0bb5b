"""What stands in the notes of a slide: each of its figures with n, unknown, date, a record, and the command that lists the rows behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reports.blocks import day, records

Content = dict[str, Any]


def figure_notes(told: Content, names: Iterable[str]) -> list[str]:
    """A paragraph for each of the figures that the report has."""
    figures = {figure["id"]: figure for figure in told["headline"]["figures"]}
    return [_note(figures[name]) for name in names if name in figures]


def others(told: Content) -> list[str]:
    """Ids of the figures that stand on none of the slides, so that the notes hold all that the report has."""
    shown = {*told["headline"]["cards"], *(row["question_id"] for row in told["questions"])}
    ids = [figure["id"] for figure in told["headline"]["figures"]]
    return [name for name in ids if name not in shown and not name.startswith(("stage-", "cause-"))]


def _note(figure: Content) -> str:
    record = f" First record: {', '.join(records(figure['records']))}." if figure["records"] else ""
    behind = f"n {figure['n']:,}, unknown {figure['unknown']:,}, data of {day(figure['date'])}"
    return f"{figure['mark']} {figure['title']}: {figure['text']} ({behind}).{record} Its rows: {figure['ask']}"


def marks_of(told: Content, names: Iterable[str]) -> str:
    """The marks of figures that stand in a row in the evidence index: `E9–E22`."""
    marks = told["headline"]["marks"]
    found = [marks[name] for name in names if name in marks]
    return f"{found[0]}–{found[-1]}" if len(found) > 1 else "".join(found)
