"""What grants give together: cases worked by hand from Microsoft's documentation, each with the page that it is from."""

from __future__ import annotations

import pytest

from scoring.least_privilege.azure.effective import Held, Judge
from scoring.least_privilege.azure.rights import Plane
from scoring.least_privilege.azure.roles import standard
from tests.least_privilege.azure_estate import GROUP, OTHER, PLACE, definition

OVERVIEW = "https://learn.microsoft.com/azure/role-based-access-control/overview"
DEFINITIONS = "https://learn.microsoft.com/azure/role-based-access-control/role-definitions"
SCOPES = "https://learn.microsoft.com/azure/role-based-access-control/scope-overview"
DENY = "https://learn.microsoft.com/azure/role-based-access-control/deny-assignments"
BUILT_IN = "https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"
PIM = "https://learn.microsoft.com/entra/id-governance/privileged-identity-management/pim-resource-roles-assign-roles"
CONDITIONS = "https://learn.microsoft.com/azure/role-based-access-control/conditions-overview"

GROUP_ABOVE = "/providers/microsoft.management/managementgroups/corp"
VAULT = f"{GROUP}/providers/microsoft.keyvault/vaults/v"
VM, READ_VM = "Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachines/read"
ASSIGN, DELETE_VM = "Microsoft.Authorization/roleAssignments/write", "Microsoft.Compute/virtualMachines/delete"
READ_BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
READ_CONTAINER = "Microsoft.Storage/storageAccounts/blobServices/containers/read"

TEXTS = {
    "no-vm": definition(actions=["*"], notActions=[VM]),
    "vm": definition(actions=[VM]),
    "deny-delete": definition(actions=["*/delete"]),
    "deny-but-read": definition(actions=["*"], notActions=["*/read"]),
    "deny-data": definition(dataActions=["*"]),
}


def role(name: str, place: str = PLACE, **more: object) -> Held:
    return Held(via="role", role_id=standard().find(name).role_id, name=name, place=place, **more)  # type: ignore[arg-type]  # fields of a grant


def text(document_id: str, place: str = PLACE, via: str = "role", **more: object) -> Held:
    return Held(via=via, role_id=document_id, document_id=document_id, place=place, **more)  # type: ignore[arg-type]  # as above


def eligible(name: str) -> Held:
    return Held(via="eligible", role_id=standard().find(name).role_id, place=PLACE)


CASES: list[tuple[str, str, list[Held], str, str, str]] = [
    # page, what it shows, grants, place, action, expected
    (OVERVIEW, "contributor on the subscription and reader on a group: contributor", [role("Contributor"), role("Reader", GROUP)], GROUP, VM, "yes"),
    (OVERVIEW, "reader on the subscription and contributor on a group: there", [role("Reader"), role("Contributor", GROUP)], GROUP, VM, "yes"),
    (OVERVIEW, "and nowhere else", [role("Reader"), role("Contributor", GROUP)], OTHER, VM, "no"),
    (OVERVIEW, "but it reads everywhere", [role("Reader"), role("Contributor", GROUP)], OTHER, READ_VM, "yes"),
    (DEFINITIONS, "notActions are no denial: another role gives it", [text("no-vm"), text("vm")], PLACE, VM, "yes"),
    (DEFINITIONS, "notActions are taken from the actions of their role", [text("no-vm")], PLACE, VM, "no"),
    (DEFINITIONS, "and from nothing else of it", [text("no-vm")], PLACE, DELETE_VM, "yes"),
    (BUILT_IN, "contributor assigns no roles", [role("Contributor")], PLACE, ASSIGN, "no"),
    (BUILT_IN, "owner does", [role("Owner")], PLACE, ASSIGN, "yes"),
    (BUILT_IN, "user access administrator assigns roles", [role("User Access Administrator")], PLACE, ASSIGN, "yes"),
    (BUILT_IN, "and manages no machines", [role("User Access Administrator")], PLACE, VM, "no"),
    (BUILT_IN, "with contributor it does both", [role("User Access Administrator"), role("Contributor")], PLACE, VM, "yes"),
    (DEFINITIONS, "owner of an account reads no blobs by that", [role("Owner")], PLACE, f"data:{READ_BLOB}", "no"),
    (DEFINITIONS, "a data role does", [role("Storage Blob Data Reader")], PLACE, f"data:{READ_BLOB}", "yes"),
    (DEFINITIONS, "and reads the containers by control actions", [role("Storage Blob Data Reader")], PLACE, READ_CONTAINER, "yes"),
    (DEFINITIONS, "but writes nothing", [role("Storage Blob Data Reader")], PLACE, VM, "no"),
    (SCOPES, "what is granted on a management group counts on a subscription", [role("Contributor", GROUP_ABOVE)], PLACE, VM, "yes"),
    (SCOPES, "what is granted at the root counts everywhere", [role("Reader", "/")], VAULT, READ_VM, "yes"),
    (SCOPES, "what is granted on one resource does not count on its group", [role("Contributor", VAULT)], GROUP, VM, "no"),
    (SCOPES, "a place is compared whole: rg is not rg2", [role("Contributor", GROUP)], f"{GROUP}2", VM, "no"),
    (DENY, "a denial wins", [role("Owner"), text("deny-delete", PLACE, "deny")], GROUP, DELETE_VM, "no"),
    (DENY, "and takes nothing else", [role("Owner"), text("deny-delete", PLACE, "deny")], GROUP, VM, "yes"),
    (DENY, "on a group it takes nothing elsewhere", [role("Owner"), text("deny-delete", GROUP, "deny")], OTHER, DELETE_VM, "yes"),
    (DENY, "all but reads: a write is denied", [role("Owner"), text("deny-but-read", PLACE, "deny")], PLACE, VM, "no"),
    (DENY, "all but reads: a read is not", [role("Owner"), text("deny-but-read", PLACE, "deny")], PLACE, READ_VM, "yes"),
    (DENY, "data is denied apart", [role("Storage Blob Data Reader"), text("deny-data", PLACE, "deny")], PLACE, f"data:{READ_BLOB}", "no"),
    (DENY, "one with exceptions takes nothing for sure", [role("Owner"), text("deny-delete", PLACE, "deny", conditional=True)], PLACE, DELETE_VM, "yes"),
    (DENY, "one without text takes nothing for sure", [role("Owner"), text("unheard", PLACE, "deny")], PLACE, DELETE_VM, "yes"),
    (PIM, "an eligible role is held once somebody activates it", [eligible("Contributor")], PLACE, VM, "eligible"),
    (CONDITIONS, "a condition on the assignment leaves it open", [role("Contributor", conditional=True)], PLACE, VM, "conditional"),
    (CONDITIONS, "another assignment without one settles it", [role("Contributor", conditional=True), role("Contributor")], PLACE, VM, "yes"),
    (CONDITIONS, "a role's own condition limits its block alone", [role("Key Vault Data Access Administrator")], PLACE, ASSIGN, "conditional"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "shows", "held", "place", "action", "expected"), CASES, ids=[case[1] for case in CASES])
