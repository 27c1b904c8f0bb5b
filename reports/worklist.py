"""The worklist as one XLSX workbook: the report's figures, then a sheet per need. Typed columns, filters, a header that stays in sight, no formula.

Of a large estate each sheet lists the first LISTED rows, in the order of what to do first, and says how many there are; the CSV files hold all.
The clock is not read: the same snapshot, decisions and day give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from inventory.database import Database
from inventory.lake import Snapshot
from reports.content import Asked
from reports.exports import OPTIONS, Facts, write_cell, write_facts
from reports.figures_sheet import COLUMNS, TITLE, figure_rows
from reports.views.evidence import Rows
from reports.views.stages import attained_between, distribution, exactness
from reports.views.summary import attained_percent, identities
from reports.views.worklist import Sheet, prepare
from reports.views.worklist_sheets import sheets

LISTED = 5_000
"""Rows that a sheet lists at most: of 450,000 identities the whole workbook takes about 15 seconds."""

WIDTHS = {
    "reason": 60, "asks": 60, "rollback": 40, "why": 40, "evidence": 60, "guards": 40, "lo_reason": 50, "to_settle": 50, "missing": 40,
    "title": 40, "name": 34, "subject": 40, "subject_name": 34, "identity": 34, "account": 34, "owner": 30, "proposed": 30, "subject_id": 50,
    "identity_id": 50, "credential_id": 50, "text": 20, "record": 60, "ask": 60,
}  # fmt: skip
"""Of columns that hold words, in characters; NARROW for all others."""

NARROW = 15

Counts = dict[str, dict[str, int]]
"""Title of a sheet -> `n` rows, of them `unknown` that the evidence leaves open, and how many are `listed`."""


def ready(asked: Asked) -> Database:
    """The database of a report, with what the sheets share made in it."""
    prepare(asked.database, asked.snapshot)
    return asked.database


def write_xlsx(asked: Asked, folder: Path) -> Path:
    """Write the workbook and return it. It is the same for every audience, and but for the figures of a change compared with nothing."""
    snapshot = asked.snapshot
    target = folder / f"nhi-posture-{snapshot.snapshot_id}.xlsx"
    database = ready(asked)
    with xlsxwriter.Workbook(str(target), OPTIONS) as book:
        book.set_properties({"title": f"NHI posture: worklist of {snapshot.label}", "created": snapshot.as_of})
        bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        about = book.add_worksheet("About")
        _write_rows(book, TITLE, COLUMNS, [figure_rows(asked.content)], bold, time)
        counts = {one.title: _write_sheet(book, database, one, bold, time) for one in sheets(database, snapshot)}
        write_facts(about, facts(database, snapshot, asked.on, counts), bold, time)
    return target


def _write_sheet(book: Any, database: Database, sheet: Sheet, bold: Any, time: Any) -> dict[str, int]:
    """One sheet with its first rows; returns its counts."""
    counts = sheet.rank(database, LISTED)
    listed = min(counts["n"], LISTED)
    _write_rows(book, sheet.title, sheet.columns, sheet.batches(database, listed), bold, time)
    return {**counts, "listed": listed}


def _write_rows(book: Any, title: str, columns: Mapping[str, str], batches: Iterable[Rows], bold: Any, time: Any) -> None:
    """Rows under a header that stays in sight and filters."""
    place = book.add_worksheet(title)
    place.freeze_panes(1, 1)
    for column, (name, label) in enumerate(columns.items()):
        place.set_column(column, column, WIDTHS.get(name, NARROW))
        place.write_string(0, column, label, bold)
    number = 0
    for rows in batches:
        for row in rows:
            number += 1
            for column, name in enumerate(columns):
                write_cell(place, number, column, row[name], time)
    place.autofilter(0, 0, number, len(columns) - 1)


def facts(database: Database, snapshot: Snapshot, on: date, counts: Counts) -> Facts:
    """What the file says of itself: which data, judged how, the figures that stand in the report too, and what each sheet lists."""
    percent, exact, people = attained_percent(snapshot), exactness(database), identities(database)
    low, high = attained_between(database, percent)
    stages = distribution(database)
    return [
        ("Snapshot", f"{snapshot.label}, {snapshot.snapshot_id}"),
        ("Data as of", f"{snapshot.as_of:%Y-%m-%d}"),
        ("Rules version", snapshot.rules_version),
        ("Pack", snapshot.pack),
        ("Exceptions and owners as of", f"{on:%Y-%m-%d}"),
        ("Identities", people["total"]),
        ("Of them non-human", people["nonhuman"]),
        ("Of them not known whether human", people["human_unknown"]),
        ("Attained stage, for certain", low if low is not None else "no access path is here"),
        ("Attained stage, at most", high if high is not None else "no access path is here"),
        *((f"Subjects at stage {row['stage']}, at least", row["lo"]) for row in stages),
        ("Access paths", exact["paths"]),
        ("Of them with one certain stage", exact["exact"]),
        *(fact for title, count in counts.items() for fact in _sheet_facts(title, count)),
        ("Where figures come from", "counted in the snapshot by the rules above; each row names file # record that says so"),
        ("An empty cell", "no source says it"),
    ]


def _sheet_facts(title: str, count: dict[str, int]) -> Facts:
    left = count["n"] - count["listed"]
    cut = f", the first in order; {left:,} are left out here, `nhi report --format csv` holds all" if left else ""
    return [
        (f"Sheet {title}", f"{count['listed']:,} listed of {count['n']:,}{cut}"),
        (f"Sheet {title}: left open by the evidence", count["unknown"]),
    ]
