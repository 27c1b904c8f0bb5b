"""What the grants of an Azure identity allow. Expectations are from Microsoft's documentation of roles and permissions, by hand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.azure.privilege import DEFAULT_ACCESS, Judge
from scoring.least_privilege.azure.roles import ASSIGN, Block, delegated, standard
from scoring.least_privilege.grants import Grant
from scoring.least_privilege.verdict import RANK, Privilege, Verdict
from tests.least_privilege.grants import grant

GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
APPLICATION_ADMINISTRATOR = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
OWNER_ID = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


def text(*blocks: dict[str, object]) -> str:
    return json.dumps(
        {"permissions": [{"actions": [], "notActions": [], "dataActions": [], "notDataActions": [], **block} for block in blocks]}
    )


TEXTS = {
    "all": text({"actions": ["*"]}),
    "assign": text({"actions": ["microsoft.authorization/ROLEASSIGNMENTS/*"]}),
    "half": text(
        {
            "actions": ["Microsoft.Authorization/*"],
            "notActions": ["Microsoft.Authorization/*/write", "Microsoft.Authorization/elevateAccess/action"],
        }
    ),
    "wild": text({"actions": ["*/write"]}),
    "reads": text({"actions": ["*"], "notActions": ["*/write", "*/delete", "*/action"]}),
    "gone": text({"actions": ["Microsoft.Storage/*"], "notActions": ["*"]}),
    "attach": text({"actions": ["Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"]}),
    "host": text({"actions": ["Microsoft.Compute/virtualMachines/write"]}),
    "data": text({"dataActions": ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"]}),
    "tied": text({"actions": [ASSIGN], "condition": "@Resource[HasObotoken] boolequals true"}),
    "odd": "{}",
}


def judged(*grants: Grant) -> Verdict:
    return Judge(TEXTS).privilege_of(grants)


def role(name: str, reach: str = "subscription", **rest: object) -> Grant:
    return grant(standard().find(name).role_id, reach, **rest)  # type: ignore[arg-type]  # the fields of a grant


def custom(document_id: str, reach: str = "subscription", **rest: object) -> Grant:
    return grant(f"c0ffee00-0000-0000-0000-{document_id:>012}", reach, document_id=document_id, **rest)  # type: ignore[arg-type]  # as above


def application(role_id: str) -> Grant:
    return grant(role_id, "root", via="app_role")


def directory(role_id: str, reach: str = "root", via: str = "directory_role") -> Grant:
    return grant(role_id, reach, via=via)


@pytest.mark.parametrize("reach", ["subscription", "management_group", "root"])
@pytest.mark.parametrize("name", ["Owner", "Contributor", "User Access Administrator", "Role Based Access Control Administrator"])
def test_the_privileged_administrator_roles_are_admin(name: str, reach: str) -> None:
    assert judged(role(name, reach)).privilege is Privilege.ADMIN


@pytest.mark.parametrize("reach", ["resource_group", "resource"])
@pytest.mark.parametrize("name", ["Owner", "Contributor", "User Access Administrator"])
def test_on_a_resource_group_or_less_they_are_write_and_the_reason_says_so(name: str, reach: str) -> None:
    found = judged(role(name, reach))
    assert found.privilege is Privilege.WRITE
    assert "which by itself makes no administrator" in found.reason


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Reader", "read"),
        ("Storage Blob Data Reader", "read"),
        ("Key Vault Secrets User", "read"),
        ("Reader and Data Access", "write"),  # it lists storage keys
        ("Storage Account Contributor", "write"),
        ("Virtual Machine Contributor", "write"),
        ("Key Vault Administrator", "write"),
        ("Resource Policy Contributor", "write"),
        ("Key Vault Data Access Administrator", "write"),  # it assigns key vault roles only
        ("Managed Identity Operator", "write"),
        ("Managed Identity Contributor", "unknown"),  # federated credentials of every user-assigned identity
        ("Blueprint Operator", "unknown"),
    ],
)
def test_the_actions_of_a_role_decide_below_administration(name: str, expected: str) -> None:
    assert str(judged(role(name)).privilege) == expected


@pytest.mark.parametrize(
    ("document_id", "expected"),
    [
        ("all", "admin"),
        ("assign", "admin"),  # without regard to case
        ("wild", "admin"),
        ("half", "write"),  # Microsoft.Authorization/locks/delete is left
        ("reads", "read"),
        ("gone", "none"),
        ("attach", "write"),
        ("data", "write"),
        ("tied", "unknown"),
        ("odd", "unknown"),
    ],
)
def test_a_custom_role_is_judged_by_its_text(document_id: str, expected: str) -> None:
    assert str(judged(custom(document_id)).privilege) == expected


def test_attaching_identities_and_starting_machines_combine_over_roles() -> None:
    found = judged(custom("attach"), custom("host"))
    assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)
    assert "every user-assigned identity there: admin if one is" in found.reason


def test_an_unknown_role_leaves_everything_open_but_on_one_resource_not_administration() -> None:
    assert judged(grant("11111111-2222-3333-4444-555555555555", "subscription")).at_most is Privilege.ADMIN
    lost = judged(grant("11111111-2222-3333-4444-555555555555", "resource_group"))
    assert (lost.privilege, lost.at_most) == (Privilege.UNKNOWN, Privilege.WRITE)


def test_a_condition_on_the_assignment_leaves_administration_open() -> None:
    found = judged(role("Role Based Access Control Administrator", conditional=True))
    assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)
    assert judged(role("Owner", conditional=True), role("Owner")).privilege is Privilege.ADMIN


def test_eligible_administration_is_unknown_with_the_reason() -> None:
    found = judged(role("Owner", via="eligible"))
    assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)
    assert "only eligible: a machine cannot activate it" in found.reason
    assert judged(role("Reader", via="eligible")).privilege is Privilege.READ
    assert judged(directory(GLOBAL_ADMINISTRATOR, via="eligible")).privilege is Privilege.UNKNOWN


def test_role_ids_are_found_whatever_a_source_writes() -> None:
    for label in (OWNER_ID, OWNER_ID.upper(), f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{OWNER_ID}", "Owner"):
        assert judged(grant(label, "subscription")).privilege is Privilege.ADMIN


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AppRoleAssignment.ReadWrite.All", "admin"),
        ("RoleManagement.ReadWrite.Directory", "admin"),
        ("Application.ReadWrite.All", "admin"),
        ("Directory.ReadWrite.All", "admin"),
        ("DelegatedPermissionGrant.ReadWrite.All", "unknown"),
        ("Group.ReadWrite.All", "unknown"),
        ("Mail.Send", "write"),
        ("Sites.FullControl.All", "write"),
        ("Directory.Read.All", "read"),
        ("No.Such.Permission", "unknown"),
        (DEFAULT_ACCESS, "none"),
    ],
)
def test_application_permissions(name: str, expected: str) -> None:
    assert str(judged(application(name)).privilege) == expected


def test_the_reason_for_a_permission_names_who_rates_it() -> None:
    assert judged(application("9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8")).reason == (
        "Microsoft Graph RoleManagement.ReadWrite.Directory administers the directory (ScubaGear: critical, AzurePrivilegedIAM: ControlPlane)"
    )


@pytest.mark.parametrize(
    ("role_id", "reach", "expected"),
    [
        (GLOBAL_ADMINISTRATOR, "root", "admin"),
        (APPLICATION_ADMINISTRATOR, "root", "admin"),
        (APPLICATION_ADMINISTRATOR, "resource", "write"),
        (GLOBAL_READER, "root", "read"),
        ("95e79109-95c0-4d8e-aee3-d01accf2d47b", "root", "write"),  # Guest Inviter
        ("fe930be7-5e62-47db-91af-98c3a49a38b1", "root", "unknown"),  # User Administrator: groups among others
        ("11111111-2222-3333-4444-555555555555", "root", "unknown"),  # a custom directory role
    ],
)
def test_directory_roles(role_id: str, reach: str, expected: str) -> None:
    assert str(judged(directory(role_id, reach)).privilege) == expected


def test_delegated_permissions_lift_nothing() -> None:
    found = judged(grant("Directory.ReadWrite.All", "unknown", via="delegated"))
    assert found.privilege is Privilege.NONE
    assert "no more than the user who signs in" in found.reason


def test_a_key_vaults_own_policy_reads_or_changes() -> None:
    assert judged(grant("secrets: get, list", "resource", via="access_policy")).privilege is Privilege.READ
    assert judged(grant("secrets: get, set", "resource", via="access_policy")).privilege is Privilege.WRITE


def test_a_deny_assignment_never_makes_a_pass() -> None:
    found = judged(role("Owner"), grant("x", "subscription", via="deny"))
    assert found.privilege is Privilege.ADMIN
    assert "a deny assignment names it" in found.reason


class TestConditionsOfRoles:
    ROLE = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
    GIVES = f"@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{{{ROLE}}}"
    UNLESS = f"((!(ActionMatches{{'{ASSIGN}'}})) OR ({GIVES}))"

    def test_that_limit_what_may_be_assigned_are_read(self) -> None:
        assert delegated(self.GIVES) == (self.ROLE,)
        assert delegated(self.UNLESS) == (self.ROLE,)
        assert delegated(self.GIVES.replace(self.ROLE, self.ROLE.replace("-", ""))) == (self.ROLE,)

    @pytest.mark.parametrize("more", [" OR true", " AND (a OR b) OR (c)", " && x"])
    def test_with_anything_else_beside_them_are_not(self, more: str) -> None:
        assert delegated(self.UNLESS + more) is None
        assert delegated(self.GIVES + more) is None

    def test_that_let_it_assign_an_administrators_role_leave_it_open(self) -> None:
        texts = {"d": text({"actions": [ASSIGN], "condition": self.GIVES.replace(self.ROLE, OWNER_ID)})}
        assert Judge(texts).privilege_of([grant("c", "subscription", document_id="d")]).privilege is Privilege.UNKNOWN
        texts = {"d": text({"actions": [ASSIGN], "condition": self.GIVES})}
        assert Judge(texts).privilege_of([grant("c", "subscription", document_id="d")]).privilege is Privilege.WRITE


def test_a_block_holds_what_its_actions_say_less_its_not_actions() -> None:
    block = Block(actions=("Microsoft.Storage/*/read", "microsoft.compute/*"), not_actions=("Microsoft.Compute/virtualMachines/*",))
    asked = (
        "Microsoft.Storage/storageAccounts/read",
        "Microsoft.Compute/disks/write",
        "Microsoft.Compute/virtualMachines/write",
        "Microsoft.Web/sites/read",
    )
    assert block.holds(asked) == {"Microsoft.Storage/storageAccounts/read", "Microsoft.Compute/disks/write"}


REACHES = st.sampled_from("root management_group subscription subscription resource_group resource unknown".split())
NAMES = st.sampled_from(
    ["Owner", "Contributor", "Reader", "Managed Identity Contributor", "Key Vault Data Access Administrator", "Storage Blob Data Reader"]
)
GRANTS = st.one_of(
    st.builds(role, NAMES, REACHES, conditional=st.booleans(), via=st.sampled_from(["role", "role", "eligible", "deny"])),
    st.builds(custom, st.sampled_from(sorted(TEXTS)), REACHES, conditional=st.booleans()),
    st.builds(
        application,
        st.sampled_from(["Directory.ReadWrite.All", "Mail.Send", "User.Read.All", "Group.ReadWrite.All", "No.Such", DEFAULT_ACCESS]),
    ),
    st.builds(directory, st.sampled_from([GLOBAL_ADMINISTRATOR, GLOBAL_READER, "x"]), st.sampled_from(["root", "resource"])),
    st.builds(grant, st.just("User.Read.All"), st.just("unknown"), via=st.just("delegated")),
)
SETS = st.lists(GRANTS, max_size=5)
LAW = settings(deadline=None, max_examples=200)


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
@given(st.sampled_from(sorted(standard().by_id)), st.sampled_from(["resource_group", "resource"]))
def test_no_built_in_role_makes_an_administrator_of_a_part(role_id: str, reach: str) -> None:
    assert judged(grant(role_id, reach)).at_most is not Privilege.ADMIN
