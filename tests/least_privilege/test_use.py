"""Used against granted on AWS: verdicts worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.model import Ceiling, Coverage, CoverageStatus, Fact, Human, PolicyDocument, Usage
from scoring.least_privilege.aws.use_verdicts import dependents
from tests.least_privilege.policies import allow, but, deny, text
from tests.least_privilege.used import (
    ACCOUNT,
    AS_OF,
    arn,
    called,
    count,
    days_ago,
    estate,
    held,
    identity,
    permission,
    reported,
    reviewed,
    uses,
)

S3 = allow("s3:GetObject", "s3:ListAllMyBuckets", "s3:CreateBucket")
"""Read by data plane, list and write that IAM tracks."""


def test_an_action_that_was_called_is_used_and_a_tracked_one_that_was_not_is_unused() -> None:
    rows = [called("s3", 3), called("s3:ListAllMyBuckets", 3), called("s3:CreateBucket", None)]
    database = estate(identity(), held(S3), reported(), *rows)
    assert uses(database) == {"s3:GetObject": "unknown", "s3:ListAllMyBuckets": "used", "s3:CreateBucket": "unused"}
    found = count(database)
    assert (found["granted"], found["used"], found["unused"], found["likely_unused"], found["unknown"]) == (3, 1, 1, 0, 1)
    # look 1 + look 1 + change 5: of 7 a change is unused, and one look is open
    assert (found["weight"], found["weight_unused"], found["weight_open"]) == (7, 5, 1)
    assert (found["action"], found["confidence"], found["window_days"]) == ("narrow", "high", 400)


def test_an_action_that_iam_does_not_track_stays_unknown_while_its_service_is_used() -> None:
    database = estate(identity(), held(S3), reported(), called("s3", 3))
    one = permission(database, "s3:GetObject")
    assert (one.use, one.reason) == ("unknown", "s3 is used, and IAM does not report this action")
    assert one.granted_by == ("inline policy needs, statement 0",)
    assert one.evidence == ("gaad.json#app/needs",)


def test_a_service_that_was_not_called_takes_its_data_plane_with_it() -> None:
    database = estate(identity(), held(S3, allow("sqs:SendMessage")), reported(), called("s3", None), called("sqs", 2))
    assert uses(database) == {
        "s3:GetObject": "unused",
        "s3:ListAllMyBuckets": "unused",
        "s3:CreateBucket": "unused",
        "sqs:SendMessage": "unknown",
    }
    one = permission(database, "s3:GetObject")
    assert one.reason == "nothing of s3 was called within the limit, in records that look back 400 days"
    assert one.evidence == ("last-accessed.json#app/s3",)


def test_a_service_that_the_report_leaves_out_is_unknown() -> None:
    database = estate(identity(), held(allow("s3:GetObject", "kms:Decrypt")), reported(), called("kms", None), called("sqs", 1))
    assert uses(database) == {"kms:Decrypt": "unused", "s3:GetObject": "unknown"}


def test_the_limit_is_of_the_pack_and_the_last_day_within_it_is_use() -> None:
    rows = [called("s3", 90), called("kms", 91), called("sqs", 1)]
    database = estate(identity(), held(allow("s3:GetObject", "s3:CreateBucket", "kms:Decrypt")), reported(), *rows)
    assert uses(database) == {"kms:Decrypt": "unused", "s3:CreateBucket": "unknown", "s3:GetObject": "unknown"}


def test_a_window_shorter_than_the_limit_makes_nothing_unused() -> None:
    database = estate(identity(), held(S3), reported(), called("s3", None, window=89))
    assert set(uses(database).values()) == {"unknown"}
    assert count(database)["action"] == "unknown"


@pytest.mark.parametrize("rows", [[], [reported()], [called("s3", None, window=None)]])
def test_without_a_record_that_says_so_nothing_is_unused(rows: list[Any]) -> None:
    database = estate(identity(), held(S3), *rows)
    assert set(uses(database).values()) == {"unknown"}
    found = count(database)
    assert (found["unused"], found["weight_unused"], found["action"], found["confidence"]) == (0, 0, "unknown", None)


def test_a_report_that_is_too_old_makes_nothing_unused() -> None:
    rows = [identity(), held(S3), reported(), called("s3", None)]
    assert set(uses(estate(*rows, collected_at=days_ago(36))).values()) == {"unknown"}
    assert set(uses(estate(*rows, collected_at=days_ago(35))).values()) == {"unused"}


def test_records_that_do_not_list_every_service_make_at_most_likely_unused() -> None:
    database = estate(identity(), held(S3), called("s3", None))
    assert set(uses(database).values()) == {"likely_unused"}
    assert count(database)["action"] != "narrow"


def test_coverage_of_the_account_stands_in_for_the_identitys_own_report() -> None:
    whole = Coverage(fact=Fact.SERVICE_USAGE, scope=ACCOUNT, status=CoverageStatus.COLLECTED, evidence="last-accessed.json")
    assert set(uses(estate(identity(), held(S3), called("s3", None), whole)).values()) == {"unused"}


def test_a_report_that_another_record_contradicts_says_nothing_of_that_service() -> None:
    rows = [called("s3", None), called("s3:CreateBucket", None), called("s3:ListAllMyBuckets", 1, window=None, source="trail.json")]
    database = estate(identity(), held(S3), reported(), *rows)
    assert uses(database) == {"s3:GetObject": "unknown", "s3:CreateBucket": "unknown", "s3:ListAllMyBuckets": "used"}


def test_an_old_call_in_a_log_does_not_freshen_an_old_report() -> None:
    rows = [identity(), held(S3), reported(), called("s3", None), called("s3", 120, window=None, source="trail.json")]
    assert set(uses(estate(*rows)).values()) == {"unused"}
    assert set(uses(estate(*rows, collected_at=days_ago(60))).values()) == {"unknown"}


def test_an_untracked_action_that_a_record_calls_unused_is_likely_unused() -> None:
    database = estate(identity(), held(S3), reported(), called("s3", 1), called("s3:GetObject", None, window=90))
    assert uses(database)["s3:GetObject"] == "likely_unused"


def test_passing_a_role_is_unknown_unless_nothing_of_the_identity_was_used() -> None:
    passes = allow("iam:PassRole", "iam:GetRole", "ec2:RunInstances")
    some = estate(identity(), held(passes), reported(), called("iam", None), called("ec2", 1), called("ec2:RunInstances", 1))
    assert uses(some) == {"ec2:RunInstances": "used", "iam:GetRole": "unused", "iam:PassRole": "unknown"}
    assert permission(some, "iam:PassRole").reason == "no record ever shows whether a role was passed"
    nothing = estate(identity(), held(passes), reported(), called("iam", None), called("ec2", None))
    assert set(uses(nothing).values()) == {"unused"}
    assert count(nothing)["action"] == "disable"


def test_what_aws_checks_besides_a_used_action_is_kept() -> None:
    assert dependents()["ec2:runinstances"] == ("ec2:createtags", "iam:passrole")
    rows = [called("ec2", 1), called("ec2:RunInstances", 1), called("ec2:CreateTags", None), called("ec2:CreateVpc", None)]
    database = estate(identity(), held(allow("ec2:RunInstances", "ec2:CreateTags", "ec2:CreateVpc")), reported(), *rows)
    assert uses(database) == {"ec2:CreateTags": "unknown", "ec2:CreateVpc": "unused", "ec2:RunInstances": "used"}
    assert permission(database, "ec2:CreateTags").reason == "AWS may check it when actions that are used are called"


def test_a_role_that_was_not_assumed_is_likely_unused_where_no_report_says_more() -> None:
    database = estate(identity(last_used_known=True, last_used_at=days_ago(200)), held(S3, allow("codestar:*")))
    assert set(uses(database).values()) == {"likely_unused"}
    found = count(database)
    assert (found["action"], found["confidence"], found["likely_unused"], found["weight_unused"]) == ("disable", "medium", 4, 0)
    assert permission(database, "s3:GetObject").reason == "the identity itself was last used on 2026-03-14"


def test_a_role_that_was_assumed_is_no_evidence_against_its_permissions() -> None:
    database = estate(identity(last_used_known=True, last_used_at=days_ago(5)), held(S3))
    assert set(uses(database).values()) == {"unknown"}


def test_last_use_that_nobody_collected_says_nothing() -> None:
    database = estate(identity(last_used_known=True), held(S3), facts=(Fact.POLICIES,))
    assert set(uses(database).values()) == {"unknown"}


def test_a_young_role_waits() -> None:
    database = estate(identity(created_at=days_ago(30)), held(S3), reported(), called("s3", None))
    found = count(database)
    assert (found["action"], found["guards"]) == (
        "wait",
        ["it was created 30 days ago: what it needs may not have come up in less than 90 days"],
    )


def test_a_pattern_that_the_catalogue_does_not_know_is_kept_as_written_and_unknown() -> None:
    database = estate(identity(), held(allow("codestar:*", "nosuch:Do", "s3:GetObject")), reported(), called("s3", 1))
    assert uses(database) == {"codestar:*": "unknown", "nosuch:do": "unknown", "s3:GetObject": "unknown"}
    assert count(database)["unknown"] == 3
    assert permission(database, "codestar:*").reason == "it names codestar, a retired service whose actions are not known"


def test_what_a_deny_takes_away_is_not_granted() -> None:
    database = estate(identity(), held(S3, deny("s3:Create*")), reported(), called("s3", 1))
    assert sorted(uses(database)) == ["s3:GetObject", "s3:ListAllMyBuckets"]


def test_what_the_organisation_forbids_is_not_granted() -> None:
    limit = text(deny("s3:CreateBucket"), {"Effect": "Allow", "Action": "*", "Resource": "*"})
    rows: list[Any] = [
        Ceiling(scope="*", kind="scp", level="root", policy_id="p-1", policy_name="Limit", document_id="limit", evidence="gaad.json#p-1"),
        PolicyDocument(document_id="limit", document=limit),
        Coverage(fact=Fact.GUARDRAILS, scope=ACCOUNT, status=CoverageStatus.COLLECTED, evidence="gaad.json"),
    ]
    database = estate(identity(), held(S3), reported(), called("s3", None), rows)
    assert sorted(uses(database)) == ["s3:GetObject", "s3:ListAllMyBuckets"]
    assert count(database)["granted"] == 2
    open_ = estate(identity(), held(S3), reported(), called("s3", None))
    assert "policies of the organisation were not supplied: what they forbid is not seen" in reviewed(open_).gaps


def test_not_action_grants_what_it_does_not_name_and_says_that_there_may_be_more() -> None:
    database = estate(identity(), held(but(allow(), "iam:*")), reported(), called("s3", 1), called("ec2", None))
    found = reviewed(database)
    names = {one.name: one.use for one in found.permissions}
    assert "iam:GetRole" not in names
    assert (names["ec2:RunInstances"], names["s3:GetObject"]) == ("unused", "unknown")
    assert "a wildcard or NotAction may also allow what services outside the action catalogue offer" in found.gaps
    assert count(database)["confidence"] == "medium"


def test_a_policy_without_text_makes_everything_unknown() -> None:
    [entitlement, _] = held(S3)
    database = estate(identity(), entitlement, reported(), called("s3", None))
    found = count(database)
    assert (found["granted"], found["unused"], found["action"]) == (None, None, "unknown")
    assert found["reason"] == "a policy cannot be judged: the text of needs was not in the evidence"
    assert found["reason"] in reviewed(database).gaps


def test_policies_that_were_not_collected_make_everything_unknown() -> None:
    database = estate(identity(), held(S3), reported(), called("s3", None), facts=())
    found = count(database)
    assert (found["granted"], found["action"]) == (None, "unknown")
    assert found["reason"].startswith("not all of its policies may be known")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"human": Human.HUMAN, "human_basis": "it has a console password"}, "a person uses it: it has a console password"),
        ({"in_scope": False, "scope_reason": "service-linked role"}, "service-linked role"),
        ({"status": "disabled"}, "it is disabled already"),
    ],
)
def test_people_and_what_is_out_of_scope_are_counted_and_left_alone(facts: dict[str, Any], reason: str) -> None:
    found = count(estate(identity(**facts), held(S3), reported(), called("s3", None)))
    assert (found["unused"], found["action"], found["reason"]) == (3, "none", reason)


def test_a_user_is_idle_only_where_all_its_credentials_are_known_to_be() -> None:
    every = (Fact.POLICIES, Fact.ACCESS_KEYS, Fact.KEY_USAGE, Fact.PASSWORDS, Fact.SERVICE_CREDENTIALS)
    rows = [identity(kind="user"), held(S3, kind="user")]
    assert set(uses(estate(*rows, facts=every), kind="user").values()) == {"likely_unused"}
    assert set(uses(estate(*rows, facts=every[:-1]), kind="user").values()) == {"unknown"}


def test_identities_that_share_policies_and_use_are_judged_once() -> None:
    rows: list[Any] = [identity(name) for name in "abc"]
    for name in "abc":
        rows += [*held(S3, name=name), reported(name), called("s3", 1 if name == "c" else None, name=name)]
    database = estate(*rows)
    assert [count(database, name)["unused"] for name in "abc"] == [3, 3, 0]
    assert database.value("SELECT count(*) FROM judging.use_pair") == 2


def test_every_aws_identity_has_one_row_and_no_other_has() -> None:
    other = identity("g", identity_id="serviceAccount:g", provider="gcp")
    database = estate(identity(), identity("bare"), other)
    assert database.value("SELECT count(*) FROM main.least_privilege") == 2
    assert count(database, "bare")["reason"] == "it is granted nothing"


def test_a_use_in_another_case_is_the_same_action() -> None:
    row = Usage(
        identity_id=arn("app"), service="s3", action="CREATEBUCKET", last_at=AS_OF, window_days=400, evidence="last-accessed.json#x"
    )
    assert uses(estate(identity(), held(S3), reported(), row))["s3:CreateBucket"] == "used"
