"""Findings: subjects for which a check failed or could not tell, with file and record for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.filters import ALL, Filter, narrowed
from reports.views.methodology import mapped_ids
from scoring.decided import has_exceptions


def severity_rank(column: str = "severity") -> str:
    """SQL of how far a severity stands from the worst: what to order by, worst first."""
    return f"CASE {column} WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END"


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """What to list; None means all."""

    check_id: str | None = None
    severity: str | None = None
    status: str | None = None
    within: Filter = ALL
    identity: str | None = None
    """An identity's id, or the id of the subject itself."""
    excepted: bool | None = None
    """Only those that an exception takes out today, or only the others."""


_MATCH = """
    ($check_id IS NULL OR check_id = $check_id) AND ($severity IS NULL OR severity = $severity)
    AND ($status IS NULL OR status = $status)
    AND ($excepted IS NULL OR (exception IS NOT NULL) = $excepted)
"""


def marked(database: Database) -> str:
    """SQL of all findings with the id of the exception that takes each out (`exception`); NULL too where no decisions are laid over."""
    if not has_exceptions(database):
        return "(SELECT *, CAST(NULL AS VARCHAR) AS exception FROM finding)"
    return """(
        SELECT f.*, x.exception_id AS exception FROM finding AS f
        LEFT JOIN decided.excepted_finding AS x ON x.check_id = f.check_id AND x.subject_kind = f.subject_kind AND x.subject_id = f.subject_id
    )"""


def _about(database: Database, wanted: FindingFilter) -> str:
    """SQL of all findings, or of those of one identity: two looks, by one column each, are quicker than one by either of them."""
    rows = marked(database)
    if wanted.identity is None:
        return rows
    return f"""(
        SELECT * FROM {rows} WHERE identity_id = $identity
        UNION ALL
        SELECT * FROM {rows} WHERE subject_id = $identity AND identity_id IS DISTINCT FROM $identity
    )"""


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
    sql, params = _listed(database, wanted)
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
    return _told(database.rows(f"{sql} {page}", params))


def finding_batches(database: Database, wanted: FindingFilter) -> Iterator[Rows]:
    """All of them, in the order of the pages, in batches."""
    return map(_told, database.batches(*_listed(database, wanted)))


def _listed(database: Database, wanted: FindingFilter) -> tuple[str, dict[str, Any]]:
    found, params = narrowed(database, _about(database, wanted), wanted.within)
    sql = f"""
        SELECT check_id, subject_kind, subject_id, subject_name, identity_id, scope, status, severity, reason, evidence, exception
        FROM {found} WHERE {_MATCH}
        ORDER BY CASE status WHEN 'fail' THEN 0 ELSE 1 END,
                 {severity_rank()},
                 check_id, subject_name, subject_id
    """
    return sql, _params(wanted) | params


def _told(rows: Rows) -> Rows:
    mapped = mapped_ids()
    return [
        {**row, "evidence": [located(reference) for reference in row["evidence"]], "maps_to": mapped.get(row["check_id"], [])}
        for row in rows
    ]


def finding_count(database: Database, wanted: FindingFilter) -> int:
    """How many findings `findings_page` pages over."""
    return finding_counts(database, wanted)["n"]


def finding_counts(database: Database, wanted: FindingFilter) -> dict[str, int]:
    """How many findings there are (`n`), and how many of them could not be judged (`unknown`)."""
    found, params = narrowed(database, _about(database, wanted), wanted.within)
    sql = f"SELECT count(*) AS n, count(*) FILTER (WHERE status = 'unknown') AS unknown FROM {found} WHERE {_MATCH}"
    return {name: int(value) for name, value in database.rows(sql, _params(wanted) | params)[0].items()}


def check_results(database: Database) -> Rows:
    """Every check over its whole population, worst first."""
    return database.rows(
        f"""
        SELECT check_id, severity, population, passed, failed, unknown, reason FROM check_result
        ORDER BY {severity_rank()}, failed DESC, check_id
        """
    )


def finding_options(database: Database) -> dict[str, list[str]]:
    """The values each filter can take."""
    return {
        column: [
            row["value"] for row in database.rows(f"SELECT DISTINCT {column} AS value FROM finding WHERE {column} IS NOT NULL ORDER BY 1")
        ]
        for column in ("check_id", "severity", "status")
    }


def _params(wanted: FindingFilter) -> dict[str, Any]:
    unused = {"within"} if wanted.identity else {"within", "identity"}
    return {field.name: getattr(wanted, field.name) for field in fields(wanted) if field.name not in unused}
