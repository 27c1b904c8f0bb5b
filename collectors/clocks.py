"""Dates that had not come when their file was collected. Some clock was wrong, so such a date tells nothing of an age: a key made next year
would never be old.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from inventory.model import FIELDS, TABLE_OF, Row

PAST = ("created_at", "rotated_at", "last_used_at", "introduced_at", "last_at", "scanned_at")
"""What has happened. An expiry lies ahead."""
TOLERANCE = timedelta(days=1)
"""Clocks differ, and files are collected one after the other."""

TOLD_BY = {kind: tuple(name for name in PAST if name in FIELDS[kind]) for kind in TABLE_OF}


def ahead(row: Row, collected_at: datetime) -> list[str]:
    """Names of the fields that speak of what had not happened yet. `collected_at`: naive UTC."""
    latest = collected_at + TOLERANCE
    return [name for name in TOLD_BY[type(row)] if (moment := getattr(row, name)) is not None and moment > latest]


def without(row: Row, names: list[str]) -> Row:
    """The row with these dates left unknown. A last use that cannot be believed is not one that never was."""
    unknown: dict[str, Any] = dict.fromkeys(names) | ({"last_used_known": False} if "last_used_at" in names else {})
    return dataclasses.replace(row, **unknown)
