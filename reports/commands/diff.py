"""`nhi diff`: what changed between two snapshots, and why."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from reports.commands.shell import FOUND, HERE, AsJson, Workspace, as_document, named, out, picked, stop, wide
from reports.console import CONTROL
from reports.views.evidence import record_in_words
from reports.views.progress import WORDS, compare, grouped, subjects
from reports.views.stages import span
from scoring.progress import CAUSES
from scoring.progress.compare import Comparison, comparison

LISTED = 15
"""Subjects of one cause that are printed; --json lists all."""


def diff(
    before: Annotated[str | None, typer.Argument(help="Snapshot id or label; the one before NOW if left out.")] = None,
    now: Annotated[str | None, typer.Argument(help="Snapshot id or label; the one published last if left out.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="Exit with 1 when a subject certainly moved down, 3 when nobody can tell.")
    ] = False,
) -> None:
    """Say what changed between two snapshots, each point with one cause: other rules, scope, knowledge, retired, new, down or up."""
    lake, later = picked(workspace, None)
    later = named(lake, now) if now else later
    earlier = named(lake, before, later) if before else lake.before(later)
    if earlier is None:
        stop(f"{later.snapshot_id}: there is no snapshot of an earlier date to compare with; `nhi snapshots` lists all")
    with comparison(lake, earlier, later) as found:
        document = compare(found)
        if as_json:
            as_document({**document, "subjects": {cause: subjects(found, cause) for cause in CAUSES}})
        else:
            print_progress(document, found)
    if fail_on_regression and document["unsplit"]:
        stop(f"whether anything moved down cannot be told: {document['unsplit']}")
    if fail_on_regression and document["causes"]["moved_down"]["subjects"]:
        raise typer.Exit(FOUND)


def print_progress(document: dict[str, Any], found: Comparison) -> None:
    """Causes, headlines, and the first subjects of each cause."""
    earlier, later = document["before"], document["now"]
    names = " → ".join(f"{side['label']}, {side['as_of'][:10]} ({side['snapshot_id']})" for side in (earlier, later))
    out.print()
    out.print(Text(names, style="bold"), soft_wrap=True)
    if document["unsplit"]:
        out.print(Text(f"Rules changed, and the earlier evidence cannot be judged again: {document['unsplit']}.", style="yellow"))
    elif not document["same_rules"]:
        out.print(Text(f"The earlier evidence was judged again by rules {later['rules_version']}, pack {later['pack']}."))
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("Cause", "meaning", "subjects"):
        table.add_column(name, justify="right" if name == "subjects" else "left")
    for cause in document["causes"].values():
        table.add_row(cause["title"], cause["meaning"], f"{cause['subjects']:,}")
    out.print(table)
    out.print(Text("\nHeadlines. Parts are taken in this order and add up: " + ", ".join(WORDS.values()).lower(), style="dim"))
    wide().print(_headlines(document["headlines"]))
    for cause in ("moved_down", "moved_up", "new", "retired", "scope", "rules"):
        _print_subjects(document, found, cause)


def _headlines(headlines: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("headline", "before", "now", "change", *(WORDS[cause].lower() for cause in CAUSES), "n before", "n now"):
        table.add_column(name, justify="left" if name == "headline" else "right")
    for group in grouped(headlines):
        table.add_row(Text(group["title"], style="bold"))
        for row in group["rows"]:
            table.add_row(*_line(row))
    return table


def _line(row: dict[str, Any]) -> list[str]:
    parts = row["parts"] or {}
    unit = {"%": " %", "index": "", "stage": ""}.get(row["unit"], "")
    return [
        row["title"],
        *("–" if row[name] is None else f"{row[name]:,}{unit}" for name in ("before", "now")),
        "–" if row["change"] is None else f"{row['change']:+,}",
        *(f"{parts[cause]:+,}" if parts.get(cause) else "·" for cause in CAUSES),
        f"{row['n_before']:,}",
        f"{row['n_now']:,}",
    ]


def _print_subjects(document: dict[str, Any], found: Comparison, cause: str) -> None:
    count = document["causes"][cause]["subjects"]
    if not count:
        return
    out.print(Text(f"\n{WORDS[cause]}: {count:,}", style="bold"))
    for row in subjects(found, cause, limit=LISTED):
        where = record_in_words(row["evidence"] or row["evidence_before"])
        place = f"{span(row['stage_lo_before'], row['stage_hi_before'])} → {span(row['stage_lo'], row['stage_hi'])}"
        out.print(Text(CONTROL.sub(" ", f"  {place:<24} {row['name']}  {where}")), soft_wrap=True)
    if count > LISTED:
        out.print(Text(f"  and {count - LISTED:,} more; --json lists all", style="dim"))
