"""Tables as files: parsed back by the csv module and by openpyxl, with names that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import openpyxl
import pytest

from reports import exports
from reports.exports import Facts, Listing, csv_bytes, xlsx_bytes
from reports.views.evidence import Rows

HOSTILE = [
    '=HYPERLINK("https://beacon.invalid","x")',
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\0=1",
    "\uff1d1",
    "https://beacon.invalid",
    "{=1}",
]
COLUMNS = {"name": "Name", "n": "Count", "share": "Share", "at": "Last use", "day": "Last day", "yes": "Known", "evidence": "Evidence"}


def row(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "n": -3, "share": 0.5, "at": datetime(2026, 9, 30, 12, 5), "day": date(2026, 12, 31), "yes": True,
            "evidence": [{"path": "a.json", "record": "r[1]"}, {"path": "b.csv", "record": None}], **more}  # fmt: skip


def listing(*batches: Rows) -> Listing:
    def facts() -> Facts:
        return [("Table", "Inventory"), ("Filter: team", "=pay"), ("Rows", 3)]

    return Listing(title="Inventory", columns=COLUMNS, batches=lambda: batches, facts=facts)


def parsed(content: bytes) -> tuple[list[list[str]], list[list[str]]]:
    """The records above the empty line, and those below it."""
    records = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    return records[: records.index([])], records[records.index([]) + 1 :]


def test_a_csv_file_says_what_it_is_and_holds_every_row_of_every_batch() -> None:
    head, body = parsed(csv_bytes(listing([row("a")], [row("b"), row("c", at=None, yes=None, share=None)])))
    assert head == [["Table", "Inventory"], ["Filter: team", "'=pay"], ["Rows", "3"]]
    assert body[0] == list(COLUMNS.values())
    assert [record[0] for record in body[1:]] == ["a", "b", "c"]
    assert body[1][1:] == ["-3", "0.5", "2026-09-30 12:05", "2026-12-31", "yes", "a.json # r[1]; b.csv"]
    assert body[3][2:4] == ["", ""], "what no source says is an empty cell"


def test_excel_reads_a_csv_file_as_utf_8() -> None:
    assert csv_bytes(listing([row("Größe")])).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_a_csv_file_begins_like_a_formula(name: str) -> None:
    _, body = parsed(csv_bytes(listing([row(name)])))
    assert body[1][0] == (name if name in HOSTILE[-2:] else f"'{name}")


def test_numbers_and_dates_of_an_xlsx_file_stay_what_they_are() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(listing([row("a"), row("b", n=None, share=2**60)]))))
    assert book.sheetnames == ["About", "Rows"]
    assert [[cell.value for cell in line] for line in book["About"].iter_rows()] == [
        ["Table", "Inventory"],
        ["Filter: team", "=pay"],
        ["Rows", 3],
    ]
    lines = [[cell.value for cell in line] for line in book["Rows"].iter_rows()]
    assert lines[0] == list(COLUMNS.values())
    assert lines[1] == ["a", -3, 0.5, datetime(2026, 9, 30, 12, 5), datetime(2026, 12, 31), "yes", "a.json # r[1]; b.csv"]
    assert lines[2][1:3] == [None, str(2**60)]
    assert book["Rows"]["D2"].is_date


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_an_xlsx_file_is_a_formula_or_a_link(name: str) -> None:
    cell = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(listing([row(name)]))))["Rows"]["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert str(cell.value).replace("_x0000_", "\0").replace("_x000D_", "\r") in (name, name.replace("\r", "\n"))


def test_a_text_too_long_for_a_cell_is_cut_where_one_can_see_it() -> None:
    cell = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(listing([row("x" * 40_000)]))))["Rows"]["A2"]
    assert str(cell.value).endswith("x… (cut)")
    _, body = parsed(csv_bytes(listing([row("x" * 40_000)])))
    assert len(body[1][0]) == 40_000


def test_more_rows_than_a_sheet_holds_go_on_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "SHEET_ROWS", 2)
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(listing([row(name) for name in "abcde"]))))
    assert [[cell.value for cell in book[sheet]["A"]] for sheet in book.sheetnames[1:]] == [
        ["Name", "a", "b"],
        ["Name", "c", "d"],
        ["Name", "e"],
    ]


def test_a_table_without_rows_still_has_its_header() -> None:
    assert parsed(csv_bytes(listing([])))[1] == [list(COLUMNS.values())]
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(xlsx_bytes(listing([]))))["Rows"][1]] == list(COLUMNS.values())
