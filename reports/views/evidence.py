"""From an evidence reference back to the file and the record that say so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inventory.database import Database

Rows = list[dict[str, Any]]
"""Rows of one SELECT, by column name."""


def located(reference: str) -> dict[str, str | None]:
    """The file (`path`) and the record inside it (`record`, None when the whole file is meant) of one reference."""
    path, mark, record = reference.partition("#")
    return {"path": path, "record": record if mark else None}


def record_in_words(evidence: Rows) -> str:
    """The first of some located records as `path # record`; the file alone where all of it is meant; nothing without one."""
    return " # ".join(str(part) for part in (evidence[0]["path"], evidence[0]["record"]) if part is not None) if evidence else ""


def evidence_rows(database: Database, references: Iterable[str]) -> Rows:
    """One row per reference, in the order given: file, record, and what is known about the file."""
    wanted = [located(reference) for reference in dict.fromkeys(references)]
    known = {row["source_id"]: row for row in _files(database, sorted({str(place["path"]) for place in wanted}))}
    missing: dict[str, Any] = {"format": None, "status": None, "collected_at": None, "collected_basis": None, "input_sha256": None}
    return [{**place, **missing, **known.get(str(place["path"]), {})} for place in wanted]


def _files(database: Database, paths: list[str]) -> Rows:
    return database.rows(
        """
        SELECT s.source_id, s.format, s.status, s.collected_at, s.collected_basis, r.input_sha256
        FROM source AS s
        LEFT JOIN run AS r ON r.source_id = s.source_id
        WHERE list_contains($paths, s.source_id)
        """,
        {"paths": paths},
    )
