"""From a filled template to rows. Pure: no files, no clock.

A bad cell is reported and left out (a default never improves a judgement); a row without a required column is reported and not read.
What a person declares is never taken for a complete list: only the rules of the organisation count as collected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.databases import Tables
from collectors.document import Document, Problem
from collectors.template.cells import CellError, names_secret, value
from collectors.template.declared import Index, complete, coverage, identify, refer
from collectors.template.sheets import EXAMPLE, MARKER, READ_ME, READ_ME_ROW, SHEETS, TABLE_COLUMN, Sheet
from inventory.model import Row


@dataclass(slots=True)
class Entry:
    """One filled row on its way to become a row of the inventory."""

    sheet: Sheet
    place: str
    """Where a person finds it: sheet and row number."""
    cells: Mapping[str, str]
    values: dict[str, Any]


def matches(doc: Document) -> bool:
    """A CSV whose first column is `nhi_table`, or a workbook with the template's marker or a sheet that has a table's required columns."""
    if doc.table is not None:
        return bool(doc.header) and _plain(doc.header[0]) == TABLE_COLUMN
    if isinstance(doc.sheets, Tables):
        return False  # a database, and looking at its tables would read them all
    sheets = doc.sheets or {}
    if any(_plain(name) == _plain(READ_ME) and any(MARKER in row for row in rows) for name, rows in sheets.items()):
        return True
    tables = {_plain(name): rows for name, rows in sheets.items() if _plain(name) in SHEETS}
    return any({_plain(header) for header in row} >= set(SHEETS[name].required) for name, rows in tables.items() for row in rows[:1])


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Rows, coverage and problems of a filled template."""
    entries: list[Entry] = []
    for item in _entries(doc):
        if isinstance(item, Problem):
            yield item
        else:
            yield from _fill(item)
            entries.append(item)
    yield from _headers(entries)
    index = Index()
    for entry in entries:
        identify(entry.sheet.table, entry.values, doc)
        index.add(entry.sheet.table, entry.values)
    taken: list[Row] = []
    for entry in entries:
        for result in _row(entry, index, doc):
            yield result
            if not isinstance(result, Problem):
                taken.append(result)
    yield from _same_object(entries)
    yield from coverage(taken, index, doc)


def _entries(doc: Document) -> Iterator[Entry | Problem]:
    if doc.table is not None:
        yield from _csv_entries(doc.table)
        return
    for name, filled in (doc.sheets or {}).items():
        sheet = SHEETS.get(_plain(name))
        if sheet is not None:
            for number, row in enumerate(filled, start=2):
                yield from _entry(sheet, f"sheet {name}, row {number}", row)
        elif filled and _plain(name) != _plain(READ_ME):
            yield Problem(record=f"sheet {name[:40]}", message=f"no such table, not read: name the sheet one of {', '.join(SHEETS)}")


def _csv_entries(table: tuple[Mapping[str, str], ...]) -> Iterator[Entry | Problem]:
    for number, row in enumerate(table, start=2):
        name = next((_plain(text) for header, text in row.items() if _plain(header) == TABLE_COLUMN), "")
        sheet = SHEETS.get(name)
        if sheet is not None or _marked(row):
            yield from _entry(sheet, f"table {name}, row {number}", row)
        elif any(text.strip() for text in row.values()):
            yield Problem(
                record=f"row {number}", message=f"column {TABLE_COLUMN}: no such table, not read: write one of {', '.join(SHEETS)}"
            )


def _entry(sheet: Sheet | None, place: str, row: Mapping[str, str]) -> Iterator[Entry | Problem]:
    if _marked(row):
        if _first(row).startswith(EXAMPLE) and not _is_bundled_example(row):
            yield Problem(record=place, message=f"is marked {EXAMPLE!r} but was changed, not read: replace its first cell to have it read")
        return
    cells = {_plain(header): (text or "").strip() for header, text in row.items()}
    cells.pop(TABLE_COLUMN, None)
    if sheet is not None and any(cells.values()):
        yield Entry(sheet=sheet, place=place, cells=cells, values={})


def _marked(row: Mapping[str, str]) -> bool:
    """Whether a row only explains the template."""
    return _first(row).startswith((EXAMPLE, READ_ME_ROW))


def _is_bundled_example(row: Mapping[str, str]) -> bool:
    """Whether an example row still says what the template wrote. Dates do not count: spreadsheets rewrite them."""
    cells = {_plain(header): text.strip() for header, text in list(row.items())[1:] if text.strip() and not _plain(header).endswith("_at")}
    return any(
        cells == {name: text for name, text in sheet.example.items() if not name.endswith("_at") and name in map(_plain, list(row)[1:])}
        for sheet in SHEETS.values()
    )


def _headers(entries: list[Entry]) -> Iterator[Problem]:
    """Columns that nobody reads, once per table."""
    for table, sheet in SHEETS.items():
        mine = [entry.cells for entry in entries if entry.sheet.table == table]
        unknown = {name for cells in mine for name in cells if name and name not in sheet.columns}
        secret = sorted(filter(names_secret, unknown))
        spare = sorted(name for name in unknown.difference(secret) if any(cells.get(name) for cells in mine))
        if secret:
            message = f"column {', '.join(secret)}: may hold secret values, not read: the template has no place for them, delete the column"
            yield Problem(record=table, message=message)
        if spare:
            yield Problem(record=table, message=f"unknown column {', '.join(spare)}, not read: the columns are {', '.join(sheet.columns)}")


def _fill(entry: Entry) -> Iterator[Problem]:
    for name, column in entry.sheet.columns.items():
        try:
            content = value(column, entry.cells.get(name, ""))
        except CellError as error:
            yield Problem(record=entry.place, message=str(error))
            continue
        if content is not None:
            entry.values[name] = content


def _row(entry: Entry, index: Index, doc: Document) -> Iterator[Row | Problem]:
    sheet, values = entry.sheet, entry.values
    for message in (*refer(sheet.table, values, index, doc), *complete(sheet.table, values, doc)):
        yield Problem(record=entry.place, message=message)
    missing = [name for name in sheet.required if values.get(name) is None]
    if missing:
        yield Problem(record=entry.place, message=f"column {', '.join(missing)}: required and not filled, row not read")
        values.clear()
        return
    row: Row = sheet.kind(**values)
    yield row


def _same_object(entries: list[Entry]) -> Iterator[Problem]:
    """Two different rows with one id would be merged into one object: a path would vanish."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        if not entry.values:
            continue  # not read
        first = seen.setdefault(entry.values["evidence"], entry)
        if first is not entry and first.cells != entry.cells:
            message = f"counts as the same object as {first.place}: if it is another one, give it another name, scope or id"
            yield Problem(record=entry.place, message=message)


def _first(row: Mapping[str, str]) -> str:
    return next(iter(row.values()), "").strip().lower()


def _plain(name: str) -> str:
    """A header or sheet name without the required mark, case or byte-order mark."""
    return name.strip(" *\ufeff").lower().replace(" ", "_")
