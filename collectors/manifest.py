"""manifest.json of an evidence bundle: which file speaks of what and when, and what was not collected and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.times import utc
from inventory.model import CoverageStatus, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the bundle."""

    scope: str | None
    collected_at: datetime | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A fact that was asked for and not obtained."""

    fact: Fact
    scope: str
    status: CoverageStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    label: str | None
    as_of: datetime | None
    files: Mapping[str, Entry]
    not_collected: tuple[Gap, ...]
    problems: tuple[str, ...]


def is_manifest(value: Any) -> bool:
    return isinstance(value, dict) and "bundle_version" in value


def parse_manifest(raw: Mapping[str, Any]) -> Manifest:
    """Read a manifest; entries that cannot be understood are left out and named in `problems`."""
    problems: list[str] = []
    files = {}
    for entry in _dicts(raw.get("files")):
        if not isinstance(entry.get("path"), str):
            problems.append("an entry of `files` has no path")
            continue
        files[entry["path"]] = Entry(
            scope=_text(entry.get("scope")), collected_at=_date(entry.get("collected_at"), problems), sha256=_text(entry.get("sha256"))
        )
    gaps = []
    for entry in _dicts(raw.get("not_collected")):
        try:
            gaps.append(
                Gap(
                    fact=Fact(str(entry.get("fact"))),
                    scope=_text(entry.get("scope")) or "*",
                    status=CoverageStatus(str(entry.get("status", "missing"))),
                    reason=_text(entry.get("reason")) or "the collector could not read it",
                )
            )
        except ValueError as error:
            problems.append(f"an entry of `not_collected` is not understood: {error}")
    return Manifest(
        label=_text(raw.get("label")),
        as_of=_date(raw.get("as_of"), problems),
        files=files,
        not_collected=tuple(gaps),
        problems=tuple(problems),
    )


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _date(value: Any, problems: list[str]) -> datetime | None:
    try:
        return utc(value)
    except ValueError as error:
        problems.append(str(error))
        return None
