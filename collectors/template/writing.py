"""Write the empty template: a workbook, or a folder of CSV files. Never overwrites: a filled template is someone's work."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collectors.template.sheets import EXAMPLE, MARKER, READ_ME, READ_ME_ROW, SHEETS, TABLE_COLUMN, Column, Sheet

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

CREATED = datetime(2026, 1, 1)
"""Stands in the workbook's properties, so that two templates are equal."""
LAST_ROW = 5000
"""Rows for which the workbook offers the allowed words as a list."""
LONGEST_LIST = 255
"""Characters a spreadsheet takes as the words of a cell's list."""
READ_ME_HEADER = (MARKER, "Column", "Required", "What to write", "Meaning")
FORMS = {str: "text", int: "whole number", bool: "yes or no", datetime: "date: 2026-03-31 or 2026-03-31T14:00:00Z (UTC)"}
HOW_TO = (
    "Type in what no export tells: one row per thing, one sheet (or CSV file) per kind of thing.",
    "Leave empty what you do not know: empty means unknown, never no.",
    "Never type the value of a password, key or token anywhere: names and ids only. Columns with other names are not read.",
    "Columns marked * are required. All others may stay empty, and so may every sheet.",
    f"The row that starts with {EXAMPLE!r} shows how a row looks and is not read. Write your rows below it.",
    "An id that you leave empty is made from scope and name.",
    "If an export lists the thing as well, write the export's id (for AWS the ARN): otherwise it counts twice.",
    "To say where an AWS access key rests, write its id (AKIA…) into native_id of the sheet credential, and fill storage.",
    "identity_id, store_id and credential_id of other sheets take an id, or the name of a row of that sheet.",
    "What you type is reported as declared. No sheet counts as a complete list; guardrail alone says that its scope was looked at.",
)


def write_template(path: Path) -> None:
    """Write a workbook to `path` (`.xlsx`), or one CSV per table into the folder `path`.

    Raises FileExistsError where a file stands already, ValueError for any other kind of file.
    """
    if path.suffix.lower() == ".xlsx" and not path.is_dir():
        _refuse_existing(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_workbook(path)
    elif path.suffix and not path.is_dir():
        raise ValueError(f"{path}: the template is an .xlsx workbook or a folder of CSV files; name one of these")
    else:
        _write_folder(path)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise FileExistsError(f"{path}: exists already and may be filled in; choose another name")


def _write_folder(folder: Path) -> None:
    tables: dict[str, list[list[str]]] = {"read_me": [[TABLE_COLUMN, *map(str.lower, READ_ME_HEADER[1:])]]}
    tables["read_me"] += [[f"{READ_ME_ROW}: {row[0]}", *row[1:]] for row in _read_me()]
    for sheet in SHEETS.values():
        example = [sheet.example.get(name, "") for name in sheet.columns]
        tables[sheet.table] = [[TABLE_COLUMN, *_headers(sheet)], [f"{EXAMPLE}: {sheet.table}", *example]]
    for name in tables:
        _refuse_existing(folder / f"{name}.csv")
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        # The byte-order mark makes spreadsheets read UTF-8.
        with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(lines)


def _write_workbook(path: Path) -> None:
    import xlsxwriter  # noqa: PLC0415  only this command needs it

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": MARKER, "created": CREATED})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        page = book.add_worksheet(READ_ME)
        page.set_column(0, 3, 24, wrapped)
        page.set_column(4, 4, 90, wrapped)
        page.write_row(0, 0, READ_ME_HEADER, book.add_format({"bold": True}))
        for number, row in enumerate(_read_me(), start=1):
            page.write_row(number, 0, row)
        page.freeze_panes(1, 0)
        for sheet in SHEETS.values():
            _write_sheet(book, sheet)


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.table)
    # As text, so that an account id keeps its leading zeros and a date its form.
    text = book.add_format({"num_format": "@"})
    grey = book.add_format({"num_format": "@", "italic": True, "font_color": "#6B6B6B"})
    required = book.add_format({"bold": True, "bg_color": "#FCE8B2", "bottom": 1})
    optional = book.add_format({"bg_color": "#EEEEEE", "bottom": 1})
    for number, (header, column) in enumerate(zip(_headers(sheet), sheet.columns.values(), strict=True)):
        page.set_column(number, number, max(14, len(header) + 3), text)
        page.write_string(0, number, header, required if column.required else optional)
        example = sheet.example.get(column.name, "")
        mark = f"{EXAMPLE}: {example}" if example else EXAMPLE
        page.write_string(1, number, example if number else mark, grey)
        _offer_words(page, number, column)
    page.freeze_panes(1, 0)


def _offer_words(page: Worksheet, number: int, column: Column) -> None:
    words = ("yes", "no") if column.form is bool else column.words
    if words and len(",".join(words)) <= LONGEST_LIST and number:
        page.data_validation(1, number, LAST_ROW, number, {"validate": "list", "source": list(words), "error_type": "warning"})


def _headers(sheet: Sheet) -> list[str]:
    return [f"{column.name} *" if column.required else column.name for column in sheet.columns.values()]


def _read_me() -> Iterator[list[str]]:
    """Rows of the Read me sheet, below its header."""
    for number, text in enumerate(HOW_TO, start=1):
        yield [f"How to fill, {number}", "", "", "", text]
    for sheet in SHEETS.values():
        yield [sheet.table, "", "", "", sheet.meaning]
        for column in sheet.columns.values():
            yield [sheet.table, column.name, "required" if column.required else "", _form(column), column.meaning]


def _form(column: Column) -> str:
    if column.words:
        return "one of: " + ", ".join(column.words)
    form: Any = FORMS[column.form] if not issubclass(column.form, StrEnum) else "text"
    return f"{form}; several separated by ;" if column.many else str(form)
