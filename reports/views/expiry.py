"""When credentials end: month by month, and those that never do or of which nobody says it. Counts dates; whether a date is too late, checks say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.filters import ALL, Filter, narrowed

MONTHS = 12
"""Months that are told apart, the month of the snapshot among them."""

SOON_DAYS = 90

OVER, LATER, NEVER, UNKNOWN = "over", "later", "never", "not known"
WORDS = {OVER: "already over", LATER: "later", NEVER: "never ends", UNKNOWN: "no source says"}
"""Groups that are no month, in words."""


def months(as_of: datetime) -> list[str]:
    """The months from a date on, as `2026-09`."""
    first = as_of.year * 12 + as_of.month - 1
    return [f"{month // 12}-{month % 12 + 1:02}" for month in range(first, first + MONTHS)]


ACTIVE = "status <> 'inactive'"
"""SQL that holds for credentials that still could open something."""

_WHEN = f"""
    CASE WHEN c.expires_at < $as_of THEN '{OVER}'
         WHEN c.expires_at IS NOT NULL AND strftime(c.expires_at, '%Y-%m') > $last THEN '{LATER}'
         WHEN c.expires_at IS NOT NULL THEN strftime(c.expires_at, '%Y-%m')
         WHEN c.never_expires THEN '{NEVER}' ELSE '{UNKNOWN}' END
"""

_SOON = f"ends <> '{OVER}' AND days_left <= {SOON_DAYS}"

_CREDENTIALS = f"""(
    SELECT 'credential' AS subject_kind, c.credential_id AS subject_id, c.identity_id, coalesce(c.scope, i.scope) AS scope, c.name,
           c.kind AS credential_kind, i.name AS identity_name, c.expires_at, c.never_expires, c.created_at, c.last_used_at, c.status, c.storage,
           c.issuance, c.evidence, date_diff('day', CAST($as_of AS TIMESTAMP), c.expires_at) AS days_left, {_WHEN} AS ends
    FROM credential AS c
    LEFT JOIN identity AS i ON i.identity_id = c.identity_id
    WHERE c.{ACTIVE} AND ($kind IS NULL OR c.kind = $kind)
)"""
"""Credentials that still could open something; those that are switched off are left out."""


def _of(database: Database, as_of: datetime, within: Filter, kind: str | None) -> tuple[str, dict[str, Any]]:
    rows, params = narrowed(database, _CREDENTIALS, within)
    return rows, {"as_of": as_of, "last": months(as_of)[-1], "kind": kind, **params}


def calendar(database: Database, as_of: datetime, within: Filter = ALL, kind: str | None = None) -> Rows:
    """One row per month and per group that is none, in the order of time: `ends`, `says`, `credentials`, of them `certificates`; those that end
    within `SOON_DAYS` of the date (`soon`, `soon_certificates`)."""
    rows, params = _of(database, as_of, within, kind)
    found = {
        row["ends"]: row
        for row in database.rows(
            f"""
            SELECT ends, count(*) AS credentials, count(*) FILTER (WHERE credential_kind = 'x509_certificate') AS certificates,
                   count(*) FILTER (WHERE {_SOON}) AS soon, count(*) FILTER (WHERE {_SOON} AND credential_kind = 'x509_certificate') AS soon_certificates
            FROM {rows} GROUP BY ends
            """,
            params,
        )
    }
    nothing = dict.fromkeys(("credentials", "certificates", "soon", "soon_certificates"), 0)
    return [{**nothing, **found.get(ends, {}), "ends": ends, "says": WORDS.get(ends, ends)} for ends in when(as_of)]


def when(as_of: datetime) -> list[str]:
    """Every group that a credential can be in, in the order of time, those without a date last."""
    return [OVER, *months(as_of), LATER, NEVER, UNKNOWN]


def _listed(database: Database, as_of: datetime, within: Filter, kind: str | None, ends: str | None) -> tuple[str, dict[str, Any]]:
    rows, params = _of(database, as_of, within, kind)
    sql = f"""
        SELECT * FROM {rows} WHERE ($ends IS NULL OR ends = $ends)
        ORDER BY expires_at NULLS LAST, coalesce(never_expires, false) DESC, name, subject_id
    """
    return sql, {**params, "ends": ends}


def expiring_page(
    database: Database,
    as_of: datetime,
    within: Filter = ALL,
    kind: str | None = None,
    ends: str | None = None,
    *,
    limit: int,
    offset: int = 0,
) -> Rows:
    """One page of credentials, those that end first; of one group of `calendar` when it is given."""
    sql, params = _listed(database, as_of, within, kind, ends)
    return with_records(database.rows(f"{sql} LIMIT {int(limit)} OFFSET {int(offset)}", params))


def expiring_batches(
    database: Database, as_of: datetime, within: Filter = ALL, kind: str | None = None, ends: str | None = None
) -> Iterator[Rows]:
    """All of them, in the same order, in batches."""
    return map(with_records, database.batches(*_listed(database, as_of, within, kind, ends)))


def with_records(rows: Rows) -> Rows:
    """Rows whose one record is located, as every list has them."""
    return [{**row, "evidence": [located(row["evidence"])]} for row in rows]


def expiring_counts(
    database: Database, as_of: datetime, within: Filter = ALL, kind: str | None = None, ends: str | None = None
) -> dict[str, int]:
    """How many credentials there are (`n`), and of how many no source says whether they end (`unknown`)."""
    rows, params = _of(database, as_of, within, kind)
    sql = f"SELECT count(*) AS n, count(*) FILTER (WHERE ends = '{UNKNOWN}') AS unknown FROM {rows} WHERE $ends IS NULL OR ends = $ends"
    return {name: int(value) for name, value in database.rows(sql, {**params, "ends": ends})[0].items()}


def credential_kinds(database: Database) -> list[str]:
    """Kinds of credentials that there are."""
    return [row["kind"] for row in database.rows("SELECT DISTINCT kind FROM credential ORDER BY 1")]
