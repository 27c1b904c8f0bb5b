"""A policy's text becomes rows of `policy_permission` and statements."""

from __future__ import annotations

import pytest

from inventory.model import PolicyPermission
from scoring.least_privilege.aws.conditions import Holds, decide
from scoring.least_privilege.aws.documents import judge, read
from scoring.least_privilege.aws.resources import Reach, Resources, covers, overlap, overlaps, reach
from tests.least_privilege.policies import allow, but, deny, text


def test_each_pattern_of_a_document_becomes_one_row() -> None:
    document = text(
        allow("sqs:SendMessage", "sqs:Send*", on="arn:aws:sqs:eu-west-1:1:q", Sid="Send"), deny("*", Condition={"Bool": {"a": "b"}})
    )
    rows = list(judge({"d1": document}))
    assert [(row.statement, row.action_pattern, row.effect, row.all_resources, row.conditional) for row in rows] == [
        (0, "sqs:sendmessage", "Allow", False, False),
        (0, "sqs:send*", "Allow", False, False),
        (1, "*", "Deny", True, True),
    ]
    assert rows[0] == PolicyPermission(
        document_id="d1",
        statement=0,
        sid="Send",
        effect="Allow",
        action_pattern="sqs:sendmessage",
        negated=False,
        service="sqs",
        known=True,
        actions=1,
        access_levels=["Write"],
        all_resources=False,
        conditional=False,
    )
    assert rows[2].service is None


def test_not_action_is_kept_as_what_the_statement_leaves_out() -> None:
    (row,) = judge({"d": text(but(allow(), "sts:AssumeRole"))})
    assert (row.negated, row.action_pattern, row.actions, row.access_levels) == (True, "sts:assumerole", 1, ["Write"])


def test_an_unknown_service_is_kept_literally() -> None:
    (row,) = judge({"d": text(allow("CodeStar:Get*"))})
    assert (row.known, row.action_pattern, row.service, row.actions, row.access_levels) == (False, "codestar:get*", "codestar", 0, [])


def test_not_resource_counts_as_all_resources() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::a"}
    (row,) = judge({"d": text(statement)})
    assert row.all_resources


def test_a_single_statement_and_a_single_action_need_no_list() -> None:
    policy = read("d", '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}')
    assert policy.problem is None
    assert policy.statements[0].patterns == ("s3:*",)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("not json", "it is not JSON"),
        ("[]", "it has no Statement"),
        ('{"Statement":[{"Effect":"Permit","Action":"*","Resource":"*"}]}', "statement 0 is neither Allow nor Deny"),
        ('{"Statement":[{"Effect":"Allow","Resource":"*"}]}', "statement 0 needs exactly one of Action and NotAction"),
        ('{"Statement":[{"Effect":"Allow","Action":"*"}]}', "statement 0 needs exactly one of Resource and NotResource"),
        ('{"Statement":[{"Effect":"Allow","Action":[1],"Resource":"*"}]}', "statement 0: Action is empty or not text"),
    ],
)
def test_a_document_that_is_no_policy_says_why_and_has_no_rows(document: str, problem: str) -> None:
    assert read("d", document).problem == problem
    assert list(judge({"d": document})) == []


