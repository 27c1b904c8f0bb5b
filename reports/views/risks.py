"""Top risks: subjects ordered by their worst failed check, then by privilege, then by how low they stand."""

from __future__ import annotations

from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.findings import severity_rank

ORDER = """
    s.severity_rank, CASE privilege WHEN 'admin' THEN 0 WHEN 'write' THEN 2 WHEN 'read' THEN 3 WHEN 'none' THEN 4 ELSE 1 END,
    coalesce(stage_hi, 8), coalesce(stage_lo, 8), failed DESC, name, s.subject_id
"""


def top_risks(database: Database, limit: int = 10) -> Rows:
    """One row per subject with a failed check: the worst one, how many more there are, stage interval, privilege and evidence.

    Stage is not risk, so both are shown. A privilege nobody knows ranks next to admin: it may be one.
    """
    found = database.rows(
        f"""
        WITH failed AS (
            SELECT check_id, severity, subject_kind AS found_kind, subject_id AS found_id, subject_name,
                   CASE WHEN identity_id IS NULL THEN subject_kind ELSE 'identity' END AS subject_kind, coalesce(identity_id, subject_id) AS subject_id,
                   {severity_rank()} AS severity_rank
            FROM finding WHERE status = 'fail'
        ),
        worst AS MATERIALIZED (
            SELECT subject_kind, subject_id, min(severity_rank) AS severity_rank, count(*) AS failed FROM failed GROUP BY subject_kind, subject_id
        ),
        -- Severity ranks first: nobody below the one that fills the list is looked at further.
        last AS (
            SELECT min(severity_rank) AS severity_rank
            FROM (SELECT severity_rank, sum(count(*)) OVER (ORDER BY severity_rank) AS reached FROM worst GROUP BY severity_rank)
            WHERE reached >= $limit
        ),
        named AS (
            SELECT w.*, coalesce(s.name, w.subject_id) AS name, s.scope, s.team, p.stage_lo, p.stage_hi, coalesce(p.privilege, v.privilege) AS privilege
            FROM worst AS w
            LEFT JOIN subject AS s ON s.subject_kind = w.subject_kind AND s.subject_id = w.subject_id
            LEFT JOIN placement AS p ON p.subject_kind = w.subject_kind AND p.subject_id = w.subject_id
            LEFT JOIN privilege AS v ON w.subject_kind = 'identity' AND v.identity_id = w.subject_id
            WHERE w.severity_rank <= coalesce((SELECT severity_rank FROM last), 3)
        ),
        shown AS MATERIALIZED (
            SELECT * FROM named AS s ORDER BY {ORDER} LIMIT $limit
        ),
        first AS MATERIALIZED (
            SELECT * FROM failed SEMI JOIN shown USING (subject_kind, subject_id)
            QUALIFY row_number() OVER (PARTITION BY subject_kind, subject_id ORDER BY severity_rank, check_id, subject_name) = 1
        )
        -- What is long, the reason and the records, is read for those alone that are shown.
        SELECT s.subject_kind, s.subject_id, s.name AS subject_name, w.check_id, w.severity, f.reason, f.evidence, s.failed, s.scope, s.team,
               s.stage_lo, s.stage_hi, s.privilege
        FROM shown AS s
        JOIN first AS w USING (subject_kind, subject_id)
        JOIN finding AS f ON f.check_id = w.check_id AND f.subject_kind = w.found_kind AND f.subject_id = w.found_id
        ORDER BY {ORDER}
        """,
        {"limit": limit},
    )
    return [_with_places(row) for row in found]


def _with_places(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": [located(reference) for reference in row["evidence"]]}
