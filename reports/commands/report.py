"""`nhi report`: one snapshot as a file to hand on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from reports.commands.shell import HERE, SnapshotId, Workspace, misused, out, picked
from reports.formats import BY_NAME


def report(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    compare: Annotated[str | None, typer.Option(help="Snapshot to compare with; the one before if left out.")] = None,
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(BY_NAME)}.")] = "html",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day by which exceptions expire; today if left out.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("report"),
) -> None:
    """Write the report of a snapshot: one self-contained file."""
    if form not in BY_NAME:
        misused("--format", f"{form!r} is not built, only {', '.join(BY_NAME)}")
    lake, chosen = picked(workspace, snapshot)
    path = BY_NAME[form].write(lake, chosen, compare, folder, on=(on or datetime.now(UTC)).date())
    out.print(Text(str(path)), soft_wrap=True)  # a path is copied, or read by a script
