"""Metrics: one SELECT a file, one row per subject (counted, not, unknown), and a share with bounds from what is unknown.

A row that needs facts which were not collected for its scope is unknown. Nothing to count is no figure, never 0 or 100 %.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from inventory.store import Database
from scoring.catalogue import parameters_of, require_keys, sentence, split
from scoring.packs import Pack

KEYS = ("title", "better", "subject", "definition", "formula", "needs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric, as its file says it."""

    metric_id: str
    title: str
    better: str
    """higher or lower."""
    subject: str
    """What is counted: identity or credential."""
    definition: str
    formula: str
    needs: tuple[str, ...]
    """Facts without which a subject of their scope is unknown."""
    sql: str


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric, by id. Raises ValueError for a file that is malformed."""
    folder = files("scoring") / "metrics"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(_metric(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names)


def _metric(metric_id: str, text: str) -> Metric:
    header, sql = split(text)
    raw = tomllib.loads(header)
    require_keys(raw, KEYS, (), metric_id)
    texts = {key: sentence(raw[key], key) for key in KEYS if key != "needs"}
    return Metric(metric_id=metric_id, needs=tuple(raw["needs"]), sql=sql, **texts)


def measure(database: Database, as_of: datetime, pack: Pack) -> None:
    """Fill `main.metric`; after the checks, whose subjects and gaps it uses."""
    for metric in metrics():
        values = {**pack.thresholds, "as_of": as_of}
        database.execute(ITEMS.format(sql=metric.sql), {
            "needs": list(metric.needs), "kind": metric.subject, **{name: values[name] for name in parameters_of(metric.sql)}
        })  # fmt: skip
        for dimension in ("all", "provider", "environment", "team", "scope"):
            group = "NULL" if dimension == "all" else dimension
            rows = database.rows(COUNTS.format(group=group))
            if dimension == "all" and not rows:
                rows = [{"grp": None, "numerator": 0, "denominator": 0, "unknown": 0}]
            date = database.value(DATE, {"needs": list(metric.needs)})
            for row in rows:
                total = row["denominator"]
                database.insert_rows("metric", [{
                    "metric_id": metric.metric_id, "dimension": dimension, **row,
                    "lo": row["numerator"] / total if total else None,
                    "hi": (row["numerator"] + row["unknown"]) / total if total else None,
                    "data_date": date, "reason": None if total else "nothing to count in the evidence",
                }])  # fmt: skip


ITEMS = """
CREATE OR REPLACE TABLE work.metric_item AS
WITH item AS (
{sql}
), gap AS (
    SELECT scope, min(reason) AS reason FROM work.gap WHERE list_contains($needs, fact) GROUP BY scope
)
SELECT
    v.subject_id, CASE WHEN g.reason IS NOT NULL THEN 'unknown' ELSE v.status END AS status, coalesce(g.reason, v.reason) AS reason, v.evidence,
    coalesce(i.provider, c.provider) AS provider, coalesce(i.environment, lower(a.environment)) AS environment, i.team, s.scope
FROM item AS v
LEFT JOIN work.subject AS s ON s.subject_kind = $kind AND s.subject_id = v.subject_id
LEFT JOIN gap AS g ON g.scope IS NOT DISTINCT FROM s.scope
LEFT JOIN main.identity AS i ON i.identity_id = s.identity_id
LEFT JOIN main.credential AS c ON $kind = 'credential' AND c.credential_id = v.subject_id
LEFT JOIN main.account AS a ON a.scope = s.scope
"""

COUNTS = """
SELECT {group} AS grp, count(*) FILTER (WHERE status = 'counted') AS numerator, count(*) AS denominator,
    count(*) FILTER (WHERE status = 'unknown') AS unknown
FROM work.metric_item
GROUP BY 1
HAVING count(*) > 0
"""

DATE = "SELECT min(collected_at) FROM main.coverage WHERE status IN ('collected', 'partial', 'stale') AND list_contains($needs, fact)"
