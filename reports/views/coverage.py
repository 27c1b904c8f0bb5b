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
    """Every kind of gap once, the most facts and scopes first: status, reason, the facts and scopes it concerns, and how many pairs."""
    found = database.rows(
        "SELECT fact, scope, status, coalesce(reason, 'nobody said why') AS reason FROM coverage WHERE status <> 'collected'"
    )
    gaps: dict[tuple[str, str], dict[str, set[str]]] = {}
    for row in found:
        gap = gaps.setdefault((row["status"], row["reason"]), {"facts": set(), "scopes": set()})
        gap["facts"].add(row["fact"])
        gap["scopes"].add(row["scope"])
    rows = [
        {
            "status": status,
            "reason": reason,
            "facts": sorted(gap["facts"]),
            "scopes": sorted(gap["scopes"]),
            "pairs": _pairs(found, status, reason),
        }
        for (status, reason), gap in gaps.items()
    ]
    return sorted(rows, key=lambda row: (-row["pairs"], row["status"], row["reason"]))


def _pairs(found: Rows, status: str, reason: str) -> int:
    return len({(row["fact"], row["scope"]) for row in found if (row["status"], row["reason"]) == (status, reason)})
