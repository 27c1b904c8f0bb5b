"""`nhi query`: ask a snapshot in SQL."""

from __future__ import annotations

from typing import Annotated

import typer

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, picked, table
from reports.teams import NoSuchTeam, lake_of


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the snapshot's tables; docs/data-model.md lists them.")],
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    team: Annotated[str | None, typer.Option(help="Ask only what this team runs: the tables that its report is counted over.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a snapshot in SQL. Read-only: no files, no network, no settings."""
    lake, chosen = picked(workspace, snapshot)
    if team is not None:
        try:
            lake = lake_of(workspace, chosen, team)
        except NoSuchTeam as error:
            misused("--team", error.args[0])
    with lake.open(chosen.snapshot_id) as database:
        database.harden()
        columns, rows = database.select_only(sql)
    if as_json:
        as_document([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table(columns, rows)
