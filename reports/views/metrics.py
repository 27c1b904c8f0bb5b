"""Metrics of a snapshot: their figures with bounds, by group, beside the snapshot before, and the subjects behind each."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from reports.views.evidence import Rows, located
from reports.views.summary import thresholds
from scoring.metrics import DIMENSIONS, Metric, count_subjects, metrics, populations, version_of

GROUPS = {"provider": "provider", "environment": "environment", "team": "team", "scope": "account"}
"""Dimensions, and what people call them."""

FIGURES = ("lo", "hi", "p90_lo", "p90_hi", "numerator", "denominator", "unknown", "data_date", "reason")
ROUNDING = 1e-9
"""What binary fractions are off by: 0.3 is not to be printed as 0.4."""

STATUSES = ("counted", "not", "unknown")


def figures(database: Database, before: Database | None = None) -> Rows:
    """Every metric over all, with its definition; `text` is the figure as printed, `text_before` that of the snapshot before."""
    now = _all(database)
    then = _all(before) if before else {}
    return [
        {
            **{name: getattr(one, name) for name in ("metric_id", "title", "unit", "better", "counts", "definition", "formula", "source")},
            **{name: now[one.metric_id][name] for name in FIGURES},
            "text": text(one.unit, now[one.metric_id]),
            "text_before": text(one.unit, then[one.metric_id]) if one.metric_id in then else None,
        }
        for one in metrics()
        if one.metric_id in now
    ]


def _all(database: Database) -> dict[str, dict[str, Any]]:
    return {row["metric_id"]: row for row in database.rows("SELECT * FROM metric WHERE dimension = 'all'")}


def by_group(database: Database, metric: Metric, dimension: str) -> Rows:
    """One row per group of a dimension, the largest first; the group is None where no source said."""
    if dimension not in DIMENSIONS:
        raise ValueError(f"{dimension}: not a dimension; one of {', '.join(DIMENSIONS)}")
    rows = database.rows(
        "SELECT * FROM metric WHERE metric_id = $id AND dimension = $dimension ORDER BY denominator DESC, grp NULLS LAST",
        {"id": metric.metric_id, "dimension": dimension},
    )
    return [{"group": row["grp"], **{name: row[name] for name in FIGURES}, "text": text(metric.unit, row)} for row in rows]


STEPS = """
    SELECT CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS what, table_schema || '.' || table_name AS name
    FROM information_schema.tables
    WHERE table_schema IN ('work', 'counting') AND table_name <> 'item'
    ORDER BY 1 DESC, 2
"""


ITEM = "counting.item"
"""The subjects of one metric, for `counted` and `listed`."""


def count_once(lake: Lake, database: Database, snapshot: Snapshot, metric: Metric) -> None:
    """As `count`, unless it was counted before: a snapshot does not change."""
    name = f"{snapshot.snapshot_id}.{metric.metric_id}.{version_of(metric)}"
    database.execute("CREATE SCHEMA IF NOT EXISTS counting")
    if not lake.attach_kept(database, ITEM, name):
        count(database, snapshot, metric)
        lake.keep(database, ITEM, name)


def count(database: Database, snapshot: Snapshot, metric: Metric) -> None:
    """Count the subjects of a metric by the thresholds that the snapshot was judged by; what was made on the way is dropped."""
    populations(database, snapshot.as_of, thresholds(snapshot), of=metric)
    count_subjects(database, metric, snapshot.as_of, thresholds(snapshot))
    for row in database.rows(STEPS):
        database.execute(f"DROP {row['what']} {row['name']}")


def counted(database: Database, status: str | None) -> int:
    """How many subjects of a status there are, or of any."""
    sql = "SELECT count(*) AS n FROM counting.item WHERE $status IS NULL OR status = $status"
    return int(database.rows(sql, {"status": status})[0]["n"])


def listed(database: Database, status: str | None, *, limit: int | None, offset: int = 0) -> Rows:
    """Some of them (all without a limit), the largest value first."""
    rows = database.rows(
        """
        SELECT subject_kind, subject_id, name, identity_id, status, value, reason, evidence
        FROM counting.item
        WHERE $status IS NULL OR status = $status
        ORDER BY CASE status WHEN 'unknown' THEN 1 ELSE 0 END, value DESC NULLS LAST, name, subject_id, status
        LIMIT $limit OFFSET $offset
        """,
        {"status": status, "limit": limit, "offset": offset},
    )
    return [{**row, "evidence": [located(reference) for reference in row["evidence"]]} for row in rows]


def text(unit: str, row: dict[str, Any]) -> str:
    """A figure as it is printed: `53 %`, `12–19 %`, `1.2–1.9`, `340`, `210 days (p90 900)`; a dash where there is none."""
    if row["lo"] is None and row["hi"] is None:
        return "—"
    if unit == "days":
        return f"{span(row['lo'], row['hi'], 0)} days (p90 {span(row['p90_lo'], row['p90_hi'], 0)})"
    if unit == "percent":
        return f"{span(row['lo'], row['hi'], 1)} %"
    return span(row["lo"], row["hi"], 0 if unit == "count" else 2)


def span(low: float | None, high: float | None, digits: int) -> str:
    """An interval, rounded outward, so that what is printed holds what it bounds; `at least` where nothing bounds it from above."""
    scale = 10**digits
    least = floor((low or 0) * scale + ROUNDING) / scale
    if high is None:
        return f"at least {least:,.{digits}f}"
    if low == high:
        return f"{high:,.{digits}f}"
    return f"{least:,.{digits}f}–{ceil(high * scale - ROUNDING) / scale:,.{digits}f}"
