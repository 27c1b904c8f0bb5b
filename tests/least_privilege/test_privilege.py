"""How much a policy set allows: worked examples."""

from __future__ import annotations

import pytest

from scoring.least_privilege.aws.documents import Policy, read
from scoring.least_privilege.aws.privilege import privilege_of
from scoring.least_privilege.verdict import Privilege
from tests.least_privilege.policies import Json, allow, but, deny, level, policy, verdict

SOMETIMES = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
NEVER = {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}
ALWAYS = {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:01Z"}}
ROLES = "arn:aws:iam::*:role/*"


@pytest.mark.parametrize(
    "statement",
    [
        allow("*"),
        allow("*:*"),
        allow("IAM:*"),
        allow("i?m:*"),
        allow("iam:CreatePolicyVersion"),
        allow("iam:Attach*"),
        allow("iam:PutUserPolicy"),
        allow("iam:PutGroupPolicy"),
        allow("iam:PutRolePolicy", on=ROLES),
        allow("iam:UpdateAssumeRolePolicy", "sts:AssumeRole"),
        but(allow(), "s3:DeleteBucket"),
        but(allow(), "iam:Update*", "iam:Create*", "iam:Attach*"),
        allow("*", Condition=ALWAYS),
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::vault"},
    ],
)
def test_writing_permissions_at_will_is_administration(statement: Json) -> None:
    assert level(statement) == "admin"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:GetObject")], "read"),
        ([allow("ec2:Describe*", "s3:List*")], "read"),
        ([allow("s3:GetObject"), allow("s3:PutObject", on="arn:aws:s3:::b/*")], "write"),
        ([allow("sqs:SendMessage", Condition=SOMETIMES)], "write"),
        ([allow("ec2:CreateTags")], "write"),
        ([allow("sts:AssumeRole")], "write"),
        ([but(allow(), "iam:*", "organizations:*", "account:*")], "write"),
        ([allow("iam:PassRole")], "write"),
        ([allow("iam:PassRole", on="arn:aws:iam::1:role/app"), allow("lambda:CreateFunction")], "write"),
        ([allow("s3:*", Condition=NEVER)], "none"),
    ],
)
def test_below_administration_the_highest_access_level_counts(statements: list[Json], expected: str) -> None:
    assert level(*statements) == expected


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ([allow("*", Condition=SOMETIMES)], "conditional"),
        ([allow("iam:CreatePolicyVersion", on="arn:aws:iam::*:policy/team-*")], "some resources"),
        ([allow("iam:CreateAccessKey")], "iam:createaccesskey"),
        ([allow("iam:AddUserToGroup")], "iam:addusertogroup"),
        ([allow("iam:PassRole"), allow("ec2:RunInstances")], "iam:passrole on every role, with ec2:runinstances"),
        ([allow("iam:PassRole", Condition=SOMETIMES), allow("lambda:*", on="arn:aws:lambda:*:*:function:x")], "iam:passrole"),
        ([allow("*"), deny("*", Condition=SOMETIMES)], "Deny"),
        ([allow("iam:*"), deny("iam:*", on=ROLES), deny("iam:*", on="arn:aws:iam::*:*")], "Deny"),
        ([allow("codestar:*")], "retired"),
        ([allow("s3:GetObject", "evidently:Get*")], "retired"),
        ([allow("nosuchservice:Do")], "not in the action catalogue"),
        ([allow("*:Describe*")], "services that are not in the action catalogue"),
        ([allow("iam*")], "may take it away"),
    ],
)
def test_what_may_come_to_more_is_unknown_with_the_reason(statements: list[Json], why: str) -> None:
    found = verdict(*statements)
    assert found.privilege is Privilege.UNKNOWN
    assert why in found.reason
    assert found.documents == ("p",)


def test_unknown_services_do_not_lower_or_raise_what_is_already_write() -> None:
    assert level(allow("s3:PutObject", "codestar:*")) == "write"


def test_users_may_manage_their_own_keys_without_being_suspect() -> None:
    assert level(allow("iam:*AccessKey*", "iam:ChangePassword", on="arn:aws:iam::*:user/${aws:username}")) == "write"


