"""Top risks: subjects ordered by their worst failed check, then by privilege, then by how low they stand."""

from __future__ import annotations

from typing import Any

from inventory.store import Database
from reports.views.evidence import Rows, located

ORDER = """
    severity_rank, CASE privilege WHEN 'admin' THEN 0 WHEN 'write' THEN 2 WHEN 'read' THEN 3 WHEN 'none' THEN 4 ELSE 1 END,
    coalesce(stage_hi, 8), coalesce(stage_lo, 8), failed DESC, name, subject_id
"""


def top_risks(database: Database, limit: int = 10) -> Rows:
    """One row per subject with a failed check: the worst one, how many more there are, stage interval, privilege and evidence.

    Stage is not risk, so both are shown. A privilege nobody knows ranks next to admin: it may be one.
    """
    found = database.rows(
        f"""
        WITH ranked AS (
            SELECT f.check_id, f.subject_kind AS found_kind, f.subject_id AS found_id, f.severity, f.scope,
                   CASE WHEN f.identity_id IS NULL THEN f.subject_kind ELSE 'identity' END AS subject_kind,
                   coalesce(f.identity_id, f.subject_id) AS subject_id,
                   f.subject_name,
                   CASE f.severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END AS severity_rank
            FROM finding AS f WHERE f.status = 'fail'
        ),
        worst AS (
            SELECT *, row_number() OVER (PARTITION BY subject_kind, subject_id ORDER BY severity_rank, check_id, subject_name) AS place,
                   count(*) OVER (PARTITION BY subject_kind, subject_id) AS failed
            FROM ranked
        ),
        named AS (
            SELECT w.*, coalesce(p.name, i.name, w.subject_name) AS name, coalesce(p.scope, i.scope, w.scope) AS account, coalesce(p.team, i.team) AS team,
                   p.stage_lo, p.stage_hi, coalesce(p.privilege, v.privilege) AS privilege
            FROM worst AS w
            LEFT JOIN placement AS p ON p.subject_kind = w.subject_kind AND p.subject_id = w.subject_id
            LEFT JOIN identity AS i ON w.subject_kind = 'identity' AND i.identity_id = w.subject_id
            LEFT JOIN privilege AS v ON w.subject_kind = 'identity' AND v.identity_id = w.subject_id
            WHERE w.place = 1
        ),
        shown AS MATERIALIZED (
            SELECT * EXCLUDE (subject_name, scope) FROM named ORDER BY {ORDER} LIMIT $limit
        )
        -- What is long, the reason and the records, is read for those alone that are shown.
        SELECT subject_kind, subject_id, name AS subject_name, check_id, severity, f.reason, f.evidence, failed, account AS scope, team,
               stage_lo, stage_hi, privilege
        FROM shown AS s
        JOIN (SELECT check_id, subject_kind AS found_kind, subject_id AS found_id, reason, evidence FROM finding WHERE status = 'fail') AS f
            USING (check_id, found_kind, found_id)
        ORDER BY {ORDER}
        """,
        {"limit": limit},
    )
    return [_with_places(row) for row in found]


def _with_places(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": [located(reference) for reference in row["evidence"]]}
