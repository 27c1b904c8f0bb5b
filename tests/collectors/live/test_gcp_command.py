"""`nhi collect gcp` and `nhi assess` end to end: the tables are those of the exported files, and every call that fails is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.store import Lake
from tests.collectors.live.gcp_command import nhi_on
from tests.collectors.live.gcp_project import EXPORTS, PROJECT, answer
from tests.collectors.live.google_server import TOKEN, Google, serving
from tests.command import assess
from tests.exports import write

Tables = dict[str, list[str]]

OF_THE_FILES = {"source", "run"}
"""Tables about the files, which are other files through each door."""
WHEN_COLLECTED = {"collected_at", "data_date"}
"""A live collection knows for each file when it was asked for; of an export that is what somebody wrote into the manifest."""


@pytest.fixture
def google() -> Iterator[Google]:
    with serving(timeout_seconds=0.5) as google:
        answer(google)
        yield google


def collect(google: Google, folder: Path, *words: object) -> dict[str, Any]:
    """What the command says of the bundle; it must end well."""
    found = nhi_on(google, "collect", "gcp", "--project", PROJECT, "--out", folder, "--workspace", folder.parent / "workspace", "--json", *words)
    assert found.exit_code == 0, found.stderr
    assert TOKEN not in found.stdout + found.stderr
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def tables(folder: Path, *words: object) -> Tables:
    """Every table of an assessment of the folder."""
    workspace = folder.parent / "workspace"  # one for both: it holds the key of the fingerprints
    snapshot = assess(folder, workspace, *words)["snapshot_id"]
    with Lake(workspace).open(snapshot) as database:
        return {
            name: sorted(json.dumps(_row(row), default=str) for row in database.rows(f"SELECT * FROM {name}"))
            for name in database.tables()
            if name not in OF_THE_FILES
        }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _records(value) if "evidence" in name else value for name, value in row.items() if name not in WHEN_COLLECTED}


def _records(value: Any) -> Any:
    """Of `file#record` the record: the same through both doors."""
    if isinstance(value, list):
        return sorted(map(_records, value))
    return value.partition("#")[2] if isinstance(value, str) else value


def test_collected_and_assessed_is_the_same_as_exported_and_assessed_table_by_table(google: Google, tmp_path: Path) -> None:
    told = collect(google, tmp_path / "live")
    as_of = json.loads((tmp_path / "live/manifest.json").read_text())["as_of"]
    entries = [{"path": name, "scope": PROJECT} for name in EXPORTS]
    manifest = {"bundle_version": 1, "source": "gcp", "as_of": as_of, "files": entries}
    write(tmp_path / "exported", {**EXPORTS, "manifest.json": manifest})

    live = tables(tmp_path / "live", "--as-of", as_of[:10], "--label", "now")
    exported = tables(tmp_path / "exported", "--as-of", as_of[:10], "--label", "now")

    assert (told["gaps"], told["warnings"]) == ([], [])
    assert live.keys() == exported.keys()
    for name, rows in live.items():
        assert rows == exported[name], name
    filled = {name for name, rows in live.items() if rows}
    assert filled >= {"identity", "credential", "entitlement", "trust", "workload", "coverage", "placement", "privilege", "finding", "question"}
