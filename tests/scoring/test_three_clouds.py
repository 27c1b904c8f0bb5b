"""GCP and Azure judged as deeply as AWS: the cases that come up on the first day, and paths that lead from one cloud into another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import (
    Alias,
    Coverage,
    CoverageStatus,
    CredentialKind,
    CredentialRole,
    Enforcement,
    Entitlement,
    Fact,
    Guardrail,
    Human,
    Identity,
    IdentityKind,
    Owner,
    Ownership,
    PolicyDocument,
    PrincipalKind,
    Row,
    Safety,
    Sighting,
    Status,
    Usage,
    Workload,
)
from tests.checkout import ROOT
from tests.scoring.clouds import (
    APPS,
    GCP,
    KEYS,
    POOL,
    PRINCIPALS,
    PROJECT,
    SUBSCRIPTION,
    TENANT,
    account,
    app_id,
    application,
    binding,
    federated,
    managed_identity,
    member,
    principal_id,
    project,
    provider,
    secret,
    service_account_key,
    subscription,
    tenant,
    through_pool,
)
from tests.scoring.estates import ACCOUNT, guarded, judged, key, placed, policy, role, role_arn, staged, trust, user, user_arn

AGENT = "serviceAccount:service-1@gcp-sa-pubsub.iam.gserviceaccount.com"
NUMBER = "103456789012345678901"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"


def stage(subject: str, *rows: Any) -> tuple[int | None, int | None]:
    return placed(staged(*rows), subject)


def path(subject: str, *rows: Any, mechanism: str | None = None) -> dict[str, Any]:
    found = staged(*rows).rows("SELECT * FROM main.access_path WHERE subject_id = $id ORDER BY mechanism", {"id": subject})
    (one,) = [row for row in found if mechanism in (None, row["mechanism"])]
    return one


def identity(database: Database, subject: str) -> dict[str, Any]:
    (found,) = database.rows("SELECT * FROM main.identity WHERE identity_id = $id", {"id": subject})
    return found


APP = member("app")

GCP_CASES: dict[str, tuple[list[Any], tuple[int | None, int | None]]] = {
    "attached, governed and nothing else": ([account(), project()], (7, 7)),
    "attached, its project is not guarded": ([account(), project(policy=Enforcement.OFF)], (6, 6)),
    "attached, whether use is logged is not known": ([account(), project(without=(Fact.AUDIT_LOG,), log=Enforcement.UNKNOWN)], (6, 7)),
    "only administrators' actions are logged": ([account(), project(log=Enforcement.AUDIT)], (6, 6)),
    "a user-managed key beside": ([account(), service_account_key(), project()], (2, 6)),
    "a key that is disabled": ([account(), service_account_key(status=Status.DISABLED), project()], (7, 7)),
    "a key that has expired": ([account(), service_account_key(expires_at=datetime(2026, 1, 1), never_expires=False), project()], (7, 7)),
    "keys that nobody listed": ([account(keys_listed=False), project()], (2, 7)),
    "disabled": ([account(status=Status.DISABLED), service_account_key(), project()], (None, None)),
    "who may act as it was not listed": ([account(), project(without=(Fact.TRUST,))], (1, 7)),
    "anyone may act as it": ([account(), binding("app", PrincipalKind.ANONYMOUS, "allUsers", safety=Safety.UNSAFE), project()], (1, 1)),
    "a person may act as it": ([account(), binding("app", PrincipalKind.PRINCIPAL, "user:ada@corp.example", human=True), project()], (7, 7)),
    "one that has a key may act as it": (
        [account(), account("ci"), service_account_key("ci"), binding("app", PrincipalKind.PRINCIPAL, member("ci"), principal_scope=PROJECT), project()],
        (2, 6),
    ),
    "one of a stranger's project may act as it": (
        [account(), binding("app", PrincipalKind.PRINCIPAL, member("x", "vendor"), principal_scope="vendor"), project()],
        (2, 6),
    ),
    "an agent of Google's may act as it": (
        [account(), binding("app", PrincipalKind.PRINCIPAL, AGENT, principal_scope="gcp-sa-pubsub"), project()],
        (7, 7),
    ),
    "one that nobody listed may act as it": (
        [account(), binding("app", PrincipalKind.PRINCIPAL, member("gone"), principal_scope=PROJECT), project()],
        (1, 7),  # allUsers may be let into it
    ),
    "a cluster's account": (
        [account(), binding("app", PrincipalKind.OIDC, f"https://container.googleapis.com/{PROJECT}", subject_pattern="ns/ksa"), project()],
        (7, 7),
    ),
    "one subject of a pool": ([account(), through_pool("app", "subject/repo:corp/app:ref:refs/heads/main"), provider(safety=Safety.UNSAFE), project()], (7, 7)),
    "the whole pool, its provider is strict": ([account(), through_pool("app", "*"), provider(), project()], (7, 7)),
    "the whole pool, one provider lets strangers in": (
        [account(), through_pool("app", "*"), provider(), provider("other", Safety.UNSAFE), project()],
        (6, 6),
    ),
    "an attribute that keeps nobody out": (
        [account(), through_pool("app", "attribute.environment/production"), provider(safety=Safety.UNSAFE), project()],
        (6, 6),
    ),
    "an attribute that names a repository": (
        [account(), through_pool("app", "attribute.repository/corp/app"), provider(safety=Safety.UNSAFE), project()],
        (6, 7),
    ),
    "the loose provider is disabled": (
        [account(), through_pool("app", "*"), provider(), provider("other", Safety.UNSAFE, status=Status.DISABLED), project()],
        (7, 7),
    ),
    "the providers were not supplied": ([account(), through_pool("app", "*"), project()], (2, 7)),
    "every provider is disabled": (
        [account(attached=False), through_pool("app", "*"), provider(status=Status.DISABLED), project()],
        (None, None),
    ),
}  # fmt: skip

AZURE_CASES: dict[str, tuple[str, list[Any], tuple[int | None, int | None]]] = {
    "a secret": (principal_id("portal"), [application(), secret(), tenant()], (2, 6)),
    "a certificate": (principal_id("portal"), [application(), secret(kind=CredentialKind.X509_CERTIFICATE), tenant()], (2, 6)),
    "a secret that has expired": (
        principal_id("portal"), [application(), secret(expires_at=datetime(2026, 9, 1)), federated(), tenant()], (7, 7),
    ),
    "federated, with an exact subject": (principal_id("portal"), [application(), federated(), tenant()], (7, 7)),
    "federated, with a subject that is too wide": (principal_id("portal"), [application(), federated(safety=Safety.UNSAFE), tenant()], (6, 6)),
    "federated, and a secret besides": (principal_id("portal"), [application(), secret(), federated(), tenant()], (2, 6)),
    "federated, no guardrail of the tenant": (
        principal_id("portal"), [application(), federated(), tenant(policy=Enforcement.OFF)], (6, 6),
    ),
    "no credential at all": (principal_id("portal"), [application(), tenant()], (None, None)),
    "applications were not listed": (
        principal_id("portal"), [application(listed=False), tenant(without=(Fact.ACCESS_KEYS,))], (2, 7),
    ),
    "federated credentials were not listed": (principal_id("portal"), [application(), tenant(without=(Fact.TRUST,))], (2, 7)),
    "another tenant's application": (principal_id("portal"), [application(owner="99999999-0000-4000-8000-000000000000"), tenant()], (2, 6)),
    "disabled": (principal_id("portal"), [application(status=Status.DISABLED), secret(), tenant()], (None, None)),
    "an application without a service principal": (app_id("portal"), [application(principal=False), secret(), tenant()], (2, 6)),
    "a managed identity": (principal_id("runner"), [managed_identity(), subscription()], (7, 7)),
}  # fmt: skip


@pytest.mark.parametrize("case", sorted(GCP_CASES))
def test_a_service_account_stands_where_the_model_says(case: str) -> None:
    rows, expected = GCP_CASES[case]
    assert stage(APP, *rows) == expected


@pytest.mark.parametrize("case", sorted(AZURE_CASES))
def test_an_application_or_managed_identity_stands_where_the_model_says(case: str) -> None:
    subject, rows, expected = AZURE_CASES[case]
    assert stage(subject, *rows) == expected


def test_static_beside_native_is_mixed() -> None:
    for subject, rows in (
        (APP, [account(), service_account_key(), project()]),
        (principal_id("portal"), [application(), secret(), federated(), tenant()]),
    ):
        (found,) = staged(*rows).rows("SELECT mixed FROM main.placement WHERE subject_id = $id", {"id": subject})
        assert found["mixed"]


def test_an_api_key_and_an_hmac_key_are_used_directly() -> None:
    api = service_account_key(kind=CredentialKind.API_KEY, identity_id=None, role=CredentialRole.COMBINED)
    hmac = service_account_key(number=2, kind=CredentialKind.SERVICE_SPECIFIC, role=CredentialRole.COMBINED)
    found = staged(account(), api, hmac, project()).rows("SELECT stage_hi FROM main.access_path WHERE credential_id IS NOT NULL")
    assert [row["stage_hi"] for row in found] == [5, 5]


def test_what_is_said_of_an_application_is_said_of_its_service_principal() -> None:
    spoken: list[Row] = [
        secret(),
        federated(),
        Owner(owner_id="ada@corp.example", evidence=f"{APPS}#o"),
        Ownership(identity_id=app_id("portal"), owner_id="ada@corp.example", basis="owner", evidence=f"{APPS}#o"),
        Usage(identity_id=app_id("portal"), service="graph", evidence=f"{APPS}#u"),
        Sighting(subject_kind="trust", subject_id=app_id("portal"), evidence=f"{APPS}#t"),
        Entitlement(identity_id=app_id("portal"), document_id=None, via="app_role", policy_name="User.Read.All", policy_id="x", resource="graph",
                    conditional=False, evidence=f"{APPS}#e"),
        Identity(identity_id=app_id("portal"), provider="azure", scope=TENANT, name="portal", kind=IdentityKind.OAUTH_CLIENT,
                 last_used_at=datetime(2026, 9, 1), last_used_known=True, evidence="azure-signins.json#portal"),
    ]  # fmt: skip
    database = staged(application(), spoken, tenant())
    subject = principal_id("portal")
    for table, column in (("credential", "identity_id"), ("trust", "identity_id"), ("ownership", "identity_id"), ("usage", "identity_id"),
                          ("entitlement", "identity_id"), ("identity", "identity_id")):  # fmt: skip
        assert {row[column] for row in database.rows(f"SELECT {column} FROM main.{table}")} == {subject}, table
    merged = identity(database, subject)
    assert (merged["kind"], merged["native_type"]) == ("service_principal", "microsoft.graph.servicePrincipal")
    assert (merged["last_used_at"], merged["status"]) == (datetime(2026, 9, 1), "active")
    sighted = {row["evidence"] for row in database.rows("SELECT evidence FROM main.sighting WHERE subject_id = $id", {"id": subject})}
    assert {f"{APPS}#portal", f"{PRINCIPALS}#portal", f"{APPS}#t", "azure-signins.json#portal"} <= sighted


def test_an_object_id_means_the_application_and_that_its_service_principal() -> None:
    named = Alias(alias="azure:object:1", identity_id=app_id("portal"), evidence=f"{APPS}#portal")
    database = staged(application(), secret(identity_id="azure:object:1"), named, tenant())
    (found,) = database.rows("SELECT identity_id FROM main.credential")
    assert found["identity_id"] == principal_id("portal")


def test_what_stands_on_a_service_principal_does_not_tell_what_its_application_holds() -> None:
    listed = Sighting(subject_kind="access_keys", subject_id=principal_id("portal"), evidence=f"{PRINCIPALS}#portal")
    assert stage(principal_id("portal"), application(listed=False), listed, tenant(without=(Fact.ACCESS_KEYS,))) == (2, 7)


def test_what_a_group_holds_its_service_principals_hold() -> None:
    group = "group:azure/ops"
    rows: list[Row] = [
        Entitlement(identity_id=principal_id("portal"), document_id=None, via="group", policy_name="", policy_id=group, group_name="ops",
                    evidence=f"{PRINCIPALS}#g"),
        Entitlement(identity_id=group, document_id=None, via="role", policy_name="Reader", policy_id="r", resource="/subscriptions/s", evidence=f"{GCP}#r"),
    ]  # fmt: skip
    (found,) = staged(application(), rows, tenant()).rows("SELECT * FROM main.entitlement")
    assert (found["identity_id"], found["policy_name"], found["group_name"], found["via"]) == (
        principal_id("portal"),
        "Reader",
        "ops",
        "role",
    )


def test_a_service_account_of_a_strangers_project_is_a_third_party() -> None:
    stranger = Identity(identity_id=member("x", "vendor"), provider="gcp", scope="vendor", name="x", kind=IdentityKind.SERVICE_ACCOUNT, human=Human.NONHUMAN,
                        native_type="iam.googleapis.com/ServiceAccount", evidence=f"{GCP}#x")  # fmt: skip
    found = path(member("x", "vendor"), account(), stranger, project())
    assert (found["stage_lo"], found["stage_hi"], found["mechanism"]) == (2, 6, "third_party")


def test_an_application_in_several_tenants_is_the_one_of_its_own() -> None:
    stranger = Identity(identity_id="azure:000", provider="azure", scope="other", name="portal", kind=IdentityKind.SERVICE_PRINCIPAL,
                        native_type="microsoft.graph.servicePrincipal", evidence="azure-other.json#p")  # fmt: skip
    rows = [application(), secret(), stranger, Alias(alias=app_id("portal"), identity_id="azure:000", evidence="azure-other.json#p")]
    (found,) = staged(rows, tenant()).rows("SELECT identity_id FROM main.credential")
    assert found["identity_id"] == principal_id("portal")


def test_grants_keep_what_they_are_on_and_find_the_text_of_their_role() -> None:
    grants: list[Row] = [
        Entitlement(identity_id=APP, document_id=None, via="role", policy_name="Deployer", policy_id="projects/p/roles/deployer",
                    resource=f"//cloudresourcemanager.googleapis.com/projects/{where}", conditional=where == "b", evidence=f"gcp-{where}.json#{where}")
        for where in ("a", "b")
    ]  # fmt: skip
    text: list[Row] = [
        PolicyDocument(document_id="d", document='{"includedPermissions":["run.services.update"]}'),
        Entitlement(identity_id="projects/p/roles/deployer", document_id="d", via="definition", policy_name="Deployer",
                    policy_id="projects/p/roles/deployer", evidence=f"{GCP}#r"),
    ]  # fmt: skip
    found = staged(account(), grants, text, project()).rows("SELECT * FROM main.entitlement ORDER BY resource")
    assert [(row["resource"][-1], row["conditional"], row["document_id"]) for row in found] == [("a", False, "d"), ("b", True, "d")]


def covered(fact: Fact, scope: str, *rows: Any) -> tuple[str, str | None]:
    (found,) = staged(*rows).rows(
        "SELECT status, reason FROM main.coverage WHERE fact = $fact AND scope = $scope", {"fact": fact, "scope": scope}
    )
    return found["status"], found["reason"]


def test_keys_of_a_project_are_collected_only_when_those_of_every_service_account_were_listed() -> None:
    agent = account("robot", keys_listed=False, in_scope=False, scope_reason="a service agent of Google's")
    assert covered(Fact.ACCESS_KEYS, PROJECT, account(), agent, project())[0] == "collected"
    status, reason = covered(Fact.ACCESS_KEYS, PROJECT, account(), account("other", keys_listed=False), project())
    assert (status, "1 of 2" in str(reason)) == ("partial", True)


def test_keys_that_were_listed_too_long_ago_are_stale_and_may_have_company() -> None:
    database = staged(account(), project(), stale_sources=(KEYS,))
    assert placed(database, APP) == (2, 7)
    (found,) = database.rows("SELECT status FROM main.coverage WHERE fact = 'access_keys' AND scope = $scope", {"scope": PROJECT})
    assert found["status"] == "stale"


def test_a_tenant_is_not_asked_what_runs_nor_a_subscription_for_applications() -> None:
    estate = [application(), managed_identity(), tenant(), subscription()]
    assert covered(Fact.WORKLOADS, TENANT, estate)[0] == "collected"
    assert covered(Fact.ACCESS_KEYS, SUBSCRIPTION, estate)[0] == "collected"
    assert covered(Fact.STORED_SECRETS, SUBSCRIPTION, estate)[0] == "missing"


def test_a_tenant_without_its_subscriptions_does_not_say_that_nothing_runs() -> None:
    assert covered(Fact.WORKLOADS, TENANT, [application(), tenant()])[0] == "missing"


def test_subscriptions_without_their_tenant_do_not_say_that_there_is_no_application() -> None:
    assert covered(Fact.ACCESS_KEYS, SUBSCRIPTION, [managed_identity(), subscription()])[0] == "missing"


@pytest.mark.parametrize(
    ("parts", "status"),
    [(("app_roles", "directory_roles"), "collected"), (("app_roles",), "partial"), (("directory_roles",), "partial"), ((), "partial")],
)
def test_a_tenants_grants_are_known_when_both_of_their_lists_are_whole(parts: tuple[str, ...], status: str) -> None:
    listed: list[Row] = [
        Coverage(fact=Fact.POLICIES, scope=TENANT, status=CoverageStatus.PARTIAL, reason="one kind of grant", evidence=PRINCIPALS),
        *(Sighting(subject_kind=part, subject_id=TENANT, evidence=f"{PRINCIPALS}#{part}") for part in parts),
    ]
    assert covered(Fact.POLICIES, TENANT, application(), tenant(without=(Fact.POLICIES,)), listed)[0] == status


@pytest.mark.parametrize(("own", "stage_there"), [("gcp:org_policy:a", 6), ("gcp:org_policy:b", 7)])
def test_a_project_that_takes_itself_out_of_a_rule_stays_under_the_others(own: str, stage_there: int) -> None:
    """The organisation enforces rule a; the project switches rule a, or another one, off for itself."""
    rules: list[Row] = [
        Guardrail(guardrail_id="gcp:org_policy:a", scope="*", kind="workload_policy", name="a", enforcement=Enforcement.ENFORCED,
                  basis="observed", evidence=f"{GCP}#a"),
        Guardrail(guardrail_id=own, scope=PROJECT, kind="workload_policy", name="own", enforcement=Enforcement.OFF,
                  basis="observed", evidence=f"{GCP}#own"),
    ]  # fmt: skip
    estate = project(policy=Enforcement.OFF)
    assert stage(APP, account(), estate, rules) == (stage_there, stage_there)


def test_what_one_provider_tells_of_its_whole_organisation_says_nothing_of_another() -> None:
    wide: list[Row] = [
        Coverage(fact=Fact.GUARDRAILS, scope="*", status=CoverageStatus.COLLECTED, evidence=GCP),
        Guardrail(guardrail_id="g", scope="*", kind="workload_policy", name="g", enforcement=Enforcement.ENFORCED, basis="observed", evidence=f"{GCP}#g"),
    ]  # fmt: skip
    worker = role("worker", trust("worker", PrincipalKind.SERVICE, "lambda.amazonaws.com"))
    log = [row for row in guarded() if getattr(row, "kind", "") == "audit_log"]
    database = staged(
        worker,
        log,
        wide,
        account(),
        project(without=(Fact.GUARDRAILS,), policy=Enforcement.UNKNOWN),
        without=(Fact.GUARDRAILS,),
        checks=False,
    )
    assert placed(database, role_arn("worker")) == (6, 7)
    assert placed(database, APP) == (7, 7)


def test_ours_is_what_an_export_lists_from_inside() -> None:
    stranger = Identity(
        identity_id=member("x", "vendor"), provider="gcp", scope="vendor", name="x", kind=IdentityKind.SERVICE_ACCOUNT, evidence=f"{GCP}#x"
    )
    database = staged(account(), stranger, project())
    assert "vendor" not in {row["scope"] for row in database.rows("SELECT scope FROM main.account")}


AWS_USER = [*user(), key(), *policy(user_arn("svc"), "sts:AssumeRole")]


def test_a_role_that_trusts_a_service_account_is_as_mature_as_that() -> None:
    entry = role("worker", trust("worker", PrincipalKind.OIDC, "accounts.google.com", subject_pattern=NUMBER))
    worker = role_arn("worker")
    strong = [entry, guarded(), account(number=NUMBER), project()]
    assert stage(worker, strong) == (7, 7)
    assert stage(worker, strong, service_account_key()) == (2, 6)
    assert "app@" in path(worker, strong, service_account_key())["lo_reason"]
    assert stage(worker, entry, guarded()) == (1, 7)  # nobody listed it: allUsers may be let into it


def test_an_application_that_trusts_a_service_account_or_a_managed_identity_is_as_mature_as_that() -> None:
    google = federated(issuer="https://accounts.google.com", subject=NUMBER)
    assert stage(principal_id("portal"), application(), google, tenant(), account(number=NUMBER), service_account_key(), project()) == (
        2,
        6,
    )
    entra = federated(issuer=ENTRA, subject=principal_id("runner").removeprefix("azure:"))
    assert stage(principal_id("portal"), application(), entra, tenant(), managed_identity(), subscription()) == (7, 7)


def test_a_pool_for_an_aws_account_is_as_mature_as_its_roles() -> None:
    from_aws = provider("aws", kind="aws", issuer=ACCOUNT)
    assumed = f"attribute.aws_role/arn:aws:sts::{ACCOUNT}:assumed-role/worker"
    worker = [*role("worker", trust("worker", PrincipalKind.PRINCIPAL, user_arn("svc"), scope=ACCOUNT)), *guarded()]
    assert stage(APP, account(), through_pool("app", assumed), from_aws, project(), worker, AWS_USER) == (2, 6)
    assert stage(APP, account(), through_pool("app", "*"), from_aws, project(), worker, AWS_USER) == (2, 6)
    vendor = provider("aws", kind="aws", issuer="464622532012")
    found = path(APP, account(), through_pool("app", "*"), vendor, project(), mechanism="third_party")
    assert (found["stage_lo"], found["stage_hi"]) == (2, 6)
    assert "account 464622532012, Datadog" in found["lo_reason"]


def test_the_vendor_of_an_outside_account_is_named() -> None:
    worker = role("worker", trust("worker", PrincipalKind.ACCOUNT, "arn:aws:iam::464622532012:root", scope="464622532012"))
    assert "account 464622532012, Datadog" in path(role_arn("worker"), worker)["lo_reason"]


def answer(question: str, *rows: Any) -> dict[str, Any]:
    (found,) = judged(*rows, checks=False).rows("SELECT * FROM main.question WHERE question_id = $id", {"id": question})
    return found


def run(name: str, scope: str, cloud: str, identity_id: str | None, **more: Any) -> Workload:
    return Workload(workload_id=name, provider=cloud, scope=scope, kind="service", name=name, identity_id=identity_id,
                    env_names=[], evidence=f"{cloud}-run.json#{name}", **more)  # fmt: skip


def test_workloads_of_every_cloud_count_as_native_unless_a_key_stands_beside() -> None:
    estate = [
        account(), account("keyed"), service_account_key("keyed"), managed_identity(), project(), subscription(),
        run("a", PROJECT, "gcp", APP), run("b", PROJECT, "gcp", member("keyed")), run("c", SUBSCRIPTION, "azure", principal_id("runner")),
        run("d", SUBSCRIPTION, "azure", None),
    ]  # fmt: skip
    items = judged(*estate, checks=False).rows("SELECT subject_id, status FROM main.question_item WHERE question_id = 'Q4' ORDER BY 1")
    assert [row["status"] for row in items] == ["pass", "fail", "pass", "unknown"]


def test_central_policy_covers_identities_of_every_cloud() -> None:
    estate = [account(), managed_identity(), application(), project(), subscription(), tenant(policy=Enforcement.OFF)]
    items = judged(*estate, checks=False).rows("SELECT subject_id, status FROM main.question_item WHERE question_id = 'Q5'")
    assert {row["subject_id"]: row["status"] for row in items} == {
        APP: "pass", principal_id("runner"): "pass", principal_id("portal"): "fail",
    }  # fmt: skip


def test_a_service_account_that_anyone_may_act_as_is_reachable_without_authentication() -> None:
    open_to_all = binding("app", PrincipalKind.ANONYMOUS, "allUsers", safety=Safety.UNSAFE)
    assert answer("S1", account(), open_to_all, project())["literal"] == "yes"


def test_one_query_finds_who_owns_machines_in_several_clouds() -> None:
    owned: list[Row] = [
        Ownership(identity_id=subject, owner_id="payments", basis="tag", evidence=f"{GCP}#o") for subject in (APP, role_arn("worker"))
    ]
    worker = role("worker", trust("worker", PrincipalKind.SERVICE, "lambda.amazonaws.com"))
    database = staged(account(), worker, owned, project())
    sql = next(block for block in queries() if "FROM ownership" in block)
    assert [row["owner_id"] for row in database.rows(sql)] == ["payments"]


def queries() -> list[str]:
    text = (ROOT / "docs" / "across-clouds.md").read_text(encoding="utf-8")
    return [block.partition("```")[0] for block in text.split("```sql\n")[1:]]


def test_every_documented_query_runs() -> None:
    database = staged(account(), project())
    assert len(queries()) >= 4
    for sql in queries():
        database.rows(sql)


def test_pools_are_told_by_the_newest_source_and_a_closed_pool_closes_its_providers() -> None:
    closed = provider("ci", kind="pool", federation_id=POOL, status=Status.DISABLED)
    database = staged(account(), through_pool("app", "*"), provider(), closed, project())
    (found,) = database.rows("SELECT status FROM main.federation WHERE kind = 'oidc'")
    assert found["status"] == "disabled"
    assert database.rows("SELECT * FROM main.access_path WHERE mechanism NOT IN ('native')") == []
