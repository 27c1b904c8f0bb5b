"""Commands that the dashboard runs: the same as typed, one at a time, and nothing left of what they read."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from inventory.lake import Lake
from reports import background
from reports.background import Busy, Run
from reports.progress_lines import Step, heard, told
from reports.uploads import take
from tests.command import assess
from tests.exports import AS_OF, estate, write


def wait(run: Run, seconds: float = 60) -> Run:
    deadline = time.monotonic() + seconds
    while run.code is None:
        assert time.monotonic() < deadline, run
        time.sleep(0.05)
    return run


def upload_and_run(workspace: Path, exports: Path) -> Run:
    files = [(str(path.relative_to(exports.parent)), io.BytesIO(path.read_bytes())) for path in exports.rglob("*") if path.is_file()]
    upload = take(workspace, files)
    words = ["assess", f"uploads/{upload.folder.name}", f"--as-of={AS_OF}", "--label=Q3-2026"]
    return background.start(workspace, "Assess", words, keep=[upload.lock], afterwards=upload.remove)


def test_an_upload_makes_the_snapshot_that_the_command_makes_and_is_gone_then(tmp_path: Path) -> None:
    exports = write(tmp_path / "exports", estate())
    (workspace := tmp_path / "workspace").mkdir()
    typed = assess(exports, workspace, "--as-of", AS_OF, "--label", "Q3-2026")
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*.parquet")}

    run = wait(upload_and_run(workspace, exports))

    assert run.code == 0, run.messages
    assert run.document is not None
    assert run.document["snapshot_id"] == typed["snapshot_id"]
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("*.parquet")} == before, "the same snapshot is written once"
    assert list((workspace / "uploads").iterdir()) == []
    assert run.step is not None
    assert run.step.doing == "Judging"
    assert "not-a-real-value" not in json.dumps(run.document) + " ".join(run.messages), "values of the estate's secrets"


def test_what_cannot_be_read_is_told_in_the_words_of_the_command_and_leaves_nothing(tmp_path: Path) -> None:
    (exports := tmp_path / "exports").mkdir()
    (exports / "holiday.txt").write_text("a letter")
    run = wait(upload_and_run(tmp_path / "workspace", exports))
    assert run.code == 3
    assert run.messages[0] == "holiday.txt: plain text: neither JSON, CSV nor XLSX"
    assert run.messages[1].startswith("Could not run: no file could be read as evidence")
    assert list((tmp_path / "workspace/uploads").iterdir()) == []
    assert Lake(tmp_path / "workspace").snapshots() == []


def test_only_one_runs_at_a_time_and_it_can_be_stopped(tmp_path: Path) -> None:
    exports = write(tmp_path / "exports", estate())
    run = upload_and_run(tmp_path / "workspace", exports)
    with pytest.raises(Busy, match="Assess is under way"):
        background.start(tmp_path / "workspace", "Ask aws", ["collect", "--list"])
    background.stop(tmp_path / "workspace")
    wait(run)
    assert run.stopped
    assert run.code != 0
    assert list((tmp_path / "workspace/uploads").iterdir()) == []
    assert wait(background.start(tmp_path / "workspace", "Look", ["collect", "--list"])).code == 0


@pytest.mark.heavy
def test_a_python_file_among_the_evidence_is_not_run(tmp_path: Path) -> None:
    exports = write(tmp_path / "exports", estate())
    for name in ("json.py", "typer.py", "sitecustomize.py"):
        (exports / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert wait(upload_and_run(tmp_path / "workspace", exports)).code == 0
    assert not (tmp_path / "ran").exists()


def test_progress_is_heard_as_it_was_told_and_messages_are_no_progress() -> None:
    step = Step("Reading", 'a "quoted"\nname', 3, None)
    assert heard(told(step)) == step
    assert "\n" not in told(step)
    assert heard("prod/gaad.json: unreadable") is None
    assert heard('{"doing": "Reading"}') is None
    assert heard('{"doing": ') is None
    assert json.loads(told(step))["done"] == 3
