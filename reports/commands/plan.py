"""`nhi plan`: a cheap set of moves by which a part of the estate attains a stage, or what stands in the way."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, err, misused, out, picked, table
from reports.commands.what_if import CHANGES, caveat, change_rows, settle_lines, span, worlds_lines
from reports.console import progress_bar
from reports.views.planner import actions, actions_file, planned, worlds_of
from scoring.planning.moves import moves
from scoring.planning.target import TargetError


def plan(
    target: Annotated[
        str,
        typer.Argument(help="A stage and for whom: `attained 5 in production`, `6 in team=payments, provider=aws`, `4` for everything."),
    ],
    by: Annotated[str | None, typer.Option(help="Day by which it is to be done, YYYY-MM-DD; passed on to the actions.")] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="Write the plan as actions, in YAML that `nhi decisions --import` reads.")
    ] = None,
    effort: Annotated[list[str] | None, typer.Option(help="Effort of a move in your house, MOVE=NUMBER; again for more.")] = None,
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    as_json: AsJson = False,
) -> None:
    """Find what to do so that a stage is attained, judged by the engine with everything supposed done.

    Attained: the share of paths that the policy pack asks for (90 %) stands there or higher for certain, and no critical path lower.
    Nothing is written to the workspace.
    """
    lake, chosen = picked(workspace, snapshot)
    day, efforts = _day(by), _efforts(effort or [])
    try:
        with (
            progress_bar(err, "Judging again", quiet=as_json, first="the snapshot as it is") as progress,
            worlds_of(lake, chosen) as worlds,
        ):
            found = planned(worlds, target, day, efforts, progress)
    except TargetError as error:
        misused("TARGET", error)
    if to is not None:
        to.write_text(actions_file(found), encoding="utf-8")
    if as_json:
        as_document(found)
        return
    _print(found)
    if to is not None:
        out.print(Text(f"{to}: {len(actions(found))} actions; `nhi decisions --import {to}` records them"), soft_wrap=True)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        misused("--by", f"{text!r} is not a date; write YYYY-MM-DD")


def _efforts(given: list[str]) -> dict[str, int]:
    efforts = {}
    for text in given:
        name, _, number = text.partition("=")
        if name not in moves() or not number.isdigit() or int(number) < 1:
            misused("--effort", f"{text!r}: write MOVE=NUMBER, with a number from 1; moves are {', '.join(moves())}")
        efforts[name] = int(number)
    return efforts


def _print(found: dict[str, Any]) -> None:
    target, stood = found["target"], found["attained"]
    verdict = "is attained" if found["reached"] else "is not attained by any moves of the catalogue that are ready"
    aim = f"Stage {target['stage']} in {target['group']} {verdict}"
    now = f"{_stage(stood['before'])} now, {_stage(stood['after'])} then"
    out.print(
        Text(f"{aim}: {now}. {len(found['changes'])} moves, effort {found['effort']}.", style="bold"), soft_wrap=True
    )  # fmt: skip
    table(
        [*CHANGES, "mends"], [(*row, ", ".join(change["mends"])) for row, change in zip(change_rows(found), found["changes"], strict=True)]
    )
    if found["blockers"]:
        out.print(Text(f"\n{len(found['blockers'])} paths stay below. Critical ones hold it back whatever their number:", style="bold"))
        table(
            ["path of", "stage", "critical", "why"],
            [
                (one["name"], span(one["stage_lo"], one["stage_hi"]), "yes" if one["critical"] else "", one["why"])
                for one in found["blockers"]
            ],
        )
    settle_lines(found)
    worlds_lines(found)
    caveat(found)


def _stage(stage: int | None) -> str:
    return f"stage {stage}" if stage else "none"
