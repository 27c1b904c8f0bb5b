"""The roadmap that can be adopted: phases as data, made into targets from a day on."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from inventory.decisions import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One step of the roadmap."""

    id: str
    name: str
    months: int
    """From the start to the end of the phase."""
    stage: int
    takes: str


def phases() -> list[Phase]:
    """The phases, in their order."""
    text = (files("scoring") / "decided" / "roadmap.toml").read_text(encoding="utf-8")
    return [Phase(**raw) for raw in tomllib.loads(text)["phase"]]


def roadmap_from(start: date) -> list[Target]:
    """The phases as targets for everything, counted from a day."""
    return [Target(id=phase.id, stage=phase.stage, by=after(start, phase.months), phase=phase.name, note=phase.takes) for phase in phases()]


def after(start: date, months: int) -> date:
    """The same day some months later; the last day of a month that is too short for it."""
    count = start.month - 1 + months
    year, month = start.year + count // 12, count % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
