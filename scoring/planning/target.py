"""What a plan aims at: a stage that a group of paths is to have attained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from inventory.decisions import TAGS
from scoring.attained import STAGES, attained, reached
from scoring.planning.worlds import Path

WORDS = {"scope": "account", "env": "environment", "project": "account", "subscription": "account"}
"""Other words for them."""

FORM = re.compile(r"(?:attained\s+)?([0-9]+)(?:\s+in\s+(.+))?", re.IGNORECASE)


class TargetError(Exception):
    """The text is no target; the message says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A stage, for whom, and by when."""

    stage: int
    tags: Mapping[str, str] = field(default_factory=dict)
    """All must hold; none: everything."""
    by: date | None = None

    @property
    def group(self) -> str:
        """In words."""
        return ", ".join(f"{name} {value}" for name, value in self.tags.items()) or "everything"

    def holds(self, path: Path) -> bool:
        """Whether a path belongs to the group."""
        return all((path.tags[name] or "").lower() == value.lower() for name, value in self.tags.items())

    def reached(self, paths: Iterable[Path], percent: float) -> bool:
        return reached(counts(self.inside(paths)), self.stage, percent)

    def attained(self, paths: Iterable[Path], percent: float) -> int | None:
        return attained(counts(self.inside(paths)), percent)

    def inside(self, paths: Iterable[Path]) -> list[Path]:
        return [path for path in paths if self.holds(path)]


def counts(paths: Iterable[Path]) -> list[dict[str, int | bool]]:
    """Paths as `scoring.attained` counts them."""
    return [{"stage_lo": path.lo, "critical": path.critical, "paths": 1} for path in paths]


def target_of(text: str, known: Iterable[Path], by: date | None = None) -> Target:
    """`attained 5 in production`, `6 in team=payments, provider=aws`, `4`. Raises TargetError.

    A bare word is looked for among the environments, teams, providers and accounts of the paths that are known.
    """
    form = FORM.fullmatch(text.strip())
    if form is None or int(form[1]) not in STAGES:
        raise TargetError(f"{text!r}: write a stage from 1 to 7 and for whom, like `attained 5 in production`, or `6 in team=payments`")
    paths = list(known)
    names = [part.strip() for part in (form[2] or "").split(",") if part.strip().lower() not in ("", "all", "everything")]
    target = Target(stage=int(form[1]), tags=dict(_tag(name, paths) for name in names), by=by)
    if not target.inside(paths):
        raise TargetError(f"no access path belongs to {target.group}")
    return target


def _tag(text: str, paths: list[Path]) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if given:
        name = WORDS.get(name.strip().lower(), name.strip().lower())
        if name not in TAGS:
            raise TargetError(f"{text}: groups are named by {', '.join(TAGS)}")
        return name, value.strip()
    for name in ("environment", "team", "provider", "account"):
        if any((path.tags[name] or "").lower() == text.lower() for path in paths):
            return name, text
    raise TargetError(f"{text}: no environment, team, provider or account of this name has an access path; write it like team=payments")
