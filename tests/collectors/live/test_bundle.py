"""The runner of a collection: what is written, what is said when a call fails, and going on after a stop of any kind."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.bundle import BundleError, collect
from collectors.bundle_files import file_name
from collectors.collecting import CallFailed
from collectors.manifest import parse_manifest
from collectors.reading import read
from inventory.model import Coverage, CoverageStatus, Fact
from tests import exports
from tests.checkout import ROOT
from tests.collectors.live.plans import ACCOUNT, AT, FakePlan, slow_plan

DENIED = CallFailed("iam:Get: not allowed; give the role iam:Get", CoverageStatus.DENIED)
BROKEN = CallFailed("iam:Get timed out; run it again", CoverageStatus.MISSING)


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def written(folder: Path, pattern: str) -> int:
    """Lines in files that may vanish while one looks."""
    found = 0
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            found += path.read_bytes().count(b"\n")
    return found


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_pages_become_lines_of_one_file_and_the_manifest_names_it(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [plan.call("iam/a.json", {"n": 1}, {"n": 2, "at": AT, "raw": b"\x01"})]

    done = collect(plan, tmp_path / "out", label="Q3", clock=lambda: AT)

    lines = (tmp_path / "out/iam/a.json").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [{"n": 1}, {"n": 2, "at": "2026-09-30T12:00:00+00:00", "raw": "AQ=="}]
    (entry,) = manifest(tmp_path / "out")["files"]
    assert entry["path"] == "iam/a.json"
    assert entry["scope"] == ACCOUNT
    assert entry["command"] == "aws iam iam/a.json"
    assert (entry["collected_at"], manifest(tmp_path / "out")["as_of"]) == ("2026-09-30T12:00:00Z", "2026-09-30T12:00:00Z")
    assert not parse_manifest(manifest(tmp_path / "out")).problems
    assert (done.asked, done.there_already, done.warnings) == (1, 0, [])


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [plan.call("iam/a.json", {"n": 1}), plan.call("iam/b.json", {"n": 1}, DENIED)]

    collect(plan, tmp_path / "new/out")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "new", *(tmp_path / "new").rglob("*")] if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


def test_secrets_are_dropped_before_anything_is_written_and_before_what_follows(tmp_path: Path) -> None:
    plan, seen = FakePlan(), []

    def then(answers: Any) -> list[Any]:
        seen.extend(answers)
        return []

    steps = ({"value": "canary-1"}, {"value": "canary-2"}, BROKEN)
    plan.first = [
        plan.call("a.json", *steps, clean=lambda page: {"value": "dropped"}),
        plan.call("b.json", *steps[:2], clean=lambda page: {"value": "dropped"}, then=then),
    ]
    collect(plan, tmp_path)

    assert not any(b"canary" in text for text in content(tmp_path).values())
    assert seen == [{"value": "dropped"}, {"value": "dropped"}]


def test_a_failed_call_costs_its_own_facts_and_the_manifest_says_which_and_why(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [
        plan.call("a.json", DENIED, facts=(Fact.TRUST, Fact.POLICIES), operation="iam:Get"),
        plan.call("b.json", BROKEN, facts=(Fact.WORKLOADS,), operation="lambda:ListFunctions"),
        plan.call("c.json", {"n": 1}, facts=(Fact.AUDIT_LOG,)),
    ]
    done = collect(plan, tmp_path)

    gaps = {(gap["fact"], gap["scope"], gap["status"]): gap["reason"] for gap in manifest(tmp_path)["not_collected"]}
    assert gaps == {
        ("trust", ACCOUNT, "denied"): "iam:Get: not allowed; give the role iam:Get",
        ("policies", ACCOUNT, "denied"): "iam:Get: not allowed; give the role iam:Get",
        ("workloads", ACCOUNT, "missing"): "lambda:ListFunctions: iam:Get timed out; run it again",
    }
    assert [entry["path"] for entry in manifest(tmp_path)["files"]] == ["c.json"]
    assert len(done.warnings) == 2


def test_what_other_calls_told_of_a_fact_is_then_partial(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [
        plan.call("eu.json", {"n": 1}),
        plan.call("us.json", BROKEN),
        plan.call("half.json", {"n": 1}, DENIED, facts=(Fact.TRUST,)),
    ]

    collect(plan, tmp_path)

    assert [(gap["fact"], gap["status"]) for gap in manifest(tmp_path)["not_collected"]] == [
        ("identities", "partial"),
        ("trust", "partial"),
    ]


def test_many_failures_of_one_operation_are_one_entry(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [plan.call(f"{number}.json", DENIED, operation="iam:Get") for number in range(5)]

    done = collect(plan, tmp_path)

    assert [gap["reason"] for gap in manifest(tmp_path)["not_collected"]] == [
        "iam:Get: not allowed; give the role iam:Get (and 4 more such calls)"
    ]
    assert len(done.warnings) == 1


@pytest.mark.parametrize(
    "oddity", [ConnectionResetError("secret-in-url canary"), TimeoutError("canary"), KeyError("canary"), RecursionError("canary")]
)
def test_whatever_a_call_raises_is_told_without_its_words(tmp_path: Path, oddity: Exception) -> None:
    plan = FakePlan()
    plan.first = [plan.call("a.json", oddity), plan.call("b.json", {"n": 1})]

    collect(plan, tmp_path)

    (gap,) = manifest(tmp_path)["not_collected"]
    assert type(oddity).__name__ in gap["reason"]
    assert "canary" not in json.dumps(manifest(tmp_path))
    assert (tmp_path / "b.json").is_file()


def test_no_answer_at_all_is_a_failure(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [plan.call("a.json")]

    collect(plan, tmp_path)

    assert "gave no answer at all" in manifest(tmp_path)["not_collected"][0]["reason"]


def test_pages_before_a_failure_are_kept_and_the_next_run_goes_on_from_there(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [plan.call("a.json", {"n": 1}, {"n": 2}, BROKEN)]
    collect(plan, tmp_path)
    assert (tmp_path / "a.json").read_text() == '{"n": 1}\n{"n": 2}\n'

    plan = FakePlan()
    plan.first = [plan.call("a.json", {"n": 1}, {"n": 2}, {"n": 3})]
    collect(plan, tmp_path)

    assert plan.asked == [("a.json", "2")]
    assert (tmp_path / "a.json").read_text() == '{"n": 1}\n{"n": 2}\n{"n": 3}\n'
    assert manifest(tmp_path)["not_collected"] == []
    assert sorted(content(tmp_path)) == ["a.json", "manifest.json"]


@pytest.mark.parametrize("resumable", [True, False])
def test_what_is_half_there_stays_partial_when_the_next_run_fails_at_once(tmp_path: Path, resumable: bool) -> None:
    plan = FakePlan()
    plan.first = [plan.call("a.json", {"n": 1}, {"n": 2}, BROKEN, resumable=resumable)]
    collect(plan, tmp_path)
    for error in (BROKEN, DENIED, KeyError("odd")):
        plan = FakePlan()
        plan.first = [plan.call("a.json", *[error] * 3, resumable=resumable)]
        collect(plan, tmp_path)

        assert [gap["status"] for gap in manifest(tmp_path)["not_collected"]] == ["partial"]
        assert (tmp_path / "a.json").read_text() == '{"n": 1}\n{"n": 2}\n'


def test_a_token_that_is_no_longer_taken_starts_again(tmp_path: Path) -> None:
    plan = FakePlan()
    plan.first = [plan.call("a.json", {"n": 1}, {"n": 2}, BROKEN)]
    collect(plan, tmp_path)

    again = FakePlan()
    good = again.call("a.json", {"n": "new"}, {"n": 2})
    stale = again.call("a.json", {"n": 1}, {"n": 2}, CallFailed("expired", CoverageStatus.MISSING))
    again.first = [dataclasses.replace(good, pages=lambda token: (stale if token else good).pages(token))]
    collect(again, tmp_path)

    assert again.asked == [("a.json", "2"), ("a.json", None)]
    assert (tmp_path / "a.json").read_text() == '{"n": "new"}\n{"n": 2}\n'


def test_whole_files_are_not_asked_again_and_what_follows_from_them_is(tmp_path: Path) -> None:
    collect(slow_plan(0), tmp_path, clock=lambda: AT)
    (tmp_path / "keys/user-3.json").unlink()
    before = content(tmp_path)
    again = slow_plan(0)

    done = collect(again, tmp_path, clock=lambda: AT)

    assert again.asked == [("keys/user-3.json", None)]
    assert (done.asked, done.there_already) == (1, 11)
    assert content(tmp_path).items() >= before.items()


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.json.part").write_text('{"bundle_page": {"n": 1}, "next": "1"}\n{"bundle_page": {"n": 2}, "ne')
    plan = FakePlan()
    plan.first = [plan.call("a.json", {"n": 1}, {"n": 2})]

    collect(plan, tmp_path)

    assert plan.asked == [("a.json", "1")]
    assert (tmp_path / "a.json").read_text() == '{"n": 1}\n{"n": 2}\n'


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("pattern", "lines"), [("iam/*.part", 1), ("iam/details.json.part", 7), ("iam/details.json", 12), ("keys/*.json", 4)]
)
def test_killed_in_the_middle_and_run_again_gives_the_same_bytes(tmp_path: Path, pattern: str, lines: int) -> None:
    collect(slow_plan(0), tmp_path / "whole", workers=3, label="Q3", clock=lambda: AT)
    command = [sys.executable, "-m", "tests.collectors.live.plans", str(tmp_path / "killed"), "0.1"]

    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while written(tmp_path / "killed", pattern) < lines and time.monotonic() < deadline:
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it ended before it was killed"
    assert all(gap["status"] == "partial" for gap in manifest(tmp_path / "killed")["not_collected"])
    assert len(manifest(tmp_path / "killed")["not_collected"]) == len(Fact) - 1
    assert manifest(tmp_path / "killed")["stopped"] is True
    # a file beside its part is half: the kill may fall between the two steps that finish it
    whole = [path for path in (tmp_path / "killed").rglob("*.json") if not path.with_name(f"{path.name}.part").exists()]
    kept = {path.relative_to(tmp_path / "killed").as_posix() for path in whole} - {"manifest.json"}

    second = subprocess.run([*command[:-1], "0"], cwd=ROOT, capture_output=True, check=True)

    assert content(tmp_path / "killed") == content(tmp_path / "whole")
    asked = json.loads(second.stdout)
    assert not kept & {path for path, _ in asked}
    assert len(asked) == 12 - len(kept)


def test_assessed_after_a_stop_nothing_counts_as_collected(tmp_path: Path) -> None:
    details = exports.gaad(roles=[exports.role("worker")], users=[exports.user("ana")])
    plan = FakePlan()
    plan.first = [plan.call("gaad.json", details, scope="*"), plan.call("other.json", MemoryError(), pause=0.3, scope="*")]
    with pytest.raises(MemoryError):
        collect(plan, tmp_path, workers=1)

    told = [row for row in read([tmp_path], COLLECTORS, key=b"k").rows if isinstance(row, Coverage)]
    assert {row.status for row in told if row.scope == exports.ACCOUNT} == {CoverageStatus.PARTIAL}

    plan = FakePlan()
    plan.first = [plan.call("gaad.json", details, scope="*"), plan.call("other.json", {"Buckets": []}, scope="*")]
    collect(plan, tmp_path)

    told = [row for row in read([tmp_path], COLLECTORS, key=b"k").rows if isinstance(row, Coverage)]
    assert {row.status for row in told} == {CoverageStatus.COLLECTED}


def test_a_folder_of_another_source_is_refused(tmp_path: Path) -> None:
    collect(FakePlan(source="gcp"), tmp_path)

    with pytest.raises(BundleError, match="choose another folder for aws"):
        collect(FakePlan(), tmp_path)


def test_another_scope_is_added_to_the_bundle(tmp_path: Path) -> None:
    for account, step in (("1", DENIED), ("2", {"n": 1}), ("3", {"n": 1})):
        plan = FakePlan()
        plan.first = [plan.call(f"{account}/a.json", step, scope=account)]
        collect(plan, tmp_path)

    assert [entry["scope"] for entry in manifest(tmp_path)["files"]] == ["2", "3"]
    assert [gap["scope"] for gap in manifest(tmp_path)["not_collected"]] == ["1"]


def test_progress_tells_calls_done_and_known_by_service(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    collect(slow_plan(0), tmp_path, progress=lambda *words: told.append(words))

    assert {("Keys", 10, 10), ("IAM", 1, 1), ("Report", 1, 1)} <= set(told)
    assert [done for service, done, _ in told if service == "Keys"] == sorted(done for service, done, _ in told if service == "Keys")


@pytest.mark.parametrize("path", ["../a.json", "/a.json", "b/../../a.json"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    plan = FakePlan()
    plan.first = [plan.call(path, {"n": 1})]

    done = collect(plan, tmp_path / "out")

    assert done.warnings
    assert content(tmp_path) == {"out/manifest.json": (tmp_path / "out/manifest.json").read_bytes()}


def test_names_of_files_are_plain_and_stay_different() -> None:
    names = ["ada", "a/b", "a_b", "a b", "../x", ".", "", "ü", "x" * 300, "x" * 301]

    assert len({file_name(name) for name in names}) == len(names)
    assert all("/" not in file_name(name) and not file_name(name).startswith(".") and len(file_name(name)) < 140 for name in names)
