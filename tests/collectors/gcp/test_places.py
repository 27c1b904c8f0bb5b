"""A folder per project, as people export it: files that do not say where they belong are placed by the others, or told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.reading import BY_FOLDER, Evidence, read
from inventory.model import Coverage, Entitlement, Fact, Guardrail
from tests.collectors.gcp.shapes import NUMBER, PROJECT, account, policy, sa

OWNER = policy(("roles/owner", sa()))
KEYS_OFF = {"policies": [{"constraint": "constraints/iam.disableServiceAccountKeyCreation", "booleanPolicy": {"enforced": True}}]}


def project(project_id: str = PROJECT, number: str = NUMBER) -> dict[str, Any]:
    return {"projectId": project_id, "name": f"projects/{number}", "displayName": "Demo", "state": "ACTIVE"}


def evidence_of(folder: Path, files: dict[str, Any]) -> Evidence:
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    return read([folder], COLLECTORS, key=b"k" * 32)


def grants(evidence: Evidence) -> set[str | None]:
    return {row.resource for row in evidence.rows if isinstance(row, Entitlement)}


def notes(evidence: Evidence) -> dict[str, str]:
    return {warning.source_id: warning.message for warning in evidence.warnings}


def test_a_bare_policy_is_that_of_the_one_project_its_folder_speaks_of(tmp_path: Path) -> None:
    files = {
        "one/iam-policy.json": OWNER,
        "one/org-policies.json": KEYS_OFF,
        "one/project.json": project(),
        "one/service-accounts.json": {"accounts": [account()]},
        "two/iam-policy.json": policy(("roles/editor", sa("x", "demo-dev"))),
        "two/project.json": project("demo-dev", "7"),
    }
    evidence = evidence_of(tmp_path, files)
    assert grants(evidence) == {f"//cloudresourcemanager.googleapis.com/projects/{name}" for name in (PROJECT, "demo-dev")}
    assert [(row.scope, row.kind) for row in evidence.rows if isinstance(row, Guardrail) and row.kind == "workload_policy"] == [
        (PROJECT, "workload_policy")
    ]
    assert {name for name, message in notes(evidence).items() if message == BY_FOLDER} == {
        "one/iam-policy.json",
        "one/org-policies.json",
        "two/iam-policy.json",
    }
    assert {source.source_id: source.scope for source in evidence.sources}["two/iam-policy.json"] == "demo-dev"


@pytest.mark.parametrize(
    "files",
    [
        {"iam-policy.json": OWNER},
        {"iam-policy.json": OWNER, "other/project.json": project()},
        {"iam-policy.json": OWNER, "project.json": project(), "accounts.json": [account("x", "demo-dev")]},
    ],
    ids=["alone", "a project in another folder", "two projects"],
)
def test_a_folder_that_does_not_speak_of_one_project_places_nothing(tmp_path: Path, files: dict[str, Any]) -> None:
    evidence = evidence_of(tmp_path, files)
    assert grants(evidence) == set()
    assert "does not say of what it is the policy" in notes(evidence)["iam-policy.json"]


def test_a_manifest_comes_before_the_folder(tmp_path: Path) -> None:
    manifest = {"bundle_version": 1, "files": [{"path": "iam-policy.json", "scope": "demo-dev"}]}
    evidence = evidence_of(tmp_path, {"iam-policy.json": OWNER, "project.json": project(), "manifest.json": manifest})
    assert grants(evidence) == {"//cloudresourcemanager.googleapis.com/projects/demo-dev"}
    assert BY_FOLDER not in notes(evidence).values()


def test_an_accounts_own_policy_in_the_folder_is_not_taken_for_the_projects(tmp_path: Path) -> None:
    of_account = policy(("roles/iam.serviceAccountTokenCreator", sa("deployer")))
    evidence = evidence_of(tmp_path, {"account-policy.json": of_account, "project.json": project()})
    assert grants(evidence) == set()


def test_a_number_is_the_project_that_another_file_of_the_run_says_it_is(tmp_path: Path) -> None:
    name = f"//cloudresourcemanager.googleapis.com/projects/{NUMBER}"
    exported = {"asset_type": "cloudresourcemanager.googleapis.com/Project", "name": name, "iam_policy": OWNER}
    evidence = evidence_of(tmp_path, {"a/policies.json": exported, "z/projects.json": [project(), project("demo-dev", "7")]})
    assert grants(evidence) == {f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}"}
    assert {row.scope for row in evidence.rows if isinstance(row, Coverage) and row.fact is Fact.POLICIES} == {PROJECT}
