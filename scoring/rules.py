"""The stages and placement rules of stages.toml, and the facts of facts.toml, as values."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    number: int
    name: str
    name_source: str
    """verbatim: the article's own words; derived: ours."""
    here_when: str
    main_risk: str
    next_move: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Places one kind of access path."""

    id: str
    mechanism: str
    storage: str
    qualifier: str
    lo: int
    hi: int
    lo_reason: str
    hi_reason: str
    to_settle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """The most that a static credential is certain of while a copy of it may stand where nobody looked."""

    id: str
    storage: str
    """The group of storage it binds, or any."""
    lo: int
    lo_reason: str
    to_settle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    version: str
    stages: tuple[Stage, ...]
    rules: tuple[Rule, ...]
    bounds: tuple[Bound, ...]
    storage_groups: dict[str, str]
    """Storage -> code, config or manager; what is not listed is unknown."""
    environment_words: dict[str, str]
    """Short form -> environment."""


@functools.cache
def load_rules() -> Rules:
    """Read stages.toml once."""
    raw = tomllib.loads((files("scoring") / "stages.toml").read_text(encoding="utf-8"))
    return Rules(
        version=raw["rules_version"],
        stages=tuple(Stage(**stage) for stage in raw["stage"]),
        rules=tuple(Rule(**rule) for rule in raw["rule"]),
        bounds=tuple(Bound(**bound) for bound in raw["bound"]),
        storage_groups={storage: group for group, members in raw["storage"].items() for storage in members},
        environment_words={word: name for name, words in raw["environment"].items() for word in words},
    )


def expected_facts() -> list[dict[str, str | None]]:
    """Facts that every account of a provider should supply: provider, fact, what supplies it, and the kind of scope that alone holds it."""
    raw = tomllib.loads((files("scoring") / "facts.toml").read_text(encoding="utf-8"))
    return [
        {"provider": provider, "fact": fact, "supply": supply, "held_by": held_by}
        for provider, facts in raw.items()
        for held_by, members in ((None, facts), *((kind, inner) for kind, inner in facts.items() if isinstance(inner, dict)))
        for fact, supply in members.items()
        if isinstance(supply, str)
    ]
