"""Laws of attribution: the parts add up exactly, the ends are what each side counts, and every unit has one cause."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database
from reports.views.progress import apportioned
from scoring.progress import CAUSES
from scoring.progress.compare import split_by_cause
from scoring.progress.headlines import Change, headlines, split
from tests.scoring.progress.sides import DEV, LONG_AGO, PROD, SINCE, Side, Subject, compared

pytestmark = pytest.mark.heavy

QUESTIONS = ("Q1", "Q5")
stages = st.tuples(st.integers(1, 7), st.integers(1, 7)).map(lambda pair: (min(pair), max(pair)))
moments = st.sampled_from([None, LONG_AGO, SINCE])


def subject(name: str) -> st.SearchStrategy[Subject]:
    return st.builds(
        Subject,
        name=st.just(name),
        ways=st.dictionaries(st.sampled_from(["key", "key2", "native"]), stages, max_size=3),
        scope=st.just(DEV if name in ("c", "d") else PROD),
        created_at=moments,
        keys_made=moments,
        status=st.sampled_from(["active", "active", "disabled"]),
        in_scope=st.booleans(),
        privilege=st.sampled_from(["admin", "read", "unknown"]),
        key_status=st.sampled_from(["active", "active", "inactive"]),
    )


sides = st.builds(
    Side,
    subjects=st.lists(st.sampled_from("abcd"), unique=True, max_size=4).flatmap(lambda names: st.tuples(*map(subject, names))),
    scopes=st.sampled_from([(PROD,), (PROD, DEV)]),
    coverage=st.dictionaries(st.sampled_from(["identities", "access_keys", "trust"]), st.sampled_from(["partial", "missing"]), max_size=2),
    formats=st.sampled_from([("aws-gaad", "aws-credential-report"), ("aws-gaad",)]),
    resources=st.dictionaries(st.sampled_from("xy"), st.sampled_from(["yes", "no", "unknown"]), max_size=2),
    items=st.dictionaries(st.tuples(st.sampled_from(QUESTIONS), st.sampled_from("abcd")), st.sampled_from(["pass", "fail", "unknown"]), max_size=5),
    findings=st.dictionaries(st.tuples(st.sampled_from(["one", "two"]), st.sampled_from("abcd")), st.sampled_from(["fail", "unknown"]), max_size=5),
    checks=st.sampled_from([("one",), ("one", "two")]),
    creep=st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=3),
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(stored=sides, before=sides, now=sides)
def test_every_headline_is_split_without_a_rest(stored: Side, before: Side, now: Side) -> None:
    with compared(before, now, stored=stored) as database:
        found = {part.headline.id: part for part in split_by_cause(database, 90.0, QUESTIONS)}
        for part in found.values():
            assert (part.parts is None) == (part.before is None or part.now is None)
            if part.parts is not None and part.before is not None and part.now is not None:
                assert tuple(part.parts) == tuple(CAUSES)
                assert sum(part.parts.values()) == part.now - part.before
        for side, column in (("stored", "before"), ("later", "now")):
            assert {name: getattr(found[name], column) for name in found if name.startswith("S") and len(name) == 2} == _stages(
                database, side
            )
            assert getattr(found["exact"], column) == _exact(database, side)
            assert getattr(found["critical"], column) == 0
            assert getattr(found["high"], column) == database.value(f"SELECT count(*) FROM {side}.finding WHERE status = 'fail'")
        causes = database.rows("SELECT population, part, kind, id, count(*) AS n, min(cause) AS cause FROM progress.caused GROUP BY ALL")
        assert all(row["n"] == 1 and row["cause"] in CAUSES for row in causes)


def _stages(database: Database, side: str) -> dict[str, Fraction]:
    found = {row["s"]: row["n"] for row in database.rows(f"SELECT stage_lo AS s, count(*) AS n FROM {side}.placement GROUP BY 1")}
    return {f"S{stage}": Fraction(found.get(stage, 0)) for stage in range(1, 8)}


def _exact(database: Database, side: str) -> Fraction | None:
    row = database.rows(f"SELECT count(*) AS n, count(*) FILTER (WHERE stage_lo = stage_hi) AS exact FROM {side}.access_path")[0]
    return Fraction(100 * row["exact"], row["n"]) if row["n"] else None


values = st.tuples(st.integers(1, 7), st.integers(0, 1), st.integers(0, 1))


@given(
    st.lists(st.tuples(st.sampled_from([*CAUSES, "same"]), st.none() | values, st.none() | values, st.integers(1, 9)), max_size=12),
    st.dictionaries(values, st.integers(1, 9), max_size=4),
)
def test_the_parts_of_any_population_add_up(
    units: list[tuple[str, tuple[int, ...] | None, tuple[int, ...] | None, int]], stored: dict[tuple[int, ...], int]
) -> None:
    earlier: Counter[tuple[int, ...]] = Counter()
    now: Counter[tuple[int, ...]] = Counter()
    for cause, before, after, count in units:
        if before is not None:
            earlier[before] += count
        if (then := before if cause == "same" else after) is not None:
            now[then] += count
    changes = [Change(cause=cause, before=before, now=after, units=count) for cause, before, after, count in units if cause != "same"]
    for headline in headlines(90.0, []):
        if headline.population == "path":
            found = split(headline, stored, earlier, changes)
            assert (found.before, found.now) == (headline.measure(stored), headline.measure(now))
            if found.parts is not None and found.before is not None and found.now is not None:
                assert sum(found.parts.values()) == found.now - found.before


@given(st.lists(st.fractions(-99, 99, max_denominator=999), min_size=1, max_size=7), st.booleans())
def test_what_is_printed_adds_up_too(parts: list[Fraction], up: bool) -> None:
    named = {str(index): part for index, part in enumerate(parts)}
    whole = sum(parts, Fraction(0))
    total = -(-whole.numerator // whole.denominator) if up else whole.numerator // whole.denominator
    shown = apportioned(named, total)
    assert sum(shown.values()) == total
    assert all(abs(shown[name] - part) < 1 for name, part in named.items())
