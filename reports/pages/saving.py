"""Downloads under tables: CSV and XLSX of all rows of the filter, made only when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from inventory.database import Database
from inventory.lake import Snapshot
from reports.exports import Facts, Listing, csv_bytes, xlsx_bytes
from reports.pages import filters
from reports.views.evidence import Rows
from reports.views.filters import Filter, in_words

FORMATS = {
    "CSV": ("csv", "text/csv", csv_bytes),
    "XLSX": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_bytes),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """All rows behind a table that shows a page of them; nothing is counted or read before a file is asked for."""

    columns: Mapping[str, str]
    batches: Callable[[], Iterable[Rows]]
    counts: Callable[[], Mapping[str, int]]
    """`n` rows, and `unknown`: in how many of them what the table is about is not known."""
    unknown: str
    """What is not known in those, in words: `without a single stage`."""
    asked: Mapping[str, str | None]
    """The page's own filters, by label."""


def offer(title: str, every: Every, *, key: str, snapshot: Snapshot, database: Database, before: Snapshot | None) -> None:
    """Two buttons; the files are made by another thread, on the connection that this page reads from."""
    wanted = filters.chosen()
    listing = Listing(
        title=title,
        columns=every.columns,
        batches=every.batches,
        facts=lambda: facts_of(title, every, snapshot=snapshot, database=database, before=before, wanted=wanted),
    )
    stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40]
    with st.container(horizontal=True, gap="small"):
        for label, (ending, mime, make) in FORMATS.items():
            st.download_button(
                label,
                partial(make, listing),
                file_name=f"nhi-{stem}-{snapshot.snapshot_id}.{ending}",
                mime=mime,
                key=f"save {key} {ending}",
                on_click="ignore",
                type="tertiary",
                icon=":material/download:",
                help=f"{title}: all rows of the filter",
            )


def facts_of(title: str, every: Every, *, snapshot: Snapshot, database: Database, before: Snapshot | None, wanted: Filter) -> Facts:
    """What a file says of itself: which data, judged how, which filter, how many rows."""
    counts = every.counts()
    asked = [(f"Filter: {label.lower()}", value) for label, value in [*in_words(database, wanted), *every.asked.items()] if value]
    return [
        ("Table", title),
        ("Snapshot", f"{snapshot.label}, {snapshot.snapshot_id}"),
        ("Data as of", f"{snapshot.as_of:%Y-%m-%d}"),
        ("Rules version", snapshot.rules_version),
        ("Pack", snapshot.pack),
        ("Compared with", f"{before.label}, {before.snapshot_id}" if before else "nothing"),
        *(asked or [("Filter", "none: everything")]),
        ("Rows", counts["n"]),
        (f"Of them {every.unknown}", counts["unknown"]),
        ("An empty cell", "no source says it"),
    ]


def of_rows(rows: Rows, columns: Mapping[str, str]) -> Every:
    """A table that is shown in full."""
    unknown = sum(any(row.get(name) is None for name in columns) for row in rows)
    return Every(
        columns=columns,
        batches=lambda: [rows],
        counts=lambda: {"n": len(rows), "unknown": unknown},
        unknown="with an empty cell",
        asked={},
    )
