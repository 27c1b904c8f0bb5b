"""One filter for every list: which identities, findings, entitlements and proposals are shown, as a condition with parameters.

A value asks for exactly itself, case and all; several values of one name are alternatives; names are joined by `and`. What belongs to an
identity (a finding about its key, its permissions) is found by the identity's own values; its account is the one that it is judged in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from inventory.database import Database
from reports.views.stages import NOT_STATED, account_names
from scoring.attained import STAGES

NAMES = {
    "provider": "Provider",
    "account": "Account",
    "team": "Team",
    "environment": "Environment",
    "kind": "Kind",
    "stage": "Stage, lower bound",
    "privilege": "Privilege",
    "owner": "Owner",
}
"""What can be filtered by, and what people call it; the names stand in the address."""

NOT_PLACED = "not placed"
"""Asks for subjects that stand on no stage."""

PRIVILEGES = ("admin", "write", "read", "none", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Values asked for, by name; an empty one asks for all. `NOT_STATED` asks for those of which no source says it."""

    provider: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    """Lower bounds: `1` to `7`, or `NOT_PLACED`."""
    privilege: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    """As a source names them, or as assigned by people."""

    @classmethod
    def of(cls, chosen: Mapping[str, Iterable[str]]) -> Self:
        """From values by name; other names are left out."""
        return cls(**{name: tuple(chosen.get(name, ())) for name in NAMES})

    def active(self) -> dict[str, tuple[str, ...]]:
        """Names that narrow the list, with their values."""
        return {field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name)}


ALL = Filter()
"""Narrows nothing."""

_SAID = {
    "provider": f"coalesce(provider, '{NOT_STATED}')",
    "account": f"coalesce(scope, '{NOT_STATED}')",
    "team": f"coalesce(team, '{NOT_STATED}')",
    "environment": f"coalesce(environment, '{NOT_STATED}')",
    "kind": f"coalesce(kind, '{NOT_STATED}')",
    "stage": f"coalesce(CAST(stage_lo AS VARCHAR), '{NOT_PLACED}')",
    "privilege": "coalesce(privilege, 'unknown')",
}


def condition(database: Database, wanted: Filter, *, identity: str = "identity_id") -> tuple[str, dict[str, Any]]:
    """SQL that holds for the rows asked for, and its parameters. Of the rows it needs the columns provider, scope, team, environment, kind,
    stage_lo and privilege, as far as the filter speaks of them; `identity`: SQL of the identity's id (NULL: it has none)."""
    chosen = wanted.active()
    parts = [f"list_contains($only_{name}, {_SAID[name]})" for name in chosen if name != "owner"]
    if wanted.owner:
        parts.append(_owned(database, identity, nobody=NOT_STATED in wanted.owner))
    return " AND ".join(parts) or "true", {f"only_{name}": list(values) for name, values in chosen.items()}


def _owned(database: Database, identity: str, *, nobody: bool) -> str:
    """SQL that holds for identities of the owners asked for, and with `nobody` for those without any."""
    known = f"coalesce({identity}, '')"
    mine = f"{known} IN (SELECT identity_id FROM {owners(database)} WHERE list_contains($only_owner, owner))"
    return f"({mine} OR {known} NOT IN (SELECT identity_id FROM {owners(database)}))" if nobody else mine


def owners(database: Database) -> str:
    """SQL of owners by identity (`identity_id`, `owner`): those that sources name, and those that people assigned where decisions are laid over."""
    assigned = """
        UNION ALL
        SELECT o.subject_id, w.owner FROM decided.about AS o JOIN decided.owner AS w ON w.owner_id = o.id
        WHERE o.kind = 'owners' AND o.subject_kind = 'identity'
    """
    named = "SELECT identity_id, owner_id AS owner FROM ownership WHERE identity_id IS NOT NULL"
    return f"({named}{assigned if database.tables('decided') else ''})"


def described(rows: str) -> str:
    """SQL of rows (with subject_kind, subject_id, identity_id and scope) with what is filtered by: that of the identity that a row belongs to, else
    of the subject itself; of what is no subject, that of its account."""
    return f"""(
        SELECT x.*, coalesce(s.provider, a.provider) AS provider, s.kind, s.team,
               CASE WHEN s.subject_id IS NULL THEN a.environment ELSE s.environment END AS environment,
               p.stage_lo, coalesce(p.privilege, v.privilege, 'unknown') AS privilege
        FROM {rows} AS x
        LEFT JOIN subject AS s
            ON s.subject_kind = CASE WHEN x.identity_id IS NULL THEN x.subject_kind ELSE 'identity' END
            AND s.subject_id = coalesce(x.identity_id, x.subject_id)
        LEFT JOIN placement AS p ON p.subject_kind = s.subject_kind AND p.subject_id = s.subject_id
        LEFT JOIN privilege AS v ON v.identity_id = x.identity_id
        LEFT JOIN account AS a ON a.scope = x.scope
    )"""


def narrowed(database: Database, rows: str, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """SQL of those of the rows (as `described` takes them) that are asked for, and its parameters; all of them without a filter."""
    if not wanted.active():
        return rows, {}
    sql, params = condition(database, wanted)
    return f"(SELECT * FROM {described(rows)} WHERE {sql})", params


def options(database: Database) -> dict[str, list[str]]:
    """The values that each name can take here, `NOT_STATED` last where a source did not say."""
    told = {
        "provider": ("identity.provider", "placement.provider"),
        "account": ("identity.scope", "placement.scope", "finding.scope"),
        "team": ("identity.team", "placement.team"),
        "environment": ("identity.environment", "placement.environment"),
        "kind": ("identity.kind", "placement.kind"),
    }
    found: dict[str, list[str]] = {}
    for name, columns in told.items():
        parts = [f"SELECT DISTINCT {column.split('.')[1]} AS value FROM {column.split('.')[0]}" for column in columns]
        found[name] = _values(database, " UNION ".join(parts))
    found["stage"] = [*(str(stage) for stage in STAGES), NOT_PLACED]
    found["privilege"] = list(PRIVILEGES)
    found["owner"] = [*_values(database, f"SELECT DISTINCT owner AS value FROM {owners(database)}"), NOT_STATED]
    return {name: found[name] for name in NAMES}


def _values(database: Database, sql: str) -> list[str]:
    values = [row["value"] for row in database.rows(f"SELECT value FROM ({sql}) ORDER BY 1 NULLS LAST")]
    return [NOT_STATED if value is None else str(value) for value in values]


def in_words(database: Database, wanted: Filter) -> list[tuple[str, str]]:
    """What is asked for as people read it: name and values; accounts by their name too, where it is known."""
    names = account_names(database) if wanted.account else {}
    return [
        (NAMES[name], " or ".join(names.get(value, value) if name == "account" else value for value in values))
        for name, values in wanted.active().items()
    ]
