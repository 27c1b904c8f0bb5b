"""A report and a worklist for each team: the parts make the whole, figures are counted over the part, and nothing of others is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from reports.content import Asked
from reports.teams import TeamLake, all_candidates, teams, write_team_reports
from reports.views.stages import NOT_STATED
from reports.views.worklist_sheets import sheets
from reports.worklist import ready
from scoring.subjects import list_subjects
from tests.command import run
from tests.reports.workspace import HOSTILE, PROD, Q3, arn, fill, put

ON = date(2026, 10, 1)
OTHERS = ("svc-deploy", "AKIADEPLOY", "ci-publisher", "exchange-broker", "lambda-orders", "svc-legacy", "svc-unsettled", "role-retired")
"""What the team payments may find nowhere."""

WHOLE_SHEETS = ("Actions", "Findings", "Identities", "Credentials", "Proposals")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("teams")
    with Database.empty() as database:
        plant(database)
        publish(database, folder)
    return folder


def plant(database: Database) -> None:
    """The hand-made quarter, with sentences of payments that name what platform runs, and a finding about a whole account."""
    deploy, billing = arn("svc-deploy", PROD), arn("svc-billing", PROD)
    fill(database, Q3)
    put(
        database,
        "finding",
        {"check_id": "trust-too-wide", "subject_kind": "identity", "subject_id": billing, "subject_name": "svc-billing", "identity_id": billing,
         "scope": PROD, "status": "fail", "severity": "high", "reason": "it may be assumed by svc-deploy",
         "evidence": ["prod/gaad.json#Detail[svc-deploy]"]},
    )  # fmt: skip
    put(
        database,
        "trust",
        {"trust_id": "trust:billing", "identity_id": billing, "principal_kind": "principal", "principal": deploy, "human": False, "external_id": False,
         "safety": "unsafe", "safety_reason": f"{deploy} may assume it", "evidence": "prod/gaad.json#Detail[svc-billing]"},
    )  # fmt: skip
    database.execute("UPDATE access_path SET lo_reason = 'it is held by ci-publisher' WHERE path_id = 'path:svc-billing'")
    put(
        database,
        "finding",
        {"check_id": "account-root-key", "subject_kind": "scope", "subject_id": PROD, "subject_name": PROD, "identity_id": None,
         "scope": PROD, "status": "unknown", "severity": "high", "reason": "nobody said", "evidence": []},
    )  # fmt: skip


def publish(database: Database, folder: Path) -> None:
    Lake(folder).publish(
        database, label="Q3-2026", as_of=Q3, rules_version="2026.11.1", pack="default", created_at="2026-10-01T00:00:00+00:00",
        details={"warnings": ["svc-deploy/gaad.json: unreadable"], "paths": ["exports/svc-deploy"]},
    )  # fmt: skip


def latest(workspace: Path) -> Snapshot:
    return Lake(workspace).snapshots()[-1]


def part(workspace: Path, team: str | None) -> TeamLake:
    snapshot = latest(workspace)
    with Lake(workspace).open(snapshot.snapshot_id) as database:
        return TeamLake(workspace, team, all_candidates(database, snapshot))


@contextmanager
def opened(lake: Lake, snapshot: Snapshot) -> Iterator[Database]:
    """The database behind a team's worklist, or behind everybody's."""
    with closing(Asked(lake=lake, snapshot=snapshot, on=ON)) as asked:
        yield ready(asked)


def counted(lake: Lake, snapshot: Snapshot) -> dict[str, int]:
    with opened(lake, snapshot) as database:
        return {sheet.title: sheet.rank(database)["n"] for sheet in sheets(database, snapshot)}


def texts(path: Path) -> str:
    """Every file of an XLSX or a ZIP, as text."""
    with ZipFile(path) as files:
        return "\n".join(files.read(name).decode("utf-8") for name in files.namelist())


def test_every_identity_belongs_to_one_team_or_to_none(workspace: Path) -> None:
    with Lake(workspace).open(latest(workspace).snapshot_id) as database:
        assert teams(database) == [("platform", 4), ("payments", 3), ("orders", 2), (None, 4)]


def test_the_parts_make_the_whole(workspace: Path) -> None:
    snapshot = latest(workspace)
    whole = counted(Lake(workspace), snapshot)
    parts = [counted(part(workspace, team), snapshot) for team in ("platform", "payments", "orders", None)]
    assert {title: sum(one[title] for one in parts) for title in WHOLE_SHEETS} == {title: whole[title] for title in WHOLE_SHEETS}
    assert [one["Findings"] for one in parts] == [2, 2, 0, 2], "what is about an account stands with what no team claims"


def test_figures_are_counted_over_the_team_alone(workspace: Path, tmp_path: Path) -> None:
    (one,) = write_team_reports(workspace, latest(workspace), ["xlsx"], tmp_path, on=ON, only=["payments"])
    assert (one.team, one.identities) == ("payments", 3)
    book = openpyxl.load_workbook(one.paths[0])
    told = {line[0].value: line[1].value for line in book["About"].iter_rows()}
    assert (told["Identities"], told["Access paths"], told["Attained stage, for certain"]) == (3, 3, 3)
    assert [told[f"Subjects at stage {stage}, at least"] for stage in range(1, 8)] == [0, 0, 1, 1, 1, 0, 0]
    assert told["Sheet Findings"] == "2 listed of 2"
    figures = {line[1].value: (line[2].value, line[6].value) for line in book["Figures"].iter_rows(min_row=2)}
    assert (figures["Attained stage"], figures["Failed findings"]) == (("S3", 3), ("2", None)), (
        "how many were judged is not known of a part"
    )


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_nothing_of_other_teams_is_in_a_teams_file(workspace: Path, tmp_path: Path, form: str) -> None:
    (one,) = write_team_reports(workspace, latest(workspace), [form], tmp_path, on=ON, only=["payments"])
    found = texts(one.paths[0])
    assert [name for name in OTHERS if name in found] == []
    assert "it may be assumed by (not yours)" in found
    assert "svc-billing" in found


def test_a_teams_database_holds_nothing_of_others_in_any_table(workspace: Path) -> None:
    lake = part(workspace, "payments")
    snapshot = lake.snapshot(latest(workspace).snapshot_id)
    with opened(lake, snapshot) as database:
        for schema in ("main", "work", "decided"):
            for table in database.tables(schema):
                found = json.dumps(database.rows(f"SELECT * FROM {schema}.{table}"), default=str)
                assert [name for name in OTHERS if name in found] == [], f"{schema}.{table}"
        assert database.tables("whole") == []
    assert "svc-deploy" not in json.dumps([snapshot.details, dict(snapshot.tables)])


def test_a_part_is_neither_compared_nor_judged_again(workspace: Path) -> None:
    lake = part(workspace, "payments")
    with lake.open(latest(workspace).snapshot_id) as database:
        with pytest.raises(StoreError, match="compares with nothing"):
            lake.attach(database, latest(workspace), "earlier")
        with pytest.raises(StoreError, match="whole estate"):
            lake.load_seen(latest(workspace), database)


def test_each_team_has_a_folder_of_its_own_whatever_its_name(tmp_path: Path) -> None:
    names = ["../../etc", "..//etc", "Data", "data"]
    with Database.empty() as database:
        for number, name in enumerate(names):
            put(
                database,
                "identity",
                {"identity_id": f"i{number}", "provider": "aws", "name": HOSTILE, "kind": "iam_role", "human": "nonhuman", "in_scope": True,
                 "status": "active", "last_used_known": False, "team": name, "evidence": "a.json#1"},
            )  # fmt: skip
        list_subjects(database)
        Lake(tmp_path / "ws").publish(
            database, label="Q3", as_of=Q3, rules_version="1", pack="default", created_at="2026-10-01T00:00:00+00:00", details={}
        )  # fmt: skip
    written = list(write_team_reports(tmp_path / "ws", latest(tmp_path / "ws"), ["xlsx"], tmp_path / "out", on=ON))
    places = {one.paths[0].parent for one in written}
    assert len(places) == len(names) + 1
    assert {place.parent for place in places} == {tmp_path / "out"}
    assert len({place.name.lower() for place in places}) == len(places), "some file systems do not tell case apart"


def test_the_command_writes_a_folder_a_team_and_tells_machines_where(workspace: Path, tmp_path: Path) -> None:
    found = run("report-teams", "--format", "csv", "--out", tmp_path, "--on", "2026-10-01", "--workspace", workspace, "--json")
    assert found.exit_code == 0
    told = json.loads(found.stdout)
    assert [(one["team"], one["identities"], len(one["files"])) for one in told] == [
        ("platform", 4, 1), ("payments", 3, 1), ("orders", 2, 1), (NOT_STATED, 4, 1),
    ]  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["no-team", "team-orders", "team-payments", "team-platform"]


@pytest.mark.parametrize("words", [["--format", "pptx"], ["--format", ""], ["--team", "nobody"]])
def test_a_team_or_format_that_is_not_there_is_wrong_usage(workspace: Path, tmp_path: Path, words: list[str]) -> None:
    found = run("report-teams", *words, "--out", tmp_path, "--workspace", workspace)
    assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
