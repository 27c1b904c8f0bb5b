"""A document is no longer for a larger estate: what a table leaves out is counted, what is worst stands in it, and what lists all is named."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest

from inventory.database import Database
from inventory.lake import Lake
from reports.blocks import left_out, table
from reports.content import Asked
from reports.formats import write_reports
from tests.reports.drawn import text_of
from tests.reports.workspace import Q2, Q3, fill, put

ON = date(2026, 11, 29)
ACCOUNTS, FILES, WARNINGS = 60, 150, 130
"""More than the two accounts, four files and no warnings of the hand-made quarter; in all 62, 154 and 130."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A report of an estate with more of everything than a table has rows."""
    folder = tmp_path_factory.mktemp("bounded")
    with Database.empty() as database:
        fill(database, Q3)
        for number in range(ACCOUNTS):
            _account(database, f"account-{number:03}", 1 if number == ACCOUNTS - 1 else 7)
        for number in range(FILES):
            source = {
                "source_id": f"file-{number:03}",
                "collector": "aws",
                "format": "aws-gaad",
                "collected_at": Q2 if number == 149 else Q3,
            }
            put(
                database,
                "source",
                {**source, "collected_basis": "content", "records": 1, "status": "unreadable" if number == 148 else "read"},
            )
            put(database, "run", {"source_id": f"file-{number:03}", "input_sha256": "f" * 64, "bytes": 1})
        Lake(folder).publish(
            database, label="Q3-2026", as_of=Q3, rules_version="2026.11.1", pack="default", created_at="2026-09-30T12:00:00+00:00",
            details={"warnings": [f"warning {number:03}" for number in range(WARNINGS)]},
        )  # fmt: skip
    lake = Lake(folder)
    asked = Asked(lake=lake, snapshot=lake.snapshots()[-1], on=ON)
    return {name: path.read_bytes() for name, path in write_reports(asked, ["html", "pdf", "md", "json"], folder / "report")}


def _account(database: Database, scope: str, stage: int) -> None:
    """One account more, with a copy of ci-publisher that stands at a stage."""
    whose = {"scope": scope, "id": f"{scope}/one", "path": f"path:{scope}", "stage": stage}
    for table_name, changed in (
        (
            "placement",
            "$scope AS scope, $id AS subject_id, $stage AS stage_lo, $stage AS stage_hi, $path AS lo_path_id, $path AS hi_path_id",
        ),
        ("access_path", "$id AS subject_id, $path AS path_id, $stage AS stage_lo, $stage AS stage_hi"),
    ):
        used = {name: value for name, value in whose.items() if f"${name} " in changed}
        database.execute(
            f"INSERT INTO {table_name} SELECT * REPLACE ({changed}) FROM {table_name} WHERE subject_id LIKE '%/ci-publisher'", used
        )


def rows_of(page: str, caption: str) -> list[str]:
    """First cell of each row of the table whose caption begins so."""
    body = page.split(f"<caption>{caption}")[1].split("</tbody>")[0].split("<tbody>")[1]
    return [re.sub("<.*?>", "", row.split("</td>")[0]) for row in body.split("<tr>")[1:]]


def test_accounts_are_the_lowest_first_and_the_others_are_counted(files: dict[str, bytes]) -> None:
    page = files["html"].decode()
    shown = rows_of(page, "By account, lower bounds")
    assert len(shown) == 30
    assert "account-059" in shown[:3]
    assert shown[3:] == [f"account-{number:03}" for number in range(27)]
    assert "32 more left out here: the page Maturity and the JSON report have them all." in page


def test_files_are_the_unread_and_the_oldest_first_and_the_others_are_counted(files: dict[str, bytes]) -> None:
    page = files["html"].decode()
    shown = rows_of(page, "Files that were offered")
    assert (len(shown), shown[:3]) == (120, ["dev/credential-report.csv", "file-148", "file-149"])
    assert "34 more left out here: `nhi query &#34;SELECT * FROM source&#34;` lists all." in page


def test_warnings_are_counted_where_they_are_too_many(files: dict[str, bytes]) -> None:
    page = files["html"].decode()
    assert "<li>warning 099</li>" in page
    assert "<li>warning 100</li>" not in page
    assert "30 more left out here: the JSON report has them all." in page


@pytest.mark.heavy
@pytest.mark.parametrize("form", ["pdf", "md"])
def test_the_other_documents_have_the_same_bounds(files: dict[str, bytes], form: str) -> None:
    text = (text_of(files["pdf"]) if form == "pdf" else files["md"].decode()).replace(" ", "")
    assert all(f"{count}moreleftouthere" in text for count in (32, 34, 110))


def test_json_has_them_all(files: dict[str, bytes]) -> None:
    found: dict[str, Any] = json.loads(files["json"])["sections"]
    assert len(found["distribution"]["groups"]) == 62
    assert len(re.findall(r"file-\d{3}", files["json"].decode())) >= FILES
    assert len(found["coverage"]["warnings"]) == WARNINGS


def test_what_is_left_out_is_counted_from_all_there_are() -> None:
    assert left_out(30, 30) == ""
    assert left_out(1_234, 30, "`nhi findings` lists all") == "1,204 more left out here: `nhi findings` lists all."
    made = table("Ways", {"Identity": ("name", 1)}, [["a"], ["b"]], total=12_716, rest="the page Least privilege lists all")
    assert made["left_out"] == "12,714 more left out here: the page Least privilege lists all."
