"""The ten-second summary that `nhi assess` prints. Words only; every figure comes from the summary object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from inventory.store import Database, Snapshot
from reports.views.methodology import stage_name
from reports.views.moves import next_moves

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
    console.print(_stages(result["stages"]))
    console.print(_questions(result["questions"]))
    severities = ", ".join(f"{count:,} {name}" for name, count in result["findings"]["by_severity"].items())
    console.print(Text("Findings  ", style="bold") + Text(f"{severities}; {result['findings']['unknown']:,} could not be judged"))
    for move in next_moves(database, 3).settle:
        console.print(Text("Settle    ", style="bold") + Text(move["text"]))
    _warnings(console, result["warnings"])
    if before:
        console.print(Text(f"`nhi report` compares with {before}.", style="dim"))


def _headline(result: Mapping[str, Any]) -> str:
    attained, coverage = result["attained"], result["coverage"]
    stage = f"Attained: {stage_name(attained)}" if attained else "No stage is attained"
    exact = coverage["exact_pct"]
    if exact is None:
        return f"{stage}; no access path was found"
    return f"{stage}; {exact:.0f} % of {coverage['paths']:,} access paths are placed exactly"


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


def _warnings(console: Console, warnings: list[str]) -> None:
    """Warnings, those of one kind on one line."""
    grouped: dict[str, list[str]] = {}
    for warning in warnings:
        place, separator, message = warning.partition(": ")
        grouped.setdefault(message if separator else warning, []).append(place if separator else "")
    for message, places in sorted(grouped.items(), key=lambda item: len(item[1]))[:SHOWN_WARNINGS]:
        where = places[0] if len(places) == 1 else f"{len(places)} files, first {places[0]}"
        console.print(Text("Note      ", style="yellow") + Text(f"{where}: {message}" if where else message))
    if len(grouped) > SHOWN_WARNINGS:
        console.print(Text(f"          and {len(grouped) - SHOWN_WARNINGS} more kinds of notes; --json lists all", style="dim"))
