"""What every format needs to read records: one bad record is told and the rest goes on; pages, tags, owners and coverage. Knows no provider."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors.clocks import ahead, without
from collectors.document import Document, Problem
from collectors.soundness import fault, record_of
from collectors.times import utc
from inventory.model import Coverage, CoverageStatus, Fact, Owner, Ownership, Row

RECORD_ERRORS = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What a malformed record raises; the record is reported and the rest goes on."""

Reader = Callable[["Notes", Any], Iterable[Row]]
"""Rows of one record. Raises one of RECORD_ERRORS for a malformed one."""

ENVIRONMENT_TAGS = ("environment", "env", "stage")
TEAM_TAGS = ("team", "squad", "group")
OWNER_TAGS = ("owner", "owner-email", "owneremail", "contact")
PURPOSE_TAGS = ("purpose", "description", "service", "application", "app")
NOT_A_VALUE = {"", "-", "?", "n/a", "na", "none", "null", "nobody", "unknown", "unassigned", "undefined", "tbd", "todo", "tbc"}
"""Tag values that stand for a value nobody filled in."""

TRUNCATED = "the answer is truncated and its last page is missing: collect all pages"


@dataclass(slots=True)
class Notes:
    """Problems met while reading one document; a bad field is noted and left unknown, the record is kept."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def records(self, answers: Iterable[Mapping[str, Any]], key: str) -> Iterator[tuple[str, Any]]:
        """(locator, record) of the lists under `key`."""
        for page in answers:
            held = page.get(key)
            if isinstance(held, list):
                yield from ((f"{key}[{index}]", raw) for index, raw in enumerate(held))
            elif held is not None:
                self.lost(key, TypeError("it is not a list"))

    def read(self, locator: str, reader: Reader, raw: Any) -> list[Row]:
        """The rows of a record: all of them, or none and a problem noted."""
        try:
            rows = list(reader(self, raw))
        except RECORD_ERRORS as error:
            self.lost(locator, error)
            return []
        for row in rows:
            if unsound := fault(row):
                self.lost(record_of(row) or locator, ValueError(unsound))
                return []
        return [self._believed(row, locator) for row in rows] if self.document.collected_at else rows

    def _believed(self, row: Row, locator: str) -> Row:
        """The row without dates that had not come when the file was collected."""
        if not self.document.collected_at or not (names := ahead(row, self.document.collected_at)):
            return row
        for name in names:
            self.problem(record_of(row) or locator, f"{name} lies after the day of collection, so a clock was wrong; left unknown")
        return without(row, names)

    def when(self, value: Any, record: str, name: str) -> datetime | None:
        """A date, or None with a problem noted when it is none."""
        return self.last_use(value, record, name)[0]

    def last_use(self, value: Any, record: str, name: str) -> tuple[datetime | None, bool]:
        """A date and whether that is known: no date means never, but an unreadable one means that nobody knows."""
        try:
            return utc(value), True
        except ValueError as error:
            self.problem(record, f"{name}: {error}; left unknown")
            return None, False

    def problem(self, record: str, message: str, *, lost: bool = False) -> None:
        self.problems.append(Problem(record=record, message=message, lost=lost))

    def lost(self, record: str, error: Exception) -> None:
        """A record that could not be read at all."""
        what = f"lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        self.problem(record, f"not read: {what[:160]}", lost=True)


def listed(value: Any) -> list[Any]:
    """Some providers write one thing as itself and several as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def pages(document: Document, key: str) -> Iterator[Mapping[str, Any]]:
    """The JSON values that hold `key`, whether one answer, several pages, or an array of answers."""
    for value in document.values or ():
        for page in value if isinstance(value, list) else [value]:
            if isinstance(page, dict) and key in page:
                yield page


def has_page(document: Document, *keys: str) -> bool:
    """Some JSON value of the document holds all the keys."""
    return any(all(other in page for other in keys) for page in pages(document, keys[0]))


def read_list(document: Document, key: str, reader: Reader) -> Iterator[Row | Problem]:
    """The rows of a format that holds one list under `key`, record by record; then what was wrong."""
    notes = Notes(document)
    for locator, raw in notes.records(pages(document, key), key):
        yield from notes.read(locator, reader, raw)
    yield from notes.problems


def read_pages(document: Document, key: str, reader: Reader) -> Iterator[Row | Problem]:
    """The same of a format whose every answer is a record, told by the `key` that it holds."""
    notes = Notes(document)
    for index, raw in enumerate(pages(document, key)):
        yield from notes.read(f"[{index}]", reader, raw)
    yield from notes.problems


def canonical(policy: Mapping[str, Any]) -> tuple[str, str]:
    """Document id and canonical text of a policy or role definition: the same text for the same content."""
    text = json.dumps(policy, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32], text


def tags_of(raw: Any) -> dict[str, str]:
    """Tags as {lower-case key: value}, from AWS's list or map form."""
    if isinstance(raw, dict):
        pairs: Iterable[tuple[Any, Any]] = raw.items()
    else:
        pairs = ((tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))) for tag in raw or [] if isinstance(tag, dict))
    return {str(key).lower(): str(value) for key, value in pairs if key and value not in (None, "")}


def first_tag(tags: Mapping[str, str], names: Sequence[str]) -> str | None:
    """Value of the first tag that has one."""
    return next((tags[name].strip() for name in names if tags.get(name, "").strip().lower() not in NOT_A_VALUE), None)


def ownership(identity_id: str, tags: Mapping[str, str], evidence: str) -> Iterator[Owner | Ownership]:
    """Owner rows from an owner tag. Whether the owner is still there is not in a tag."""
    owner = first_tag(tags, OWNER_TAGS)
    if owner:
        yield Owner(owner_id=owner.lower(), kind="person" if "@" in owner else "team", evidence=evidence)
        yield Ownership(identity_id=identity_id, owner_id=owner.lower(), basis="tag", evidence=evidence)


def covered(
    document: Document, facts: Iterable[Fact], scopes: Iterable[str], *, truncated: bool = False, at: datetime | None = None
) -> Iterator[Coverage]:
    """One coverage row per fact and scope: collected, or partial when the answer says that more was to come."""
    status = CoverageStatus.PARTIAL if truncated else CoverageStatus.COLLECTED
    reason = TRUNCATED if truncated else None
    for fact in facts:
        for scope in sorted(set(scopes)):
            yield Coverage(
                fact=fact, scope=scope, status=status, reason=reason, collected_at=document.collected_at or at, evidence=document.source_id
            )


def more_to_come(page: Mapping[str, Any]) -> bool:
    """The answer says that it is not the last page."""
    return page.get("IsTruncated") in (True, "true") or any(page.get(name) for name in ("NextToken", "nextToken", "NextMarker"))


def is_truncated(answers: Sequence[Mapping[str, Any]], accounts: int = 1) -> bool:
    """True when a last page is missing: each account has one, in whatever order the pages stand."""
    last_pages = sum(not more_to_come(page) for page in answers)
    return last_pages < len(answers) and last_pages < max(accounts, 1)
