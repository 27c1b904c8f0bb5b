"""Coverage: what was asked for, what came of it, and what to supply next. Silence is never shown as success."""

from __future__ import annotations

from typing import Any

from inventory.store import Database
from reports.views.evidence import Rows

ORDER = ("collected", "partial", "stale", "unreadable", "denied", "missing")
"""Statuses from best to worst."""

PER_REPOSITORY = "secret_scan"
"""The fact whose scope is a repository, not an account: it has a table of its own."""


def coverage_matrix(database: Database) -> tuple[list[str], list[str], dict[tuple[str, str], dict[str, Any]]]:
    """Facts, scopes, and the coverage row of each pair. Where a pair has several rows the worst one stands."""
    found = database.rows("SELECT fact, scope, status, reason, collected_at, evidence FROM coverage ORDER BY fact, scope, status, evidence")
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found:
        if row["fact"] == PER_REPOSITORY and row["scope"] != "*":
            continue
        key = (row["fact"], row["scope"])
        if key not in cells or _rank(row["status"]) > _rank(cells[key]["status"]):
            cells[key] = row
    return sorted({fact for fact, _ in cells}), sorted({scope for _, scope in cells}), cells


def _rank(status: str) -> int:
    return ORDER.index(status) if status in ORDER else len(ORDER)


def repositories(database: Database) -> Rows:
    """Repositories and images by whether and when a scanner saw them."""
    return database.rows(
        """
        SELECT t.target_id, t.kind, t.in_scope, t.scanned, t.scanned_at, c.status, c.reason
        FROM scan_target AS t
        LEFT JOIN coverage AS c ON c.fact = 'secret_scan' AND c.scope = t.target_id
        ORDER BY t.scanned, t.scanned_at NULLS FIRST, t.target_id
        """
    )


def to_supply(database: Database) -> Rows:
    """Every gap with its reason, the most scopes first."""
    return database.rows(
        """
        SELECT fact, status, coalesce(reason, 'nobody said why') AS reason, count(*) AS scopes, min(scope) AS example
        FROM coverage WHERE status <> 'collected'
        GROUP BY fact, status, coalesce(reason, 'nobody said why')
        ORDER BY scopes DESC, fact, status, reason
        """
    )
