"""`nhi compliance` and `nhi packs`, as people and machines call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import assess, run
from tests.exports import estate, write

AS_OF = "2026-09-30"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compliance")
    assess(write(folder / "exports", estate()), folder / "workspace", "--as-of", AS_OF, "--label", "Q3-2026")
    return folder / "workspace"


def document(*words: object) -> dict[str, Any]:
    found = run(*words, "--json")
    assert found.exit_code == 0, found.stderr
    read: dict[str, Any] = json.loads(found.stdout)
    return read


def test_all_frameworks_in_short_name_pack_rules_and_mapping(workspace: Path) -> None:
    told = document("compliance", "--workspace", workspace)
    assert {row["framework"] for row in told["frameworks"]} >= {
        "NIST-800-53r5",
        "CIS-AWS-1.4",
        "CIS-AWS-7.0",
        "CIS-Kubernetes-1.12",
        "ITGC",
    }
    assert told["pack"] == "default"
    assert told["rules_version"]
    assert len(told["mapping_version"]) == 10
    assert "as far as these checks measure" in told["caution"]


def test_another_pack_judges_the_stored_evidence_again(workspace: Path) -> None:
    controls = {}
    for words in ((), ("--pack", "cis")):
        told = document("compliance", "CIS-AWS-7.0", "--workspace", workspace, *words)
        controls[told["pack"]] = {row["id"]: row for row in told["controls"]}
    # By the default pack (90 days) what is unused for less tells nothing of 45 days; by the pack of the benchmark it does.
    assert controls["default"]["2.11"]["passed"] == 0
    assert controls["cis"]["2.11"]["judged"] == controls["default"]["2.11"]["judged"] > 0
    assert controls["cis"]["2.11"]["unknown"] <= controls["default"]["2.11"]["unknown"]


def test_a_framework_that_is_none_and_a_pack_that_is_none_are_wrong_usage(workspace: Path) -> None:
    for words, said in (
        (("PCI-DSS-5",), "did you mean PCI-DSS-4.0?"),
        (("PCI-DSS-4.0", "--pack", "strict"), "'strict' is no pack"),
    ):
        found = run("compliance", *words, "--workspace", workspace)
        assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
        assert said in found.stderr


def test_a_table_names_what_is_outside_and_what_to_ask(workspace: Path) -> None:
    found = run("compliance", "PCI-DSS-4.0", "--workspace", workspace)
    assert found.exit_code == 0
    assert "Ask: Which change frequency did your targeted risk analysis (12.3.1) set?" in " ".join(found.stdout.split())
    assert "Outside our checks: which systems are in scope" in found.stderr


def test_packs_are_listed_and_shown_with_unit_meaning_and_source() -> None:
    assert [row["pack"] for row in json.loads(run("packs", "--json").stdout)] == ["cis", "default", "pci"]
    shown = document("packs", "show", "cis")
    (unused,) = [row for row in shown["thresholds"] if row["name"] == "unused_days"]
    assert (unused["value"], unused["default"], unused["differs"], unused["unit"]) == (45, 90, True, "days")
    assert run("packs", "show").exit_code == run("packs", "show", "strict").exit_code == run("packs", "drop").exit_code == 2
    assert "unused_days = 45" in run("packs").stdout