def test_grants_add_up_as_microsoft_says(page: str, shows: str, held: list[Held], place: str, action: str, expected: str) -> None:
    assert page.startswith("https://learn.microsoft.com/")
    judge = Judge(TEXTS)
    found = judge.effective(held, place)
    plane, name = (Plane.DATA, action.removeprefix("data:")) if action.startswith("data:") else (Plane.CONTROL, action)
    bit = judge.rights.matching(plane, name)
    assert bit, "the case asks for an action that no list names"
    words = {"yes": found.sure, "conditional": found.conditional, "eligible": found.eligible}
    assert {word for word, mask in words.items() if mask & bit} == ({expected} - {"no"}), shows


def test_an_unknown_role_is_one_right_that_nobody_knows() -> None:
    found = Judge().effective([Held(via="role", role_id="c0ffee00-0000-0000-0000-000000000001", place=PLACE)])
    assert found.all.bit_count() == 1


def test_a_wildcard_that_no_list_knows_stands_for_itself() -> None:
    judge = Judge({"x": definition(actions=["Contoso.Own/things/*"])})
    found = judge.effective([text("x")])
    assert [right.name for _, right in judge.rights.members(found.all)] == ["Contoso.Own/things/*"]


def test_vault_verbs_directory_roles_and_permissions_are_one_right_each() -> None:
    judge = Judge()
    held = [
        Held(via="access_policy", role_id="secrets: get, list, set", place=VAULT),
        Held(via="directory_role", role_id="88d8e3e3-8f55-4a1e-953a-9b9898b8876b", place="/"),
        Held(via="app_role", role_id="9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8", place="Microsoft Graph"),
        Held(via="app_role", role_id="00000000-0000-0000-0000-000000000000", place="Microsoft Graph"),
        Held(via="delegated", role_id="User.Read", place="azure:x"),
    ]
    found = judge.effective(held)
    weights = {right.name: str(right.weight) for _, right in judge.rights.members(found.sure)}
    assert weights == {
        "Key Vault/secrets: get": "look",
        "Key Vault/secrets: list": "look",
        "Key Vault/secrets: set": "change",
        "Entra/directory role Directory Readers": "look",
        "Microsoft Graph/RoleManagement.ReadWrite.Directory": "control",
    }
    assert [right.name for _, right in judge.rights.members(found.conditional)] == ["Microsoft Graph/User.Read (delegated)"]
