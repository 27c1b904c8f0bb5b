"""Assess: evidence in, a snapshot out. Files are uploaded or a cloud is asked; either way the command of `nhi` does it."""

from __future__ import annotations

import streamlit as st

from reports.pages import asking, running, shell
from reports.uploads import ARCHIVE_LIMITS, MAX_FILE_MB, MAX_FILES, MAX_MB, UploadError, take
from scoring.packs import DEFAULT, pack_names

UPLOAD, ASK = "Upload files", "Ask a cloud"
FILES, FOLDER = "Files and archives", "A folder"

LIMITS = f"Up to {MAX_FILES:,} files, {MAX_FILE_MB} MB each and {MAX_MB:,} MB together; {ARCHIVE_LIMITS}. Larger exports: nhi assess on the server."
KEPT = (
    "Files are recognised by content; a bad one is named and never stops the rest. Secret values are dropped where they are read. What you upload"
    " is deleted when the assessment ends, however it ends; what it says is kept in the snapshot."
)


def show() -> None:
    shell.require("upload")
    if shell.lake().snapshots():
        shell.heading("Assess", shell.current().snapshot)
    else:
        _welcome()
    section = st.segmented_control("From", (UPLOAD, ASK), default=UPLOAD, required=True, key="from", bind="query-params")
    running.watch()
    if section == ASK and shell.may("collect"):
        asking.section()
    else:
        _upload()


def _welcome() -> None:
    """An empty workspace: what to do first."""
    shell.block("style")
    st.title("Nothing assessed yet", anchor=False)
    shell.note("Drop exports of your clouds and a secret scanner's report here, or run one of these where the dashboard runs:")
    st.code("nhi assess PATH\nnhi demo", language=None)


def _upload() -> None:
    kind = st.segmented_control("Upload", (FILES, FOLDER), default=FILES, required=True, key="upload_kind")
    with st.form("upload", clear_on_submit=True):
        files = st.file_uploader(
            "Evidence: exports, evidence bundles, scanner reports, the template; as they are, or in zips",
            accept_multiple_files="directory" if kind == FOLDER else True,
            key="evidence_folder" if kind == FOLDER else "evidence_files",
        )
        left, middle, right = st.columns(3)
        label = left.text_input("Label", key="upload_label", max_chars=100, placeholder="of the bundle, or the quarter").strip()
        as_of = middle.date_input(
            "Judge as of", value=None, key="upload_as_of", help="Left out: the date of the bundle, or the newest in the evidence."
        )
        pack = right.selectbox("Policy pack", pack_names(), index=pack_names().index(DEFAULT), key="upload_pack")
        go = st.form_submit_button("Assess", disabled=running.under_way())
    st.caption(LIMITS)
    st.caption(KEPT)
    if not go:
        return
    shell.require("upload")
    if not files:
        st.text("Choose files first.")
        return
    try:
        upload = take(shell.lake().workspace, [(file.name, file) for file in files])
    except (UploadError, OSError) as error:
        st.text(f"Not taken: {error}")
        return
    words = ["assess", upload.folder.relative_to(shell.lake().workspace).as_posix(), f"--pack={pack}"]
    words += [f"--label={label}"] if label else []
    words += [f"--as-of={as_of:%Y-%m-%d}"] if as_of else []
    running.start("Assess", words, notes=upload.refused, keep=[upload.lock], afterwards=upload.remove)


show()
