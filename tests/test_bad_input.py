"""Bad input at the command line: one line with file and reason, the documented exit code, and all other files still assessed."""

from __future__ import annotations

import gzip
import json
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import assess, run, run_process
from tests.exports import (
    ACCOUNT,
    OTHER_ACCOUNT,
    access_key,
    access_keys,
    credential_report,
    estate,
    gaad,
    gitleaks,
    report_row,
    role,
    role_arn,
    user,
    write,
)

Spoil = Callable[[Path], Any]


def zipped(folder: Path, name: str, members: dict[str, str]) -> None:
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)


def sparse(folder: Path) -> None:
    (folder / "huge.json").touch()
    os.truncate(folder / "huge.json", 2 * 1024**3)


BAD: dict[str, tuple[Spoil, str]] = {
    "truncated JSON": (
        lambda folder: write(folder, {"cut.json": '{"RoleDetailList": [{"Arn": '}),
        "cut.json: truncated JSON at line 1, column 29: export it again",
    ),
    "a wrong CSV header": (
        lambda folder: write(folder, {"wrong.csv": "name,colour\nsvc,red\n"}),
        "wrong.csv: CSV with the columns name, colour: no format with this header; see docs/formats.md",
    ),
    "an empty file": (lambda folder: write(folder, {"empty.json": ""}), "empty.json: empty: nothing in it"),
    "a sparse file of 2 GB": (sparse, "huge.json: 2,048 MB is over the limit of 512 MB: split the export"),
    "a zip that leaves its folder": (
        lambda folder: zipped(folder, "evil.zip", {"../evil.json": "{}"}),
        "evil.zip!/../evil.json: refused: its path leaves the archive",
    ),
    "a binary": (lambda folder: write(folder, {"tool": b"\x7fELF\x01\x00"}), "tool: binary, not an export: nothing to read"),
    "a loop of folders": (
        lambda folder: (folder / "loop").symlink_to(folder, target_is_directory=True),
        "loop: a link to a folder: not followed, name the folder itself",
    ),
    "UTF-16": (
        lambda folder: write(folder, {"leaks.json": json.dumps([gitleaks("x" * 20)]).encode("utf-16")}),
        "leaks.json: UTF-16 text, read as such",
    ),
    "a date in the year 9999": (
        lambda folder: write(folder, {"late.json": gaad(roles=[role("late", CreateDate="9999-12-31T00:00:00Z")])}),
        f"late.json#RoleDetailList[{role_arn('late')}]: CreateDate: '9999-12-31T00:00:00Z' is not a plausible date "
        "(before 1990 or after 2199); left unknown",
    ),
    "an account exported twice": (
        lambda folder: write(folder, {"again.json": gaad(roles=[role("worker"), role("ci")])}),
        "again.json: 2 identities stand in gaad.json too: counted once, the newer export tells what they may do",
    ),
    "a malformed record": (
        lambda folder: write(folder, {"half.json": gaad(roles=[role("whole"), {"RoleName": "half"}])}),
        "half.json#RoleDetailList[1]: not read: lacks 'Arn'",
    ),
    "JSON without end": (
        lambda folder: write(folder, {"deep.json": "[" * 100_000}),
        "deep.json: JSON nested too deeply to be an export",
    ),
    "a truncated gzip file": (
        lambda folder: write(folder, {"cut.json.gz": gzip.compress(b"{}" * 500)[:-9]}),
        "cut.json.gz: a damaged or truncated gzip file: fetch it again",
    ),
    "a pipe": (lambda folder: os.mkfifo(folder / "pipe.json"), "pipe.json: not a regular file"),
    "a dangling link": (
        lambda folder: (folder / "gone.json").symlink_to(folder / "nowhere"),
        "gone.json: cannot be opened: No such file or directory",
    ),
    "a name of several lines": (
        lambda folder: write(folder, {"a\nb#c.json": "?"}),
        "a%0Ab%23c.json: plain text: neither JSON, CSV nor XLSX",
    ),
    "a name in Latin-1": (
        lambda folder: write(folder, {os.fsdecode(b"caf\xe9.json"): "?"}),
        "caf%E9.json: plain text: neither JSON, CSV nor XLSX",
    ),
    "a file of another page": (
        lambda folder: write(folder, {"manifest.json": {"bundle_version": 1, "files": [{"path": "gone.json"}]}}),
        "manifest.json: names gone.json, which is not there: what it says is missing",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_each_gives_one_line_and_all_other_files_are_assessed(tmp_path: Path, name: str) -> None:
    spoil, expected = BAD[name]
    good = estate()
    del good["manifest.json"]
    folder = write(tmp_path / "exports", good)
    spoil(folder)
    found = assess(folder, tmp_path / "workspace")
    assert expected in found["warnings"]
    assert found["identities"]["total"] >= 8
    assert {source["source_id"] for source in found["sources"] if source["status"] == "read"} >= set(good)


def test_everything_bad_at_once_is_still_assessed_and_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", estate())
    for name, (spoil, _) in BAD.items():
        if name != "a file of another page":
            spoil(folder)
    found = assess(folder, tmp_path / "workspace")
    told = {line for name, (_, line) in BAD.items() if name not in ("a file of another page", "an account exported twice")}
    assert told <= set(found["warnings"])
    assert all(len(line.splitlines()) == 1 for line in found["warnings"])
    shown = run("assess", folder, "--workspace", tmp_path / "workspace")
    assert shown.exit_code == 0
    assert "more kinds of notes" in shown.stdout


def test_the_good_half_of_a_bad_file_counts(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"half.json": gaad(roles=[role("whole"), {"RoleName": "half"}])})
    found = assess(folder, tmp_path / "workspace")
    assert found["identities"]["nonhuman"] == 1
    assert [source["status"] for source in found["sources"]] == ["partial"]


def test_a_lost_record_leaves_its_facts_partial(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"half.json": gaad(roles=[role("whole"), {"RoleName": "half"}])})
    assess(folder, tmp_path / "workspace")
    query = "SELECT DISTINCT status FROM coverage WHERE fact IN ('identities', 'policies', 'trust')"
    assert json.loads(run("query", query, "--json", "--workspace", tmp_path / "workspace").stdout) == [{"status": "partial"}]


