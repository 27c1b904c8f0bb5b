"""The graph of an identity and its ways to more, as drawn on its page. Every line has its records in the table beside it."""

from __future__ import annotations

import streamlit as st

from reports.pages import shell
from reports.svg_reach import reach
from reports.views.identity import SubjectDetail
from reports.views.least_privilege import escalations
from reports.views.reach import link_rows, link_takeaway, links

LISTED = 500
WAYS = 40


def reach_of(context: shell.Context, detail: SubjectDetail) -> None:
    """What leads to an identity and where it leads; then every way to more, step by step."""
    ways = escalations(context.database, detail.subject_id)
    found = links(context.database, detail, ways)
    takeaway = link_takeaway(detail.name, found)
    st.subheader("What leads to it, and where it leads", anchor=False)
    picture, width = reach(detail.name, found, takeaway, dark=shell.dark())
    st.image(picture, width=width, alt=takeaway)
    shell.note(f"{takeaway} Dashed: possible, not certain.")
    with st.expander("The same as a table, with the records"):
        rows = link_rows(found)
        columns = {
            "side": "Side",
            "group": "What",
            "title": "Name",
            "detail": "How",
            "gains": "Gains",
            "certain": "Certain",
            "evidence": "Evidence",
        }
        shell.counted(len(rows), "links", len(rows[:LISTED]))
        shell.words(rows[:LISTED], columns)
    st.subheader(f"Ways to more privilege ({len(ways)})", anchor=False)
    if not ways:
        st.caption("None was found in the evidence. What is not covered is on the Coverage page.")
    for way in ways[:WAYS]:
        with st.container(border=True):
            shell.block("way", way=way)
    if len(ways) > WAYS:
        st.caption(f"{len(ways) - WAYS} more are on the page Permissions.")
