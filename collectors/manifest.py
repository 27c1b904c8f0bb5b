"""manifest.json of an evidence bundle: which file speaks of what and when, and what was not collected and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from collectors.files import source_name
from collectors.times import utc
from inventory.model import CoverageStatus, Fact

NEVER_STATED = frozenset({Fact.KEY_USAGE, Fact.ROLE_USAGE, Fact.SERVICE_USAGE})
"""That nothing was seen does not say that nothing was used: how far back a source looks only its own files tell."""

STOPPED = "the collection was stopped before its end: run it again, it goes on where it stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of the bundle."""

    scope: str | None
    collected_at: datetime | None
    sha256: str | None
    facts: frozenset[Fact] = frozenset()
    """What is not known without it."""
    asked: bool = False
    """Written by a collection, which says of each file what it asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A fact that was asked for and not obtained."""

    fact: Fact
    scope: str
    status: CoverageStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A fact of which every call succeeded: where its files hold nothing, there is nothing."""

    fact: Fact
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    label: str | None
    as_of: datetime | None
    files: Mapping[str, Entry]
    """By path below the manifest, written as in evidence."""
    not_collected: tuple[Gap, ...]
    problems: tuple[str, ...]
    collected: tuple[Statement, ...] = ()
    key_mark: str | None = None
    """Of the key under which dropped values were fingerprinted."""
    stopped: bool = False
    """The collection has not ended: no file of the bundle tells all there is."""


def is_manifest(value: Any) -> bool:
    return isinstance(value, dict) and "bundle_version" in value


def parse_manifest(raw: Mapping[str, Any]) -> Manifest:
    """Read a manifest; entries that cannot be understood are left out and named in `problems`."""
    problems: list[str] = []
    entries = (_entry(entry, problems) for entry in _listed(raw, "files", problems))
    problems += _warnings(raw)
    gaps = (_gap(entry, problems) for entry in _listed(raw, "not_collected", problems))
    stated = (_statement(entry, problems) for entry in _listed(raw, "collected", problems))
    return Manifest(
        files=dict(filter(None, entries)),
        not_collected=tuple(filter(None, gaps)),
        collected=tuple(filter(None, stated)),
        label=_text(raw.get("label")),
        as_of=_date(raw.get("as_of"), "as_of", problems),
        problems=tuple(problems),
        key_mark=_text(raw.get("key_mark")),
        stopped=raw.get("stopped") is True,
    )


def _warnings(raw: Mapping[str, Any]) -> list[str]:
    """What the collector could not get and no fact is named for."""
    told = raw.get("warnings")
    return [text for text in told if isinstance(text, str)] if isinstance(told, list) else []


def _entry(raw: Mapping[str, Any], problems: list[str]) -> tuple[str, Entry] | None:
    path = _text(raw.get("path"))
    if path is None:
        problems.append("an entry of `files` has no path")
        return None
    name = source_name(PurePosixPath(path).as_posix())
    return name, Entry(
        scope=_text(raw.get("scope")),
        collected_at=_date(raw.get("collected_at"), f"collected_at of {name}", problems),
        sha256=_text(raw.get("sha256")),
        facts=_facts(raw.get("facts"), name, problems),
        asked=isinstance(raw.get("facts"), list),
    )


def _facts(value: Any, name: str, problems: list[str]) -> frozenset[Fact]:
    known = {fact.value: fact for fact in Fact}
    said = [fact for fact in value if isinstance(fact, str)] if isinstance(value, list) else []
    problems += [f"facts of {name}: {fact!r} is none that is known" for fact in said if fact not in known]
    return frozenset(known[fact] for fact in said if fact in known)


def _gap(raw: Mapping[str, Any], problems: list[str]) -> Gap | None:
    try:
        return Gap(
            fact=Fact(str(raw.get("fact"))),
            scope=_text(raw.get("scope")) or "*",
            status=CoverageStatus(str(raw.get("status", "missing"))),
            reason=_text(raw.get("reason")) or "the collector could not read it",
        )
    except ValueError as error:
        problems.append(f"an entry of `not_collected` is not understood: {error}")
        return None


def _statement(raw: Mapping[str, Any], problems: list[str]) -> Statement | None:
    try:
        fact, scope = Fact(str(raw.get("fact"))), _text(raw.get("scope"))
    except ValueError as error:
        problems.append(f"an entry of `collected` is not understood: {error}")
        return None
    if scope in (None, "*"):
        problems.append(f"an entry of `collected` says {fact.value} of no single scope: not taken")
    elif fact in NEVER_STATED:
        problems.append(f"an entry of `collected` says {fact.value}, which only the files themselves can tell: not taken")
    else:
        return Statement(fact=fact, scope=scope)
    return None


def _listed(raw: Mapping[str, Any], name: str, problems: list[str]) -> list[Mapping[str, Any]]:
    """The objects of a list; whatever else stands there is named."""
    value = raw.get(name, [])
    if not isinstance(value, list):
        problems.append(f"`{name}` is no list: not read")
        return []
    found: list[Mapping[str, Any]] = [entry for entry in value if isinstance(entry, dict)]
    if len(found) < len(value):
        problems.append(f"{len(value) - len(found)} of the entries of `{name}` are no objects: not read")
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _date(value: Any, name: str, problems: list[str]) -> datetime | None:
    try:
        return utc(value)
    except ValueError as error:
        problems.append(f"{name}: {error}")
        return None
