"""How old credentials are, and which end soon. Counts days; whether that is too old, checks say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows
from reports.views.expiry import ACTIVE, NEVER, OVER, SOON_DAYS, UNKNOWN, calendar, with_records

NOT_KNOWN = "not known"
BANDS = {"young": "up to 90 days", "older": "91 to 365 days", "old": "more than a year", NOT_KNOWN: "no source says since when"}
"""Ages of a credential's value, in words. What is dated after the day judged by is of unknown age."""

SINCE = "coalesce(rotated_at, created_at)"


def days(as_of: datetime) -> str:
    """SQL of a credential's age."""
    return f"date_diff('day', {SINCE}, {_moment(as_of)})"


def ending(as_of: datetime) -> str:
    """SQL that holds for credentials that end within SOON_DAYS of the date."""
    when = _moment(as_of)
    return f"{ACTIVE} AND expires_at >= {when} AND date_diff('day', {when}, expires_at) <= {SOON_DAYS}"


def outgrown(as_of: datetime) -> str:
    """SQL that holds for credentials whose value is more than a year old."""
    return f"{ACTIVE} AND {days(as_of)} > 365"


def _moment(as_of: datetime) -> str:
    return f"TIMESTAMP '{as_of:%Y-%m-%d %H:%M:%S}'"


def credential_times(database: Database, as_of: datetime, limit: int) -> dict[str, Any]:
    """Credentials that are not switched off: how many (`n`), by when they end (`ends`: `over`, `soon`, `later`, `never`, `unknown`), by age (`ages`, a
    count for each of BANDS), the first `limit` that end soon (`soon`) and the oldest (`oldest`)."""
    rows = calendar(database, as_of)
    held = {row["ends"]: row["credentials"] for row in rows}
    total, soon = sum(held.values()), sum(row["soon"] for row in rows)
    counted = {"over": held[OVER], "soon": soon, "never": held[NEVER], "unknown": held[UNKNOWN]}
    return {
        "n": total,
        "ends": {**counted, "later": total - sum(counted.values())},
        "ages": _ages(database, as_of),
        "soon": _listed(database, as_of, ending(as_of), "expires_at", limit),
        "oldest": _listed(database, as_of, f"{ACTIVE} AND {SINCE} IS NOT NULL", "since", limit),
    }


def _ages(database: Database, as_of: datetime) -> dict[str, int]:
    age = days(as_of)
    found = database.rows(
        f"""
        SELECT CASE WHEN {age} IS NULL OR {age} < 0 THEN '{NOT_KNOWN}' WHEN {age} <= 90 THEN 'young' WHEN {age} <= 365 THEN 'older' ELSE 'old' END AS band,
               count(*) AS credentials
        FROM credential WHERE {ACTIVE} GROUP BY 1
        """
    )
    counts = {row["band"]: int(row["credentials"]) for row in found}
    return {band: counts.get(band, 0) for band in BANDS}


def _listed(database: Database, as_of: datetime, which: str, order: str, limit: int) -> Rows:
    """The first credentials of those that are asked for: whose they are, when they end, how old they are, when they were used."""
    rows = database.rows(
        f"""
        SELECT c.credential_id, c.name, c.kind, i.name AS identity_name, c.expires_at, c.last_used_at, c.age_days, c.days_left, c.evidence
        FROM (
            SELECT *, {SINCE} AS since, {days(as_of)} AS age_days, date_diff('day', {_moment(as_of)}, expires_at) AS days_left
            FROM credential WHERE {which}
        ) AS c
        LEFT JOIN identity AS i ON i.identity_id = c.identity_id
        ORDER BY c.{order}, c.name, c.credential_id
        LIMIT {int(limit)}
        """
    )
    return with_records(rows)
