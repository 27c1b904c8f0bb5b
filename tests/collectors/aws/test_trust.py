"""Trust policies: who may assume, and whether the conditions keep others out."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.aws.trust import trusts
from inventory.model import PrincipalKind, Safety, Trust
from tests.collectors.aws.shapes import ACCOUNT, arn, assume

GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-west-1.amazonaws.com/id/ABC"


def one(principal: Any, condition: Any = None, **more: Any) -> Trust:
    (row,) = trusts(arn("role/r"), assume(principal, condition, **more), "f#r")
    return row


def federated(issuer: str, subject: str | None, operator: str = "StringLike") -> Trust:
    condition: dict[str, Any] = {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"}}
    if subject is not None:
        condition.setdefault(operator, {})[f"{issuer}:sub"] = subject
    return one({"Federated": arn(f"oidc-provider/{issuer}")}, condition, Action="sts:AssumeRoleWithWebIdentity")


def test_a_service_is_native_and_safe() -> None:
    row = one({"Service": "ec2.amazonaws.com"})
    assert (row.principal_kind, row.safety) == (PrincipalKind.SERVICE, Safety.SAFE)


@pytest.mark.parametrize(
    ("condition", "conditional"),
    [
        (None, False),
        ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, False),
        ({"StringEquals": {"aws:SourceAccount": [ACCOUNT, "999999999999"]}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:one"}}, True),
    ],
)
def test_a_trust_is_conditional_when_it_asks_for_more_than_the_roles_own_account(condition: Any, conditional: bool) -> None:
    assert one({"Service": "lambda.amazonaws.com"}, condition).conditional is conditional


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_a_star_without_a_limit_is_anyone(principal: Any) -> None:
    row = one(principal)
    assert (row.principal_kind, row.safety) == (PrincipalKind.ANONYMOUS, Safety.UNSAFE)


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"aws:PrincipalOrgID": "*"}},
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}},
        {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    ],
)
def test_a_condition_that_lets_strangers_by_limits_nothing(condition: Any) -> None:
    assert one("*", condition).principal_kind is PrincipalKind.ANONYMOUS


@pytest.mark.parametrize("key", ["aws:PrincipalOrgID", "AWS:PrincipalOrgId", "aws:PrincipalAccount", "aws:SourceArn"])
def test_a_condition_on_the_caller_limits_a_star(key: str) -> None:
    assert one("*", {"StringEquals": {key: "o-1"}}).principal_kind is not PrincipalKind.ANONYMOUS


@pytest.mark.parametrize(
    ("issuer", "subject", "safety"),
    [
        (GITHUB, "repo:acme/billing:ref:refs/heads/main", Safety.SAFE),
        (GITHUB, "repo:acme/*", Safety.SAFE),
        (GITHUB, None, Safety.UNSAFE),
        (GITHUB, "*", Safety.UNSAFE),
        (GITHUB, "repo:*", Safety.UNSAFE),
        (GITHUB, "repo:*/billing:*", Safety.UNSAFE),
        (EKS, "system:serviceaccount:payments:api", Safety.SAFE),
        (EKS, "system:serviceaccount:payments:*", Safety.SAFE),
        (EKS, "system:serviceaccount:*:api", Safety.UNSAFE),
        (EKS, None, Safety.UNSAFE),
        ("gitlab.com", "project_path:acme/app:ref_type:branch:ref:main", Safety.SAFE),
        ("gitlab.com", "*", Safety.UNSAFE),
    ],
)
def test_an_oidc_trust_is_safe_only_when_its_subject_names_workloads(issuer: str, subject: str | None, safety: Safety) -> None:
    row = federated(issuer, subject)
    assert (row.principal_kind, row.safety) == (PrincipalKind.OIDC, safety), row.safety_reason


def test_one_wide_subject_among_narrow_ones_is_wide() -> None:
    condition = {"StringLike": {f"{GITHUB}:sub": ["repo:acme/app:*", "*"]}}
    assert one({"Federated": arn(f"oidc-provider/{GITHUB}")}, condition).safety is Safety.UNSAFE


def test_a_subject_condition_that_only_holds_if_it_exists_does_not_count() -> None:
    assert federated(GITHUB, "repo:acme/app:*", "StringLikeIfExists").safety is Safety.UNSAFE


def test_a_subject_condition_over_all_values_does_not_count_because_it_holds_for_a_missing_claim() -> None:
    assert federated(GITHUB, "repo:acme/app:*", "ForAllValues:StringLike").safety is Safety.UNSAFE


def test_guests_of_a_cognito_pool_are_anyone() -> None:
    condition = {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu:1"},
                 "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"}}  # fmt: skip
    assert one({"Federated": "cognito-identity.amazonaws.com"}, condition).principal_kind is PrincipalKind.ANONYMOUS


def test_saml_and_reserved_sso_sessions_are_people() -> None:
    assert one({"Federated": arn("saml-provider/idp")}).human
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_1/ana@acme.example"
    assert one({"AWS": session}).human
    assert not one({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/session"}).human


def test_an_account_is_written_in_two_ways_and_is_one_thing() -> None:
    assert one({"AWS": "999900001111"}).principal_scope == one({"AWS": "arn:aws:iam::999900001111:root"}).principal_scope == "999900001111"
    assert one({"AWS": "999900001111"}).principal_kind is PrincipalKind.ACCOUNT


def test_an_external_id_is_seen() -> None:
    assert one({"AWS": "999900001111"}, {"StringEquals": {"sts:ExternalId": "e-1"}}).external_id
    assert not one({"AWS": "999900001111"}).external_id


def test_a_deleted_principal_is_told_from_an_unknown_one() -> None:
    row = one({"AWS": "AIDAEXAMPLE1234567890"})
    assert (row.principal_kind, row.safety) == (PrincipalKind.UNKNOWN, Safety.SAFE)


def test_a_deny_or_another_action_lets_nobody_in() -> None:
    assert list(trusts("r", assume("*", Effect="Deny"), "f#r")) == []
    assert list(trusts("r", assume("*", Action="s3:GetObject"), "f#r")) == []


def test_everyone_but_a_few_is_anyone() -> None:
    policy = {"Statement": {"Effect": "Allow", "NotPrincipal": {"AWS": arn("user/x")}, "Action": "sts:AssumeRole"}}
    assert [row.principal_kind for row in trusts("r", policy, "f#r")] == [PrincipalKind.ANONYMOUS]
