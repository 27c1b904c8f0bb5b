"""Whether a row can be stored: every field of its declared kind. One odd record must never stop the run that it is part of.

Judges types only; what a value means is the format's to know.
"""

from __future__ import annotations

import types
import typing
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from inventory.model import FIELDS, TABLE_OF, Row

LARGEST = 2**63 - 1
"""What a BIGINT holds."""

WORDS = {str: "text", int: "a whole number", bool: "yes or no", datetime: "a date", list: "a list of texts"}


def fault(row: Row) -> str | None:
    """The first field that does not hold what its column asks for, in words without its value; None when all do."""
    values, kinds = SHAPES[type(row)]
    for value, (name, kind, optional) in zip(values(row), kinds, strict=True):
        if value is None:
            if not optional:
                return f"{name} is missing"
        elif not _fits(value, kind):
            return f"{name} is not {WORDS[kind]}"
    return None


def record_of(row: Row) -> str | None:
    """The record a row was made of, as far as the row can tell."""
    evidence = getattr(row, "evidence", None)
    return evidence.partition("#")[2] if isinstance(evidence, str) else None


def _shape(cls: type[Any]) -> tuple[attrgetter[tuple[Any, ...]], tuple[tuple[str, type[Any], bool], ...]]:
    hints = typing.get_type_hints(cls)
    return attrgetter(*FIELDS[cls]), tuple((name, *_kind(hints[name])) for name in FIELDS[cls])


def _kind(hint: Any) -> tuple[type[Any], bool]:
    """The plain type of a field, and whether it may be None."""
    optional = isinstance(hint, types.UnionType)
    if optional:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    plain = typing.get_origin(hint) or hint
    return (str if issubclass(plain, StrEnum) else plain), optional


def _fits(value: Any, kind: type[Any]) -> bool:
    if kind is str:
        return isinstance(value, str) and _storable(value)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST
    if kind is list:
        return isinstance(value, list) and all(isinstance(item, str) and _storable(item) for item in value)
    if kind is datetime:
        return isinstance(value, datetime) and value.tzinfo is None
    return isinstance(value, kind)


def _storable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


SHAPES = {kind: _shape(kind) for kind in TABLE_OF}
"""How to take a row's values, and name, type and optionality of each field."""