def test_aws_managed_policies_cannot_be_modified() -> None:
    assert level(allow("iam:CreatePolicyVersion", on="arn:aws:iam::aws:policy/team-*")) == "write"


def test_objects_of_another_account_do_not_count() -> None:
    statement = allow("iam:PutRolePolicy", on="arn:aws:iam::222222222222:role/*")
    assert level(statement, account="222222222222") == "admin"
    assert level(statement, account="111111111111") == "write"
    assert level(statement) == "unknown"


class TestDeny:
    def test_in_the_same_policy_takes_away(self) -> None:
        assert level(allow("iam:*"), deny("iam:*")) == "none"

    def test_in_another_policy_takes_away(self) -> None:
        assert privilege_of([policy(allow("*"), name="a"), policy(deny("*"), name="b")]).privilege is Privilege.NONE

    def test_alone_allows_nothing(self) -> None:
        assert level(deny("iam:*")) == "none"

    def test_of_iam_leaves_the_rest(self) -> None:
        assert level(allow("*"), deny("iam:*")) == "write"

    def test_of_one_action_leaves_the_other_ways(self) -> None:
        assert level(allow("*"), deny("iam:CreatePolicyVersion")) == "admin"

    def test_on_named_objects_leaves_administration(self) -> None:
        assert level(allow("*"), deny("iam:*", on="arn:aws:iam::1:role/breakglass")) == "admin"

    def test_on_some_roles_leaves_the_ways_by_users_groups_and_policies(self) -> None:
        assert level(allow("*"), deny("*", on="arn:aws:iam::*:role/protected-*")) == "admin"

    def test_that_never_applies_changes_nothing(self) -> None:
        assert level(allow("*"), deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})) == "admin"

    def test_that_always_applies_counts_as_unconditional(self) -> None:
        assert level(allow("*"), deny("*", Condition=ALWAYS)) == "none"

    def test_on_the_very_resources_of_an_allow_takes_away(self) -> None:
        assert level(allow("s3:*", on="arn:aws:s3:::a/*"), deny("s3:Put*", "s3:*", on="arn:aws:s3:::a/*")) == "none"

    def test_on_other_resources_takes_nothing(self) -> None:
        assert level(allow("s3:PutObject", on="arn:aws:s3:::a/*"), deny("s3:*", on="arn:aws:s3:::b/*")) == "write"

    def test_of_everything_but_some_reads_leaves_those(self) -> None:
        assert level(allow("*"), but(deny(), "s3:Get*")) == "read"

    def test_of_an_unknown_service_settles_it(self) -> None:
        assert level(allow("codestar:*", "s3:GetObject"), deny("codestar:*")) == "read"


class TestAcrossPolicies:
    def test_permissions_combine(self) -> None:
        halves = [policy(allow("iam:UpdateAssumeRolePolicy"), name="a"), policy(allow("sts:AssumeRole"), name="b")]
        found = privilege_of(halves)
        assert found.privilege is Privilege.ADMIN
        assert found.documents == ("a", "b")

    def test_passing_a_role_and_starting_code_combine(self) -> None:
        halves = [policy(allow("iam:PassRole"), name="a"), policy(allow("ec2:RunInstances"), name="b")]
        assert privilege_of(halves).privilege is Privilege.UNKNOWN
        assert privilege_of(halves[:1]).privilege is Privilege.WRITE
        assert privilege_of(halves[1:]).privilege is Privilege.WRITE


