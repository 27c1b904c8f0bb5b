"""One subject with everything that is known about it: paths, intervals, reasons, and each record that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, evidence_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectDetail:
    """A placed or listed subject. Facts are rows of the evidence tables, as they are."""

    subject_kind: str
    subject_id: str
    name: str
    placement: dict[str, Any] | None
    """None: not placed (human, out of scope, or not judged)."""
    identity: dict[str, Any] | None
    """None for a credential without an owner and for a resource."""
    paths: Rows
    credentials: Rows
    trusts: Rows
    entitlements: Rows
    privilege: dict[str, Any] | None
    owners: Rows
    usage: Rows
    sightings: Rows
    """Every record that spoke of the subject or of one of its credentials, with what is known about the file."""


def subject_detail(database: Database, subject_id: str) -> SubjectDetail | None:
    """All that is known about an identity, a credential without one, or an open resource; None when there is no such id."""
    subject_id = _held_by(database, subject_id)
    params = {"id": subject_id}
    identity = _first(database.rows("SELECT * FROM identity WHERE identity_id = $id", params))
    placement = _first(database.rows("SELECT * FROM placement WHERE subject_id = $id ORDER BY subject_kind", params))
    if identity is None and placement is None:
        return None
    kind = "identity" if identity else str((placement or {})["subject_kind"])
    column = "identity_id" if identity else "credential_id"
    credentials = database.rows(f"SELECT * FROM credential WHERE {column} = $id ORDER BY kind, name, credential_id", params)
    return SubjectDetail(
        subject_kind=kind,
        subject_id=subject_id,
        name=str((identity or placement or {})["name"]),
        placement=placement,
        identity=identity,
        paths=_paths(database, kind, subject_id),
        credentials=credentials,
        trusts=database.rows("SELECT * FROM trust WHERE identity_id = $id ORDER BY principal_kind, principal, trust_id", params),
        entitlements=database.rows("SELECT * FROM entitlement WHERE identity_id = $id ORDER BY via, policy_name", params),
        privilege=_first(database.rows("SELECT * FROM privilege WHERE identity_id = $id", params)),
        owners=_owners(database, subject_id),
        usage=database.rows(
            "SELECT * FROM usage WHERE identity_id = $id ORDER BY last_at DESC NULLS LAST, service, action LIMIT 200", params
        ),
        sightings=_sightings(database, [(kind, subject_id), *(("credential", row["credential_id"]) for row in credentials)]),
    )


def _held_by(database: Database, subject_id: str) -> str:
    """The identity behind a credential or workload that is not placed itself; otherwise the id as it is."""
    return str(
        database.value(
            """
            SELECT identity_id FROM (
                SELECT identity_id FROM credential WHERE credential_id = $id
                UNION ALL
                SELECT identity_id FROM workload WHERE workload_id = $id
            ) AS holder
            WHERE identity_id IS NOT NULL
            ORDER BY identity_id LIMIT 1
            """,
            {"id": subject_id},
        )
        or subject_id
    )


def _first(rows: Rows) -> dict[str, Any] | None:
    return rows[0] if rows else None


def _paths(database: Database, kind: str, subject_id: str) -> Rows:
    """Access paths, weakest first, with the words for the credential or trust they go through."""
    return database.rows(
        """
        WITH path AS MATERIALIZED (SELECT * FROM access_path WHERE subject_kind = $kind AND subject_id = $id)
        SELECT a.*, coalesce(c.name, t.principal) AS through, coalesce(c.kind, t.principal_kind) AS through_kind,
               c.storage, c.storage_basis, t.safety_reason
        FROM path AS a
        LEFT JOIN (SELECT * FROM credential WHERE credential_id IN (SELECT credential_id FROM path)) AS c ON c.credential_id = a.credential_id
        LEFT JOIN (SELECT * FROM trust WHERE trust_id IN (SELECT trust_id FROM path)) AS t ON t.trust_id = a.trust_id
        ORDER BY a.stage_lo, a.stage_hi, a.path_id
        """,
        {"kind": kind, "id": subject_id},
    )


def path_evidence(database: Database, path: dict[str, Any]) -> Rows:
    """Each record behind a path: which bound it sets, the file, and the record in it."""
    low, high = path["lo_evidence"], path["hi_evidence"]
    bounds = {
        reference: " and ".join(name for name, side in (("lower", low), ("upper", high)) if reference in side)
        for reference in [*low, *high]
    }
    return [{"bound": bound, **row} for bound, row in zip(bounds.values(), evidence_rows(database, bounds), strict=True)]


def _owners(database: Database, identity_id: str) -> Rows:
    return database.rows(
        """
        SELECT o.owner_id, w.kind, w.status, o.basis, o.evidence
        FROM ownership AS o
        LEFT JOIN owner AS w ON w.owner_id = o.owner_id
        WHERE o.identity_id = $id ORDER BY o.owner_id
        """,
        {"id": identity_id},
    )


def _sightings(database: Database, subjects: list[tuple[str, str]]) -> Rows:
    found: Rows = []
    for kind, subject_id in subjects:
        references = database.rows(
            "SELECT DISTINCT evidence FROM sighting WHERE subject_kind = $kind AND subject_id = $id ORDER BY evidence",
            {"kind": kind, "id": subject_id},
        )
        found += [{"about": kind, **row} for row in evidence_rows(database, [row["evidence"] for row in references])]
    return found
