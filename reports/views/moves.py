"""What to do next: evidence that would turn intervals into points, and the step that lifts each stage."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.database import Database
from reports.views.evidence import Rows
from reports.views.methodology import stages
from scoring.attained import attained


@dataclass(frozen=True, slots=True, kw_only=True)
class NextMoves:
    """Both to-do lists."""

    settle: Rows
    """to_settle, stage_lo, stage_hi, paths, critical, text: most paths first."""
    climb: Rows
    """stage, name, next_move, subjects, critical: lowest stage first. Only subjects whose stage is certain."""


def next_moves(database: Database, limit: int = 10) -> NextMoves:
    """The evidence to supply, and the moves up the ladder."""
    return NextMoves(settle=_settle(database, limit), climb=_climb(database))


def _settle(database: Database, limit: int) -> Rows:
    found = database.rows(
        """
        SELECT to_settle, stage_lo, stage_hi, count(*) AS paths, count(*) FILTER (WHERE critical) AS critical
        FROM access_path
        WHERE stage_lo < stage_hi AND to_settle IS NOT NULL
        GROUP BY to_settle, stage_lo, stage_hi
        ORDER BY paths DESC, to_settle, stage_lo, stage_hi
        LIMIT $limit
        """,
        {"limit": limit},
    )
    return [{**row, "text": _settle_text(row["to_settle"], row["paths"], row["stage_lo"], row["stage_hi"])} for row in found]


def _settle_text(to_settle: str, paths: int, low: int, high: int) -> str:
    noun = "path" if paths == 1 else "paths"
    return f"{to_settle}: {paths:,} {noun} would move from [{low},{high}] to a point"


def _climb(database: Database) -> Rows:
    counts = {
        row["stage"]: row
        for row in database.rows(
            """
            SELECT stage_lo AS stage, count(*) AS subjects, count(*) FILTER (WHERE privilege IN ('admin', 'unknown')) AS critical
            FROM placement WHERE stage_lo = stage_hi AND stage_lo < 7 GROUP BY stage_lo
            """
        )
    }
    return [
        {
            "stage": stage.number,
            "name": stage.name,
            "next_move": stage.next_move,
            "subjects": counts[stage.number]["subjects"],
            "critical": counts[stage.number]["critical"],
        }
        for stage in stages()
        if stage.number in counts
    ]


def gains(database: Database, percent: float) -> Rows:
    """What each step up the ladder would bring, lowest stage first: that of `climb`, with `paths` that stand there for certain, the share of all
    paths at the next stage or above for certain (`lo_before`, `lo_after`), and what is attained once this step and those below are made.

    Arithmetic on the ladder: whoever makes a stage's move stands at least one higher. What a move does to one subject, `nhi what-if` judges.
    """
    now = database.rows("SELECT stage_lo, stage_hi, critical, count(*) AS paths FROM access_path GROUP BY ALL ORDER BY ALL")
    total = sum(row["paths"] for row in now)
    lifted = [dict(row) for row in now]
    rows = []
    for step in _climb(database):
        stage = step["stage"]
        leaving = sum(row["paths"] for row in now if row["stage_lo"] == row["stage_hi"] == stage)
        above = sum(row["paths"] for row in now if row["stage_lo"] > stage)
        for row in lifted:
            if row["stage_lo"] == row["stage_hi"] == stage:
                row["stage_lo"] = row["stage_hi"] = stage + 1
        rows.append(
            {
                **step,
                "paths": leaving,
                "n": total,
                "lo_before": above / total if total else None,
                "lo_after": (above + leaving) / total if total else None,
                "attained_after": attained(lifted, percent),
            }
        )
    return rows
