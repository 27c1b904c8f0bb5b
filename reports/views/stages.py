"""Where subjects stand: counts per stage, by group, and the stage an organisation has attained.

Headlines count lower bounds. Placement counts subjects (identities, unlinked credentials, open resources); `attained` and
coverage count access paths. `of`: the schema whose subjects and paths are counted; `main` is all that was measured, and
scoring.decided.KEPT is what the exceptions leave of it.
"""

from __future__ import annotations

from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows
from scoring.attained import ATTAINED_PERCENT, STAGES
from scoring.attained import attained as attained_of

MEASURED = "main"
"""Schema of all that was measured."""

Only = tuple[str, dict[str, Any]]
"""SQL that holds for the rows of `placement` that are counted, and its parameters (views/filters.py: condition)."""

EVERYTHING: Only = ("true", {})

NOT_STATED = "(not stated)"
"""How a group is shown whose name no source gave."""

DIMENSIONS = {
    "scope": "account",
    "team": "team",
    "kind": "kind",
    "environment": "environment",
    "provider": "provider",
    "privilege": "privilege",
}
"""Columns of `placement` that subjects can be grouped by, and what people call them."""


def distribution(database: Database, of: str = MEASURED) -> Rows:
    """Seven rows: subjects whose lower bound is the stage, whose upper bound is, and for which both are."""
    found = database.rows(
        f"""
        SELECT stage_lo, stage_hi, count(*) AS subjects FROM {of}.placement
        WHERE stage_lo IS NOT NULL GROUP BY stage_lo, stage_hi
        """
    )
    return [
        {
            "stage": stage,
            "lo": sum(row["subjects"] for row in found if row["stage_lo"] == stage),
            "hi": sum(row["subjects"] for row in found if row["stage_hi"] == stage),
            "exact": sum(row["subjects"] for row in found if row["stage_lo"] == row["stage_hi"] == stage),
        }
        for stage in STAGES
    ]


def placed_subjects(database: Database, of: str = MEASURED) -> dict[str, int]:
    """Placed subjects by kind, and identities without any active path."""
    row = database.rows(
        f"""
        SELECT count(*) FILTER (WHERE subject_kind = 'identity' AND stage_lo IS NOT NULL) AS identities,
               count(*) FILTER (WHERE subject_kind = 'credential' AND stage_lo IS NOT NULL) AS credentials,
               count(*) FILTER (WHERE subject_kind = 'resource' AND stage_lo IS NOT NULL) AS resources,
               count(*) FILTER (WHERE subject_kind = 'identity' AND stage_lo IS NULL) AS no_active_path
        FROM {of}.placement
        """
    )[0]
    return {name: int(count) for name, count in row.items()}


def exactness(database: Database, of: str = MEASURED) -> dict[str, Any]:
    """How many access paths have a point for an interval: `exact_pct` is None when there are no paths."""
    row = database.rows(f"SELECT count(*) AS paths, count(*) FILTER (WHERE stage_lo = stage_hi) AS exact FROM {of}.access_path")[0]
    share = round(100.0 * row["exact"] / row["paths"], 1) if row["paths"] else None
    return {"exact_pct": share, "exact": row["exact"], "paths": row["paths"]}


def attained(database: Database, percent: float = ATTAINED_PERCENT, of: str = MEASURED) -> int | None:
    """The highest stage that `percent` of the paths reach for certain, with no critical path below it. None without paths."""
    return attained_of(_path_counts(database, None, of).get(None, []), percent)


def attained_between(database: Database, percent: float = ATTAINED_PERCENT) -> tuple[int | None, int | None]:
    """What is attained for certain, and what at most if every open question turns out well."""
    paths = database.rows("SELECT stage_lo, stage_hi, critical, count(*) AS paths FROM access_path GROUP BY ALL")
    return attained_of(paths, percent), attained_at_most(paths, percent)


def attained_at_most(paths: Rows, percent: float) -> int | None:
    """`attained` of counted paths by their upper bounds: the most that the evidence allows."""
    return attained_of([{**row, "stage_lo": row["stage_hi"]} for row in paths], percent)


