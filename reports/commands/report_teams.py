"""`nhi report-teams`: a report and a worklist for each team, holding only what is theirs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, out, picked, stop
from reports.teams import FORMATS, NoSuchTeam, TeamReport, write_team_reports


def report_teams(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    forms: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}; several with commas.")] = "xlsx",
    team: Annotated[list[str] | None, typer.Option(help="Only this team; again for more. All if left out.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day by which exceptions expire; today if left out.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder to write into: a folder a team.")] = Path("report"),
    as_json: AsJson = False,
) -> None:
    """Write the report of each team, and its worklist (xlsx, csv), counted over what is theirs and holding nothing of others.

    What is judged over the whole estate alone is left out, and the report says so: questions, comparison, metrics, compliance.
    """
    names = list(dict.fromkeys(name.strip() for name in forms.split(",") if name.strip()))
    if not names or (unknown := [name for name in names if name not in FORMATS]):
        misused("--format", f"{unknown[0] if names else forms!r} is no format of a team's report; choose from {', '.join(FORMATS)}")
    lake, chosen = picked(workspace, snapshot)
    day = (on or datetime.now(UTC)).date()
    written = []
    try:
        for one in write_team_reports(lake.workspace, chosen, names, folder, on=day, only=team or ()):
            written.append(one)
            if not as_json:
                _tell(one)
    except NoSuchTeam as error:
        misused("--team", error.args[0])
    except OSError as error:
        stop(f"{folder}: {error.strerror}; choose another --out")
    if as_json:
        as_document([_row(one) for one in written])


def _tell(one: TeamReport) -> None:
    for path in one.paths:
        out.print(Text(f"{one.team}, {one.identities:,} identities: {path}"), soft_wrap=True)


def _row(one: TeamReport) -> dict[str, object]:
    files = [{"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in one.paths]
    return {"team": one.team, "identities": one.identities, "files": files}
