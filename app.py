"""The dashboard's door: opens the workspace read-only, lists the pages, runs the one that is asked for. Decides nothing.

Run `nhi serve`, or `streamlit run app.py` with the workspace in NHI_WORKSPACE.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from inventory.database import StoreError
from reports.pages import ahead, filters, gate, shell


def main() -> None:
    """Run the page that was asked for, or say what to do first."""
    st.set_page_config(page_title="NHI posture", page_icon="🗝️", layout="wide")
    asking = gate.enter(shell.PAGES)
    shell.badge(asking)
    try:
        snapshots = shell.lake().snapshots()
    except StoreError as error:
        shell.failed("The workspace cannot be read", error)
        return
    pages = shell.pages(asking, empty=not snapshots)
    if not pages:
        _nothing_yet()
        return
    page = st.navigation(pages, expanded=True)
    try:
        if snapshots:
            filters.arrive(page.url_path)
            shell.pick_snapshot(snapshots)
            filters.bar(page.url_path, shell.current().database)
        page.run()
    except StoreError as error:
        shell.failed("The snapshot cannot be shown", error)


def _nothing_yet() -> None:
    st.title("Nothing assessed yet", anchor=False)
    st.text("Whoever runs this dashboard has to assess something first.")


if __name__ == "__main__":  # Streamlit runs this file for every page that is asked for …
    main()
else:  # … and imports it once, as the server
    ahead.begin()
    app = st.App(Path(__file__).resolve(), middleware=gate.around(), exception_handlers={Exception: gate.broken})
