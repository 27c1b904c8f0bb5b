"""CloudTrail: which actions an identity was seen to use, and when last. Says what was used, never that something was not.

Of each record the caller, the operation, the time and whether it was refused are read; parameters, answers and addresses never are. A record
shows one authorised call. Refused calls are no use, and neither are events that AWS or a console session makes by itself.
Shape: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.records import RECORD_ERRORS, Notes, pages
from collectors.times import utc
from inventory.model import Row, Usage

REFUSED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|Forbidden", re.IGNORECASE)
"""Error codes of calls that were not allowed. Any other error came after AWS had allowed the call."""

DATED = re.compile(r"(\d{8}|\d{4}_\d{2}_\d{2})(v\d+)?$")
"""Version of the API behind the operation: lambda GetFunction20150331v2."""

PREFIXES = {"cloudcontrolapi": "cloudformation", "email": "ses", "monitoring": "cloudwatch", "tagging": "tag"}
"""Event sources whose name is not the prefix of the service's actions."""

Called = dict[tuple[str, str, str | None], tuple[datetime, str]]
"""Identity, service, action (None: which one, the record does not say) -> last call and the record that shows it."""


@lru_cache(maxsize=1)
def authorized() -> Mapping[str, str | None]:
    """Operation -> the action that authorises it, for operations without an action of their name; None where one of several does."""
    text = (files("collectors.aws") / "authorized_actions.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return {operation: action or None for operation, action in rows}


def events(document: Document) -> Iterator[Row | Problem]:
    """One row per identity and action of the file: its last call."""
    notes = Notes(document)
    found: Called = {}
    for locator, raw in _records(notes):
        try:
            _read(found, _unwrapped(raw))
        except RECORD_ERRORS as error:
            notes.lost(locator, error)
    for (identity_id, service, action), (last_at, record) in sorted(found.items(), key=lambda item: (item[0][:2], item[0][2] or "")):
        yield Usage(identity_id=identity_id, service=service, action=action, last_at=last_at, evidence=document.at(record))
    yield from notes.problems


def _records(notes: Notes) -> Iterator[tuple[str, Any]]:
    for key in ("Records", "Events"):
        yield from notes.records(list(pages(notes.document, key)), key)


def _unwrapped(raw: Any) -> Mapping[str, Any]:
    """lookup-events wraps each record as text."""
    event: Mapping[str, Any] = json.loads(raw["CloudTrailEvent"]) if "CloudTrailEvent" in raw else raw
    return event


def _read(found: Called, raw: Mapping[str, Any]) -> None:
    if raw.get("eventType") != "AwsApiCall" or REFUSED.search(raw.get("errorCode") or ""):
        return
    identity_id = _caller(raw["userIdentity"])
    if identity_id is None:
        return
    at = utc(raw["eventTime"])
    if at is None:
        raise ValueError("eventTime is empty")
    service, action = _action(raw["eventSource"], raw["eventName"])
    record = f"eventID={raw['eventID']}"
    for key in dict.fromkeys([(identity_id, service, action), (identity_id, service, None)]):
        found[key] = max(found.get(key, (at, record)), (at, record))


def _caller(identity: Mapping[str, Any]) -> str | None:
    """The user, or the role behind a session; None for the root user, people's sessions, AWS itself and callers of elsewhere."""
    kind = identity.get("type")
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    arn = identity.get("arn") if kind == "IAMUser" else issuer.get("arn") if kind in ("AssumedRole", "FederatedUser") else None
    if not isinstance(arn, str) or ":iam::" not in arn or ":role/aws-reserved/" in arn:
        return None
    return arn


def _action(source: str, operation: str) -> tuple[str, str | None]:
    """Service and action of an operation, in lower case."""
    host = source.split(".", 1)[0].lower()
    service = PREFIXES.get(host, host)
    name = DATED.sub("", operation).lower()
    own = f"{service}:{name}"
    action = authorized().get(own, own)
    if action is None:
        return service, None
    service, _, name = action.partition(":")
    return service, name


def _matches(document: Document) -> bool:
    """Records of CloudTrail, of a trail's file or of lookup-events."""
    for key, field in (("Records", "eventSource"), ("Events", "CloudTrailEvent")):
        for page in pages(document, key):
            first = page[key][0] if isinstance(page[key], list) and page[key] else None
            if isinstance(first, dict) and field in first:
                return True
    return False


FORMATS = (
    Format(
        name="aws-cloudtrail",
        title="CloudTrail: a trail's own files (`Records`, also gzipped), or `aws cloudtrail lookup-events`",
        matches=_matches,
        rows=events,
    ),
)
