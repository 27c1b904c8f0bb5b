"""`nhi recommend`: what each identity holds and does not use, and what to take away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, out, picked, say, stop, wide
from reports.recommendation_files import write_recommendations
from reports.recommendations import as_json as recommendation_json
from reports.recommendations import print_recommendation, print_recommendations, rows_of
from reports.views.findings import identity_named


def recommend(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    identity: Annotated[str | None, typer.Option(help="Only this identity, in full: its id or name.")] = None,
    folder: Annotated[Path | None, typer.Option("--out", help="Write the proposals as files into this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what each identity holds and does not use, what to take away, and how to go back. Changes nothing itself."""
    lake, chosen = picked(workspace, snapshot)
    with lake.open(chosen.snapshot_id) as database:
        try:
            wanted = identity_named(database, identity) if identity else None
        except LookupError as error:
            stop(str(error))
        if folder is not None:
            written = write_recommendations(database, chosen, folder, wanted)
            say(f"{folder}: proposals for {len(written):,} identities; start with {folder / 'README.md'}")
        if as_json:
            as_document(recommendation_json(database, chosen, wanted) if wanted else rows_of(database))
        elif folder is None and wanted:
            print_recommendation(out, database, chosen, wanted)
        elif folder is None:
            print_recommendations(out, wide(), database)
