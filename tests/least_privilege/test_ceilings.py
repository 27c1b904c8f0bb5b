"""What the organisation's policies leave: per account, for every level, without a false pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import Account, Ceiling, Coverage, CoverageStatus, Fact, PolicyDocument
from scoring.least_privilege.aws.ceilings import ceilings
from scoring.least_privilege.aws.evaluate import evaluate
from scoring.least_privilege.aws.request import Request
from tests.least_privilege.policies import Json, allow, but, deny, policy, text
from tests.least_privilege.test_principals import ONE, TWO, arn, covered, held, identity, results

WHOLE = allow("*")
SOMETIMES = {"StringNotEquals": {"aws:PrincipalTag/team": "cloud"}}
KINDS = ("role", "user", "group", "policy")
NO_IAM = [deny("iam:*"), deny("sts:*")]


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as database:
        yield database


def above(level: str, *statements: Json, scope: str = "*", kind: str = "scp", name: str = "p-guard") -> list[Any]:
    """A control policy where it hangs, and its text."""
    document = text(*statements)
    document_id = hashlib.sha256(document.encode()).hexdigest()[:32]
    facts = {"level": level, "policy_id": name, "policy_name": name, "document_id": document_id, "evidence": f"org.json#{name}/{level}"}
    return [Ceiling(scope=scope, kind=kind, **facts), PolicyDocument(document_id=document_id, document=document)]


def organization(*more: Any, status: CoverageStatus = CoverageStatus.COLLECTED) -> list[Any]:
    """AWS's own policy on root and account, as every organisation starts with, all of it collected."""
    whole = [*above("r-1", WHOLE, name="p-FullAWSAccess"), *above(ONE, WHOLE, scope=ONE, name="p-FullAWSAccess")]
    return [covered(), *whole, *(Coverage(fact=Fact.GUARDRAILS, scope=scope, status=status) for scope in ("*", ONE)), *more]


def verdict(database: Database, *rows: Any, statements: tuple[Json, ...] = (WHOLE,)) -> tuple[str, str]:
    found = results(database, identity("a"), *held("a", *statements), *rows)[arn("a")]
    return found["privilege"], found["reason"]


def test_without_policies_of_the_organisation_nothing_changes(database: Database) -> None:
    assert verdict(database, covered())[0] == "admin"
    assert ceilings(database).of(ONE).gap == "policies of the organisation were not supplied: what they forbid is not seen"


