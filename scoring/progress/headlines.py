"""Headlines, and their difference split by cause so that the parts add up exactly.

Start from the earlier population judged by today's rules; replace the units of one cause after another, in the order of CAUSES, by what
they are now; take the headline each time. The differences telescope to the whole. Integers and fractions only: nothing is rounded here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scoring.progress import CAUSES

Value = tuple[int, ...]
Population = Mapping[Value, int]
"""Value as a headline counts it -> how many units have it; negative never, zero perhaps."""

Measure = Callable[[Population], Fraction | None]
Rows = list[dict[str, Any]]
SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One number of the whole estate, and how to take it."""

    id: str
    title: str
    unit: str
    """subjects, stage, %, findings, index or credentials."""
    better: str
    """up, down, or neither."""
    population: str
    part: str | None
    measure: Measure
    n: Measure
    """How many units stand behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A headline before and now, and its difference by cause."""

    headline: Headline
    before: Fraction | None
    """As stored; None: nothing to count."""
    now: Fraction | None
    n_before: int
    n_now: int
    parts: Mapping[str, Fraction] | None
    """Cause -> its share of the difference, all causes in order; None where one side has nothing to count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Units of one population that differ alike."""

    cause: str
    before: Value | None
    """None: not there."""
    now: Value | None
    units: int


def split(headline: Headline, stored: Population, earlier: Population, changes: Iterable[Change]) -> Split:
    """The difference from `stored` to now by cause; `earlier` is the same evidence by today's rules, `changes` lead from there to now."""
    listed = list(changes)
    mixed = Counter(earlier)
    values = [headline.measure(stored)]
    for cause in CAUSES:
        for change in listed:
            if change.cause == cause:
                if change.before is not None:
                    mixed[change.before] -= change.units
                if change.now is not None:
                    mixed[change.now] += change.units
        values.append(headline.measure(mixed))
    first, last = values[0], values[-1]
    parts = None
    if first is not None and last is not None:
        steps = [value if value is not None else Fraction(0) for value in values]
        parts = {cause: after - before for cause, before, after in zip(CAUSES, steps, steps[1:], strict=False)}
    return Split(
        headline=headline,
        before=first,
        now=last,
        n_before=int(headline.n(stored) or 0),
        n_now=int(headline.n(mixed) or 0),
        parts=parts,
    )


def headlines(percent: float, questions: Iterable[str]) -> list[Headline]:
    """Every headline. `percent`: the share of paths that `attained` asks for."""
    stages = [_count(f"S{stage}", f"Subjects at stage {stage} (lower bound)", "subject", (stage,), "subjects") for stage in range(1, 8)]
    severities = [_count(name, f"Failed findings, {name}", "finding", (rank,), "findings", "down") for rank, name in enumerate(SEVERITIES)]
    return [
        *stages,
        _count("no_active_path", "Subjects without an active path", "subject", (0,), "subjects"),
        _of_paths("attained", "Attained stage (0: none)", "stage", lambda paths: attained(paths, percent)),
        _of_paths("exact", "Paths placed exactly", "%", lambda paths: _share(paths, lambda value: value[1] == 1)),
        *(
            _of_paths(f"at_or_above_{stage}", f"Paths at stage {stage} or above (lower bound)", "%", _at_least(stage))
            for stage in (5, 6, 7)
        ),
        *(_answer(question, bound) for question in questions for bound in ("lo", "hi")),
        *severities,
        *(_creep(bound) for bound in ("lo", "hi")),
        _count("static", "Active static credentials", "static", (1,), "credentials", "down"),
    ]


def attained(paths: Population, percent: float) -> Fraction | None:
    """The highest stage that `percent` of the paths reach for certain with no critical path below it; 0 when it is none. None without paths."""
    total = sum(paths.values())
    if not total:
        return None
    reached = [
        stage
        for stage in range(1, 8)
        if sum(n for value, n in paths.items() if value[0] >= stage) * 100 >= percent * total
        and not any(n and value[2] and value[0] < stage for value, n in paths.items())
    ]
    return Fraction(max(reached, default=0))


def _count(name: str, title: str, population: str, value: Value, unit: str, better: str = "neither") -> Headline:
    return Headline(id=name, title=title, unit=unit, better=better, population=population, part=None, n=_total,
                    measure=lambda units: Fraction(units.get(value, 0)))  # fmt: skip


def _of_paths(name: str, title: str, unit: str, measure: Measure) -> Headline:
    return Headline(id=name, title=title, unit=unit, better="up", population="path", part=None, measure=measure, n=_total)


def _answer(question: str, bound: str) -> Headline:
    good = (1,) if bound == "lo" else (1, 2)
    return Headline(id=f"{question}_{bound}", title=f"{question}, {'lower' if bound == 'lo' else 'upper'} bound", unit="%", better="up", n=_total,
                    population="item", part=question, measure=lambda items: _share(items, lambda value: value[0] in good))  # fmt: skip


def _creep(bound: str) -> Headline:
    def index(weights: Population) -> Fraction | None:
        whole, unused, unknown = (sum(value[column] * n for value, n in weights.items()) for column in range(3))
        return Fraction(100 * (unused + (unknown if bound == "hi" else 0)), whole) if whole else None

    return Headline(id=f"creep_{bound}", title=f"Permission-creep index, {'lower' if bound == 'lo' else 'upper'} bound", unit="index", better="down",
                    population="creep", part=None, measure=index, n=lambda weights: Fraction(sum(value[3] * n for value, n in weights.items())))  # fmt: skip


def _share(units: Population, good: Callable[[Value], bool]) -> Fraction | None:
    total = sum(units.values())
    return Fraction(100 * sum(n for value, n in units.items() if good(value)), total) if total else None


def _at_least(stage: int) -> Measure:
    return lambda paths: _share(paths, lambda value: value[0] >= stage)


def _total(units: Population) -> Fraction:
    return Fraction(sum(units.values()))


def split_all(found: Iterable[Headline], stored: Rows, earlier: Rows, changes: Rows) -> list[Split]:
    """Every headline by cause, from the rows of counts.sql (as stored, and by today's rules) and of changes.sql."""
    return [
        split(
            headline,
            _population(stored, headline),
            _population(earlier, headline),
            (
                Change(cause=row["cause"], before=_value(row, "_before"), now=_value(row, "_now"), units=row["n"])
                for row in changes
                if row["population"] == headline.population and row["part"] == headline.part
            ),
        )
        for headline in found
    ]


def _population(rows: Rows, headline: Headline) -> Population:
    counted: Counter[Value] = Counter()
    for row in rows:
        value = _value(row, "")
        if row["population"] == headline.population and row["part"] == headline.part and value is not None:
            counted[value] += row["n"]
    return counted


def _value(row: Mapping[str, Any], suffix: str) -> Value | None:
    """The parts that a headline of its population counts; None where the unit is not there."""
    values = tuple(row[f"{name}{suffix}"] for name in ("v1", "v2", "v3", "v4") if row[f"{name}{suffix}"] is not None)
    return values or None
