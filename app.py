"""The dashboard's door: opens the workspace read-only, lists the pages, runs the one that is asked for. Decides nothing.

Run `nhi serve`, or `streamlit run app.py` with the workspace in NHI_WORKSPACE.
"""

from __future__ import annotations

import streamlit as st

from inventory.store import StoreError
from reports.pages import filters, shell


def main() -> None:
    """Run the page that was asked for, or say what to do first."""
    st.set_page_config(page_title="NHI posture", page_icon="🗝️", layout="wide")
    try:
        snapshots = shell.lake().snapshots()
    except StoreError as error:
        st.title("The workspace cannot be read")
        st.text(str(error))
        return
    if not snapshots:
        _nothing_yet()
        return
    page = st.navigation(shell.pages(), expanded=True)
    filters.arrive(page.url_path)
    shell.pick_snapshot(snapshots)
    try:
        filters.bar(page.url_path, shell.current().database)
        page.run()
    except StoreError as error:
        st.title("The snapshot cannot be shown")
        st.text(str(error))


def _nothing_yet() -> None:
    st.title("Nothing assessed yet")
    st.text(f"There is no snapshot in {shell.lake().workspace.resolve()}.")
    st.write("Assess a folder of exports, or the sample data, then reload this page:")
    st.code("nhi assess PATH\nnhi demo", language=None)


main()
