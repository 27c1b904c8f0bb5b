"""`nhi decisions`: what people decided. Lists it, and carries it between the workspace and a YAML file under git."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from inventory.decision_file import DecisionError, Entry, body_of, dump, parse
from inventory.decision_log import DecisionLog
from inventory.decisions import Answer, Decisions, Recorded
from reports.commands.shell import COULD_NOT_RUN, HERE, AsJson, Workspace, as_document, misused, out, say, table
from scoring.interview import fault

CLOCKS_DIFFER = timedelta(days=1)
"""A file may come from a machine whose clock, or zone, is ahead by this much."""


def decisions(
    workspace: Workspace = HERE,
    take: Annotated[
        Path | None, typer.Option("--import", help="Record what this YAML file says and the workspace does not yet know.")
    ] = None,
    give: Annotated[Path | None, typer.Option("--export", help="Write what stands as a YAML file.")] = None,
    who: Annotated[str | None, typer.Option(help="With --import: who decides, where the file does not say.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Everything ever recorded, not only what stands.")] = False,
    as_json: AsJson = False,
) -> None:
    """List declared answers, exceptions, owners, actions and targets, each with who and when; or import and export them as YAML."""
    log = DecisionLog(workspace)
    refused = _take(log, take, who) if take is not None else []
    if give is not None:
        give.parent.mkdir(parents=True, exist_ok=True)
        give.write_text(dump(log.standing()), encoding="utf-8")
        out.print(Text(f"{give}: {len(log.standing().recorded):,} decisions"), soft_wrap=True)
    elif take is None:
        _list(log.entries() if history else Decisions.standing(log.entries()).recorded, as_json=as_json)
    if refused:
        raise typer.Exit(COULD_NOT_RUN)


def _take(log: DecisionLog, path: Path, who: str | None) -> list[str]:
    """Import; returns what is wrong with entries that were left out. The rest is recorded."""
    if not path.is_file():
        misused("--import", f"{path}: no such file")
    try:
        entries, problems = parse(path.read_text(encoding="utf-8"), str(path))
        entries = [entry for entry in entries if not _refused(entry, path, problems)]
        taken, older = log.take(entries, who=who, at=datetime.now(UTC))
    except (DecisionError, UnicodeDecodeError) as error:
        misused("--import", error)
    for problem in problems:
        say(f"Not recorded: {problem}", style="yellow")
    for decision in older:
        say(f"Not recorded: {path}: {decision.kind} {decision.id}: the workspace holds a newer one; --export writes it", style="yellow")
    out.print(Text(f"{path}: {len(taken):,} recorded, {len(entries) - len(taken) - len(older):,} already known"), soft_wrap=True)
    return problems


def _refused(entry: Entry, path: Path, problems: list[str]) -> bool:
    """Whether an entry cannot be meant: an answer that fits no question, or a day to come. Why is added to `problems`."""
    problem = fault(entry.decision) if isinstance(entry.decision, Answer) else None
    if entry.at is not None and entry.at > datetime.now(UTC).replace(tzinfo=None) + CLOCKS_DIFFER:
        problem = f"at: {entry.at.isoformat()} is still to come; write when it was decided, or leave it out"
    if problem:
        problems.append(f"{path}: {entry.decision.kind} ({entry.decision.id}): {problem}")
    return problem is not None


def _list(entries: list[Recorded] | tuple[Recorded, ...], *, as_json: bool) -> None:
    if as_json:
        as_document(
            [
                {"seq": one.seq, "kind": one.decision.kind, "who": one.who, "at": one.at.isoformat(), "withdrawn": one.withdrawn}
                | body_of(one.decision)
                for one in entries
            ]
        )
        return
    table(
        ["kind", "id", "about", "says", "who", "when"],
        [
            (
                one.decision.kind,
                one.decision.id,
                one.decision.where,
                "withdrawn" if one.withdrawn else _says(one),
                one.who,
                f"{one.at:%Y-%m-%d %H:%M}",
            )
            for one in entries
        ],
    )


def _says(recorded: Recorded) -> str:
    """The fields of a decision in one line."""
    body = body_of(recorded.decision)
    return "; ".join(
        f"{name} {', '.join(value) if isinstance(value, list) else value}" for name, value in body.items() if name not in ("id", "where")
    )
