"""From stage to stage between the two hand-made quarters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inventory.lake import Lake
from reports import charts_flow
from reports.views.evidence import Rows
from reports.views.flow import flow_counts, flow_table, stage_flow
from scoring.progress.compare import Comparison, comparison


@pytest.fixture(scope="module")
def found(lake: Lake) -> Iterator[Comparison]:
    before, now = lake.snapshots()
    with comparison(lake, before, now) as made:
        yield made


@pytest.fixture(scope="module")
def rows(found: Comparison) -> Rows:
    return stage_flow(found)


def test_every_subject_flows_once_from_where_it_stood_to_where_it_stands(rows: Rows) -> None:
    flows = {(row["before"], row["now"]): row["subjects"] for row in rows}
    assert {pair: count for pair, count in flows.items() if pair[0] != pair[1]} == {
        ("S2", "S3"): 1,  # svc-billing
        ("S6", "S4"): 1,  # svc-report
        ("absent", "S7"): 1,  # ci-publisher
    }
    assert flows[("unplaced", "unplaced")] == 1  # role-retired


def test_the_table_adds_up_in_both_directions(rows: Rows, found: Comparison) -> None:
    *body, total = flow_table(rows)
    states = [name for name in total if name not in ("before", "total")]
    assert all(total[state] == sum(row[state] for row in body) for state in states)
    assert all(row["total"] == sum(row[state] for state in states) for row in (*body, total))
    placed = found.database.value("SELECT count(*) FROM later.placement")
    assert total["total"] - total["absent"] == placed == 13


def test_rising_falling_coming_and_going_are_told_apart(rows: Rows) -> None:
    counts = flow_counts(rows)
    assert (counts["up"], counts["down"], counts["came"], counts["went"]) == (1, 1, 1, 0)
    assert counts["same"] == counts["subjects"] - 3
    assert charts_flow.flow_takeaway(rows) == (
        "Of 13 subjects in either snapshot, by their lower bound: 1 higher (certainly moved: 1),"
        " 1 lower (certainly moved: 1), 10 the same, 1 not there then, 0 not there now."
    )


def test_who_loses_its_last_path_neither_rises_nor_falls() -> None:
    counts = flow_counts(
        [{"before": "S3", "now": "unplaced", "subjects": 2, "moved": 0}, {"before": "unplaced", "now": "absent", "subjects": 5, "moved": 0}]
    )
    assert {name: count for name, count in counts.items() if count} == {"went": 5, "subjects": 7}


def test_a_bound_that_rises_with_knowing_more_is_not_said_to_have_moved() -> None:
    counts = flow_counts(
        [{"before": "S2", "now": "S5", "subjects": 9, "moved": 4}, {"before": "S6", "now": "S5", "subjects": 3, "moved": 0}]
    )
    assert (counts["up"], counts["moved_up"], counts["down"], counts["moved_down"]) == (9, 4, 3, 0)


def test_the_picture_holds_every_flow_at_its_place_and_is_the_same_each_time(rows: Rows) -> None:
    figure = charts_flow.flow_figure(rows)
    (trace,) = figure.data
    assert sum(trace.link.value) == 13
    assert len(trace.node.label) == len(trace.node.x) == len(trace.node.y)
    assert "S7: 2" in trace.node.label or "S7: 1" in trace.node.label
    before = [height for height, across in zip(trace.node.y, trace.node.x, strict=True) if across < 0.5]
    assert before == sorted(before)
    assert figure.to_json() == charts_flow.flow_figure(rows).to_json()
