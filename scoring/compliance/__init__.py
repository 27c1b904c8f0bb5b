"""Ids of controls in other people's frameworks: which exist, per version, and what they are about in our own words.

Data only (`frameworks.toml`). It never says whether a control is met: a check that names an id is evidence for it, not its verdict.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class UnknownControlError(LookupError):
    """A reference that no framework's list holds; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One version of one framework."""

    key: str
    """Name and version, e.g. `CIS-AWS-7.0`."""
    name: str
    """As people call it."""
    url: str
    controls: Mapping[str, str]
    """Our short title by full reference, e.g. `CIS-AWS-7.0:2.12`; in the order of the file."""


@cache
def frameworks() -> tuple[Framework, ...]:
    """Every framework version, in the order of the file."""
    content = tomllib.loads((files("scoring.compliance") / "frameworks.toml").read_text(encoding="utf-8"))
    return tuple(
        Framework(
            key=key,
            name=entry["name"],
            url=entry["url"],
            controls=MappingProxyType(
                {control if entry.get("reference") == "id" else f"{key}:{control}": title for control, title in entry["controls"].items()}
            ),
        )
        for entry in content["framework"]
        for key in entry["keys"]
    )


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


__all__ = ["Framework", "UnknownControlError", "frameworks", "known", "title"]
