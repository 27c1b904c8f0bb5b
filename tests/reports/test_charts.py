"""Figures: every number printed, colours that can be told apart and read, names that stay text."""

from __future__ import annotations

from itertools import pairwise

import pytest

from inventory.database import Database
from reports import charts, svg
from reports.palette import DARK, LIGHT, Palette, contrast, ink_on, luminance
from reports.views import stages
from reports.views.questions import questions


def test_the_stage_bars_print_their_counts_and_carry_their_stage(now: Database) -> None:
    lower, upper = charts.stage_bars(stages.distribution(now)).data
    assert list(lower.text) == ["1", "3", "2", "1", "1", "3", "1"]
    assert [tuple(point) for point in upper.customdata] == [(stage, "hi") for stage in range(1, 8)]
    assert all(f"S{stage}" in label for stage, label in enumerate(lower.x, start=1))


def test_the_takeaway_says_what_the_bars_show(now: Database) -> None:
    assert charts.stage_takeaway(stages.distribution(now)).startswith(
        "Of 12 placed subjects, 6 may stand at stage 3 or lower and 6 stand at stage 4 or higher for certain"
    )


def test_charts_of_an_empty_snapshot_are_drawn_and_say_so() -> None:
    with Database.empty() as database:
        rows = stages.distribution(database)
        assert charts.stage_takeaway(rows) == "No subject is placed."
        charts.stage_bars(rows)
        charts.group_bars(stages.by_group(database, "team"))
        charts.question_bars(questions(database))
        charts.privilege_heatmap(stages.stage_by_privilege(database))
        assert "<svg" in svg.stage_bars(rows, "nothing")


def test_a_group_name_reaches_a_chart_without_markup() -> None:
    assert charts.plain("<b>x</b> & <a href='y'>") == "&lt;b&gt;x&lt;/b&gt; &amp; &lt;a href='y'&gt;"


def test_the_ladder_fills_the_interval_and_says_it_in_words() -> None:
    ladder = svg.ladder(2, 5)
    assert ladder.count("background") == 4
    assert 'aria-label="Between stage 2 and stage 5"' in ladder


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_stage_colours_are_ordered_and_stand_out_from_the_background(colours: Palette) -> None:
    steps = [contrast(colour, colours.background) for colour in colours.stages]
    assert all(low < high for low, high in pairwise(steps))
    assert min(steps) >= 3
    assert all(contrast(colour, ink_on(colour)) >= 4.5 for colour in colours.stages)
    assert contrast(colours.muted, colours.background) >= 4.5


def test_luminance_runs_from_black_to_white() -> None:
    assert (luminance("#000000"), luminance("#FFFFFF")) == (0, 1)
