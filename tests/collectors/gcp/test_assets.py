"""Cloud Asset Inventory in both spellings; what runs."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import (
    Account,
    CoverageStatus,
    Credential,
    Enforcement,
    Entitlement,
    Fact,
    Guardrail,
    Identity,
    Public,
    Resource,
    Storage,
    Trust,
    Workload,
)
from tests.collectors.gcp.shapes import NUMBER, PROJECT, account, covered, document, email, key, only, policy, rows, sa

FORM = "gcp-assets"
MANAGER = "//cloudresourcemanager.googleapis.com"
RUN = "run.googleapis.com/Service"


def asset(kind: str, name: str, data: dict[str, Any] | None = None, *, snake: bool = False, **more: Any) -> dict[str, Any]:
    held = {"resource": {"data": data, "parent": f"{MANAGER}/projects/{NUMBER}"}} if data is not None else {}
    spelling = {"iamPolicy": "iam_policy", "orgPolicy": "org_policy"} if snake else {}
    return {"asset_type" if snake else "assetType": kind, "name": name, **held, **{spelling.get(k, k): v for k, v in more.items()}}


def project(*, snake: bool = False, **more: Any) -> dict[str, Any]:
    data = {"projectId": PROJECT, "projectNumber": NUMBER, "name": "Demo", "lifecycleState": "ACTIVE"}
    return asset("cloudresourcemanager.googleapis.com/Project", f"{MANAGER}/projects/{NUMBER}", data, snake=snake, **more)


def estate(*, snake: bool) -> list[dict[str, Any]]:
    raw = account()
    name = f"//iam.googleapis.com/projects/{PROJECT}/serviceAccounts/{raw['uniqueId']}"
    return [
        project(snake=snake, iamPolicy=policy(("roles/editor", sa()))),
        asset("iam.googleapis.com/ServiceAccount", name, raw, snake=snake),
        asset("iam.googleapis.com/ServiceAccountKey", f"{name}/keys/5a3b", key(), snake=snake),
        asset("iam.googleapis.com/ServiceAccount", name, snake=snake, iamPolicy=policy(("roles/iam.serviceAccountTokenCreator", sa("b")))),
        asset("compute.googleapis.com/Disk", f"//compute.googleapis.com/projects/{PROJECT}/zones/z/disks/d", {"name": "d"}, snake=snake),
    ]


@pytest.mark.parametrize("snake", [False, True], ids=["list", "export"])
def test_one_export_tells_accounts_keys_grants_and_projects(snake: bool) -> None:
    values: tuple[Any, ...] = tuple(estate(snake=snake)) if snake else (estate(snake=snake),)
    found = rows(FORM, document(*values))
    assert only(Problem, found) == []
    assert {row.identity_id for row in only(Identity, found)} == {sa(), sa("b")}
    assert [row.native_id for row in only(Credential, found)] == ["5a3b"]
    grants = {(row.identity_id, row.policy_id, row.resource) for row in only(Entitlement, found)}
    assert (sa(), "roles/editor", f"{MANAGER}/projects/{PROJECT}") in grants
    # The policy names the account by its number: an alias of its address.
    assert {row.identity_id for row in only(Trust, found)} == {sa(), "gcp:account:100000000000000000001"}
    assert [row.scope for row in only(Account, found)] == [PROJECT]
    told = covered(found)
    assert told[Fact.IDENTITIES, PROJECT] is told[Fact.ACCESS_KEYS, PROJECT] is CoverageStatus.COLLECTED
    assert told[Fact.POLICIES, PROJECT] is CoverageStatus.PARTIAL


def test_both_spellings_say_the_same() -> None:
    assert set(map(repr, rows(FORM, document(*estate(snake=True))))) == set(map(repr, rows(FORM, document(estate(snake=False)))))


@pytest.mark.parametrize("spelling", ["boolean_policy", "booleanPolicy"])
def test_organisation_policies_of_an_export(spelling: str) -> None:
    held = [{"constraint": "constraints/iam.disableServiceAccountKeyCreation", spelling: {"enforced": True}}]
    raw = asset("cloudresourcemanager.googleapis.com/Organization", f"{MANAGER}/organizations/1", snake=True, orgPolicy=held)
    found = rows(FORM, document(raw))
    assert [(row.scope, row.enforcement) for row in only(Guardrail, found)] == [("*", Enforcement.ENFORCED)]
    assert covered(found) == {(Fact.GUARDRAILS, "*"): CoverageStatus.COLLECTED}


def test_a_malformed_asset_is_told_and_the_others_are_read() -> None:
    broken = asset("iam.googleapis.com/ServiceAccount", "//iam.googleapis.com/projects/p/serviceAccounts/1", {"projectId": "p"})
    found = rows(FORM, document([broken, *estate(snake=False)]))
    assert [problem.lost for problem in only(Problem, found)] == [True]
    assert {row.identity_id for row in only(Identity, found)} == {sa(), sa("b")}


def test_an_access_list_opens_a_bucket_unless_the_bucket_forbids_it() -> None:
    open_to_all = {"name": "b", "acl": [{"entity": "allUsers", "role": "READER"}]}
    forbidden = {**open_to_all, "iamConfiguration": {"publicAccessPrevention": "enforced"}}
    found = rows(FORM, document([project(), asset("storage.googleapis.com/Bucket", "//storage.googleapis.com/b", open_to_all)]))
    assert [(row.public, row.scope) for row in only(Resource, found)] == [(Public.YES, PROJECT)]
    assert only(Resource, rows(FORM, document([asset("storage.googleapis.com/Bucket", "//storage.googleapis.com/b", forbidden)]))) == []


def service(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "shop", "namespace": NUMBER, "labels": {"cloud.googleapis.com/location": "europe-west1", "env": "prod"}},
        "spec": {"template": {"spec": spec}},
    }


def test_a_service_runs_as_its_account_or_as_the_default_one() -> None:
    named = rows("gcp-run-services", document([service(serviceAccountName=email(), containers=[])], scope=PROJECT))
    (workload,) = only(Workload, named)
    assert (workload.identity_id, workload.scope, workload.region, workload.environment) == (sa(), PROJECT, "europe-west1", "prod")
    assert workload.workload_id == f"//run.googleapis.com/projects/{PROJECT}/locations/europe-west1/services/shop"
    (default,) = only(Workload, rows("gcp-run-services", document([service(containers=[])], scope=PROJECT)))
    assert default.identity_id == f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com"
    assert covered(named) == {(Fact.WORKLOADS, PROJECT): CoverageStatus.COLLECTED}


def test_variables_keep_their_names_and_a_reference_to_a_secret_is_none() -> None:
    env = [
        {"name": "DB_PASSWORD", "value": "canary-value"},
        {"name": "API_TOKEN", "valueFrom": {"secretKeyRef": {"key": "latest", "name": "token"}}},
        {"name": "LOG_LEVEL", "value": "info"},
    ]
    found = rows("gcp-run-services", document([service(containers=[{"env": env}])], scope=PROJECT))
    assert only(Workload, found)[0].env_names == ["API_TOKEN", "DB_PASSWORD", "LOG_LEVEL"]
    (credential,) = only(Credential, found)
    assert (credential.name, credential.storage) == ("DB_PASSWORD of shop", Storage.ENV_VAR)
    assert credential.credential_id.startswith("gcp:env://run.googleapis.com/")
    assert "canary-value" not in repr(found)


@pytest.mark.parametrize(
    "raw",
    [
        {"serviceAccountEmail": email(), "runtime": "python313", "environmentVariables": {"DB_PASSWORD": "canary-value"}},
        {"buildConfig": {}, "serviceConfig": {"serviceAccountEmail": email(), "environmentVariables": {"DB_PASSWORD": "canary-value"}}},
    ],
    ids=["first generation", "second generation"],
)
def test_functions_of_both_generations(raw: dict[str, Any]) -> None:
    found = rows("gcp-functions", document([{"name": f"projects/{PROJECT}/locations/europe-west1/functions/f", **raw}]))
    (workload,) = only(Workload, found)
    assert (workload.identity_id, workload.kind, workload.env_names) == (sa(), "cloud_function", ["DB_PASSWORD"])
    assert len(only(Credential, found)) == 1
    assert "canary-value" not in repr(found)


def test_a_machine_runs_as_its_account_and_its_metadata_is_not_kept() -> None:
    zone = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b"
    raw = {
        "kind": "compute#instance", "name": "vm", "selfLink": f"{zone}/instances/vm", "zone": zone, "machineType": f"{zone}/machineTypes/e2",
        "serviceAccounts": [{"email": email()}], "metadata": {"items": [{"key": "startup-script", "value": "canary-value"}]},
    }  # fmt: skip
    found = rows("gcp-instances", document([raw, {**raw, "name": "w", "selfLink": f"{zone}/instances/w", "serviceAccounts": []}]))
    assert [(row.identity_id, row.region, row.env_names) for row in only(Workload, found)] == [
        (sa(), "europe-west1", None),
        (None, "europe-west1", None),
    ]
    assert "canary-value" not in repr(found)