@pytest.mark.parametrize(
    ("block", "effect", "expected"),
    [
        (None, "Allow", Holds.ALWAYS),
        ({}, "Allow", Holds.ALWAYS),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, "Allow", Holds.MAYBE),
        ({"StringLike": {"aws:PrincipalArn": ["*"]}}, "Allow", Holds.ALWAYS),
        ({"StringLike": {"aws:SourceVpc": "*"}}, "Allow", Holds.MAYBE),
        ({"StringLikeIfExists": {"aws:SourceVpc": "*"}}, "Allow", Holds.ALWAYS),
        ({"Null": {"aws:PrincipalArn": "true"}}, "Allow", Holds.NEVER),
        ({"Null": {"aws:PrincipalArn": "true"}, "StringEquals": {"a:b": "c"}}, "Allow", Holds.NEVER),
        ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, "Allow", Holds.NEVER),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, "Allow", Holds.ALWAYS),
        ({"DateLessThan": {"aws:CurrentTime": "2999-01-01T00:00:00Z"}}, "Allow", Holds.MAYBE),
        ({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, "Allow", Holds.NEVER),
        ({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, "Allow", Holds.MAYBE),
        ({"DateLessThanIfExists": {"aws:TokenIssueTime": "2020-01-01T00:00:00Z"}}, "Deny", Holds.MAYBE),
        ({"Bool": {"aws:SecureTransport": "false"}}, "Deny", Holds.NEVER),
        ({"Bool": {"aws:SecureTransport": "false"}}, "Allow", Holds.MAYBE),
        ({"ForAnyValue:StringLike": {"aws:PrincipalArn": "*"}}, "Allow", Holds.MAYBE),
        ({"Bool": {"aws:SecureTransport": "true"}}, "Allow", Holds.ALWAYS),
        ({"Bool": {"aws:SecureTransport": "true"}}, "Deny", Holds.MAYBE),
        ({"ArnLike": {"aws:PrincipalArn": "*"}}, "Allow", Holds.MAYBE),
        ({"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root"]}}, "Deny", Holds.NEVER),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}, "Deny", Holds.ALWAYS),
        ({"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:root", "arn:aws:iam::*:role/a"]}}, "Deny", Holds.MAYBE),
        ("nonsense", "Allow", Holds.MAYBE),
    ],
)
def test_only_plain_conditions_are_decided(block: object, effect: str, expected: Holds) -> None:
    assert decide(block, effect) is expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", Reach.ALL),
        ("arn:aws:iam::*:role/*", Reach.ALL),
        ("arn:aws:iam::111111111111:role/*", Reach.ALL),
        ("arn:aws:iam::${aws:PrincipalAccount}:role/*", Reach.ALL),
        ("arn:aws-us-gov:iam::*:*", Reach.ALL),
        ("arn:aws:iam::222222222222:role/*", Reach.NONE),
        ("arn:aws:iam::*:role/app-*", Reach.SOME),
        ("arn:aws:iam::111111111111:role/app", Reach.NAMED),
        ("arn:aws:iam::*:user/*", Reach.NONE),
        ("arn:aws:iam::aws:role/*", Reach.NONE),
        ("arn:aws:s3:::bucket", Reach.NONE),
        ("arn:aws:*", Reach.ALL),
        ("arn:aws:iam", Reach.SOME),
        ("arn:aws:s3", Reach.NONE),
    ],
)
def test_the_reach_of_a_resource_over_the_accounts_roles(pattern: str, expected: Reach) -> None:
    assert reach(Resources((pattern,), False), "role", "111111111111") is expected


def test_the_calling_user_alone_is_told_from_all_users() -> None:
    assert reach(Resources(("arn:aws:iam::*:user/${aws:username}",), False), "user", None) is Reach.OWN


def test_not_resource_reaches_all_but_what_it_names() -> None:
    def rest(pattern: str) -> Reach:
        return reach(Resources((pattern,), True), "role", None)

    assert rest("arn:aws:iam::*:role/breakglass") is Reach.ALL
    assert rest("arn:aws:iam::*:role/app-*") is Reach.SOME
    assert rest("*") is Reach.NONE


def test_one_set_of_resources_covers_another_only_when_that_is_certain() -> None:
    everything, bucket, objects = Resources(("*",), False), Resources(("arn:aws:s3:::b",), False), Resources(("arn:aws:s3:::b*",), False)
    assert covers(everything, bucket)
    assert covers(objects, bucket)
    assert not covers(bucket, objects)
    assert not covers(Resources(("arn:aws:s3:::b?",), False), Resources(("arn:aws:s3:::b*",), False))
    assert not covers(Resources(("arn:aws:s3:::x",), True), bucket)
    queue = Resources(("arn:aws:sqs:eu-west-1:1:q",), False)
    assert covers(Resources(("arn:aws:sqs:eu*:1:q",), False), queue)
    assert covers(Resources(("arn:aws:sqs:*",), False), queue)
    assert not covers(Resources(("arn:aws:sqs:*1:q",), False), queue)  # within a segment a wildcard stops at the colon
    assert not covers(Resources(("arn:aws:iam::*:r?le/x",), False), Resources(("arn:aws:iam::*:role/x",), False))
    assert covers(everything, Resources(("arn:aws:s3:::x",), True))


def test_two_patterns_overlap_when_some_text_matches_both() -> None:
    assert overlap("a*c", "ab*")
    assert overlap("*b", "a*")
    assert overlap("a?", "ab")
    assert overlap("x${aws:username}", "xyz")
    assert not overlap("a*b", "a*c")
    assert not overlap("ab", "a")
    assert overlaps(Resources(("arn:aws:s3:::a",), True), Resources(("arn:aws:s3:::a",), False))
