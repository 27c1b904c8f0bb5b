"""A table as a file: CSV and XLSX of exactly the rows that a filter lets through, with the snapshot and the filter printed in it. No Streamlit.

Nothing in a file is a formula: names come from other people's systems, and a spreadsheet runs what begins with `=`. Numbers stay numbers and,
in XLSX, dates dates; an empty cell means that no source says it.

What is printed about the table stands in XLSX on a sheet of its own, so that the rows begin with their header, as filters and pivots want it; in
CSV in records of two cells above the header, ended by an empty line. They are records and not `#` comments, since CSV has none: a spreadsheet
shows them in two tidy columns, and a program reads on from the first empty line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from reports.views.evidence import Rows

Facts = list[tuple[str, str | int]]
"""What is printed about a table: label and value."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters after which a spreadsheet may run or misread a text (OWASP ASVS 5, 1.2.10); the wide ones too, as East Asian versions do."""

SHEET_ROWS = 1_000_000
"""Rows on one sheet of XLSX, which holds 1,048,576 at most; the rest stands on further sheets."""

CELL = 32_767
"""Characters that a cell of XLSX holds at most (Excel's own limit)."""

EXACT = 2**53
"""From here on a cell's number would lose digits; it is written as text."""


OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
"""Of every workbook: rows are written as they come, and text stays text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A table to save. Nothing is asked of the database before it is."""

    title: str
    columns: Mapping[str, str]
    """Column of the rows -> its header."""
    batches: Callable[[], Iterable[Rows]]
    """All rows, some at a time."""
    facts: Callable[[], Facts]


def csv_bytes(listing: Listing) -> bytes:
    """The listing as CSV: UTF-8 with its mark, which Excel asks for, commas, CRLF (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for label, value in listing.facts():
        writer.writerow([cell(label), cell(value)])
    writer.writerow([])
    writer.writerow([cell(label) for label in listing.columns.values()])
    for rows in listing.batches():
        writer.writerows([cell(row.get(name)) for name in listing.columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def cell(value: Any) -> str | int | float:
    """A value as a cell of CSV: numbers as they are, text made harmless."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = words(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def words(value: Any) -> str:
    """A value as text: lists with semicolons, records as `file # record`, nothing for what no source says."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(words(item) for item in value)
    if isinstance(value, dict):
        return " # ".join(words(part) for part in value.values() if part is not None)
    return str(value)


def xlsx_bytes(listing: Listing) -> bytes:
    """The listing as XLSX: first the sheet `About`, then the rows under a header that stays in sight."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        bold, time = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        write_facts(book.add_worksheet("About"), listing.facts(), bold, time)
        sheet, number, sheets = None, 0, 0
        for row in (row for rows in listing.batches() for row in rows):
            if sheet is None or number > SHEET_ROWS:
                sheets += 1
                sheet, number = _sheet(book, sheets, listing.columns, bold), 1
            for place, name in enumerate(listing.columns):
                write_cell(sheet, number, place, row.get(name), time)
            number += 1
        if sheet is None:
            _sheet(book, 1, listing.columns, bold)
    return file.getvalue()


def write_facts(sheet: Any, facts: Facts, bold: Any, time: Any) -> None:
    """Label and value, a row each."""
    sheet.set_column(0, 0, 30, bold)
    sheet.set_column(1, 1, 90)
    for number, (label, value) in enumerate(facts):
        write_cell(sheet, number, 0, label, time)
        write_cell(sheet, number, 1, value, time)


def _sheet(book: Any, number: int, columns: Mapping[str, str], bold: Any) -> Any:
    sheet = book.add_worksheet("Rows" if number == 1 else f"Rows {number}")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns) - 1, 22)
    for place, label in enumerate(columns.values()):
        sheet.write_string(0, place, label[:CELL], bold)
    return sheet


def write_cell(sheet: Any, row: int, place: int, value: Any, time: Any) -> None:
    """One cell in its own type; text is never read as anything else, and what is too long is cut where one can see it."""
    if isinstance(value, str) and len(value) <= CELL:
        sheet.write_string(row, place, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value.replace(tzinfo=None), time)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < EXACT:
        sheet.write_number(row, place, value)
    elif text := words(value):
        sheet.write_string(row, place, text if len(text) <= CELL else f"{text[: CELL - 10]}… (cut)")
