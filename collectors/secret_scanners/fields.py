"""Reading fields of records that others wrote: what is missing or of the wrong type is None, never an error and never a guess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import Document

Record = Mapping[str, Any]
"""One JSON object of a report, as the scanner wrote it."""


def text(record: Any, *path: str) -> str | None:
    """The non-empty string at a path of keys, without surrounding white space."""
    value = at(record, *path)
    return value.strip() or None if isinstance(value, str) else None


def at(record: Any, *path: str) -> Any:
    """Whatever stands at a path of keys; None where the path ends early."""
    for key in path:
        if not isinstance(record, dict):
            return None
        record = record.get(key)
    return record


def items(value: Any) -> list[Any]:
    """The value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    """A line number: a positive whole number, also when written as text."""
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def strings(value: Any) -> Iterator[str]:
    """Every string in nested JSON, keys left out."""
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def records(doc: Document) -> Iterator[tuple[str, Any]]:
    """Every record of a document with its place in it: the items of its lists, pages and pages of pages, or its JSON lines."""
    pending = [(f"[{index}]", value) for index, value in reversed(list(enumerate(doc.values or ())))]
    if len(pending) == 1:
        pending = [("", pending[0][1])]
    while pending:
        place, value = pending.pop()
        if isinstance(value, list):
            pending.extend((f"{place}[{index}]", inner) for index, inner in reversed(list(enumerate(value))))
        else:
            yield place, value
