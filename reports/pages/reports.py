"""Reports: make one of the snapshot on show, with the decisions of today, and download any that was made."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from inventory.database import StoreError
from reports import archive
from reports.archive import ArchiveError, Report
from reports.audiences import AUDIENCES
from reports.formats import BY_NAME, FORMATS, Format
from reports.pages import shell

LISTED = 200
MADE = "report_made"


def show() -> None:
    shell.require("read")
    context = shell.current()
    shell.heading("Reports", context.snapshot)
    if shell.may("report"):
        _make(context)
    _kept()


def _make(context: shell.Context) -> None:
    earlier = [one for one in reversed(shell.lake().snapshots()) if one.as_of < context.snapshot.as_of]
    words = shell.named(earlier)
    first = list(words).index(context.before.snapshot_id) if context.before else None
    with st.form("make_report"):
        left, middle, right = st.columns(3)
        form = left.selectbox("Format", list(BY_NAME), format_func=lambda name: BY_NAME[name].title, key="report_format")
        audience = middle.selectbox(
            "For whom", list(AUDIENCES)[::-1], format_func=lambda name: f"{name}: {AUDIENCES[name]}", key="report_audience"
        )
        compare = right.selectbox("Compare with", list(words), index=first, format_func=lambda one: words[one], key="report_compare")
        go = st.form_submit_button("Make the report")
    st.caption("Of the snapshot on show, with the decisions that stand today. The same snapshots, decisions and day give the same file.")
    if go:
        _write(context, compare, BY_NAME[form], audience)


def _write(context: shell.Context, compare: str | None, form: Format, audience: str) -> None:
    asking = shell.require("report")
    try:
        with st.spinner("Writing the report"):
            report = archive.make(
                shell.lake(),
                context.snapshot,
                compare,
                form,
                on=context.today,
                at=datetime.now(UTC),
                who=asking.name,
                audience=audience,
            )
    except (StoreError, OSError) as error:
        st.text(f"Not made: {error}")
        return
    st.session_state[MADE] = report.sha256


def _kept() -> None:
    reports = archive.kept(shell.lake().workspace)
    st.subheader(f"Made so far ({len(reports)})", anchor=False)
    if not reports:
        st.caption("None yet. nhi report writes the same file.")
        return
    columns = {
        "made_at": "Made (UTC)",
        "label": "Snapshot",
        "snapshot_id": "Snapshot id",
        "compared_with": "Compared with",
        "on": "Exceptions as of",
        "format": "Format",
        "audience": "For",
        "made_by": "By",
        "sha256": "SHA-256",
    }
    rows = [{name: _cell(report, name) for name in columns} for report in reports[:LISTED]]
    shell.counted(len(reports), "reports", len(rows))
    index = shell.table(rows, columns, alt="Reports that were made, newest first; choose one to download it", key="reports_kept")
    newest = next((report for report in reports if report.sha256 == st.session_state.get(MADE)), reports[0])
    _download(reports[index] if index is not None else newest)


def _cell(report: Report, name: str) -> str | None:
    value = getattr(report, name)
    return "the one before" if name == "compared_with" and value is None else value


def _download(report: Report) -> None:
    """The button for one report, and which one it is."""
    try:
        content = archive.content(shell.lake().workspace, report)
    except ArchiveError as error:
        st.text(str(error))
        return
    mime = BY_NAME[report.format].mime if report.format in BY_NAME else FORMATS[0].mime
    st.download_button(
        "Download the report",
        content,
        file_name=report.file,
        mime=mime,
        key="download_report",
        icon=":material/download:",
        on_click="ignore",
    )
    shell.note(f"{report.label}, {len(content) / 1024:,.0f} kB, SHA-256 {report.sha256}")


show()
