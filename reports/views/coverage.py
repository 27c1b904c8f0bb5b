"""Coverage: what was asked for, what came of it, and what to supply next. Silence is never shown as success."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows

ORDER = ("collected", "partial", "stale", "unreadable", "denied", "missing")
"""Statuses from best to worst."""

TITLES = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}

PER_REPOSITORY = "secret_scan"
"""The fact whose scope is a repository, not an account: it has a table of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Facts against the accounts of one provider."""

    provider: str | None
    """None: what is said of all accounts, or of one that no source lists as ours."""
    facts: list[str]
    scopes: dict[str, str]
    """Scope -> as people call it."""
    cells: dict[tuple[str, str], dict[str, Any]]
    """Coverage row by fact and scope. Where a pair has several rows the worst one stands."""

    @property
    def title(self) -> str:
        return "Elsewhere" if self.provider is None else TITLES.get(self.provider, self.provider)

    @property
    def rows(self) -> Rows:
        """A row per pair, by fact."""
        pairs = ((fact, scope) for fact in self.facts for scope in self.scopes if (fact, scope) in self.cells)
        return [{"provider": self.provider, "name": self.scopes[pair[1]], **self.cells[pair]} for pair in pairs]


def coverage_matrices(database: Database) -> list[Matrix]:
    """One matrix per provider, in the order of their names."""
    cells = _worst(database)
    accounts = {row["scope"]: row for row in database.rows("SELECT scope, provider, name FROM account ORDER BY scope")}
    grouped: dict[str | None, dict[str, str]] = {}
    for scope in sorted({scope for _, scope in cells}):
        account = accounts.get(scope, {})
        grouped.setdefault(account.get("provider"), {})[scope] = "all accounts" if scope == "*" else account.get("name") or scope
    return [
        Matrix(
            provider=provider,
            facts=sorted({fact for fact, scope in cells if scope in scopes}),
            scopes=scopes,
            cells={pair: row for pair, row in cells.items() if pair[1] in scopes},
        )
        for provider, scopes in sorted(grouped.items(), key=lambda group: (group[0] is None, group[0] or ""))
    ]


def _worst(database: Database) -> dict[tuple[str, str], dict[str, Any]]:
    found = database.rows(
        "SELECT fact, scope, status, reason, collected_at, evidence FROM coverage"
        # What cannot be asked of a scope stands as collected, so that checks go on; nobody collected it.
        " WHERE coalesce(reason, '') NOT LIKE 'does not apply:%' ORDER BY fact, scope, status, evidence"
    )
    cells: dict[tuple[str, str], dict[str, Any]] = {}
    for row in found:
        if row["fact"] == PER_REPOSITORY and row["scope"] != "*":
            continue
        key = (row["fact"], row["scope"])
        if key not in cells or _rank(row["status"]) > _rank(cells[key]["status"]):
            cells[key] = row
    return cells


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
