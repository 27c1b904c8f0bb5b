"""What the tables of `main` say of a GCP identity: its grants, what was watched of them, and what it is. Works on a published snapshot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from inventory.database import Database
from scoring.least_privilege.gcp.effective import Binding, Hierarchy
from scoring.least_privilege.sql import statement

Key = tuple[str, str | None, str | None]
"""A grant as an observation names it: role, place, expression of the condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An observation: one grant, or the identity's authentication."""

    used: frozenset[str]
    inferred: frozenset[str]
    until: datetime | None
    window_days: int | None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One identity."""

    identity_id: str
    name: str
    kind: str
    scope: str | None
    human: str
    in_scope: bool
    status: str
    purpose: str | None
    created_at: datetime | None
    last_used_at: datetime | None
    last_used_known: bool
    evidence: str
    bindings: Sequence[Binding] = ()
    """Roles and deny rules, by place and role."""
    changed_at: datetime | None = None
    """Last change of any grant; None: no source dates them."""
    observed: Mapping[Key, Watched]
    """By grant."""
    authentication: Watched | None = None
    calls: Mapping[str, tuple[datetime, str]]
    """Permissions used by the word of other sources than insights, wherever: last use and record."""
    key_used_at: datetime | None = None
    """Last use of any of its credentials."""
    gap: str | None = None
    """Why not all of its grants may be known."""

    def watched(self, binding: Binding) -> Watched | None:
        """The observation of a grant."""
        if binding.conditional and binding.condition is None:
            return None  # which of several bindings of this role it is, nobody knows
        return self.observed.get((binding.role_id, binding.place, binding.expression))


def holdings(database: Database, identity_ids: Sequence[str]) -> dict[str, Holding]:
    """Identities by their ids."""
    params = {"ids": list(identity_ids)}
    bindings, changed = _bindings(database.rows(GRANTS, params))
    observed, authentication = _observations(database.rows(OBSERVED, params))
    calls: dict[str, dict[str, tuple[datetime, str]]] = defaultdict(dict)
    for row in database.rows(CALLS, params):
        calls[row["identity_id"]][row["action"]] = (row["last_at"], row["evidence"])
    identities = database.rows(f"WITH known_grants AS ({statement('known_grants')}) {IDENTITIES}", params)
    return {
        row["identity_id"]: Holding(
            **row,
            bindings=[_with_use(one, observed.get(row["identity_id"], {})) for one in bindings.get(row["identity_id"], ())],
            changed_at=changed.get(row["identity_id"]),
            observed=observed.get(row["identity_id"], {}),
            authentication=authentication.get(row["identity_id"]),
            calls=calls.get(row["identity_id"], {}),
        )
        for row in identities
    }


def bindings_of(database: Database, identity_ids: Sequence[str]) -> dict[str, tuple[Binding, ...]]:
    """Grants alone, by identity."""
    return _bindings(database.rows(GRANTS, {"ids": list(identity_ids)}))[0]


def role_texts(database: Database, bindings: Iterable[Binding]) -> dict[str, str]:
    """Texts of the custom roles and deny rules of bindings, by document id."""
    wanted = sorted({binding.document_id for binding in bindings if binding.document_id})
    if not wanted:
        return {}
    sql = "SELECT document_id, document FROM main.policy_document WHERE document_id IN (SELECT unnest($ids))"
    return {row["document_id"]: row["document"] for row in database.rows(sql, {"ids": wanted})}


def hierarchy(database: Database) -> Hierarchy:
    """Which project buckets and the like are in. What folders hold, no table says."""
    sql = (
        "SELECT resource_id, scope FROM main.resource WHERE provider = 'gcp' AND scope IS NOT NULL AND resource_id NOT LIKE '%/projects/%'"
    )
    return Hierarchy(above={}, homes={row["resource_id"]: row["scope"] for row in database.rows(sql)})


def _with_use(binding: Binding, observed: Mapping[Key, Watched]) -> Binding:
    seen = observed.get((binding.role_id, binding.place, binding.expression))
    return replace(binding, also=seen.used) if seen and seen.used else binding


def _bindings(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, tuple[Binding, ...]], dict[str, datetime]]:
    found: dict[str, list[Binding]] = defaultdict(list)
    changed: dict[str, datetime] = {}
    told = set()
    for row in rows:
        key = tuple(row[name] for name in ("identity_id", "role_id", "resource", "via", "conditional", "condition", "group_name"))
        if row["changed_at"] is not None:
            changed[row["identity_id"]] = max(row["changed_at"], changed.get(row["identity_id"], row["changed_at"]))
        if key in told:
            continue
        told.add(key)
        found[row["identity_id"]].append(
            Binding(
                role_id=row["role_id"],
                place=row["resource"],
                document_id=row["document_id"],
                via=row["via"],
                conditional=row["conditional"],
                condition=row["condition"],
                group=row["group_name"],
                evidence=row["evidence"],
            )
        )
    return {identity_id: tuple(listed) for identity_id, listed in found.items()}, changed


def _observations(rows: Iterable[Mapping[str, Any]]) -> tuple[dict[str, dict[Key, Watched]], dict[str, Watched]]:
    observed: dict[str, dict[Key, Watched]] = defaultdict(dict)
    authentication = {}
    for row in rows:
        watched = Watched(
            used=frozenset(row["used"] or ()),
            inferred=frozenset(row["inferred"] or ()),
            until=row["until"],
            window_days=row["window_days"],
            evidence=row["evidence"],
        )
        if row["policy_id"] is None:
            authentication[row["identity_id"]] = watched
        elif row["used"] is not None:
            observed[row["identity_id"]][row["policy_id"], row["resource"], row["condition"]] = watched
    return observed, authentication


IDENTITIES = """
    SELECT
        i.identity_id, i.name, i.kind, i.scope, i.human, i.in_scope, i.status, i.purpose, i.created_at, i.last_used_at, i.last_used_known,
        i.evidence, k.gap, c.used_at AS key_used_at
    FROM main.identity AS i
    LEFT JOIN known_grants AS k ON k.identity_id = i.identity_id
    LEFT JOIN (SELECT identity_id, max(last_used_at) AS used_at FROM main.credential GROUP BY identity_id) AS c ON c.identity_id = i.identity_id
    WHERE i.identity_id IN (SELECT unnest($ids))
    ORDER BY i.identity_id
