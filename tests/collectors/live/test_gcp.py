"""The live plan for Google Cloud against real clients and real wires: what is asked, what is written, and what a refusal says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.oauth2.credentials import Credentials

from collectors.collecting import Call
from collectors.gcp.fetch import GcpOptions, GcpPlan, plan
from collectors.gcp.fetch_clients import TRIES, Clients
from inventory.model import CoverageStatus, Fact
from tests.collectors.live.google_server import TOKEN, Google, Ran, Says, error, login_over_grpc, run, run_calls, serving

PROJECT = "demo-prod"
ORGANIZATION = "415104041262"
EMAIL = "deploy@demo-prod.iam.gserviceaccount.com"
ACCOUNT = f"projects/{PROJECT}/serviceAccounts/{EMAIL}"
OTHER = "projects/demo-prod/serviceAccounts/report@demo-prod.iam.gserviceaccount.com"
BINDING = {"role": "roles/iam.workloadIdentityUser", "members": ["serviceAccount:demo-prod.svc.id.goog[shop/web]"]}

ACCOUNTS = f"projects/{PROJECT}/iam/service-accounts.json"
SECRETS = f"projects/{PROJECT}/secrets.json"
SECRETS_AT = f"secretmanager.googleapis.com/v1/projects/{PROJECT}/secrets"
BINDINGS = f"projects/{PROJECT}/iam-policy.json"
POLICY_AT = f"cloudresourcemanager.googleapis.com/v3/projects/{PROJECT}:getIamPolicy"
SECRET = {"name": "projects/1/secrets/db", "createTime": "2026-01-02T03:04:05.123456Z", "replication": {"automatic": {}}}


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as google:
        yield google


def project_plan(google: Google, **options: Any) -> GcpPlan:
    return plan(GcpOptions(projects=(PROJECT,), **options), google.clients)


def ran(google: Google, path: str, **options: Any) -> Ran:
    """One call of the plan, and what follows from it."""
    return run(project_plan(google, **options), lambda call: call.path == path)


def call(google: Google, path: str) -> Call:
    return next(call for call in project_plan(google).calls() if call.path == path)


# What is asked and written


def test_service_accounts_come_page_by_page_and_each_is_asked_for_its_keys_and_policy(google: Google) -> None:
    account = {"name": ACCOUNT, "projectId": PROJECT, "uniqueId": "101", "email": EMAIL, "disabled": True}
    other = {"name": OTHER, "email": OTHER.rsplit("/", 1)[1]}
    google.grpc["ListServiceAccounts"] = [{"accounts": [account], "nextPageToken": "2"}, {"accounts": [other]}]
    key = {"name": f"{ACCOUNT}/keys/ab12", "keyType": "USER_MANAGED", "keyOrigin": "GOOGLE_PROVIDED", "keyAlgorithm": "KEY_ALG_RSA_2048"}
    key |= {"validAfterTime": "2024-03-01T00:00:00Z", "validBeforeTime": "9999-12-31T23:59:59Z"}
    google.grpc["ListServiceAccountKeys"] = [{"keys": [key]}, {}]
    google.grpc["GetIamPolicy"] = [{"version": 1, "etag": "BwXXwOptVuE=", "bindings": [BINDING]}, {"etag": "ACAB"}]

    found = ran(google, ACCOUNTS)

    assert found.failures == {}
    assert [request.get("pageToken") for request in google.of("ListServiceAccounts")] == [None, "2"]
    resource = f"//iam.googleapis.com/projects/{PROJECT}"
    assert found.pages[ACCOUNTS] == [
        {"resource": resource, "accounts": [account], "nextPageToken": "2"},
        {"resource": resource, "accounts": [other]},
    ]
    within = f"projects/{PROJECT}/iam"
    assert found.pages[f"{within}/keys/{EMAIL}.json"] == [{"resource": f"//iam.googleapis.com/{ACCOUNT}", "keys": [key]}]
    assert found.pages[f"{within}/keys/{other['email']}.json"] == [{"resource": f"//iam.googleapis.com/{OTHER}", "keys": []}]
    assert found.pages[f"{within}/policies/{EMAIL}.json"] == [
        {
            "resource": f"//iam.googleapis.com/{ACCOUNT}",
            "policy": {"version": 1, "etag": "BwXXwOptVuE=", "bindings": [BINDING]},
        }
    ]


def test_only_keys_that_somebody_holds_are_asked_for_and_policies_with_their_conditions(google: Google) -> None:
    google.grpc["ListServiceAccounts"] = [{"accounts": [{"name": ACCOUNT, "email": EMAIL}]}]
    google.grpc |= {"ListServiceAccountKeys": [{}], "GetIamPolicy": [{}]}

    ran(google, ACCOUNTS)

    assert google.of("ListServiceAccountKeys") == [{"name": ACCOUNT, "keyTypes": ["USER_MANAGED"]}]
    assert google.of("GetIamPolicy") == [{"resource": ACCOUNT, "options": {"requestedPolicyVersion": 3}}]


def test_roles_come_with_their_permissions(google: Google) -> None:
    role = {
        "name": f"projects/{PROJECT}/roles/deployer",
        "title": "Deployer",
        "includedPermissions": ["run.services.create"],
        "stage": "GA",
    }
    google.grpc["ListRoles"] = [{"roles": [role], "nextPageToken": "more"}, {}]
    path = f"projects/{PROJECT}/iam/roles.json"

    found = ran(google, path)

    assert [page["roles"] for page in found.pages[path]] == [[role], []]
    assert {request["view"] for request in google.of("ListRoles")} == {"FULL"}


def test_a_projects_bindings_are_its_own_and_those_above_it_and_the_roles_in_use_are_described(google: Google) -> None:
    audit = [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}]}]
    own = {"version": 3, "auditConfigs": audit, "bindings": [{"role": f"projects/{PROJECT}/roles/deployer", "members": []}]}
    folder = {"etag": "BwXX", "bindings": [{"role": "roles/editor", "members": [f"serviceAccount:{EMAIL}"]}]}
    top = {"etag": "BwYY", "bindings": [{"role": f"organizations/{ORGANIZATION}/roles/ops", "members": []}]}
    answers(google, own, ("folder", "12", folder), ("organization", ORGANIZATION, top))
    editor = {"name": "roles/editor", "title": "Editor", "includedPermissions": ["iam.serviceAccounts.actAs"], "stage": "GA"}
    google.grpc["GetRole"] = [{"name": f"organizations/{ORGANIZATION}/roles/ops"}, editor]

    found = ran(google, BINDINGS)

    assert google.of(POLICY_AT) == [{"options": {"requestedPolicyVersion": 3}}]
    assert found.pages[BINDINGS] == [
        {"id": PROJECT, "type": "project", "policy": own},
        {"id": "12", "type": "folder", "policy": folder},
        {"id": ORGANIZATION, "type": "organization", "policy": top},
    ]
    assert found.pages["roles/editor.json"] == [editor]
    assert len(found.calls) == 3


def test_bindings_above_a_project_that_are_refused_are_told_after_those_that_are_not(google: Google) -> None:
    answers(google, {"bindings": []}, ("folder", "12", error(403)), ("organization", ORGANIZATION, {"bindings": []}))

    found = ran(google, BINDINGS)

    assert [page["type"] for page in found.pages[BINDINGS]] == ["project", "organization"]
    failure = found.failures[BINDINGS]
    assert failure.status is CoverageStatus.DENIED
    assert str(failure).startswith("cloudresourcemanager.folders.getIamPolicy for demo-prod: denied: grant")
    assert "gcp-role-organization.yaml" in str(failure)


def test_bindings_above_many_projects_are_asked_for_once(google: Google) -> None:
    answers(google, {"bindings": []}, ("organization", ORGANIZATION, {"bindings": []}))
    at = "cloudresourcemanager.googleapis.com"
    google.rest[f"{at}/v3/projects/second:getIamPolicy"] = google.rest[POLICY_AT]
    google.rest[f"{at}/v1/projects/second:getAncestry"] = google.rest[f"{at}/v1/projects/{PROJECT}:getAncestry"]

    found = run(
        plan(GcpOptions(projects=(PROJECT, "second")), google.clients), lambda call: call.operation.endswith("projects.getIamPolicy")
    )

    assert [len(pages) for pages in found.pages.values()] == [2, 2]
    assert len(google.of(f"{at}/v3/organizations/{ORGANIZATION}:getIamPolicy")) == 1


def answers(google: Google, own: Any, *above: tuple[str, str, Any]) -> None:
    """The bindings of the project, and of (kind, number) above it."""
    at = "cloudresourcemanager.googleapis.com"
    google.rest[POLICY_AT] = [own]
    named = [("project", PROJECT), *((kind, number) for kind, number, _ in above)]
    google.rest[f"{at}/v1/projects/{PROJECT}:getAncestry"] = [
        {"ancestor": [{"resourceId": {"type": kind, "id": one}} for kind, one in named]}
    ]
    for kind, number, policy in above:
        google.rest[f"{at}/v3/{kind}s/{number}:getIamPolicy"] = [policy]


def test_providers_are_asked_for_pool_by_pool(google: Google) -> None:
    pool = "projects/1/locations/global/workloadIdentityPools/ci"
    path = f"projects/{PROJECT}/iam/workload-identity-pools.json"
    google.rest[f"iam.googleapis.com/v1/projects/{PROJECT}/locations/global/workloadIdentityPools"] = [
        {"workloadIdentityPools": [{"name": pool, "state": "ACTIVE"}]}
    ]
    provider = {"name": f"{pool}/providers/github", "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"}}
    google.rest[f"iam.googleapis.com/v1/{pool}/providers"] = [{"workloadIdentityPoolProviders": [provider]}]

    found = ran(google, path)

    assert found.pages[f"projects/{PROJECT}/iam/providers/ci.json"] == [
        {"resource": f"//iam.googleapis.com/{pool}", "workloadIdentityPoolProviders": [provider]}
    ]


def test_what_holds_in_a_project_is_asked_constraint_by_constraint_and_can_be_gone_on_with(google: Google) -> None:
    path = f"projects/{PROJECT}/org-policies-effective.json"
    at = f"orgpolicy.googleapis.com/v2/projects/{PROJECT}/policies"
    for name in ("iam.disableServiceAccountKeyCreation", "iam.allowedPolicyMemberDomains"):
        google.rest[f"{at}/{name}:getEffectivePolicy"] = [{"name": f"projects/1/policies/{name}", "spec": {"rules": [{"enforce": True}]}}]

    found = ran(google, path)
    token = found.tokens[path][0]
    rest = run_calls([call(google, path)], token)

    assert [page["name"].rsplit("/", 1)[1] for page in found.pages[path]] == [
        "iam.disableServiceAccountKeyCreation",
        "iam.allowedPolicyMemberDomains",
    ]
    assert token == "iam.managed.disableServiceAccountKeyCreation"
    assert rest.pages[path] == found.pages[path][1:]


def test_without_projects_the_organisations_assets_name_them(google: Google) -> None:
    assets = f"cloudasset.googleapis.com/v1/organizations/{ORGANIZATION}/assets"
    data = [{"projectId": PROJECT, "lifecycleState": "ACTIVE"}, {"projectId": "gone", "lifecycleState": "DELETE_REQUESTED"}]
    google.rest[assets] = [{"assets": [{"name": f"//x/{one['projectId']}", "resource": {"data": one}} for one in data]}]

    found = run(plan(GcpOptions(organization=f"organizations/{ORGANIZATION}"), google.clients))

    scopes = {one.scope for one in found.calls.values()}
    assert scopes == {"*", PROJECT}
    assert google.of(assets)[0]["assetTypes"] == ["cloudresourcemanager.googleapis.com/Project"]
    assert {"iam.googleapis.com/ServiceAccountKey", "apikeys.googleapis.com/Key"} <= set(google.of(assets)[1]["assetTypes"])


def test_an_organisation_is_asked_for_everything_below_it(google: Google) -> None:
    everywhere = f"organizations/{ORGANIZATION}"
    result = {
        "resource": "//storage.googleapis.com/b",
        "project": "projects/1",
        "policy": {"bindings": [{"role": "r", "members": ["allUsers"]}]},
    }
    google.rest[f"cloudasset.googleapis.com/v1/{everywhere}:searchAllIamPolicies"] = [{"results": [result], "nextPageToken": "2"}, {}]
    google.rest[f"cloudresourcemanager.googleapis.com/v3/{everywhere}:getIamPolicy"] = [{"bindings": []}]
    google.rest[f"orgpolicy.googleapis.com/v2/{everywhere}/policies"] = [{}]
    google.rest[f"cloudasset.googleapis.com/v1/{everywhere}/assets"] = [{"assets": [], "readTime": "2026-01-01T00:00:00Z"}]
    google.rest[f"iam.googleapis.com/v2/policies/cloudresourcemanager.googleapis.com%2Forganizations%2F{ORGANIZATION}/denypolicies"] = [{}]
    google.grpc["ListRoles"] = [{}]

    found = run(plan(GcpOptions(organization=ORGANIZATION), google.clients))

    assert found.failures == {}
    assert found.pages[f"{everywhere}/assets/iam-policies.json"] == [[result], []]
    assert google.of("ListRoles")[0]["parent"] == everywhere
    assert {call.scope for call in found.calls.values()} == {"*"}


def test_a_plan_needs_a_project_or_an_organisation() -> None:
    with pytest.raises(ValueError, match="at least one project"):
        plan(GcpOptions())


def test_a_plan_is_made_without_a_login_and_its_commands_name_the_scope() -> None:
    commands = [call.command for call in plan(GcpOptions(projects=(PROJECT,), organization=ORGANIZATION)).calls()]

    assert commands
    assert all(PROJECT in command or ORGANIZATION in command for command in commands)
    assert not [command for command in commands if "{" in command]


def test_a_name_cannot_leave_its_place(google: Google) -> None:
    paths = [call.path for call in plan(GcpOptions(projects=("../../etc",)), google.clients).calls()]

    assert not [path for path in paths if ".." in path.split("/")]


# Pages


def test_a_list_goes_on_to_its_last_page_which_may_be_empty(google: Google) -> None:
    google.rest[SECRETS_AT] = [{"secrets": [SECRET], "nextPageToken": "n2"}, {}]

    found = ran(google, SECRETS)

    resource = f"//secretmanager.googleapis.com/projects/{PROJECT}"
    assert found.pages[SECRETS] == [
        {"resource": resource, "secrets": [SECRET], "nextPageToken": "n2"},
        {"resource": resource, "secrets": []},
    ]
    assert found.tokens[SECRETS] == ["n2", None]
    assert [request.get("pageToken") for request in google.of(SECRETS_AT)] == [None, ["n2"]]


@pytest.mark.parametrize(("path", "method"), [(SECRETS, SECRETS_AT), (ACCOUNTS, "ListServiceAccounts")])
def test_a_list_goes_on_from_a_token(google: Google, path: str, method: str) -> None:
    google.rest[SECRETS_AT] = [{"secrets": [SECRET]}]
    google.grpc["ListServiceAccounts"] = [{}]

    found = run_calls([call(google, path)], "n7")

    assert len(found.pages[path]) == 1
    assert google.of(method)[0]["pageToken"] in ("n7", ["n7"])


def test_lists_of_run_go_on_as_kubernetes_does(google: Google) -> None:
    path, at = f"projects/{PROJECT}/run/services.json", f"run.googleapis.com/v1/projects/{PROJECT}/locations/-/services"
    google.rest[at] = [{"items": [], "metadata": {"continue": "c2"}}, {"metadata": {}}]

    found = ran(google, path)

    assert [page["items"] for page in found.pages[path]] == [[], []]
    assert google.of(at)[1]["continue"] == ["c2"]


def test_a_list_that_breaks_off_keeps_the_pages_it_gave(google: Google) -> None:
    google.rest[SECRETS_AT] = [{"secrets": [SECRET], "nextPageToken": "n2"}, Says(503, b"<html>")]

    found = ran(google, SECRETS)

    assert len(found.pages[SECRETS]) == 1
    assert found.tokens[SECRETS] == ["n2"]
    assert found.failures[SECRETS].status is CoverageStatus.MISSING
    assert "did not answer after several tries" in str(found.failures[SECRETS])


@pytest.mark.parametrize("path", [SECRETS, ACCOUNTS])
def test_a_list_that_turns_in_a_circle_is_given_up(google: Google, path: str) -> None:
    google.rest[SECRETS_AT] = [{"nextPageToken": "a"}, {"nextPageToken": "b"}, {"nextPageToken": "a"}]
    google.grpc["ListServiceAccounts"] = list(google.rest[SECRETS_AT])

    found = ran(google, path)

    assert len(found.pages[path]) == 2
    assert "not what the API promises" in str(found.failures[path])


@pytest.mark.parametrize("answer", [["a list"], "text", Says(200, b"<html>sign in</html>"), {"secrets": {"not": "a list"}}])
def test_an_answer_of_another_shape_is_no_empty_list(google: Google, answer: Any) -> None:
    google.rest[SECRETS_AT] = [answer]

    found = ran(google, SECRETS)

    assert found.pages[SECRETS] == []
    assert found.failures[SECRETS].status is CoverageStatus.MISSING


def test_places_that_did_not_answer_are_told_after_those_that_did(google: Google) -> None:
    path = f"projects/{PROJECT}/functions.json"
    google.rest[f"cloudfunctions.googleapis.com/v2/projects/{PROJECT}/locations/-/functions"] = [
        {"functions": [{"name": "f"}], "unreachable": ["projects/demo-prod/locations/europe-west9", f"no place <{TOKEN}>"]}
    ]

    found = ran(google, path)

    assert len(found.pages[path]) == 1
    assert "no answer from a place, projects/demo-prod/locations/europe-west9" in str(found.failures[path])


def test_a_zone_that_did_not_answer_is_told(google: Google) -> None:
    path = f"projects/{PROJECT}/compute/instances.json"
    google.rest[f"compute.googleapis.com/compute/v1/projects/{PROJECT}/aggregated/instances"] = [
        {
            "items": {
                "zones/europe-west1-b": {"instances": [{"name": "vm"}]},
                "zones/europe-west1-c": {"warning": {"code": "NO_RESULTS_ON_PAGE"}},
                "zones/europe-west9-a": {"warning": {"code": "UNREACHABLE"}},
            }
        }
    ]

    found = ran(google, path)

    assert [machine["name"] for machine in found.pages[path][0]["items"]] == ["vm"]
    assert "no answer from zones/europe-west9-a:" in str(found.failures[path])


def test_no_insights_at_all_say_nothing_about_use(google: Google) -> None:
    path = f"projects/{PROJECT}/policy-insights.json"
    google.rest[f"recommender.googleapis.com/v1/projects/{PROJECT}/locations/global/insightTypes/google.iam.policy.Insight/insights"] = [{}]

    found = ran(google, path)

    assert found.pages[path] == []
    assert found.failures[path].status is CoverageStatus.MISSING
    assert "Security Command Center" in str(found.failures[path])


# Refusals


@pytest.mark.parametrize(
    ("status", "says", "coverage"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "denied: grant iam.serviceAccounts.list on demo-prod", CoverageStatus.DENIED),
        (grpc.StatusCode.UNAUTHENTICATED, "check that the clock", CoverageStatus.DENIED),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "throttled", CoverageStatus.MISSING),
        (grpc.StatusCode.UNAVAILABLE, "did not answer", CoverageStatus.MISSING),
        (grpc.StatusCode.UNIMPLEMENTED, "does not implement it", CoverageStatus.MISSING),
        (grpc.StatusCode.NOT_FOUND, "not found", CoverageStatus.MISSING),
        (grpc.StatusCode.UNKNOWN, "an error of the server", CoverageStatus.MISSING),
    ],
)
def test_a_refusal_over_grpc_names_the_call_and_what_to_do(
    google: Google, status: grpc.StatusCode, says: str, coverage: CoverageStatus
) -> None:
    google.grpc["ListServiceAccounts"] = [status]

    failure = ran(google, ACCOUNTS).failures[ACCOUNTS]

    assert str(failure).startswith("iam.projects.serviceAccounts.list for demo-prod: ")
    assert says in str(failure)
    assert failure.status is coverage
    assert TOKEN not in str(failure)


@pytest.mark.parametrize(
    ("answer", "says", "coverage"),
    [
        (error(403), "denied: grant secretmanager.secrets.list on demo-prod (docs/permissions/gcp-role.yaml)", CoverageStatus.DENIED),
        (error(403, "SERVICE_DISABLED"), "the API is not enabled: gcloud services enable secretmanager", CoverageStatus.MISSING),
        (error(403, "USER_PROJECT_DENIED"), "serviceusage.services.use", CoverageStatus.DENIED),
        (error(403, "SECURITY_POLICY_VIOLATED"), "perimeter", CoverageStatus.DENIED),
        (error(403, "BILLING_DISABLED"), "no billing account", CoverageStatus.MISSING),
        (error(401), "check that the clock", CoverageStatus.DENIED),
        (error(404), "not found", CoverageStatus.MISSING),
        (error(400), "not valid", CoverageStatus.MISSING),
        (error(429), "throttled", CoverageStatus.MISSING),
        (error(501), "does not implement it", CoverageStatus.MISSING),
        (error(504), "timed out", CoverageStatus.MISSING),
        (Says(302, b"", {"Location": "https://example.com/login"}), "an error of the server", CoverageStatus.MISSING),
    ],
)
def test_a_refusal_over_rest_names_the_call_and_what_to_do(google: Google, answer: Says, says: str, coverage: CoverageStatus) -> None:
    google.rest[SECRETS_AT] = [answer]

    failure = ran(google, SECRETS).failures[SECRETS]

    assert str(failure).startswith("secretmanager.projects.secrets.list for demo-prod: ")
    assert says in str(failure)
    assert failure.status is coverage
    assert TOKEN not in str(failure)


def test_a_throttled_call_waits_and_goes_on(google: Google) -> None:
    google.grpc["ListServiceAccounts"] = [grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.RESOURCE_EXHAUSTED, {}]

    found = ran(google, ACCOUNTS)

    assert found.failures == {}
    assert [0.7 < waited / expected < 1.3 for waited, expected in zip(google.waited, (1, 2), strict=True)] == [True, True]


def test_a_throttled_call_waits_as_long_as_it_is_told_to_but_not_for_ever(google: Google) -> None:
    google.rest[SECRETS_AT] = [Says(429, {}, {"Retry-After": "7"}), Says(429, {}, {"Retry-After": "86400"}), {"secrets": []}]

    found = ran(google, SECRETS)

    assert found.failures == {}
    assert google.waited == [7.0, 60.0]


def test_storage_and_compute_throttle_with_403(google: Google) -> None:
    path, at = f"projects/{PROJECT}/hmac-keys.json", f"storage.googleapis.com/storage/v1/projects/{PROJECT}/hmacKeys"
    google.rest[at] = [
        Says(403, {"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}),
        {"kind": "storage#hmacKeysMetadata"},
    ]

    found = ran(google, path)

    assert found.pages[path][0]["items"] == []


def test_throttling_is_borne_a_bounded_number_of_times(google: Google) -> None:
    google.rest[SECRETS_AT] = [error(429)]

    ran(google, SECRETS)

    assert len(google.of(SECRETS_AT)) == TRIES
    assert len(google.waited) == TRIES - 1


@pytest.mark.parametrize("path", [ACCOUNTS, SECRETS])
def test_a_call_that_takes_too_long_is_given_up(path: str) -> None:
    with serving(timeout_seconds=0.2) as google:
        google.grpc["ListServiceAccounts"] = [0.6]
        google.rest[SECRETS_AT] = [Says(body={}, after_seconds=0.6)]

        failure = ran(google, path).failures[path]

    assert "it timed out" in str(failure)
    assert failure.status is CoverageStatus.MISSING
    assert google.waited == []


def test_a_connection_that_is_refused_is_told(google: Google) -> None:
    nobody = Clients(**{**_fields(google.clients), "address": lambda _: "http://127.0.0.1:9"})

    failure = run(plan(GcpOptions(projects=(PROJECT,)), nobody), lambda call: call.path == SECRETS).failures[SECRETS]

    assert "the connection failed" in str(failure)
    assert "127.0.0.1" not in str(failure)


def _fields(clients: Clients) -> dict[str, Any]:
    return {name: getattr(clients, name) for name in Clients.__slots__}


class Skewed(Credentials):
    """A login whose token endpoint does not believe the time at which the request was signed."""

    def __init__(self) -> None:
        super().__init__(token=None)  # type: ignore[no-untyped-call]

    def refresh(self, _request: Any) -> None:
        from google.auth.exceptions import RefreshError

        raise RefreshError(f"invalid_grant: Invalid JWT: check iat and exp of {TOKEN}")  # type: ignore[no-untyped-call]


def test_a_login_that_cannot_be_renewed_hints_at_the_clock() -> None:
    with serving(login=Skewed()) as google:
        failure = ran(google, SECRETS).failures[SECRETS]

    assert failure.status is CoverageStatus.DENIED
    assert "the clock of this machine" in str(failure)
    assert TOKEN not in str(failure)
    assert google.of(SECRETS_AT) == []


def test_a_login_that_cannot_be_renewed_over_grpc_hints_at_the_clock() -> None:
    with login_over_grpc(Skewed()) as iam:
        waited: list[float] = []
        clients = Clients(iam=lambda: iam, session=lambda: None, sleep=waited.append)
        failure = run(plan(GcpOptions(projects=(PROJECT,)), clients), lambda call: call.path == ACCOUNTS).failures[ACCOUNTS]

    assert failure.status is CoverageStatus.DENIED
    assert "the clock of this machine" in str(failure)
    assert TOKEN not in str(failure)
    assert waited == []


def test_without_a_login_every_call_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/login.json")

    found = run(plan(GcpOptions(projects=(PROJECT,), organization=ORGANIZATION)))

    assert found.failures.keys() == found.calls.keys()
    assert all("gcloud auth application-default login" in str(failure) for failure in found.failures.values())
    assert {failure.status for failure in found.failures.values()} == {CoverageStatus.DENIED}


def test_the_clients_are_the_real_ones_unless_others_are_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    login = {"type": "authorized_user", "client_id": "c", "client_secret": "dummy", "refresh_token": "dummy"}
    (tmp_path / "login.json").write_text(json.dumps(login))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "login.json"))

    clients = plan(GcpOptions(projects=(PROJECT,), quota_project="billing-here")).clients

    assert clients.iam() is clients.iam()
    assert clients.iam().transport.host == "iam.googleapis.com:443"
    assert clients.session() is clients.session()
    assert clients.session().credentials.quota_project_id == "billing-here"
    assert clients.address("iam.googleapis.com") == "https://iam.googleapis.com"


def test_what_fails_costs_the_facts_that_it_would_have_given() -> None:
    facts = {call.operation: set(call.facts) for call in plan(GcpOptions(projects=(PROJECT,))).calls()}

    assert facts["iam.projects.serviceAccounts.list"] == {Fact.IDENTITIES, Fact.ACCESS_KEYS, Fact.TRUST}
    expected = set(Fact) - {Fact.PASSWORDS, Fact.SECRET_SCAN}
    assert set().union(*facts.values()) == expected


# Secrets

CANARY = "canary-value-7f3a"


def test_no_secret_value_and_no_token_is_in_pages_or_messages(google: Google) -> None:
    container: dict[str, Any] = {"image": "shop", "args": [f"--password={CANARY}"], "command": ["sh", CANARY]}
    container["env"] = [
        {"name": "DB_PASSWORD", "value": CANARY},
        {"name": "API", "valueFrom": {"secretKeyRef": {"name": "db", "key": "1"}}},
    ]
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": CANARY, "run.googleapis.com/ingress": "all"}
    service: dict[str, Any] = {"kind": "Service", "metadata": {"name": "shop", "annotations": annotations}}
    service["spec"] = {"template": {"spec": {"serviceAccountName": EMAIL, "containers": [container]}}}
    google.rest[f"run.googleapis.com/v1/projects/{PROJECT}/locations/-/services"] = [{"items": [service]}]
    function = {
        "name": "f",
        "buildConfig": {"environmentVariables": {"NPM_TOKEN": CANARY}},
        "serviceConfig": {
            "serviceAccountEmail": EMAIL,
            "environmentVariables": {"DB": CANARY},
            "secretEnvironmentVariables": [{"key": "K", "secret": "db"}],
        },
    }
    google.rest[f"cloudfunctions.googleapis.com/v2/projects/{PROJECT}/locations/-/functions"] = [{"functions": [function]}]
    instance: dict[str, Any] = {"name": "vm", "serviceAccounts": [{"email": EMAIL, "scopes": []}]}
    instance["metadata"] = {"fingerprint": "x", "items": [{"key": "startup-script", "value": CANARY}]}
    google.rest[f"compute.googleapis.com/compute/v1/projects/{PROJECT}/aggregated/instances"] = [
        {"items": {"zones/a": {"instances": [instance]}}}
    ]
    google.rest[f"apikeys.googleapis.com/v2/projects/{PROJECT}/locations/global/keys"] = [{"keys": [{"name": "k", "keyString": CANARY}]}]
    google.rest[SECRETS_AT] = [error(403, text=CANARY)]
    google.grpc["ListServiceAccountKeys"] = [{"keys": [{"name": f"{ACCOUNT}/keys/1"}]}]
    google.grpc["ListServiceAccounts"] = [{"accounts": [{"name": ACCOUNT, "email": EMAIL}]}]

    found = run(project_plan(google))

    written = json.dumps(found.pages) + " ".join(map(str, found.failures.values()))
    assert CANARY not in written
    assert TOKEN not in written
    within = f"projects/{PROJECT}"
    kept = found.pages[f"{within}/run/services.json"][0]["items"][0]
    assert kept["spec"]["template"]["spec"]["containers"] == [
        {
            "image": "shop",
            "env": [{"name": "DB_PASSWORD", "value": None}, {"name": "API", "valueFrom": {"secretKeyRef": {"name": "db", "key": "1"}}}],
        }
    ]
    assert kept["metadata"] == {"name": "shop", "annotations": {"run.googleapis.com/ingress": "all"}}
    assert found.pages[f"{within}/functions.json"][0]["functions"][0]["serviceConfig"] == {
        "serviceAccountEmail": EMAIL,
        "environmentVariables": {"DB": None},
        "secretEnvironmentVariables": [{"key": "K", "secret": "db"}],
    }
    machine = found.pages[f"{within}/compute/instances.json"][0]["items"][0]
    assert machine["metadata"]["items"] == [{"key": "startup-script"}]
