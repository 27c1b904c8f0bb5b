"""One assessment in one object: what `nhi assess --json` prints and the Overview shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views import stages
from reports.views.evidence import Rows
from reports.views.least_privilege import AccessFilter, access_totals
from scoring import engine, packs
from scoring.decided import KEPT
from scoring.packs import DEFAULT, load_pack, pack_names
from scoring.questions import answers_left

SEVERITIES = ("critical", "high", "medium", "low")


def thresholds(snapshot: Snapshot) -> Mapping[str, float]:
    """The thresholds a snapshot was judged by: as recorded in it, or else those of the pack it names."""
    recorded = snapshot.details.get("thresholds")
    if recorded:
        return dict(recorded)
    return load_pack(snapshot.pack if snapshot.pack in pack_names() else DEFAULT).thresholds


def attained_percent(snapshot: Snapshot) -> float:
    """The share of paths that `attained` asks for."""
    return limit(snapshot, "attained_percent")


def limit(snapshot: Snapshot, name: str) -> float:
    """One threshold; of the default pack where the snapshot is older than the threshold."""
    return float(packs.limit(thresholds(snapshot), name))


def summary(database: Database, snapshot: Snapshot) -> dict[str, Any]:
    """The whole assessment as plain JSON values."""
    scored = scores_measured(database, snapshot)
    return {
        **identified(snapshot),
        "identities": identities(database),
        **scored,
        "coverage": {**scored["coverage"], "facts": _facts(database)},
        "metrics": [_plain(row) for row in database.rows("SELECT * FROM metric WHERE dimension = 'all' ORDER BY metric_id")],
        "unknown_checks": unknown_checks(database),
        "sources": [_plain(row) for row in sources(database)],
        "warnings": list(snapshot.details.get("warnings", [])),
    }


def identified(snapshot: Snapshot) -> dict[str, Any]:
    """Which snapshot a document speaks of, and by which rules it was judged."""
    return {
        "snapshot_id": snapshot.snapshot_id,
        "label": snapshot.label,
        "as_of": snapshot.as_of.isoformat(),
        "rules_version": snapshot.rules_version,
        "pack": snapshot.pack,
    }


def scores(database: Database, snapshot: Snapshot, questions: Rows, of: str = stages.MEASURED) -> dict[str, Any]:
    """Every score of the subjects in one schema, as plain JSON values; `questions`: their answers."""
    placed, counts = stages.placed_subjects(database, of), stages.distribution(database, of)
    return {
        "stages": {
            "lo": {str(row["stage"]): row["lo"] for row in counts},
            "hi": {str(row["stage"]): row["hi"] for row in counts},
            "no_active_path": placed.pop("no_active_path"),
            "subjects": placed,
        },
        "attained": stages.attained(database, attained_percent(snapshot), of),
        "coverage": stages.exactness(database, of),
        "questions": questions,
        "least_privilege": access_totals(database, AccessFilter(), of),
        "findings": finding_counts(database, of),
    }


def scores_measured(database: Database, snapshot: Snapshot) -> dict[str, Any]:
    """Every score of all that was measured."""
    return scores(database, snapshot, _questions(database.rows("SELECT * FROM question ORDER BY question_id")))


def scores_left(database: Database, snapshot: Snapshot) -> dict[str, Any]:
    """Every score when what is excepted is left out. Only where `has_exceptions`."""
    bands = {"yes": limit(snapshot, "answer_yes_percent"), "no": limit(snapshot, "answer_no_percent")}
    return scores(database, snapshot, _questions(answers_left(database, KEPT, bands)), KEPT)


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


def finding_counts(database: Database, of: str = stages.MEASURED) -> dict[str, Any]:
    """Failed subjects by severity and by check; those that could not be judged are counted apart."""
    found = database.rows(f"SELECT check_id, severity, status, count(*) AS subjects FROM {of}.finding GROUP BY 1, 2, 3 ORDER BY 1, 2, 3")
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


def offered_files(database: Database) -> Rows:
    """Every file that was offered, read or not, and its hash."""
    return database.rows(
        """
        SELECT s.source_id, s.collector, s.format, s.scope, s.status, s.records, s.collected_at, s.collected_basis, r.input_sha256, r.bytes
        FROM source AS s
        LEFT JOIN run AS r ON r.source_id = s.source_id
        ORDER BY s.source_id
        """
    )


def sources(database: Database) -> Rows:
    """As `offered_files`, with how many identities of each kind a file lists (before files are merged)."""
    listed: dict[str, dict[str, int]] = {}
    for row in database.rows(LISTED):
        listed.setdefault(row["source_id"], {})[row["kind"]] = row["identities"]
    return [{**row, "identities": listed.get(row["source_id"], {})} for row in offered_files(database)]


LISTED = """
    SELECT split_part(s.evidence, '#', 1) AS source_id, i.kind, count(DISTINCT i.identity_id) AS identities
    FROM sighting AS s
    JOIN identity AS i ON i.identity_id = s.subject_id
    WHERE s.subject_kind = 'identity'
    GROUP BY 1, 2
    ORDER BY 1, 2
"""


def _questions(answers: Rows) -> Rows:
    names = ("literal", "met", "lo", "hi", "numerator", "denominator", "unknown")
    return [{"id": row["question_id"], **{name: row[name] for name in names}} for row in answers]


def _facts(database: Database) -> dict[str, int]:
    found = database.rows("SELECT status, count(*) AS facts FROM coverage GROUP BY status ORDER BY status")
    return {row["status"]: row["facts"] for row in found}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
