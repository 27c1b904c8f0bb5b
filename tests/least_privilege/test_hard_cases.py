"""The cases that tools for AWS policies get wrong, as one table: who is an administrator, and what each set of policies allows."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from scoring.least_privilege.aws.catalogue import parse
from scoring.least_privilege.aws.documents import Policy
from scoring.least_privilege.aws.effective import Effective
from scoring.least_privilege.aws.evaluate import evaluate
from scoring.least_privilege.aws.privilege import privilege_of
from scoring.least_privilege.aws.request import Request
from tests.least_privilege.policies import Json, allow, but, deny, policy

ACCOUNT = "111111111111"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/base"
MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ALWAYS = {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
NEVER = {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
DEPENDS = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
EXCEPT = {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}


class Case(NamedTuple):
    why: str
    policies: list[list[Json]]
    """Identity policies, each its statements."""
    privilege: str
    action: str
    resource: str
    outcome: str
    """Of asking for the action on the resource."""


WRITE, VERSION, OBJECT = "iam:PutRolePolicy", "iam:CreatePolicyVersion", "arn:aws:s3:::b/k"

CASES = [
    Case("two policies combine", [[allow("iam:UpdateAssumeRolePolicy")], [allow("sts:AssumeRole")]], "admin", WRITE, OTHER, "denied"),
    Case("half of it alone", [[allow("iam:UpdateAssumeRolePolicy")]], "unknown", WRITE, OTHER, "denied"),
    Case(
        "passing and starting, apart",
        [[allow("iam:PassRole")], [allow("lambda:CreateFunction")]],
        "unknown",
        "iam:PassRole",
        OTHER,
        "allowed",
    ),
    Case("starting without passing", [[allow("lambda:CreateFunction")]], "write", "iam:PassRole", OTHER, "denied"),
    Case("every policy of the account", [[allow(VERSION)]], "admin", VERSION, POLICY, "allowed"),
    Case("AWS-managed policies only", [[allow(VERSION, on="arn:aws:iam::aws:policy/*")]], "write", VERSION, MANAGED, "denied"),
    Case("one policy", [[allow(VERSION, on=POLICY)]], "unknown", VERSION, POLICY, "allowed"),
    Case("another account's roles", [[allow(WRITE, on="arn:aws:iam::222222222222:role/*")]], "write", WRITE, OTHER, "denied"),
    Case("a condition that is always true", [[allow("*", Condition=ALWAYS)]], "admin", WRITE, OTHER, "allowed"),
    Case("a condition that is never true", [[allow("*", Condition=NEVER)]], "none", WRITE, OTHER, "denied"),
    Case("a condition that depends", [[allow("*", Condition=DEPENDS)]], "unknown", WRITE, OTHER, "conditional"),
    Case("a Deny that is never in force", [[allow("*"), deny("*", Condition=NEVER)]], "admin", WRITE, OTHER, "allowed"),
    Case("a Deny that is always in force", [[allow("*"), deny("iam:*", "sts:*", Condition=ALWAYS)]], "write", WRITE, OTHER, "denied"),
    Case("a Deny that depends", [[allow("*"), deny("*", Condition=EXCEPT)]], "unknown", WRITE, OTHER, "conditional"),
    Case("NotAction that leaves IAM in", [[but(allow(), "s3:*")]], "admin", WRITE, OTHER, "allowed"),
    Case("NotAction that leaves IAM out", [[but(allow(), "iam:*", "sts:*")]], "write", WRITE, OTHER, "denied"),
    Case("NotAction in a Deny", [[allow("*"), but(deny(), "s3:*")]], "write", WRITE, OTHER, "denied"),
    Case("Allow and Deny in one policy", [[allow("iam:*"), deny("iam:*")]], "none", WRITE, OTHER, "denied"),
    Case("Allow and Deny in two policies", [[allow("iam:*")], [deny("iam:*")]], "none", WRITE, OTHER, "denied"),
    Case("Deny of another service", [[allow("iam:*")], [deny("s3:*")]], "admin", WRITE, OTHER, "allowed"),
    Case("Deny on one role", [[allow("iam:*"), deny("iam:*", on=OTHER)]], "admin", WRITE, OTHER, "denied"),
    Case("Deny on one role leaves the others", [[allow("iam:*"), deny("iam:*", on=OTHER)]], "admin", WRITE, ROLE, "allowed"),
    Case("Deny alone", [[deny("s3:DeleteBucket")]], "none", "s3:GetObject", OBJECT, "denied"),
    Case("wildcards in the action", [[allow("iam:Put*Policy")]], "admin", WRITE, OTHER, "allowed"),
    Case("a service by wildcard", [[allow("i?m:*")]], "admin", WRITE, OTHER, "allowed"),
    Case("the case of an action", [[allow("IAM:putrolepolicy")]], "admin", WRITE, OTHER, "allowed"),
    Case("the case of a resource", [[allow("s3:GetObject", on="arn:aws:s3:::B/k")]], "read", "s3:GetObject", OBJECT, "denied"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.why)
def test_a_set_of_policies_is_judged_by_all_of_its_statements_together(case: Case) -> None:
    policies = [policy(*found, name=str(number)) for number, found in enumerate(case.policies)]
    assert privilege_of(policies, account=ACCOUNT).privilege == case.privilege
    asked = Request(principal=ROLE, action=case.action, resource=case.resource)
    assert evaluate(asked, identity=policies).outcome == case.outcome


class TestACatalogueThatLacksAService:
    """S3 and half of IAM are not listed: no pattern that names them, or may, counts as harmless."""

    LACKING = parse("# version\ttest\niam\tRead\tGetRole+ ListRoles+\nec2\tWrite\tRunInstances+\nsts\tWrite\tAssumeRole+\n")

    def judged(self, *statements: Json, boundary: list[Json] | None = None) -> str:
        limits = [policy(*boundary, name="b")] if boundary else []
        return str(privilege_of([policy(*statements)], limits, account=ACCOUNT, catalogue=self.LACKING).privilege)

    @pytest.mark.parametrize("pattern", ["s3:*", "s3:GetObject", "S3:Get*", "s*:GetObject"])
    def test_leaves_what_it_does_not_list_unknown(self, pattern: str) -> None:
        assert self.judged(allow(pattern)) == "unknown"
        assert self.judged(allow(pattern), boundary=[allow("*")]) == "unknown"

    def test_still_knows_an_administrator(self) -> None:
        assert self.judged(allow("iam:PutRolePolicy")) == "admin"
        assert self.judged(allow("*")) == "admin"

    def test_keeps_the_pattern_as_written(self) -> None:
        effective = Effective(policies=[policy(allow("s3:Get*"))], boundaries=[], catalogue=self.LACKING, account=None)
        assert [grant.beyond for grant in effective.grants] == [("s3:get*",)]

    def test_takes_nothing_unlisted_away_but_what_a_deny_names(self) -> None:
        assert self.judged(allow("s3:*"), deny("ec2:*")) == "unknown"
        assert self.judged(allow("s3:*"), deny("s3:Delete*")) == "unknown"
        assert self.judged(allow("s3:GetObject"), deny("s3:*")) == "none"

    def test_changes_no_answer_to_a_request(self) -> None:
        asked = Request(principal=ROLE, action="s3:GetObject", resource=OBJECT)
        assert evaluate(asked, identity=[policy(allow("s3:Get*"))]).outcome == "allowed"
        assert evaluate(asked, identity=[Policy(document_id="?x", problem="no text")]).outcome == "unknown"
