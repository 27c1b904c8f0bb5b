"""Inventory: every identity and what is placed without one, filtered and paged by the database, the filters in the URL."""

from __future__ import annotations

import streamlit as st

from reports.pages import filters, saving, shell
from reports.views.inventory import (
    PLACED,
    POPULATIONS,
    InventoryFilter,
    inventory_batches,
    inventory_count,
    inventory_counts,
    inventory_page,
)
from reports.views.stages import span
from scoring.attained import STAGES

COLUMNS = {
    "name": "Name",
    "span": "Stage",
    "privilege": "Privilege",
    "kind": "Kind",
    "scope": "Account",
    "environment": "Environment",
    "team": "Team",
    "paths": "Paths",
    "mixed": "Mixed",
    "last_used": "Last used",
    "population": "Listed as",
    "note": "Note",
    "subject_id": "Id",
}

# Columns of the file.
SAVED = {
    "name": "Name",
    "subject_kind": "What it is",
    "stage_lo": "Stage, at least",
    "stage_hi": "Stage, at most",
    "privilege": "Privilege",
    "kind": "Kind",
    "provider": "Provider",
    "scope": "Account",
    "environment": "Environment",
    "team": "Team",
    "paths": "Paths",
    "mixed": "Mixed",
    "last_used_at": "Last used",
    "last_used_known": "Use is tracked",
    "population": "Listed as",
    "note": "Note",
    "subject_id": "Id",
}


def show() -> None:
    context = shell.current()
    shell.heading("Inventory", context.snapshot)
    wanted = _filter()
    total = inventory_count(context.database, wanted)
    offset = shell.page_offset(total)
    rows = inventory_page(context.database, wanted, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "subjects", len(rows), offset)
    shown = [{**row, "span": span(row["stage_lo"], row["stage_hi"]), "last_used": _last_used(row)} for row in rows]
    chosen = shell.table(
        shown, COLUMNS, alt="Inventory, weakest first", key="rows", tall=len(rows) > 18, title="Inventory", every=_every(context, wanted)
    )
    st.caption("Weakest first. Choose a row for its access paths and the records behind them. The address bar holds the filters: share it.")
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


def _every(context: shell.Context, wanted: InventoryFilter) -> saving.Every:
    """All subjects of the filter, bounds and dates as numbers and dates."""
    return saving.Every(
        columns=SAVED,
        batches=lambda: inventory_batches(context.database, wanted),
        counts=lambda: inventory_counts(context.database, wanted),
        unknown="without a single stage",
        asked={
            "List": wanted.population,
            "Stage, upper bound": str(wanted.most) if wanted.most else None,
            "Name or id contains": wanted.text,
        },
    )


def _filter() -> InventoryFilter:
    columns = st.columns(3)
    with columns[0]:
        population = shell.choose("List", list(POPULATIONS), "list", default=PLACED) or PLACED
    with columns[1]:
        most = shell.choose("Stage, upper bound", [str(stage) for stage in STAGES], "most")
    with columns[2]:
        text = st.text_input("Name or id contains", key="text", bind="query-params")
    return InventoryFilter(within=filters.chosen(), population=population, most=int(most) if most else None, text=text or None)


def _last_used(row: dict[str, object]) -> str:
    """Never used is said only where use is tracked."""
    if row["last_used_at"]:
        return shell.day(row["last_used_at"])  # type: ignore[arg-type]  # a timestamp column
    return "never seen" if row["last_used_known"] else "—"


show()
