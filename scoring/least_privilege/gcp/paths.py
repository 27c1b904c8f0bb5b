"""Escalation paths of GCP identities: single steps to more privilege, and chains of them over accounts that are taken one after another.

Of chains the best one is told per identity: to the highest privilege, certain before possible, the shortest first. Each level's chains
are found by one search backwards from the accounts that have it, so cost grows with steps, not with pairs of accounts.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.database import Database
from scoring.least_privilege.gcp.edges import TOKENS, Account, Edge, Stepper, World
from scoring.least_privilege.gcp.effective import Binding, Evaluator
from scoring.least_privilege.gcp.holdings import bindings_of, hierarchy, role_texts
from scoring.least_privilege.gcp.methods import Kind, steps_permissions
from scoring.least_privilege.gcp.names import Names
from scoring.least_privilege.verdict import RANK, Privilege

LONG_AGO = datetime(1970, 1, 1)
"""No condition had run out then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """A way from an identity to more than its own permissions."""

    identity_id: str
    edges: tuple[Edge, ...]
    """In order; more than one: a chain."""

    @property
    def last(self) -> Edge:
        return self.edges[-1]

    @property
    def certain(self) -> bool:
        return all(edge.certain for edge in self.edges) and self.last.gains is not Privilege.UNKNOWN

    @property
    def reason(self) -> str:
        """One sentence."""
        target = self.last.target.name if self.last.target else None
        does = (
            self.last.path.does + (f" {target}" if target else "")
            if len(self.edges) == 1
            else f"becomes {target} in {len(self.edges)} steps"
        )
        unnamed = " account, which the evidence does not name" if target is None and self.last.path.kind in (Kind.AGENT, Kind.BUILD) else ""
        what = "what that gains, the evidence does not tell" if self.last.gains is Privilege.UNKNOWN else f"that gains {self.last.gains}"
        return f"it {'' if self.certain else 'possibly '}{does}{unnamed}: {what}"


def escalations(held: Mapping[str, Privilege], edges: Mapping[str, Sequence[Edge]]) -> list[Escalation]:
    """`held`: privilege of every identity. `edges`: steps of those that are no administrators."""
    found = []
    chains = _chains(held, edges)
    for identity_id in sorted(edges):
        own = held.get(identity_id, Privilege.UNKNOWN)
        direct = [one for one in _direct(identity_id, edges[identity_id]) if _more(one.last.gains, own)]
        found += direct
        best = max((_worth(one) for one in direct), default=(-1.0, False))
        longer = [one for one in chains.get(identity_id, ()) if _more(one.last.gains, own) and _worth(one) > best]
        found += [max(longer, key=lambda one: (_worth(one), -len(one.edges)))] if longer else []
    return found


def _direct(identity_id: str, edges: Iterable[Edge]) -> list[Escalation]:
    """Single steps: one for each method and target, the certain one where there are several."""
    found: dict[tuple[str, str | None], Edge] = {}
    for edge in edges:
        key = (edge.path.path_id, edge.target.identity_id if edge.target else None)
        if key not in found or (edge.certain and not found[key].certain):
            found[key] = edge
    return [Escalation(identity_id=identity_id, edges=(edge,)) for edge in found.values()]


def _rank(privilege: Privilege) -> float:
    """What nobody can tell may be anything below certainty of administration."""
    return 2.5 if privilege is Privilege.UNKNOWN else RANK[privilege]


def _more(gains: Privilege, own: Privilege) -> bool:
    """Whether a gain is one. Where either is not known, only administration and the unknown itself count."""
    return gains is Privilege.UNKNOWN or _rank(gains) > _rank(own)


def _worth(one: Escalation) -> tuple[float, bool]:
    return _rank(one.last.gains), one.certain


def _chains(held: Mapping[str, Privilege], edges: Mapping[str, Sequence[Edge]]) -> dict[str, list[Escalation]]:
    """Per identity its shortest ways of more than one step to each level, over certain steps and over any. Cycles end a way."""
    found: dict[str, list[Escalation]] = defaultdict(list)
    for certain in (True, False):
        into = _into(edges, certain=certain)
        for level in (Privilege.ADMIN, Privilege.UNKNOWN, Privilege.WRITE, Privilege.READ):
            following = _towards(level, held, into)
            for identity_id in following:
                way = _follow(identity_id, following)
                if len(way) > 1:
                    found[identity_id].append(Escalation(identity_id=identity_id, edges=tuple(way)))
    return found


def _into(edges: Mapping[str, Sequence[Edge]], *, certain: bool) -> dict[str, list[tuple[str, Edge]]]:
    """Steps by the account that they get hold of as a whole."""
    into: dict[str, list[tuple[str, Edge]]] = defaultdict(list)
    for identity_id in sorted(edges):
        for edge in edges[identity_id]:
            if edge.target is not None and edge.path.kind is not Kind.STORAGE and (edge.certain or not certain):
                into[edge.target.identity_id].append((identity_id, edge))
    return into


def _towards(level: Privilege, held: Mapping[str, Privilege], into: Mapping[str, Sequence[tuple[str, Edge]]]) -> dict[str, Edge]:
    """The next step from each identity on its shortest way to any account of a level."""
    goals = {identity_id: None for identity_id in sorted(into) if held.get(identity_id) is level}
    following: dict[str, Edge] = {}
    queue = deque(goals)
    while queue:
        reached = queue.popleft()
        for identity_id, edge in into.get(reached, ()):
            if identity_id not in following and identity_id not in goals:
                following[identity_id] = edge
                queue.append(identity_id)
    return following


