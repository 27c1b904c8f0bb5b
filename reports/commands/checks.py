"""`nhi checks`: the catalogue, or one check in full."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from reports.commands.shell import HERE, AsJson, Workspace, as_document, misused, out, say, table
from scoring.catalogue import Check, load


def checks(
    action: Annotated[str, typer.Argument(help="list, or show with an id.")] = "list",
    check_id: Annotated[str | None, typer.Argument(metavar="ID")] = None,
    folder: Annotated[Path | None, typer.Option("--checks", help="Folder with your own checks.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """List the checks, or show one: what it judges, why, what to do, and its worked examples."""
    catalogue = load(folder)
    for error in catalogue.errors:
        say(str(error), style="yellow")
    if action == "show":
        found = next((check for check in catalogue.checks if check.check_id == check_id), None)
        if found is None:
            misused("ID", f"{check_id!r} is no check; `nhi checks list` shows them" if check_id else "say which check to show")
        _show(found, as_json=as_json)
    elif action != "list":
        misused("ACTION", f"{action!r} is unknown, say list or show")
    elif as_json:
        as_document([_check(check) for check in catalogue.checks])
    else:
        table(
            ["severity", "id", "judges", "title"],
            [(check.severity, check.check_id, check.subject, check.title) for check in catalogue.checks],
        )


def _check(check: Check) -> dict[str, Any]:
    names = ("check_id", "family", "title", "severity", "subject", "stage", "rationale", "fix", "source", "sql")
    return {**{name: getattr(check, name) for name in names}, "needs": [str(fact) for fact in check.needs], "maps_to": list(check.maps_to)}


def _show(check: Check, *, as_json: bool) -> None:
    if as_json:
        as_document(_check(check))
        return
    for name, value in _check(check).items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        out.print(Text(f"{name:>10}  ", style="bold") + Text(f"\n{text}" if name == "sql" else text))
