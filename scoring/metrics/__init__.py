"""Metrics: one SELECT a file, one row per subject (counted, not, unknown), and a figure with bounds from what is unknown.

The files speak of the tables of `counting` (populations.sql) and of `main`. A row that needs facts which were not collected for its scope is
unknown, whatever it says. Nothing to count is no figure, never 0 or 100 %.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from inventory.database import Database
from inventory.model import Fact
from scoring.catalogue import one_of, parameters_of, require_keys, sentence, split
from scoring.questions import gap
from scoring.subjects import GAPS, find_gaps

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
    """Fill `main.metric`. Expects a judged `main`, and the subjects and gaps of `run_checks`."""
    _count(database, as_of, thresholds)
    database.execute(TALLY)
    for one in metrics():
        if one.unit == "days":
            count_subjects(database, one, as_of, thresholds)
            database.execute(AGES, {"metric_id": one.metric_id})
        else:
            database.execute(
                COUNT.format(item=_item(one)), {"metric_id": one.metric_id, "unit": one.unit, **_values(one, as_of, thresholds)}
            )
    database.execute(FIGURES)
    _complete(database)


def _complete(database: Database) -> None:
    """What stands beside a figure: its date, that there was nothing to count, and what may be missing from it."""
    found = {row["metric_id"] for row in database.rows("SELECT DISTINCT metric_id FROM main.metric")}
    dates = {row["fact"]: row["day"] for row in database.rows(DATES)}
    ours = [row["scope"] for row in database.rows(OURS)]
    more = {lists: gap(database, lists, ours) for lists in {one.lists for one in metrics()}}
    database.insert_rows("metric", [{**EMPTY, "metric_id": one.metric_id} for one in metrics() if one.metric_id not in found])
    beside = []
    for one in metrics():
        known = [dates[fact] for fact in (*one.needs, *one.lists) if fact in dates]
        told = f"there may be more: {more[one.lists]} is not known" if more[one.lists] else None
        beside.append({"metric_id": one.metric_id, "data_date": min(known, default=None), "reason": told})
    database.execute("CREATE OR REPLACE TABLE counting.beside AS SELECT metric_id, data_date, reason FROM main.metric LIMIT 0")
    database.insert_rows("beside", beside, schema="counting")
    database.execute(COMPLETE)


def populations(database: Database, as_of: datetime, thresholds: Mapping[str, float], *, of: Metric | None = None) -> None:
    """Fill the schema `counting`, on a judged database or on one that a snapshot was opened in; `of`: only with what one metric is made of."""
    find_gaps(database)
    _count(database, as_of, thresholds, of)


def _count(database: Database, as_of: datetime, thresholds: Mapping[str, float], of: Metric | None = None) -> None:
    database.execute("CREATE SCHEMA IF NOT EXISTS counting")
    text = (files("scoring") / "metrics" / "populations" / "populations.sql").read_text(encoding="utf-8")
    database.script(_made_of(text, _item(of)) if of else text, {**thresholds, "as_of": as_of})


def version_of(one: Metric) -> str:
    """Of all that says whom a metric counts."""
    texts = (
        (files("scoring") / "metrics" / "populations" / "populations.sql").read_text(encoding="utf-8"),
        GAPS,
        _item(one),
        repr(one.needs),
    )
    return hashlib.sha256("".join(texts).encode()).hexdigest()[:10]


def _made_of(text: str, item: str) -> str:
    """The statements of the populations that a metric reads, and those that they read."""
    wanted, kept = set(NAMED.findall(item)), []
    for statement in reversed(text.split(";\n")):
        if (made := MADE.search(statement)) and made[1] in wanted:
            wanted |= set(NAMED.findall(statement))
            kept.append(statement)
    return ";\n".join(reversed(kept))


NAMED = re.compile(r"\bcounting\.(\w+)")
MADE = re.compile(r"^CREATE OR REPLACE (?:TABLE|VIEW) counting\.(\w+)", re.MULTILINE)


def count_subjects(database: Database, one: Metric, as_of: datetime, thresholds: Mapping[str, float]) -> None:
    """Fill `counting.item` with the subjects of one metric. Expects `populations`."""
    database.execute(f"CREATE OR REPLACE TABLE counting.item AS {_item(one)}", _values(one, as_of, thresholds))


def _item(one: Metric) -> str:
    return ITEM.format(sql=one.sql)


def _values(one: Metric, as_of: datetime, thresholds: Mapping[str, float]) -> dict[str, Any]:
    """Parameters of `_item`."""
    values: dict[str, Any] = {**thresholds, "as_of": as_of}
    return {"needs": list(one.needs), **{name: values[name] for name in parameters_of(one.sql)}}


ITEM = """
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

TALLY = """
CREATE OR REPLACE TABLE counting.tally (
    metric_id VARCHAR, unit VARCHAR, provider VARCHAR, environment VARCHAR, team VARCHAR, scope VARCHAR, status VARCHAR, weight DOUBLE, unweighed BIGINT
)
"""
"""Subjects of every metric, counted as finely as any group asks: few rows, however large the estate."""

