"""Least privilege: what is granted against what is used, over all identities and one by one, and the ways to more.

The permission-creep index of any set of identities is the weight of what is unused among the weight of what is granted, in percent:
an interval, since of some permissions nothing tells whether they are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.filters import ALL, Filter, condition, narrowed
from reports.views.stages import MEASURED, NOT_STATED

GROUPS = {"provider": "provider", "scope": "account", "team": "team", "environment": "environment", "privilege": "privilege"}
"""Columns that identities can be grouped by, and what people call them."""

ACTIONS = {
    "disable": "Disable: no use seen",
    "narrow": "Narrow: take the unused away",
    "wait": "Wait: a guard holds it back",
    "none": "Nothing to take away",
    "unknown": "Cannot be judged",
}
"""What is proposed, in words; in the order of what to do first."""

WAYS_SHOWN = 100
"""Ways to more privilege that a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessFilter:
    """What to list; None means all."""

    within: Filter = ALL
    action: str | None = None
    text: str | None = None
    """Part of the name or id, any case."""


def _creep(low: str, high: str, only: str = "true") -> str:
    """SQL of the index over a group, as two columns; `only`: over those of its identities that meet a condition."""
    whole, unused, unknown = (f"sum({column}) FILTER (WHERE {only})" for column in ("weight", "weight_unused", "weight_open"))
    return f"""
        CASE WHEN {whole} > 0 THEN 100.0 * {unused} / {whole} END AS {low},
        CASE WHEN {whole} > 0 THEN 100.0 * ({unused} + {unknown}) / {whole} END AS {high}
    """


_CREEP = _creep("creep_lo", "creep_hi")
_SEEN = _creep("seen_lo", "seen_hi", only="window_days IS NOT NULL")
_SCALE = "CASE action WHEN 'disable' THEN 0 WHEN 'narrow' THEN 1 WHEN 'wait' THEN 2 WHEN 'unknown' THEN 3 ELSE 4 END"


def _wanted(database: Database, wanted: AccessFilter, of: str = MEASURED) -> tuple[str, dict[str, Any]]:
    """SQL of everyone whose permissions were counted in a schema (`holder`) and of those that are asked for (`wanted`), and its parameters."""
    only, params = condition(database, wanted.within)
    sql = f"""
    WITH way AS (
        SELECT identity_id, count(*) FILTER (WHERE certainty = 'certain') AS ways_certain, count(*) AS ways FROM escalation GROUP BY identity_id
    ),
    holder AS (
        SELECT l.*, s.name, s.provider, s.scope, s.kind, s.environment, s.team, p.stage_lo, v.privilege,
               coalesce(y.ways, 0) AS ways, coalesce(y.ways_certain, 0) AS ways_certain,
               CASE WHEN l.weight > 0 THEN 100.0 * l.weight_unused / l.weight END AS creep_lo,
               CASE WHEN l.weight > 0 THEN 100.0 * (l.weight_unused + l.weight_open) / l.weight END AS creep_hi
        FROM {of}.least_privilege AS l
        JOIN subject AS s ON s.subject_kind = 'identity' AND s.subject_id = l.identity_id
        LEFT JOIN placement AS p ON p.subject_kind = 'identity' AND p.subject_id = l.identity_id
        LEFT JOIN privilege AS v ON v.identity_id = l.identity_id
        LEFT JOIN way AS y ON y.identity_id = l.identity_id
    ),
    wanted AS (
        SELECT * FROM holder
        WHERE ($action IS NULL OR action = $action)
          AND ($text IS NULL OR contains(lower(name), lower($text)) OR contains(lower(identity_id), lower($text)))
          AND {only}
    )
    """
    return sql, {"action": wanted.action, "text": wanted.text, **params}


