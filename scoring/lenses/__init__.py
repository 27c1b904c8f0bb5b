"""Other people's maturity models over our evidence, as data: one TOML file each, every mapping ours.

A level is an interval, like a stage: what the evidence allows at least, and at most. Left out, because nothing they publish can be
decided from exports: Cremit's five levels (words only), and a five-level model of the Cloud Security Alliance, of which none was found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

Interval = tuple[int, int]
"""Indexes of levels, lowest first: at least, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level; a lens maps stages, or names figures."""

    name: str
    stages: tuple[int, int] | None = None
    """First and last of our stages that belong here."""
    visibility_percent: tuple[float, float] | None = None
    rotated_within_days: int | None = None
    """Credentials are replaced within this; 0: no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """One model."""

    key: str
    name: str
    url: str
    outside: str
    """What it asks that is not measured here."""
    levels: tuple[Level, ...]
    """Lowest first."""


@cache
def lenses() -> tuple[Lens, ...]:
    """Every lens, by key."""
    found = sorted((entry for entry in files("scoring.lenses").iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name)
    return tuple(_lens(entry.name.removesuffix(".toml"), entry.read_text(encoding="utf-8")) for entry in found)


def _lens(key: str, text: str) -> Lens:
    raw = tomllib.loads(text)
    levels = tuple(
        Level(
            name=each["name"],
            stages=_pair(each.get("stages")),
            visibility_percent=_pair(each.get("visibility_percent")),
            rotated_within_days=each.get("rotated_within_days"),
        )
        for each in raw["level"]
    )
    return Lens(key=key, name=raw["name"], url=raw["url"], outside=raw["outside"], levels=levels)


def _pair(bounds: list[int] | None) -> tuple[int, int] | None:
    return (bounds[0], bounds[1]) if bounds else None


def of_stages(lens: Lens, stage_lo: int, stage_hi: int) -> Interval:
    """The levels that a subject between two stages may stand at. A stage that belongs to two levels stands between them."""
    members = [index for index, level in enumerate(lens.levels) if level.stages and _within(level.stages, stage_lo)]
    highest = [index for index, level in enumerate(lens.levels) if level.stages and _within(level.stages, stage_hi)]
    return min(members), max(highest)


def _within(bounds: tuple[float, float], value: float) -> bool:
    return bounds[0] <= value <= bounds[1]


def of_percent(lens: Lens, percent: float) -> Interval:
    """The level whose band holds a percentage; in a gap between two bands, both."""
    bands = [level.visibility_percent for level in lens.levels if level.visibility_percent]
    for index, band in enumerate(bands):
        if percent < band[0]:
            return max(index - 1, 0), index
        if percent <= band[1]:
            return index, index
    return len(bands) - 1, len(bands) - 1


def of_age(lens: Lens, days: int | None) -> Interval:
    """The highest level whose limit an age keeps. An age nobody knows may be any, and so may one below 0: it is dated after the day judged by."""
    limits = [level.rotated_within_days for level in lens.levels if level.rotated_within_days is not None]
    if days is None or days < 0:
        return 0, len(limits) - 1
    highest = max(index for index, limit in enumerate(limits) if limit == 0 or days <= limit)
    return highest, highest


def together(each: Iterable[tuple[Interval, int]], levels: int, percent: float) -> tuple[Interval | None, int, int]:
    """The level that `percent` of all reach for certain, and at most; how many there are, and how many have no single level."""
    found = [(bounds, count) for bounds, count in each if count]
    total = sum(count for _, count in found)
    if not total:
        return None, 0, 0
    reached = [
        max(level for level in range(levels) if 100 * sum(count for bounds, count in found if bounds[side] >= level) >= percent * total)
        for side in (0, 1)
    ]
    return (reached[0], reached[1]), total, sum(count for bounds, count in found if bounds[0] != bounds[1])


def in_words(lens: Lens, bounds: Interval | None) -> str:
    """`Initial`, or `between Initial and Advanced`."""
    if bounds is None:
        return "nothing to place"
    low, high = (lens.levels[index].name for index in bounds)
    return low if low == high else f"between {low} and {high}"


def weakest(parts: Sequence[Interval | None]) -> Interval | None:
    """A model is reached in the measure that stands lowest. None when some measure has nothing to tell."""
    known = [part for part in parts if part is not None]
    return (min(low for low, _ in known), min(high for _, high in known)) if known and len(known) == len(parts) else None
