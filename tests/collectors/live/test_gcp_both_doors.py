"""The same facts through both doors: answers of the live calls, and what gcloud prints, end in the same rows."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.gcp.fetch import GcpOptions, plan
from collectors.gcp.fetch_lists import CONSTRAINTS
from collectors.reading import Evidence, read
from inventory.model import Coverage, CoverageStatus, Fact, Row, Run, Source
from tests.collectors.live.google_server import Google, Ran, run, serving

PROJECT, NUMBER, ORGANIZATION = "demo-prod", "123456789012", "415104041262"
DEPLOY = f"deploy@{PROJECT}.iam.gserviceaccount.com"
REPORT = f"report@{PROJECT}.iam.gserviceaccount.com"
POOL = f"projects/{NUMBER}/locations/global/workloadIdentityPools/ci"
MEMBER = f"serviceAccount:{DEPLOY}"


def name(email: str) -> str:
    return f"projects/{PROJECT}/serviceAccounts/{email}"


ACCOUNTS: list[dict[str, Any]] = [
    {"name": name(DEPLOY), "projectId": PROJECT, "uniqueId": "101", "email": DEPLOY, "displayName": "Deploys"},
    {"name": name(REPORT), "projectId": PROJECT, "uniqueId": "102", "email": REPORT, "disabled": True},
]
KEY = {
    "name": f"{name(DEPLOY)}/keys/0a1b2c3d",
    "validAfterTime": "2024-03-01T00:00:00Z",
    "validBeforeTime": "9999-12-31T23:59:59Z",
    "keyAlgorithm": "KEY_ALG_RSA_2048",
    "keyOrigin": "GOOGLE_PROVIDED",
    "keyType": "USER_MANAGED",
}
GITHUB = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository/acme/shop"
POLICIES: dict[str, dict[str, Any]] = {
    DEPLOY: {"version": 1, "etag": "BwXXwOptVuE=", "bindings": [{"role": "roles/iam.workloadIdentityUser", "members": [GITHUB]}]},
    REPORT: {"etag": "ACAB"},
}
ABOVE: list[dict[str, Any]] = [
    {
        "id": PROJECT,
        "type": "project",
        "policy": {
            "version": 3,
            "etag": "BwX1",
            "bindings": [
                {"role": f"projects/{PROJECT}/roles/deployer", "members": [MEMBER]},
                {"role": "roles/storage.admin", "members": [MEMBER], "condition": {"title": "t", "expression": "request.time < x"}},
            ],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}]}],
        },
    },
    {"id": "12", "type": "folder", "policy": {"etag": "BwX2", "bindings": [{"role": "roles/viewer", "members": ["group:a@b.c"]}]}},
    {"id": ORGANIZATION, "type": "organization", "policy": {"etag": "BwX3", "bindings": [{"role": "roles/browser", "members": [MEMBER]}]}},
]
DEPLOYER = {
    "name": f"projects/{PROJECT}/roles/deployer",
    "title": "Deployer",
    "includedPermissions": ["run.services.update"],
    "stage": "GA",
}
PREDEFINED = {
    role: {"name": role, "title": role, "includedPermissions": [f"{role.split('/')[1]}.get"], "stage": "GA"}
    for role in ("roles/storage.admin", "roles/viewer", "roles/browser")
}
PROVIDER = {
    "name": f"{POOL}/providers/github",
    "state": "ACTIVE",
    "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    "attributeCondition": "assertion.repository_owner == 'acme'",
}
API_KEY = {"name": f"projects/{NUMBER}/locations/global/keys/k1", "uid": "k1", "displayName": "maps", "createTime": "2023-01-01T00:00:00Z"}
HMAC = {
    "kind": "storage#hmacKeyMetadata",
    "accessId": "GOOG1EXAMPLE",
    "projectId": PROJECT,
    "serviceAccountEmail": DEPLOY,
    "state": "ACTIVE",
    "timeCreated": "2022-05-01T00:00:00.000Z",
}
SECRET = {"name": f"projects/{NUMBER}/secrets/db", "createTime": "2025-01-02T03:04:05Z", "replication": {"automatic": {}}}
PERIOD = {"startTime": "2026-08-01T07:00:00Z", "endTime": "2026-11-20T07:00:00Z"}
ACTIVITIES = {
    kind: {
        "fullResourceName": f"//iam.googleapis.com/{what}",
        "activityType": kind,
        "observationPeriod": PERIOD,
        "activity": {"lastAuthenticatedTime": "2026-11-02T08:00:00Z", key: {"fullResourceName": f"//iam.googleapis.com/{what}"}},
    }
    for kind, key, what in (
        ("serviceAccountLastAuthentication", "serviceAccount", name(DEPLOY)),
        ("serviceAccountKeyLastAuthentication", "serviceAccountKey", KEY["name"]),
    )
}
INSIGHT = {
    "name": f"projects/{NUMBER}/locations/global/insightTypes/google.iam.policy.Insight/insights/i1",
    "insightSubtype": "PERMISSIONS_USAGE",
    "targetResources": [f"//cloudresourcemanager.googleapis.com/projects/{NUMBER}"],
    "lastRefreshTime": "2026-11-20T07:00:00Z",
    "observationPeriod": "7776000s",
    "content": {"role": "roles/storage.admin", "member": MEMBER, "exercisedPermissions": [{"permission": "storage.objects.get"}]},
}
CONSTRAINT = "iam.disableServiceAccountKeyCreation"
RULE = {"name": f"projects/{NUMBER}/policies/{CONSTRAINT}", "spec": {"rules": [{"enforce": True}]}}
MACHINE = {
    "kind": "compute#instance",
    "name": "vm",
    "selfLink": f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b/instances/vm",
    "zone": f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b",
    "machineType": "e2-small",
    "serviceAccounts": [{"email": DEPLOY, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}],
}
VARIABLES: list[dict[str, Any]] = [
    {"name": "LOG_LEVEL", "value": "info"},
    {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "latest"}}},
]
SERVICE: dict[str, Any] = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {"name": "shop", "namespace": NUMBER, "labels": {"cloud.googleapis.com/location": "europe-west1"}},
    "spec": {"template": {"spec": {"serviceAccountName": DEPLOY, "containers": [{"image": "shop", "env": VARIABLES}]}}},
}
FUNCTION = {
    "name": f"projects/{PROJECT}/locations/europe-west1/functions/f",
    "serviceConfig": {"serviceAccountEmail": REPORT, "environmentVariables": {"LOG_LEVEL": "info"}},
}
DESCRIBED = {"name": f"projects/{NUMBER}", "projectId": PROJECT, "state": "ACTIVE", "displayName": "Demo", "labels": {"env": "prod"}}
BUCKET = {
    "resource": "//storage.googleapis.com/shop-public",
    "assetType": "storage.googleapis.com/Bucket",
    "project": f"projects/{NUMBER}",
    "policy": {"bindings": [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]},
}
OF_PROJECT = {
    "resource": f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}",
    "assetType": "cloudresourcemanager.googleapis.com/Project",
    "project": f"projects/{NUMBER}",
    "policy": {"bindings": ABOVE[0]["policy"]["bindings"]},
}

EXPORTS: dict[str, Any] = {
    "project.json": DESCRIBED,
    "accounts.json": ACCOUNTS,
    "keys.json": [{"serviceAccount": name(DEPLOY), "keys": [KEY]}, {"serviceAccount": name(REPORT), "keys": []}],
    "account-policies.json": [{"resource": f"//iam.googleapis.com/{name(email)}", "policy": policy} for email, policy in POLICIES.items()],
    "ancestors.json": ABOVE,
    "roles.json": [DEPLOYER, *PREDEFINED.values()],
    "pools.json": [{"name": POOL, "state": "ACTIVE"}],
    "providers.json": [PROVIDER],
    "api-keys.json": [API_KEY],
    "hmac.json": [HMAC],
    "secrets.json": [SECRET],
    **{f"{kind}.json": [activity] for kind, activity in ACTIVITIES.items()},
    "insights.json": [INSIGHT],
    "org-policies.json": [RULE],
    "instances.json": [MACHINE],
    "services.json": [SERVICE],
    "functions.json": [FUNCTION],
    "search.json": [OF_PROJECT, BUCKET],
}
"""What the commands of the plan print."""


def answer(google: Google) -> None:
    """The same facts as the APIs give them."""
    google.grpc |= {
        "ListServiceAccounts": [{"accounts": ACCOUNTS[:1], "nextPageToken": "2"}, {"accounts": ACCOUNTS[1:]}],
        "ListServiceAccountKeys": [{"keys": [KEY]}, {}],
        "GetIamPolicy": [POLICIES[DEPLOY], POLICIES[REPORT]],
        "ListRoles": [{"roles": [DEPLOYER]}],
        "GetRole": [PREDEFINED[role] for role in sorted(PREDEFINED)],
    }
    manager, named = "cloudresourcemanager.googleapis.com", f"projects/{PROJECT}"
    everywhere = f"{named}/locations/global"
    google.rest |= {
        f"{manager}/v3/{named}": [DESCRIBED],
        f"{manager}/v1/{named}:getAncestry": [{"ancestor": [{"resourceId": {"type": one["type"], "id": one["id"]}} for one in ABOVE]}],
        **{f"{manager}/v3/{one['type']}s/{one['id']}:getIamPolicy": [one["policy"]] for one in ABOVE},
        f"iam.googleapis.com/v1/{everywhere}/workloadIdentityPools": [{"workloadIdentityPools": [{"name": POOL, "state": "ACTIVE"}]}],
        f"iam.googleapis.com/v1/{POOL}/providers": [{"workloadIdentityPoolProviders": [PROVIDER]}],
        f"apikeys.googleapis.com/v2/{everywhere}/keys": [{"keys": [API_KEY]}],
        f"storage.googleapis.com/storage/v1/{named}/hmacKeys": [{"kind": "storage#hmacKeysMetadata", "items": [HMAC]}],
        f"secretmanager.googleapis.com/v1/{named}/secrets": [{"secrets": [SECRET], "nextPageToken": "2"}, {}],
        **{
            f"policyanalyzer.googleapis.com/v1/{everywhere}/activityTypes/{kind}/activities:query": [{"activities": [activity]}]
            for kind, activity in ACTIVITIES.items()
        },
        f"recommender.googleapis.com/v1/{everywhere}/insightTypes/google.iam.policy.Insight/insights": [{"insights": [INSIGHT]}],
        f"orgpolicy.googleapis.com/v2/{named}/policies/{CONSTRAINT}:getEffectivePolicy": [RULE],
        f"compute.googleapis.com/compute/v1/{named}/aggregated/instances": [
            {"items": {"zones/europe-west1-b": {"instances": [MACHINE]}, "zones/x": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}}
        ],
        f"run.googleapis.com/v1/{named}/locations/-/services": [{"items": [SERVICE]}],
        f"cloudfunctions.googleapis.com/v2/{named}/locations/-/functions": [{"functions": [FUNCTION]}],
        f"cloudasset.googleapis.com/v1/{named}:searchAllIamPolicies": [
            {"results": [OF_PROJECT], "nextPageToken": "2"},
            {"results": [BUCKET]},
        ],
    }


def collected(google: Google) -> Ran:
    found = run(plan(GcpOptions(projects=(PROJECT,)), google.clients))
    assert {path: str(failure) for path, failure in found.failures.items()} == {}
    return found


def bundle(folder: Path, files: Mapping[str, Iterable[Any]], scope: str = PROJECT) -> Evidence:
    """Written as the runner writes it, one value a line, and read."""
    for path, values in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    manifest = {"bundle_version": 1, "source": "gcp", "as_of": "2026-11-23T00:00:00Z"}
    entries = [{"path": path, "scope": scope} for path in files]
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": entries}), encoding="utf-8")
    return read([folder], COLLECTORS, key=b"0" * 32)


def facts(evidence: Evidence) -> set[str]:
    """Rows without the file they stand in."""
    return {_fact(row) for row in evidence.rows if not isinstance(row, Run | Source)}


def _fact(row: Row) -> str:
    held = {key: value for key, value in dataclasses.asdict(row).items() if "evidence" not in key}
    return f"{type(row).__name__} {json.dumps(held, default=str, sort_keys=True)}"


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Evidence, Evidence]:
    """(live, exported)."""
    with serving() as google:
        answer(google)
        found = collected(google)
    live = bundle(tmp_path_factory.mktemp("live"), found.pages)
    return live, bundle(tmp_path_factory.mktemp("exported"), {path: [value] for path, value in EXPORTS.items()})


def test_live_answers_and_exports_end_in_the_same_rows(doors: tuple[Evidence, Evidence]) -> None:
    live, exported = map(facts, doors)

    assert live - exported == set()
    assert exported - live == set()
    assert {row.split(" ", 1)[0] for row in live} == {
        *("Account", "Alias", "Coverage", "Credential", "Entitlement", "Federation", "Guardrail", "Identity", "PolicyDocument"),
        *("Resource", "SecretStore", "Sighting", "Trust", "Usage", "Workload"),
    }


def test_both_doors_name_the_same_records(doors: tuple[Evidence, Evidence]) -> None:
    """Locators do not depend on the file's shape, so that what was decided about a record still holds when the door changes."""
    live, exported = ({str(getattr(row, "evidence", None)).partition("#")[2] for row in door.rows} for door in doors)

    assert live == exported


