"""Policy packs: the thresholds of judgement as data, one TOML file each. A pack is named in every result.

`packs/default.toml` declares every key; another pack, ours or a user's own file, says only what differs. Nothing is judged here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

DEFAULT = "default"
TOP_LEVEL = ("title", "based_on", "thresholds", "source")
MEANING = "meaning"
"""Table that only the default pack has: what each threshold means."""

UNITS = {"_days": "days", "_hours": "hours", "_percent": "%"}
"""End of a key -> unit; what ends otherwise is a count."""

MAY_BE_ZERO = frozenset(
    {
        "recent_days",
        "key_overlap_days",
        "exposure_triage_days",
        "scan_coverage_percent",
        "creep_percent",
        "creep_min_weight",
        "answer_no_percent",
    }
)
"""Zero of any other would fail, or make stale, everything there is."""


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
    source: Mapping[str, str] = field(default_factory=dict)
    """Where a figure comes from, as far as the pack says."""


def limit(thresholds: Mapping[str, float], name: str) -> float:
    """A threshold of those that a snapshot was judged by; the default pack's where the snapshot is older than the threshold."""
    return thresholds[name] if name in thresholds else load_pack(DEFAULT).thresholds[name]


@cache
def threshold_names() -> frozenset[str]:
    """Every threshold there is."""
    return frozenset(_parsed(f"{DEFAULT}.toml", _bundled(DEFAULT)).get("thresholds", {}))


@cache
def meanings() -> Mapping[str, str]:
    """What each threshold means, in one sentence."""
    return dict(_parsed(f"{DEFAULT}.toml", _bundled(DEFAULT))[MEANING])


def unit(name: str) -> str:
    """The unit of a threshold, by the end of its name."""
    return next((words for end, words in UNITS.items() if name.endswith(end)), "count")


def threshold_rows(pack: Pack) -> list[dict[str, Any]]:
    """Every threshold of a pack: name, value, unit, meaning, the default, whether it differs, and where the figure comes from."""
    usual = load_pack(DEFAULT).thresholds
    return [
        {
            "name": name,
            "value": pack.thresholds[name],
            "unit": unit(name),
            "meaning": meaning,
            "default": usual[name],
            "differs": pack.thresholds[name] != usual[name],
            "source": pack.source.get(name),
        }
        for name, meaning in meanings().items()
    ]


def pack_names() -> list[str]:
    """Packs that come with the product."""
    return sorted(entry.name.removesuffix(".toml") for entry in (files("scoring") / "packs").iterdir() if entry.name.endswith(".toml"))


def load_pack(name_or_path: str | Path) -> Pack:
    """A pack by its name, or a user's own by the path of its TOML file. Raises PackError."""
    path = Path(name_or_path)
    if path.suffix == ".toml" or len(path.parts) != 1:
        if path.stem in pack_names():
            raise PackError(
                f"{path}: {path.stem} is the name of a pack of the product: rename the file, so that results say which one was used"
            )
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
    for key in raw.keys() - {*TOP_LEVEL, *([MEANING] if name == DEFAULT else [])}:
        raise PackError(f"{file}: {key}: {_misplaced(key)}")
    own, source = _table(file, raw, "thresholds"), _table(file, raw, "source")
    for key, value in own.items():
        _require(file, key, value)
    for key, words in source.items():
        _require_known(file, key)
        if not isinstance(words, str):
            raise PackError(f"{file}: source: {key}: must be a text, not {words!r}")
    title = raw.get("title", name)
    if not isinstance(title, str):
        raise PackError(f"{file}: title: must be a text, not {title!r}")
    found = Pack(name=name, title=title, thresholds={**_base(file, raw, own), **own}, source=source)
    _require_order(file, found.thresholds)
    return found


def _table(file: str, raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise PackError(f"{file}: {name}: must be a table, [{name}]")
    return found


def _misplaced(key: str) -> str:
    if key in threshold_names():
        return "belongs under [thresholds]"
    close = get_close_matches(key, TOP_LEVEL, n=1)
    return f"not understood{f'; did you mean {close[0]}?' if close else ''}; a pack has {', '.join(TOP_LEVEL)}"


def _base(file: str, raw: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, int | float]:
    if "based_on" in raw:
        base = raw["based_on"]
        if base not in pack_names() or f"{base}.toml" == file:
            raise PackError(f"{file}: based_on: {base!r} is no other pack of the product: choose {', '.join(pack_names())}")
        return load_pack(str(base)).thresholds
    if missing := threshold_names() - own.keys():
        raise PackError(f'{file}: {sorted(missing)[0]}: missing; give it, or start from a pack with based_on = "{DEFAULT}"')
    return {}


def _require_known(file: str, key: str) -> None:
    if key not in threshold_names():
        close = get_close_matches(key, threshold_names(), n=1)
        raise PackError(
            f"{file}: {key}: no such threshold{f'; did you mean {close[0]}?' if close else ''}; `nhi packs show default` lists them"
        )


def _require(file: str, key: str, value: object) -> None:
    _require_known(file, key)
    least = 0 if key in MAY_BE_ZERO else 1
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value < 100_000:
        raise PackError(f"{file}: {key}: must be a number from {least} up ({unit(key)}), not {value!r}")
    if unit(key) == "%":
        if value > 100:
            raise PackError(f"{file}: {key}: must be a percentage up to 100, not {value!r}")
    elif value != int(value):
        raise PackError(f"{file}: {key}: must be a whole number ({unit(key)}), not {value!r}")


def _require_order(file: str, limits: Mapping[str, float]) -> None:
    if limits["answer_yes_percent"] <= limits["answer_no_percent"]:
        raise PackError(
            f"{file}: answer_yes_percent ({limits['answer_yes_percent']:g}) must be above answer_no_percent ({limits['answer_no_percent']:g}):"
            " otherwise one share is both yes and no"
        )


def markdown() -> str:
    """docs/packs.md: every threshold with its meaning, and every pack with what it says and from where."""
    packs = [load_pack(name) for name in sorted(pack_names(), key=lambda name: (name != DEFAULT, name))]
    lines = [
        "# Policy packs",
        "",
        "Thresholds of judgement, as data. Choose one with `--pack NAME`, or give your own file, with only what differs:",
    ]
    lines += ["", "```toml", 'title = "Our bank"', 'based_on = "cis"', "", "[thresholds]", "key_max_age_days = 30", "", "[source]"]
    lines += ['key_max_age_days = "policy 4.2"', "```", "", "Every result names its pack. Bold: other than the default.", ""]
    lines += [f"| threshold | unit | {' | '.join(pack.name for pack in packs)} | meaning |", f"|---|---|{'---|' * len(packs)}---|"]
    tables = [{row["name"]: row for row in threshold_rows(pack)} for pack in packs]
    for name, meaning in meanings().items():
        cells = [f"**{rows[name]['value']}**" if rows[name]["differs"] else f"{rows[name]['value']}" for rows in tables]
        lines.append(f"| `{name}` | {unit(name)} | {' | '.join(cells)} | {meaning} |")
    for pack in packs:
        lines += ["", f"## {pack.name}", "", f"{pack.title}."]
        lines += ["", *(f"- `{name}`: {words}." for name, words in pack.source.items())] if pack.source else []
    return "\n".join(lines) + "\n"
