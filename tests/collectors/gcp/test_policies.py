"""IAM policies: grants, impersonation, what is open to anyone, what is logged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.document import Problem
from collectors.gcp.members import is_agent
from inventory.model import (
    CoverageStatus,
    Enforcement,
    Entitlement,
    Fact,
    Guardrail,
    Identity,
    IdentityKind,
    PrincipalKind,
    Public,
    Resource,
    Safety,
    Sighting,
    Trust,
)
from tests.collectors.gcp.shapes import NUMBER, POOL, PROJECT, covered, document, email, found, only, policy, rows, sa

FORM = "gcp-iam-policies"
MANAGER = "//cloudresourcemanager.googleapis.com/"
TOKENS = "roles/iam.serviceAccountTokenCreator"
USER = "roles/iam.workloadIdentityUser"
ALL_LOGS = [{"service": "allServices", "auditLogConfigs": [{"logType": kind} for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")]}]


def on_account(*bindings: tuple[str, str]) -> list[Any]:
    return rows(FORM, document({"serviceAccount": email(), "policy": policy(*bindings)}, scope=PROJECT))


def test_a_project_policy_grants_roles_to_accounts_and_to_no_people() -> None:
    raw = policy(("roles/owner", sa()), ("roles/editor", "user:ana@demo.example"), ("roles/viewer", "group:all@demo.example"))
    got = rows(FORM, document(raw, scope=PROJECT))
    (grant,) = only(Entitlement, got)
    assert (grant.identity_id, grant.policy_id, grant.via, grant.conditional) == (sa(), "roles/owner", "role", False)
    assert grant.resource == f"{MANAGER}projects/{PROJECT}"
    assert grant.document_id is None
    assert [row.name for row in only(Identity, got)] == [email()]


def test_a_condition_is_kept_as_such() -> None:
    raw = policy(("roles/owner", sa()))
    raw["bindings"][0]["condition"] = {"title": "until June", "expression": "request.time < timestamp('2027-06-01T00:00:00Z')"}
    raw["bindings"].append({"role": "roles/owner", "members": [sa()], "condition": {"expression": "true"}})
    assert [(row.conditional, row.condition) for row in only(Entitlement, rows(FORM, document(raw, scope=PROJECT)))] == [
        (True, """{"expression":"request.time < timestamp('2027-06-01T00:00:00Z')","title":"until June"}"""),
        (True, '{"expression":"true"}'),
    ]


@pytest.mark.parametrize(
    ("raw", "scope"),
    [
        (policy(("roles/owner", sa())), None),
        (policy((TOKENS, sa())), PROJECT),
        (policy(("roles/storage.objectViewer", "allUsers")), PROJECT),
        ({"etag": "ACAB"}, PROJECT),
    ],
    ids=["no scope", "perhaps an account's", "perhaps a bucket's", "nothing in it"],
)
def test_a_policy_that_does_not_say_of_what_it_is_is_told_and_not_read(raw: dict[str, Any], scope: str | None) -> None:
    got = rows(FORM, document(raw, scope=scope))
    assert "does not say of what" in only(Problem, got)[0].message
    assert (only(Entitlement, got), only(Trust, got), covered(got)) == ([], [], {})


def test_a_project_policy_leaves_out_what_is_granted_above_and_its_ancestors_tell_it() -> None:
    alone = rows(FORM, document(policy(("roles/owner", sa())), scope=PROJECT))
    assert covered(alone)[Fact.POLICIES, PROJECT] is CoverageStatus.PARTIAL
    above = [
        {"id": PROJECT, "type": "project", "policy": policy(("roles/viewer", sa()))},
        {"id": "7", "type": "folder", "policy": policy(("roles/editor", sa()))},
        {"id": "1", "type": "organization", "policy": policy(("roles/owner", sa()))},
    ]
    got = rows(FORM, document(above))
    assert covered(got)[Fact.POLICIES, PROJECT] is CoverageStatus.COLLECTED
    assert [(row.policy_id, row.resource) for row in only(Entitlement, got)] == [
        ("roles/viewer", f"{MANAGER}projects/{PROJECT}"),
        ("roles/editor", f"{MANAGER}folders/7"),
        ("roles/owner", f"{MANAGER}organizations/1"),
    ]


def test_who_may_become_an_account() -> None:
    got = on_account(
        (TOKENS, sa("deployer")),
        (TOKENS, sa("robot", "other-project")),
        (USER, f"serviceAccount:{PROJECT}.svc.id.goog[shop/mailer]"),
        (USER, f"principal://iam.googleapis.com/{POOL}/subject/repo:demo/shop:ref:refs/heads/main"),
        (USER, f"principalSet://iam.googleapis.com/{POOL}/*"),
        (TOKENS, "user:ana@demo.example"),
        (TOKENS, "allUsers"),
        (TOKENS, f"projectEditor:{PROJECT}"),
    )
    said = [(row.principal_kind, row.principal, row.subject_pattern, row.safety, row.human) for row in only(Trust, got)]
    assert set(said) == {
        (PrincipalKind.PRINCIPAL, sa("deployer"), None, Safety.SAFE, False),
        (PrincipalKind.PRINCIPAL, sa("robot", "other-project"), None, Safety.UNKNOWN, False),
        (PrincipalKind.OIDC, f"https://container.googleapis.com/{PROJECT}", "shop/mailer", Safety.SAFE, False),
        (PrincipalKind.OIDC, POOL, "subject/repo:demo/shop:ref:refs/heads/main", Safety.SAFE, False),
        (PrincipalKind.OIDC, POOL, "*", Safety.UNKNOWN, False),
        (PrincipalKind.PRINCIPAL, "user:ana@demo.example", None, Safety.SAFE, True),
        (PrincipalKind.ANONYMOUS, "allUsers", None, Safety.UNSAFE, False),
        (PrincipalKind.UNKNOWN, f"projectEditor:{PROJECT}", None, Safety.UNKNOWN, False),
    }
    assert {row.identity_id for row in only(Trust, got)} == {sa()}
    assert len({row.trust_id for row in only(Trust, got)}) == len(said)


def test_the_same_ways_in_on_another_account_are_other_trusts() -> None:
    first = {"serviceAccount": email("a"), "policy": policy((TOKENS, sa("deployer")))}
    second = {"serviceAccount": email("b"), "policy": policy((TOKENS, sa("deployer")))}
    assert len({row.trust_id for row in only(Trust, rows(FORM, document(first, second, scope=PROJECT)))}) == 2


def test_attaching_or_looking_at_an_account_is_not_becoming_it() -> None:
    got = on_account(("roles/iam.serviceAccountUser", sa("deployer")), ("roles/iam.serviceAccountViewer", sa("auditor")))
    assert only(Trust, got) == []
    assert {row.identity_id for row in only(Entitlement, got)} == {sa("deployer"), sa("auditor")}


def test_accounts_without_a_binding_were_looked_at_all_the_same() -> None:
    got = rows(FORM, document({"serviceAccount": email(), "policy": {"etag": "ACAB"}}, scope=PROJECT))
    assert [(row.subject_kind, row.subject_id) for row in only(Sighting, got)] == [("trust", sa())]
    assert covered(got) == {(Fact.TRUST, PROJECT): CoverageStatus.COLLECTED}


def test_a_deleted_member_is_nobody() -> None:
    got = rows(FORM, document(policy(("roles/owner", f"deleted:{sa()}?uid=1")), scope=PROJECT))
    assert (only(Identity, got), only(Entitlement, got)) == ([], [])


def test_a_federated_workload_that_is_granted_a_role_itself_is_an_identity() -> None:
    member = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository/demo/shop"
    got = rows(FORM, document(policy(("roles/editor", member)), scope=PROJECT))
    (identity,) = only(Identity, got)
    assert (identity.identity_id, identity.kind) == (member, IdentityKind.WORKLOAD)
    assert [(row.principal, row.safety) for row in only(Trust, got)] == [(POOL, Safety.SAFE)]


@pytest.mark.parametrize(
    ("address", "googles"),
    [
        (f"service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com", True),
        (f"service-{NUMBER}@compute-system.iam.gserviceaccount.com", True),
        (f"service-{NUMBER}@container-engine-robot.iam.gserviceaccount.com", True),
        (f"{NUMBER}@cloudservices.gserviceaccount.com", False),
        (f"{NUMBER}-compute@developer.gserviceaccount.com", False),
        (f"{PROJECT}@appspot.gserviceaccount.com", False),
        (f"service-mailer@{PROJECT}.iam.gserviceaccount.com", False),
    ],
)
def test_googles_agents_are_out_of_scope_and_default_accounts_are_not(address: str, googles: bool) -> None:
    (identity,) = only(Identity, rows(FORM, document(policy(("roles/editor", f"serviceAccount:{address}")), scope=PROJECT)))
    assert (identity.in_scope, is_agent(address)) == (not googles, googles)
    assert (identity.scope_reason is not None) is googles


def test_of_an_account_that_google_runs_there_are_no_keys_to_list() -> None:
    member = f"serviceAccount:{NUMBER}@cloudservices.gserviceaccount.com"
    got = rows(FORM, document(policy(("roles/editor", member), ("roles/viewer", member)), scope=PROJECT))
    assert [(row.principal, row.safety) for row in only(Trust, got)] == [("gcp.managed", Safety.SAFE)]
    assert [(row.subject_kind, row.subject_id) for row in only(Sighting, got)] == [("access_keys", member), ("trust", member)]


def test_a_malformed_binding_is_told_and_the_others_are_read() -> None:
    raw = policy(("roles/owner", sa()))
    raw["bindings"] += [{"role": "roles/editor", "members": [7]}, {"members": [sa("b")]}]
    got = rows(FORM, document({"resource": f"projects/{PROJECT}", "policy": raw}))
    assert [row.policy_id for row in only(Entitlement, got)] == ["roles/owner"]
    assert len(only(Problem, got)) == 2


def test_malformed_logging_takes_nothing_away_from_the_grants() -> None:
    raw = policy(("roles/owner", sa()), auditConfigs=7)
    got = rows(FORM, document({"resource": f"projects/{PROJECT}", "policy": raw}))
    assert [row.policy_id for row in only(Entitlement, got)] == ["roles/owner"]
    assert (only(Guardrail, got), len(only(Problem, got))) == ([], 1)


def test_a_search_finds_what_is_open_to_anyone() -> None:
    bucket = "storage.googleapis.com/Bucket"
    got = rows(
        FORM,
        document(
            [
                found(bucket, "//storage.googleapis.com/open", ("roles/storage.objectViewer", "allUsers")),
                found(bucket, "//storage.googleapis.com/closed", ("roles/storage.objectViewer", "group:all@demo.example")),
            ]
        ),
    )
    assert [(row.name, row.kind, row.public, row.scope) for row in only(Resource, got)] == [
        ("open", "storage_bucket", Public.YES, PROJECT),
        ("closed", "storage_bucket", Public.NO, PROJECT),
    ]
    assert covered(got) == {(Fact.RESOURCE_POLICIES, PROJECT): CoverageStatus.COLLECTED}


def test_a_search_for_accounts_alone_does_not_show_that_nothing_is_open() -> None:
    got = rows(FORM, document([found("storage.googleapis.com/Bucket", "//storage.googleapis.com/b", ("roles/storage.admin", sa()))]))
    assert covered(got)[Fact.RESOURCE_POLICIES, PROJECT] is CoverageStatus.PARTIAL


def test_a_search_of_the_organisation_tells_all_policies_of_its_projects() -> None:
    project = found("cloudresourcemanager.googleapis.com/Project", f"{MANAGER}projects/{PROJECT}", ("roles/owner", "user:a@demo.example"))
    organisation = found("cloudresourcemanager.googleapis.com/Organization", f"{MANAGER}organizations/1", ("roles/owner", sa()))
    assert covered(rows(FORM, document([project])))[Fact.POLICIES, PROJECT] is CoverageStatus.PARTIAL
    whole = covered(rows(FORM, document([project, organisation | {"project": None}])))
    assert (whole[Fact.POLICIES, PROJECT], whole[Fact.TRUST, PROJECT]) == (CoverageStatus.COLLECTED, CoverageStatus.COLLECTED)


def test_use_is_logged_when_reads_and_writes_of_all_services_are() -> None:
    def logging(configs: list[Any]) -> tuple[Enforcement, CoverageStatus]:
        got = rows(FORM, document(policy(("roles/owner", sa()), auditConfigs=configs), scope=PROJECT))
        return only(Guardrail, got)[0].enforcement, covered(got)[Fact.AUDIT_LOG, PROJECT]

    assert logging(ALL_LOGS) == (Enforcement.ENFORCED, CoverageStatus.COLLECTED)
    exempt = [
        {"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": [sa()]}, {"logType": "DATA_WRITE"}]}
    ]
    one_service = [{**ALL_LOGS[0], "service": "storage.googleapis.com"}]
    for less in (exempt, one_service, []):
        assert logging(less) == (Enforcement.AUDIT, CoverageStatus.PARTIAL)


@given(
    st.lists(
        st.tuples(st.sampled_from(["roles/owner", "roles/viewer", TOKENS]), st.sampled_from([sa(), sa("b"), "user:a@x.y"])), max_size=6
    )
)
def test_order_and_repetition_of_bindings_change_nothing(bindings: list[tuple[str, str]]) -> None:
    def told(chosen: list[tuple[str, str]]) -> set[str]:
        return {repr(row) for row in rows(FORM, document({"resource": f"projects/{PROJECT}", "policy": policy(*chosen)}))}

    assert told(bindings) == told([*reversed(bindings), *bindings])
