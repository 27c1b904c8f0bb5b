"""The worklist as CSV: one ZIP, a file per sheet of the workbook, with all rows. The database writes them, so that a large estate is quick.

UTF-8 with its mark, which Excel asks for, and commas. Nothing in a file is a formula. The clock is not read: the same gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow as pa

from inventory.database import Database
from reports.content import Asked
from reports.exports import FORMULA, cell
from reports.figures_sheet import COLUMNS, TITLE, figure_rows
from reports.views.worklist import Sheet
from reports.views.worklist_sheets import sheets
from reports.worklist import facts, ready

MARK = b"\xef\xbb\xbf"
START = (1980, 1, 1, 0, 0, 0)
"""Time of every file in the ZIP, the earliest that the format holds: the moment of writing would differ from run to run."""

QUICK = 1
"""Level of compression: a third of the time of the usual level for a tenth more bytes."""


def write_csv(asked: Asked, folder: Path) -> Path:
    """Write the ZIP and return it. It is the same for every audience, and but for the figures of a change compared with nothing."""
    snapshot = asked.snapshot
    target = folder / f"nhi-posture-{snapshot.snapshot_id}-csv.zip"
    database = ready(asked)
    with (
        TemporaryDirectory() as place,
        ZipFile(target, "w", ZIP_DEFLATED, compresslevel=QUICK) as package,
    ):
        rows = [[cell(row[name]) for name in COLUMNS] for row in figure_rows(asked.content)]
        _add(package, f"{TITLE.lower()}.csv", [_lines([list(COLUMNS.values()), *rows])])
        counts = {}
        for sheet in sheets(database, snapshot):
            counted = sheet.rank(database)
            counts[sheet.title] = {**counted, "listed": counted["n"]}
            _add(package, f"{sheet.title.lower()}.csv", chain([_header(sheet)], _parts(database, sheet, counted["n"], Path(place))))
        lines = [[cell(label), cell(value)] for label, value in facts(database, snapshot, asked.on, counts)]
        _add(package, "about.csv", [_lines(lines)])
    return target


def _add(package: ZipFile, name: str, parts: Iterable[bytes | Path]) -> None:
    """One file of the ZIP from texts and files, which are removed."""
    info = ZipInfo(name, START)
    info.compress_type = ZIP_DEFLATED
    with package.open(info, "w", force_zip64=True) as file:
        file.write(MARK)
        for part in parts:
            if isinstance(part, bytes):
                file.write(part)
                continue
            with part.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
            part.unlink()


def _header(sheet: Sheet) -> bytes:
    return _lines([list(sheet.columns.values())])


def _lines(rows: Sequence[Sequence[str | int | float]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _parts(database: Database, sheet: Sheet, last: int, place: Path) -> Iterator[Path]:
    """The rows of a ranked sheet as files without a header, one after the other."""
    for number, sql in enumerate(sheet.pieces(database, last)):
        part = place / f"{number}.csv"
        types = database.arrow(f"SELECT * FROM ({sql}) LIMIT 0", sheet.params or None).schema
        cells = ", ".join(f"{_cell(name, types.field(name).type)} AS {name}" for name in sheet.columns)
        target = str(part).replace("'", "''")
        database.execute(f"COPY (SELECT {cells} FROM ({sql})) TO '{target}' (FORMAT csv, HEADER false)", sheet.params)
        yield part


def _cell(name: str, kind: pa.DataType) -> str:
    """SQL of a column as it stands in the file: as `reports.exports.cell` writes a value, for each type that a sheet has."""
    if pa.types.is_boolean(kind):
        return f"CASE WHEN {name} THEN 'yes' WHEN NOT {name} THEN 'no' END"
    if pa.types.is_timestamp(kind):
        return f"strftime({name}, '%Y-%m-%d %H:%M')"
    if pa.types.is_string(kind):
        return f"CASE WHEN left({name}, 1) IN ({_FIRST}) THEN '''' || {name} ELSE {name} END"
    return name


_FIRST = ", ".join(f"chr({ord(letter)})" for letter in FORMULA)
