"""`nhi findings`: what failed, what could not be judged, and the records that say so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from inventory.decision_log import DecisionLog
from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, picked, stop, table
from reports.views.findings import findings as finding_rows
from scoring.decided import lay_over


def findings(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    identity: Annotated[str | None, typer.Option(help="Only what concerns this identity: its id or name.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what failed, and what could not be judged, with the records that say so, and what an exception takes out today."""
    lake, chosen = picked(workspace, snapshot)
    with lake.open(chosen.snapshot_id) as database:
        lay_over(database, DecisionLog(workspace).standing(), on=datetime.now(UTC).date())
        try:
            rows = finding_rows(database, identity)
        except LookupError as error:
            stop(str(error))
    if as_json:
        as_document(rows)
        return
    first = [f"{row['evidence'][0]['path']} # {row['evidence'][0]['record']}" if row["evidence"] else "" for row in rows]
    shown = [
        (row["severity"], row["status"], row["check_id"], row["subject_name"], row["reason"], row["exception"], where)
        for row, where in zip(rows, first, strict=True)
    ]
    table(["severity", "status", "check", "subject", "reason", "exception", "first record"], shown)