def test_every_live_file_is_recognised(doors: tuple[Evidence, Evidence]) -> None:
    live, _ = doors

    assert [str(warning) for warning in live.warnings] == []
    assert {source.status for source in live.sources} == {"read"}


def asset(kind: str, resource: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"//{kind.split('/')[0]}/{resource}", "assetType": kind, "resource": {"version": "v1", "data": data}, "ancestors": []}


def test_an_organisation_reads_the_same_through_both_doors(tmp_path: Path) -> None:
    project = asset(
        "cloudresourcemanager.googleapis.com/Project", f"projects/{NUMBER}", {**DESCRIBED, "lifecycleState": "DELETE_REQUESTED"}
    )
    held = [
        asset("iam.googleapis.com/ServiceAccount", f"projects/{PROJECT}/serviceAccounts/101", ACCOUNTS[0]),
        asset("iam.googleapis.com/ServiceAccountKey", KEY["name"], KEY),
        asset("secretmanager.googleapis.com/Secret", SECRET["name"], SECRET),  # type: ignore[arg-type]
    ]
    top, rule = ABOVE[2]["policy"], {**RULE, "name": f"organizations/{ORGANIZATION}/policies/{CONSTRAINT}"}
    named = f"organizations/{ORGANIZATION}"
    role = {**DEPLOYER, "name": f"{named}/roles/deployer"}
    with serving() as google:
        google.grpc["ListRoles"] = [{"roles": [role]}]
        google.rest |= {
            f"cloudresourcemanager.googleapis.com/v3/{named}:getIamPolicy": [top],
            f"orgpolicy.googleapis.com/v2/{named}/policies": [{"policies": [rule]}],
            f"cloudasset.googleapis.com/v1/{named}:searchAllIamPolicies": [{"results": [OF_PROJECT, BUCKET], "nextPageToken": "2"}, {}],
            f"cloudasset.googleapis.com/v1/{named}/assets": [
                {"assets": [project]},
                {"assets": held[:1], "nextPageToken": "2"},
                {"assets": held[1:]},
            ],
        }
        found = run(plan(GcpOptions(organization=ORGANIZATION), google.clients))
    exports = {
        "projects.json": [project],
        "assets.json": held,
        "search.json": [OF_PROJECT, BUCKET],
        "policy.json": [{"resource": named, "policy": top}],
        "org-policies.json": [rule],
        "roles.json": [role],
    }

    live = bundle(tmp_path / "live", found.pages, scope="*")
    exported = bundle(tmp_path / "exported", {path: [value] for path, value in exports.items()}, scope="*")

    assert found.failures == {}
    assert [str(warning) for warning in live.warnings] == []
    assert facts(live) == facts(exported)


