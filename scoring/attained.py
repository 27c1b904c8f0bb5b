"""The stage that a group of access paths has attained. Pure arithmetic over counts: reports show it, the planner aims at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STAGES = range(1, 8)

ATTAINED_PERCENT = 90.0
"""Share of paths that must stand at a stage or above, where the pack does not say otherwise."""

Counts = Sequence[Mapping[str, Any]]
"""Rows `stage_lo`, `critical`, `paths`: how many paths stand there."""


def attained(counts: Counts, percent: float) -> int | None:
    """The highest stage that is reached. None without paths."""
    return max((stage for stage in STAGES if reached(counts, stage, percent)), default=None) if counts else None


def reached(counts: Counts, stage: int, percent: float) -> bool:
    """Whether `percent` of the paths have this stage or a higher one as their lower bound, and no critical one a lower."""
    total = sum(row["paths"] for row in counts)
    there = sum(row["paths"] for row in counts if row["stage_lo"] >= stage)
    return total > 0 and there * 100 >= percent * total and not any(row["critical"] and row["stage_lo"] < stage for row in counts)
