"""`nhi report`: one snapshot as files to hand on."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from reports.audiences import AUDIENCES, AUDITOR
from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, out, picked, stop
from reports.content import Asked
from reports.formats import BY_NAME, write_reports


def report(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    compare: Annotated[str | None, typer.Option(help="Snapshot to compare with; the one before if left out.")] = None,
    forms: Annotated[str, typer.Option("--format", help=f"{', '.join(BY_NAME)}; several with commas.")] = "html",
    audience: Annotated[str, typer.Option(help="; ".join(f"{name}: {text}" for name, text in AUDIENCES.items()) + ".")] = AUDITOR,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day by which exceptions expire; today if left out.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("report"),
    as_json: AsJson = False,
) -> None:
    """Write the report of a snapshot, in one format or several: each a self-contained file, all with the same figures."""
    names = list(dict.fromkeys(name.strip() for name in forms.split(",") if name.strip()))
    if unknown := [name for name in names if name not in BY_NAME]:
        misused("--format", f"{unknown[0]!r} is not built, only {', '.join(BY_NAME)}")
    if not names:
        misused("--format", f"name at least one of {', '.join(BY_NAME)}")
    if audience not in AUDIENCES:
        misused("--audience", f"{audience!r} is none of {', '.join(AUDIENCES)}")
    lake, chosen = picked(workspace, snapshot)
    asked = Asked(lake=lake, snapshot=chosen, compare=compare, on=(on or datetime.now(UTC)).date(), audience=audience)
    try:
        written = write_reports(asked, names, folder)
    except OSError as error:
        stop(f"{folder}: {error.strerror}; choose another --out")
    if as_json:
        as_document(
            [{"format": name, "path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in written]
        )
        return
    for _, path in written:
        out.print(Text(str(path)), soft_wrap=True)  # a path is copied, or read by a script
