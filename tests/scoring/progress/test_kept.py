"""Causes that are kept: what two snapshots differ in is worked out once, and believed of those two alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from scoring.progress import compare
from scoring.progress.compare import compare_ahead, comparison
from tests.scoring.progress.sides import NOW, THEN, Side, fill, user

HERE, HIGHER = Side(subjects=(user(low=2),)), Side(subjects=(user(low=5),))


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def published(lake: Lake, side: Side, date: datetime) -> Snapshot:
    with Database.empty() as database:
        fill(database, "main", side, date)
        return lake.publish(database, label=str(date), as_of=date, rules_version="1", pack="default", created_at=str(date), details={})


def causes(lake: Lake, before: Snapshot, now: Snapshot) -> list[tuple[str, str]]:
    with comparison(lake, before, now) as found:
        rows = found.database.rows("SELECT population, cause FROM progress.caused WHERE population IN ('path', 'subject') ORDER BY 1")
    return [(row["population"], row["cause"]) for row in rows]


def kept(lake: Lake) -> list[Path]:
    return list((lake.root / "_kept").glob("*.parquet"))


def test_the_second_comparison_works_nothing_out(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = published(lake, HERE, THEN), published(lake, HIGHER, NOW)
    compare_ahead(lake, now)
    monkeypatch.setattr(compare, "find_causes", lambda *_: pytest.fail("worked out again"))
    assert causes(lake, before, now) == [("path", "moved_up"), ("subject", "moved_up")]
    assert len(kept(lake)) == 1


def test_what_is_kept_of_two_says_nothing_of_others(lake: Lake) -> None:
    before, now = published(lake, HERE, THEN), published(lake, HIGHER, NOW)
    compare_ahead(lake, now)
    fallen = published(lake, Side(subjects=(user(low=1),)), datetime(2026, 12, 31))
    assert causes(lake, before, fallen) == [("path", "moved_down"), ("subject", "moved_down")]


def test_other_rules_of_causes_work_it_out_anew(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = published(lake, HERE, THEN), published(lake, HIGHER, NOW)
    compare_ahead(lake, now)
    monkeypatch.setattr(compare, "_version", lambda: "other")
    causes(lake, before, now)
    assert len(kept(lake)) == 2


def test_a_kept_file_that_cannot_be_read_is_worked_out_anew(lake: Lake) -> None:
    before, now = published(lake, HERE, THEN), published(lake, HIGHER, NOW)
    compare_ahead(lake, now)
    [path] = kept(lake)
    path.write_bytes(b"no parquet")
    assert causes(lake, before, now) == [("path", "moved_up"), ("subject", "moved_up")]


def test_where_nothing_can_be_written_it_is_compared_all_the_same(lake: Lake) -> None:
    before, now = published(lake, HERE, THEN), published(lake, HIGHER, NOW)
    (lake.root / "_kept").write_text("in the way")
    assert causes(lake, before, now) == [("path", "moved_up"), ("subject", "moved_up")]
