"""Other models: a stage, a percentage or an age to a level by hand; bounds stay bounds."""

from __future__ import annotations

import pytest

from scoring.lenses import Interval, in_words, lenses, of_age, of_percent, of_stages, together, weakest

BY_KEY = {lens.key: lens for lens in lenses()}
CISA, AKEYLESS, PERMISO = BY_KEY["cisa-ztmm"], BY_KEY["akeyless"], BY_KEY["permiso"]


def test_every_stage_has_a_level_in_every_lens_of_stages_and_levels_never_fall() -> None:
    assert set(BY_KEY) == {"akeyless", "cisa-ztmm", "permiso"}
    for lens in (CISA, AKEYLESS):
        found = [of_stages(lens, stage, stage) for stage in range(1, 8)]
        assert found == sorted(found)
    assert [in_words(CISA, of_stages(CISA, stage, stage)) for stage in range(1, 8)] == [
        *("Traditional", "Traditional", "Traditional", "Initial", "Initial", "Advanced", "Optimal")
    ]


def test_a_stage_that_belongs_to_two_levels_stands_between_them() -> None:
    assert in_words(AKEYLESS, of_stages(AKEYLESS, 5, 5)) == "between Siloed vaulting and Unified and automated"
    assert in_words(CISA, of_stages(CISA, 2, 6)) == "between Traditional and Advanced"


@pytest.mark.parametrize(
    ("percent", "level"),
    [
        (0, "Ad Hoc"),
        (9.9, "Ad Hoc"),
        (15, "between Ad Hoc and Developing"),
        (25, "Developing"),
        (50, "between Developing and Defined"),
        (75, "Defined"),
        (80, "between Defined and Managed"),
        (97, "between Managed and Optimized"),
        (99, "Optimized"),
        (100, "Optimized"),
    ],
)
def test_a_value_in_a_gap_of_the_bands_is_between(percent: float, level: str) -> None:
    assert in_words(PERMISO, of_percent(PERMISO, percent)) == level


@pytest.mark.parametrize(
    ("days", "bounds"), [(0, (3, 3)), (30, (3, 3)), (31, (2, 2)), (90, (2, 2)), (365, (1, 1)), (366, (0, 0)), (None, (0, 3)), (-1, (0, 3))]
)
def test_an_age_keeps_the_highest_limit_it_can_and_an_unknown_one_may_be_any(days: int | None, bounds: Interval) -> None:
    assert of_age(PERMISO, days) == bounds


def test_the_share_that_must_reach_a_level_is_counted_by_both_bounds() -> None:
    # Ten subjects: nine stand at level 1 or perhaps 2, one at 0. Nine of ten reach 1 for certain, and at most 2.
    each = [((1, 2), 9), ((0, 0), 1)]
    assert together(each, 4, 90) == ((1, 2), 10, 9)
    assert together(each, 4, 91) == ((0, 0), 10, 9)
    assert together([], 4, 90) == (None, 0, 0)


def test_the_weakest_measure_decides_and_a_silent_one_leaves_nothing_to_say() -> None:
    assert weakest([(1, 3), (2, 2)]) == (1, 2)
    assert weakest([(1, 3), None]) is None
