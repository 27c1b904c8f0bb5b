"""The flow of subjects between stages, from one snapshot to another: by their lower bound, which no evidence allows a claim above."""

from __future__ import annotations

from typing import Any

from reports.views.evidence import Rows
from scoring.progress.compare import Comparison

ABSENT, UNPLACED = "absent", "unplaced"
"""Not there as a placed subject; there, without an active path."""

STATES = (*(f"S{stage}" for stage in range(1, 8)), UNPLACED, ABSENT)
"""In the order in which they are drawn."""

WORDS_BEFORE = {UNPLACED: "No active path", ABSENT: "Not there then"}
WORDS_NOW = {UNPLACED: "No active path", ABSENT: "Not there now"}


def stage_flow(found: Comparison) -> Rows:
    """Rows `before`, `now` (of STATES), `subjects`, `moved` (those of them that certainly moved up or down): everyone who is placed in either
    snapshot, both judged by the rules of now where that can be."""
    return found.database.rows(
        """
        WITH pair AS (
            SELECT b.subject_id IS NOT NULL AS there_before, n.subject_id IS NOT NULL AS there_now, b.stage_lo AS stage_before, n.stage_lo AS stage_now,
                   coalesce(c.cause IN ('moved_up', 'moved_down'), false) AS moved
            FROM earlier.placement AS b
            FULL JOIN later.placement AS n ON n.subject_kind = b.subject_kind AND n.subject_id = b.subject_id
            LEFT JOIN progress.caused AS c
                ON c.population = 'subject' AND c.kind = coalesce(n.subject_kind, b.subject_kind) AND c.id = coalesce(n.subject_id, b.subject_id)
        ), named AS (
            SELECT
                moved,
                CASE WHEN stage_before IS NOT NULL THEN 'S' || stage_before WHEN there_before THEN 'unplaced' ELSE 'absent' END AS "before",
                CASE WHEN stage_now IS NOT NULL THEN 'S' || stage_now WHEN there_now THEN 'unplaced' ELSE 'absent' END AS "now"
            FROM pair
        )
        SELECT "before", "now", count(*) AS subjects, count(*) FILTER (WHERE moved) AS moved FROM named GROUP BY "before", "now" ORDER BY "before", "now"
        """
    )


def flow_table(rows: Rows) -> Rows:
    """One row per state before, a column per state now, and the totals of both."""
    counts = {(row["before"], row["now"]): row["subjects"] for row in rows}
    table: list[dict[str, Any]] = []
    for before in STATES:
        cells = {now: counts.get((before, now), 0) for now in STATES}
        if any(cells.values()):
            table.append({"before": WORDS_BEFORE.get(before, before), **cells, "total": sum(cells.values())})
    totals = {now: sum(counts.get((before, now), 0) for before in STATES) for now in STATES}
    return [*table, {"before": "All", **totals, "total": sum(totals.values())}]


def flow_counts(rows: Rows) -> dict[str, int]:
    """How many stand higher, lower or the same by lower bound, came and went; of the higher and lower those that certainly moved
    (`moved_up`, `moved_down`), the others are only known better or less. Who has no active path on one side counts for none of them."""
    found = dict.fromkeys(("up", "moved_up", "down", "moved_down", "same", "came", "went"), 0)
    for row in rows:
        before, now = row["before"], row["now"]
        if before == ABSENT:
            found["came"] += row["subjects"]
        elif now == ABSENT:
            found["went"] += row["subjects"]
        elif before == now:
            found["same"] += row["subjects"]
        elif UNPLACED not in (before, now):
            way = "up" if now > before else "down"
            found[way] += row["subjects"]
            found[f"moved_{way}"] += row["moved"]
    return {**found, "subjects": sum(row["subjects"] for row in rows)}
