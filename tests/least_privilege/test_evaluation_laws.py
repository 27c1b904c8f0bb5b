"""Laws of evaluating requests, and of the sets that stand for all of them."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.aws.catalogue import standard
from scoring.least_privilege.aws.ceilings import Ceiling
from scoring.least_privilege.aws.documents import Policy
from scoring.least_privilege.aws.effective import Effective
from scoring.least_privilege.aws.evaluate import Outcome, evaluate
from scoring.least_privilege.aws.request import Request
from tests.least_privilege.policies import Json, policy
from tests.least_privilege.test_laws import ACCOUNT, ASKED, BOUNDARIES, SETS, WHERE, statements

FEW = settings(deadline=None, max_examples=60)
PRINCIPAL = f"arn:aws:iam::{ACCOUNT}:role/app-1"
RANK = {Outcome.DENIED: 0, Outcome.CONDITIONAL: 1, Outcome.ALLOWED: 2}
LEVELS = st.lists(st.lists(statements(), min_size=1, max_size=3), max_size=2)
REQUESTS = [
    Request(principal=PRINCIPAL, action=action, resource=resource) for action in ASKED for resource in WHERE if action != "sts:assumerole"
]
ASK = st.sampled_from(REQUESTS)


def limits(boundary: list[Json] | None) -> list[Policy]:
    return [policy(*boundary, name="b")] if boundary else []


def levels(found: list[list[Json]]) -> tuple[tuple[Policy, ...], ...]:
    return tuple((policy(*level, name=f"scp{number}"),) for number, level in enumerate(found))


def rank(asked: Request, found: list[Json], boundary: list[Json] | None = None, above: list[list[Json]] | None = None) -> int:
    return RANK[evaluate(asked, identity=[policy(*found)], boundaries=limits(boundary), scps=levels(above or [])).outcome]


@FEW
@given(SETS, BOUNDARIES, statements(effects=("Deny",)), ASK)
def test_adding_a_deny_never_adds_a_permission(found: list[Json], boundary: list[Json] | None, extra: Json, asked: Request) -> None:
    before = rank(asked, found, boundary)
    assert rank(asked, [*found, extra], boundary) <= before
    assert rank(asked, found, boundary, [[*ALLOW_ALL, extra]]) <= before


ALLOW_ALL: list[Json] = [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]


@FEW
@given(SETS, BOUNDARIES, LEVELS, ASK)
def test_a_boundary_or_a_level_of_the_organisation_never_adds(
    found: list[Json], boundary: list[Json] | None, above: list[list[Json]], asked: Request
) -> None:
    alone = rank(asked, found)
    assert rank(asked, found, boundary) <= alone
    assert rank(asked, found, None, above) <= alone
    assert rank(asked, found, boundary, above) <= min(rank(asked, found, boundary), rank(asked, found, None, above))


@FEW
@given(SETS, BOUNDARIES, st.integers(0, 5), ASK, st.randoms(use_true_random=False))
def test_neither_splitting_a_policy_nor_the_order_of_statements_changes_anything(
    found: list[Json], boundary: list[Json] | None, cut: int, asked: Request, chance: random.Random
) -> None:
    mixed = list(found)
    chance.shuffle(mixed)
    parts = [policy(*part, name=str(number)) for number, part in enumerate((found[:cut], found[cut:])) if part]
    whole = rank(asked, found, boundary)
    assert rank(asked, mixed, boundary) == whole
    assert RANK[evaluate(asked, identity=parts, boundaries=limits(boundary)).outcome] == whole


@FEW
@given(SETS, BOUNDARIES, LEVELS, st.lists(ASK, min_size=6, max_size=6))
def test_whatever_a_request_may_be_allowed_is_in_the_set_of_what_is_possible(
    found: list[Json], boundary: list[Json] | None, above: list[list[Json]], requests: list[Request]
) -> None:
    catalogue = standard()
    over = levels(above)
    ceiling = Ceiling(limits=over, denying=tuple(one for level in over for one in level))
    effective = Effective(policies=[policy(*found)], boundaries=limits(boundary), catalogue=catalogue, account=ACCOUNT, ceiling=ceiling)
    for asked in requests:
        if rank(asked, found, boundary, above):
            assert effective.possible & catalogue.bit(asked.action), asked


@FEW
@given(SETS, BOUNDARIES, LEVELS)
def test_a_ceiling_takes_from_the_sets_and_never_adds(found: list[Json], boundary: list[Json] | None, above: list[list[Json]]) -> None:
    over = levels(above)
    ceiling = Ceiling(limits=over, denying=tuple(one for level in over for one in level))
    plain, under = (
        Effective(policies=[policy(*found)], boundaries=limits(boundary), catalogue=standard(), account=ACCOUNT, ceiling=each)
        for each in (Ceiling(), ceiling)
    )
    assert under.possible & ~plain.possible == 0
    for kind in ("user", "role", "group", "policy"):
        assert under.certain(kind) & ~plain.certain(kind) == 0


@FEW
@given(SETS, BOUNDARIES, ASK, st.sampled_from(["v", "w", None]))
def test_knowing_more_of_a_request_settles_it_and_never_turns_it(
    found: list[Json], boundary: list[Json] | None, asked: Request, network: str | None
) -> None:
    more = Request(
        principal=asked.principal,
        action=asked.action,
        resource=asked.resource,
        context={"aws:SourceVpc": network} if network else {},
        absent=() if network else ("aws:SourceVpc",),
    )
    before, after = rank(asked, found, boundary), rank(more, found, boundary)
    assert before == RANK[Outcome.CONDITIONAL] or after == before
