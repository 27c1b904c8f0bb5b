"""Timestamps: what is a date, what says nothing, and what would poison every age computed from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.times import NOT_SAID, utc

MOMENT = datetime(2026, 9, 11, 13, 14, 52)


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-11T13:14:52Z",
        "2026-09-11T13:14:52+00:00",
        "2026-09-11T15:14:52+02:00",
        "2026-09-11 13:14:52",
        "  2026-09-11T13:14:52.918273Z ",
        "2026-09-11T13:14:52.9182731Z",
        "2026-09-11T05:14:52-8:00",
        "/Date(1789132492000)/",
        "\\/Date(1789132492918+0200)\\/",
        1789132492,
        1789132492.75,
        1789132492000,
        datetime(2026, 9, 11, 15, 14, 52, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_every_spelling_of_a_moment_is_the_same_utc_second(text: object) -> None:
    assert utc(text) == MOMENT


def test_a_bare_date_is_its_midnight() -> None:
    assert utc("2026-09-11") == datetime(2026, 9, 11)


@pytest.mark.parametrize("text", [None, "", "  ", "N/A", "no_information", "not_supported", "None", "null", "-", True, False])
def test_words_for_nothing_are_nothing(text: object) -> None:
    assert utc(text) is None


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "2200-01-01", "1989-12-31", "0001-01-01T00:00:00Z", -(10**9), 10**10])
def test_a_year_that_cannot_be_meant_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a plausible date"):
        utc(text)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "11.09.2026", "2026-09-11T25:00:00Z", 10**400, float("nan"), float("inf"), [], {}]
)
def test_what_is_no_date_is_refused_and_not_guessed(text: object) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        utc(text)


def test_a_refusal_quotes_no_more_than_the_beginning() -> None:
    with pytest.raises(ValueError, match="is not a date") as refusal:
        utc("x" * 500)
    assert len(str(refusal.value)) < 70


@given(st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2199, 12, 30)), st.integers(-14 * 60, 14 * 60))
def test_the_zone_never_changes_the_moment(moment: datetime, minutes: int) -> None:
    local = moment.replace(microsecond=0, tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    assert utc(local.isoformat()) == moment.replace(microsecond=0)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.lists(st.text(), max_size=2)))
def test_anything_is_a_plausible_date_nothing_or_a_value_error(value: object) -> None:
    try:
        found = utc(value)
    except ValueError:
        return
    assert found is None or 1990 <= found.year < 2200
    assert found is not None or value in (None, True, False) or str(value).strip().lower() in NOT_SAID
