"""The inventory: every identity, and what is placed without one, in pages that the database cuts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from inventory.store import Database
from reports.views.evidence import Rows
from reports.views.stages import NOT_STATED

PLACED, NO_PATH, HUMAN, OUT_OF_SCOPE, EVERYTHING = "placed", "no active path", "human", "out of scope", "everything"
POPULATIONS = (PLACED, NO_PATH, HUMAN, OUT_OF_SCOPE, EVERYTHING)
"""Which part of the inventory to list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryFilter:
    """What to list; None means all. `NOT_STATED` asks for subjects whose source did not say."""

    population: str = PLACED
    stage: int | None = None
    """Lower bound."""
    most: int | None = None
    """Upper bound."""
    scope: str | None = None
    team: str | None = None
    kind: str | None = None
    environment: str | None = None
    privilege: str | None = None
    text: str | None = None
    """Part of the name or id, any case."""


_SUBJECT = f"""
    WITH subject AS (
        SELECT 'identity' AS subject_kind, i.identity_id AS subject_id, i.name, i.kind, i.provider, i.scope, i.environment, i.team,
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
    ),
    wanted AS (
        SELECT * FROM subject
        WHERE ($population = '{EVERYTHING}' OR population = $population)
          AND ($stage IS NULL OR stage_lo = $stage) AND ($most IS NULL OR stage_hi = $most)
          AND ($scope IS NULL OR coalesce(scope, '{NOT_STATED}') = $scope)
          AND ($team IS NULL OR coalesce(team, '{NOT_STATED}') = $team)
          AND ($kind IS NULL OR kind = $kind)
          AND ($environment IS NULL OR coalesce(environment, '{NOT_STATED}') = $environment)
          AND ($privilege IS NULL OR coalesce(privilege, 'unknown') = $privilege)
          AND ($text IS NULL OR contains(lower(name), lower($text)) OR contains(lower(subject_id), lower($text)))
    )
"""


def inventory_page(database: Database, wanted: InventoryFilter, *, limit: int, offset: int = 0) -> Rows:
    """One page, weakest first."""
    return database.rows(
        f"""
        {_SUBJECT}
        SELECT * FROM wanted
        ORDER BY stage_lo NULLS LAST, stage_hi NULLS LAST, name, subject_id
        LIMIT {int(limit)} OFFSET {int(offset)}
        """,
        _params(wanted),
    )


def inventory_count(database: Database, wanted: InventoryFilter) -> int:
    """How many subjects `inventory_page` pages over."""
    return int(database.value(f"{_SUBJECT} SELECT count(*) FROM wanted", _params(wanted)))


def inventory_options(database: Database) -> dict[str, list[str]]:
    """The values each filter can take, `NOT_STATED` last where a source did not say."""
    options = {}
    for column in ("scope", "team", "kind", "environment", "privilege"):
        sql = f"{_SUBJECT} SELECT DISTINCT {column} AS value FROM wanted ORDER BY 1 NULLS LAST"
        values = [row["value"] for row in database.rows(sql, _params(InventoryFilter(population=EVERYTHING)))]
        options[column] = [value for value in values if value is not None]
        if None in values and column in ("scope", "team", "environment"):
            options[column].append(NOT_STATED)
    return options


def _params(wanted: InventoryFilter) -> dict[str, Any]:
    return {field.name: getattr(wanted, field.name) for field in fields(wanted)}
