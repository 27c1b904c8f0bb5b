"""What every command needs: how to print, how to stop, the options they share. One file a command stands beside this one.

A command parses, asks a view, and prints; it decides nothing. Exit codes: 0 fine, 1 findings at or above --fail-on, 2 wrong usage,
3 could not run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from inventory.lake import Lake, Snapshot
from reports.console import CONTROL, print_table, progress_bar, progress_by_service
from reports.progress_lines import Step, told

FOUND = 1
WRONG_USAGE = 2
COULD_NOT_RUN = 3

out = Console(width=None if Console().is_terminal else 110, highlight=False)
err = Console(stderr=True, highlight=False)

Workspace = Annotated[Path, typer.Option("--workspace", envvar="NHI_WORKSPACE", help="Folder that keeps the snapshots.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
AsLines = Annotated[bool, typer.Option("--progress-lines", help="Tell progress on standard error, one JSON object a line.")]
SnapshotId = Annotated[str | None, typer.Option("--snapshot", help="Snapshot id or label; the one published last if left out.")]
HERE = Path("workspace")


def stop(message: str) -> NoReturn:
    """Say in one line why it cannot go on, and exit with 3."""
    say(f"Could not run: {message}", style="red")
    raise typer.Exit(COULD_NOT_RUN)


def misused(option: str, message: object) -> NoReturn:
    """Say in one line what was called wrongly, and exit with 2."""
    say(f"Wrong usage: {option}: {message}", style="red")
    raise typer.Exit(WRONG_USAGE)


def say(message: str, *, style: str = "") -> None:
    """One line on standard error, however long."""
    err.print(Text(" ".join(CONTROL.sub(" ", message).split()), style=style), soft_wrap=True)


def picked(workspace: Path, text: str | None) -> tuple[Lake, Snapshot]:
    """The lake, and the snapshot that was asked for: by its id or label, or the one published last."""
    lake = Lake(workspace)
    found = named(lake, text) if text and lake.ids() else lake.current()
    if found is None:
        stop(f"{workspace} holds no snapshot: run `nhi assess PATH` first")
    return lake, found


def named(lake: Lake, text: str, later: Snapshot | None = None) -> Snapshot:
    """A snapshot by id, or by label: of several, the one that is judged as `later` is, else the newest. By id no other manifest is read: one that is
    damaged stands in nobody's way."""
    if text in lake.ids():
        return lake.snapshot(text)
    found = [snapshot for snapshot in lake.snapshots() if text == snapshot.label]
    if not found:
        misused("SNAPSHOT", f"{text!r} is no id and no label; `nhi snapshots` lists them")
    alike = [snapshot for snapshot in found if later and snapshot.judged_by == later.judged_by]
    chosen = (alike or found)[-1]
    if len(found) > 1:
        say(f"{text}: {len(found)} snapshots carry this label; taken: {chosen.snapshot_id}")
    return chosen


@contextmanager
def progress(doing: str, *, quiet: bool, lines: bool, by_service: bool = False) -> Iterator[Callable[[str, int, int], None]]:
    """What to call with the thing at hand, how many are done and how many are known: a bar for people, lines for programs."""
    if lines:
        yield lambda what, done, known: print(told(Step(doing, what, done, known)), file=sys.stderr, flush=True)
        return
    with progress_by_service(err, quiet=quiet) if by_service else progress_bar(err, doing, quiet=quiet) as tell:
        yield tell


def as_document(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, default=str))


def table(columns: list[str], rows: list[Any]) -> None:
    """Rows under their columns."""
    print_table(wide(), columns, rows)


def wide() -> Console:
    """Where tables go: not broken by what a pipe takes for its width."""
    return out if out.is_terminal else Console(width=int(os.environ.get("COLUMNS", "200")))
