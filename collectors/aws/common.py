"""What every AWS format shares: ARNs, tags, dates that may be wrong, policy documents in their three dresses, coverage rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from collectors.document import Document, Problem
from collectors.times import utc
from inventory.model import Coverage, CoverageStatus, Fact, Owner, Ownership

RECORD_ERRORS = (KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What a malformed record raises; the record is reported and the rest goes on."""

ENVIRONMENT_TAGS = ("environment", "env", "stage")
TEAM_TAGS = ("team", "squad", "group")
OWNER_TAGS = ("owner", "owner-email", "owneremail", "contact")
PURPOSE_TAGS = ("purpose", "description", "service", "application", "app")


@dataclass(slots=True)
class Notes:
    """Problems met while reading one document; a bad field is noted and left unknown, the record is kept."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def when(self, value: Any, record: str, name: str) -> datetime | None:
        """A date, or None with a problem noted when it is none."""
        try:
            return utc(value)
        except ValueError as error:
            self.problem(record, f"{name}: {error}; left unknown")
            return None

    def problem(self, record: str, message: str, *, lost: bool = False) -> None:
        self.problems.append(Problem(record=record, message=message, lost=lost))

    def lost(self, record: str, error: Exception) -> None:
        """A record that could not be read at all."""
        what = f"lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        self.problem(record, f"not read: {what[:160]}", lost=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """An ARN's parts."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """Last part of the resource: the role's or user's name without its path."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def parse_arn(text: str) -> Arn | None:
    """None when the text is no ARN."""
    parts = text.split(":", 5) if isinstance(text, str) else []
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return Arn(partition=parts[1], service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def account_of(arn: str) -> str:
    """Account id of an ARN. Raises ValueError."""
    parsed = parse_arn(arn)
    if parsed is None or not parsed.account:
        raise ValueError(f"{str(arn)[:60]!r} is not an ARN with an account")
    return parsed.account


def listed(value: Any) -> list[Any]:
    """AWS writes one thing as itself and several as a list."""
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


def decoded_policy(raw: Any) -> dict[str, Any]:
    """A policy as object, JSON text or URL-encoded JSON text (as the raw API prints). Raises ValueError."""
    if isinstance(raw, str):
        text = raw if raw.lstrip().startswith("{") else unquote(raw)
        raw = json.loads(text)
    if not isinstance(raw, dict):
        raise ValueError("the policy is not a JSON object")
    return raw


def canonical(policy: Mapping[str, Any]) -> tuple[str, str]:
    """Document id and canonical text of a policy: the same text for the same content."""
    text = json.dumps(policy, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32], text


def statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Statements of a policy. Raises ValueError when one is no object."""
    found = listed(policy.get("Statement"))
    if not all(isinstance(statement, dict) for statement in found):
        raise ValueError("a statement of the policy is not an object")
    return found


def tags_of(raw: Any) -> dict[str, str]:
    """Tags as {lower-case key: value}, from AWS's list or map form."""
    if isinstance(raw, dict):
        pairs: Iterable[tuple[Any, Any]] = raw.items()
    else:
        pairs = ((tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))) for tag in raw or [] if isinstance(tag, dict))
    return {str(key).lower(): str(value) for key, value in pairs if key and value not in (None, "")}


def first_tag(tags: Mapping[str, str], names: Sequence[str]) -> str | None:
    return next((tags[name] for name in names if name in tags), None)


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
    reason = "the answer is truncated and its last page is missing: collect all pages" if truncated else None
    for fact in facts:
        for scope in sorted(set(scopes)):
            yield Coverage(
                fact=fact, scope=scope, status=status, reason=reason, collected_at=document.collected_at or at, evidence=document.source_id
            )


def is_truncated(answers: Sequence[Mapping[str, Any]]) -> bool:
    """True when no page of the document is the last one."""
    return bool(answers) and all(page.get("IsTruncated") is True or page.get("NextToken") for page in answers)
