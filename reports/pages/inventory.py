"""Inventory: every identity and what is placed without one, filtered and paged by the database, the filters in the URL."""

from __future__ import annotations

import streamlit as st

from reports.pages import shell
from reports.views.inventory import PLACED, POPULATIONS, InventoryFilter, inventory_count, inventory_options, inventory_page
from reports.views.stages import span

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
    wanted = _filter(context)
    total = inventory_count(context.database, wanted)
    offset = shell.page_offset(total)
    rows = inventory_page(context.database, wanted, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "subjects", len(rows), offset)
    shown = [{**row, "span": span(row["stage_lo"], row["stage_hi"]), "last_used": _last_used(row)} for row in rows]
    chosen = shell.table(shown, COLUMNS, alt="Inventory, weakest first", key="rows", tall=len(rows) > 18)
    st.caption("Weakest first. Choose a row for its access paths and the records behind them. The address bar holds the filters: share it.")
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


def _filter(context: shell.Context) -> InventoryFilter:
    options = inventory_options(context.database)
    stages = [str(stage) for stage in range(1, 8)]
    first, second = st.columns(5), st.columns(4)
    with first[0]:
        population = shell.choose("List", list(POPULATIONS), "list", default=PLACED) or PLACED
    with first[1]:
        stage = shell.choose("Stage, lower bound", stages, "stage")
    with first[2]:
        most = shell.choose("Stage, upper bound", stages, "most")
    with first[3]:
        privilege = shell.choose("Privilege", options["privilege"], "privilege")
    with first[4]:
        text = st.text_input("Name or id contains", key="text", bind="query-params")
    with second[0]:
        scope = shell.choose("Account", options["scope"], "scope")
    with second[1]:
        team = shell.choose("Team", options["team"], "team")
    with second[2]:
        kind = shell.choose("Kind", options["kind"], "kind")
    with second[3]:
        environment = shell.choose("Environment", options["environment"], "environment")
    return InventoryFilter(
        population=population,
        stage=int(stage) if stage else None,
        most=int(most) if most else None,
        scope=scope,
        team=team,
        kind=kind,
        environment=environment,
        privilege=privilege,
        text=text or None,
    )


def _last_used(row: dict[str, object]) -> str:
    """Never used is said only where use is tracked."""
    if row["last_used_at"]:
        return shell.day(row["last_used_at"])  # type: ignore[arg-type]  # a timestamp column
    return "never seen" if row["last_used_known"] else "—"


show()