COUNT = """
INSERT INTO counting.tally
SELECT $metric_id, $unit, provider, environment, team, scope, status, sum(weight), count(*) FILTER (WHERE weight = 0)
FROM ({item}) AS one
GROUP BY provider, environment, team, scope, status
"""

GROUP = """
    CASE WHEN grouping(provider) = 0 THEN 'provider' WHEN grouping(environment) = 0 THEN 'environment'
        WHEN grouping(team) = 0 THEN 'team' WHEN grouping(scope) = 0 THEN 'scope' ELSE 'all' END AS dimension,
    CASE WHEN grouping(provider) = 0 THEN provider WHEN grouping(environment) = 0 THEN environment
        WHEN grouping(team) = 0 THEN team WHEN grouping(scope) = 0 THEN scope END AS grp
"""

FIGURES = f"""
INSERT INTO main.metric BY NAME
WITH counted AS (
    SELECT
        metric_id, unit, {GROUP},
        coalesce(sum(weight) FILTER (WHERE status = 'counted'), 0) AS c,
        coalesce(sum(weight) FILTER (WHERE status = 'not'), 0) AS n,
        coalesce(sum(weight) FILTER (WHERE status = 'unknown'), 0) AS u,
        coalesce(sum(unweighed) FILTER (WHERE status = 'unknown'), 0) AS unweighed
    FROM counting.tally
    GROUP BY GROUPING SETS ((metric_id, unit), (metric_id, unit, provider), (metric_id, unit, environment), (metric_id, unit, team), (metric_id, unit, scope))
)
SELECT
    metric_id, dimension, grp,
    CASE unit WHEN 'count' THEN c WHEN 'ratio' THEN c / nullif(n + u, 0) ELSE 100 * c / nullif(c + n + u, 0) END AS lo,
    CASE unit WHEN 'count' THEN c + u WHEN 'ratio' THEN (c + u) / nullif(n, 0) ELSE 100 * (c + u) / nullif(c + n + u, 0) END AS hi,
    CAST(c AS BIGINT) AS numerator, CAST(CASE unit WHEN 'ratio' THEN n ELSE c + n + u END AS BIGINT) AS denominator, CAST(u AS BIGINT) AS unknown,
    CASE
        WHEN unit = 'percent' AND c + n + u = 0 THEN 'nothing to count in the evidence'
        WHEN unit = 'ratio' AND n + u = 0 THEN 'nothing to compare with in the evidence'
        WHEN unit = 'ratio' AND n = 0 THEN 'without an upper bound: nothing to compare with for certain'
        WHEN unweighed > 0 THEN unweighed || ' more are not known at all, and weigh nothing here'
    END AS reason
FROM counted
"""


def _quantile(rank: str, lo: str, hi: str) -> str:
    """SQL of the value at a rank (nearest rank, from 1) of known ages: the unknown ones all youngest, or all oldest."""
    return f"""
        CASE WHEN c + u = 0 THEN NULL WHEN {rank} <= u THEN 0 ELSE ages[CAST({rank} - u AS BIGINT)] END AS {lo},
        CASE WHEN {rank} <= c THEN ages[CAST({rank} AS BIGINT)] END AS {hi}
    """


AGES = f"""
INSERT INTO main.metric BY NAME
WITH counted AS (
    SELECT
        {GROUP},
        list_sort(list(value) FILTER (WHERE status = 'counted')) AS ages,
        count(*) FILTER (WHERE status = 'counted') AS c,
        count(*) FILTER (WHERE status = 'unknown') AS u
    FROM counting.item
    GROUP BY GROUPING SETS ((), (provider), (environment), (team), (scope))
    HAVING count(*) > 0
)
SELECT
    $metric_id AS metric_id, dimension, grp,
    {_quantile("(c + u + 1) // 2", "lo", "hi")},
    {_quantile("(9 * (c + u) + 9) // 10", "p90_lo", "p90_hi")},
    CAST(c AS BIGINT) AS numerator, CAST(c + u AS BIGINT) AS denominator, CAST(u AS BIGINT) AS unknown,
    CASE WHEN c + u > 0 AND (c + u + 1) // 2 > c THEN 'without an upper bound: too many are not known' END AS reason
FROM counted
"""

EMPTY = {"dimension": "all", "numerator": 0, "denominator": 0, "unknown": 0, "reason": "nothing to count in the evidence"}

COMPLETE = """
UPDATE main.metric AS m
SET data_date = b.data_date, reason = CASE WHEN m.dimension = 'all' THEN nullif(concat_ws('; ', m.reason, b.reason), '') ELSE m.reason END
FROM counting.beside AS b
WHERE b.metric_id = m.metric_id
"""

OURS = "SELECT scope FROM main.account UNION SELECT scope FROM counting.identity WHERE scope IS NOT NULL ORDER BY 1"

DATES = "SELECT fact, min(collected_at) AS day FROM main.coverage WHERE status IN ('collected', 'partial', 'stale') AND collected_at IS NOT NULL GROUP BY fact"
