"""The live Azure plan against real HTTPS: what it asks, what it hands over, and what every way of failing says."""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from collectors.azure.fetch import AzureOptions, AzurePlan, plan
from collectors.azure.fetch_session import OfTenant, Session, Wire, is_of_server
from collectors.azure.operations import OPERATIONS, OWN_RIGHTS, Operation
from collectors.collecting import Call, CallFailed
from inventory.model import CoverageStatus, Fact
from tests.collectors.live import azure_tenant as shapes
from tests.collectors.live.azure_fake import CANARY, Answer, Fake, error, make_certificate, serving
from tests.collectors.live.azure_tenant import ASSIGNMENTS, PERMISSIONS, SUBSCRIPTION, TENANT

TOKEN = f"{CANARY}-token"


@dataclass(slots=True)
class Credential:
    """Gives one token, or an error."""

    fault: Exception | None = None
    scopes: set[str] = field(default_factory=set)

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        if self.fault:
            raise self.fault
        self.scopes.update(scopes)
        return AccessToken(TOKEN, int(time.time()) + 3600)


@dataclass(slots=True)
class Cloud:
    """Both servers and how the collector reaches them."""

    arm: Fake
    graph: Fake
    wire: Wire
    plans: list[AzurePlan] = field(default_factory=list)

    def plan(self, **options: Any) -> AzurePlan:
        made = plan(AzureOptions(**{"tenant": TENANT, "subscriptions": (SUBSCRIPTION,), "wire": self.wire, **options}))
        self.plans.append(made)
        return made

    def call(self, file: str) -> Call:
        return next(call for call in self.plan().calls() if call.path.endswith(f"/{file}.json"))


@dataclass(slots=True)
class Bundle:
    """What was handed over, as a runner would write it."""

    pages: dict[str, list[Any]] = field(default_factory=dict)
    failures: dict[str, CallFailed] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    def ask(self, call: Call, start: str | None = None) -> list[str | None]:
        """The tokens of the pages that came."""
        self.calls.append(call)
        assert call.path not in self.pages, f"{call.path} is asked for twice"
        pages, tokens = self.pages.setdefault(call.path, []), []
        try:
            for page, token in call.pages(start):
                pages.append(call.clean(page))
                tokens.append(token)
        except CallFailed as failure:
            self.failures[call.path] = failure
        return tokens


def collect(made: AzurePlan) -> Bundle:
    """Every call, and those that follow from the whole ones."""
    bundle, waiting = Bundle(), deque(made.calls())
    while waiting:
        call = waiting.popleft()
        bundle.ask(call)
        if call.path not in bundle.failures:
            waiting.extend(call.then(bundle.pages[call.path]))
    return bundle


def failure(cloud: Cloud, file: str) -> CallFailed:
    bundle = Bundle()
    bundle.ask(cloud.call(file))
    (found,) = bundle.failures.values()
    assert CANARY not in repr(found) + str(found) + repr(found.__cause__)
    assert found.__suppress_context__ or found.__context__ is None
    return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def cloud(certificate: Path) -> Iterator[Cloud]:
    with serving(Fake(), certificate) as arm, serving(Fake(link="@odata.nextLink"), certificate) as graph:
        shapes.fill_arm(arm)
        shapes.fill_graph(graph)
        wire = Wire(
            arm_url=arm.url,
            graph_url=graph.url,
            credential=Credential(),
            certificates=str(certificate),
            retries=2,
            backoff_seconds=0,
            longest_wait_seconds=0.05,
            timeout_seconds=5,
        )
        made = Cloud(arm=arm, graph=graph, wire=wire)
        yield made
        for each in made.plans:
            each.close()


# The whole


def test_everything_is_asked_once_and_nothing_fails(cloud: Cloud) -> None:
    bundle = collect(cloud.plan())

    assert bundle.failures == {}
    assert {call.operation for call in bundle.calls} == {operation.name for operation in OPERATIONS} - {OWN_RIGHTS.name}
    assert all(call.path.startswith((f"{TENANT}/", f"{SUBSCRIPTION}/")) for call in bundle.calls)
    assert all(call.scope in (TENANT, SUBSCRIPTION) for call in bundle.calls)


