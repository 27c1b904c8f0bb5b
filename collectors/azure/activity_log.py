"""Activity Log: which control-plane actions each service principal took. Reads and the data plane are not in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.azure.answers import GUID, Record, coverage, first, guid_or_none, records, shortfall, subscription_of, text
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from collectors.times import utc
from inventory.model import Fact, Row, Usage

OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
PERSON = ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress")
"""Claims that only people's tokens hold."""

CLI_EVENTS = 50
"""`az monitor activity-log list` stops there without --max-events, and looks back six hours without --offset.
https://learn.microsoft.com/cli/azure/monitor/activity-log"""

KEPT_DAYS = 90
ENOUGH_DAYS = 60
"""A look back from which disuse may be concluded; Azure keeps 90 days."""

NOT_DONE = ("failed", "canceled")

Use = dict[tuple[str, str], datetime]


def activity(document: Document) -> Iterator[Row | Problem]:
    """Newest success of each action by each caller that is no person."""
    notes = Notes(document)
    used: Use = {}
    moments: list[datetime] = []
    subscriptions: set[str] = set()

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        subscription = text(raw.get("subscriptionId")) or subscription_of(raw.get("resourceId")) or subscription_of(raw.get("id"))
        at = utc(raw["eventTimestamp"])
        if at is None:  # use without a date would read as none at all: the record counts as lost, and the log as partial
            raise ValueError("it has no eventTimestamp")
        _note(raw, at, used)
        subscriptions.update({subscription.lower()} if subscription else ())
        moments.append(at)
        return iter(())

    held = list(records(document))
    for locator, raw in held:
        yield from notes.read(locator, reader, raw)
    days = _days(document, moments)
    for (identity_id, action), last in sorted(used.items()):
        yield Usage(
            identity_id=identity_id,
            service=action.partition("/")[0],
            action=action,
            last_at=last,
            window_days=days,
            evidence=document.at(f"{identity_id}/{action}"),
        )
    yield from coverage(document, (Fact.SERVICE_USAGE,), subscriptions, _missing(document, len(held), days))
    yield from notes.problems


def _days(document: Document, moments: list[datetime]) -> int:
    """How far back the log looks: from its first event to its last, or to when it was collected. By the calendar, as what Azure keeps for
    90 days is seldom 90 times 24 hours."""
    if not moments:
        return 0
    end = max([*moments, *([document.collected_at] if document.collected_at else [])])
    return (end.date() - min(moments).date()).days


def _missing(document: Document, events: int, days: int) -> str | None:
    if events == CLI_EVENTS:
        return (
            f"exactly {CLI_EVENTS} events, where the CLI stops without --max-events: export again with --offset {KEPT_DAYS}d --max-events"
        )
    if days < ENOUGH_DAYS:
        return f"the log looks back {days} days: export again with --offset {KEPT_DAYS}d"
    return shortfall(document)


def _note(raw: Record, at: datetime, used: Use) -> None:
    identity_id = _caller(raw)
    status, action = _value(raw.get("status")), _action(raw)
    if identity_id is None or action is None or (status or "").lower() in NOT_DONE:
        return
    before = used.get((identity_id, action))
    used[identity_id, action] = max(before, at) if before else at


def _caller(raw: Record) -> str | None:
    """The service principal by object id, else by application id; None for people and for Azure itself."""
    claims = raw.get("claims")
    claims = claims if isinstance(claims, Mapping) else {}
    caller = text(raw.get("caller")) or ""
    if "@" in caller or claims.get("idtyp") == "user" or any(claims.get(name) for name in PERSON):
        return None
    object_id = guid_or_none(claims.get(OBJECT_ID)) or (caller.lower() if GUID.fullmatch(caller.lower()) else None)
    app_id = guid_or_none(claims.get("appid"))
    return f"azure:{object_id}" if object_id else f"azure:app:{app_id}" if app_id else None


def _action(raw: Record) -> str | None:
    authorization = raw.get("authorization")
    said = authorization.get("action") if isinstance(authorization, Mapping) else None
    action = (text(said) or _value(raw.get("operationName")) or "").lower()
    return action if "/" in action else None


def _value(raw: Any) -> str | None:
    """`{"value": …, "localizedValue": …}`, or the text itself."""
    return text(raw.get("value")) if isinstance(raw, Mapping) else text(raw)


def _is_activity(document: Document) -> bool:
    return {"eventTimestamp", "operationName", "caller"} <= (first(document) or {}).keys()


FORMATS = (
    Format(
        name="azure-activity-log",
        title="Actions taken: `az monitor activity-log list --offset 90d --max-events 100000` per subscription",
        matches=_is_activity,
        rows=activity,
    ),
)
