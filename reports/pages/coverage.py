"""Coverage: which facts were collected for which scope, every file that was offered, and what to supply next."""

from __future__ import annotations

import streamlit as st

from reports.pages import saving, shell
from reports.views.coverage import coverage_matrices, repositories, to_supply
from reports.views.evidence import Rows
from reports.views.stages import exactness
from reports.views.summary import offered_files, unknown_checks

# More scopes of a provider than this are listed instead: the words would not fit.
DRAWN = 12

# Rows in one table; the downloads have them all.
LISTED = 500


def show() -> None:
    context = shell.current()
    shell.heading("Coverage", context.snapshot)
    exact = exactness(context.database)
    share = f"{exact['exact_pct']:g} %" if exact["exact_pct"] is not None else "None"
    st.caption(f"{share} of access paths have a single stage: {exact['exact']:,} of {exact['paths']:,}. A gap is never counted as a pass.")
    _matrix(context)
    st.subheader("What to supply next", anchor=False)
    gaps = to_supply(context.database)
    shown = [{**row, "scopes": _some(row["scopes"]), "facts": ", ".join(row["facts"]).replace("_", " ")} for row in gaps]
    shell.words(
        shown,
        {"status": "Status", "facts": "Facts", "reason": "Why, and what to supply", "scopes": "Account or repository", "pairs": "Gaps"},
    )
    shell.savable(
        "What to supply next", gaps, {"status": "Status", "facts": "Facts", "reason": "Why", "scopes": "Accounts", "pairs": "Gaps"}
    )
    _checks(context)
    _repositories(context)
    _files(context)


def _matrix(context: shell.Context) -> None:
    matrices = coverage_matrices(context.database)
    st.subheader("Facts by account", anchor=False)
    rows = [row for matrix in matrices for row in matrix.rows]
    columns = {
        "fact": "Fact",
        "name": "Name",
        "scope": "Account",
        "provider": "Provider",
        "status": "Status",
        "reason": "Why",
        "collected_at": "As of",
        "evidence": "Evidence",
    }
    collected = sum(row["status"] == "collected" for row in rows)
    takeaway = f"{collected} of {len(rows)} pairs of fact and account were collected; {len(rows) - collected} were not, or not in full."
    drawn = [matrix for matrix in matrices if len(matrix.scopes) <= DRAWN]
    shell.block("matrix", matrices=drawn)
    shell.note(takeaway)
    with st.expander("Each with its reason and source", expanded=len(drawn) < len(matrices)):
        rows.sort(key=lambda row: row["status"] == "collected")  # what is missing first; the order of facts and accounts else
        _some_of(rows, columns, "pairs of fact and account", alt=takeaway, title="Facts by account")


def _some(names: list[str], most: int = 4) -> str:
    """The first few names, and how many more there are."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join("all" if name == "*" else name for name in names[:most]) + rest


def _checks(context: shell.Context) -> None:
    rows = unknown_checks(context.database)
    st.subheader(f"Checks that could judge nothing ({len(rows)})", anchor=False)
    if rows:
        shell.words(rows, {"check": "Check", "reason": "Why"})


def _repositories(context: shell.Context) -> None:
    rows = repositories(context.database)
    st.subheader(f"Repositories and images ({len(rows)})", anchor=False)
    columns = {
        "target_id": "Name",
        "kind": "Kind",
        "in_scope": "Ours",
        "scanned": "Scanned",
        "scanned_at": "Last scan",
        "status": "Status",
        "reason": "Why",
    }
    if rows:
        alt = f"{sum(not row['scanned'] for row in rows)} of {len(rows)} were not scanned"
        _some_of(rows, columns, "repositories and images", alt=alt, title="Repositories and images")
    else:
        st.caption("No source lists a repository: not scanned, which is not the same as clean.")


def _files(context: shell.Context) -> None:
    rows = offered_files(context.database)
    st.subheader(f"Files ({len(rows)})", anchor=False)
    columns = {
        "source_id": "File",
        "format": "Format",
        "status": "Status",
        "records": "Records",
        "scope": "Account",
        "collected_at": "As of",
        "collected_basis": "Date from",
        "bytes": "Bytes",
        "input_sha256": "SHA-256",
    }
    rows.sort(key=lambda row: row["status"] == "read")
    alt = f"{sum(row['status'] != 'read' for row in rows)} of {len(rows)} files were not read in full"
    _some_of(rows, columns, "files", alt=alt, title="Files")


def _some_of(rows: Rows, columns: dict[str, str], noun: str, *, alt: str, title: str) -> None:
    """The first rows of a table, whose downloads have them all."""
    shell.table(rows[:LISTED], columns, alt=alt, tall=len(rows) > 18, title=title, every=saving.of_rows(rows, columns))
    if len(rows) > LISTED:
        shell.counted(len(rows), noun, LISTED)


show()
