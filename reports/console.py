"""The ten-second summary that `nhi assess` prints. Words only; every figure comes from the summary object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.least_privilege import interval
from reports.views.methodology import stage_name
from reports.views.moves import next_moves

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Names come from other people's systems: what would steer a terminal, or turn text around, is not printed."""

BAR = 30
"""Characters of the longest bar."""
SHOWN_WARNINGS = 6


def print_summary(console: Console, database: Database, snapshot: Snapshot, result: Mapping[str, Any], before: str | None) -> None:
    """Print one assessment: where they stand, what the questions answer, what failed, what to do next."""
    people = result["identities"]
    console.print()
    console.print(
        Text(f"{snapshot.label}, as of {snapshot.as_of:%Y-%m-%d}", style="bold")
        + Text(f"   snapshot {snapshot.snapshot_id}, pack {snapshot.pack}", style="dim")
    )
    console.print(
        Text(
            f"{people['nonhuman'] + people['human_unknown']:,} machine identities"
            f" ({people['human_unknown']:,} of them perhaps people), {people['human']:,} people, {people['out_of_scope']:,} out of scope"
        )
    )
    console.print(Text(_headline(result), style="bold"))
    if beside := result.get("with_exceptions"):
        console.print(Text(_with_exceptions(result, beside)), soft_wrap=True)
    console.print(_stages(result["stages"]))
    console.print(_questions(result["questions"]))
    console.print(_notes(database, result))
    if before:
        console.print(Text(f"`nhi report` and the dashboard compare with {before}.", style="dim"))


def _notes(database: Database, result: Mapping[str, Any]) -> Table:
    """Findings, what would settle most, and warnings: a label and a text each."""
    severities = ", ".join(f"{count:,} {name}" for name, count in result["findings"]["by_severity"].items())
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    grid.add_row("Privilege", Text(_privilege(result["least_privilege"])))
    grid.add_row("Findings", Text(f"{severities}; {result['findings']['unknown']:,} could not be judged"))
    for move in next_moves(database, 3).settle:
        grid.add_row("Settle", Text(move["text"]))
    for warning in _grouped(result["warnings"]):
        grid.add_row("Note", Text(warning))
    return grid


def _privilege(access: Mapping[str, Any]) -> str:
    """Granted against used, in one sentence."""
    if not access["granted"]:
        return "of no identity is it known what it is granted"
    index = interval(access["creep_lo"], access["creep_hi"])
    seen = (
        f"{interval(access['seen_lo'], access['seen_hi'])} over the {access['seen']:,} with evidence of use"
        if access["seen"]
        else "without a record of which permissions were used"
    )
    return (
        f"permission-creep index {index} of 100 (n={access['judged']:,}, {access['unjudged']:,} not known), {seen};"
        f" {access['actions']['disable']:,} to disable, {access['actions']['narrow']:,} to narrow; {access['ways_certain']:,} with a way to more"
    )


def _headline(result: Mapping[str, Any]) -> str:
    attained, coverage = result["attained"], result["coverage"]
    stage = f"Attained: {stage_name(attained)}" if attained else "No stage is attained"
    exact = coverage["exact_pct"]
    if exact is None:
        return f"{stage}; no access path was found"
    return f"{stage}; {exact:g} % of {coverage['paths']:,} access paths are placed exactly"


def _with_exceptions(result: Mapping[str, Any], beside: Mapping[str, Any]) -> str:
    """The headline again with what people accepted left out, and how much that is."""
    counts, measured = beside["exceptions"], sum(result["findings"]["by_severity"].values())
    stage = f"attained {stage_name(beside['attained'])}" if beside["attained"] else "no stage is attained"
    takes = "takes" if counts["expired"] == 1 else "take"
    ended = f", {counts['expired']:,} ended and {takes} nothing out" if counts["expired"] else ""
    return (
        f"With exceptions: {stage}; {counts['findings']:,} of {measured:,} failed findings excepted; {counts['holding']:,} in force{ended}"
    )


def _stages(stages: Mapping[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("Stage")
    table.add_column("placed here by the lower bound")
    table.add_column("lower", justify="right")
    table.add_column("upper", justify="right")
    longest = max([*stages["lo"].values(), 1])
    for number, count in stages["lo"].items():
        bar = "█" * round(BAR * count / longest) or ("▏" if count else "")
        table.add_row(stage_name(int(number)), bar, f"{count:,}", f"{stages['hi'][number]:,}")
    return table


def _questions(questions: list[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("Question", "answer", "control met", "share met", "n", "unknown"):
        table.add_column(title, justify="left" if title in ("Question", "answer", "control met") else "right")
    for row in questions:
        share = "–" if row["lo"] is None else f"{row['lo']:.0%}" if row["lo"] == row["hi"] else f"{row['lo']:.0%}–{row['hi']:.0%}"
        table.add_row(
            row["id"], row["literal"].replace("_", " "), row["met"].replace("_", " "), share, str(row["denominator"]), str(row["unknown"])
        )
    return table


def _grouped(warnings: list[str]) -> list[str]:
    """Warnings, those of one kind on one line, the rarest kind first."""
    kinds: dict[str, list[str]] = {}
    for warning in warnings:
        place, separator, message = warning.partition(": ")
        kinds.setdefault(message if separator else warning, []).append(place if separator else "")
    lines = []
    for message, places in sorted(kinds.items(), key=lambda item: len(item[1])):
        where = places[0] if len(places) == 1 else f"{len(places)} places, first {places[0]}"
        lines.append(f"{where}: {message}" if where else message)
    hidden = len(lines) - SHOWN_WARNINGS
    return lines if hidden <= 0 else [*lines[:SHOWN_WARNINGS], f"and {hidden} more kinds of notes; --json lists all"]


def print_table(console: Console, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under their columns, and how many they are."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else CONTROL.sub(" ", str(value))) for value in row))
    console.print(table)
    console.print(Text(f"{len(rows):,} rows", style="dim"))


@contextmanager
def progress_by_service(console: Console, *, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar per service, while something is asked of many: called with a service, calls done and calls known."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(service: str, done: int, known: int) -> None:
            if service not in tasks:
                tasks[service] = progress.add_task(service, total=known)
            progress.update(tasks[service], completed=done, total=known)

        yield tell


@contextmanager
def progress_bar(console: Console, doing: str, *, quiet: bool, first: str = "") -> Iterator[Callable[[str, int, int | None], None]]:
    """One bar, while many things are done one after the other: called with what is done, how many are, and how many are known."""
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(first, total=None)
        yield lambda what, done, known: progress.update(task, completed=done, total=known, description=what)
