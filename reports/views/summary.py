"""One assessment in one object: what `nhi assess --json` prints and the Overview shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inventory.store import Database, Snapshot
from reports.views import stages
from reports.views.evidence import Rows
from reports.views.least_privilege import AccessFilter, access_totals
from scoring import engine
from scoring.attained import ATTAINED_PERCENT
from scoring.packs import DEFAULT, load_pack, pack_names

SEVERITIES = ("critical", "high", "medium", "low")


def thresholds(snapshot: Snapshot) -> Mapping[str, float]:
    """The thresholds a snapshot was judged by: as recorded in it, or else those of the pack it names."""
    recorded = snapshot.details.get("thresholds")
    if recorded:
        return dict(recorded)
    return load_pack(snapshot.pack if snapshot.pack in pack_names() else DEFAULT).thresholds


def attained_percent(snapshot: Snapshot) -> float:
    """The share of paths that `attained` asks for."""
    return float(thresholds(snapshot).get("attained_percent", ATTAINED_PERCENT))


def summary(database: Database, snapshot: Snapshot) -> dict[str, Any]:
    """The whole assessment as plain JSON values."""
    placed = stages.placed_subjects(database)
    counts = stages.distribution(database)
    return {
        "snapshot_id": snapshot.snapshot_id,
        "label": snapshot.label,
        "as_of": snapshot.as_of.isoformat(),
        "rules_version": snapshot.rules_version,
        "pack": snapshot.pack,
        "identities": identities(database),
        "stages": {
            "lo": {str(row["stage"]): row["lo"] for row in counts},
            "hi": {str(row["stage"]): row["hi"] for row in counts},
            "no_active_path": placed.pop("no_active_path"),
            "subjects": placed,
        },
        "attained": stages.attained(database, attained_percent(snapshot)),
        "coverage": {**stages.exactness(database), "facts": _facts(database)},
        "questions": _questions(database),
        "least_privilege": access_totals(database, AccessFilter()),
        "findings": finding_counts(database),
        "unknown_checks": unknown_checks(database),
        "sources": [_plain(row) for row in sources(database)],
        "warnings": list(snapshot.details.get("warnings", [])),
    }


def identities(database: Database) -> dict[str, int]:
    """Identities in four parts that add up to `total`; one that is out of scope counts only as that."""
    row = database.rows(
        """
        SELECT count(*) AS total,
               count(*) FILTER (WHERE in_scope AND human = 'nonhuman') AS nonhuman,
               count(*) FILTER (WHERE in_scope AND human = 'human') AS human,
               count(*) FILTER (WHERE in_scope AND human NOT IN ('human', 'nonhuman')) AS human_unknown,
               count(*) FILTER (WHERE NOT in_scope) AS out_of_scope
        FROM identity
        """
    )[0]
    return {name: int(count) for name, count in row.items()}


def finding_counts(database: Database) -> dict[str, Any]:
    """Failed subjects by severity and by check; those that could not be judged are counted apart."""
    found = database.rows("SELECT check_id, severity, status, count(*) AS subjects FROM finding GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
    failed = [row for row in found if row["status"] == "fail"]
    unknown = [row for row in found if row["status"] == "unknown"]
    return {
        "by_severity": {name: sum(row["subjects"] for row in failed if row["severity"] == name) for name in SEVERITIES},
        "by_check": _sum_by(failed, "check_id"),
        "unknown": sum(row["subjects"] for row in unknown),
        "unknown_by_check": _sum_by(unknown, "check_id"),
    }


def _sum_by(rows: Rows, column: str) -> dict[str, int]:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row[column]] = totals.get(row[column], 0) + row["subjects"]
    return totals


def unknown_checks(database: Database) -> Rows:
    """Checks that could judge nothing, and why. One that simply does not apply is not among them."""
    return [{"check": row["check_id"], "reason": row["reason"]} for row in engine.unknown_checks(database)]


def sources(database: Database) -> Rows:
    """Every file that was offered, read or not: its hash, and how many identities of each kind it lists (before files are merged)."""
    found = database.rows(
        """
        SELECT s.source_id, s.collector, s.format, s.scope, s.status, s.records, s.collected_at, s.collected_basis, r.input_sha256, r.bytes
        FROM source AS s
        LEFT JOIN run AS r ON r.source_id = s.source_id
        ORDER BY s.source_id
        """
    )
    listed: dict[str, dict[str, int]] = {}
    for row in database.rows(LISTED):
        listed.setdefault(row["source_id"], {})[row["kind"]] = row["identities"]
    return [{**row, "identities": listed.get(row["source_id"], {})} for row in found]


LISTED = """
    SELECT split_part(s.evidence, '#', 1) AS source_id, i.kind, count(DISTINCT i.identity_id) AS identities
    FROM sighting AS s
    JOIN identity AS i ON i.identity_id = s.subject_id
    WHERE s.subject_kind = 'identity'
    GROUP BY 1, 2
    ORDER BY 1, 2
"""


def _questions(database: Database) -> Rows:
    return database.rows(
        """
        SELECT question_id AS id, literal, met, lo, hi, numerator, denominator, unknown
        FROM question ORDER BY question_id
        """
    )


def _facts(database: Database) -> dict[str, int]:
    found = database.rows("SELECT status, count(*) AS facts FROM coverage GROUP BY status ORDER BY status")
    return {row["status"]: row["facts"] for row in found}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
