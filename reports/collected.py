"""Evidence bundles that the dashboard collected: folders of the workspace, each with the manifest that `nhi collect` wrote."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from reports.views.evidence import Rows

FOLDER = "collected"
"""Below the workspace. Bundles stay: a stopped collection goes on in its folder, and what was asked once can be assessed again."""


def folder_for(source: str, day: date) -> str:
    """Where a collection of a day goes, relative to the workspace."""
    return f"{FOLDER}/{source}-{day:%Y-%m-%d}"


def bundles(workspace: Path) -> Rows:
    """Bundles, newest first: `folder` relative to the workspace, `source`, `as_of`, `files`, `gaps`, `whole` (it was not stopped half-way)."""
    found: Rows = []
    for path in (workspace / FOLDER).glob("*/manifest.json"):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(
                {
                    "folder": path.parent.relative_to(workspace).as_posix(),
                    "source": str(manifest["source"]),
                    "as_of": str(manifest["as_of"])[:10],
                    "files": len(manifest["files"]),
                    "gaps": len(manifest["not_collected"]),
                    "whole": not manifest.get("stopped", False),
                }
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue  # being written, or no bundle: `nhi assess` says what is wrong with it
    return sorted(found, key=lambda row: (row["as_of"], row["folder"]), reverse=True)
