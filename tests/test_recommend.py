"""`nhi recommend`: what it prints, and the files that it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import assess, run
from tests.exports import AS_OF, gaad, inline, policy, role, role_arn, statement, write

FILES = policy(statement("s3:GetObject", "s3:CreateBucket", resource="arn:aws:s3:::files*"))


def report(name: str, *services: dict[str, Any]) -> dict[str, Any]:
    """get-service-last-accessed-details of a role, wrapped with its ARN."""
    listed = [{"ServiceName": one["ServiceNamespace"], "TotalAuthenticatedEntities": 0, **one} for one in services]
    return {"Arn": role_arn(name), "JobStatus": "COMPLETED", "IsTruncated": False, "ServicesLastAccessed": listed}


def estate() -> dict[str, Any]:
    """Three roles: one that uses part of what it holds, one that uses nothing, one of which nothing is known."""
    used = {"ServiceNamespace": "s3", "LastAuthenticated": "2026-09-20T08:00:00Z"}
    roles = [role(name, RolePolicyList=inline("files", FILES), RoleLastUsed={}) for name in ("part", "idle")]
    return {
        "gaad.json": gaad(roles=[*roles, role("dark", RolePolicyList=inline("files", FILES))]),
        "last-accessed.json": [
            report("part", {**used, "TrackedActionsLastAccessed": [{"ActionName": "CreateBucket"}]}),
            report("idle", {"ServiceNamespace": "s3"}),
        ],
    }


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recommend")
    assess(write(folder / "exports", estate()), folder / "workspace", "--as-of", AS_OF)
    return folder / "workspace"


def recommend(workspace: Path, *words: object) -> Any:
    found = run("recommend", *words, "--workspace", workspace)
    assert found.exit_code == 0, found.stderr
    return found


def test_the_table_lists_who_has_something_to_take_away_and_says_how_many_have_not(workspace: Path) -> None:
    text = recommend(workspace).stdout
    assert [line.split()[0] for line in text.splitlines()[1:3]] == ["idle", "part"]
    assert "3 machine identities: 1 disable: no use seen, 1 narrow: take the unused away, 1 cannot be judged." in text
    # look 1 + change 5 of each: idle 6 of 6, part 5 and 1 open, dark 6 open: 11 to 18 of 18
    assert "Permission-creep index 61–100 of 100." in text


def test_the_same_rows_for_machines(workspace: Path) -> None:
    rows = json.loads(recommend(workspace, "--json").stdout)
    assert [(row["name"], row["action"], row["unused"], row["weight_unused"]) for row in rows] == [
        ("idle", "disable", 2, 6),
        ("part", "narrow", 1, 5),
    ]


def test_one_identity_in_words_names_what_goes_why_and_the_way_back(workspace: Path) -> None:
    text = recommend(workspace, "--identity", "part").stdout
    assert "Granted 2: 0 used, 1 unused, 1 not known. Permission-creep index 83–100 of 100." in text
    assert "Take 1 of 2 permissions from role part" in text
    assert "s3:CreateBucket: it was not called within the limit, in records that look back 400 days; granted by inline policy files" in text
    assert "last-accessed.json#Arn=" in text
    assert '-        "s3:CreateBucket"' in text
    assert "aws iam put-role-policy --role-name part" in text.split("The way back")[1]


def test_one_identity_for_machines_holds_every_permission(workspace: Path) -> None:
    found = json.loads(recommend(workspace, "--identity", role_arn("part"), "--json").stdout)
    assert {one["name"]: one["use"] for one in found["review"]["permissions"]} == {"s3:CreateBucket": "unused", "s3:GetObject": "unknown"}
    assert found["proposal"]["removed"] == {"unused": 1}
    assert found["counts"]["action"] == "narrow"


def test_an_identity_of_which_nothing_is_known_is_told_what_to_supply(workspace: Path) -> None:
    text = recommend(workspace, "--identity", "dark").stdout
    assert "collect its services last accessed" in text
    assert "The way back" not in text


def test_nobody_and_wrong_words_end_in_one_line(workspace: Path) -> None:
    found = run("recommend", "--identity", "nobody", "--workspace", workspace)
    assert (found.exit_code, found.stdout) == (3, "")
    assert "nobody: no identity of this id or name" in found.stderr


def test_the_files_are_ready_for_a_pull_request(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    found = recommend(workspace, "--out", folder)
    assert "proposals for 2 identities" in found.stderr
    places = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    part, idle = "aws/111122223333/part", "aws/111122223333/idle"
    own = ["ROLLBACK.md", "apply.sh", "before-files.json", "diff.md", "evidence.json", "main.tf", "policy-files.json"]
    assert [place for place in places if place.startswith(part)] == [f"{part}/{name}" for name in own]
    assert f"{idle}/policy-AWSDenyAll.json" in places
    kept = json.loads((folder / part / "policy-files.json").read_text(encoding="utf-8"))
    assert kept["Statement"][0]["Action"] == ["s3:GetObject"]
    evidence = json.loads((folder / part / "evidence.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in evidence["taken_away"]] == ["s3:CreateBucket"]
    assert "put-role-policy" in (folder / part / "ROLLBACK.md").read_text(encoding="utf-8")
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert f"| [part]({part}/diff.md) | narrow | high | Take 1 of 2 permissions" in index
    assert "dark" not in index


def test_writing_again_gives_the_same_bytes(workspace: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        recommend(workspace, "--out", tmp_path / name)
    written = {
        name: {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "two")
    }
    assert written["one"] == written["two"]


def test_of_one_identity_only_its_files_are_written(workspace: Path, tmp_path: Path) -> None:
    recommend(workspace, "--out", tmp_path / "out", "--identity", "idle")
    assert not (tmp_path / "out" / "aws" / "111122223333" / "part").exists()


def test_a_name_that_leads_out_of_the_folder_stays_in_it(tmp_path: Path) -> None:
    names = ("../../up", "..", ".hidden")
    files = {
        "gaad.json": gaad(
            roles=[role("fresh"), *(role(name, RolePolicyList=inline("../files", FILES), RoleLastUsed={}) for name in names)]
        ),
        "last-accessed.json": [report(name, {"ServiceNamespace": "s3"}) for name in names],
    }
    assess(write(tmp_path / "in", files), tmp_path / "workspace", "--as-of", AS_OF)
    recommend(tmp_path / "workspace", "--out", tmp_path / "deep" / "er" / "out")
    account = tmp_path / "deep" / "er" / "out" / "aws" / "111122223333"
    assert len(list(account.iterdir())) == 3
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == ["er"]
    assert sorted(path.name for path in (tmp_path / "deep" / "er").iterdir()) == ["out"]