def test_what_follows_from_a_call_is_missing_when_it_fails(cloud: Cloud) -> None:
    waiting = deque(cloud.plan(tenant=None, subscriptions=()).calls())
    followed = 0
    while waiting:
        call = waiting.popleft()
        following = list(call.then([call.clean(page) for page, _ in call.pages(None)]))
        waiting.extend(following)
        of_its_scope = {fact for follower in following if follower.scope == call.scope for fact in follower.facts}
        assert of_its_scope <= set(call.facts), call.path
        followed += bool(of_its_scope)
    assert followed == 5  # applications, owners, identities, vaults and storage accounts


def test_every_page_is_azures_own_page(cloud: Cloud) -> None:
    bundle = collect(cloud.plan())

    pages = bundle.pages[f"{SUBSCRIPTION}/arm/role-assignments.json"]
    assert [[record["name"][-2:] for record in page["value"]] for page in pages] == [["01"], ["02"]]
    assert pages[0]["nextLink"] == f"{cloud.arm.url}{ASSIGNMENTS}?page=2"
    assert pages[0]["value"][0] == shapes.assignment(1)
    (applications,) = bundle.pages[f"{TENANT}/graph/applications.json"]
    assert applications["@odata.context"].endswith("#applications(owners())")


def test_nothing_but_reading_is_ever_asked(cloud: Cloud) -> None:
    collect(cloud.plan())

    everything = " ".join((*cloud.arm.asked, *cloud.graph.asked)).lower()
    for unwanted in ("listkeys", "config/appsettings", "connectionstrings", "getsecret", "register", "userdata"):
        assert unwanted not in everything


def test_the_real_clients_sign_in_with_a_token_of_each_service(cloud: Cloud) -> None:
    collect(cloud.plan())

    assert cloud.wire.credential.scopes == {f"{cloud.arm.url}/.default", f"{cloud.graph.url}/.default"}
    assert cloud.arm.tokens == cloud.graph.tokens == {f"Bearer {TOKEN}"}
    assert any("api-version=2022-04-01" in target for target in cloud.arm.asked if target.startswith(ASSIGNMENTS))


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation.client], ids=lambda operation: operation.name)
def test_azures_own_clients_ask_what_the_operation_says(cloud: Cloud, operation: Operation) -> None:
    collect(cloud.plan())

    values = {"subscription": SUBSCRIPTION, "id": shapes.USER_ASSIGNED}
    path = operation.url.format_map(values).partition("?")[0]  # the version of the interface is the client's own choice
    assert path in {unquote(target).partition("?")[0] for target in cloud.arm.asked}


def test_the_answers_about_one_identity_say_whose_they_are(cloud: Cloud) -> None:
    bundle = collect(cloud.plan())

    (of_application,) = bundle.pages[f"{TENANT}/graph/federated-credentials/{shapes.APP}.json"]
    assert of_application["appId"] == shapes.APP
    assert [entry["name"] for entry in of_application["federatedIdentityCredentials"]] == ["main"]
    (path,) = [path for path in bundle.pages if "/arm/federated-credentials/" in path]
    (of_identity,) = bundle.pages[path]
    assert (of_identity["principalId"], of_identity["id"]) == (shapes.IDENTITY, shapes.USER_ASSIGNED)
    assert [entry["subject"] for entry in of_identity["federatedIdentityCredentials"]] == ["system:serviceaccount:orders:api"]


def test_an_identity_without_federated_credentials_says_so(cloud: Cloud) -> None:
    cloud.graph.list(f"/v1.0/applications/{shapes.APP_OBJECT}/federatedIdentityCredentials")

    bundle = collect(cloud.plan())

    assert bundle.pages[f"{TENANT}/graph/federated-credentials/{shapes.APP}.json"] == [
        {"appId": shapes.APP, "federatedIdentityCredentials": []}
    ]


def test_the_activity_log_is_asked_for_the_days_that_azure_keeps(cloud: Cloud) -> None:
    made = cloud.plan(as_of=datetime(2026, 9, 30, 12, tzinfo=UTC))
    Bundle().ask(next(call for call in made.calls() if call.path.endswith("activity-log.json")))

    (first, _) = [target for target in cloud.arm.asked if "eventtypes" in target]
    assert "ge%20'2026-07-02T13:00:00Z'%20and%20eventTimestamp%20le%20'2026-09-30T12:00:00Z'" in first


# Whom to ask


