"""`nhi interview`: what people are asked, what they declared, and what was measured of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from inventory.decision_log import DecisionLog
from inventory.decisions import EVERYWHERE, TAGS, Where
from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, out, picked, say, table
from reports.interview_file import blank_file
from reports.views import interview as view
from scoring.decided import lay_over


def interview(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    where: Annotated[
        str | None, typer.Option(help=f"One part of the estate, TAG=VALUE: {', '.join(TAGS)}. Everything if left out.")
    ] = None,
    blank: Annotated[Path | None, typer.Option(help="Write a YAML file with every question, to fill in and keep under git.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the interview's questions with the declared and the measured answer; or write them as a file to fill in."""
    about = _where(where)
    if blank is not None:
        _write(blank, about)
        return
    lake, chosen = picked(workspace, snapshot)
    decisions, today = DecisionLog(workspace).standing(), datetime.now(UTC).date()
    with lake.open(chosen.snapshot_id) as database:
        lay_over(database, decisions, on=today)
        rows = view.questions(database, chosen, decisions, today, about)
        told = view.answers(database, chosen, decisions, today)
    if as_json:
        as_document({"where": about.tags, "progress": view.progress(rows), "questions": rows, "answers": told})
        return
    table(["id", "question", "measured", "declared", "who", "when", "together"], [_line(row) for row in rows])
    done = view.progress(rows)
    out.print(
        Text(
            f"{done['answered']} of {done['questions']} answered for {about}, {done['counted']} count, {done['differ']} differ from what was measured"
        )
    )
    for row in told:
        if row["text"] is None:
            say(f"Not counted: answer {row['id']}: {row['not_counted']}", style="yellow")


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    measured, declared = row["measured"], row["declared"]
    return (
        row["id"],
        row["text"],
        f"{measured['met'].replace('_', ' ')}, {measured['share']}, n={measured['n']}" if measured else "–",
        declared["words"] if declared else "not answered",
        declared["who"] if declared else "",
        f"{declared['at']:%Y-%m-%d}" if declared else "",
        declared["says"] if declared else "",
    )


def _where(text: str | None) -> Where:
    if text is None:
        return EVERYWHERE
    tag, mark, value = text.partition("=")
    if not mark or tag not in TAGS or not value:
        misused("--where", f"{text!r}: write TAG=VALUE with one of {', '.join(TAGS)}")
    return Where(tags={tag: value})


def _write(path: Path, about: Where) -> None:
    if path.exists():
        misused("--blank", f"{path} is there already; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(blank_file(about), encoding="utf-8")
    out.print(Text(f"{path} written: fill in what you know, then nhi decisions --import {path}"), soft_wrap=True)