def _path_counts(database: Database, dimension: str | None, of: str = MEASURED, only: Only = EVERYTHING) -> dict[str | None, Rows]:
    """Paths by lower bound and criticality, for all (key None) or per group of a dimension."""
    group = f"coalesce(p.{dimension}, '{NOT_STATED}')" if dimension else "NULL"
    joined = f"""
        {"LEFT " if only == EVERYTHING else ""}JOIN (SELECT * FROM {of}.placement WHERE {only[0]}) AS p
            ON p.subject_kind = a.subject_kind AND p.subject_id = a.subject_id
    """
    found = database.rows(
        f"""
        SELECT {group} AS name, a.stage_lo, a.critical, count(*) AS paths,
               count(*) FILTER (WHERE a.stage_lo = a.stage_hi) AS exact
        FROM {of}.access_path AS a {"" if dimension is None and only == EVERYTHING else joined}
        GROUP BY 1, 2, 3
        """,
        only[1],
    )
    counts: dict[str | None, Rows] = {}
    for row in found:
        counts.setdefault(row["name"], []).append(row)
    return counts


def by_group(database: Database, dimension: str, percent: float = ATTAINED_PERCENT, only: Only = EVERYTHING) -> Rows:
    """One row per group of a dimension, largest first: subjects per stage (`s1` to `s7`, lower bounds), floor, median, attained.

    `value`: the group's own value; `group`: as it is printed. `only`: which of the placed subjects are counted.
    """
    if dimension not in DIMENSIONS:
        raise ValueError(f"{dimension}: not a dimension; one of {', '.join(DIMENSIONS)}")
    found = database.rows(
        f"""
        SELECT coalesce({dimension}, '{NOT_STATED}') AS name, stage_lo, stage_hi, count(*) AS subjects
        FROM placement WHERE {only[0]} GROUP BY 1, 2, 3
        """,
        only[1],
    )
    paths = _path_counts(database, dimension, only=only)
    by_name: dict[str, Rows] = {}
    for row in found:
        by_name.setdefault(row["name"], []).append(row)
    groups = [_group(name, rows, paths.get(name, []), percent) for name, rows in by_name.items()]
    labels = account_names(database) if dimension == "scope" else {}
    named = [{**group, "value": group["group"], "group": labels.get(group["group"], group["group"])} for group in groups]
    return sorted(named, key=lambda group: (-group["subjects"], group["group"]))


def account_names(database: Database) -> dict[str, str]:
    """`name (id)` of each account whose name is known."""
    rows = database.rows("SELECT scope, name FROM account WHERE name IS NOT NULL")
    return {row["scope"]: f"{row['name']} ({row['scope']})" for row in rows}


def _group(name: str, found: Rows, paths: Rows, percent: float) -> dict[str, Any]:
    placed = [row for row in found if row["stage_lo"] is not None]
    total = sum(row["paths"] for row in paths)
    return {
        "group": name,
        "subjects": sum(row["subjects"] for row in placed),
        **{f"s{stage}": sum(row["subjects"] for row in placed if row["stage_lo"] == stage) for stage in STAGES},
        "no_active_path": sum(row["subjects"] for row in found if row["stage_lo"] is None),
        "floor": min((row["stage_lo"] for row in placed), default=None),
        "median_lo": median([(row["stage_lo"], row["subjects"]) for row in placed]),
        "median_hi": median([(row["stage_hi"], row["subjects"]) for row in placed]),
        "attained": attained_of(paths, percent),
        "paths": total,
        "exact_pct": round(100.0 * sum(row["exact"] for row in paths) / total, 1) if total else None,
    }


def median(counts: list[tuple[int, int]]) -> int | None:
    """The lower median of (value, how often) pairs; None of nothing. The lower one, so that a tie never flatters."""
    total = sum(often for _, often in counts)
    below = 0
    for value, often in sorted(counts):
        below += often
        if below * 2 >= total and often:
            return value
    return None


def stage_by_privilege(database: Database, only: Only = EVERYTHING) -> Rows:
    """Placed subjects by lower bound and privilege: a mature identity may still be a dangerous one."""
    return database.rows(
        f"""
        SELECT stage_lo AS stage, privilege, count(*) AS subjects FROM placement
        WHERE stage_lo IS NOT NULL AND {only[0]} GROUP BY stage_lo, privilege ORDER BY stage_lo, privilege
        """,
        only[1],
    )


def span(low: int | None, high: int | None) -> str:
    """An interval in words: S3, S2–S5, or that there is none."""
    if low is None or high is None:
        return "not placed"
    return f"S{low}" if low == high else f"S{low}–S{high}"