_POLICIES = """(
    SELECT w.*, coalesce(p.policies, 0) AS policies
    FROM {listed} AS w
    LEFT JOIN (
        SELECT identity_id, count(DISTINCT coalesce(document_id, policy_id, policy_name) || coalesce(resource, '')) AS policies
        FROM entitlement SEMI JOIN {listed} USING (identity_id)
        GROUP BY identity_id
    ) AS p ON p.identity_id = w.identity_id
)"""
"""SQL of identities, with how many policies or roles each has: counted of those that are listed alone."""


def access_totals(database: Database, wanted: AccessFilter, of: str = MEASURED) -> dict[str, Any]:
    """The creep index of all that match, and how many identities stand behind it.

    `identities`; `judged` and `unjudged` (their permissions are known, or not); `seen` (with some evidence of use; `seen_lo` and `seen_hi` are
    the index over those alone); `actions` (by what is proposed); `ways_certain` and `ways_possible` (identities with an open escalation path).
    `of`: the schema that is counted, as in views/stages.py.
    """
    people, params = _wanted(database, wanted, of)
    row = database.rows(
        f"""
        {people}
        SELECT count(*) AS identities, count(granted) AS judged, count(*) - count(granted) AS unjudged,
               count(*) FILTER (WHERE window_days IS NOT NULL) AS seen,
               CAST(sum(granted) AS BIGINT) AS granted, CAST(sum(used) AS BIGINT) AS used, CAST(sum(unused) AS BIGINT) AS unused,
               CAST(sum(likely_unused) + sum(unknown) AS BIGINT) AS open,
               count(*) FILTER (WHERE ways_certain > 0) AS ways_certain,
               count(*) FILTER (WHERE ways > 0 AND ways_certain = 0) AS ways_possible,
               histogram(action) AS actions, {_CREEP}, {_SEEN}
        FROM wanted
        """,
        params,
    )[0]
    return {**row, "actions": {action: (row["actions"] or {}).get(action, 0) for action in ACTIONS}}


def creep_by(database: Database, column: str, wanted: AccessFilter, *, limit: int = 20) -> Rows:
    """The creep index of each group, the largest unused weight first: `group`, `identities`, `judged`, `granted`, `used`, `unused`, `open`, bounds."""
    if column not in GROUPS:
        raise ValueError(f"{column}: not one of {', '.join(GROUPS)}")
    people, params = _wanted(database, wanted)
    return database.rows(
        f"""
        {people}
        SELECT coalesce({column}, '{NOT_STATED}') AS "group", count(*) AS identities, count(granted) AS judged,
               CAST(sum(granted) AS BIGINT) AS granted, CAST(sum(used) AS BIGINT) AS used, CAST(sum(unused) AS BIGINT) AS unused,
               CAST(sum(likely_unused) + sum(unknown) AS BIGINT) AS open, {_CREEP}
        FROM wanted GROUP BY 1
        ORDER BY sum(weight_unused) DESC NULLS LAST, 1
        LIMIT {int(limit)}
        """,
        params,
    )


def _listed(database: Database, wanted: AccessFilter, page: str = "") -> tuple[str, dict[str, Any]]:
    """SQL of those that match, in order; `page`: its LIMIT."""
    sql, params = _wanted(database, wanted)
    order = f"ORDER BY {_SCALE}, weight_unused DESC NULLS LAST, name, identity_id"
    listed = f", listed AS MATERIALIZED (SELECT * FROM wanted {order} {page}) SELECT * FROM {_POLICIES.format(listed='listed')} {order}"
    return sql + listed, params


def access_page(database: Database, wanted: AccessFilter, *, limit: int, offset: int = 0) -> Rows:
    """One page of identities: what to act on first, then by the weight that would go."""
    return _located(database.rows(*_listed(database, wanted, f"LIMIT {int(limit)} OFFSET {int(offset)}")))


def access_batches(database: Database, wanted: AccessFilter) -> Iterator[Rows]:
    """All of them, in the order of the pages, in batches."""
    return map(_located, database.batches(*_listed(database, wanted)))