def test_tenant_and_subscriptions_are_found_when_none_is_named(cloud: Cloud) -> None:
    named = collect(cloud.plan())
    found = collect(cloud.plan(tenant=None, subscriptions=()))

    where = {f"{TENANT}/arm/subscriptions.json", f"{TENANT}/graph/organization.json"}
    assert set(found.pages) - {"azure/arm/subscriptions.json", "azure/graph/organization.json"} == set(named.pages) - where
    assert found.failures == {}


def test_subscriptions_of_other_tenants_and_deleted_ones_are_left_out(cloud: Cloud) -> None:
    elsewhere = {"subscriptionId": SUBSCRIPTION, "tenantId": SUBSCRIPTION, "state": "Enabled"}
    gone = {"subscriptionId": SUBSCRIPTION, "tenantId": TENANT, "state": "Deleted"}
    cloud.arm.list("/subscriptions", [elsewhere, gone, {"subscriptionId": "../../x", "state": "Enabled"}])

    bundle = collect(cloud.plan(subscriptions=()))

    assert not [call for call in bundle.calls if call.scope == SUBSCRIPTION]


def test_no_visible_subscription_is_no_answer(cloud: Cloud) -> None:
    cloud.arm.list("/subscriptions")
    bundle = collect(cloud.plan(subscriptions=()))

    (call,) = [call for call in bundle.calls if call.path in bundle.failures]
    assert bundle.failures[call.path].status is CoverageStatus.DENIED
    assert Fact.POLICIES in call.facts


def test_an_unknown_tenant_leaves_every_fact_of_it_unknown(cloud: Cloud) -> None:
    cloud.graph.give("/v1.0/organization", error(403, "Authorization_RequestDenied"))
    bundle = collect(cloud.plan(tenant=None))

    (call,) = [call for call in bundle.calls if call.path in bundle.failures]
    assert {Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.ACCESS_KEYS, Fact.OWNERSHIP} <= set(call.facts)


def test_a_caller_of_another_tenant_is_told(cloud: Cloud) -> None:
    cloud.graph.list("/v1.0/organization", [{"id": SUBSCRIPTION}])

    found = failure(cloud, "applications")

    assert found.status is CoverageStatus.MISSING
    assert f"az login --tenant {TENANT}" in str(found)


@pytest.mark.parametrize("given", ["prod", "../../etc", f"{SUBSCRIPTION}/x", ""])
def test_an_id_that_is_none_is_refused_before_anything_is_asked(given: str) -> None:
    with pytest.raises(ValueError, match="az account list"):
        plan(AzureOptions(subscriptions=(given,)))


# Pages


@pytest.mark.parametrize(
    ("file", "path", "server"),
    [
        ("role-assignments", ASSIGNMENTS, "arm"),  # Azure's own client
        ("storage-accounts", f"{shapes.OF}/providers/Microsoft.Storage/storageAccounts", "arm"),
        ("oauth2-permission-grants", "/v1.0/oauth2PermissionGrants", "graph"),
    ],
)
class TestPages:
    def test_a_token_goes_on_where_it_stopped(self, cloud: Cloud, file: str, path: str, server: str) -> None:
        fake: Fake = getattr(cloud, server)
        fake.list(path, [shapes.assignment(1)], [shapes.assignment(2)], [shapes.assignment(3)])
        whole, rest = Bundle(), Bundle()

        tokens = whole.ask(cloud.call(file))
        rest.ask(cloud.call(file), tokens[0])

        assert tokens == [f"{fake.url}{path}?page=2", f"{fake.url}{path}?page=3", None]
        ((_, all_pages),), ((_, later_pages),) = whole.pages.items(), rest.pages.items()
        assert later_pages == all_pages[1:]
        assert not whole.failures
        assert not rest.failures

    def test_a_list_that_breaks_off_hands_over_what_came(self, cloud: Cloud, file: str, path: str, server: str) -> None:
        fake: Fake = getattr(cloud, server)
        fake.list(path, [shapes.assignment(1)], [shapes.assignment(2)])
        fake.give(f"{path}?page=2", error(500, CANARY))
        bundle = Bundle()

        tokens = bundle.ask(cloud.call(file))

        assert tokens == [f"{fake.url}{path}?page=2"]
        (found,) = bundle.failures.values()
        assert found.status is CoverageStatus.MISSING
        assert str(found).endswith("(500)")

    def test_a_page_on_another_server_is_not_asked_for(self, cloud: Cloud, file: str, path: str, server: str) -> None:
        other = cloud.graph if server == "arm" else cloud.arm
        fake: Fake = getattr(cloud, server)
        fake.give(path, Answer(body={"value": [shapes.assignment(1)], fake.link: f"{other.url}/steal"}))

        assert "another server" in str(failure(cloud, file))
        assert not any("steal" in target for target in other.asked)

    def test_pages_in_a_circle_end(self, cloud: Cloud, file: str, path: str, server: str) -> None:
        fake: Fake = getattr(cloud, server)
        fake.give(path, Answer(body={"value": [shapes.assignment(1)], fake.link: f"{fake.url}{path}?page=2"}))
        fake.table[f"{path}?page=2"] = fake.table[path]

        assert "already read" in str(failure(cloud, file))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://management.azure.com/subscriptions?x=1", True),
        ("https://management.azure.com:443/subscriptions", True),
        ("https://westeurope.management.azure.com/subscriptions", True),
        ("http://management.azure.com/subscriptions", False),
        ("https://management.azure.com:8443/subscriptions", False),
        ("https://management.azure.com:x/subscriptions", False),
        ("https://management.azure.com@example.com/subscriptions", False),
        ("https://example.com/management.azure.com", False),
        ("https://fakemanagement.azure.com/subscriptions", False),
        ("/subscriptions", False),
    ],
)
def test_a_token_goes_to_the_server_that_was_asked_and_to_parts_of_it(url: str, expected: bool) -> None:
    assert is_of_server(url, Wire().arm_url) is expected


