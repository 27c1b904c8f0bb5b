"""Records of a GCP answer, whichever door they came through: a gcloud list, REST pages, pages one after the other, or JSON lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import Any

from collectors.document import Document
from collectors.records import Notes
from inventory.model import Coverage, CoverageStatus, Fact, Row

LOOKED_AT = 20
"""Records that are looked at to recognise a format; the first may be malformed."""

DEEPEST = 3
"""How deep lists may stand in each other: answers in a list, each a list of records."""

TRUNCATED = "the answer is truncated and its last page is missing: collect all pages"

Record = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Listing:
    """What a document lists."""

    records: list[Any] = field(default_factory=list)
    answers: int = 0
    """Lists and pages it is made of."""
    pages: int = 0
    last_pages: int = 0
    """Pages that do not ask for a next one."""

    def truncated(self, projects: int = 1) -> bool:
        """A last page is missing: each project has one, in whatever order the pages stand."""
        return self.last_pages < self.pages and self.last_pages < max(projects, 1)


def listing(document: Document, *keys: str) -> Listing:
    """Records under any of `keys`, or those that stand in a list or alone."""
    found = Listing()
    for kind, value in _walk(document.values or (), keys, depth=0):
        if kind is _Part.RECORD:
            found.records.append(value)
        else:
            found.answers += 1
            found.pages += kind is _Part.PAGE
            found.last_pages += kind is _Part.PAGE and not value.get("nextPageToken")
    return found


class _Part(Enum):
    LIST = auto()
    PAGE = auto()
    RECORD = auto()


def _walk(values: Iterable[Any], keys: Sequence[str], *, depth: int) -> Iterator[tuple[_Part, Any]]:
    """Lists, pages and records, in the order in which they stand. Lists in lists in lists are nothing that anyone prints."""
    for value in values:
        if isinstance(value, list) and depth < DEEPEST:
            yield _Part.LIST, value
            yield from _walk(value, keys, depth=depth + 1)
        elif _is_page(value, keys):
            yield _Part.PAGE, value
            for key in keys:
                held = value.get(key)
                yield from ((_Part.RECORD, item) for item in (held if isinstance(held, list) else []))
        else:
            yield _Part.RECORD, value


def _is_page(value: Any, keys: Sequence[str]) -> bool:
    """A REST page; the last one may be `{}`."""
    return isinstance(value, dict) and (any(isinstance(value.get(key), list) for key in keys) or value.keys() <= {"nextPageToken"})


def lists(document: Document, keys: Sequence[str], of: Callable[[Record], bool]) -> bool:
    """Some of the first records is `of` the kind asked for."""
    records = (value for kind, value in _walk(document.values or (), keys, depth=0) if kind is _Part.RECORD)
    return any(isinstance(raw, dict) and of(raw) for raw in islice(records, LOOKED_AT))


def empty_page(document: Document, key: str) -> bool:
    """REST pages of `key` without a record: nothing but the key says what was asked for."""
    pages = any(isinstance(value, dict) and key in value for value in document.values or ())
    return pages and not listing(document, key).records


def named(key: str) -> Callable[[Record], bool]:
    """Whether the resource name of a record matches, e.g. `projects/*/secrets/*`."""
    pattern = re.compile(key.replace("*", "[^/]+"))
    return lambda raw: isinstance(raw.get("name"), str) and pattern.fullmatch(raw["name"]) is not None


def read_all(
    notes: Notes, found: Listing, reader: Callable[[Notes, Any], Iterable[Row]], name: Callable[[Any], str] | None = None
) -> Iterator[Row]:
    """Rows of every record; a malformed one is told and the rest goes on."""
    for index, raw in enumerate(found.records):
        yield from notes.read(_locator(raw, index, name), reader, raw)


def _locator(raw: Any, index: int, name: Callable[[Any], str] | None) -> str:
    key = "name" if name is None else None
    value = raw.get(key) if key and isinstance(raw, dict) else None
    return value if isinstance(value, str) and value else f"[{index}]"


def partly(document: Document, fact: Fact, scope: str, reason: str) -> Coverage:
    """The file tells a part of the fact, and why not all of it."""
    return Coverage(
        fact=fact,
        scope=scope,
        status=CoverageStatus.PARTIAL,
        reason=reason,
        collected_at=document.collected_at,
        evidence=document.source_id,
    )


def covers(document: Document, facts: Iterable[Fact], scopes: Iterable[str], *, but: str | None = None) -> Iterator[Coverage]:
    """One coverage row per fact and scope: whole, `but` for a reason why not."""
    for fact in facts:
        for scope in sorted(set(scopes)):
            if but:
                yield partly(document, fact, scope, but)
            else:
                yield Coverage(
                    fact=fact,
                    scope=scope,
                    status=CoverageStatus.COLLECTED,
                    collected_at=document.collected_at,
                    evidence=document.source_id,
                )


def camel(value: Any) -> Any:
    """Keys as REST writes them: `gcloud asset export` writes snake_case. Only for messages whose keys are all the API's own."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if isinstance(value, dict):
        return {re.sub(r"_([a-z])", lambda found: found[1].upper(), str(key)): camel(item) for key, item in value.items()}
    return value
