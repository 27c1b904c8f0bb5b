"""Expiry: when credentials and certificates end, month by month, and which never do."""

from __future__ import annotations

import streamlit as st

from reports import charts_lists
from reports.pages import filters, saving, shell
from reports.views.evidence import Rows
from reports.views.expiry import (
    NEVER,
    OVER,
    SOON_DAYS,
    UNKNOWN,
    WORDS,
    calendar,
    credential_kinds,
    expiring_batches,
    expiring_counts,
    expiring_page,
    when,
)

COLUMNS = {
    "name": "Credential",
    "credential_kind": "Kind",
    "says": "Ends",
    "expires_at": "Last day",
    "days_left": "Days left",
    "identity_name": "Identity",
    "status": "Status",
    "storage": "Rests in",
    "issuance": "Issued",
    "last_used_at": "Last used",
    "scope": "Account",
    "evidence": "Evidence",
    "subject_id": "Id",
}
CALENDAR = {"says": "Ends", "credentials": "Credentials", "certificates": "Of them certificates"}


def show() -> None:
    context = shell.current()
    shell.heading("Expiry", context.snapshot)
    as_of, within = context.snapshot.as_of, filters.chosen()
    left, right = st.columns(2)
    with left:
        kind = shell.choose("Kind of credential", credential_kinds(context.database), "credential")
    with right:
        ends = shell.choose("Ends", when(as_of), "ends")
    rows = calendar(context.database, as_of, within, kind)
    if not any(row["credentials"] for row in rows):
        st.caption(
            "No credential is listed here. Clear the filter, or assess an export that lists keys, secrets or certificates: see Coverage."
        )
        return
    _cards(rows)
    st.subheader("Months ahead", anchor=False)
    figure, takeaway = charts_lists.expiry_bars(rows, dark=shell.dark()), charts_lists.expiry_takeaway(rows)
    chosen = shell.chart(figure, takeaway, rows, CALENDAR, key=f"calendar {kind} {ends}", title="Expiry by month", select=True)
    if chosen and chosen[0]["customdata"][0] != ends:  # with its key, the chart forgets what was chosen on it
        shell.go_to("expiry", ends=chosen[0]["customdata"][0])
    st.caption(
        "Counted from the date of the data; credentials that are switched off are left out. Choose a bar for its list; those without a date are under “Ends”."
    )
    _list(context, kind, ends)


def _cards(rows: Rows) -> None:
    found = {row["ends"]: row["credentials"] for row in rows}
    soon = sum(row["soon"] for row in rows)
    cards = [
        ("Already over", found[OVER], "and not deleted"),
        (f"Within {SOON_DAYS} days", soon, f"{sum(row['soon_certificates'] for row in rows):,} of them certificates"),
        ("Never end", found[NEVER], "a source says so"),
        ("Not known", found[UNKNOWN], "no source says whether they end"),
    ]
    shell.block("cards", cards=[{"label": label, "value": f"{count:,}", "caption": caption} for label, count, caption in cards])


def _list(context: shell.Context, kind: str | None, ends: str | None) -> None:
    database, as_of, within = context.database, context.snapshot.as_of, filters.chosen()
    st.subheader("Credentials", anchor=False)
    total = expiring_counts(database, as_of, within, kind, ends)["n"]
    offset = shell.page_offset(total)
    rows = expiring_page(database, as_of, within, kind, ends, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "credentials", len(rows), offset)
    kept = {name: label for name, label in COLUMNS.items() if name != "says"}
    every = saving.Every(
        columns={**kept, "ends": "Ends", "never_expires": "Never ends", "identity_id": "Identity id"},
        batches=lambda: expiring_batches(database, as_of, within, kind, ends),
        counts=lambda: expiring_counts(database, as_of, within, kind, ends),
        unknown="of which no source says whether they end",
        asked={"Kind of credential": kind, "Ends": WORDS.get(ends, ends) if ends else None},
    )
    shown = [{**row, "says": WORDS.get(row["ends"], row["ends"])} for row in rows]
    chosen = shell.table(
        shown, COLUMNS, alt="Credentials, those that end first", key="rows", tall=len(rows) > 18, title="Credentials", every=every
    )
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["identity_id"] or rows[chosen]["subject_id"])


show()
