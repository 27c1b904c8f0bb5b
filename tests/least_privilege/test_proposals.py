"""Proposals for AWS: laws that hold for every policy set and every pattern of use, and cases worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.least_privilege.aws.catalogue import standard
from scoring.least_privilege.aws.documents import Policy, read
from scoring.least_privilege.aws.effective import Effective
from scoring.least_privilege.aws.propose import proposed
from scoring.least_privilege.aws.propose_check import fault
from scoring.least_privilege.aws.propose_files import unified
from scoring.least_privilege.aws.propose_policies import MANAGED, Place, Plan, plan, split
from scoring.least_privilege.aws.propose_statements import Json, Narrowing, compact, document, narrowed
from scoring.least_privilege.aws.use_subject import Attached
from scoring.least_privilege.aws.use_verdicts import Pattern, Seen, verdicts
from scoring.least_privilege.use import Proposal, Use
from tests.least_privilege.policies import allow, but, deny, text
from tests.least_privilege.test_laws import LAW, SETS, WHERE, allowed, statements
from tests.least_privilege.used import ACCOUNT, called, count, estate, held, identity, proposal, reported

PLACE = Place(kind="role", name="app", account=ACCOUNT, partition="aws")
SERVICES = "s3 iam sts ec2 sqs lambda dynamodb codestar".split()
ACTIONS = "getobject putobject createbucket putrolepolicy passrole assumerole runinstances describevpcs sendmessage newlyadded".split()
SEEN = st.lists(
    st.builds(Seen, st.sampled_from(SERVICES), st.sampled_from(["", *ACTIONS]), st.booleans()),
    max_size=8,
    unique_by=lambda one: (one.service, one.action),
)
PATTERNS = st.builds(
    Pattern, seen=st.builds(lambda seen: tuple(sorted(seen)), SEEN), complete=st.just(True), own_use=st.sampled_from(["used", "unknown"])
)
ASKED = (
    "s3:getobject s3:putobject s3:createbucket s3:newlyadded iam:putrolepolicy iam:passrole iam:getrole sts:assumerole ec2:runinstances "
    "ec2:describevpcs sqs:sendmessage lambda:createfunction dynamodb:putitem codestar:getit nosuch:do"
).split()
PLAIN = st.lists(statements(conditions=False), min_size=1, max_size=4)


def narrowing(pattern: Pattern) -> Narrowing:
    found = verdicts(pattern, standard())
    return Narrowing(catalogue=standard(), unused=found.unused, foreign=found.foreign, services=found.services)


def after(found: Sequence[Json], pattern: Pattern) -> list[Json]:
    """The statements of a policy that is proposed in the place of another one."""
    result = narrowed(document(text(*found)), narrowing(pattern))
    return result["Statement"] if result else []


def effective(found: Sequence[Json], boundary: list[Json] | None = None) -> Effective:
    policies = [read("p", text(*found))] if found else []
    limits = [read("b", text(*boundary))] if boundary else []
    return Effective(policies=policies, boundaries=limits, catalogue=standard(), account=ACCOUNT)


def lists(found: Sequence[Json]) -> list[Json]:
    """Statements in the form that the textbook evaluation reads."""
    keys = ("Action", "NotAction", "Resource", "NotResource")
    return [{key: [value] if key in keys and isinstance(value, str) else value for key, value in one.items()} for one in found]


@LAW
@given(SETS, PATTERNS)
def test_a_proposal_allows_nothing_that_is_not_allowed_today_and_keeps_all_but_the_unused(found: list[Json], pattern: Pattern) -> None:
    today, then = effective(found).possible, effective(after(found, pattern)).possible
    assert then & ~today == 0
    assert today & ~verdicts(pattern, standard()).unused & ~then == 0


@LAW
@given(PLAIN, PATTERNS)
def test_the_textbook_evaluation_agrees_for_every_resource(found: list[Json], pattern: Pattern) -> None:
    then = lists(after(found, pattern))
    unused = {f"{action.service}:{action.name.lower()}" for action in standard().members(verdicts(pattern, standard()).unused)}
    for action in ASKED:
        for resource in WHERE:
            was, will = allowed(found, None, action, resource), allowed(then, None, action, resource)
            assert was or not will, (action, resource)
            if action in standard().actions and action not in unused:
                assert will == was, (action, resource)


@LAW
@given(SETS, PATTERNS)
def test_deny_statements_stay_as_they_are(found: list[Json], pattern: Pattern) -> None:
    assert [one for one in after(found, pattern) if one["Effect"] == "Deny"] == [one for one in found if one["Effect"] == "Deny"]


@LAW
@given(SETS, PATTERNS)
def test_a_proposal_on_the_proposal_changes_nothing(found: list[Json], pattern: Pattern) -> None:
    once = after(found, pattern)
    assert not once or after(once, pattern) == once


@pytest.mark.heavy
@LAW
@given(SETS, PATTERNS, st.randoms(use_true_random=False))
def test_the_order_of_statements_changes_no_statement(found: list[Json], pattern: Pattern, random: Any) -> None:
    other = list(found)
    random.shuffle(other)
    order = {json.dumps(one, sort_keys=True) for one in after(found, pattern)}
    assert {json.dumps(one, sort_keys=True) for one in after(other, pattern)} == order


@pytest.mark.heavy
@LAW
@given(SETS, PATTERNS)
def test_every_proposal_passes_the_check_that_guards_the_door(found: list[Json], pattern: Pattern) -> None:
    use = verdicts(pattern, standard())
    then = after(found, pattern)
    new = [read("n", text(*then))] if then else []
    assert fault([read("p", text(*found))], new, [], standard(), unused=use.unused, foreign=use.foreign) is None


@LAW
@given(SETS, SEEN)
def test_an_incomplete_report_takes_nothing_away(found: list[Json], seen: list[Seen]) -> None:
    pattern = Pattern(seen=tuple(seen), complete=False, own_use="unknown")
    assert after(found, pattern) == found


@LAW
@given(SETS, st.integers(300, 2000))
def test_splitting_a_policy_to_fit_changes_nothing_that_it_allows(found: list[Json], size: int) -> None:
    parts = list(split(document(text(*found)), size))
    split_up = Effective(
        policies=[read(str(number), compact(part)) for number, part in enumerate(parts)],
        boundaries=[],
        catalogue=standard(),
        account=ACCOUNT,
    )
    assert split_up.possible == effective(found).possible


def checked(today: list[Json], then: list[Json], unused: int = 0) -> str | None:
    return fault([read("p", text(*today))], [read("n", text(*then))], [], standard(), unused=unused, foreign=())


@pytest.mark.parametrize(
    ("today", "then", "why"),
    [
        (allow("s3:GetObject"), allow("s3:GetObject", "s3:PutObject"), "more than today"),
        (allow("s3:GetObject", on="arn:aws:s3:::a/*"), allow("s3:GetObject"), "more than any statement of today"),
        (allow("s3:GetObject", "s3:PutObject"), allow("s3:GetObject"), "take away more"),
        (allow("s3:GetObject", "codestar:*"), allow("s3:GetObject"), "lose codestar:*"),
        (allow("s3:*Object"), allow("s3:*"), "more than today"),
        (allow("nosuch:Get*"), allow("nosuch:*"), "more than any statement"),
        (deny("s3:GetObject"), deny("s3:GetObject", "s3:PutObject"), "deny something else"),
        (allow("s3:GetObject"), {**allow("s3:GetObject"), "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}, "more than any"),
    ],
)
def test_the_check_refuses_what_changes_more_than_it_should(today: Json, then: Json, why: str) -> None:
    assert why in (checked([today], [then]) or "passed")


def test_the_check_lets_pass_what_only_loses_the_unused() -> None:
    unused = standard().bit("s3:putobject")
    assert checked([allow("s3:GetObject", "s3:PutObject")], [allow("s3:GetObject")], unused) is None


SOME = Pattern(
    seen=(Seen("ec2", "", False), Seen("s3", "", True), Seen("s3", "createbucket", False), Seen("s3", "newthing", True)),
    complete=True,
    own_use="unknown",
)
"""EC2 lies idle; of S3 creating buckets does; and something of S3 was called that no catalogue knows yet."""


@pytest.mark.parametrize(
    ("today", "then"),
    [
        (allow("s3:GetObject", "ec2:*"), allow("s3:GetObject")),
        (allow("S3:CreateBucket", "S3:getobject", "s3:List*"), allow("S3:getobject", "s3:List*")),
        (allow("ec2:*", Sid="Machines"), None),
        (allow("s3:CreateBucket*"), allow("s3:CreateBucketMetadataTableConfiguration")),
        (allow("nosuch:Do", "ec2:RunInstances"), allow("nosuch:Do")),
        (allow("ec2:Start", "s3:GetObject"), allow("ec2:Start", "s3:GetObject")),
        (deny("ec2:*"), deny("ec2:*")),
        (but(allow(), "iam:*"), but(allow(), "iam:*", "s3:CreateBucket", "ec2:*")),
        (allow("*"), but(allow(), "s3:CreateBucket", "ec2:*")),
        (allow("ec2:RunInstances", on="arn:aws:ec2:*:*:subnet/s", Condition={"Bool": {"a": "b"}}), None),
    ],
)
def test_a_statement_loses_what_is_unused_and_keeps_everything_else(today: Json, then: Json | None) -> None:
    found = after([today], SOME)
    assert found == ([then] if then else [])


def test_what_was_used_and_is_in_no_catalogue_stays_under_the_wildcard_that_goes() -> None:
    [found] = after([allow("s3:*", on="arn:aws:s3:::a")], SOME)
    assert found["Resource"] == "arn:aws:s3:::a"
    assert "s3:newthing" in found["Action"]
    assert "s3:CreateBucket" not in found["Action"]
    assert {"s3:Get*", "s3:Put*", "s3:List*"} <= set(found["Action"])


NARROW = [reported(), called("s3", 1), called("s3:CreateBucket", None)]
S3 = allow("s3:GetObject", "s3:CreateBucket", on="arn:aws:s3:::a*", Sid="Files")


def proposed_for(*groups: Any, kind: str = "role", **of_base: Any) -> Proposal:
    return proposal(estate(identity(kind=kind), *groups, **of_base), kind=kind)


def file(found: Proposal, name: str) -> str:
    return next(one.text for one in found.files if one.name == name)


def test_an_inline_policy_is_replaced_in_its_place() -> None:
    found = proposed_for(held(S3), *NARROW)
    assert (found.action, found.confidence, found.removed) == ("narrow", "high", {Use.UNUSED: 1})
    assert found.summary == "Take 1 of 2 permissions from role app: they were not used in the last 90 days."
    [change] = found.changes
    assert change.title == "inline policy needs of role app"
    assert '-        "s3:GetObject",\n-        "s3:CreateBucket"\n+        "s3:GetObject"\n' in unified(change)
    assert json.loads(file(found, "policy-needs.json"))["Statement"] == [allow("s3:GetObject", on="arn:aws:s3:::a*", Sid="Files")]
    assert json.loads(file(found, "before-needs.json"))["Statement"] == [S3]
    assert found.rollback == "aws iam put-role-policy --role-name app --policy-name needs --policy-document file://before-needs.json\n"
    assert 'id = "app:needs"' in file(found, "main.tf")


def test_a_managed_policy_is_not_edited_but_replaced_for_this_identity_alone() -> None:
    managed = f"arn:aws:iam::{ACCOUNT}:policy/shared"
    rows = [
        *held(S3, via="managed", policy="shared", policy_id=managed),
        *held(S3, name="b", via="managed", policy="shared", policy_id=managed),
    ]
    found = proposed_for(rows, identity("b"), *NARROW)
    assert [line.split()[2] for line in file(found, "apply.sh").splitlines()[3:]] == [
        "create-policy",
        "attach-role-policy",
        "detach-role-policy",
    ]
    assert [line.split()[2] for line in found.rollback.splitlines()] == ["attach-role-policy", "detach-role-policy", "delete-policy"]
    assert managed in found.rollback.splitlines()[0]
    assert found.changes[0].title == "managed policy shared of role app: detached, in its stead managed policy app-shared-used"


def test_a_user_leaves_a_group_only_with_all_of_its_policies() -> None:
    same = f"arn:aws:iam::{ACCOUNT}:policy/same"
    rows = [
        *held(S3, kind="user", via="group_inline", policy="wide", group_name="devs"),
        *held(allow("sqs:*"), kind="user", via="group_managed", policy="same", policy_id=same, group_name="devs"),
        *held(allow("sns:*"), kind="user", via="group_inline", policy="other", group_name="ops"),
    ]
    use = [reported(kind="user"), called("s3", 1, kind="user"), called("s3:CreateBucket", None, kind="user")]
    found = proposed_for(rows, *use, kind="user")
    commands = [" ".join(line.split()[2:]) for line in file(found, "apply.sh").splitlines()[3:]]
    assert commands == [
        "create-policy --policy-name app-wide-used --policy-document file://policy-app-wide-used.json",
        f"attach-user-policy --user-name app --policy-arn arn:aws:iam::{ACCOUNT}:policy/app-wide-used",
        f"attach-user-policy --user-name app --policy-arn {same}",
        "remove-user-from-group --user-name app --group-name devs",
    ]
    assert "add-user-to-group --user-name app --group-name devs" in found.rollback


def test_policy_variables_are_escaped_for_terraform() -> None:
    found = proposed_for(held({**S3, "Resource": "arn:aws:s3:::a/${aws:username}/*"}), *NARROW)
    assert "a/$${aws:username}/*" in file(found, "main.tf")
    assert "a/${aws:username}/*" in file(found, "policy-needs.json")


def test_an_identity_without_any_use_is_switched_off_and_not_deleted() -> None:
    found = proposed_for(held(S3), reported(), called("s3", None))
    assert (found.action, found.removed) == ("disable", {Use.UNUSED: 2})
    assert json.loads(file(found, "policy-AWSDenyAll.json"))["Statement"] == [{"Sid": "AWSDenyAll", **deny("*"), "Action": "*"}]
    assert found.rollback == "aws iam delete-role-policy --role-name app --policy-name AWSDenyAll\n"


def test_a_guard_holds_back_and_still_shows_the_proposal() -> None:
    database = estate(identity("app-dr"), held(S3, name="app-dr"), reported("app-dr"), called("s3", None, name="app-dr"))
    found = proposal(database, "app-dr")
    assert (found.action, len(found.files)) == ("wait", 3)
    assert found.guards == ["its name or purpose says 'dr': it may be meant to lie idle; ask its owner"]
    assert found.summary.startswith("Wait: its name or purpose says 'dr'")


@pytest.mark.parametrize(
    ("rows", "action", "says"),
    [
        ([*held(S3)], "unknown", "collect its services last accessed"),
        ([*held(S3), reported(), called("s3", 1)], "none", "nothing to take away"),
        ([held(S3)[0], *NARROW], "unknown", "the text of needs was not in the evidence"),
    ],
)
def test_without_evidence_nothing_is_proposed(rows: list[Any], action: str, says: str) -> None:
    found = proposed_for(*rows)
    assert (found.action, found.files, found.changes) == (action, (), ())
    assert says in found.summary


def test_the_counts_and_the_proposal_come_to_the_same() -> None:
    for rows in ([held(S3), *NARROW], [held(S3), reported(), called("s3", None)], [held(S3)]):
        database = estate(identity(), *rows)
        assert count(database)["action"] == proposal(database).action


def attached(found: list[Json], name: str = "needs", via: str = "inline") -> Attached:
    whole = text(*found)
    return Attached(via=via, name=name, policy_id=None, group=None, document_id=name, document=whole, evidence="e")


def planned(found: list[Json], pattern: Pattern, place: Place = PLACE) -> tuple[Plan, list[Policy]]:
    one = attached(found)
    made = plan([one], narrowing(pattern), place)
    return made, list(proposed(made, [read(one.document_id, str(one.document))]))


def test_a_user_policy_that_no_longer_fits_inline_becomes_managed_ones_of_allowed_size() -> None:
    place = Place(kind="user", name="svc", account=ACCOUNT, partition="aws")
    wide = [allow("ec2:*", on=f"arn:aws:ec2:*:*:{number}/*", Sid=f"S{number}") for number in range(12)]
    few = Pattern(
        seen=(Seen("ec2", "", True), Seen("ec2", "runinstances", False), Seen("ec2", "createvpc", False), Seen("ec2", "createtags", False)),
        complete=True,
        own_use="unknown",
    )
    made, _ = planned(wide, few, place)
    [replaced] = made.replaced
    assert made.left == []
    assert len(replaced.new) > 1
    assert all(not new.inline and len(compact(new.text)) <= MANAGED for new in replaced.new)
    assert len({new.name for new in replaced.new}) == len(replaced.new)


def test_what_does_not_fit_stays_and_says_so() -> None:
    place = Place(kind="user", name="svc", account=ACCOUNT, partition="aws")
    many = [f"arn:aws:s3:::bucket-{number}/*" for number in range(400)]
    made, then = planned([allow("s3:GetObject", "s3:CreateBucket", on=many)], SOME, place)
    assert made.replaced == []
    assert made.left == ["inline policy needs stays: a single statement of it is longer than the 6,144 characters of a managed policy"]
    assert [policy.document_id for policy in then] == ["needs"]
