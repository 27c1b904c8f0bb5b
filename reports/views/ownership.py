"""Who answers for each identity: the attestation queue, and how much of it lies with each team or account.

The verdicts are those of the owner checks (findings); what only a list declares, and neither a tag nor a directory confirms, waits too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.filters import ALL, Filter, condition
from reports.views.programme import NOT_OWNED, assigned
from reports.views.stages import NOT_STATED, account_names

STATES = {
    "nobody": "nobody is named",
    "left": "the owner has left",
    "unknown": "not known",
    "declared": "declared without proof",
}
"""Why an identity waits for someone to attest that it is theirs; the worst first."""

GROUPS = {"team": "team", "scope": "account", "environment": "environment", "provider": "provider"}
"""Columns that the queue can be grouped by, and what people call them."""

_QUEUE = """
    WITH verdict AS (
        SELECT subject_id AS identity_id,
               bool_or(check_id = 'owner-departed' AND status = 'fail') AS gone,
               bool_or(check_id <> 'owner-departed' AND status = 'fail') AS missing
        FROM finding WHERE {not_owned} GROUP BY subject_id
    ), said AS (
        SELECT identity_id FROM ownership GROUP BY identity_id HAVING bool_and(basis = 'declared')
    ), assignment AS (
        SELECT DISTINCT identity_id FROM {assigned}
    ), waiting AS (
        SELECT i.identity_id, i.identity_id AS subject_id, i.name, i.scope, i.provider, i.kind, coalesce(p.team, i.team) AS team,
               coalesce(p.environment, i.environment) AS environment, p.stage_lo, coalesce(p.privilege, v.privilege, 'unknown') AS privilege,
               CASE WHEN w.missing THEN 'nobody' WHEN w.gone THEN 'left' WHEN w.identity_id IS NOT NULL THEN 'unknown' ELSE 'declared' END AS state,
               a.identity_id IS NOT NULL AS has_assignment
        FROM identity AS i
        LEFT JOIN verdict AS w ON w.identity_id = i.identity_id
        LEFT JOIN said AS o ON o.identity_id = i.identity_id
        LEFT JOIN assignment AS a ON a.identity_id = i.identity_id
        LEFT JOIN placement AS p ON p.subject_kind = 'identity' AND p.subject_id = i.identity_id
        LEFT JOIN privilege AS v ON v.identity_id = i.identity_id
        WHERE w.identity_id IS NOT NULL OR (o.identity_id IS NOT NULL AND i.in_scope AND i.human <> 'human')
    ), queue AS (
        SELECT * FROM waiting WHERE ($state IS NULL OR state = $state) AND {only}
    )
"""
"""Who waits, and why in one word. Sentences and records are looked up for the rows that are shown: of all they would take seconds."""

_WHY = """
    SELECT i.identity_id, w.reason, o.owners, a.assigned, list_distinct(list_concat(coalesce(w.evidence, []), coalesce(o.evidence, []))) AS evidence
    FROM (SELECT unnest($ids) AS identity_id) AS i
    LEFT JOIN (
        SELECT subject_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason, list_sort(list_distinct(flatten(list(evidence)))) AS evidence
        FROM finding WHERE {not_owned} AND list_contains($ids, subject_id) GROUP BY subject_id
    ) AS w ON w.subject_id = i.identity_id
    LEFT JOIN (
        SELECT identity_id, list(DISTINCT owner_id ORDER BY owner_id) AS owners, list(DISTINCT evidence ORDER BY evidence) AS evidence
        FROM ownership WHERE list_contains($ids, identity_id) GROUP BY identity_id
    ) AS o ON o.identity_id = i.identity_id
    LEFT JOIN (
        SELECT identity_id, string_agg(owner || ' by ' || who || ', ' || strftime(decided_at, '%Y-%m-%d'), '; ' ORDER BY decided_at) AS assigned
        FROM {assigned} GROUP BY identity_id
    ) AS a ON a.identity_id = i.identity_id
"""

BY_LIST = "only a list that was supplied names its owner, no tag and no directory"


def _queue(database: Database, within: Filter, state: str | None) -> tuple[str, dict[str, Any]]:
    """SQL of those that wait (`queue`) of a state (any: None), and its parameters."""
    only, params = condition(database, within)
    return _QUEUE.format(not_owned=NOT_OWNED, assigned=assigned(database), only=only), {"state": state, **params}


def _listed(database: Database, within: Filter, state: str | None) -> tuple[str, dict[str, Any]]:
    sql, params = _queue(database, within, state)
    ranks = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(STATES))
    return f"""
        {sql} SELECT * FROM queue
        ORDER BY has_assignment, CASE state {ranks} END,
                 CASE privilege WHEN 'admin' THEN 0 WHEN 'unknown' THEN 1 WHEN 'write' THEN 2 ELSE 3 END, name, subject_id
    """, params  # fmt: skip


def attestation_page(database: Database, within: Filter = ALL, state: str | None = None, *, limit: int, offset: int = 0) -> Rows:
    """One page of those whose owner somebody must attest: those that nobody was assigned to first, then by state and privilege."""
    sql, params = _listed(database, within, state)
    return _told(database, database.rows(f"{sql} LIMIT {int(limit)} OFFSET {int(offset)}", params))


def attestation_batches(database: Database, within: Filter = ALL, state: str | None = None) -> Iterator[Rows]:
    """All of them, in the same order, in batches."""
    return (_told(database, rows) for rows in database.batches(*_listed(database, within, state)))


def _told(database: Database, rows: Rows) -> Rows:
    """Rows of the queue with `says`, `reason`, `owners`, `assigned` and `evidence`."""
    sql = _WHY.format(not_owned=NOT_OWNED, assigned=assigned(database))
    known = {why["identity_id"]: why for why in database.rows(sql, {"ids": [row["identity_id"] for row in rows]})} if rows else {}
    return [{**row, "says": STATES[row["state"]], **_why(known[row["identity_id"]])} for row in rows]


def _why(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "reason": found["reason"] or BY_LIST, "evidence": [located(reference) for reference in found["evidence"]]}


def attestation_counts(database: Database, within: Filter = ALL, state: str | None = None) -> dict[str, int]:
    """How many wait (`n`), how many by state, and how many of all were assigned to someone here (`assigned`)."""
    sql, params = _queue(database, within, state)
    counted = database.rows(f"{sql} SELECT {_COUNTS} FROM queue", params)[0]
    return {name: int(value) for name, value in counted.items()}


def attestation_groups(database: Database, column: str, within: Filter = ALL) -> Rows:
    """Those that wait in each group, the largest first: `value`, `group` (as printed), `n`, a count per state, `assigned`."""
    if column not in GROUPS:
        raise ValueError(f"{column}: not one of {', '.join(GROUPS)}")
    sql, params = _queue(database, within, None)
    rows = database.rows(
        f"{sql} SELECT coalesce({column}, '{NOT_STATED}') AS value, {_COUNTS} FROM queue GROUP BY 1 ORDER BY n DESC, 1", params
    )
    labels = account_names(database) if column == "scope" else {}
    return [{**row, "group": labels.get(row["value"], row["value"])} for row in rows]


_COUNTS = ", ".join(
    [
        "count(*) AS n",
        *(f"count(*) FILTER (WHERE state = '{name}') AS {name}" for name in STATES),
        "count(*) FILTER (WHERE has_assignment) AS assigned",
    ]
)
