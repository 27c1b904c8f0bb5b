"""Several workspaces side by side: each counted in its own, added only where adding is honest. Numbers are those of workspace.py, by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.database import Database
from inventory.lake import Lake
from reports.roll_up import as_csv, as_html, as_json
from reports.views.roll_up import Member, find, roll_up
from tests.command import run
from tests.reports.workspace import HOSTILE, Q2, Q3, fill, put

PEOPLE = {"total": 13, "nonhuman": 10, "human": 1, "human_unknown": 1, "out_of_scope": 1}
"""Of one hand-made quarter."""


def company(
    folder: Path, account: str, *, as_of: datetime = Q3, rules: str = "2026.11.1", label: str = "Q3-2026", earlier: str | None = None
) -> Path:
    """A workspace with one account; `earlier`: rules that a quarter before was judged by."""
    for when, version in ([(Q2, earlier)] if earlier else []) + [(as_of, rules)]:
        with Database.empty() as database:
            fill(database, when, earlier=when == Q2)
            put(database, "account", {"scope": account, "provider": "aws", "evidence": "a.json"})
            Lake(folder).publish(
                database, label=label if when == as_of else "Q2-2026", as_of=when, rules_version=version, pack="default",
                created_at=f"{when:%Y-%m-%d}T12:00:00+00:00", details={"thresholds": {"attained_percent": 90}},
            )  # fmt: skip
    return folder


def rolled(*folders: Path) -> dict[str, Any]:
    return roll_up([member for folder in folders if (member := find(folder))])


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    place = tmp_path_factory.mktemp("pair")
    return company(place / "north", "111", earlier="2026.11.1"), company(place / "south", "222")


@pytest.fixture(scope="module")
def found(pair: tuple[Path, Path]) -> dict[str, Any]:
    return rolled(*pair)


def test_each_workspace_tells_its_own_figures(found: dict[str, Any]) -> None:
    for row, name in zip(found["workspaces"], ("north", "south"), strict=True):
        assert row["workspace"] == name
        assert row["identities"] == PEOPLE
        assert (row["attained_lo"], row["attained_hi"]) == (2, 2), "11 of 12 paths at 2 or higher, an administrator's at 2"
        assert (row["coverage"]["paths"], row["coverage"]["exact"]) == (12, 7)
        assert (row["subjects"], row["not_a_point"], row["no_active_path"]) == (12, 5, 1)
        assert [one["exact"] for one in row["stages"]] == [1] * 7
        assert row["failed"] == {"critical": 1, "high": 2, "medium": 0, "low": 0}
        assert (row["questions"]["Q2"]["met"], row["questions"]["Q2"]["unknown"]) == ("unknown", 7)


def test_counts_are_added_and_nothing_else(found: dict[str, Any]) -> None:
    totals = found["totals"]
    assert totals["identities"] == {name: 2 * count for name, count in PEOPLE.items()}
    assert (totals["paths"], totals["exact"], totals["not_a_point"], totals["findings_unknown"]) == (24, 14, 10, 2)
    assert [one["exact"] for one in totals["stages"]] == [2] * 7
    assert totals["failed"] == {"critical": 2, "high": 4, "medium": 0, "low": 0}
    assert totals.keys().isdisjoint({"attained_lo", "attained_hi", "questions", "coverage"})
    assert found["notes"] == []


def test_a_workspace_is_set_beside_its_own_last_quarter_only(found: dict[str, Any]) -> None:
    north, south = found["workspaces"]
    assert (north["change"]["label"], north["change"]["comparable"], north["change"]["attained_lo"]) == ("Q2-2026", True, 2)
    assert south["change"] is None


def test_a_quarter_that_was_judged_in_another_way_is_not_compared(tmp_path: Path) -> None:
    (row,) = rolled(company(tmp_path / "a", "111", earlier="2025.1.1"))["workspaces"]
    assert row["change"]["comparable"] is False
    assert "attained_lo" not in row["change"]


def test_workspaces_judged_in_different_ways_share_no_stages(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    found = rolled(pair[0], company(tmp_path / "other", "333", rules="2027.1.1"))
    assert found["totals"]["identities"]["total"] == 26
    assert [found["totals"][name] for name in ("paths", "stages", "failed", "subjects")] == [None] * 4
    assert "rules 2026.11.1, pack default; rules 2027.1.1, pack default" in found["notes"][0]
    assert as_html(found).count("not added") > 10


def test_an_account_that_stands_in_two_workspaces_is_never_counted_twice(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    found = rolled(pair[0], company(tmp_path / "other", "111"))
    assert set(found["totals"].values()) == {None}
    assert found["notes"] == ["1 account is in more than one workspace: nothing is added, since it would count twice."]


def test_different_dates_are_flagged(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    found = rolled(pair[0], company(tmp_path / "old", "333", as_of=datetime(2026, 3, 31)))
    assert found["notes"] == ["As of different dates, from 2026-03-31 to 2026-09-30: a total is of no single day."]


def test_csv_has_a_record_a_workspace_and_one_of_totals(found: dict[str, Any]) -> None:
    north, south, total = csv.DictReader(io.StringIO(as_csv(found), newline=""))
    assert (north["Identities"], south["Identities"], total["Identities"]) == ("13", "13", "26")
    assert (total["Access paths"], total["Stage 4, for certain"], total["Attained, for certain"], total["Q1"]) == ("24", "2", "", "")
    assert north["Q3"] == "partly: 2 of 10 met, 0 unknown"
    assert north["Change"] == "since Q2-2026 (2026-06-30): attained S2 → S2, failed findings 3 → 3"
    assert south["Change"] == "no earlier snapshot"


def test_html_json_and_csv_tell_the_same_figures(found: dict[str, Any]) -> None:
    page = as_html(found)
    cells = re.findall(r"<tr><th scope=\"row\">(\w+)</th>(.*?)</tr>", page)
    numbers = {name: re.findall(r">([\d,]+)<", row) for name, row in cells if "Q3-2026" in row}
    assert numbers == {"north": ["13", "10", "1", "12", "7"], "south": ["13", "10", "1", "12", "7"]}
    told = json.loads(as_json(found))
    assert (told["schema"], told["schema_version"]) == ("nhi-posture/roll-up", 1)
    assert told["totals"] == found["totals"]


def test_names_are_text_in_every_format(tmp_path: Path) -> None:
    found = rolled(company(tmp_path / "=1+1", "111", label=HOSTILE))
    page = as_html(found)
    assert "<img" not in page
    assert "&lt;img src=" in page
    (row, _) = csv.DictReader(io.StringIO(as_csv(found), newline=""))
    assert row["Workspace"] == "'=1+1"


def test_two_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folders = company(tmp_path / "a" / "workspace", "111"), company(tmp_path / "b" / "workspace", "222")
    assert [row["workspace"] for row in rolled(*folders)["workspaces"]] == [str(folder) for folder in folders]


def test_the_command_writes_the_file_and_says_what_must_be_known(pair: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "out" / "group.csv"
    done = run("roll-up", *pair, "--format", "csv", "--out", target)
    assert (done.exit_code, done.stdout.strip()) == (0, str(target))
    assert target.read_bytes().startswith(b"\xef\xbb\xbf")
    assert json.loads(run("roll-up", *pair, "--json").stdout)["totals"]["paths"] == 24


def test_an_empty_workspace_stops_it_and_one_named_twice_is_wrong_usage(pair: tuple[Path, Path], tmp_path: Path) -> None:
    empty = run("roll-up", pair[0], tmp_path / "nothing", "--out", tmp_path / "x.html")
    assert (empty.exit_code, len(empty.stderr.splitlines())) == (3, 1)
    assert run("roll-up", pair[0], pair[0], "--out", tmp_path / "x.html").exit_code == 2
    assert run("roll-up", pair[0], "--format", "docx", "--out", tmp_path / "x.html").exit_code == 2
    assert not (tmp_path / "x.html").exists()


def test_a_member_is_the_snapshot_published_last(pair: tuple[Path, Path]) -> None:
    member = find(pair[0])
    assert isinstance(member, Member)
    assert member.snapshot.label == "Q3-2026"
