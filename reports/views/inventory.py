"""The inventory: every identity, and what is placed without one, in pages that the database cuts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows
from reports.views.filters import ALL, Filter, condition

PLACED, NO_PATH, HUMAN, OUT_OF_SCOPE, EVERYTHING = "placed", "no active path", "human", "out of scope", "everything"
POPULATIONS = (PLACED, NO_PATH, HUMAN, OUT_OF_SCOPE, EVERYTHING)
"""Which part of the inventory to list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryFilter:
    """What to list; None means all."""

    within: Filter = ALL
    population: str = PLACED
    most: int | None = None
    """Upper bound of the stage."""
    text: str | None = None
    """Part of the name or id, any case."""


_SUBJECT = f"""
    WITH subject AS (
        SELECT 'identity' AS subject_kind, i.identity_id AS subject_id, i.name, i.kind, i.provider, i.scope,
               coalesce(p.environment, i.environment) AS environment, coalesce(p.team, i.team) AS team,
               p.stage_lo, p.stage_hi, p.paths, p.mixed, coalesce(p.privilege, v.privilege) AS privilege,
               coalesce(i.last_used_at, c.last_used_at) AS last_used_at, i.last_used_known,
               CASE WHEN NOT i.in_scope THEN '{OUT_OF_SCOPE}' WHEN i.human = 'human' THEN '{HUMAN}'
                    WHEN p.stage_lo IS NULL THEN '{NO_PATH}' ELSE '{PLACED}' END AS population,
               coalesce(i.scope_reason, i.human_basis) AS note
        FROM identity AS i
        LEFT JOIN placement AS p ON p.subject_kind = 'identity' AND p.subject_id = i.identity_id
        LEFT JOIN privilege AS v ON v.identity_id = i.identity_id
        LEFT JOIN (SELECT identity_id, max(last_used_at) AS last_used_at FROM credential GROUP BY identity_id) AS c ON c.identity_id = i.identity_id
        UNION ALL
        SELECT p.subject_kind, p.subject_id, p.name, p.kind, p.provider, p.scope, p.environment, p.team,
               p.stage_lo, p.stage_hi, p.paths, p.mixed, p.privilege, NULL, NULL, '{PLACED}',
               CASE p.subject_kind WHEN 'credential' THEN 'no source names its identity' ELSE 'open to callers without an identity' END
        FROM placement AS p WHERE p.subject_kind <> 'identity'
    )
"""


def _wanted(database: Database, wanted: InventoryFilter) -> tuple[str, dict[str, Any]]:
    """SQL of the subjects asked for, and its parameters."""
    only, params = condition(database, wanted.within, identity="subject_id")
    sql = f"""
        {_SUBJECT}, wanted AS (
            SELECT * FROM subject
            WHERE ($population = '{EVERYTHING}' OR population = $population) AND ($most IS NULL OR stage_hi = $most)
              AND ($text IS NULL OR contains(lower(name), lower($text)) OR contains(lower(subject_id), lower($text)))
              AND {only}
        )
    """
    return sql, {"population": wanted.population, "most": wanted.most, "text": wanted.text, **params}


def _listed(database: Database, wanted: InventoryFilter) -> tuple[str, dict[str, Any]]:
    sql, params = _wanted(database, wanted)
    return f"{sql} SELECT * FROM wanted ORDER BY stage_lo NULLS LAST, stage_hi NULLS LAST, name, subject_id", params


def inventory_page(database: Database, wanted: InventoryFilter, *, limit: int, offset: int = 0) -> Rows:
    """One page, weakest first."""
    sql, params = _listed(database, wanted)
    return database.rows(f"{sql} LIMIT {int(limit)} OFFSET {int(offset)}", params)


def inventory_batches(database: Database, wanted: InventoryFilter) -> Iterator[Rows]:
    """All of them, in the order of the pages, in batches."""
    return database.batches(*_listed(database, wanted))


def inventory_count(database: Database, wanted: InventoryFilter) -> int:
    """How many subjects `inventory_page` pages over."""
    return inventory_counts(database, wanted)["n"]


def inventory_counts(database: Database, wanted: InventoryFilter) -> dict[str, int]:
    """How many subjects there are (`n`), and how many of them have no single stage (`unknown`): an interval, or none."""
    sql, params = _wanted(database, wanted)
    counts = database.rows(
        f"{sql} SELECT count(*) AS n, count(*) FILTER (WHERE stage_lo IS DISTINCT FROM stage_hi OR stage_lo IS NULL) AS unknown FROM wanted",
        params,
    )
    return {name: int(value) for name, value in counts[0].items()}
