"""Escalation paths of all Azure identities: the table `escalation`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.database import Database
from scoring.least_privilege.azure.chains import chains
from scoring.least_privilege.azure.effective import Held
from scoring.least_privilege.azure.privilege import Judge
from scoring.least_privilege.azure.steps import Edge, Target, Targets, World, edges, worth
from scoring.least_privilege.azure.subject import TEXTS, held_by
from scoring.least_privilege.sql import statement

IDENTITIES = """
    SELECT i.identity_id, i.name, p.privilege
    FROM main.identity AS i
    JOIN main.privilege AS p ON p.identity_id = i.identity_id
    WHERE i.provider = 'azure'
    ORDER BY i.identity_id
"""

TARGETS = """
    SELECT i.identity_id, lower(a.alias) AS place, 'user_assigned' AS kind, i.name
    FROM main.identity AS i
    JOIN main.alias AS a ON a.identity_id = i.identity_id AND lower(a.alias) LIKE '%/userassignedidentities/%'
    WHERE i.provider = 'azure' AND i.status <> 'disabled'
    UNION
    SELECT i.identity_id, lower(split_part(w.workload_id, '#', 1)) AS place, w.kind, i.name || ' of ' || w.name AS name
    FROM main.workload AS w
    JOIN main.identity AS i ON i.identity_id = w.identity_id AND i.provider = 'azure' AND i.status <> 'disabled'
    ORDER BY kind, identity_id, place
"""

OWNED = """
    SELECT o.owner_id, o.identity_id, o.evidence
    FROM main.ownership AS o
    JOIN main.identity AS i ON i.identity_id = o.identity_id AND i.provider = 'azure' AND i.status <> 'disabled'
    JOIN main.identity AS w ON w.identity_id = o.owner_id
    WHERE o.basis = 'directory' AND o.owner_id <> o.identity_id
    ORDER BY o.owner_id, o.identity_id
"""

ALIASES = """
    SELECT regexp_extract(a.alias, '^azure:(object:)?(.+)$', 2) AS object_id, a.identity_id
    FROM main.alias AS a
    JOIN main.identity AS i ON i.identity_id = a.identity_id AND i.provider = 'azure'
    WHERE a.alias LIKE 'azure:object:%'
    UNION
    SELECT regexp_extract(i.identity_id, '^azure:(.+)$', 1), i.identity_id FROM main.identity AS i WHERE i.provider = 'azure'
"""


def azure_escalations(database: Database) -> None:
    """Add to `escalation` the paths of Azure identities that are no administrators. Run it after `privilege` is filled."""
    if not database.value("SELECT count(*) FROM main.identity WHERE provider = 'azure'"):
        return
    grants: dict[str, list[Held]] = {}
    for row in database.rows(statement("azure/held"), {"identity": None, "unused_days": 0}):
        grants.setdefault(row["identity_id"], []).append(held_by(row))
    owned: dict[str, list[dict[str, Any]]] = {}
    for row in database.rows(OWNED):
        owned.setdefault(row["owner_id"], []).append(row)
    world = _world(database, owned)
    judge = Judge({row["document_id"]: row["document"] for row in database.rows(TEXTS)})
    single = {
        identity_id: list(edges(identity_id, grants.get(identity_id, ()), judge, world))
        for identity_id in sorted({*grants, *owned})
        if world.privilege.get(identity_id) not in {None, "admin"}
    }
    rows = [row for identity_id, found in single.items() for row in worth(world.privilege[identity_id], found)]
    rows += chains(single, world.privilege, world.names)
    database.insert_rows("escalation", list(map(_row, rows)))


def _world(database: Database, owned: Mapping[str, Sequence[Mapping[str, Any]]]) -> World:
    identities = database.rows(IDENTITIES)
    privilege = {row["identity_id"]: row["privilege"] for row in identities}
    return World(
        names={row["identity_id"]: row["name"] for row in identities},
        privilege=privilege,
        targets=Targets((Target(**row) for row in database.rows(TARGETS)), privilege),
        owned=owned,
        aliases={row["object_id"]: row["identity_id"] for row in database.rows(ALIASES)},
    )


def _row(edge: Edge) -> dict[str, Any]:
    return {
        "identity_id": edge.identity_id,
        "path_id": edge.path_id,
        "target_id": edge.target_id,
        "gains": edge.gains,
        "certainty": "certain" if edge.certain else "possible",
        "steps": list(edge.steps),
        "reason": edge.reason,
        "evidence": list(edge.evidence),
    }