def _located(rows: Rows) -> Rows:
    return [{**row, "evidence": [located(reference) for reference in row["evidence"]]} for row in rows]


def access_count(database: Database, wanted: AccessFilter) -> int:
    """How many identities `access_page` pages over."""
    return access_counts(database, wanted)["n"]


def access_counts(database: Database, wanted: AccessFilter) -> dict[str, int]:
    """How many identities there are (`n`), and of how many the permissions are not known (`unknown`)."""
    sql, params = _wanted(database, wanted)
    counts = database.rows(f"{sql} SELECT count(*) AS n, count(*) - count(granted) AS unknown FROM wanted", params)
    return {name: int(value) for name, value in counts[0].items()}


def effort_and_gain(database: Database, wanted: AccessFilter, *, limit: int = 100) -> Rows:
    """Identities worth acting on: how many policies or roles must be touched, and how much weight goes. Largest gain first."""
    people, params = _wanted(database, wanted)
    return database.rows(
        f"""
        {people}, worth AS MATERIALIZED (
            SELECT identity_id, name, action, confidence, weight, weight_unused FROM wanted
            WHERE action IN ('disable', 'narrow') AND weight_unused > 0
        )
        SELECT identity_id, name, action, confidence, policies, weight, weight_unused FROM {_POLICIES.format(listed="worth")}
        ORDER BY weight_unused DESC, policies, name
        LIMIT {int(limit)}
        """,
        params,
    )


def access_of(database: Database, identity_id: str) -> dict[str, Any] | None:
    """The row of one identity, or None when least privilege says nothing of it (people, what is out of scope)."""
    sql, params = _wanted(database, AccessFilter())
    one = f"{sql}, one AS (SELECT * FROM wanted WHERE identity_id = $id) SELECT * FROM {_POLICIES.format(listed='one')}"
    found = _located(database.rows(one, {**params, "id": identity_id}))
    return found[0] if found else None


def escalations(database: Database, identity_id: str | None = None, *, within: Filter = ALL, limit: int | None = None) -> Rows:
    """Ways to more privilege, certain before possible, to administration first; of one identity when it is given."""
    rows, params = narrowed(database, f"({_WAYS})", within)
    found = database.rows(
        f"""
        SELECT e.*, i.name, t.name AS target FROM {rows} AS e
        JOIN identity AS i ON i.identity_id = e.identity_id
        LEFT JOIN identity AS t ON t.identity_id = e.target_id
        {"WHERE e.identity_id = $id" if identity_id is not None else ""}
        ORDER BY e.certainty, CASE e.gains WHEN 'admin' THEN 0 WHEN 'unknown' THEN 1 WHEN 'write' THEN 2 ELSE 3 END, i.name, e.path_id, e.target_id
        {f"LIMIT {int(limit)}" if limit is not None else ""}
        """,
        {**({"id": identity_id} if identity_id is not None else {}), **params},
    )
    return _located(found)


def escalation_counts(database: Database, within: Filter = ALL) -> dict[str, int]:
    """How many ways to more privilege there are (`n`), and how many of them are possible, not certain (`unknown`)."""
    rows, params = narrowed(database, f"({_WAYS})", within)
    counts = database.rows(f"SELECT count(*) AS n, count(*) FILTER (WHERE certainty <> 'certain') AS unknown FROM {rows}", params)[0]
    return {name: int(value) for name, value in counts.items()}


_WAYS = "SELECT e.*, 'identity' AS subject_kind, i.identity_id AS subject_id, i.scope FROM escalation AS e JOIN identity AS i USING (identity_id)"


def interval(low: float | None, high: float | None) -> str:
    """A creep index as text: `12–85`; one number where nothing is open; a dash where nothing could be judged."""
    if low is None or high is None:
        return "—"
    first, last = f"{low:.0f}", f"{high:.0f}"
    return first if first == last else f"{first}–{last}"