class TestBoundary:
    def test_without_administration_there_is_none(self) -> None:
        assert level(allow("*"), boundary=[allow("s3:*")]) == "write"
        assert level(allow("*"), boundary=[allow("s3:Get*")]) == "read"

    def test_with_administration_it_stays(self) -> None:
        assert level(allow("*"), boundary=[allow("*")]) == "admin"

    def test_grants_nothing_itself(self) -> None:
        assert privilege_of([], [policy(allow("*"))]).privilege is Privilege.NONE
        assert level(allow("s3:GetObject"), boundary=[allow("*")]) == "read"

    def test_on_other_resources_leaves_nothing(self) -> None:
        assert level(allow("s3:*", on="arn:aws:s3:::a/*"), boundary=[allow("s3:*", on="arn:aws:s3:::b/*")]) == "none"

    def test_whose_deny_holds(self) -> None:
        assert level(allow("*"), boundary=[allow("*"), deny("iam:*")]) == "write"

    def test_that_can_be_lifted_settles_nothing(self) -> None:
        found = verdict(allow("*"), boundary=[allow("s3:*", "iam:DeleteRolePermissionsBoundary")])
        assert found.privilege is Privilege.UNKNOWN
        assert "boundary may not hold" in found.reason

    def test_without_text_leaves_the_level_open(self) -> None:
        missing = Policy(document_id="?b", problem="the text of b was not in the evidence")
        found = privilege_of([policy(allow("s3:PutObject"))], [missing])
        assert found.privilege is Privilege.UNKNOWN
        assert found.reason == "its permission boundary cannot be judged: the text of b was not in the evidence"
        assert privilege_of([policy(allow("*"))], [missing]).at_most is Privilege.ADMIN


class TestTextThatCannotBeJudged:
    MISSING = Policy(document_id="?x", problem="the text of x was not in the evidence")

    def test_leaves_everything_open(self) -> None:
        found = privilege_of([policy(allow("s3:PutObject")), self.MISSING])
        assert (found.privilege, found.at_most) == (Privilege.UNKNOWN, Privilege.ADMIN)
        assert found.reason == "a policy cannot be judged: the text of x was not in the evidence"
        assert found.documents == ("?x",)

    def test_does_not_hide_administration_elsewhere(self) -> None:
        assert privilege_of([self.MISSING, policy(allow("*"))]).privilege is Privilege.ADMIN

    def test_known_to_be_harmless_leaves_only_the_lower_levels_open(self) -> None:
        harmless = Policy(document_id="?r", problem="the text of r was not in the evidence", harmless=True)
        assert privilege_of([harmless]).privilege is Privilege.UNKNOWN
        assert privilege_of([harmless, policy(allow("s3:PutObject"))]).privilege is Privilege.WRITE

    def test_broken_json_is_one_of_them(self) -> None:
        assert privilege_of([read("d", "{")]).privilege is Privilege.UNKNOWN


class TestOnlyAssumesRoles:
    def test_is_said_of_assuming_and_asking_who_one_is(self) -> None:
        assert verdict(allow("sts:AssumeRole", "sts:TagSession", on="arn:aws:iam::1:role/x"), allow("sts:GetCallerIdentity")).only_assumes

    def test_is_not_said_of_anything_more(self) -> None:
        assert not verdict(allow("sts:AssumeRole", "s3:GetObject")).only_assumes
        assert not verdict(allow("sts:*")).only_assumes
        assert not verdict(but(allow(), "s3:*")).only_assumes

    def test_is_not_said_without_the_right_to_assume_a_role(self) -> None:
        assert not verdict(allow("sts:GetCallerIdentity")).only_assumes
        assert not verdict(allow("sts:AssumeRole"), deny("sts:AssumeRole")).only_assumes

    def test_is_not_said_when_anything_is_open(self) -> None:
        assert not verdict(allow("sts:AssumeRole", "codestar:*")).only_assumes
        missing = Policy(document_id="?r", problem="no text", harmless=True)
        assert not privilege_of([policy(allow("sts:AssumeRole")), missing]).only_assumes


def test_the_reason_names_the_statement_and_what_it_allows() -> None:
    assert verdict(allow("s3:GetObject"), allow("iam:*", Sid="All")).reason == "statement 1 (All) allows iam:* on all resources"
    assert verdict(allow("s3:PutObject", on="arn:aws:s3:::a/*")).reason == "statement 0 changes: s3:PutObject on some resources"
    assert (
        verdict(allow("s3:PutObject", Condition=SOMETIMES)).reason == "statement 0 changes: s3:PutObject on all resources under a condition"
    )
    assert verdict(deny("*")).reason == "its policies hold no Allow that applies"
