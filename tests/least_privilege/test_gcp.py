"""What the grants of a GCP identity allow. Expectations are from Google's role and IAM documentation, worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.gcp.escalation import ACT_AS, METHODS
from scoring.least_privilege.gcp.privilege import Judge
from scoring.least_privilege.gcp.roles import Roles
from scoring.least_privilege.grants import Grant
from scoring.least_privilege.verdict import RANK, Privilege, Verdict
from tests.least_privilege.grants import grant

TEXTS = {
    "actas": json.dumps({"includedPermissions": [ACT_AS]}),
    "start": json.dumps({"includedPermissions": ["run.services.create", "run.services.get"]}),
    "look": json.dumps({"includedPermissions": ["storage.objects.get", "newservice.things.list"]}),
    "new": json.dumps({"includedPermissions": ["newservice.things.frobnicate"]}),
    "case": json.dumps({"includedPermissions": ["iam.serviceaccounts.actAs", "run.services.create"]}),
    "empty": json.dumps({"includedPermissions": []}),
    "odd": json.dumps({"title": "no permissions listed"}),
}


def judged(*grants: Grant) -> Verdict:
    return Judge(TEXTS).privilege_of(grants)


def level(role_id: str, reach: str = "project", **rest: object) -> str:
    return str(judged(grant(role_id, reach, **rest)).privilege)  # type: ignore[arg-type]  # the fields of a grant


def custom(document_id: str, reach: str = "project", **rest: str) -> Grant:
    return grant(f"projects/p/roles/{document_id}", reach, document_id=document_id, **rest)  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("reach", ["project", "folder", "organization"])
@pytest.mark.parametrize(
    "role_id",
    [
        "roles/owner",
        "roles/editor",
        "roles/resourcemanager.projectIamAdmin",
        "roles/iam.securityAdmin",
        "roles/iam.roleAdmin",
        "roles/iam.serviceAccountTokenCreator",
        "roles/iam.serviceAccountKeyAdmin",
        "roles/iam.serviceAccountAdmin",
        "roles/iam.workloadIdentityUser",
        "roles/deploymentmanager.editor",
    ],
)
def test_what_becomes_owner_of_a_project_is_admin(role_id: str, reach: str) -> None:
    assert level(role_id, reach) == "admin"


@pytest.mark.parametrize(
    ("role_id", "expected"),
    [
        # names that hold `editor`, `admin` or `User` decide nothing
        ("roles/iam.serviceAccountUser", "write"),
        ("roles/storage.admin", "write"),
        ("roles/monitoring.editor", "write"),
        ("roles/compute.instanceAdmin", "write"),
        ("roles/logging.logWriter", "write"),
        ("roles/run.developer", "write"),
        ("roles/container.clusterViewer", "write"),
        ("roles/viewer", "read"),
        ("roles/browser", "read"),
        ("roles/storage.objectViewer", "read"),
        ("roles/secretmanager.secretAccessor", "read"),
        ("roles/iam.serviceAccountOpenIdTokenCreator", "write"),
        ("roles/networkconnectivity.hubUser", "none"),
    ],
)
def test_below_administration_the_permissions_decide(role_id: str, expected: str) -> None:
    assert level(role_id) == expected


@pytest.mark.parametrize(
    "role_id", ["roles/owner", "roles/editor", "roles/iam.serviceAccountTokenCreator", "roles/iam.workloadIdentityUser"]
)
def test_on_one_service_account_it_is_no_administration_and_the_reason_says_so(role_id: str) -> None:
    found = judged(grant(role_id, "service_account"))
    assert found.privilege is Privilege.WRITE
    assert "this one service account, which by itself makes no administrator" in found.reason


def test_on_one_resource_it_is_write() -> None:
    assert level("roles/owner", "resource") == "write"
    assert level("roles/storage.objectViewer", "resource") == "read"


@pytest.mark.parametrize(
    ("role_id", "reach", "expected"),
    [
        ("roles/resourcemanager.folderIamAdmin", "project", "write"),  # a project has no folders to grant on
        ("roles/resourcemanager.folderIamAdmin", "folder", "admin"),
        ("roles/resourcemanager.folderIamAdmin", "organization", "admin"),
    ],
)
def test_a_permission_counts_where_it_has_an_effect(role_id: str, reach: str, expected: str) -> None:
    assert level(role_id, reach) == expected


@pytest.mark.parametrize("role_id", ["roles/orgpolicy.policyAdmin", "roles/storage.hmacKeyAdmin", "roles/cloudbuild.builds.editor"])
def test_what_depends_on_another_identity_stays_open(role_id: str) -> None:
    found = judged(grant(role_id, "project"))
    assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)


class TestOverAllRolesTogether:
    def test_acting_as_and_starting_code_combine(self) -> None:
        user, developer = grant("roles/iam.serviceAccountUser", "project"), grant("roles/run.developer", "project")
        found = judged(user, developer)
        assert found.privilege is Privilege.ADMIN
        assert found.documents == (user.member, developer.member)
        assert "iam.serviceAccounts.actAs with run.services.create" in found.reason

    def test_custom_roles_combine(self) -> None:
        assert judged(custom("actas"), custom("start")).privilege is Privilege.ADMIN
        assert judged(custom("actas")).privilege is Privilege.WRITE

    def test_in_two_projects_they_do_not_surely_combine(self) -> None:
        found = judged(custom("actas", place="1"), custom("start", place="2"))
        assert found.privilege is Privilege.UNKNOWN
        assert "same project" in found.reason

    def test_a_folder_or_the_organisation_covers_the_project(self) -> None:
        assert judged(custom("actas", "organization", place="0"), custom("start", place="2")).privilege is Privilege.ADMIN

    def test_acting_as_one_service_account_is_write(self) -> None:
        assert judged(custom("actas", "service_account"), custom("start")).privilege is Privilege.WRITE

    def test_the_case_of_a_permission_counts(self) -> None:
        assert judged(custom("case")).privilege is Privilege.WRITE


class TestConditions:
    def test_that_nobody_decides_leave_administration_open(self) -> None:
        found = judged(grant("roles/owner", "project", conditional=True))
        assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)
        assert "condition" in found.reason

    def test_do_not_touch_what_is_granted_without_one(self) -> None:
        assert judged(grant("roles/owner", "project", conditional=True), grant("roles/editor", "project")).privilege is Privilege.ADMIN

    def test_leave_write_write(self) -> None:
        found = judged(grant("roles/storage.admin", "project", conditional=True))
        assert found.privilege is Privilege.WRITE
        assert found.reason.endswith("under a condition")


class TestRolesThatNobodyCanJudge:
    @pytest.mark.parametrize("role_id", ["roles/no.such", "projects/p/roles/lost", "organizations/1/roles/lost"])
    def test_leave_everything_open(self, role_id: str) -> None:
        found = judged(grant(role_id, "project"), grant("roles/storage.admin", "project"))
        assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)
        assert role_id in found.reason

    def test_on_one_resource_cannot_make_an_administrator(self) -> None:
        lost = grant("projects/p/roles/lost", "resource")
        assert judged(lost).privilege is Privilege.UNKNOWN
        assert judged(lost).at_most is Privilege.WRITE
        assert judged(lost, grant("roles/storage.admin", "project")).privilege is Privilege.WRITE
        assert judged(lost, grant("roles/viewer", "project")).privilege is Privilege.UNKNOWN

    def test_do_not_hide_administration_elsewhere(self) -> None:
        assert judged(grant("projects/p/roles/lost", "project"), grant("roles/owner", "project")).privilege is Privilege.ADMIN

    def test_include_a_text_without_permissions(self) -> None:
        assert judged(custom("odd")).privilege is Privilege.UNKNOWN

    def test_a_place_that_nobody_named_may_be_a_project(self) -> None:
        found = judged(grant("roles/owner", "unknown"))
        assert found.privilege is Privilege.UNKNOWN
        assert "does not say on what" in found.reason
        assert level("roles/viewer", "unknown") == "read"


def test_a_custom_role_is_judged_by_its_text_even_where_google_has_added_permissions_since() -> None:
    assert judged(custom("look")).privilege is Privilege.READ
    assert judged(custom("new")).privilege is Privilege.WRITE
    assert judged(custom("empty")).privilege is Privilege.NONE


def test_a_deny_policy_never_makes_a_pass() -> None:
    deny = grant("denypolicies/x", "project", via="deny")
    found = judged(grant("roles/owner", "project"), deny)
    assert found.privilege is Privilege.ADMIN
    assert "a deny policy names it" in found.reason
    assert judged(deny).privilege is Privilege.NONE


def test_the_reason_names_what_decides() -> None:
    assert judged(grant("roles/owner", "project")).reason == "may grant any role on projects (resourcemanager.projects.setIamPolicy)"
    assert judged(grant("roles/browser", "project")).reason.startswith("reads: resourcemanager.folders.get, ")


ROLES = st.sampled_from(
    "roles/owner roles/editor roles/viewer roles/browser roles/iam.serviceAccountUser roles/run.developer roles/iam.workloadIdentityUser "
    "roles/storage.admin roles/cloudbuild.builds.editor roles/no.such roles/resourcemanager.folderIamAdmin roles/networkconnectivity.hubUser".split()
)
REACHES = st.sampled_from("organization folder project project service_account resource unknown".split())
GRANTS = st.one_of(
    st.builds(
        grant, ROLES, REACHES, place=st.sampled_from("12"), conditional=st.booleans(), via=st.sampled_from(["role", "role", "role", "deny"])
    ),
    st.builds(custom, st.sampled_from(sorted(TEXTS)), REACHES, place=st.sampled_from("12")),
)
SETS = st.lists(GRANTS, max_size=5)
LAW = settings(deadline=None, max_examples=200)


def both(verdict: Verdict) -> tuple[Privilege, Privilege]:
    return verdict.privilege, verdict.at_most


@LAW
@given(SETS, GRANTS)
def test_adding_a_grant_never_lowers_a_verdict(grants: list[Grant], extra: Grant) -> None:
    before, after = judged(*grants), judged(*grants, extra)
    assert RANK[after.at_most] >= RANK[before.at_most]
    if Privilege.UNKNOWN not in (before.privilege, after.privilege):
        assert RANK[after.privilege] >= RANK[before.privilege]
    if before.privilege is Privilege.ADMIN:
        assert after.privilege is Privilege.ADMIN


@LAW
@given(SETS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_verdict(grants: list[Grant], random: object) -> None:
    other = [*grants, *grants]
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert judged(*grants) == judged(*other)


@LAW
@given(SETS)
def test_a_condition_lifts_nothing(grants: list[Grant]) -> None:
    plain = [grant(g.role_id, g.reach, place=g.place, via=g.via, document_id=g.document_id) for g in grants]
    tied = [grant(g.role_id, g.reach, place=g.place, via=g.via, document_id=g.document_id, conditional=True) for g in grants]
    assert RANK[judged(*tied).at_most] <= RANK[judged(*plain).at_most]
    assert judged(*tied).privilege is not Privilege.ADMIN


def catalogue_without(permissions: Iterable[str]) -> Roles:
    gone = set(permissions)
    return Roles([name for name in ("storage.objects.get", ACT_AS, "run.services.create") if name not in gone], {})


def test_a_catalogue_that_lacks_a_permission_hides_no_administrator() -> None:
    everything = {permission for method in METHODS for permission in method.needs}
    found = Judge(TEXTS, catalogue_without(everything)).privilege_of([custom("actas"), custom("start")])
    assert found.privilege is Privilege.ADMIN
