"""Times the report of a large workspace in several formats, and the worklist of its largest team: each a process of its own.

`python benchmarks/reports.py [--workspace DIR] [--size 450000] [--into benchmarks/work]` from the root of a checkout, in its development
environment. Without a workspace one is made (estates.py) and kept. Nothing is written into it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.compare import ROOT, measured
from benchmarks.dashboard import WORK
from benchmarks.dashboard import workspace as estate
from inventory.lake import Lake
from reports.teams import teams

FORMATS = ("html", "pdf", "xlsx", "csv", "html,pdf,xlsx")
PATIENCE = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="one that is there")
    parser.add_argument("--size", type=int, default=450_000, help="identities of the one that is made")
    parser.add_argument("--into", type=Path, default=WORK, help="folder where it is made")
    arguments = parser.parse_args()
    workspace = (arguments.workspace or estate(arguments.size, arguments.into)).resolve()
    team, identities = largest(workspace)
    print(f"{workspace.name}, Python {sys.version.split()[0]}, {os.cpu_count()} processors; largest team {team}, {identities:,} identities")
    for forms in FORMATS:
        show(f"report {forms}", workspace, ["report", "--format", forms])
    show("report-teams xlsx,csv", workspace, ["report-teams", "--team", team, "--format", "xlsx,csv"])


def largest(workspace: Path) -> tuple[str, int]:
    """The named team that runs the most identities, and how many."""
    lake = Lake(workspace)
    latest = lake.latest()
    if latest is None:
        raise SystemExit(f"{workspace}: nothing assessed")
    with lake.open(latest.snapshot_id) as database:
        named = [(team, identities) for team, identities in teams(database) if team is not None]
    if not named:
        raise SystemExit(f"{workspace}: no source names a team")
    return named[0]


def show(name: str, workspace: Path, words: list[str]) -> None:
    """Run `nhi` once, print what it took and how large its files are."""
    with tempfile.TemporaryDirectory() as folder:
        cost = measured([sys.executable, str(ROOT / "nhi.py"), *words, "--workspace", str(workspace), "--out", folder], PATIENCE)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    print(f"{name:<24}{cost} {size / 1e6:8.1f} MB written", flush=True)


if __name__ == "__main__":
    main()
