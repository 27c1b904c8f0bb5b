"""What a workspace holds, for those who look after it: snapshots with their sizes, and the log of decisions."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from inventory.decision_file import body_of
from inventory.decisions import Recorded
from inventory.lake import SCHEMA_VERSION, Lake
from reports.views.evidence import Rows

DISTRIBUTION = "nhi-posture"


def tool_version() -> str:
    """Of this installation; a checkout that is not installed has none."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "not installed: a checkout"


def snapshot_rows(lake: Lake) -> Rows:
    """Snapshots, newest first: size in bytes, files and rows, how they were judged, and whether this program can open them."""
    return [
        {
            "snapshot_id": one.snapshot_id,
            "label": one.label,
            "as_of": one.as_of,
            "created_at": one.created_at,
            "rules_version": one.rules_version,
            "pack": one.pack,
            "schema_version": one.schema_version,
            "opens": one.schema_version == SCHEMA_VERSION,
            "rescored_from": one.details.get("rescored_from"),
            "files": len(one.files),
            "rows": sum(one.tables.values()),
            "bytes": _bytes(lake.root / name for name in one.files),
        }
        for one in reversed(lake.snapshots())
    ]


def _bytes(paths: Iterable[Path]) -> int | None:
    """Size of all of them; None when one is missing."""
    try:
        return sum(path.stat().st_size for path in paths)
    except OSError:
        return None


def log_rows(entries: Iterable[Recorded]) -> Rows:
    """The log of decisions as rows: `seq`, `at` (UTC), `who`, `what`, `kind`, `id`, `says`; in the order given."""
    return [
        {
            "seq": one.seq,
            "at": f"{one.at:%Y-%m-%d %H:%M}",
            "who": one.who,
            "what": "withdrawn" if one.withdrawn else "recorded",
            "kind": str(one.decision.kind),
            "id": one.decision.id,
            "says": "; ".join(f"{key} {_said(value)}" for key, value in body_of(one.decision).items() if key != "id"),
        }
        for one in entries
    ]


def _said(value: Any) -> str:
    """A value of a decision in words."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(inner)}" for key, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
