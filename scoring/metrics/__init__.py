"""Metrics: one SELECT a file, one row per subject (counted, not, unknown), and a figure with bounds from what is unknown.

The files speak of the tables of `counting` (populations.sql) and of `main`. A row that needs facts which were not collected for its scope is
unknown, whatever it says. Nothing to count is no figure, never 0 or 100 %.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from inventory.model import Fact
from inventory.store import Database
from scoring.catalogue import one_of, parameters_of, require_keys, sentence, split
from scoring.engine import GAPS, SUBJECTS
from scoring.questions import gap

TEXTS = ("title", "unit", "better", "counts", "definition", "formula")
UNITS = ("percent", "ratio", "count", "days")
BETTER = ("higher", "lower", "neither")
DIMENSIONS = ("provider", "environment", "team", "scope")
"""What every metric is counted by, besides all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric, as its file says it."""

    metric_id: str
    title: str
    unit: str
    """Of UNITS: a share of all, counted to not counted, a number, or the days of a median."""
    better: str
    counts: str
    """What one subject is."""
    definition: str
    formula: str
    needs: tuple[str, ...]
    """Facts without which a subject of their scope is unknown."""
    lists: tuple[str, ...]
    """Facts that list the subjects: where one was not collected there may be more, and the figure says so."""
    source: str | None
    """Where the metric comes from, when its name is someone's."""
    sql: str


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric, by id. Raises ValueError for a file that is malformed."""
    folder = files("scoring") / "metrics"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(metric_of(name.removesuffix(".sql"), (folder / name).read_text(encoding="utf-8")) for name in names)


def metric_of(metric_id: str, text: str) -> Metric:
    """A metric from the text of its file. Raises ValueError that names it."""
    header, sql = split(text)
    raw = tomllib.loads(header)
    require_keys(raw, (*TEXTS, "needs", "lists"), ("source",), metric_id)
    texts = {key: sentence(raw[key], key) for key in TEXTS}
    one_of(texts["unit"], UNITS, "unit")
    one_of(texts["better"], BETTER, "better")
    for name in (*raw["needs"], *raw["lists"]):
        one_of(name, tuple(Fact), "needs")
    return Metric(metric_id=metric_id, needs=tuple(raw["needs"]), lists=tuple(raw["lists"]), source=raw.get("source"), sql=sql, **texts)


def metric(metric_id: str) -> Metric | None:
    """One metric by its id."""
    return next((one for one in metrics() if one.metric_id == metric_id), None)


def markdown() -> str:
    """docs/metrics.md."""
    parts = [
        "# Metrics",
        "",
        "Each figure is an interval: from what counts for certain to what counts if all that is not known does. What needs facts that were not"
        " collected is not known, and nothing to count is no figure. `nhi metrics --show ID` lists the subjects behind one, with their records.",
        "",
        "Figures that need two snapshots stand on the page Progress and in `nhi diff`: static credentials made and retired, clean-up of orphans and"
        " stale identities, time to revoke.",
    ]
    for one in metrics():
        parts += ["", f"## {one.title}", "", f"`{one.metric_id}`, in {one.unit}; better: {one.better}.", "", one.definition, ""]
        parts += [f"- Formula: {one.formula}", f"- Counted: {one.counts}"]
        parts += [f"- Needs: {', '.join(one.needs) or 'nothing beyond what lists its subjects'}", f"- Listed by: {', '.join(one.lists)}"]
        parts += [f"- Name from: <{one.source}>"] if one.source else []
    return "\n".join(parts) + "\n"


def measure(database: Database, as_of: datetime, thresholds: Mapping[str, float]) -> None:
    """Fill `main.metric`. Expects a judged `main`."""
    populations(database, as_of, thresholds)
    ours = [row["scope"] for row in database.rows(OURS)]
    for one in metrics():
        count_subjects(database, one, as_of, thresholds)
        facts = {"facts": [*one.needs, *one.lists]}
        database.execute(FIGURES[one.unit], {"metric_id": one.metric_id, "data_date": database.value(DATE, facts)})
        if not database.value("SELECT count(*) FROM main.metric WHERE metric_id = $id", {"id": one.metric_id}):
            database.insert_rows("metric", [{**EMPTY, "metric_id": one.metric_id}])
        if missing := gap(database, one.lists, ours):
            database.execute(MORE, {"metric_id": one.metric_id, "more": f"there may be more: {missing} is not known"})


def populations(database: Database, as_of: datetime, thresholds: Mapping[str, float]) -> None:
    """Fill the schema `counting`, on a judged database or on one that a snapshot was opened in."""
    database.execute("CREATE SCHEMA IF NOT EXISTS work; CREATE SCHEMA IF NOT EXISTS counting")
    database.execute(SUBJECTS)
    database.execute(GAPS, {"facts": sorted(Fact)})
    text = (files("scoring") / "metrics" / "populations" / "populations.sql").read_text(encoding="utf-8")
    database.script(text, {**thresholds, "as_of": as_of})


def count_subjects(database: Database, one: Metric, as_of: datetime, thresholds: Mapping[str, float]) -> None:
    """Fill `counting.item` with the subjects of one metric. Expects `populations`."""
    values: dict[str, Any] = {**thresholds, "as_of": as_of}
    used = {name: values[name] for name in parameters_of(one.sql)}
    database.execute(ITEMS.format(sql=one.sql), {"needs": list(one.needs), **used})


ITEMS = """
CREATE OR REPLACE TABLE counting.item AS
WITH item AS (
{sql}
), gap AS (
    SELECT scope, min(reason) AS reason FROM work.gap WHERE list_contains($needs, fact) GROUP BY scope
)
SELECT
    v.subject_kind, v.subject_id, coalesce(s.name, v.subject_id) AS name, s.identity_id, s.provider, s.environment, s.team, s.scope,
    CASE WHEN g.reason IS NOT NULL THEN 'unknown' ELSE v.status END AS status,
    v.value,
    coalesce(v.value, 1) AS weight,
    coalesce(g.reason, v.reason) AS reason,
    v.evidence
