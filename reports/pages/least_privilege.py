"""Least privilege: what is granted against what is used, what to take away first, and for one identity the proposal to apply."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports import charts, charts_lists
from reports.pages import filters, saving, shell
from reports.views.least_privilege import (
    ACTIONS,
    GROUPS,
    WAYS_SHOWN,
    AccessFilter,
    access_batches,
    access_count,
    access_counts,
    access_page,
    access_totals,
    creep_by,
    effort_and_gain,
    escalation_counts,
    escalations,
    interval,
)

COLUMNS = {
    "name": "Name",
    "action": "Proposed",
    "creep": "Creep index",
    "granted": "Granted",
    "used": "Used",
    "unused": "Unused",
    "open": "Not known",
    "privilege": "Privilege",
    "ways": "Ways to more",
    "confidence": "Confidence",
    "reason": "Why",
    "guards": "Wait for",
    "scope": "Account",
    "team": "Team",
    "evidence": "Evidence",
}
GROUP = {
    "group": "Group",
    "identities": "Identities",
    "judged": "Judged",
    "granted": "Granted",
    "used": "Used",
    "unused": "Unused",
    "open": "Not known",
    "creep": "Creep index",
}
ONE = {"name": "Name", "granted": "Granted", "used": "Used", "unused": "Unused", "open": "Not known"}
WAY = {
    "name": "Identity",
    "path_id": "Path",
    "certainty": "Certainty",
    "gains": "Gains",
    "target": "Reaches",
    "steps": "Steps",
    "reason": "Why",
    "evidence": "Evidence",
}


def show() -> None:
    context = shell.current()
    shell.heading("Least privilege", context.snapshot)
    wanted = _filter()
    totals = access_totals(context.database, wanted)
    if not totals["identities"]:
        st.caption("Nothing to judge: no identity matches. Assess an export that lists policies or roles, such as a GAAD file, and reload.")
        return
    _cards(totals)
    _groups(context, wanted, totals)
    _effort(context, wanted)
    _identities(context, wanted)
    _ways(context)


def _filter() -> AccessFilter:
    left, right = st.columns(2)
    with left:
        action = shell.choose("Proposed", list(ACTIONS), "action")
    with right:
        text = st.text_input("Name or id contains", key="text", bind="query-params")
    return AccessFilter(within=filters.chosen(), action=action, text=text or None)


def _cards(totals: dict[str, Any]) -> None:
    actions = totals["actions"]
    shell.block(
        "cards",
        cards=[
            {
                "label": "Permission-creep index",
                "value": interval(totals["creep_lo"], totals["creep_hi"]),
                "caption": f"unused among granted, by weight, 0 to 100, of {totals['judged']:,} identities;"
                + (
                    f" {interval(totals['seen_lo'], totals['seen_hi'])} over the {totals['seen']:,} with evidence of use"
                    if totals["seen"]
                    else " no record of which permissions were used was supplied"
                ),
            },
            {
                "label": "No use seen",
                "value": f"{actions['disable']:,}",
                "caption": "identities to disable first and delete later",
            },
            {
                "label": "To narrow",
                "value": f"{actions['narrow']:,}",
                "caption": f"{actions['wait']:,} more wait for a guard, {actions['unknown']:,} cannot be judged",
            },
            {
                "label": "Ways to more privilege",
                "value": f"{totals['ways_certain']:,}",
                "caption": f"identities with a certain escalation path; {totals['ways_possible']:,} more with a possible one",
            },
        ],
    )


def _groups(context: shell.Context, wanted: AccessFilter, totals: dict[str, Any]) -> None:
    st.subheader("Granted against used", anchor=False)
    column = shell.choose("By", list(GROUPS), "by", default="team") or "team"
    rows = [_with_creep(row) for row in creep_by(context.database, column, wanted)]
    shell.chart(charts.use_bars(rows, dark=shell.dark()), charts.use_takeaway(totals), rows, GROUP, key="use", title="Granted against used")


def _effort(context: shell.Context, wanted: AccessFilter) -> None:
    rows = effort_and_gain(context.database, wanted)
    st.subheader("Where to start", anchor=False)
    if not rows:
        st.caption("Nothing can be taken away on the evidence supplied. Supply evidence of use: the Coverage page says which.")
        return
    twin = {
        "name": "Name",
        "action": "Proposed",
        "policies": "Policies or roles",
        "weight_unused": "Weight that goes",
        "confidence": "Confidence",
    }
    chosen = shell.chart(
        charts.effort_gain(rows, dark=shell.dark()),
        charts.effort_takeaway(rows),
        rows,
        twin,
        key="effort",
        title="Where to start",
        select=True,
    )
    if chosen:
        shell.go_to("permissions", identity=chosen[0]["customdata"][0])


def _identities(context: shell.Context, wanted: AccessFilter) -> None:
    st.subheader("Identities", anchor=False)
    _one_by_one(context, wanted)
    total = access_count(context.database, wanted)
    offset = shell.page_offset(total)
    rows = [_with_creep(row) for row in access_page(context.database, wanted, limit=shell.PAGE_SIZE, offset=offset)]
    shell.counted(total, "identities", len(rows), offset)
    chosen = shell.table(
        [{**row, "action": ACTIONS[row["action"]]} for row in rows],
        COLUMNS,
        alt="Identities, what to act on first",
        key="rows",
        tall=len(rows) > 18,
        title="Least privilege",
        every=_every(context, wanted),
    )
    st.caption("Choose a row for its permissions, the proposal and the way back. Not known is not unused: nothing tells.")
    if chosen is not None:
        shell.go_to("permissions", identity=rows[chosen]["identity_id"])


def _one_by_one(context: shell.Context, wanted: AccessFilter) -> None:
    rows = [_with_creep(row) for row in access_page(context.database, wanted, limit=charts_lists.DRAWN)]
    figure, takeaway = charts_lists.use_dumbbells(rows, dark=shell.dark()), charts_lists.dumbbell_takeaway(rows)
    chosen = shell.chart(figure, takeaway, rows, ONE, key="dumbbells", title="Granted and used, one by one", select=True)
    if chosen and chosen[0].get("customdata"):
        shell.go_to("permissions", identity=chosen[0]["customdata"][0])


def _every(context: shell.Context, wanted: AccessFilter) -> saving.Every:
    """All identities of the filter, the index as two numbers."""
    index = {"creep_lo": "Creep index, at least", "creep_hi": "Creep index, at most"}
    counts = {"likely_unused": "Likely unused", "unknown": "Use not known", "window_days": "Window, days"}
    rest = {name: label for name, label in COLUMNS.items() if name not in ("creep", "open")}
    return saving.Every(
        columns={**rest, **index, **counts, "identity_id": "Id"},
        batches=lambda: access_batches(context.database, wanted),
        counts=lambda: access_counts(context.database, wanted),
        unknown="with permissions that are not known",
        asked={"Proposed": wanted.action, "Name or id contains": wanted.text},
    )


def _ways(context: shell.Context) -> None:
    database, within = context.database, filters.chosen()
    rows = escalations(database, within=within, limit=WAYS_SHOWN)
    every = saving.Every(
        columns=WAY,
        batches=lambda: [escalations(database, within=within)],
        counts=lambda: escalation_counts(database, within),
        unknown="possible, not certain",
        asked={},
    )
    st.subheader("Ways to more privilege", anchor=False)
    if not rows:
        st.caption("No escalation path is open on the evidence supplied. Administrators are not listed: they need none.")
        return
    st.caption(f"Certain before possible; the first {WAYS_SHOWN} at most. Choose a row for the identity.")
    chosen = shell.table(
        rows,
        WAY,
        alt="Escalation paths, certain before possible",
        key="ways",
        tall=len(rows) > 12,
        title="Ways to more privilege",
        every=every,
    )
    if chosen is not None:
        shell.go_to("permissions", identity=rows[chosen]["identity_id"])


def _with_creep(row: dict[str, Any]) -> dict[str, Any]:
    """The index as text, and what is not known as one number."""
    unknown = row["open"] if "open" in row else None if row["granted"] is None else row["likely_unused"] + row["unknown"]
    return {**row, "creep": interval(row["creep_lo"], row["creep_hi"]), "open": unknown}


show()
