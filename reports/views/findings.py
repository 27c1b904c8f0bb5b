"""Findings: subjects for which a check failed or could not tell, with file and record for each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from inventory.store import Database
from reports.views.evidence import Rows, located
from reports.views.methodology import mapped_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What to list; None means all."""

    check_id: str | None = None
    severity: str | None = None
    status: str | None = None
    scope: str | None = None
    identity: str | None = None
    """An identity's id, or the id of the subject itself."""


_MATCH = """
    ($check_id IS NULL OR check_id = $check_id) AND ($severity IS NULL OR severity = $severity)
    AND ($status IS NULL OR status = $status) AND ($scope IS NULL OR scope = $scope)
    AND ($identity IS NULL OR identity_id = $identity OR subject_id = $identity)
"""


def findings(database: Database, identity: str | None = None) -> Rows:
    """All findings, worst first, as `nhi findings --json` prints them; of one identity (id or name) when it is given."""
    wanted = _identity_id(database, identity) if identity else None
    return findings_page(database, FindingFilter(identity=wanted), limit=None)


def worst_first(rows: Rows) -> Rows:
    """Findings of several origins in the order of `findings_page`: failed before unknown, critical first."""
    ranks = ("critical", "high", "medium")
    return sorted(rows, key=lambda row: (row["status"] != "fail", ranks.index(row["severity"]) if row["severity"] in ranks else 3))


def _identity_id(database: Database, identity: str) -> str:
    """The id of an identity given by id or by a name that only it carries, or of a subject of findings. Raises LookupError otherwise:
    an empty list would look like an identity without findings.
    """
    subject = database.value("SELECT subject_id FROM finding WHERE subject_id = $text", {"text": identity})
    return str(subject) if subject is not None else identity_named(database, identity)


def identity_named(database: Database, identity: str) -> str:
    """The id of an identity given by id or by a name that only it carries. Raises LookupError otherwise."""
    query = "SELECT identity_id FROM identity WHERE identity_id = $text OR name = $text ORDER BY 1"
    found = [str(row["identity_id"]) for row in database.rows(query, {"text": identity})]
    if identity in found:
        return identity
    if not found:
        raise LookupError(f'{identity}: no identity of this id or name; `nhi query "SELECT identity_id, name FROM identity"` lists them')
    if len(found) > 1:
        raise LookupError(f"{identity}: {len(found)} identities carry this name; give an id: {', '.join(found[:5])}")
    return found[0]


def findings_page(database: Database, wanted: FindingFilter, *, limit: int | None, offset: int = 0) -> Rows:
    """One page of findings: failed before unknown, critical first."""
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
    found = database.rows(
        f"""
        SELECT check_id, subject_kind, subject_id, subject_name, identity_id, scope, status, severity, reason, evidence
        FROM finding WHERE {_MATCH}
        ORDER BY CASE status WHEN 'fail' THEN 0 ELSE 1 END,
                 CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END,
                 check_id, subject_name, subject_id
        {page}
        """,
        _params(wanted),
    )
    mapped = mapped_ids()
    return [
        {**row, "evidence": [located(reference) for reference in row["evidence"]], "maps_to": mapped.get(row["check_id"], [])}
        for row in found
    ]


def finding_count(database: Database, wanted: FindingFilter) -> int:
    """How many findings `findings_page` pages over."""
    return int(database.value(f"SELECT count(*) FROM finding WHERE {_MATCH}", _params(wanted)))


def check_results(database: Database) -> Rows:
    """Every check over its whole population, worst first."""
    return database.rows(
        """
        SELECT check_id, severity, population, passed, failed, unknown, reason FROM check_result
        ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END, failed DESC, check_id
        """
    )


def finding_options(database: Database) -> dict[str, list[str]]:
    """The values each filter can take."""
    return {
        column: [
            row["value"] for row in database.rows(f"SELECT DISTINCT {column} AS value FROM finding WHERE {column} IS NOT NULL ORDER BY 1")
        ]
        for column in ("check_id", "severity", "status", "scope")
    }


def _params(wanted: FindingFilter) -> dict[str, Any]:
    return {field.name: getattr(wanted, field.name) for field in fields(wanted)}
