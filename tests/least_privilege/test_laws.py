"""Laws that hold for every policy set."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.aws.catalogue import Catalogue, changes, standard
from scoring.least_privilege.aws.privilege import privilege_of
from scoring.least_privilege.verdict import RANK, Privilege, Verdict
from tests.least_privilege.policies import Json, policy

ACTIONS = st.sampled_from(
    "* *:* iam:* IAM:Put* iam:PassRole iam:CreateAccessKey iam:UpdateAssumeRolePolicy sts:AssumeRole sts:* s3:* s3:Get* s3:GetObject s3:PutObject "
    "s3:Put?bject ec2:RunInstances ec2:Describe* lambda:* codestar:* codestar:GetIt nosuch:Do s*:Get* *:Describe* iam:DeleteRolePermissionsBoundary "
    "sqs:SendMessage dynamodb:*Item iam:Get* iam:AttachUserPolicy".split()
)
RESOURCES = st.sampled_from(
    "* arn:aws:s3:::a/* arn:aws:s3:::a/b* arn:aws:s3:::* arn:aws:iam::*:role/* arn:aws:iam::*:role/app-* arn:aws:iam::*:user/* arn:aws:iam::*:* "
    "arn:aws:iam::111111111111:role/one arn:aws:iam::222222222222:user/* arn:aws:iam::aws:policy/*".split()
)
CONDITIONS = st.sampled_from(
    [
        None,
        None,
        None,
        {"StringEquals": {"aws:SourceVpc": "v"}},
        {"StringLike": {"aws:PrincipalArn": "*"}},
        {"DateLessThan": {"aws:CurrentTime": "2001-01-01"}},
    ]
)


@st.composite
def statements(draw: st.DrawFn, effects: Sequence[str] = ("Allow", "Allow", "Allow", "Deny"), conditions: bool = True) -> Json:
    names = st.lists(ACTIONS, min_size=1, max_size=3)
    found: Json = {"Effect": draw(st.sampled_from(effects))}
    found[draw(st.sampled_from(["Action"] * 4 + ["NotAction"]))] = draw(names)
    found[draw(st.sampled_from(["Resource"] * 6 + ["NotResource"]))] = draw(st.lists(RESOURCES, min_size=1, max_size=2))
    condition = draw(CONDITIONS) if conditions else None
    return {**found, "Condition": condition} if condition else found


SETS = st.lists(statements(), min_size=1, max_size=5)
BOUNDARIES = st.one_of(st.none(), st.none(), st.lists(statements(), min_size=1, max_size=3))
ACCOUNT = "111111111111"
LAW = settings(deadline=None, max_examples=150)


def judged(found: list[Json], boundary: list[Json] | None, catalogue: Catalogue | None = None) -> Verdict:
    limits = [policy(*boundary, name="b")] if boundary else []
    return privilege_of([policy(*found)], limits, account=ACCOUNT, catalogue=catalogue)


def both(verdict: Verdict) -> tuple[Privilege, Privilege]:
    return verdict.privilege, verdict.at_most


@LAW
@given(SETS, BOUNDARIES, st.randoms(use_true_random=False))
def test_the_order_of_statements_changes_nothing(found: list[Json], boundary: list[Json] | None, random: object) -> None:
    other = list(found)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    first, second = judged(found, boundary), judged(other, boundary)
    assert both(first) == both(second)
    assert first.only_assumes == second.only_assumes


@LAW
@given(SETS, BOUNDARIES, st.integers(0, 5))
def test_splitting_a_policy_in_two_changes_nothing(found: list[Json], boundary: list[Json] | None, cut: int) -> None:
    limits = [policy(*boundary, name="b")] if boundary else []
    parts = [policy(*part, name=str(number)) for number, part in enumerate((found[:cut], found[cut:])) if part]
    assert both(privilege_of(parts, limits, account=ACCOUNT)) == both(judged(found, boundary))


@LAW
@given(SETS, BOUNDARIES, statements(effects=("Deny",)))
def test_adding_a_deny_never_raises_privilege(found: list[Json], boundary: list[Json] | None, extra: Json) -> None:
    before, after = judged(found, boundary), judged([*found, extra], boundary)
    assert RANK[after.at_most] <= RANK[before.at_most]
    if after.privilege is Privilege.ADMIN:
        assert before.privilege is Privilege.ADMIN


@LAW
@given(SETS, BOUNDARIES, statements(effects=("Allow",)))
def test_adding_an_allow_never_lowers_privilege(found: list[Json], boundary: list[Json] | None, extra: Json) -> None:
    before, after = judged(found, boundary), judged([*found, extra], boundary)
    assert RANK[after.at_most] >= RANK[before.at_most]
    if before.privilege is not Privilege.UNKNOWN and after.privilege is not Privilege.UNKNOWN:
        assert RANK[after.privilege] >= RANK[before.privilege]


@LAW
@given(SETS, BOUNDARIES)
def test_the_case_of_actions_changes_nothing(found: list[Json], boundary: list[Json] | None) -> None:
    louder = [{key: [a.upper() for a in value] if key.endswith("Action") else value for key, value in one.items()} for one in found]
    assert both(judged(found, boundary)) == both(judged(louder, boundary))


@lru_cache(maxsize=16)
def without(service: str) -> Catalogue:
    known = standard()
    return Catalogue([action for action in known.actions.values() if action.service != service], retired=known.retired)


@LAW
@given(SETS, BOUNDARIES, st.sampled_from(["iam", "sts", "s3", "ec2", "lambda", "sqs", "dynamodb"]))
def test_a_catalogue_that_lacks_a_service_makes_nothing_look_weaker(found: list[Json], boundary: list[Json] | None, service: str) -> None:
    whole, lacking = judged(found, boundary), judged(found, boundary, without(service))
    if whole.privilege is Privilege.ADMIN:
        assert lacking.privilege is Privilege.ADMIN
    elif lacking.privilege is not Privilege.UNKNOWN:
        assert RANK[lacking.privilege] >= RANK[whole.privilege if whole.privilege is not Privilege.UNKNOWN else whole.at_most]
    assert not (lacking.only_assumes and not whole.only_assumes)


def matches(patterns: list[str], value: str) -> bool:
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in patterns)


def speaks(one: Json, action: str, resource: str) -> bool:
    """The textbook reading of a statement without condition."""
    lower = {key: [a.lower() for a in one[key]] for key in ("Action", "NotAction") if key in one}
    act = matches(lower["Action"], action) if "Action" in lower else not matches(lower["NotAction"], action)
    res = matches(one["Resource"], resource) if "Resource" in one else not matches(one["NotResource"], resource)
    return act and res


def allowed(found: list[Json], boundary: list[Json] | None, action: str, resource: str) -> bool:
    """The textbook evaluation of one request."""
    if any(one["Effect"] == "Deny" and speaks(one, action, resource) for one in [*found, *(boundary or [])]):
        return False
    sides = [found, boundary] if boundary else [found]
    return all(any(one["Effect"] == "Allow" and speaks(one, action, resource) for one in side) for side in sides)


PLAIN = st.lists(statements(conditions=False), min_size=1, max_size=5)
ASKED = (
    "iam:putrolepolicy iam:passrole iam:createaccesskey sts:assumerole s3:getobject s3:putobject ec2:runinstances ec2:describeinstances "
    "sqs:sendmessage dynamodb:putitem dynamodb:getitem lambda:createfunction iam:getrole iam:attachuserpolicy sns:publish"
).split()
WHERE = [
    "arn:aws:s3:::a/b1",
    "arn:aws:s3:::z/1",
    f"arn:aws:iam::{ACCOUNT}:role/one",
    f"arn:aws:iam::{ACCOUNT}:role/app-1",
    f"arn:aws:iam::{ACCOUNT}:role/other",
    f"arn:aws:iam::{ACCOUNT}:user/u",
    "arn:aws:sqs:eu-west-1:1:q",
]


@LAW
@given(PLAIN, st.one_of(st.none(), PLAIN))
def test_no_verdict_is_below_what_the_textbook_evaluation_allows(found: list[Json], boundary: list[Json] | None) -> None:
    verdict = judged(found, boundary)
    for action in ASKED:
        if any(allowed(found, boundary, action, resource) for resource in WHERE):
            assert RANK[verdict.at_most] >= RANK[Privilege.WRITE if changes(standard().actions[action]) else Privilege.READ]
            assert not verdict.only_assumes or action == "sts:assumerole"


@LAW
@given(PLAIN, st.one_of(st.none(), PLAIN))
def test_an_administrator_may_write_the_permissions_of_anyone_not_named(found: list[Json], boundary: list[Json] | None) -> None:
    if judged(found, boundary).privilege is Privilege.ADMIN:
        kinds = {"iam:putrolepolicy": "role", "iam:attachrolepolicy": "role", "iam:putuserpolicy": "user", "iam:attachuserpolicy": "user"}
        kinds |= {"iam:putgrouppolicy": "group", "iam:attachgrouppolicy": "group", "iam:createpolicyversion": "policy"}
        alone = any(allowed(found, boundary, action, f"arn:aws:iam::{ACCOUNT}:{kind}/zz") for action, kind in kinds.items())
        trust = all(
            allowed(found, boundary, a, f"arn:aws:iam::{ACCOUNT}:role/zz") for a in ("iam:updateassumerolepolicy", "sts:assumerole")
        )
        assert alone or trust
