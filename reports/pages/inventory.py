"""Inventory: every identity and what is placed without one, filtered and paged by the database, the filters in the URL."""

from __future__ import annotations

import streamlit as st

from reports.pages import filters, shell
from reports.views.inventory import PLACED, POPULATIONS, InventoryFilter, inventory_count, inventory_page
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


def show() -> None:
    context = shell.current()
    shell.heading("Inventory", context.snapshot)
    wanted = _filter()
    total = inventory_count(context.database, wanted)
    offset = shell.page_offset(total)
    rows = inventory_page(context.database, wanted, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "subjects", len(rows), offset)
    shown = [{**row, "span": span(row["stage_lo"], row["stage_hi"]), "last_used": _last_used(row)} for row in rows]
    chosen = shell.table(shown, COLUMNS, alt="Inventory, weakest first", key="rows", tall=len(rows) > 18)
    st.caption("Weakest first. Choose a row for its access paths and the records behind them. The address bar holds the filters: share it.")
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


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
