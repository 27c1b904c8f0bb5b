"""Progress on the hand-made workspace: svc-billing rose from 2 to 3, svc-report fell from 6 to 4, ci-publisher (stage 7) is new."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.database import Database, StoreError
from inventory.lake import Lake
from reports import charts_progress as charts
from reports.render import render_html
from reports.views.progress import compare, grouped, section, subjects
from reports.views.trend import Watch, median_days, series, trend
from scoring.progress import CAUSES
from scoring.progress.compare import Comparison, comparison
from tests.reports.test_pages import app, column, html, visit
from tests.reports.workspace import Q2, Q3, fill

__all__ = ["app"]


@pytest.fixture(scope="module")
def found(lake: Lake) -> Iterator[Comparison]:
    before, now = lake.snapshots()
    with comparison(lake, before, now) as opened:
        yield opened


def test_each_subject_that_differs_has_its_cause(found: Comparison) -> None:
    counts = {name: cause["subjects"] for name, cause in compare(found)["causes"].items()}
    assert counts == {"rules": 0, "scope": 0, "evidence": 0, "retired": 0, "new": 1, "moved_down": 1, "moved_up": 1}
    assert [row["name"] for row in subjects(found, "moved_down")] == ["svc-report"]
    assert [row["name"] for row in subjects(found, "moved_up")] == ["svc-billing"]
    assert [row["name"] for row in subjects(found, "new")] == ["ci-publisher"]
    with pytest.raises(ValueError, match="not a cause"):
        subjects(found, "luck")


def test_a_subject_carries_the_records_of_both_sides(found: Comparison) -> None:
    (row,) = subjects(found, "moved_up")
    assert (row["stage_lo_before"], row["stage_lo"]) == (2, 3)
    assert {"path": "prod/gaad.json", "record": "Detail[svc-billing]"} in row["evidence_before"]
    assert {"path": "prod/credential-report.csv", "record": "user=svc-billing"} in row["evidence"]
    (came,) = subjects(found, "new")
    assert came["evidence"]
    assert came["evidence_before"] == [{"path": "prod/gaad.json", "record": None}]  # the file that listed the account and not the role


def test_headlines_are_split_by_hand_counted_parts(found: Comparison) -> None:
    rows = {row["id"]: row for row in compare(found)["headlines"]}
    assert (rows["S2"]["before"], rows["S2"]["now"]) == (4, 3)
    assert {name: part for name, part in rows["S2"]["parts"].items() if part} == {"moved_up": -1}
    assert {name: part for name, part in rows["S6"]["parts"].items() if part} == {"moved_down": -1}
    assert {name: part for name, part in rows["S7"]["parts"].items() if part} == {"new": 1}
    # 11 paths then, of which svc-vaulted, three at 6 and svc-report stood at 5 or above; 12 now: svc-vaulted, three at 6 and one at 7.
    assert rows["at_or_above_5"]["exact"]["before"] == str(Fraction(500, 11))
    assert rows["at_or_above_5"]["exact"]["now"] == str(Fraction(500, 12))
    for row in rows.values():
        if row["parts"] is not None:
            assert list(row["parts"]) == list(CAUSES)
            assert round(sum(row["parts"].values()), 1) == row["change"]
    assert rows["S4_lo"]["change"] is None if "S4_lo" in rows else True
    assert {row["id"] for group in grouped(list(rows.values())) for row in group["rows"]} == set(rows)


def test_a_snapshot_is_not_compared_with_itself_nor_backwards(lake: Lake) -> None:
    before, now = lake.snapshots()
    with pytest.raises(StoreError, match="with itself"), comparison(lake, now, now):
        pass
    with pytest.raises(StoreError, match="swap them"), comparison(lake, now, before):
        pass


def test_other_rules_that_cannot_be_applied_to_old_evidence_take_all_of_the_difference(tmp_path: Path) -> None:
    """The hand-made snapshots keep no rows as they were read."""
    lake = Lake(tmp_path)
    for as_of, rules, earlier in ((Q2, "1", True), (Q3, "2", False)):
        with Database.empty() as database:
            fill(database, as_of, earlier=earlier)
            lake.publish(database, label=f"{as_of:%m}", as_of=as_of, rules_version=rules, pack="default", created_at=rules, details={})
    before, now = lake.snapshots()
    with comparison(lake, before, now) as opened:
        document = section(opened)
        assert "keeps no rows as they were read" in document["unsplit"]
        assert {name: cause["subjects"] for name, cause in document["causes"].items() if cause["subjects"]} == {"rules": 3}
        assert document["moved"] == []
        s2 = next(row for row in document["headlines"] if row["id"] == "S2")
        assert {name: part for name, part in s2["parts"].items() if part} == {"rules": -1}
        assert {row["name"] for row in subjects(opened, "rules")} == {"svc-billing", "svc-report", "ci-publisher"}
    assert "cannot be judged again" in render_html(lake, now.snapshot_id, before.snapshot_id)
    assert [point["other_rules"] for point in trend(lake, now)["points"]] == [True, False]


def test_the_report_prints_causes_and_parts(lake: Lake) -> None:
    before, now = lake.snapshots()
    page = render_html(lake, now.snapshot_id, before.snapshot_id)
    assert "subjects certainly higher 1, certainly lower 1, new 1, retired 0" in page
    assert "Subjects at stage 7 (lower bound)" in page
    assert "both were judged by rules 2026.11.1" in page.lower()


# --- trend


def test_the_mix_of_credentials_over_time_has_all_paths(lake: Lake) -> None:
    found = trend(lake, lake.snapshots()[-1])
    totals = {moment: sum(row["paths"] for row in found["mix"] if row["as_of"] == moment) for moment in (Q2, Q3)}
    assert totals == {Q2: 11, Q3: 12}
    families = {(row["as_of"], row["family"]): row["paths"] for row in found["mix"] if row["family"] in ("none", "unknown")}
    assert families[Q3, "none"] == 1  # the open bucket
    (static,) = found["static"]
    assert (static["new"], static["retired"], static["seen"]) == (0, 0, 0)
    assert charts.mix_takeaway(found["mix"]).startswith("Access paths by static credentials: 64 % (7 of 11) on 2026-06-30")


def test_one_snapshot_a_date_and_like_before_unlike(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for as_of, pack in ((Q2, "cis"), (Q2, "default"), (Q3, "default"), (Q3, "cis")):
        with Database.empty() as database:
            lake.publish(database, label="x", as_of=as_of, rules_version="1", pack=pack, created_at=pack, details={})
    now = next(one for one in lake.snapshots() if one.as_of == Q3 and one.pack == "cis")
    assert [one.pack for one in series(lake, now)] == ["cis", "cis"]
    other = next(one for one in lake.snapshots() if one.as_of == Q3 and one.pack == "default")
    assert [one.pack for one in series(lake, other)] == ["default", "default"]


def test_time_to_revoke_is_an_interval_between_snapshots() -> None:
    watch = Watch()
    first, second, third = datetime(2026, 3, 31), datetime(2026, 6, 30), datetime(2026, 9, 30)
    row = {"name": "k", "kind": "access_key", "identity_id": None, "why": "exposed in code"}
    watch.seen([{"credential_id": "old", **row}], first, None)
    watch.seen([{"credential_id": "old", **row}, {"credential_id": "young", **row}], second, first)
    told = {one["credential_id"]: one for one in watch.told(third)["revoked"]}
    # Found by 2026-03-31 and still active on 2026-09-30: 183 days at least. The other: found by 2026-06-30: 92.
    assert (told["old"]["days_lo"], told["old"]["days_hi"], told["old"]["state"]) == (183, None, "open")
    assert (told["young"]["days_lo"], told["young"]["found_after"]) == (92, first)
    # Found after 03-31 and by 06-30, active on 06-30, gone by 09-30: between 0 and 183 days.
    young = {**told["young"], "state": "revoked", "active_on": second, "gone_by": third}
    watch.open.clear()
    watch.closed = [young]
    found = watch.told(third)
    assert [(one["days_lo"], one["days_hi"]) for one in found["revoked"]] == [(0, 183)]
    assert found["revoked_counts"] == {"revoked": 1, "open": 0, "unknown": 0}
    assert median_days(found["revoked"]) == (0, 183)
    assert median_days([]) is None


# --- page and charts


def test_every_part_is_printed_on_the_chart(found: Comparison) -> None:
    rows = next(group["rows"] for group in grouped(compare(found)["headlines"]) if group["title"].startswith("Stages"))
    figure = charts.cause_bars(rows)
    texts = {text for trace in figure.data for text in trace.text if text}
    assert texts == {"new +1", "up -1", "up +1", "down -1", "down +1"}
    assert charts.cause_takeaway([]) == "Nothing changed here."


def test_charts_of_nothing_are_drawn_and_say_so() -> None:
    assert charts.mix_takeaway([]) == "No snapshot holds an access path."
    assert charts.static_takeaway([]) == "There is no earlier snapshot to compare with."
    charts.cause_bars([])
    charts.mix_bars([])
    charts.static_bars([])


def test_the_page_shows_causes_first_and_leads_to_the_subjects(app: AppTest) -> None:
    visit(app, "progress")
    assert not app.exception
    assert "Moved down" in html(app)
    assert column(app, "Subject") == ["svc-report"]
    assert column(app, "From") == ["S6"]


def test_the_page_takes_the_cause_from_the_address(app: AppTest) -> None:
    visit(app, "progress", cause="New")
    assert column(app, "Subject") == ["ci-publisher"]


def test_the_first_snapshot_alone_has_a_trend_and_nothing_to_compare(app: AppTest) -> None:
    visit(app, "progress")
    app.sidebar.selectbox(key="snapshot").select_index(1).run()
    assert not app.exception
    assert "There is no earlier snapshot to compare with." in [caption.value for caption in app.caption]