def _follow(identity_id: str, following: Mapping[str, Edge]) -> list[Edge]:
    way = []
    while (edge := following.get(identity_id)) is not None and edge.target is not None:
        way.append(edge)
        identity_id = edge.target.identity_id
    return way


def steps(stepper: Stepper, holders: Iterable[tuple[str, str, Sequence[Binding]]]) -> dict[str, list[Edge]]:
    """Edges of identities (id, name, grants): first those that stand alone, then those by way of accounts that take tokens."""
    listed = list(holders)
    found = {holder: stepper.edges(holder, name, bindings) for holder, name, bindings in listed}
    for holder, edges in found.items():
        taken = [(edge.target, edge.certain) for edge in edges if edge.path.path_id == TOKENS and edge.target]
        if taken:
            stepper.tokens[holder] = taken
    for holder, name, bindings in listed:
        found[holder] += stepper.edges(holder, name, bindings, delegated=True)
    return {holder: edges for holder, edges in found.items() if edges}


def gcp_escalations(database: Database, as_of: datetime = LONG_AGO) -> None:
    """Fill `escalation` for GCP identities that are no administrators. `grantee_privileges` must have run before.

    `as_of` decides conditions that only say until when; without it they count as possible.
    """
    database.execute("DELETE FROM main.escalation WHERE identity_id IN (SELECT identity_id FROM main.identity WHERE provider = 'gcp')")
    holders = _holders(database)
    if not holders:
        return
    accounts = [
        Account(identity_id=row["identity_id"], name=row["name"], project=row["scope"], privilege=Privilege(row["privilege"] or "unknown"))
        for row in database.rows(ACCOUNTS)
    ]
    aliases = {
        row["alias"]: row["identity_id"] for row in database.rows("SELECT alias, identity_id FROM main.alias WHERE alias LIKE 'gcp:%'")
    }
    bindings = bindings_of(database, [row["identity_id"] for row in holders])
    texts = role_texts(database, (one for held in bindings.values() for one in held))
    evaluator = Evaluator(texts, as_of=as_of, names=Names(), hierarchy=hierarchy(database))
    edges = steps(
        Stepper(evaluator, World(accounts, aliases)), [(row["identity_id"], row["name"], bindings[row["identity_id"]]) for row in holders]
    )
    held = {one.identity_id: one.privilege for one in accounts}
    _record(database, escalations(held, {row["identity_id"]: edges[row["identity_id"]] for row in holders if row["identity_id"] in edges}))


def _holders(database: Database) -> list[dict[str, Any]]:
    """Identities below administration that hold a role with a permission of the catalogue's."""
    roles = database.rows(ROLES)
    if not roles:
        return []
    texts = {row["document_id"]: row["document"] for row in roles if row["document"] is not None}
    evaluator = Evaluator(texts, as_of=LONG_AGO)
    watched = evaluator.names.mask_of(steps_permissions())
    able = [
        row for row in roles if evaluator.role(Binding(role_id=row["role_id"], place=None, document_id=row["document_id"]))[0] & watched
    ]
    params = {"roles": [row["role_id"] for row in able], "documents": [row["document_id"] or "" for row in able]}
    return database.rows(HOLDERS, params) if able else []


def _record(database: Database, found: Sequence[Escalation]) -> None:
    rows = [
        {
            "identity_id": one.identity_id,
            "path_id": one.edges[0].path.path_id,
            "target_id": one.last.target.identity_id if one.last.target else None,
            "gains": str(one.last.gains),
            "certainty": "certain" if one.certain else "possible",
            "steps": [edge.step for edge in one.edges],
            "reason": one.reason,
            "evidence": list(dict.fromkeys(record for edge in one.edges for record in edge.evidence)),
        }
        for one in found
    ]
    database.insert_rows("escalation", rows)


ACCOUNTS = """
    SELECT i.identity_id, i.name, i.scope, p.privilege
    FROM main.identity AS i
    LEFT JOIN main.privilege AS p ON p.identity_id = i.identity_id
    WHERE i.provider = 'gcp' AND i.status <> 'disabled'
"""

ROLES = """
    SELECT DISTINCT coalesce(e.policy_id, e.policy_name) AS role_id, e.document_id, d.document
    FROM main.entitlement AS e
    JOIN main.identity AS i ON i.identity_id = e.identity_id AND i.provider = 'gcp'
    JOIN main.privilege AS p ON p.identity_id = e.identity_id AND p.privilege <> 'admin'
    LEFT JOIN main.policy_document AS d ON d.document_id = e.document_id
    WHERE e.via IN ('role', 'group_role')
    ORDER BY ALL
"""

HOLDERS = """
    WITH able AS (SELECT unnest($roles) AS role_id, unnest($documents) AS document_id)
    SELECT DISTINCT i.identity_id, i.name
    FROM main.entitlement AS e
    JOIN able AS a ON a.role_id = coalesce(e.policy_id, e.policy_name) AND a.document_id = coalesce(e.document_id, '')
    JOIN main.identity AS i ON i.identity_id = e.identity_id AND i.provider = 'gcp' AND i.in_scope AND i.status <> 'disabled'
    JOIN main.privilege AS p ON p.identity_id = e.identity_id AND p.privilege <> 'admin'
    WHERE e.via IN ('role', 'group_role')
    ORDER BY i.identity_id
"""
