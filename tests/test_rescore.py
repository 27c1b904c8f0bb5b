"""`nhi rescore` and `nhi diff` on a small real workspace: files in, two quarters, judged again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from inventory.lake import Lake, Snapshot
from tests.command import assess, run
from tests.exports import AS_OF, estate, write

pytestmark = pytest.mark.heavy

EARLIER = "2026-06-30"


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small estate, judged as of two quarters."""
    folder = tmp_path_factory.mktemp("rescore")
    files = write(folder / "exports", estate())
    assess(files, folder / "workspace", "--as-of", EARLIER, "--label", "Q2-2026")
    assess(files, folder / "workspace", "--as-of", AS_OF, "--label", "Q3-2026")
    return folder / "workspace"


@pytest.fixture
def workspace(assessed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(assessed, tmp_path / "workspace"))


def rescored(workspace: Path, *more: object) -> list[dict[str, Any]]:
    found = run("rescore", "--json", "--workspace", workspace, *more)
    assert found.exit_code == 0, found.stderr
    rows: list[dict[str, Any]] = json.loads(found.stdout)
    return rows


def snapshots(workspace: Path) -> list[Snapshot]:
    return Lake(workspace).snapshots()


def manifest(workspace: Path, snapshot: Snapshot) -> bytes:
    return (workspace / "lake" / "_snapshots" / f"{snapshot.snapshot_id}.json").read_bytes()


def test_the_same_rules_give_the_same_snapshot(workspace: Path) -> None:
    before = snapshots(workspace)
    rows = rescored(workspace, "--all")
    assert [(row["label"], row["changed"]) for row in rows] == [("Q2-2026", False), ("Q3-2026", False)]
    assert snapshots(workspace) == before
    said = run("rescore", "--workspace", workspace)
    assert "nothing changed" in said.stdout


def test_another_pack_gives_another_snapshot_and_leaves_the_old_one_as_it_is(workspace: Path) -> None:
    old = snapshots(workspace)
    bytes_before = [manifest(workspace, snapshot) for snapshot in old]
    rows = rescored(workspace, "--all", "--pack", "cis")
    assert [row["changed"] for row in rows] == [True, True]
    found = {snapshot.snapshot_id: snapshot for snapshot in snapshots(workspace)}
    assert len(found) == 4
    assert [manifest(workspace, snapshot) for snapshot in old] == bytes_before
    for one, row in zip(old, rows, strict=True):
        new = found[row["snapshot_id"]]
        assert (new.label, new.as_of, new.pack) == (one.label, one.as_of, "cis")
        assert new.details["rescored_from"] == one.snapshot_id
        assert new.details["thresholds"]["unused_days"] == 45
        assert new.details["warnings"] == one.details["warnings"]
        assert new.same_evidence(one)
    lake = Lake(workspace)
    current = lake.current()
    assert current is not None
    assert current.snapshot_id == rows[1]["snapshot_id"]


def test_rescoring_an_older_quarter_does_not_make_it_the_current_one(workspace: Path) -> None:
    old, latest = snapshots(workspace)
    rescored(workspace, old.snapshot_id, "--pack", "cis")
    assert Lake(workspace).current() == latest


def test_a_rescored_twin_is_never_last_quarter_and_like_is_compared_with_like(workspace: Path) -> None:
    old, latest = snapshots(workspace)
    rows = rescored(workspace, "--all", "--pack", "cis")
    lake = Lake(workspace)
    assert lake.before(latest) == old
    twin = lake.snapshot(rows[1]["snapshot_id"])
    before = lake.before(twin)
    assert before is not None
    assert before.snapshot_id == rows[0]["snapshot_id"]
    assert lake.before(old) is None
    assert lake.before(before) is None


def test_last_quarter_is_last_quarter_even_where_only_an_older_one_is_judged_alike(workspace: Path) -> None:
    old, _ = snapshots(workspace)
    rescored(workspace, old.snapshot_id, "--pack", "cis")
    exports = workspace.parent / "exports"
    assess(write(exports, estate()), workspace, "--as-of", "2026-12-31", "--label", "Q4-2026", "--pack", "cis")
    lake = Lake(workspace)
    current = lake.current()
    assert current is not None
    before = lake.before(current)
    assert before is not None
    assert before.label == "Q3-2026"


def test_a_snapshot_without_the_rows_that_were_read_cannot_be_judged_again(workspace: Path) -> None:
    latest = snapshots(workspace)[-1]
    path = workspace / "lake" / "_snapshots" / f"{latest.snapshot_id}.json"
    raw = json.loads(path.read_text())
    raw["files"] = {name: digest for name, digest in raw["files"].items() if not name.startswith("seen/")}
    path.write_text(json.dumps(raw))
    found = run("rescore", "--workspace", workspace)
    assert found.exit_code == 3
    assert "keeps no rows as they were read" in found.stderr
    assert len(snapshots(workspace)) == 2


