"""The pages of the dashboard: which there are, and who may open which."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from reports.access import Right, Visitor

PAGE_FILES = {
    "overview": ("Overview", ":material/dashboard:"),
    "maturity": ("Maturity", ":material/stairs:"),
    "questions": ("Five questions", ":material/help:"),
    "interview": ("Interview", ":material/forum:"),
    "inventory": ("Inventory", ":material/list:"),
    "identity": ("Identity", ":material/badge:"),
    "findings": ("Findings", ":material/flag:"),
    "least_privilege": ("Least privilege", ":material/key_off:"),
    "permissions": ("Permissions", ":material/lock_open:"),
    "ownership": ("Ownership", ":material/groups:"),
    "expiry": ("Expiry", ":material/event:"),
    "exceptions": ("Exceptions", ":material/rule:"),
    "programme": ("Programme", ":material/assignment:"),
    "compliance": ("Compliance", ":material/gavel:"),
    "plan": ("Plan", ":material/route:"),
    "metrics": ("Metrics", ":material/monitoring:"),
    "progress": ("Progress", ":material/trending_up:"),
    "coverage": ("Coverage", ":material/fact_check:"),
    "reports": ("Reports", ":material/description:"),
    "methodology": ("Methodology", ":material/menu_book:"),
    "assess": ("Assess", ":material/upload_file:"),
    "admin": ("Admin", ":material/settings:"),
}
"""Pages in their order: file and URL, title, icon (bundled with Streamlit: no request leaves the machine)."""

PAGE_RIGHTS = {"assess": Right.UPLOAD, "admin": Right.ADMINISTER}
"""What a page asks for; the others ask for no more than reading."""

LIMITED_PAGES = frozenset({"maturity", "inventory", "identity", "findings", "methodology"})
"""Pages for a viewer who sees some accounts only: those that count nothing over the whole estate. A new page is not among them by itself."""

FIRST_PAGES = ("assess",)
"""Pages that need no snapshot: all there is in an empty workspace."""


def visible(asking: Visitor) -> list[str]:
    """Names of the pages that somebody may open."""
    names = [name for name in PAGE_FILES if asking.may(PAGE_RIGHTS.get(name, Right.READ))]
    return names if asking.accounts is None else [name for name in names if name in LIMITED_PAGES]


def pages(asking: Visitor, *, empty: bool = False) -> list[st.Page]:
    """The pages that somebody may open, as one flat list (a sectioned one breaks the list for screen readers). No other is ever run.

    `empty`: there is no snapshot.
    """
    names = [name for name in visible(asking) if name in FIRST_PAGES or not empty]
    return [
        st.Page(
            Path(__file__).with_name(f"{name}.py"),
            title=PAGE_FILES[name][0],
            icon=PAGE_FILES[name][1],
            url_path=name,
            default=name == names[0],
        )
        for name in names
    ]
