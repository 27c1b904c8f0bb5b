"""`nhi snapshots`: what the workspace holds."""

from __future__ import annotations

from inventory.lake import Lake
from reports.commands.shell import HERE, AsJson, Workspace, as_document, table


def snapshots(workspace: Workspace = HERE, as_json: AsJson = False) -> None:
    """List the snapshots of the workspace, oldest first."""
    rows = [
        {
            "snapshot_id": s.snapshot_id,
            "label": s.label,
            "as_of": f"{s.as_of:%Y-%m-%d}",
            "pack": s.pack,
            "rules_version": s.rules_version,
            "created_at": s.created_at,
            "rescored_from": s.details.get("rescored_from"),
        }
        for s in Lake(workspace).snapshots()
    ]
    if as_json:
        as_document(rows)
    else:
        table(["snapshot", "label", "as of", "pack", "rules", "created", "rescored from"], [tuple(row.values()) for row in rows])
