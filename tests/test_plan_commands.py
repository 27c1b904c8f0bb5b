"""`nhi plan` and `nhi what-if` on a small workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from inventory.lake import Lake
from scoring.planning.moves import moves
from tests.command import run
from tests.scoring.estates import AS_OF, guarded, judged, key, native, role
from tests.scoring.test_planning import held, unused


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One idle key, one in a variable, and a role that stands at the top."""
    folder = tmp_path_factory.mktemp("workspace")
    with judged(unused("idle"), held("busy"), role("worker", native("worker")), guarded(), checks=False) as database:
        Lake(folder).publish(
            database, label="Q3-2026", as_of=AS_OF, rules_version="1", pack="default", created_at="2026-09-30", details={}
        )  # fmt: skip
    return folder


@pytest.mark.heavy
def test_a_plan_names_the_moves_and_writes_them_as_actions(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    done = run("plan", "attained 5", "--by", "2026-12-31", "--out", file, "--workspace", workspace)

    assert done.exit_code == 0, done.stderr
    assert "Stage 5 in everything is attained: stage 2 now, stage 5 then. 2 moves, effort 5." in done.stdout
    written = yaml.safe_load(file.read_text(encoding="utf-8"))["actions"]
    assert [(one["move"], one["where"]["ids"], one["due"], one["status"]) for one in written] == [
        ("revoke-unused-key", [key("idle").credential_id], "2026-12-31", "open"),
        ("move-to-manager", [key("busy").credential_id], "2026-12-31", "open"),
    ]


def test_what_if_is_one_document_for_machines(workspace: Path) -> None:
    done = run("what-if", "revoke-unused-key", "--json", "--workspace", workspace)

    found = json.loads(done.stdout)
    assert [(one["name"], one["before"], one["after"]) for one in found["changes"]] == [("idle: AKIAEXAMPLEIDLE00001", [2, 5], None)]
    assert "not measured" in found["caveat"]


def test_the_moves_are_listed_without_a_snapshot(tmp_path: Path) -> None:
    done = run("what-if", "--list", "--json", "--workspace", tmp_path)

    assert [one["move"] for one in json.loads(done.stdout)] == list(moves())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("plan", "soon"), "Wrong usage: TARGET: 'soon': write a stage from 1 to 7"),
        (("plan", "5", "--by", "tomorrow"), "Wrong usage: --by: 'tomorrow' is not a date"),
        (("plan", "5", "--effort", "dance=2"), "Wrong usage: --effort: 'dance=2': write MOVE=NUMBER"),
        (("what-if",), "Wrong usage: MOVE: name at least one"),
        (("what-if", "dance"), "Wrong usage: MOVE: 'dance' is no move"),
        (("what-if", "move-to-manager", "--in", "moon"), "Wrong usage: --in: moon: no environment"),
    ],
)
def test_wrong_usage_says_what_to_write(workspace: Path, words: tuple[str, ...], message: str) -> None:
    done = run(*words, "--workspace", workspace)

    assert done.exit_code == 2
    assert message in done.stderr
