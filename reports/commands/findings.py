"""`nhi findings`: what failed, what could not be judged, and the records that say so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from inventory.decision_log import DecisionLog
from inventory.decisions import Answer
from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, picked, stop, table
from reports.views.evidence import record_in_words
from reports.views.findings import findings as finding_rows
from reports.views.findings import worst_first
from reports.views.interview import disagreements
from scoring.decided import lay_over


def findings(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    identity: Annotated[str | None, typer.Option(help="Only what concerns this identity: its id or name.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what failed, and what could not be judged, with the records that say so: what an exception takes out today names it, and declared answers that
    the evidence contradicts are among them."""
    lake, chosen = picked(workspace, snapshot)
    decisions, today = DecisionLog(workspace).standing(), datetime.now(UTC).date()
    with lake.open(chosen.snapshot_id) as database:
        lay_over(database, decisions, on=today)
        try:
            rows = finding_rows(database, identity)
        except LookupError as error:
            stop(str(error))
        if identity is None and decisions.of(Answer):
            contradicted = disagreements(database, chosen, decisions, today)
            rows = worst_first(rows + [{"exception": None, **row} for row in contradicted])
    if as_json:
        as_document(rows)
        return
    shown = [
        (
            *(row[name] for name in ("severity", "status", "check_id", "subject_name", "reason", "exception")),
            record_in_words(row["evidence"]),
        )
        for row in rows
    ]
    table(["severity", "status", "check", "subject", "reason", "exception", "first record"], shown)
