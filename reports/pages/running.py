"""What the dashboard lets a command of `nhi` do: start it, show how far it is, and say what came of it. Shared by what uploads and what asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from inventory.database import StoreError
from reports import background
from reports.background import Busy, Run
from reports.pages import shell
from reports.views.summary import sources

WATCHED = "run_watched"
"""Where the session keeps that it saw a run under way, so that it notices the end."""

MEANING = {2: "It was called wrongly.", 3: "It could not run."}
"""Exit codes of nhi."""


def start(
    title: str, words: Sequence[str], *, notes: Sequence[str] = (), keep: Sequence[int] = (), afterwards: Callable[[], None] = lambda: None
) -> None:
    """Begin a run and draw the page anew; where another one is under way say so, and clean up."""
    try:
        background.start(shell.lake().workspace, title, words, notes=notes, keep=keep, afterwards=afterwards)
    except (Busy, OSError) as error:
        afterwards()
        st.text(f"Not started: {error}.")
        return
    st.session_state[WATCHED] = True
    st.rerun()


def watch() -> None:
    """The run that is under way, drawn anew every second until it ends; then the page is, on the snapshot that it made."""
    run = background.last(shell.lake().workspace)
    if run is not None and (run.code is None or WATCHED in st.session_state):
        _watching()
    elif run is not None:
        _ended(run)


def under_way() -> bool:
    """Whether something runs: the forms wait."""
    run = background.last(shell.lake().workspace)
    return run is not None and run.code is None


@st.fragment(run_every=1)
def _watching() -> None:
    run = background.last(shell.lake().workspace)
    if run is None or run.code is not None:
        st.session_state.pop(WATCHED, None)
        if run is not None and (made := _snapshot_of(run)):
            shell.show_next(made)
        st.rerun(scope="app")
        return
    st.session_state[WATCHED] = True
    step = run.step
    known = step.known if step else None
    with st.container(border=True):
        st.text(f"{run.title}: under way since {run.started_at:%H:%M:%S} UTC")
        st.progress(step.done / known if step and known else 0.0)
        st.text(
            f"{step.doing} {step.done:,} of {known or '?'}   {step.what}"
            if step and step.doing != "Judging"
            else "Judging"
            if step
            else "Starting"
        )
        if st.button("Stop it", key="stop_run"):
            shell.require("upload")
            background.stop(shell.lake().workspace)


def _snapshot_of(run: Run) -> str | None:
    return (run.document or {}).get("snapshot_id")


def _ended(run: Run) -> None:
    """What came of the last run."""
    with st.container(border=True):
        st.text(f"{run.title}: {'stopped' if run.stopped and run.code else 'done' if run.code == 0 else 'failed'}")
        if run.code and not run.stopped:
            st.text(
                MEANING.get(run.code, f"It ended with exit code {run.code}; it may have run out of memory.") + " Nothing was published."
            )
        _lines(run.notes)
        _lines([] if _snapshot_of(run) else list(run.messages))
        if made := _snapshot_of(run):
            _taken(made)
        elif run.document and "gaps" in run.document:
            _collected(run.document)


def _lines(lines: Sequence[str], most: int = 40) -> None:
    if lines:
        more = f"\n… and {len(lines) - most:,} more" if len(lines) > most else ""
        st.text("\n".join(lines[:most]) + more)


def _taken(snapshot_id: str) -> None:
    """What each file was taken for, what was said of it, and how much is known now."""
    try:
        snapshot = shell.lake().snapshot(snapshot_id)
        with shell.lake().open(snapshot_id) as database:
            rows = sources(database)
            gaps = database.value("SELECT count(*) FROM coverage WHERE status <> 'collected'")
            whole = database.value("SELECT count(*) FROM coverage WHERE status = 'collected'")
    except StoreError as error:
        st.text(str(error))
        return
    st.text(f"Snapshot {snapshot.label}, as of {snapshot.as_of:%Y-%m-%d}, is published: {snapshot_id}")
    read = sum(row["status"] == "read" for row in rows)
    shell.note(f"{read:,} of {len(rows):,} files were read in full. {whole:,} facts were collected; {gaps:,} were not, or not in full.")
    columns = {
        "source_id": "File",
        "format": "Taken for",
        "status": "Status",
        "records": "Records",
        "scope": "Account",
        "collected_at": "As of",
    }
    order = {"unreadable": 0, "unsupported": 1, "partial": 2}
    shell.table(
        sorted(rows, key=lambda row: (order.get(row["status"], 3), row["source_id"])),
        columns,
        alt=f"{len(rows) - read} of {len(rows)} files were not read in full; they come first",
        tall=len(rows) > 18,
    )
    notes = [str(text) for text in snapshot.details.get("warnings", [])]
    if notes:
        with st.expander(f"Notes ({len(notes):,})"):
            _lines(notes, 200)
    shell.link("overview", "Show the result")
    shell.link("coverage", "What to supply next")


def _collected(document: dict[str, Any]) -> None:
    gaps = document["gaps"]
    shell.note(
        f"{document['asked']:,} calls, {len(document['files']):,} files in {document['folder']}; {len(gaps):,} facts were not collected."
    )
    if gaps:
        shell.words([_plain(gap) for gap in gaps[:200]], {"fact": "Fact", "scope": "Account", "status": "Status", "reason": "Why"})


def _plain(gap: Any) -> dict[str, Any]:
    return gap if isinstance(gap, dict) else {"reason": str(gap)}
