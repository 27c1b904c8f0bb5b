"""`nhi assess --fail-on` and `nhi findings` with exceptions in the workspace."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from inventory.decision_log import DecisionLog
from inventory.decisions import PolicyException, Where
from tests.command import run
from tests.exports import AS_OF, estate, write

TODAY = datetime.now(UTC).date()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write(tmp_path / "exports", estate())
    return tmp_path / "workspace"


def gated(workspace: Path, *words: object) -> Any:
    return run("assess", workspace.parent / "exports", "--workspace", workspace, "--as-of", AS_OF, "--fail-on", "low", *words)


def except_all(workspace: Path, last_day: int) -> None:
    """An exception of every identity, credential and account whose last day is some days from today."""
    found = run("query", "SELECT DISTINCT subject_id FROM finding", "--json", "--workspace", workspace)
    ids = tuple(row["subject_id"] for row in json.loads(found.stdout))
    made = PolicyException(
        id="all", where=Where(ids=ids), checks=("*",), reason="r", approver="R. Okafor", expires=TODAY + timedelta(days=last_day)
    )
    DecisionLog(workspace).record(made, who="Ana Ruiz", at=datetime(2026, 10, 2))


def test_findings_that_are_excepted_today_do_not_fail_the_run_and_are_counted(workspace: Path) -> None:
    assert gated(workspace).exit_code == 1
    except_all(workspace, 1)
    found = gated(workspace, "--json")
    assert found.exit_code == 0
    result = json.loads(found.stdout)
    failed = sum(result["findings"]["by_severity"].values())
    assert failed > 0
    assert sum(result["with_exceptions"]["findings"]["by_severity"].values()) == 0
    assert f"--fail-on low: {failed} failed findings are excepted today and ignored; 0 are not" in found.stderr


def test_findings_of_an_exception_that_ended_yesterday_fail_the_run_again(workspace: Path) -> None:
    gated(workspace)
    except_all(workspace, -1)
    found = gated(workspace)
    assert found.exit_code == 1
    assert "excepted today" not in found.stderr
    assert "0 in force, 1 ended and takes nothing out" in found.stdout


def test_findings_name_the_exception_that_takes_them_out(workspace: Path) -> None:
    gated(workspace)
    listed = json.loads(run("findings", "--json", "--workspace", workspace).stdout)
    assert {row["exception"] for row in listed} == {None}
    except_all(workspace, 0)
    listed = json.loads(run("findings", "--json", "--workspace", workspace).stdout)
    assert {row["exception"] for row in listed} == {"all"}


def test_without_exceptions_the_summary_has_no_second_score(workspace: Path) -> None:
    assert "with_exceptions" not in json.loads(gated(workspace, "--json").stdout)