def test_a_whole_export_does_not_make_up_for_the_lost_record_of_another(tmp_path: Path) -> None:
    files = {"half.json": gaad(roles=[{"RoleName": "half"}, role("a")]), "whole.json": gaad(roles=[role("b")])}
    assess(write(tmp_path / "exports", files), tmp_path / "workspace")
    query = "SELECT status, reason FROM coverage WHERE fact = 'trust'"
    (row,) = json.loads(run("query", query, "--json", "--workspace", tmp_path / "workspace").stdout)
    assert row == {"status": "partial", "reason": "1 record of half.json could not be read: correct or export again"}


def test_three_pages_in_one_file_and_one_zipped_are_one_account(tmp_path: Path) -> None:
    pages = "\n".join(json.dumps(gaad(roles=[role(name)], truncated=name != "c"), indent=1) for name in "abc")
    folder = write(
        tmp_path / "exports", {"pages.json": pages, "users.json.gz": gzip.compress(json.dumps(gaad(users=[user("u")])).encode())}
    )
    zipped(folder, "more.zip", {"d.json": json.dumps(gaad(roles=[role("d", account=OTHER_ACCOUNT)]))})
    found = assess(folder, tmp_path / "workspace")
    assert found["identities"]["total"] == 5
    query = "SELECT scope FROM account ORDER BY scope"
    listed = json.loads(run("query", query, "--json", "--workspace", tmp_path / "workspace").stdout)
    assert listed == [{"scope": ACCOUNT}, {"scope": OTHER_ACCOUNT}]


def test_a_name_that_fits_two_accounts_is_told_and_joined_to_neither(tmp_path: Path) -> None:
    files = {
        "one.json": gaad(users=[user("svc")]),
        "two.json": gaad(users=[user("svc", account=OTHER_ACCOUNT)]),
        "keys.json": access_keys(access_key("svc", "AKIA" + "AMBIGUOUS0000001")),
    }
    found = assess(write(tmp_path / "exports", files), tmp_path / "workspace")
    assert any(line.startswith("user:*/svc: 2 accounts have a user of this name") for line in found["warnings"])


# --- exit codes


def test_three_when_nothing_could_be_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"a.json": "", "b.txt": "hello"})
    found = run("assess", folder, "--workspace", tmp_path / "workspace")
    assert found.exit_code == 3
    assert found.stderr.splitlines() == [
        "a.json: empty: nothing in it",
        "b.txt: plain text: neither JSON, CSV nor XLSX",
        "Could not run: no file could be read as evidence; docs/formats.md lists what is understood",
    ]
    assert found.stdout == ""


def test_three_for_an_empty_folder_and_nothing_is_published(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    assert run("assess", tmp_path / "exports", "--workspace", tmp_path / "workspace", "--json").exit_code == 3
    assert not (tmp_path / "workspace" / "lake").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["missing"], "PATH: {folder}/missing: no such file or folder"),
        (
            ["exports", "--as-of", "9999-01-01"],
            "--as-of: '9999-01-01' is not a plausible date (before 1990 or after 2199); write YYYY-MM-DD",
        ),
        (["exports", "--as-of", "soon"], "--as-of: 'soon' is not a date; write YYYY-MM-DD"),
        (["exports", "--as-of", "n/a"], "--as-of: 'n/a' is not a date; write YYYY-MM-DD"),
        (["exports", "--fail-on", "terrible"], "--fail-on: 'terrible' is no severity, choose one of critical, high, medium, low"),
        (["exports", "--pack", "strictest"], "--pack: 'strictest' is no pack: choose "),
        (["exports", "--pack", "missing.toml"], "--pack: "),
        (["exports", "--checks", "missing"], "--checks: missing is no folder"),
    ],
)
def test_two_for_wrong_usage_with_one_line_that_says_what_and_nothing_written(tmp_path: Path, words: list[str], told: str) -> None:
    write(tmp_path / "exports", {"gaad.json": gaad(roles=[role("a")])})
    first = str(tmp_path / words[0])
    found = run("assess", first, *words[1:], "--workspace", tmp_path / "workspace")
    assert found.exit_code == 2
    assert found.stderr.startswith(f"Wrong usage: {told.format(folder=tmp_path)}")
    assert len(found.stderr.splitlines()) == 1
    assert not (tmp_path / "workspace").exists()


