"""`nhi query`: ask a snapshot in SQL."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, picked, table


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the snapshot's tables; docs/data-model.md lists them.")],
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    as_json: AsJson = False,
) -> None:
    """Ask a snapshot in SQL. Read-only: no files, no network, no settings."""
    lake, chosen = picked(workspace, snapshot)
    with lake.open(chosen.snapshot_id) as database:
        database.harden()
        columns, rows = database.select_only(sql)
    if as_json:
        as_document([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table(columns, rows)
