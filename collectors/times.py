"""Timestamps as the providers write them, turned into naive UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

EARLIEST = datetime(1990, 1, 1)
LATEST = datetime(2200, 1, 1)
NOT_SAID = {"", "n/a", "not_supported", "no_information", "none", "null", "-"}

EPOCH = re.compile(r"\\?/Date\((-?\d{1,15})([+-]\d{4})?\)\\?/")
"""Milliseconds as Microsoft's older JSON writers dress them, some with the slashes escaped twice; the offset is for show."""

SHORT_OFFSET = re.compile(r"(.*T.*[+-])(\d:\d\d)")
"""An offset of one digit, as Microsoft Graph's own samples have it: `-8:00`."""


def utc(value: Any) -> datetime | None:
    """Naive UTC, to the second, of an ISO 8601 text, epoch seconds or datetime; None where the source says nothing.

    Raises ValueError for text that is no date and for years outside 1990–2199: such a date would poison every age computed from it.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().lower() in NOT_SAID:
        return None
    try:
        moment = _parse(value)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{str(value)[:40]!r} is not a date") from error
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"{str(value)[:40]!r} is not a plausible date (before 1990 or after 2199)")
    return moment


def _parse(value: Any) -> datetime:
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, int | float):
        moment = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, tz=UTC)
    else:
        moment = _parse_text(str(value).strip())
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0)


def _parse_text(text: str) -> datetime:
    if epoch := EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(epoch[1]) / 1000, tz=UTC)
    if short := SHORT_OFFSET.fullmatch(text):
        text = f"{short[1]}0{short[2]}"
    return datetime.fromisoformat(text)