def test_related_objects_that_graph_cut_off_are_asked_for_one_by_one(cloud: Cloud) -> None:
    roles = [shapes.app_role(number) for number in range(33)]
    records = shapes.service_principals({"appRoleAssignments": roles[:20]})
    cloud.graph.give("/v1.0/servicePrincipals?$top=100&$expand=appRoleAssignments", Answer(body={"value": records}))
    path = f"/v1.0/servicePrincipals/{shapes.PRINCIPAL}/appRoleAssignments"
    cloud.graph.list(path, roles[:30], roles[30:])
    bundle = Bundle()

    bundle.ask(cloud.call("service-principals"))

    ((_, (page,)),) = bundle.pages.items()
    assert page["value"][0]["appRoleAssignments"] == roles
    assert page["value"][0]["appRoleAssignments@odata.count"] == 33
    assert "appRoleAssignments@odata.count" not in page["value"][1]


def test_a_record_that_the_client_cannot_read_stays_in_the_page(cloud: Cloud) -> None:
    odd = shapes.assignment(1)
    odd["properties"]["createdOn"] = "yesterday"
    cloud.arm.list(ASSIGNMENTS, [odd], [shapes.assignment(2)])
    bundle = Bundle()

    bundle.ask(cloud.call("role-assignments"))

    ((_, pages),) = bundle.pages.items()
    assert [record["name"][-2:] for page in pages for record in page["value"]] == ["01", "02"]
    assert not bundle.failures