"""

GRANTS = """
    SELECT
        e.identity_id, e.document_id, e.resource, e.evidence, coalesce(e.conditional, false) AS conditional, e.condition, e.group_name, e.changed_at,
        CASE WHEN e.via IN ('deny', 'group_deny') THEN 'deny' ELSE 'role' END AS via,
        CASE WHEN e.via = 'group_managed' THEN e.policy_name ELSE coalesce(e.policy_id, e.policy_name) END AS role_id
    FROM main.entitlement AS e
    WHERE e.identity_id IN (SELECT unnest($ids)) AND e.via IN ('role', 'group_role', 'deny', 'group_deny', 'group_managed')
    ORDER BY e.identity_id, e.resource, role_id, e.condition, e.via
"""

OBSERVED = """
    SELECT * FROM main.observation WHERE identity_id IN (SELECT unnest($ids)) ORDER BY ALL
"""

CALLS = """
    SELECT u.identity_id, u.action, max(u.last_at) AS last_at, min(u.evidence) AS evidence
    FROM main.usage AS u
    LEFT JOIN main.observation AS o ON o.identity_id = u.identity_id AND o.evidence = u.evidence
    WHERE u.identity_id IN (SELECT unnest($ids)) AND u.action IS NOT NULL AND u.last_at IS NOT NULL AND o.evidence IS NULL
    GROUP BY u.identity_id, u.action
"""
