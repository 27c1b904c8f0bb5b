"""The condition keys of a request: those whose values are known, those known to be absent, and all the others, of which nothing is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

Value = str | Sequence[str]
"""One value, or those of a key with several; none means that the key is absent."""


@dataclass(frozen=True, slots=True)
class Context:
    """Keys compare without regard to case, values as they are."""

    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By lower-case key; an absent key has no values."""
    complete: bool = False
    """Every key that is not listed is absent."""
    sent: frozenset[str] = frozenset()
    """Keys, lower case, that the request certainly carries, whatever their values."""

    @classmethod
    def of(
        cls, given: Mapping[str, Value], absent: Collection[str] = (), *, complete: bool = False, sent: frozenset[str] = frozenset()
    ) -> Context:
        """From keys in any case."""
        found: dict[str, tuple[str, ...]] = {key.lower(): () for key in absent}
        for key, value in given.items():
            found[key.lower()] = (value,) if isinstance(value, str) else tuple(value)
        return cls(found, complete, sent)

    def knows(self, key: str) -> bool:
        """Whether the key's values, or its absence, are known."""
        return self.complete or key.lower() in self.found

    def values(self, key: str) -> tuple[str, ...]:
        """The values of a known key; none: the request lacks it."""
        return self.found.get(key.lower(), ())


NOTHING_KNOWN = Context()