def test_full_access_takes_nothing_away(database: Database) -> None:
    assert verdict(database, *organization())[0] == "admin"
    assert ceilings(database).of(ONE).gap is None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (above("r-1", *NO_IAM), "write"),
        (above(ONE, *NO_IAM, scope=ONE), "write"),
        (above(TWO, *NO_IAM, scope=TWO), "admin"),
        (above("r-1", deny("*", Condition=SOMETIMES)), "unknown"),
        (above("r-1", deny("s3:*", Condition=SOMETIMES)), "admin"),
        (above("r-1", deny("iam:*", on="arn:aws:iam::*:role/protected")), "admin"),
        (above("r-1", deny("iam:*", on="arn:aws:iam::*:role/protected-*")), "admin"),  # it may still write the policies of users
        (above("r-1", deny("iam:*", on=[f"arn:aws:iam::*:{kind}/protected-*" for kind in KINDS])), "unknown"),
        (above("r-1", deny("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}})), "admin"),
        (above("r-1", but(deny(Condition=SOMETIMES), "iam:*", "sts:*")), "admin"),
        (above("ou-1", *NO_IAM, scope="ou-1"), "admin"),
    ],
)
def test_a_deny_takes_away_what_it_certainly_covers_and_leaves_the_rest_open(database: Database, rows: list[Any], expected: str) -> None:
    assert verdict(database, *organization(*rows))[0] == expected


def test_what_one_level_does_not_allow_nobody_below_may_do(database: Database) -> None:
    only_reads = [*above("r-1", WHOLE, name="p-FullAWSAccess"), *above(ONE, allow("s3:Get*"), scope=ONE, name="p-list")]
    collected = [Coverage(fact=Fact.GUARDRAILS, scope=scope, status=CoverageStatus.COLLECTED) for scope in ("*", ONE)]
    assert verdict(database, covered(), *only_reads, *collected)[0] == "read"


def test_the_reason_says_that_the_organisation_leaves_nothing(database: Database) -> None:
    found = verdict(database, *organization(*above("r-1", deny("*"))))
    assert found == ("none", "policy inline: its policies allow nothing that the organisation's policies leave")


@pytest.mark.parametrize("missing", ["full access", "coverage"])
def test_a_list_counts_only_where_nothing_beside_it_can_be_missing(database: Database, missing: str) -> None:
    listed = above(ONE, allow("s3:Get*"), scope=ONE, name="p-list")
    if missing == "full access":
        rows = [covered(), *listed, Coverage(fact=Fact.GUARDRAILS, scope=ONE, status=CoverageStatus.COLLECTED)]
    else:
        rows = [covered(), *above("r-1", WHOLE, name="p-FullAWSAccess"), *listed]
    assert verdict(database, *rows)[0] == "admin"
    (level,) = [
        level
        for level in ceilings(database).of(ONE).scps
        if len(level) > 1 and level[-1].problem and level[0].statements[0].patterns != ("*",)
    ]
    assert level[-1].problem == "not all policies of one level of the organisation may be in the evidence"


def test_a_level_that_only_denies_lacks_a_policy_in_the_export_and_limits_nothing_else(database: Database) -> None:
    rows = organization(*above(TWO, deny("s3:*"), scope=TWO))
    assert verdict(database, *rows)[0] == "admin"
    assert ceilings(database).of(TWO).limits == ()
    assert ceilings(database).of(TWO).scps[0][-1].problem


def test_a_policy_that_may_be_gone_by_now_settles_nothing(database: Database) -> None:
    stale = organization(*above("r-1", *NO_IAM), status=CoverageStatus.STALE)
    assert verdict(database, *stale)[0] == "unknown"
    asked = Request(principal=arn("a"), action="iam:PutRolePolicy", resource=arn("b"))
    assert evaluate(asked, identity=[policy(WHOLE)], scps=ceilings(database).of(ONE).scps).outcome == "unknown"


def test_a_policy_on_a_unit_says_that_more_may_bind(database: Database) -> None:
    verdict(database, *organization(*above("ou-1", *NO_IAM, scope="ou-1")))
    assert "organisational unit" in str(ceilings(database).of(ONE).gap)


def test_an_account_whose_policies_could_not_be_collected_says_so(database: Database) -> None:
    own = Account(scope=TWO, provider="aws", evidence="accounts.json#2")
    denied = Coverage(fact=Fact.GUARDRAILS, scope=TWO, status=CoverageStatus.DENIED, reason="ListPoliciesForTarget was refused")
    verdict(database, *organization(own, denied))
    assert ceilings(database).gap(TWO) == "policies of the organisation: denied: ListPoliciesForTarget was refused"
    assert ceilings(database).gap(ONE) is None


def test_full_access_on_a_unit_is_no_doubt(database: Database) -> None:
    verdict(database, *organization(*above("ou-1", WHOLE, scope="ou-1", name="p-FullAWSAccess")))
    assert ceilings(database).of(ONE).gap is None


def test_the_management_account_is_bound_by_none(database: Database) -> None:
    no = [*above("r-1", deny("*")), *above("r-1", deny("*"), scope=ONE, kind="exempt")[:1]]
    assert verdict(database, *organization(*no))[0] == "admin"
    assert ceilings(database).of(ONE).empty
    assert not ceilings(database).of(TWO).empty


def test_service_linked_roles_are_bound_by_none(database: Database) -> None:
    name = "aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    rows = [*organization(*above("r-1", deny("*"))), identity(name), *held(name, WHOLE), identity("a"), *held("a", WHOLE)]
    found = results(database, *rows)
    assert (found[arn(name)]["privilege"], found[arn("a")]["privilege"]) == ("admin", "none")


def test_a_resource_control_policy_settles_nothing_about_identities(database: Database) -> None:
    assert verdict(database, *organization(*above("r-1", deny("s3:*"), kind="rcp")), statements=(allow("s3:*"),))[0] == "write"


def test_each_set_is_judged_once_for_accounts_below_the_same_ceiling(database: Database) -> None:
    three = "333333333333"
    rows = [*organization(*above(TWO, *NO_IAM, scope=TWO)), covered(TWO), covered(three)]
    for account in (ONE, TWO, three):
        rows += [identity("a", account), *held("a", WHOLE, account=account)]
    found = results(database, *rows)
    assert [found[arn("a", account)]["privilege"] for account in (ONE, TWO, three)] == ["admin", "write", "admin"]


def test_policies_of_the_organisation_are_no_permissions_of_anyone(database: Database) -> None:
    verdict(database, *organization(*above("r-1", deny("sqs:*"))))
    assert database.rows("SELECT DISTINCT action_pattern FROM main.policy_permission") == [{"action_pattern": "*"}]


def test_a_request_is_evaluated_below_the_levels_of_its_account(database: Database) -> None:
    verdict(database, *organization(*above("r-1", deny("sqs:*"))))
    ceiling = ceilings(database).of(ONE)
    queue = f"arn:aws:sqs:eu-west-1:{ONE}:q"
    asked = [Request(principal=arn("a"), action=action, resource=queue) for action in ("sqs:SendMessage", "sns:Publish")]
    found = [evaluate(one, identity=[policy(WHOLE)], scps=ceiling.scps, rcps=ceiling.rcps).outcome for one in asked]
    assert found == ["denied", "allowed"]