def test_two_for_an_option_that_does_not_exist() -> None:
    assert run("assess", ".", "--fast").exit_code == 2


def test_one_when_findings_reach_the_severity_and_the_snapshot_is_kept(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", estate())
    found = run("assess", folder, "--workspace", tmp_path / "workspace", "--json", "--fail-on", "low")
    assert found.exit_code == 1
    assert any(json.loads(found.stdout)["findings"]["by_severity"].values())
    assert json.loads(run("snapshots", "--workspace", tmp_path / "workspace", "--json").stdout)


def test_nought_when_no_finding_reaches_the_severity(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"gaad.json": gaad(roles=[role("worker")])})
    found = run("assess", folder, "--workspace", tmp_path / "workspace", "--json", "--fail-on", "critical")
    assert json.loads(found.stdout)["findings"]["by_severity"]["critical"] == 0
    assert found.exit_code == 0


def test_three_when_the_workspace_is_a_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"gaad.json": gaad(roles=[role("a")])})
    (tmp_path / "workspace").write_text("mine")
    found = run("assess", folder, "--workspace", tmp_path / "workspace")
    assert (found.exit_code, len(found.stderr.splitlines())) == (3, 1)
    assert "choose another --workspace" in found.stderr


def test_three_when_the_key_of_the_workspace_is_damaged(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"gaad.json": gaad(roles=[role("a")])})
    write(tmp_path / "workspace", {"fingerprint.key": b""})
    found = run("assess", folder, "--workspace", tmp_path / "workspace")
    assert found.exit_code == 3
    assert "fingerprint.key: not a key of 32 bytes" in found.stderr


@pytest.mark.parametrize("damage", ["{}", "[]", "{", '{"snapshot_id": 1, "as_of": "x"}'])
def test_three_with_one_line_when_a_stored_snapshot_is_damaged(tmp_path: Path, damage: str) -> None:
    folder, workspace = write(tmp_path / "exports", {"gaad.json": gaad(roles=[role("a")])}), tmp_path / "workspace"
    snapshot = assess(folder, workspace)["snapshot_id"]
    (workspace / "lake" / "_snapshots" / f"{snapshot}.json").write_text(damage)
    for command in (["snapshots"], ["findings"], ["query", "SELECT 1"], ["report", "--out", tmp_path / "report"]):
        found = run(*command, "--workspace", workspace)
        assert (found.exit_code, len(found.stderr.splitlines())) == (3, 1), command
        assert f"{snapshot}.json" in found.stderr


def test_three_with_one_line_when_a_table_of_a_snapshot_is_missing_or_damaged(tmp_path: Path) -> None:
    folder, workspace = write(tmp_path / "exports", {"gaad.json": gaad(roles=[role("a")])}), tmp_path / "workspace"
    assess(folder, workspace)
    (parquet,) = (workspace / "lake" / "finding").rglob("*.parquet")
    parquet.write_bytes(b"PAR1 damaged")
    found = run("findings", "--workspace", workspace)
    assert (found.exit_code, len(found.stderr.splitlines())) == (3, 1)
    parquet.unlink()
    found = run("findings", "--workspace", workspace)
    assert found.exit_code == 3
    assert "missing from snapshot" in found.stderr


def test_a_real_process_gives_the_same_codes_and_no_traceback(tmp_path: Path) -> None:
    folder = write(tmp_path / "exports", {"good.json": gaad(roles=[role("worker")]), "cut.json": "{"})
    good = run_process("assess", folder, "--workspace", tmp_path / "workspace", "--json")
    assert (good.returncode, good.stderr) == (0, "")
    assert json.loads(good.stdout)["warnings"][-1] == "cut.json: truncated JSON at line 1, column 2: export it again"
    missing = run_process("assess", tmp_path / "missing", "--workspace", tmp_path / "workspace")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert re.fullmatch(r"Wrong usage: PATH: .*missing: no such file or folder\n", missing.stderr)


def test_what_is_assessed_does_not_hold_the_workspace_inside_it(tmp_path: Path) -> None:
    folder = write(tmp_path, {"report.csv": credential_report([report_row("svc")])})
    first = assess(folder, folder / "workspace")
    second = assess(folder, folder / "workspace")
    assert [source["source_id"] for source in second["sources"]] == ["report.csv"]
    assert first["snapshot_id"] == second["snapshot_id"]
