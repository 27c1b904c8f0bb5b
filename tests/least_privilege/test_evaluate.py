"""One request, decided: worked examples of AWS's documented logic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scoring.least_privilege.aws.conditions import met
from scoring.least_privilege.aws.context import Context
from scoring.least_privilege.aws.documents import Policy, read, read_resource_policy
from scoring.least_privilege.aws.evaluate import Decision, evaluate
from scoring.least_privilege.aws.holds import Holds
from scoring.least_privilege.aws.patterns import like_resource
from scoring.least_privilege.aws.request import Request
from tests.least_privilege.policies import Json, allow, but, deny, policy

ACCOUNT, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/deploy"
USER = f"arn:aws:iam::{ACCOUNT}:user/ana"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OBJECT = "arn:aws:s3:::reports/home/ana/q3.csv"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0d1e"
TARGET = f"arn:aws:iam::{ACCOUNT}:role/target"


def asked(action: str = "s3:GetObject", resource: str = OBJECT, principal: str = ROLE, **rest: Any) -> Request:
    return Request(principal=principal, action=action, resource=resource, **rest)


def decided(request: Request, *statements: Json, **rest: Any) -> Decision:
    return evaluate(request, identity=[policy(*statements)], **rest)


def outcome(request: Request, *statements: Json, **rest: Any) -> str:
    decision = decided(request, *statements, **rest)
    return "denied by a Deny" if decision.explicit else str(decision.outcome)


def on_resource(*statements: Json) -> Policy:
    return read_resource_policy("r", json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def grants(principal: Any, *actions: str) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions or ["*"]), "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("s3:GetObject", on=OBJECT)], "allowed"),
        ([allow("S3:getobject")], "allowed"),
        ([allow("s3:Get?bject", on="arn:aws:s3:::reports/*")], "allowed"),
        ([allow("s3:PutObject")], "denied"),
        ([allow("s3:GetObject", on="arn:aws:s3:::Reports/*")], "denied"),
        ([allow("s3:GetObject", on="arn:aws:s3:::reports")], "denied"),
        ([but(allow(), "s3:Put*")], "allowed"),
        ([but(allow(), "s3:*")], "denied"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::reports/*"}], "denied"),
        ([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::vault/*"}], "allowed"),
        ([allow("*"), deny("s3:*")], "denied by a Deny"),
        ([allow("*"), deny("s3:*", on="arn:aws:s3:::vault/*")], "allowed"),
        ([deny("s3:*")], "denied by a Deny"),
        ([allow("s3")], "conditional"),
    ],
)
def test_statements_speak_of_actions_and_resources(statements: list[Json], expected: str) -> None:
    assert outcome(asked(), *statements) == expected


def test_a_deny_in_another_policy_holds_too() -> None:
    assert evaluate(asked(), identity=[policy(allow("*"), name="a"), policy(deny("*"), name="b")]).explicit


def test_every_level_of_control_policies_must_allow_and_any_may_deny() -> None:
    whole, narrow, no = policy(allow("*")), policy(allow("ec2:*")), policy(deny("s3:*"))
    assert outcome(asked(), allow("*"), scps=[[whole], [whole]]) == "allowed"
    assert outcome(asked(), allow("*"), scps=[[whole], [narrow, whole]]) == "allowed"
    assert outcome(asked(), allow("*"), scps=[[whole], [narrow]]) == "denied"
    assert outcome(asked(), allow("*"), scps=[[whole, no], [whole]]) == "denied by a Deny"
    assert outcome(asked(), allow("ec2:*"), scps=[[whole]]) == "denied"


def test_control_policies_do_not_bind_service_linked_roles() -> None:
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/s3.amazonaws.com/AWSServiceRoleForS3"
    assert outcome(asked(principal=linked), allow("*"), scps=[[policy(deny("*"))]]) == "allowed"


def test_a_resource_control_policy_denies_where_they_are_known_to_count() -> None:
    no = [[policy(deny("*"))]]
    assert outcome(asked(), allow("*"), rcps=no) == "denied by a Deny"
    assert outcome(asked("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-1"), allow("*"), rcps=no) == "conditional"


class TestBoundary:
    def test_must_allow_too_and_grants_nothing(self) -> None:
        assert outcome(asked(), allow("*"), boundaries=[policy(allow("s3:*"))]) == "allowed"
        assert outcome(asked(), allow("*"), boundaries=[policy(allow("ec2:*"))]) == "denied"
        assert outcome(asked(), allow("ec2:*"), boundaries=[policy(allow("*"))]) == "denied"

    def test_holds_for_a_role_that_the_resource_names_but_not_for_a_user(self) -> None:
        limit = [policy(allow("ec2:*"))]
        assert outcome(asked(), boundaries=limit, resource_policy=on_resource(grants({"AWS": ROLE}))) == "denied"
        assert outcome(asked(principal=USER), boundaries=limit, resource_policy=on_resource(grants({"AWS": USER}))) == "allowed"

    def test_makes_every_deny_with_not_principal_strike(self) -> None:
        spares = on_resource({"Effect": "Deny", "NotPrincipal": {"AWS": [USER, ROOT]}, "Action": "*", "Resource": "*"})
        assert outcome(asked(principal=USER), allow("*"), resource_policy=spares) == "allowed"
        assert outcome(asked(principal=USER), allow("*"), boundaries=[policy(allow("*"))], resource_policy=spares) == "denied by a Deny"


class TestResourcePolicy:
    @pytest.mark.parametrize(
        ("principal", "expected"),
        [
            ("*", "allowed"),
            ({"AWS": "*"}, "allowed"),
            ({"AWS": ROLE}, "allowed"),
            ({"AWS": ROOT}, "denied"),
            ({"AWS": ACCOUNT}, "denied"),
            ({"AWS": USER}, "denied"),
            ({"Service": "lambda.amazonaws.com"}, "denied"),
        ],
    )
    def test_grants_in_its_own_account_to_those_it_names_in_person(self, principal: Any, expected: str) -> None:
        assert outcome(asked(), resource_policy=on_resource(grants(principal))) == expected

    def test_names_a_role_for_its_sessions(self) -> None:
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-1"
        assert outcome(asked(principal=session), resource_policy=on_resource(grants({"AWS": ROLE}))) == "allowed"
        assert outcome(asked(), resource_policy=on_resource(grants({"AWS": session}))) == "denied"

    @pytest.mark.parametrize("principal", [{"AWS": ROLE}, {"AWS": ROOT}])
    def test_of_another_account_needs_the_identitys_policy_as_well(self, principal: Any) -> None:
        there = asked(resource_account=OTHER)
        assert outcome(there, allow("*"), resource_policy=on_resource(grants(principal))) == "allowed"
        assert outcome(there, resource_policy=on_resource(grants(principal))) == "denied"
        assert outcome(there, allow("*")) == "denied"

    def test_that_denies_the_account_denies_its_roles(self) -> None:
        no = on_resource({"Effect": "Deny", "Principal": {"AWS": ROOT}, "Action": "s3:*", "Resource": "*"})
        assert outcome(asked(), allow("*"), resource_policy=no) == "denied by a Deny"

    @pytest.mark.parametrize(
        ("spared", "expected"),
        [([ROLE, ROOT], "allowed"), ([ROLE], "conditional"), ([ROOT], "denied by a Deny"), ([USER, ROOT], "denied by a Deny")],
    )
    def test_spares_with_not_principal_only_who_is_named_beside_the_account(self, spared: list[str], expected: str) -> None:
        no = on_resource({"Effect": "Deny", "NotPrincipal": {"AWS": spared}, "Action": "s3:*", "Resource": "*"})
        assert outcome(asked(), allow("*"), resource_policy=no) == expected

    @pytest.mark.parametrize(("action", "resource"), [("kms:Decrypt", KEY), ("sts:AssumeRole", TARGET)])
    def test_of_a_key_or_role_decides_whether_identity_policies_count(self, action: str, resource: str) -> None:
        request = asked(action, resource)
        assert outcome(request, allow("*"), resource_policy=on_resource(grants({"AWS": ROOT}))) == "allowed"
        assert outcome(request, allow("*"), resource_policy=on_resource(grants({"AWS": USER}))) == "denied"
        assert outcome(request, resource_policy=on_resource(grants({"AWS": ROLE}))) == "allowed"
        missing = decided(request, allow("*"))
        assert (missing.outcome, "was not supplied" in missing.reason) == ("unknown", True)


class TestConditions:
    def test_on_a_key_of_which_nothing_is_known_stay_open(self) -> None:
        wanted = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
        assert outcome(asked(), allow("*", Condition=wanted)) == "conditional"
        assert outcome(asked(context={"aws:SourceVpc": "vpc-1"}), allow("*", Condition=wanted)) == "allowed"
        assert outcome(asked(context={"AWS:sourcevpc": "vpc-2"}), allow("*", Condition=wanted)) == "denied"
        assert outcome(asked(absent=["aws:SourceVpc"]), allow("*", Condition=wanted)) == "denied"
        assert outcome(asked(complete=True), allow("*", Condition=wanted)) == "denied"

    def test_of_a_deny_that_may_strike_leave_the_request_open(self) -> None:
        unless = {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}
        assert outcome(asked(), allow("*"), deny("s3:*", Condition=unless)) == "conditional"
        assert outcome(asked(absent=["aws:SourceVpc"]), allow("*"), deny("s3:*", Condition=unless)) == "denied by a Deny"

    def test_what_the_principals_arn_says_is_known(self) -> None:
        own = allow("*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/app/*"}})
        assert outcome(asked(), own) == "allowed"
        assert outcome(asked(principal=USER), own) == "denied"

    def test_that_hold_whoever_asks_need_no_context(self) -> None:
        assert outcome(asked(), allow("*", Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}})) == "allowed"

    def test_that_ask_for_a_token_of_these_years_hold_for_a_role_and_stay_open_for_a_user(self) -> None:
        recent = allow("*", Condition={"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}})
        assert outcome(asked(), recent) == "allowed"
        assert outcome(asked(principal=USER), recent) == "conditional"


class TestVariables:
    HOME = allow("s3:GetObject", on="arn:aws:s3:::reports/home/${aws:username}/*")

    def test_are_filled_from_the_context(self) -> None:
        assert outcome(asked(principal=USER), self.HOME) == "allowed"
        assert outcome(asked(principal=USER.replace("ana", "ben")), self.HOME) == "denied"
        assert outcome(asked(), self.HOME) == "denied"  # a role has no user name

    def test_of_which_nothing_is_known_leave_it_open_where_they_might_match(self) -> None:
        team = allow("s3:GetObject", on="arn:aws:s3:::reports/home/${aws:PrincipalTag/team}/*")
        assert outcome(asked(), team) == "conditional"
        assert outcome(asked(resource="arn:aws:s3:::other/x"), team) == "denied"

    def test_are_text_in_the_older_version(self) -> None:
        old = read("p", json.dumps({"Version": "2008-10-17", "Statement": [self.HOME]}))
        assert evaluate(asked(principal=USER), identity=[old]).outcome == "denied"

    def test_values_are_no_patterns(self) -> None:
        star = asked(context={"aws:PrincipalTag/team": "*"})
        assert outcome(star, allow("*", on="arn:aws:s3:::reports/home/${aws:PrincipalTag/team}/q3.csv")) == "denied"


def test_a_policy_that_cannot_be_read_leaves_the_request_unknown_and_is_named() -> None:
    unread = Policy(document_id="?x", problem="the text of x was not in the evidence")
    decision = evaluate(asked(), identity=[policy(allow("*")), unread])
    assert (decision.outcome, decision.reason) == ("unknown", "a policy cannot be judged: the text of x was not in the evidence")
    assert evaluate(asked(), identity=[policy(deny("*")), unread]).outcome == "denied"
    assert evaluate(asked(), identity=[unread], boundaries=[policy(allow("ec2:*"))]).outcome == "denied"
    assert evaluate(asked(), identity=[policy(allow("*"))], scps=[[unread]]).outcome == "unknown"


def test_the_decision_names_the_deciding_statements() -> None:
    decision = decided(asked(), allow("ec2:*"), allow("s3:*", Sid="Read"))
    assert decision.reason == "statement 1 (Read) of identity policy p allows it"
    assert [(one.side, one.statement.number) for one in decision.statements] == [("identity", 1)]
    assert decided(asked(), allow("ec2:*")).reason == "no policy allows it"
    assert decided(asked(), allow("*"), boundaries=[policy(allow("ec2:*"))]).reason == "its permission boundary does not allow it"


def test_nobody_changes_what_aws_manages() -> None:
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert outcome(asked("iam:CreatePolicyVersion", managed), allow("*")) == "denied"
    assert outcome(asked("iam:GetPolicy", managed), allow("*")) == "allowed"


def test_who_one_is_one_may_always_ask() -> None:
    assert outcome(asked("sts:GetCallerIdentity", "*"), deny("*")) == "allowed"


@pytest.mark.parametrize(
    ("pattern", "resource", "expected"),
    [
        ("arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:1:q", Holds.ALWAYS),
        ("arn:aws:sqs:eu*:1:q", "arn:aws:sqs:eu-west-1:1:q", Holds.ALWAYS),
        ("arn:aws:sqs:*1:q", "arn:aws:sqs:eu-west-1:1:q", Holds.NEVER),
        ("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:1:q", Holds.ALWAYS),
        ("arn:aws:sqs", "arn:aws:sqs:eu-west-1:1:q", Holds.MAYBE),
        ("arn:aws:iam::1:r?le/x", "arn:aws:iam::1:role/x", Holds.MAYBE),
        ("arn:aws:iam::1:*/x", "arn:aws:iam::1:role/x", Holds.ALWAYS),
        ("arn:aws:s3:::rep*/x", "arn:aws:s3:::reports/x", Holds.ALWAYS),
        ("arn:aws:sqs:eu-west-1:1:a?", "arn:aws:sqs:eu-west-1:1:a", Holds.NEVER),
        ("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/*", Holds.ALWAYS),
        ("arn:aws:s3:::a/${*}", "arn:aws:s3:::a/b", Holds.NEVER),
        ("arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:q", "arn:aws:sqs:eu-west-1:1:q", Holds.MAYBE),
        ("*", "*", Holds.ALWAYS),
        ("arn:aws:s3:::*", "*", Holds.NEVER),
    ],
)
def test_wildcards_stay_within_the_segments_of_an_arn_unless_they_end_one(pattern: str, resource: str, expected: Holds) -> None:
    assert like_resource(pattern, resource, Context.of({"aws:PrincipalAccount": "1"}, complete=True)) is expected


GIVEN = Context.of(
    {
        "s": "blue",
        "n": "10",
        "d": "2026-06-15T12:30:00Z",
        "e": "1781526600",
        "b": "true",
        "x": "QmluYXJ5",
        "ip": "203.0.113.7",
        "ip6": "2001:db8::7",
        "arn": "arn:aws:sns:eu-west-1:1:alarms",
        "m": ["env", "team"],
        "empty": [],
        "tag": "b*e",
    },
    complete=True,
)


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringEquals", "s", "blue", "yes"),
        ("StringEquals", "s", "Blue", "no"),
        ("StringEquals", "S", ["red", "blue"], "yes"),
        ("StringEquals", "s", "b*", "no"),
        ("StringEquals", "gone", "blue", "no"),
        ("StringEqualsIfExists", "gone", "blue", "yes"),
        ("StringNotEquals", "s", ["red", "blue"], "no"),
        ("StringNotEquals", "s", ["red", "green"], "yes"),
        ("StringNotEquals", "gone", "blue", "yes"),
        ("StringEqualsIgnoreCase", "s", "BLUE", "yes"),
        ("StringNotEqualsIgnoreCase", "s", "BLUE", "no"),
        ("StringLike", "s", "b?u*", "yes"),
        ("StringLike", "s", "${tag}", "no"),
        ("StringNotLike", "s", "b*", "no"),
        ("StringEquals", "s", "${gone, 'blue'}", "yes"),
        ("StringEquals", "s", "${gone}", "no"),
        ("StringNotEquals", "s", "${gone}", "yes"),
        ("NumericEquals", "n", "10.0", "yes"),
        ("NumericNotEquals", "n", 10, "no"),
        ("NumericLessThan", "n", "10", "no"),
        ("NumericLessThanEquals", "n", "10", "yes"),
        ("NumericGreaterThan", "n", "9", "yes"),
        ("NumericGreaterThanEquals", "n", "11", "no"),
        ("NumericEquals", "n", "ten", "open"),
        ("DateEquals", "d", "2026-06-15T14:30:00+02:00", "yes"),
        ("DateNotEquals", "d", "2026-06-15T12:30:00Z", "no"),
        ("DateLessThan", "d", "2026-06-16", "yes"),
        ("DateGreaterThan", "d", "2026-06-16", "no"),
        ("DateEquals", "e", "2026-06-15T12:30:00Z", "yes"),
        ("DateGreaterThanEquals", "d", "yesterday", "open"),
        ("Bool", "b", True, "yes"),
        ("Bool", "b", "False", "no"),
        ("Bool", "gone", "false", "no"),
        ("BoolIfExists", "gone", "false", "yes"),
        ("BinaryEquals", "x", "QmluYXJ5", "yes"),
        ("BinaryEquals", "x", "b3RoZXI=", "no"),
        ("IpAddress", "ip", "203.0.113.0/24", "yes"),
        ("IpAddress", "ip", ["10.0.0.0/8", "0.0.0.0/0"], "yes"),
        ("IpAddress", "ip", "2001:db8::/32", "no"),
        ("IpAddress", "ip6", "2001:DB8:0:0:0:0:0:7", "yes"),
        ("NotIpAddress", "ip", "203.0.113.7", "no"),
        ("NotIpAddress", "ip", "2001:db8::7", "yes"),
        ("ArnLike", "arn", "arn:aws:sns:*:1:al*", "yes"),
        ("ArnEquals", "arn", "arn:aws:sns:*:1:*", "yes"),
        ("ArnLike", "arn", "arn:aws:s*:1:alarms", "open"),
        ("ArnNotLike", "arn", "arn:aws:sns:*:2:*", "yes"),
        ("Null", "s", "false", "yes"),
        ("Null", "gone", "true", "yes"),
        ("Null", "empty", True, "yes"),
        ("ForAnyValue:StringEquals", "m", ["team", "cost"], "yes"),
        ("ForAnyValue:StringEquals", "m", "cost", "no"),
        ("ForAnyValue:StringEquals", "gone", "cost", "no"),
        ("ForAllValues:StringEquals", "m", ["team", "env", "cost"], "yes"),
        ("ForAllValues:StringEquals", "m", "team", "no"),
        ("ForAllValues:StringEquals", "gone", "team", "yes"),
        ("ForAllValues:StringNotEquals", "m", "cost", "yes"),
        ("ForAnyValue:StringNotEquals", "m", "env", "yes"),
        ("StringEquals", "m", "env", "open"),
        ("StringMatches", "s", "blue", "open"),
    ],
)
def test_each_operator_compares_as_documented(operator: str, key: str, values: Any, expected: str) -> None:
    words = {Holds.ALWAYS: "yes", Holds.NEVER: "no", Holds.MAYBE: "open"}
    assert words[met({operator: {key: values}}, "Allow", GIVEN)] == expected


def test_all_conditions_of_a_block_must_hold() -> None:
    assert met({"StringEquals": {"s": "blue", "n": "10"}, "Bool": {"b": "true"}}, "Allow", GIVEN) is Holds.ALWAYS
    assert met({"StringEquals": {"s": "blue", "n": "11"}, "Bool": {"b": "true"}}, "Allow", GIVEN) is Holds.NEVER