def test_calls_run_side_by_side_give_the_same(cloud: Cloud) -> None:
    def answers(call: Call) -> tuple[str, list[Any]]:
        return call.path, [call.clean(page) for page, _ in call.pages(None)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        together = dict(pool.map(answers, cloud.plan().calls()))

    one_by_one = collect(cloud.plan())
    assert together == {path: one_by_one.pages[path] for path in together}
    assert len(together) > 20


def test_sponsors_are_asked_for_where_there_are_agents(cloud: Cloud) -> None:
    path = f"{TENANT}/graph/agent-identities.json"
    (page,) = collect(cloud.plan()).pages[path]
    assert [sponsor["userPrincipalName"] for sponsor in page["value"][0]["sponsors"]] == ["ada1@example.com"]

    only_people_know = shapes.service_principals({"owners": [shapes.owner()]})[:3]
    cloud.graph.give("/v1.0/servicePrincipals?$top=100&$expand=owners", Answer(body={"value": only_people_know}))
    assert path not in collect(cloud.plan()).pages


def test_agents_whose_sponsors_are_denied_leave_owners_open(cloud: Cloud) -> None:
    cloud.graph.give("/v1.0/servicePrincipals/microsoft.graph.agentIdentity", error(403, "Authorization_RequestDenied"))

    bundle = collect(cloud.plan())

    ((path, found),) = bundle.failures.items()
    assert "AgentIdentity.Read.All" in str(found)
    assert [call.facts for call in bundle.calls if call.path == path] == [(Fact.OWNERSHIP,)]


@pytest.mark.parametrize(
    ("account", "is_asked"),
    [
        ({"allowBlobPublicAccess": True}, True),
        ({}, True),
        ({"allowBlobPublicAccess": False}, False),
        ({"allowBlobPublicAccess": True, "publicNetworkAccess": "Disabled"}, False),
    ],
)
def test_containers_are_asked_for_where_the_account_leaves_it_to_them(cloud: Cloud, account: dict[str, Any], is_asked: bool) -> None:
    record = {"id": shapes.IMAGES, "name": "images", "type": "Microsoft.Storage/storageAccounts", "properties": account}
    cloud.arm.list(f"{shapes.OF}/providers/Microsoft.Storage/storageAccounts", [record])

    bundle = collect(cloud.plan())

    assert any("/arm/storage-containers/" in path for path in bundle.pages) is is_asked
    assert bundle.failures == {}


# Failures


def test_throttling_is_waited_for(cloud: Cloud) -> None:
    for fake, path in ((cloud.arm, ASSIGNMENTS), (cloud.graph, "/v1.0/oauth2PermissionGrants")):
        answers = fake.table[path]
        fake.give(path, error(429, "TooManyRequests", Retry_After="0"), error(503, CANARY), *answers)

    bundle = collect(cloud.plan())

    assert bundle.failures == {}
    assert cloud.arm.times(ASSIGNMENTS) == 4  # one was the second page
    assert cloud.graph.times("/v1.0/oauth2PermissionGrants") == 3


@pytest.mark.parametrize("file", ["role-assignments", "applications", "key-vaults"])
def test_throttling_without_end_is_told_and_never_waited_for_longer_than_allowed(cloud: Cloud, file: str) -> None:
    for fake in (cloud.arm, cloud.graph):
        for path in fake.table:
            fake.give(path, error(429, "TooManyRequests", Retry_After="3600"))
    before = time.monotonic()

    found = failure(cloud, file)

    assert time.monotonic() - before < 120
    assert found.status is CoverageStatus.MISSING
    assert "throttled" in str(found)
    assert str(found).endswith("(429 TooManyRequests)")


@pytest.mark.parametrize(
    ("file", "code", "wanted"),
    [
        ("role-assignments", "AuthorizationFailed", "Microsoft.Authorization/roleAssignments/read"),
        ("user-assigned-identities", "AuthorizationFailed", "Microsoft.ManagedIdentity/userAssignedIdentities/read"),
        ("applications", "Authorization_RequestDenied", "Application.Read.All"),
        ("service-principal-sign-ins", "Authentication_MSGraphPermissionMissing", "AuditLog.Read.All"),
        ("key-vaults", CANARY, "Microsoft.KeyVault/vaults/read"),
    ],
)
def test_a_denied_call_names_the_right_that_is_missing(cloud: Cloud, file: str, code: str, wanted: str) -> None:
    for fake in (cloud.arm, cloud.graph):
        for path in fake.table:
            fake.give(path, error(403, code))

    found = failure(cloud, file)

    assert found.status is CoverageStatus.DENIED
    assert wanted in str(found)
    assert ("403 " + code in str(found)) is (code != CANARY)


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_clock_is_told(cloud: Cloud, status: int) -> None:
    then = format_datetime(datetime.now(UTC) - timedelta(minutes=14), usegmt=True)
    cloud.arm.give(ASSIGNMENTS, error(status, "ExpiredAuthenticationToken", Date=then))

    found = failure(cloud, "role-assignments")

    assert found.status is CoverageStatus.DENIED
    assert ("14 minutes ahead of Azure's" in str(found)) is (status == 401)


def test_a_refused_sign_in_is_told(cloud: Cloud) -> None:
    cloud.graph.give("/v1.0/applications", error(401, "InvalidAuthenticationToken"))

    found = failure(cloud, "applications")

    assert found.status is CoverageStatus.DENIED
    assert "az login" in str(found)


@pytest.mark.parametrize("file", ["role-assignments", "applications", "key-vaults"])
def test_without_a_token_nothing_is_asked_and_the_reason_is_its_code(cloud: Cloud, file: str) -> None:
    fault = ClientAuthenticationError(message=f"AADSTS700024: Client assertion {CANARY} is not within its valid time range")
    cloud.wire = replace(cloud.wire, credential=Credential(fault=fault))

    found = failure(cloud, file)

    assert found.status is CoverageStatus.DENIED
    assert "(AADSTS700024)" in str(found)
    assert cloud.arm.asked == cloud.graph.asked == []


@pytest.mark.parametrize("file", ["role-assignments", "applications", "key-vaults"])
def test_an_answer_that_does_not_come_is_told(cloud: Cloud, file: str) -> None:
    cloud.wire = replace(cloud.wire, timeout_seconds=0.2, retries=1)
    for fake in (cloud.arm, cloud.graph):
        for path in fake.table:
            fake.give(path, Answer(body={"value": []}, delay_seconds=0.6))

    found = failure(cloud, file)

    assert found.status is CoverageStatus.MISSING
    assert "no answer within 0.2 s, asked 2 times" in str(found)


@pytest.mark.parametrize("file", ["role-assignments", "applications", "key-vaults"])
@pytest.mark.parametrize("body", ["<html>sign in</html>", "[1, 2]", '{"value": {}}', "", "null", '{"error": "x"}'])
def test_an_answer_that_is_no_list_is_told(cloud: Cloud, file: str, body: str) -> None:
    for fake in (cloud.arm, cloud.graph):
        for path in fake.table:
            if path != "/v1.0/organization":
                fake.give(path, Answer(body=body))

    found = failure(cloud, file)

    assert found.status is CoverageStatus.MISSING
    assert "proxy" in str(found)


def test_sign_in_reports_without_a_licence_are_missing_not_denied(cloud: Cloud) -> None:
    cloud.graph.give("/beta/reports/appCredentialSignInActivities", error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant"))

    found = failure(cloud, "credential-sign-ins")

    assert found.status is CoverageStatus.MISSING
    assert "licence" in str(found)


def test_roles_that_can_be_activated_need_a_licence_to_exist(cloud: Cloud) -> None:
    cloud.arm.give(
        f"{shapes.OF}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances", error(400, "AadPremiumLicenseRequired")
    )
    cloud.graph.give("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", error(403, "AadPremiumLicenseRequired"))

    bundle = collect(cloud.plan())

    assert bundle.failures == {}
    assert bundle.pages[f"{SUBSCRIPTION}/arm/role-eligibility.json"] == [{"value": []}]


def test_a_provider_that_the_subscription_never_used_holds_nothing(cloud: Cloud) -> None:
    cloud.arm.give(f"{shapes.OF}/providers/Microsoft.ManagedIdentity/userAssignedIdentities", error(409, "MissingSubscriptionRegistration"))

    bundle = collect(cloud.plan())

    assert bundle.failures == {}
    assert not any("register" in target for target in cloud.arm.asked)


def test_a_certificate_that_is_not_trusted_is_told(cloud: Cloud) -> None:
    cloud.wire = replace(cloud.wire, certificates=None)

    assert "REQUESTS_CA_BUNDLE" in str(failure(cloud, "key-vaults"))


def test_the_default_credential_asks_for_tokens_of_the_named_tenant() -> None:
    asked: list[dict[str, Any]] = []

    class Signed:
        def get_token(self, *scopes: str, **options: Any) -> None:
            asked.append({"scopes": scopes, **options})

    OfTenant(Signed(), TENANT).get_token("scope", claims="claims")

    assert asked == [{"scopes": ("scope",), "claims": "claims", "tenant_id": TENANT}]


def test_azures_own_default_credential_is_what_is_used_when_none_is_given() -> None:
    from azure.identity import DefaultAzureCredential

    for tenant, expected in ((None, DefaultAzureCredential), (TENANT, OfTenant)):
        session = Session(Wire(), tenant)
        assert isinstance(session.fetch_credential(), expected)
        session.close()


# Lists that leave out what the caller may not see


@pytest.mark.parametrize(
    ("file", "path", "server"),
    [
        ("role-assignments", ASSIGNMENTS, "arm"),
        ("service-principals", "/v1.0/servicePrincipals?$top=100&$expand=appRoleAssignments", "graph"),
        ("directory-role-assignments", "/v1.0/roleManagement/directory/roleAssignments", "graph"),
    ],
)
def test_an_empty_list_that_cannot_be_empty_is_denied(cloud: Cloud, file: str, path: str, server: str) -> None:
    getattr(cloud, server).list(path)
    bundle = Bundle()

    bundle.ask(cloud.call(file))

    ((_, pages),), (found,) = bundle.pages.items(), bundle.failures.values()
    assert pages == [{"value": []}]
    assert found.status is CoverageStatus.DENIED
    assert "the list is empty" in str(found)


@pytest.mark.parametrize(
    ("right", "is_denied"),
    [
        ({"actions": ["*"], "notActions": []}, False),
        ({"actions": ["microsoft.AUTHORIZATION/*/read"], "notActions": []}, False),
        ({"actions": ["Microsoft.Compute/*"], "notActions": []}, True),
        ({"actions": ["*"], "notActions": ["Microsoft.Authorization/*"]}, True),
        ({"actions": [], "notActions": []}, True),
        ({}, True),
    ],
)
def test_a_list_is_whole_only_where_the_callers_own_roles_allow_it(cloud: Cloud, right: dict[str, Any], is_denied: bool) -> None:
    cloud.arm.list(PERMISSIONS, [right])
    bundle = Bundle()

    bundle.ask(cloud.call("role-assignments"))

    assert len(bundle.pages[f"{SUBSCRIPTION}/arm/role-assignments.json"]) == 2
    assert bool(bundle.failures) is is_denied
    assert all(found.status is CoverageStatus.DENIED for found in bundle.failures.values())


@pytest.mark.parametrize(
    ("status", "code", "expected"), [(404, "NotFound", CoverageStatus.MISSING), (403, "AuthorizationFailed", CoverageStatus.DENIED)]
)
def test_where_azure_does_not_say_what_the_caller_may_do_no_list_is_whole(
    cloud: Cloud, status: int, code: str, expected: CoverageStatus
) -> None:
    cloud.arm.give(PERMISSIONS, error(status, code))

    bundle = collect(cloud.plan())

    assert set(bundle.failures) == {path for path in bundle.pages if path.startswith(f"{SUBSCRIPTION}/")}
    assert {found.status for found in bundle.failures.values()} == {expected}
    assert all("may lack what the caller cannot see" in str(found) for found in bundle.failures.values())


def test_an_object_without_its_id_leaves_open_what_could_not_be_asked_of_it(cloud: Cloud) -> None:
    vaults = f"{shapes.OF}/providers/Microsoft.KeyVault/vaults"
    named = json.loads(cloud.arm.table[vaults][0].text())["value"]
    cloud.arm.list(vaults, [{"name": "odd", "type": "Microsoft.KeyVault/vaults"}, *named])
    cloud.graph.list("/v1.0/applications", [{"displayName": "odd"}], **shapes.context("applications(owners())"))

    bundle = collect(cloud.plan())

    failed = {call.path: call.facts for call in bundle.calls if call.path in bundle.failures}
    assert failed == {
        f"{SUBSCRIPTION}/arm/key-vault-secrets/record-0.json": (Fact.STORED_SECRETS,),
        f"{TENANT}/graph/federated-credentials/record-0.json": (Fact.TRUST,),
    }
    assert any("/arm/key-vault-secrets/rg-" in path for path in bundle.pages)


def test_who_we_are_and_what_there_is_is_asked_in_every_run(cloud: Cloud) -> None:
    for named in ({}, {"tenant": None, "subscriptions": ()}):
        fresh = [call.operation for call in cloud.plan(**named).calls() if call.fresh]
        assert fresh == ["GET /organization", "Microsoft.Resources/subscriptions/read"]


# Secrets


def test_no_token_header_body_or_secret_is_in_pages_errors_or_logs(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bundle = collect(cloud.plan())
    for fake in (cloud.arm, cloud.graph):
        for path in fake.table:
            fake.give(path, error(403, CANARY))
    denied = collect(cloud.plan())

    assert CANARY in json.dumps([shapes.application()])
    assert CANARY not in json.dumps(bundle.pages)
    assert denied.failures
    assert CANARY not in " ".join(map(str, denied.failures.values()))
    assert CANARY not in caplog.text


def test_what_identifies_a_credential_is_kept(cloud: Cloud) -> None:
    (page,) = collect(cloud.plan()).pages[f"{TENANT}/graph/applications.json"]

    (record,) = page["value"]
    assert [entry["keyId"][-1] for entry in (*record["passwordCredentials"], *record["keyCredentials"])] == ["1", "2"]
    assert record["keyCredentials"][0]["customKeyIdentifier"] == "0A1B"
    assert record["owners"][0]["userPrincipalName"] == "ada0@example.com"
