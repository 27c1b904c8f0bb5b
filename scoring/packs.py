"""Policy packs: the thresholds of judgement as data, one TOML file each. A pack is named in every result.

`packs/default.toml` declares every key; another pack, ours or a user's own file, says only what differs. Nothing is judged here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

DEFAULT = "default"
TOP_LEVEL = ("title", "based_on", "thresholds")


class PackError(Exception):
    """A pack cannot be used; the message names the file, the key and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Thresholds under a name."""

    name: str
    """File name without its ending."""
    title: str
    thresholds: Mapping[str, int | float]
    """Every key of the default pack; the unit is the end of the key."""


@cache
def threshold_names() -> frozenset[str]:
    """Every threshold there is."""
    return frozenset(_parsed(f"{DEFAULT}.toml", _bundled(DEFAULT)).get("thresholds", {}))


def pack_names() -> list[str]:
    """Packs that come with the product."""
    return sorted(entry.name.removesuffix(".toml") for entry in (files("scoring") / "packs").iterdir() if entry.name.endswith(".toml"))


def load_pack(name_or_path: str | Path) -> Pack:
    """A pack by its name, or a user's own by the path of its TOML file. Raises PackError."""
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) != 1:
        return _pack(str(path), path.stem, _read(path))
    name = str(name_or_path)
    if name not in pack_names():
        raise PackError(f"{name!r} is no pack: choose {', '.join(pack_names())}, or give the path of a .toml file")
    return _pack(f"{name}.toml", name, _bundled(name))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: the pack cannot be read ({error})") from error


def _bundled(name: str) -> str:
    return (files("scoring") / "packs" / f"{name}.toml").read_text(encoding="utf-8")


def _parsed(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PackError(f"{file}: not TOML: {error}") from error


def _pack(file: str, name: str, text: str) -> Pack:
    raw = _parsed(file, text)
    for key in raw.keys() - set(TOP_LEVEL):
        raise PackError(f"{file}: {key}: not understood; a pack has {', '.join(TOP_LEVEL)}")
    own = raw.get("thresholds", {})
    if not isinstance(own, dict):
        raise PackError(f"{file}: thresholds: must be a table, [thresholds]")
    for key, value in own.items():
        _require(file, key, value)
    return Pack(name=name, title=str(raw.get("title", name)), thresholds={**_base(file, raw, own), **own})


def _base(file: str, raw: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, int | float]:
    if "based_on" in raw:
        base = raw["based_on"]
        if base not in pack_names() or f"{base}.toml" == file:
            raise PackError(f"{file}: based_on: {base!r} is no other pack of the product: choose {', '.join(pack_names())}")
        return load_pack(str(base)).thresholds
    if missing := threshold_names() - own.keys():
        raise PackError(f'{file}: {sorted(missing)[0]}: missing; give it, or start from a pack with based_on = "{DEFAULT}"')
    return {}


def _require(file: str, key: str, value: object) -> None:
    if key not in threshold_names():
        close = get_close_matches(key, threshold_names(), n=1)
        raise PackError(f"{file}: {key}: no such threshold{f'; did you mean {close[0]}?' if close else ''}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 100_000:
        raise PackError(f"{file}: {key}: must be a number from 0 up, not {value!r}")
    if key.endswith("_percent") and value > 100:
        raise PackError(f"{file}: {key}: must be a percentage up to 100, not {value!r}")
