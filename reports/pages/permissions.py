"""Permissions: everything that one identity holds, whether it is used, what to take away, and the way back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports.pages import filters, saving, shell
from reports.views.least_privilege import ACTIONS, AccessFilter, access_of, access_page, escalations, interval
from reports.views.permissions import IN_WORDS, by_service, diff, permission_rows, permissions_of
from scoring.least_privilege.use import Proposal, Review

SERVICE: dict[str, str] = {
    "service": "Service",
    "granted": "Granted",
    **{str(use): words.capitalize() for use, words in IN_WORDS.items()},
    "last_at": "Last use",
}
PERMISSION = {
    "name": "Permission",
    "use": "Use",
    "weight": "Weighs as",
    "reason": "Why",
    "last_at": "Last use",
    "window_days": "Window, days",
    "granted_by": "Granted by",
    "conditional": "Conditional",
    "evidence": "Evidence",
}
FOUND = {"name": "Name", "action": "Proposed", "creep": "Creep index", "privilege": "Privilege", "scope": "Account", "reason": "Why"}


def show() -> None:
    context = shell.current()
    shell.heading("Permissions", context.snapshot)
    wanted = st.text_input("Id, ARN or part of a name", key="identity", bind="query-params")
    row = access_of(context.database, wanted) if wanted else None
    if row is None:
        _search(context, wanted or "")
        return
    shell.block("holder", row=row)
    shell.link("identity", "Its access paths and findings", identity=row["identity_id"])
    found, proposal = permissions_of(context.database, context.snapshot, row["identity_id"])
    _cards(row)
    _gaps(found)
    _proposal(proposal)
    _ways(context, row["identity_id"])
    _held(found)


def _search(context: shell.Context, wanted: str) -> None:
    rows = access_page(context.database, AccessFilter(within=filters.chosen(), text=wanted or None), limit=shell.PAGE_SIZE)
    st.caption(
        "Nothing in this snapshot matches: people and what is out of scope are not listed."
        if wanted and not rows
        else "Choose one; what to act on comes first."
    )
    shown = [{**row, "action": ACTIONS[row["action"]], "creep": interval(row["creep_lo"], row["creep_hi"])} for row in rows]
    chosen = shell.table(shown, FOUND, alt="Identities that match", key="matches", tall=len(rows) > 18)
    if chosen is not None:
        shell.go_to("permissions", identity=rows[chosen]["identity_id"])


def _cards(row: dict[str, Any]) -> None:
    known = row["granted"] is not None
    unknown = row["likely_unused"] + row["unknown"] if known else None
    counts = [
        ("Granted", row["granted"], "permissions on some resource, under some condition"),
        (
            "Used",
            row["used"],
            f"within {row['window_days']} days at most looked at" if row["window_days"] else "no evidence of use was supplied",
        ),
        ("Unused", row["unused"], "evidence that covers them shows no use"),
        ("Not known", unknown, "nothing tells whether they are used; they stay"),
    ]
    cards = [{"label": label, "value": f"{count:,}" if known else "—", "caption": caption} for label, count, caption in counts]
    shell.block(
        "cards",
        cards=[
            *cards,
            {
                "label": "Creep index",
                "value": interval(row["creep_lo"], row["creep_hi"]),
                "caption": "unused among granted, by weight, 0 to 100",
            },
        ],
    )


def _gaps(found: Review) -> None:
    for gap in found.gaps:
        shell.note(f"It may hold more, or less: {gap}.")


def _proposal(proposal: Proposal) -> None:
    st.subheader(f"Proposal: {ACTIONS[proposal.action].lower()}", anchor=False)
    shell.block("proposal", proposal=proposal, removed={IN_WORDS[use]: count for use, count in proposal.removed.items() if count})
    for change in proposal.changes:
        with st.container(border=True):
            st.text(change.title)
            st.code(diff(change) or "no change of text", language="diff")
    if proposal.files:
        st.caption("Files to review and apply; “nhi recommend --out DIR” writes them all.")
        for file in proposal.files:
            with st.expander(file.name):
                st.code(file.text, language=None)
                st.download_button("Download", file.text, file_name=file.name, key=f"file {file.name}")
    if proposal.rollback:
        st.caption("The way back")
        st.code(proposal.rollback, language=None)


def _ways(context: shell.Context, identity_id: str) -> None:
    rows = escalations(context.database, identity_id)
    st.subheader(f"Ways to more privilege ({len(rows)})", anchor=False)
    if not rows:
        st.caption("None is open on the evidence supplied. An administrator needs none.")
    for row in rows:
        shell.block("way", way=row)


def _held(found: Review) -> None:
    rows = by_service(found)
    st.subheader(f"Permissions ({len(found.permissions):,})", anchor=False)
    if not rows:
        st.caption("It holds none that the evidence shows.")
        return
    chosen = shell.table(
        rows, SERVICE, alt="Permissions by service and use", key="services", tall=len(rows) > 18, title="Permissions by service"
    )
    with st.container(horizontal=True):
        service = rows[chosen]["service"] if chosen is not None else None
        use = shell.choose("Use", list(IN_WORDS.values()), "use")
    listed = permission_rows(found, service=service, use=use)
    offset = shell.page_offset(len(listed), "held")
    part = listed[offset : offset + shell.PAGE_SIZE]
    shell.counted(len(listed), "permissions" + (" of the chosen service" if service else ""), len(part), offset)
    shell.table(
        part,
        PERMISSION,
        alt="Permissions with the verdict on their use",
        tall=len(part) > 18,
        title="Permissions",
        every=saving.of_rows(listed, PERMISSION),
    )
    st.caption("Choose a service above to see its permissions alone. A permission that nothing tells about is kept by every proposal.")


show()
