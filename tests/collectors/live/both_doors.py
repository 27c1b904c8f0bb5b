"""What is stored of a folder, told so that a live collection and the same facts as exports can be compared table by table."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inventory.lake import Lake
from tests.command import assess

Tables = dict[str, list[str]]

OF_THE_FILES = {"source", "run"}
"""Tables about the files, which are other files through each door."""
WHEN_COLLECTED = {"collected_at", "data_date"}
"""A live collection knows for each file when it was asked for; of an export that is what somebody wrote into the manifest."""


def as_it_is(evidence: Any) -> Any:
    """Evidence whole: the files have the same names through both doors."""
    return evidence


def collected_at_once(folder: Path) -> None:
    """Give every file of a live bundle the bundle's own time: a slow machine collects one a second later, and the newer of two speaks."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        entry["collected_at"] = manifest["as_of"]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def tables(folder: Path, *words: object, evidence: Callable[[Any], Any] = as_it_is) -> Tables:
    """Every table of an assessment of the folder. `evidence`: what of a column of evidence is compared."""
    workspace = folder.parent / "workspace"  # one for both: it holds the key of the fingerprints
    snapshot = assess(folder, workspace, *words)["snapshot_id"]
    with Lake(workspace).open(snapshot) as database:
        return {
            table: sorted(json.dumps(_row(row, evidence), default=str) for row in database.rows(f"SELECT * FROM {table}"))
            for table in database.tables()
            if table not in OF_THE_FILES
        }


def _row(row: dict[str, Any], evidence: Callable[[Any], Any]) -> dict[str, Any]:
    return {column: evidence(value) if "evidence" in column else value for column, value in row.items() if column not in WHEN_COLLECTED}
