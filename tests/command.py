"""The command line as tests call it: in this process for speed, as a real process where that matters."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

import nhi
from inventory.lake import Lake
from tests.checkout import ROOT

WIDTH = {"COLUMNS": "400", "TERM": "dumb"}
"""Wide enough that no path is broken in two."""


def run(*words: object) -> Any:
    """`nhi …`, with exit_code, stdout and stderr. An exception that the command lets out fails the test."""
    found = CliRunner().invoke(nhi.app, [str(word) for word in words], env=WIDTH)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def run_process(*words: object) -> subprocess.CompletedProcess[str]:
    """`python nhi.py …` as a process of its own."""
    command = [sys.executable, str(ROOT / "nhi.py"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def assess(folder: Path, workspace: Path, *words: object) -> dict[str, Any]:
    """The one JSON object of `nhi assess --json`, which must succeed."""
    found = run("assess", folder, "--workspace", workspace, "--json", *words)
    assert found.exit_code == 0, found.stderr
    summary: dict[str, Any] = json.loads(found.stdout)
    return summary


def tables(workspace: Path, snapshot_id: str) -> dict[str, bytes]:
    """The Parquet file of every table of a snapshot, byte by byte."""
    lake = Lake(workspace)
    return {name.split("/", 1)[0]: (lake.root / name).read_bytes() for name in lake.snapshot(snapshot_id).files}
