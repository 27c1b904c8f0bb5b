"""Laws of used against granted on Azure, over any built-in or custom role, use and denial."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.azure.decide import decide
from scoring.least_privilege.azure.effective import Held, Judge, sum_of
from scoring.least_privilege.azure.narrow import steps, within
from scoring.least_privilege.azure.rights import Plane, Rights
from scoring.least_privilege.azure.roles import Block, standard
from scoring.least_privilege.azure.verdicts import verdicts
from tests.least_privilege.azure_estate import GROUP, OTHER, PLACE, definition

LAW = settings(deadline=None, max_examples=50)

ACTIONS = [right.name for right in Rights().rights if right.plane is Plane.CONTROL]
PATTERNS = st.one_of(
    st.sampled_from(ACTIONS),
    st.sampled_from(
        ["*", "*/read", "*/write", "*/action", "Microsoft.Web/*", "Microsoft.Web/sites/*", "Microsoft.Storage/*", "Microsoft.Network/*/read",
         "Microsoft.Authorization/*", "Microsoft.Authorization/*/write", "Contoso.Own/*", "Microsoft.ContainerRegistry/registries/*"]
    ),
)  # fmt: skip
LISTS = st.lists(PATTERNS, max_size=4)
CUSTOM = st.builds(lambda actions, removed: definition(actions=actions, notActions=removed, dataActions=[]), LISTS, LISTS)
PLACES = st.sampled_from(["/", "/providers/microsoft.management/managementgroups/corp", PLACE, GROUP, OTHER, ""])
USED = st.frozensets(st.sampled_from([action.lower() for action in ACTIONS if not action.lower().endswith("/read")]), max_size=4)


class Case(NamedTuple):
    judge: Judge
    held: list[Held]
    used: frozenset[str]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    texts = {f"text-{number}": text for number, text in enumerate(draw(st.lists(CUSTOM, min_size=1, max_size=3)))}
    held = []
    for number in range(draw(st.integers(1, 4))):
        document_id = draw(st.sampled_from([None, *texts]))
        window = draw(st.sampled_from([None, 70, 90]))
        held.append(
            Held(
                via=draw(st.sampled_from(["role", "role", "role", "eligible", "deny"])),
                role_id=document_id or draw(st.sampled_from(sorted(standard().by_id))),
                document_id=document_id,
                place=draw(PLACES),
                conditional=draw(st.sampled_from([False, False, True])),
                window_days=window,
                covered=window == 90,
                evidence=str(number),
            )
        )
    used = draw(USED)
    return Case(Judge(texts, used), held, used)


@LAW
@given(cases(), st.booleans(), st.booleans())
def test_verdicts_are_disjoint_and_make_up_what_is_held(case: Case, idle: bool, absent: bool) -> None:
    found = verdicts(case.judge, case.held, case.used, idle=idle, absent=absent)
    parts = [found.used, found.unused, found.likely, found.unknown]
    assert sum(part.bit_count() for part in parts) == found.held.all.bit_count()
    assert sum_of(parts) == found.held.all


@LAW
@given(cases())
def test_a_narrower_role_gives_nothing_new_and_keeps_all_but_the_unused(case: Case) -> None:
    found = verdicts(case.judge, case.held, case.used)
    for step in steps(case.judge, case.held, found):
        assert step.after & ~step.before == 0
        assert step.before & ~step.after & ~found.unused == 0
        old, new = case.judge.role(step.held), step.role.blocks if step.role else (step.block,) if step.block else ()
        assert within(new, old.blocks)


@LAW
@given(cases())
def test_a_proposal_removes_unused_rights_alone(case: Case) -> None:
    found = verdicts(case.judge, case.held, case.used)
    assert decide(case.judge, case.held, found, idle=False).removed & ~found.unused == 0


@LAW
@given(cases())
def test_narrowing_what_was_narrowed_changes_nothing(case: Case) -> None:
    found = verdicts(case.judge, case.held, case.used)
    for step in steps(case.judge, case.held, found):
        if step.block is None:
            continue
        block = step.block
        text = definition(
            actions=list(block.actions),
            notActions=list(block.not_actions),
            dataActions=list(block.data_actions),
            notDataActions=list(block.not_data_actions),
        )
        judge = Judge({**case.judge.texts, "new": text}, case.used)
        new = replace(step.held, role_id="new", document_id="new")
        held = [new if one == step.held else one for one in case.held]
        second = next(one for one in steps(judge, held, verdicts(judge, held, case.used)) if one.held == new)
        assert second.after == second.before, second


@LAW
@given(cases(), st.randoms(use_true_random=False))
def test_order_changes_nothing(case: Case, random: object) -> None:
    other = list(case.held)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert case.judge.effective(case.held) == case.judge.effective(other)


@LAW
@given(cases(), PLACES, CUSTOM)
def test_a_further_denial_never_adds_anything(case: Case, place: str, text: str) -> None:
    judge = Judge({**case.judge.texts, "denied": text}, case.used)
    before = judge.effective(case.held)
    after = judge.effective([*case.held, Held(via="deny", role_id="denied", document_id="denied", place=place)])
    assert after.all & ~before.all == 0


@LAW
@given(cases())
def test_splitting_a_role_in_two_changes_nothing(case: Case) -> None:
    parts = list(case.judge.texts)
    judge = case.judge
    whole = [Held(via="role", role_id=part, document_id=part, place=PLACE) for part in parts]
    blocks = [block for part in parts for block in judge.role(Held(via="role", role_id=part, document_id=part)).blocks]
    assert judge.effective(whole).all == sum_of(judge.rights.block(block) for block in blocks)


@LAW
@given(LISTS, LISTS, LISTS, LISTS)
def test_blocks_within_others_allow_no_listed_action_beyond_them(
    one: list[str], less: list[str], other: list[str], gone: list[str]
) -> None:
    small, wide = Block(actions=tuple(one), not_actions=tuple(less)), Block(actions=tuple(other), not_actions=tuple(gone))
    if within([small], [wide]):
        assert small.holds(ACTIONS) <= wide.holds(ACTIONS)
