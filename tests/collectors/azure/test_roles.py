"""Azure RBAC, deny assignments, role definitions, and roles of the directory."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import Account, Entitlement, Fact, PolicyDocument
from inventory.model import CoverageStatus as Is
from tests.collectors.azure.shapes import SUBSCRIPTION, TENANT, covered, document, guid, only, page, reason, rows

HERE = f"/subscriptions/{SUBSCRIPTION}"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def assignment(scope: str = HERE, number: int = 20, **more: Any) -> dict[str, Any]:
    definition = f"/subscriptions/{SUBSCRIPTION.upper()}/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR.upper()}"
    plain = {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{guid(500)}",
        "name": guid(500),
        "condition": None,
        "scope": scope,
    }
    kind = {"type": "Microsoft.Authorization/roleAssignments", "principalType": "ServicePrincipal", "principalId": guid(number)}
    return {**plain, **kind, "roleDefinitionId": definition, "roleDefinitionName": "Contributor", **more}


def nested(raw: dict[str, Any]) -> dict[str, Any]:
    outer = {key: raw[key] for key in ("id", "name", "type")}
    return {**outer, "properties": {key: value for key, value in raw.items() if key not in outer}}


@pytest.mark.parametrize("dress", [lambda raw: [raw], lambda raw: {"value": [nested(raw)]}], ids=["az", "arm"])
def test_a_role_assignment_is_the_same_flat_and_nested(dress: Any) -> None:
    found = rows("azure-role-assignments", document(dress(assignment(f"{HERE}/resourceGroups/RG")), scope=None))
    (grant,) = only(Entitlement, found)
    assert (grant.identity_id, grant.via, grant.policy_id, grant.policy_name) == (f"azure:{guid(20)}", "role", CONTRIBUTOR, "Contributor")
    assert (grant.resource, grant.conditional) == (f"{HERE}/resourcegroups/rg", False)
    assert covered(found) == {(Fact.POLICIES, SUBSCRIPTION): Is.COLLECTED}
    assert [row.scope for row in only(Account, found)] == [SUBSCRIPTION]


def test_a_missing_role_name_is_the_guid_and_a_missing_condition_is_unknown() -> None:
    raw = {key: value for key, value in assignment(roleDefinitionName=None).items() if key != "condition"}
    (grant,) = only(Entitlement, rows("azure-role-assignments", document([raw])))
    assert (grant.policy_name, grant.conditional) == (CONTRIBUTOR, None)


def test_roles_of_management_groups_and_the_root_are_in_the_subscriptions_list_with_their_own_scope() -> None:
    above = "/providers/Microsoft.Management/managementGroups/Corp"
    found = rows("azure-role-assignments", document([assignment("/", 21), assignment(above, 22), assignment()], scope=None))
    assert {row.resource for row in only(Entitlement, found)} == {"/", above.lower(), HERE}
    assert covered(found) == {(Fact.POLICIES, SUBSCRIPTION): Is.COLLECTED}


def test_a_list_that_holds_nothing_above_or_below_was_perhaps_made_without_all() -> None:
    found = rows("azure-role-assignments", document([assignment()], scope=None))
    assert covered(found) == {(Fact.POLICIES, SUBSCRIPTION): Is.PARTIAL}
    assert "--all" in reason(found, Fact.POLICIES)


def test_peoples_roles_are_left_out_groups_keep_theirs_and_untyped_principals_may_be_anything() -> None:
    raw = [
        assignment(number=60, principalType="User"),
        assignment(number=61, principalType="Group"),
        assignment(number=62, principalType=None),
    ]
    found = rows("azure-role-assignments", document(raw))
    assert [row.identity_id for row in only(Entitlement, found)] == [f"group:azure/{guid(61)}", f"azure:{guid(62)}"]


def test_eligible_roles_are_told_from_held_ones() -> None:
    raw = assignment(
        id=f"{HERE}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/x",
        type="Microsoft.Authorization/roleEligibilityScheduleInstances",
        roleDefinitionName=None,
        expandedProperties={"roleDefinition": {"displayName": "Contributor"}},
    )
    found = rows("azure-role-eligibilities", document({"value": [nested(raw)]}))
    assert [(row.via, row.policy_name) for row in only(Entitlement, found)] == [("eligible", "Contributor")]
    assert covered(found) == {}


def test_deny_assignments_bind_everyone_but_those_excluded() -> None:
    raw = {
        "id": f"{HERE}/providers/Microsoft.Authorization/denyAssignments/{guid(501)}", "name": guid(501),
        "type": "Microsoft.Authorization/denyAssignments",
        "properties": {"denyAssignmentName": "locked", "scope": HERE, "permissions": [{"actions": ["*/write"]}],
                       "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
                       "excludePrincipals": [{"id": guid(60), "type": "User"}]},
    }  # fmt: skip
    found = rows("azure-deny-assignments", document({"value": [raw]}))
    (row,), (text,) = only(Entitlement, found), only(PolicyDocument, found)
    assert (row.identity_id, row.via, row.policy_name, row.conditional) == ("*", "deny", "locked", True)
    assert row.document_id == text.document_id
    assert json.loads(text.document)["permissions"][0]["actions"] == ["*/write"]


def test_an_assignment_was_changed_when_it_was_made_or_updated_last() -> None:
    dated: dict[str, Any] = {"createdOn": "2025-11-25T06:12:00+00:00", "updatedOn": "2026-02-01T00:00:00Z"}
    for moments, expected in (
        (dated, datetime(2026, 2, 1)),
        ({"createdOn": dated["createdOn"]}, datetime(2025, 11, 25, 6, 12)),
        ({}, None),
    ):
        (row,) = only(Entitlement, rows("azure-role-assignments", document([assignment(**moments)])))
        assert row.changed_at == expected


def test_a_condition_of_a_role_stays_with_it_and_only_custom_roles_are_dated() -> None:
    condition = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals{a}"
    block = {"actions": ["Microsoft.Authorization/roleAssignments/write"], "condition": condition}
    raw = {"id": guid(511), "name": guid(511), "roleName": "Delegate", "roleType": "BuiltInRole", "permissions": [block],
           "assignableScopes": ["/"], "updatedOn": "2026-09-01T00:00:00Z", "type": "Microsoft.Authorization/roleDefinitions"}  # fmt: skip
    found = rows("azure-role-definitions", document([raw, {**raw, "name": guid(512), "id": guid(512), "roleType": "CustomRole"}]))
    assert {json.loads(text.document)["permissions"][0]["condition"] for text in only(PolicyDocument, found)} == {condition}
    assert [row.changed_at for row in only(Entitlement, found)] == [None, datetime(2026, 9, 1)]


@pytest.mark.parametrize("flat", [True, False], ids=["az", "arm"])
def test_a_role_definition_is_a_document_that_assignments_join_by_the_guid(flat: bool) -> None:
    permissions = [{"actions": ["Microsoft.Web/*"], "notActions": [], "dataActions": [], "condition": None}]
    raw = {"id": f"{HERE}/providers/Microsoft.Authorization/roleDefinitions/{guid(510)}", "name": guid(510), "roleName": "Deployer",
           "type": "Microsoft.Authorization/roleDefinitions", "roleType": "CustomRole", "permissions": permissions, "assignableScopes": [HERE]}  # fmt: skip
    found = rows("azure-role-definitions", document([raw] if flat else {"value": [nested(raw)]}))
    (text,) = only(PolicyDocument, found)
    (row,) = only(Entitlement, found)
    assert json.loads(text.document) == {
        "permissions": [{"actions": ["Microsoft.Web/*"], "dataActions": [], "notActions": [], "notDataActions": []}]
    }
    assert (row.identity_id, row.via, row.policy_name, row.document_id) == (guid(510), "definition", "Deployer", text.document_id)


def directory(number: int = 20, kind: str | None = "servicePrincipal", **more: Any) -> dict[str, Any]:
    principal = {"principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": guid(number)}} if kind else {}
    return {"id": f"x{number}", "principalId": guid(number), "roleDefinitionId": guid(80), "directoryScopeId": "/", **principal, **more}


def test_directory_roles_are_of_service_principals_and_groups_and_people_are_left_out() -> None:
    raw = [
        directory(20, roleDefinition={"displayName": "Application Administrator"}),
        directory(60, "user"),
        directory(61, "group"),
        directory(22, None),
    ]
    found = rows("azure-directory-roles", document(page("roleManagement/directory/roleAssignments", *raw)))
    assert [(row.identity_id, row.via, row.policy_name) for row in only(Entitlement, found)] == [
        (f"azure:{guid(20)}", "directory_role", "Application Administrator"),
        (f"group:azure/{guid(61)}", "directory_role", guid(80)),
        (f"azure:{guid(22)}", "directory_role", guid(80)),
    ]
    assert covered(found) == {(Fact.POLICIES, TENANT): Is.PARTIAL}


def test_eligible_directory_roles_are_known_by_the_context_or_by_their_fields() -> None:
    by_context = page("roleManagement/directory/roleEligibilityScheduleInstances", directory())
    by_fields = {"value": [directory(isValidationOnly=False, targetScheduleId="x", justification=None, action="adminAssign")]}
    for answer in (by_context, by_fields):
        assert [row.via for row in only(Entitlement, rows("azure-directory-roles", document(answer)))] == ["eligible"]


def test_names_of_directory_roles_and_members_of_groups_that_hold_them_are_read() -> None:
    definition = {
        "id": guid(80),
        "templateId": guid(80),
        "displayName": "Application Administrator",
        "isBuiltIn": True,
        "rolePermissions": [],
    }
    (name,) = only(
        Entitlement, rows("azure-directory-role-definitions", document(page("roleManagement/directory/roleDefinitions", definition)))
    )
    assert (name.identity_id, name.via, name.policy_name) == (guid(80), "definition", "Application Administrator")
    members = [{"@odata.type": f"#microsoft.graph.{kind}", "id": guid(number), "privilegedGroupId": guid(61), "roleDefinitionId": guid(80)}
               for kind, number in (("servicePrincipal", 20), ("user", 60))]  # fmt: skip
    (row,) = only(Entitlement, rows("azure-directory-role-groups", document({"value": members})))
    assert (row.identity_id, row.group_name) == (f"azure:{guid(20)}", guid(61))


def test_a_malformed_assignment_is_told_and_the_others_are_read() -> None:
    found = rows("azure-role-assignments", document([assignment(), assignment(principalId="not-an-id")]))
    assert len(only(Entitlement, found)) == 1
    assert len(only(Problem, found)) == 1
