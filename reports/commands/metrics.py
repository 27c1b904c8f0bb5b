"""`nhi metrics`: the figures of a programme, each with its bounds, its n and what it is made of."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, out, picked, table
from reports.views.evidence import record_in_words
from reports.views.metrics import GROUPS, by_group, count_once, counted, figures, listed
from scoring.metrics import metric, metrics

SHOWN = 20
"""Subjects printed of one metric; --json lists all."""


def metrics_command(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    show: Annotated[str | None, typer.Option("--show", help="One metric by its id: what it means, and the subjects behind it.")] = None,
    by: Annotated[str | None, typer.Option("--by", help=f"Every metric by {', '.join(GROUPS.values())}.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every metric with its bounds, n, unknown and date; its definition and its subjects; or by group."""
    one = metric(show) if show else None
    if show and one is None:
        misused("--show", f"{show!r} is no metric; `nhi metrics` lists them")
    dimension = next((name for name, word in GROUPS.items() if by in (name, word)), None)
    if by and dimension is None:
        misused("--by", f"{by!r} is none of {', '.join(GROUPS.values())}")
    lake, chosen = picked(workspace, snapshot)
    with lake.open(chosen.snapshot_id) as database:
        if one:
            (row,) = (row for row in figures(database) if row["metric_id"] == one.metric_id)
            count_once(lake, database, chosen, one)
            total, rows = counted(database, None), listed(database, None, limit=None if as_json else SHOWN)
            if as_json:
                as_document(row | {"subjects": rows})
                return
            for name in ("title", "text", "definition", "formula", "counts", "numerator", "denominator", "unknown", "reason"):
                out.print(Text(f"{name:>12}  ", style="bold") + Text(str(row[name] if row[name] is not None else "—")))
            table(
                ["status", "subject", "why", "first record"],
                [(item["status"], item["name"], item["reason"], record_in_words(item["evidence"])) for item in rows],
            )
            out.print(Text(f"{len(rows):,} of {total:,} subjects; --json lists all", style="dim"))
        elif dimension:
            groups = [{"metric_id": known.metric_id, **row} for known in metrics() for row in by_group(database, known, dimension)]
            if as_json:
                as_document(groups)
                return
            table(
                ["metric", str(GROUPS[dimension]), "figure", "n", "unknown"],
                [(row["metric_id"], row["group"] or "(not stated)", row["text"], row["denominator"], row["unknown"]) for row in groups],
            )
        elif as_json:
            as_document(figures(database))
        else:
            table(
                ["metric", "title", "figure", "counted", "n", "unknown", "oldest data", "note"],
                [
                    (row["metric_id"], row["title"], row["text"], row["numerator"], row["denominator"], row["unknown"],
                     f"{row['data_date']:%Y-%m-%d}" if row["data_date"] else "—", row["reason"])
                    for row in figures(database)
                ],
            )  # fmt: skip