FROM item AS v
LEFT JOIN counting.subject AS s ON s.subject_kind = v.subject_kind AND s.subject_id = v.subject_id
LEFT JOIN gap AS g ON g.scope IS NOT DISTINCT FROM s.scope
"""

GROUPED = """
INSERT INTO main.metric BY NAME
WITH counted AS (
    SELECT
        CASE WHEN grouping(provider) = 0 THEN 'provider' WHEN grouping(environment) = 0 THEN 'environment'
            WHEN grouping(team) = 0 THEN 'team' WHEN grouping(scope) = 0 THEN 'scope' ELSE 'all' END AS dimension,
        CASE WHEN grouping(provider) = 0 THEN provider WHEN grouping(environment) = 0 THEN environment
            WHEN grouping(team) = 0 THEN team WHEN grouping(scope) = 0 THEN scope END AS grp,
        {measures}
    FROM counting.item
    GROUP BY GROUPING SETS ((), (provider), (environment), (team), (scope))
    HAVING count(*) > 0
)
SELECT $metric_id AS metric_id, dimension, grp, {figures}, CAST($data_date AS TIMESTAMP) AS data_date
FROM counted
"""

SUMS = """
    coalesce(sum(weight) FILTER (WHERE status = 'counted'), 0) AS c,
    coalesce(sum(weight) FILTER (WHERE status = 'not'), 0) AS n,
    coalesce(sum(weight) FILTER (WHERE status = 'unknown'), 0) AS u,
    count(*) FILTER (WHERE status = 'unknown' AND weight = 0) AS unweighed
"""

UNWEIGHED = "CASE WHEN unweighed > 0 THEN unweighed || ' more are not known at all, and weigh nothing here' END"

SHARE = f"""
    CASE WHEN c + n + u > 0 THEN 100.0 * c / (c + n + u) END AS lo,
    CASE WHEN c + n + u > 0 THEN 100.0 * (c + u) / (c + n + u) END AS hi,
    CAST(c AS BIGINT) AS numerator, CAST(c + n + u AS BIGINT) AS denominator, CAST(u AS BIGINT) AS unknown,
    CASE WHEN c + n + u = 0 THEN 'nothing to count in the evidence' ELSE {UNWEIGHED} END AS reason
"""

RATIO = """
    CASE WHEN n + u > 0 THEN 1.0 * c / (n + u) END AS lo,
    CASE WHEN n > 0 THEN 1.0 * (c + u) / n END AS hi,
    CAST(c AS BIGINT) AS numerator, CAST(n AS BIGINT) AS denominator, CAST(u AS BIGINT) AS unknown,
    CASE WHEN n + u = 0 THEN 'nothing to compare with in the evidence' WHEN n = 0 THEN 'without an upper bound: nothing to compare with for certain' END
        AS reason
"""

COUNT = """
    CAST(c AS DOUBLE) AS lo, CAST(c + u AS DOUBLE) AS hi,
    CAST(c AS BIGINT) AS numerator, CAST(c + n + u AS BIGINT) AS denominator, CAST(u AS BIGINT) AS unknown, NULL AS reason
"""

AGES = """
    list_sort(list(value) FILTER (WHERE status = 'counted')) AS ages,
    count(*) FILTER (WHERE status = 'counted') AS c,
    count(*) FILTER (WHERE status = 'unknown') AS u
"""

QUANTILES = """
    {median}, {p90},
    CAST(c AS BIGINT) AS numerator, CAST(c + u AS BIGINT) AS denominator, CAST(u AS BIGINT) AS unknown,
    CASE WHEN c + u > 0 AND (c + u + 1) // 2 > c THEN 'without an upper bound: too many are not known' END AS reason
"""


def _quantile(rank: str, lo: str, hi: str) -> str:
    """SQL of the value at a rank (nearest rank, from 1) of known ages: the unknown ones all youngest, or all oldest."""
    return f"""
        CASE WHEN c + u = 0 THEN NULL WHEN {rank} <= u THEN 0 ELSE ages[CAST({rank} - u AS BIGINT)] END AS {lo},
        CASE WHEN {rank} <= c THEN ages[CAST({rank} AS BIGINT)] END AS {hi}
    """


FIGURES = {
    "percent": GROUPED.format(measures=SUMS, figures=SHARE),
    "ratio": GROUPED.format(measures=SUMS, figures=RATIO),
    "count": GROUPED.format(measures=SUMS, figures=COUNT),
    "days": GROUPED.format(
        measures=AGES,
        figures=QUANTILES.format(
            median=_quantile("(c + u + 1) // 2", "lo", "hi"), p90=_quantile("(9 * (c + u) + 9) // 10", "p90_lo", "p90_hi")
        ),
    ),
}
"""By unit: from the subjects of one metric to its figures, for all and by every dimension."""

EMPTY = {"dimension": "all", "numerator": 0, "denominator": 0, "unknown": 0, "reason": "nothing to count in the evidence"}

MORE = """
UPDATE main.metric SET reason = concat_ws('; ', reason, $more) WHERE metric_id = $metric_id AND dimension = 'all'
"""

OURS = "SELECT scope FROM main.account UNION SELECT scope FROM counting.identity WHERE scope IS NOT NULL ORDER BY 1"

DATE = "SELECT min(collected_at) FROM main.coverage WHERE status IN ('collected', 'partial', 'stale') AND list_contains($facts, fact)"
