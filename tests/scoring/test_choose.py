"""The choice of moves against every other choice there is, on small problems."""

from __future__ import annotations

from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.planning import choose
from scoring.planning.choose import Need, Problem, Recipe, everything, mended, possible, solve

LAW = settings(max_examples=300, deadline=None)


@st.composite
def problems(draw: st.DrawFn, *, apart: bool = False) -> Problem:
    """Up to six paths and seven options; `apart`: each option mends one path by itself."""
    paths = [f"p{number}" for number in range(draw(st.integers(1, 6)))]
    options = range(draw(st.integers(0, 7)))
    recipes = []
    for option in options:
        for path in draw(st.lists(st.sampled_from(paths), min_size=1, max_size=1 if apart else 2, unique=True)):
            beside = frozenset() if apart or not draw(st.booleans()) else frozenset({draw(st.sampled_from(options))})
            recipes.append(Recipe(options=frozenset({option}) | beside, path=path, closes=draw(st.booleans())))
    needs = [
        Need(
            path=path,
            critical=draw(st.booleans()),
            causes=frozenset() if apart or number == 0 else draw(st.frozensets(st.sampled_from(paths[:number]), max_size=2)),
        )
        for number, path in enumerate(paths)
    ]
    return Problem(
        efforts={option: draw(st.integers(1, 8)) for option in options},
        subjects={option: f"s{option // 2}" for option in options},
        recipes=recipes, needs=needs, percent=90, there=draw(st.integers(0, 20)), total=20 + len(paths),
    )  # fmt: skip


def enough(problem: Problem, options: frozenset[int]) -> bool:
    """By counting, path by path: the share is reached, no critical path is left, no subject has two things done to it."""
    subjects = [problem.subjects[option] for option in options]
    fixed = mended(problem, options)
    there, total = problem.there, problem.total
    for need in problem.needs:
        by_causes = bool(need.causes) and all(cause in fixed for cause in need.causes)
        # Lifted, it counts among those there; closed, it counts no more. Nobody stands above those causes, so they close.
        if need.path in fixed and not fixed[need.path]:
            there += 1
        elif need.path in fixed or by_causes:
            total -= 1
        elif need.critical:
            return False
    return len(subjects) == len(set(subjects)) and there * 100 >= problem.percent * total


def cheapest(problem: Problem) -> int | None:
    options = sorted(problem.efforts)
    every = chain.from_iterable(combinations(options, size) for size in range(len(options) + 1))
    return min((sum(problem.efforts[one] for one in some) for some in every if enough(problem, frozenset(some))), default=None)


@LAW
@given(problems())
def test_no_other_choice_is_cheaper(problem: Problem) -> None:
    found = solve(problem)

    assert (found and found.cost) == cheapest(problem)
    assert found is None or enough(problem, found.options)


@LAW
@given(problems(apart=True))
def test_branching_and_greed_find_the_cheapest_where_moves_do_not_touch_each_other(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "FEW", 2)
        found = solve(problem)

    assert (found and found.cost) == cheapest(problem)


@LAW
@given(problems())
def test_branching_and_greed_find_a_choice_that_holds_and_costs_half_as_much_again_at_most(problem: Problem) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choose, "FEW", 1)
        patch.setattr(choose, "DEEP", 4)
        found = solve(problem)
    best = cheapest(problem)

    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert enough(problem, found.options)
        assert found.cost <= 1.5 * best


def test_what_nothing_mends_is_not_asked_for_in_the_next_best_choice() -> None:
    problem = Problem(
        efforts={0: 3}, subjects={0: "a"}, recipes=[Recipe(options=frozenset({0}), path="mended", closes=False)],
        needs=[Need(path="mended", critical=True), Need(path="stuck", critical=True)], percent=50, there=0, total=2,
    )  # fmt: skip

    assert solve(problem) is None
    found = solve(possible(problem))
    assert found is not None
    assert found.options == {0}
    assert everything(problem).options == {0}
