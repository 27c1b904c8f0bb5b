"""get-account-authorization-details and its lesser relatives."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from collectors.document import Problem
from inventory.model import Coverage, CoverageStatus, Entitlement, Fact, Human, Identity, Ownership, PolicyDocument, PrincipalKind, Trust
from tests.collectors.aws.shapes import ACCOUNT, arn, assume, document, only, rows

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def role(name: str = "worker", path: str = "/", **more: Any) -> dict[str, Any]:
    plain = {"Path": path, "RoleName": name, "RoleId": "AROAEXAMPLE", "Arn": arn(f"role{path}{name}"), "CreateDate": "2024-02-03T04:05:06Z"}
    return {**plain, "AssumeRolePolicyDocument": assume({"Service": "lambda.amazonaws.com"}), "RoleLastUsed": {}, **more}


def details(*roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": list(roles), "Policies": [], **more}


@pytest.mark.parametrize("dress", [lambda p: p, json.dumps, lambda p: quote(json.dumps(p))], ids=["object", "text", "url-encoded"])
def test_a_policy_is_the_same_document_in_each_of_its_three_dresses(dress: Any) -> None:
    raw = role(RolePolicyList=[{"PolicyName": "p", "PolicyDocument": dress(READ)}], AssumeRolePolicyDocument=dress(assume("*")))
    found = rows("aws-gaad", document(details(raw)))
    plain = rows("aws-gaad", document(details(role(RolePolicyList=[{"PolicyName": "p", "PolicyDocument": READ}]))))
    assert only(PolicyDocument, found) == only(PolicyDocument, plain)
    assert [trust.principal for trust in only(Trust, found)] == ["*"]


def test_service_linked_and_reserved_roles_are_listed_out_of_scope_with_the_reason() -> None:
    linked = role("AWSServiceRoleForSupport", "/aws-service-role/support.amazonaws.com/")
    reserved = role("AWSReservedSSO_Admin_1", "/aws-reserved/sso.amazonaws.com/")
    first, second = only(Identity, rows("aws-gaad", document(details(linked, reserved))))
    assert (first.in_scope, second.in_scope) == (False, False)
    assert first.scope_reason
    assert second.human is Human.HUMAN


def test_never_used_and_not_told_are_two_things() -> None:
    told, untold = role("a"), role("b")
    del untold["RoleLastUsed"]
    first, second = only(Identity, rows("aws-gaad", document(details(told, untold))))
    assert (first.last_used_at, first.last_used_known) == (None, True)
    assert (second.last_used_at, second.last_used_known) == (None, False)


def test_a_page_that_is_not_the_last_one_is_partial_and_its_last_page_completes_it() -> None:
    page, last = details(role("a"), IsTruncated=True, Marker="m"), details(role("b"), IsTruncated=False)
    alone = only(Coverage, rows("aws-gaad", document(page)))
    both = only(Coverage, rows("aws-gaad", document(page, last)))
    assert {row.status for row in alone} == {CoverageStatus.PARTIAL}
    assert {row.status for row in both} == {CoverageStatus.COLLECTED}
    assert {Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST} <= {row.fact for row in both}


def test_a_role_without_its_trust_policy_is_kept_and_may_trust_anyone() -> None:
    broken = role("b")
    del broken["AssumeRolePolicyDocument"]
    found = rows("aws-gaad", document(details(role("a"), broken)))
    assert [identity.name for identity in only(Identity, found)] == ["a", "b"]
    assert [row.principal_kind for row in only(Trust, found) if row.identity_id == broken["Arn"]] == [PrincipalKind.UNKNOWN]
    assert f"RoleDetailList[{broken['Arn']}]" in [problem.record for problem in only(Problem, found)]


def test_a_date_in_the_year_9999_is_left_unknown_and_the_role_kept() -> None:
    found = rows("aws-gaad", document(details(role("a", CreateDate="9999-01-01T00:00:00Z"))))
    assert [identity.created_at for identity in only(Identity, found)] == [None]
    assert "9999" in only(Problem, found)[0].message


def test_tags_name_owner_team_and_environment_in_any_case() -> None:
    tags = [{"Key": "Owner", "Value": "Ana@acme.example"}, {"Key": "TEAM", "Value": "payments"}, {"Key": "env", "Value": "prod"}]
    found = rows("aws-gaad", document(details(role(Tags=tags))))
    (identity,) = only(Identity, found)
    assert (identity.team, identity.environment) == ("payments", "prod")
    assert [row.owner_id for row in only(Ownership, found)] == ["ana@acme.example"]


def test_policies_through_a_group_and_a_boundary_are_kept_apart() -> None:
    user = {
        "Path": "/", "UserName": "svc", "Arn": arn("user/svc"), "CreateDate": "2024-01-01T00:00:00Z", "GroupList": ["ops"],
        "AttachedManagedPolicies": [], "PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/limit")},
    }  # fmt: skip
    found = only(Entitlement, rows("aws-gaad", document(details(UserDetailList=[user]))))
    assert {(row.via, row.policy_id) for row in found} == {("group", f"group:{ACCOUNT}/ops"), ("boundary", arn("policy/limit"))}


def test_list_roles_tells_trust_and_nothing_of_policies_or_last_use() -> None:
    listed = role()
    del listed["RoleLastUsed"]
    found = rows("aws-principals", document({"Roles": [listed]}))
    assert [identity.last_used_known for identity in only(Identity, found)] == [False]
    assert {row.fact for row in only(Coverage, found)} == {Fact.TRUST}
    assert only(Entitlement, found) == []
