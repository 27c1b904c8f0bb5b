"""Ids of controls in other people's frameworks: which exist, per version, and what they are about in our own words.

Data only (`frameworks.toml`). A check that names an id is evidence for it, not its verdict: see scoring.compliance.verdict.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


class UnknownControlError(LookupError):
    """A reference that no framework's list holds; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One version of one framework. The maps are by full reference, e.g. `CIS-AWS-7.0:2.12`."""

    key: str
    """Name and version, e.g. `CIS-AWS-7.0`."""
    name: str
    """As people call it, with the version."""
    url: str
    family: str | None
    """Shared by versions in which the same title means the same rule."""
    provider: str | None
    """Only subjects of this provider count; NULL: all."""
    scope_note: str
    """What lies outside our checks."""
    controls: Mapping[str, str]
    """Our short title; in the order of the file."""
    asks: Mapping[str, str]
    """What only people can answer: such a control is never met by evidence alone."""
    outside: Mapping[str, str]
    """What the checks of a control do not measure."""
    limits: Mapping[str, Mapping[str, float]]
    """The figures that a control itself names: threshold -> value."""


@cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework version, in the order of the file."""
    content = tomllib.loads((files("scoring.compliance") / "frameworks.toml").read_text(encoding="utf-8"))
    return tuple(_framework(key, entry) for entry in content["framework"] for key in entry["keys"])


def _framework(key: str, entry: Mapping[str, Any]) -> Framework:
    def by_reference(table: str) -> Mapping[str, Any]:
        prefix = "" if entry.get("reference") == "id" else f"{key}:"
        return MappingProxyType({f"{prefix}{control}": value for control, value in entry.get(table, {}).items()})

    version = key.rpartition("-")[2]
    several = len(entry["keys"]) > 1
    return Framework(
        key=key,
        name=f"{entry['name']} {version}" if several else entry["name"],
        url=entry["url"],
        family=entry.get("family"),
        provider=entry.get("provider"),
        scope_note=entry["scope_note"],
        controls=by_reference("controls"),
        asks=by_reference("asks"),
        outside=by_reference("outside"),
        limits=by_reference("limits"),
    )


def framework(key: str) -> Framework:
    """One framework version by its key. Raises UnknownControlError with what there is."""
    for found in frameworks():
        if found.key == key:
            return found
    close = get_close_matches(key, [found.key for found in frameworks()], n=1, cutoff=0.4)
    raise UnknownControlError(f"{key!r} is no framework version{f'; did you mean {close[0]}?' if close else ''}")


@cache
def _titles() -> Mapping[str, str]:
    return {reference: title for framework in frameworks() for reference, title in framework.controls.items()}


def known(reference: str) -> bool:
    """Whether a reference such as `NIST-800-53r5:IA-5` or `NHI7:2025` stands, exactly so, on the list of its framework version."""
    return reference in _titles()


def title(reference: str) -> str:
    """What a control is about, in our words. Raises UnknownControlError."""
    try:
        return _titles()[reference]
    except KeyError as error:
        raise UnknownControlError(f"{reference}: no framework version has this control; see scoring/compliance/frameworks.toml") from error


__all__ = ["Framework", "UnknownControlError", "framework", "frameworks", "known", "title"]
