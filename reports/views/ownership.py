"""Who answers for each identity: the attestation queue, and how much of it lies with each team or account.

The verdicts are those of the owner checks (findings); what only a list declares, and neither a tag nor a directory confirms, waits too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.store import Database
from reports.views.evidence import Rows, located
from reports.views.filters import ALL, Filter, condition, described
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

_WAITING = """
    verdict AS (
        SELECT subject_id AS identity_id,
               bool_or(check_id = 'owner-departed' AND status = 'fail') AS gone,
               bool_or(check_id <> 'owner-departed' AND status = 'fail') AS missing,
               string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason, list_distinct(flatten(list(evidence))) AS evidence
        FROM finding WHERE {not_owned} GROUP BY subject_id
    ), said AS (
        SELECT identity_id, list(DISTINCT owner_id ORDER BY owner_id) AS owners, list(DISTINCT evidence ORDER BY evidence) AS evidence,
               bool_and(basis = 'declared') AS only_declared
        FROM ownership GROUP BY identity_id
    ), assignment AS (
        SELECT identity_id, string_agg(owner || ' by ' || who || ', ' || strftime(decided_at, '%Y-%m-%d'), '; ' ORDER BY decided_at) AS assigned
        FROM {assigned} GROUP BY identity_id
    ), waiting AS (
        SELECT 'identity' AS subject_kind, i.identity_id AS subject_id, i.identity_id, i.name, i.scope,
               CASE WHEN v.missing THEN 'nobody' WHEN v.gone THEN 'left' WHEN v.identity_id IS NOT NULL THEN 'unknown' ELSE 'declared' END AS state,
               coalesce(v.reason, 'only a list that was supplied names its owner, no tag and no directory') AS reason,
               o.owners, a.assigned, list_distinct(list_concat(coalesce(v.evidence, []), coalesce(o.evidence, []))) AS evidence
        FROM identity AS i
        LEFT JOIN verdict AS v ON v.identity_id = i.identity_id
        LEFT JOIN said AS o ON o.identity_id = i.identity_id
        LEFT JOIN assignment AS a ON a.identity_id = i.identity_id
        WHERE v.identity_id IS NOT NULL OR (o.only_declared AND i.in_scope AND i.human <> 'human')
    )
"""


def _queue(database: Database, within: Filter, state: str | None) -> tuple[str, dict[str, Any]]:
    """SQL of those that wait (`queue`) of a state (any: None), and its parameters."""
    only, params = condition(database, within)
    waiting = _WAITING.format(not_owned=NOT_OWNED, assigned=assigned(database))
    sql = f"""
        WITH {waiting}, queue AS (
            SELECT * FROM {described("waiting")} WHERE ($state IS NULL OR state = $state) AND {only}
        )
    """
    return sql, {"state": state, **params}


def _listed(database: Database, within: Filter, state: str | None) -> tuple[str, dict[str, Any]]:
    sql, params = _queue(database, within, state)
    ranks = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(STATES))
    return f"""
        {sql} SELECT * FROM queue
        ORDER BY assigned IS NOT NULL, CASE state {ranks} END,
                 CASE privilege WHEN 'admin' THEN 0 WHEN 'unknown' THEN 1 WHEN 'write' THEN 2 ELSE 3 END, name, subject_id
    """, params  # fmt: skip


def attestation_page(database: Database, within: Filter = ALL, state: str | None = None, *, limit: int, offset: int = 0) -> Rows:
    """One page of those whose owner somebody must attest: those that nobody was assigned to first, then by state and privilege."""
    sql, params = _listed(database, within, state)
    return _told(database.rows(f"{sql} LIMIT {int(limit)} OFFSET {int(offset)}", params))


def attestation_batches(database: Database, within: Filter = ALL, state: str | None = None) -> Iterator[Rows]:
    """All of them, in the same order, in batches."""
    return map(_told, database.batches(*_listed(database, within, state)))


def _told(rows: Rows) -> Rows:
    return [{**row, "says": STATES[row["state"]], "evidence": [located(reference) for reference in row["evidence"]]} for row in rows]


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
    ["count(*) AS n", *(f"count(*) FILTER (WHERE state = '{name}') AS {name}" for name in STATES), "count(assigned) AS assigned"]
)
