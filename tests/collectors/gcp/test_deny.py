"""Deny policies: whom they name, and what they guard. Versions of secrets, and jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import Coverage, Credential, Enforcement, Entitlement, Guardrail, PolicyDocument, Status, Workload
from tests.collectors.gcp.shapes import NUMBER, PROJECT, document, email, only, rows

EVERYONE = "principalSet://goog/public:all"
MAKES_KEYS = "iam.googleapis.com/serviceAccountKeys.create"


def policy(*rules: dict[str, Any], at: str = f"projects/{NUMBER}") -> dict[str, Any]:
    name = f"policies/cloudresourcemanager.googleapis.com%2F{at.replace('/', '%2F')}/denypolicies/no-keys"
    return {"name": name, "kind": "DenyPolicy", "displayName": "No keys", "rules": [{"denyRule": rule} for rule in rules]}


def denies(*principals: str, permissions: tuple[str, ...] = (MAKES_KEYS,), **more: Any) -> dict[str, Any]:
    return {"deniedPrincipals": list(principals), "deniedPermissions": list(permissions), **more}


def test_who_is_denied_something_by_name_has_a_row_beside_its_grants() -> None:
    account = f"principal://iam.googleapis.com/projects/-/serviceAccounts/{email().upper()}"
    workload = f"principalSet://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/ci/attribute.repository/a/b"
    raw = policy(denies(account, workload, "principalSet://goog/group/ops@demo.example", "principal://goog/subject/ana@demo.example"))

    found = rows("gcp-deny-policies", document(raw, scope=PROJECT))

    denied = only(Entitlement, found)
    assert [row.identity_id for row in denied] == [workload, f"serviceAccount:{email()}"]
    assert {(row.via, row.policy_name, row.resource, row.conditional) for row in denied} == {
        ("deny", "No keys", f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}", False)
    }
    assert only(Guardrail, found) == []
    (text,) = only(PolicyDocument, found)
    assert text.document == f'{{"deniedPermissions":["{MAKES_KEYS}"],"exceptionPermissions":[]}}'
    assert {row.document_id for row in denied} == {text.document_id}


def test_a_rule_that_keeps_everyone_from_making_keys_is_a_guardrail() -> None:
    found = rows(
        "gcp-deny-policies", document(policy(denies(EVERYONE, permissions=(MAKES_KEYS, "compute.googleapis.com/x.y"))), scope=PROJECT)
    )

    (guardrail,) = only(Guardrail, found)
    assert (guardrail.scope, guardrail.kind, guardrail.enforcement) == (PROJECT, "workload_policy", Enforcement.ENFORCED)
    assert guardrail.name == "deny policy No keys: no keys are created"
    assert only(Entitlement, found) == []
    assert only(Coverage, found) == []


@pytest.mark.parametrize(
    ("rule", "at", "expected"),
    [
        (denies(EVERYONE), "organizations/1", [("*", Enforcement.ENFORCED)]),
        (denies(EVERYONE), "folders/2", [("*", Enforcement.UNKNOWN)]),
        (
            denies(EVERYONE, denialCondition={"expression": "resource.matchTag('1/env', 'prod')"}),
            "organizations/1",
            [("*", Enforcement.UNKNOWN)],
        ),
        (
            denies(EVERYONE, exceptionPrincipals=["principalSet://goog/group/ops@demo.example"]),
            "organizations/1",
            [("*", Enforcement.UNKNOWN)],
        ),
        (denies("principalSet://goog/group/ops@demo.example"), "organizations/1", []),
        (denies(EVERYONE, permissions=("storage.googleapis.com/buckets.delete",)), "organizations/1", []),
    ],
    ids=["organisation", "folder", "condition", "exception", "some people", "another permission"],
)
def test_a_rule_guards_only_as_far_as_it_surely_holds(rule: dict[str, Any], at: str, expected: list[tuple[str, Enforcement]]) -> None:
    found = rows("gcp-deny-policies", document([policy(rule, at=at)]))

    assert [(row.scope, row.enforcement) for row in only(Guardrail, found)] == expected


def test_a_list_without_rules_says_what_to_ask_for_unless_a_collection_asked_for_it() -> None:
    listed = {key: value for key, value in policy().items() if key != "rules"}

    (problem,) = only(Problem, rows("gcp-deny-policies", document([listed])))
    assert "gcloud iam policies get, for each" in problem.message
    assert (
        rows("gcp-deny-policies", document({"resource": "//iam.googleapis.com/policies/projects/p/denypolicies", "policies": [listed]}))
        == []
    )


def test_the_youngest_version_that_can_be_used_tells_when_a_secret_changed() -> None:
    name = f"projects/{NUMBER}/secrets/db/versions"
    listed = [
        {"name": f"{name}/3", "createTime": "2026-09-03T00:00:00Z", "state": "DISABLED"},
        {"name": f"{name}/2", "createTime": "2026-05-02T00:00:00Z", "state": "ENABLED"},
        {"name": f"{name}/1", "createTime": "2024-01-01T00:00:00Z", "state": "DESTROYED", "destroyTime": "2026-05-03T00:00:00Z"},
    ]

    found = rows("gcp-secret-versions", document(listed, scope=PROJECT))

    (secret,) = only(Credential, found)
    assert (secret.credential_id, secret.rotated_at) == (f"gcp:secret:{PROJECT}/db", datetime(2026, 5, 2))
    assert (secret.created_at, secret.status) == (None, Status.UNKNOWN)  # the list of secrets says that
    assert only(Coverage, found) == []


CONTAINERS = [{"image": "nightly", "env": [{"name": "DB_PASSWORD", "value": "canary-hunter2"}]}]


@pytest.mark.parametrize(
    "raw",
    [
        {
            "apiVersion": "run.googleapis.com/v1",
            "kind": "Job",
            "metadata": {"name": "nightly", "namespace": NUMBER, "labels": {"cloud.googleapis.com/location": "europe-west1"}},
            "spec": {"template": {"spec": {"template": {"spec": {"serviceAccountName": email(), "containers": CONTAINERS}}}}},
        },
        {
            "name": f"projects/{PROJECT}/locations/europe-west1/jobs/nightly",
            "template": {"taskCount": 1, "template": {"serviceAccount": email(), "containers": CONTAINERS}},
        },
    ],
    ids=["knative", "v2"],
)
def test_a_job_runs_as_its_account_and_its_variables_are_names(raw: dict[str, Any]) -> None:
    found = rows("gcp-run-jobs", document([raw], scope=PROJECT))

    (job,) = only(Workload, found)
    assert job.workload_id == f"//run.googleapis.com/projects/{PROJECT}/locations/europe-west1/jobs/nightly"
    assert (job.kind, job.region, job.identity_id) == ("cloud_run_job", "europe-west1", f"serviceAccount:{email()}")
    assert job.env_names == ["DB_PASSWORD"]
    assert "canary" not in repr(found)


def test_a_job_without_an_account_runs_as_the_default_one() -> None:
    raw = {
        "apiVersion": "run.googleapis.com/v1",
        "kind": "Job",
        "metadata": {"name": "nightly", "namespace": NUMBER},
        "spec": {"template": {"spec": {"template": {"spec": {"containers": []}}}}},
    }

    (job,) = only(Workload, rows("gcp-run-jobs", document([raw], scope=PROJECT)))
    assert job.identity_id == f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com"