@pytest.mark.parametrize("arguments", [("--pack", "nobody"), ("--checks", "nowhere"), ("x", "--all")])
def test_wrong_usage_ends_with_2(workspace: Path, arguments: tuple[str, ...]) -> None:
    assert run("rescore", "--workspace", workspace, *arguments).exit_code == 2


# --- nhi diff


def diff(workspace: Path, *more: object) -> dict[str, Any]:
    found = run("diff", "--json", "--workspace", workspace, *more)
    assert found.exit_code == 0, found.stderr
    document: dict[str, Any] = json.loads(found.stdout)
    return document


def test_diff_takes_last_quarter_and_now_or_labels(workspace: Path) -> None:
    found = diff(workspace)
    assert (found["before"]["label"], found["now"]["label"]) == ("Q2-2026", "Q3-2026")
    assert diff(workspace, "Q2-2026", "Q3-2026") == found
    assert run("diff", "Q9", "--workspace", workspace).exit_code == 2
    backwards = run("diff", "Q3-2026", "Q2-2026", "--workspace", workspace)
    assert backwards.exit_code == 3
    assert "swap them" in backwards.stderr


def test_the_first_snapshot_has_nothing_to_be_compared_with(workspace: Path) -> None:
    first = snapshots(workspace)[0]
    path = workspace / "lake" / "CURRENT"
    path.write_text(first.snapshot_id)
    found = run("diff", "--workspace", workspace)
    assert found.exit_code == 3
    assert "no snapshot of an earlier date" in found.stderr


def test_another_pack_is_a_change_of_rules_and_of_nothing_else(workspace: Path, tmp_path: Path) -> None:
    """The same evidence as of the same date: whatever differs is the pack's doing. The estate's keys are of 2024: here they are no finding."""
    latest = snapshots(workspace)[-1]
    pack = tmp_path / "lenient.toml"
    pack.write_text('based_on = "default"\n[thresholds]\nkey_max_age_days = 9000\n')
    new = rescored(workspace, "--pack", pack)[0]["snapshot_id"]
    found = diff(workspace, latest.snapshot_id, new)
    assert not found["same_rules"]
    assert found["unsplit"] is None
    for headline in found["headlines"]:
        others = {name: part for name, part in (headline["parts"] or {}).items() if name != "rules" and part}
        assert others == {}, headline["id"]
    high = next(headline for headline in found["headlines"] if headline["id"] == "high")
    assert high["change"] < 0
    assert high["parts"]["rules"] == high["change"]


def test_the_earlier_evidence_is_judged_again_where_nobody_rescored_it(workspace: Path) -> None:
    old, latest = snapshots(workspace)
    new = rescored(workspace, "--pack", "cis")[0]["snapshot_id"]
    alone = diff(workspace, old.snapshot_id, new)
    rescored(workspace, old.snapshot_id, "--pack", "cis")
    with_twin = diff(workspace, old.snapshot_id, new)
    assert alone == with_twin
    assert alone["unsplit"] is None
    assert latest.snapshot_id != new


def test_what_cannot_be_judged_again_is_all_put_down_to_the_rules_and_no_gate_passes(workspace: Path) -> None:
    old, _ = snapshots(workspace)
    path = workspace / "lake" / "_snapshots" / f"{old.snapshot_id}.json"
    raw = json.loads(path.read_text())
    raw["files"] = {name: digest for name, digest in raw["files"].items() if not name.startswith("seen/")}
    raw["rules_version"] = "2026.1.0"
    path.write_text(json.dumps(raw))
    found = diff(workspace)
    assert "keeps no rows as they were read" in found["unsplit"]
    assert all(not part for row in found["headlines"] for name, part in (row["parts"] or {}).items() if name != "rules")
    gate = run("diff", "--fail-on-regression", "--workspace", workspace)
    assert gate.exit_code == 3
    assert "cannot be told" in gate.stderr


@pytest.mark.parametrize("lost", ["gaad.json", "credential-report.csv", "gitleaks.json", "lambda.json"])
def test_a_file_that_was_not_supplied_again_makes_no_progress(workspace: Path, tmp_path: Path, lost: str) -> None:
    """The same estate a quarter later without one file: nothing went up, and nothing was retired."""
    files = write(tmp_path / "less", {name: export for name, export in estate().items() if name != lost})
    assess(files, workspace, "--as-of", "2026-12-31", "--label", "Q4-2026")
    found = diff(workspace)
    assert (found["causes"]["moved_up"]["subjects"], found["causes"]["retired"]["subjects"]) == (0, 0)
    # The keys are told by their own listing too: without the report of credentials no bound is another.
    assert (found["causes"]["evidence"]["subjects"] > 0) == (lost != "credential-report.csv")
