"""What one must know before one acts: whose it is, when it was last used, what uses it, and how far it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inventory.database import Database
from scoring.planning.moves import Candidate

Findings = Mapping[str, set[str]]
"""Check ids by the id of the subject, and of the identity that it belongs to."""


def known_of(base: Database, candidate: Candidate) -> dict[str, Any]:
    """Owner, last use, workloads, roles it may become and privilege of a candidate's subject. None: no source says.

    `subjects`: its own id and its identity's, to find findings by.
    """
    (row,) = base.rows(KNOWN.get(candidate.subject_kind, OTHER), {"id": candidate.subject_id}) or [{}]
    identity = row.get("identity_id")
    facts = base.rows(FACTS, {"identity": identity})[0] if identity else {}
    return {
        "identity_id": identity,
        "name": row.get("name"),
        "owner": facts.get("owner"),
        "team": row.get("team"),
        "environment": row.get("environment"),
        "last_used_at": row.get("last_used_at"),
        "last_used_known": bool(row.get("last_used_known")),
        "workloads": list(row.get("workloads") or []),
        "privilege": facts.get("privilege"),
        "may_become": int(facts.get("may_become") or 0),
        "subjects": [one for one in (candidate.subject_id, identity) if one],
    }


def failed(database: Database) -> Findings:
    """Failed checks of a judged world."""
    return _found(database, "fail")


def open_findings(database: Database) -> Findings:
    """Checks that failed or could not tell: what is unknown afterwards is not settled."""
    return _found(database, "fail", "unknown")


def _found(database: Database, *statuses: str) -> Findings:
    sql = "SELECT check_id, subject_id, identity_id FROM finding WHERE list_contains($statuses, status)"
    found: dict[str, set[str]] = {}
    for row in database.rows(sql, {"statuses": list(statuses)}):
        for subject in {row["subject_id"], row["identity_id"]} - {None}:
            found.setdefault(subject, set()).add(row["check_id"])
    return found


KNOWN = {
    "credential": """
        SELECT
            c.identity_id, coalesce(i.name || ': ' || c.name, c.name) AS name, i.team, i.environment, c.last_used_at, c.last_used_known,
            list(DISTINCT w.name ORDER BY w.name) FILTER (WHERE w.name IS NOT NULL) AS workloads
        FROM credential AS c
        LEFT JOIN identity AS i ON i.identity_id = c.identity_id
        LEFT JOIN workload AS w ON w.workload_id = c.store_id OR w.identity_id = c.identity_id
        WHERE c.credential_id = $id
        GROUP BY ALL
    """,
    "identity": """
        SELECT
            i.identity_id, i.name, i.team, i.environment, i.last_used_at, i.last_used_known,
            list(DISTINCT w.name ORDER BY w.name) FILTER (WHERE w.name IS NOT NULL) AS workloads
        FROM identity AS i
        LEFT JOIN workload AS w ON w.identity_id = i.identity_id
        WHERE i.identity_id = $id
        GROUP BY ALL
    """,
    "trust": """
        SELECT
            i.identity_id, i.name || ' trusts ' || t.principal AS name, i.team, i.environment, i.last_used_at, i.last_used_known,
            list(DISTINCT w.name ORDER BY w.name) FILTER (WHERE w.name IS NOT NULL) AS workloads
        FROM trust AS t
        JOIN identity AS i ON i.identity_id = t.identity_id
        LEFT JOIN workload AS w ON w.identity_id = i.identity_id
        WHERE t.trust_id = $id
        GROUP BY ALL
    """,
    "resource": "SELECT name, team, environment FROM resource WHERE resource_id = $id LIMIT 1",
}

OTHER = "SELECT coalesce((SELECT name FROM account WHERE scope = $id), $id) AS name"

FACTS = """
    SELECT
        (SELECT string_agg(DISTINCT owner_id, ', ' ORDER BY owner_id) FROM ownership WHERE identity_id = $identity) AS owner,
        (SELECT min(privilege) FROM privilege WHERE identity_id = $identity) AS privilege,
        (SELECT count(DISTINCT identity_id) FROM trust WHERE principal = $identity) AS may_become
"""