def test_a_variable_whose_value_was_dropped_is_still_taken_for_a_credential(tmp_path: Path) -> None:
    container = {"image": "shop", "env": [{"name": "DB_PASSWORD", "value": "canary-hunter2"}]}
    service = {**SERVICE, "spec": {"template": {"spec": {"serviceAccountName": DEPLOY, "containers": [container]}}}}
    function = {**FUNCTION, "serviceConfig": {"serviceAccountEmail": REPORT, "environmentVariables": {"API_TOKEN": "canary-hunter2"}}}
    with serving() as google:
        answer(google)
        google.rest[f"run.googleapis.com/v1/projects/{PROJECT}/locations/-/services"] = [{"items": [service]}]
        google.rest[f"cloudfunctions.googleapis.com/v2/projects/{PROJECT}/locations/-/functions"] = [{"functions": [function]}]
        live = bundle(tmp_path, collected(google).pages)

    found = {fact for fact in facts(live) if "gcp:env:" in fact}
    assert len(found) == 2
    assert all('"storage_basis": "inferred"' in fact for fact in found)


def test_a_project_that_holds_nothing_is_known_to(tmp_path: Path) -> None:
    with serving() as google:
        answer(google)
        google.grpc |= {"ListServiceAccounts": [{}], "ListRoles": [{}]}
        for address in [address for address in google.rest if address.startswith(EMPTIED)]:
            google.rest[address] = [{}]
        found = run(plan(GcpOptions(projects=(PROJECT,)), google.clients))
        live = bundle(tmp_path, found.pages)

    assert set(found.failures) == {f"projects/{PROJECT}/policy-insights.json"}
    assert [str(warning) for warning in live.warnings if "policy-insights" not in str(warning)] == []
    covered = {row.fact for row in live.rows if isinstance(row, Coverage) and row.status is CoverageStatus.COLLECTED}
    assert covered >= {Fact.IDENTITIES, Fact.SERVICE_CREDENTIALS, Fact.STORED_SECRETS, Fact.WORKLOADS}
    assert covered.isdisjoint({Fact.ROLE_USAGE, Fact.KEY_USAGE, Fact.SERVICE_USAGE, Fact.SECRET_SCAN})


EMPTIED = tuple(
    f"{api}.googleapis.com/"
    for api in "iam apikeys storage secretmanager policyanalyzer recommender compute run cloudfunctions cloudasset".split()
)


def test_every_constraint_that_is_read_is_asked_for() -> None:
    from collectors.gcp.org_policies import BINDING

    assert set(CONSTRAINTS) == set(BINDING)
