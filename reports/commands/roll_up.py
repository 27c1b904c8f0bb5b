"""`nhi roll-up`: several workspaces side by side, each counted in its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from reports.commands.shell import AsJson, misused, out, stop
from reports.roll_up import FORMATS
from reports.roll_up import as_json as document
from reports.views.roll_up import Member, find
from reports.views.roll_up import roll_up as rolled_up


def roll_up(
    workspaces: Annotated[
        list[Path], typer.Argument(help="Workspaces: folders that keep snapshots. Of each the one published last is taken.")
    ],
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")] = "html",
    file: Annotated[Path | None, typer.Option("--out", help="File to write; roll-up with the format's ending if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put several workspaces side by side without mixing their data; say where they were judged differently."""
    if form not in FORMATS:
        misused("--format", f"{form!r} is not built, only {', '.join(FORMATS)}")
    found = rolled_up(_members(workspaces))
    if as_json:
        print(document(found), end="")
        return
    target = file or Path(f"roll-up.{form}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(FORMATS[form](found), encoding="utf-8-sig" if form == "csv" else "utf-8", newline="")
    except OSError as error:
        stop(f"{target}: {error.strerror}; choose another --out")
    for note in found["notes"]:
        out.print(Text(note), soft_wrap=True)
    out.print(Text(str(target)), soft_wrap=True)


def _members(workspaces: list[Path]) -> list[Member]:
    """Each workspace with its newest snapshot; none may be named twice, or be empty."""
    seen: set[Path] = set()
    members = []
    for workspace in workspaces:
        if workspace.resolve() in seen:
            misused("WORKSPACE", f"{workspace} is named twice")
        seen.add(workspace.resolve())
        member = find(workspace)
        if member is None:
            stop(f"{workspace} holds no snapshot: run `nhi assess PATH --workspace {workspace}` first")
        members.append(member)
    return members
