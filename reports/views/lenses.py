"""Other people's maturity models over the evidence of a snapshot: a level as an interval, with how many were counted. Mappings of ours."""

from __future__ import annotations

from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.evidence import Rows
from reports.views.summary import attained_percent
from scoring.lenses import Interval, Lens, in_words, lenses, of_age, of_percent, of_stages, together, weakest

OURS = "A mapping of ours: the publishers have neither made nor approved it."


def lens_rows(database: Database, snapshot: Snapshot) -> Rows:
    """One row per model and measure: level in words, bounds, what was counted, how many, and how many have no single level."""
    percent = attained_percent(snapshot)
    return [row for lens in lenses() for row in _rows(lens, database, snapshot, percent)]


def _rows(lens: Lens, database: Database, snapshot: Snapshot, percent: float) -> Rows:
    if lens.levels[0].stages:
        return [_row(lens, f"stages of subjects: the level that {percent:g} % reach", *_stages(lens, database, percent))]
    seen, turned = _visibility(lens, database), _rotation(lens, database, snapshot, percent)
    whole = weakest([seen[0], turned[0]])
    return [
        _row(lens, "visibility: share of the facts asked for that were collected", *seen),
        _row(lens, f"rotation: age within which {percent:g} % of the static credentials lie", *turned),
        _row(lens, "both: the lower of the two", whole, seen[1] + turned[1], seen[2] + turned[2]),
    ]


def _row(lens: Lens, measure: str, bounds: Interval | None, counted: int, unknown: int) -> dict[str, Any]:
    return {
        "lens": lens.name,
        "measure": measure,
        "level": in_words(lens, bounds),
        "lo": lens.levels[bounds[0]].name if bounds else None,
        "hi": lens.levels[bounds[1]].name if bounds else None,
        "n": counted,
        "unknown": unknown,
        "levels": [level.name for level in lens.levels],
        "outside": lens.outside,
        "url": lens.url,
    }


Placed = tuple[Interval | None, int, int]
"""Bounds, how many were counted, how many have no single level."""


def _stages(lens: Lens, database: Database, percent: float) -> Placed:
    found = database.rows(
        "SELECT stage_lo, stage_hi, count(*) AS n FROM placement WHERE stage_lo IS NOT NULL AND stage_hi IS NOT NULL GROUP BY 1, 2"
    )
    return together([(of_stages(lens, row["stage_lo"], row["stage_hi"]), row["n"]) for row in found], len(lens.levels), percent)


def _visibility(lens: Lens, database: Database) -> Placed:
    row = database.rows("SELECT count(*) AS n, count(*) FILTER (WHERE status = 'collected') AS collected FROM coverage")[0]
    bounds = of_percent(lens, 100 * row["collected"] / row["n"]) if row["n"] else None
    return bounds, row["n"], row["n"] - row["collected"]


def _rotation(lens: Lens, database: Database, snapshot: Snapshot, percent: float) -> Placed:
    """Credentials that open a static path; keys that nobody listed are of unknown age."""
    found = database.rows(
        """
        SELECT days, count(*) AS n
        FROM (
            SELECT DISTINCT a.subject_kind, a.subject_id, a.credential_id,
                date_diff('day', coalesce(c.rotated_at, c.created_at), CAST($as_of AS TIMESTAMP)) AS days
            FROM access_path AS a
            LEFT JOIN credential AS c ON c.credential_id = a.credential_id
            WHERE a.mechanism LIKE 'static%'
        ) AS each
        GROUP BY days
        """,
        {"as_of": snapshot.as_of},
    )
    return together([(of_age(lens, row["days"]), row["n"]) for row in found], len(lens.levels), percent)
