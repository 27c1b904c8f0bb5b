"""The pages of the dashboard: which there are, what each answers, and who may open which."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from reports.access import Right, Visitor


@dataclass(frozen=True, slots=True)
class Listed:
    """A page."""

    title: str
    icon: str
    """Of Material Symbols, which Streamlit brings along: no request leaves the machine."""
    asks: str
    """The question that it answers: what does not help to answer it does not belong on the page."""
    right: Right = Right.READ
    limited: bool = False
    """Also for a viewer who sees some accounts only: it counts nothing over the whole estate. A new page is not so by itself."""
    first: bool = False
    """It needs no snapshot: these are all there is in an empty workspace."""


# fmt: off
PAGES = {
    "overview": Listed("Overview", "dashboard", "Where do we stand, how far is that known, and what is worst?"),
    "maturity": Listed("Maturity", "stairs", "Where does each part of the estate stand?", limited=True),
    "questions": Listed("Five questions", "help", "How are the five questions answered, and by which subjects?"),
    "interview": Listed("Interview", "forum", "What do people say, and what was measured?"),
    "inventory": Listed("Inventory", "list", "Which identities are there, and where does each stand?", limited=True),
    "identity": Listed("Identity", "badge", "What is known about this identity, and which record says so?", limited=True),
    "findings": Listed("Findings", "flag", "What fails, what could not be judged, and whose is it?", limited=True),
    "least_privilege": Listed("Least privilege", "key_off", "Who may do more than they do, and what can be taken away?"),
    "permissions": Listed("Permissions", "lock_open", "What may this identity do, does it, and what may go?"),
    "ownership": Listed("Ownership", "groups", "Who answers for each identity, and whom does nobody answer for?"),
    "expiry": Listed("Expiry", "event", "Which credentials end when, and which never?"),
    "exceptions": Listed("Exceptions", "rule", "What is accepted, by whom, until when, and what does it take out of the scores?"),
    "programme": Listed("Programme", "assignment", "What is being done, by whom, until when, and what is aimed at?"),
    "compliance": Listed("Compliance", "gavel", "Which controls are met, which are not, and of which can nobody tell?"),
    "plan": Listed("Plan", "route", "What brings a part of the estate to a stage, and what would a change do?"),
    "metrics": Listed("Metrics", "monitoring", "How does each figure stand, and of how many is it known?"),
    "progress": Listed("Progress", "trending_up", "What changed, why, and how did it go over all snapshots?"),
    "coverage": Listed("Coverage", "fact_check", "What was collected, what is missing, and what to supply next?"),
    "reports": Listed("Reports", "description", "What can be handed on, and what was handed on before?"),
    "methodology": Listed("Methodology", "menu_book", "How is all of this judged?", limited=True),
    "assess": Listed("Assess", "upload_file", "What evidence comes in, and what became of it?", right=Right.UPLOAD, first=True),
    "admin": Listed("Admin", "settings", "Who runs this, on what, and since when?", right=Right.ADMINISTER),
}
# fmt: on
"""Pages in their order, by file and URL."""


def visible(asking: Visitor) -> list[str]:
    """Names of the pages that somebody may open."""
    return [name for name, page in PAGES.items() if asking.may(page.right) and (page.limited or asking.accounts is None)]


def pages(asking: Visitor, *, empty: bool = False) -> list[st.Page]:
    """The pages that somebody may open, as one flat list (a sectioned one breaks the list for screen readers). No other is ever run.

    `empty`: there is no snapshot.
    """
    names = [name for name in visible(asking) if PAGES[name].first or not empty]
    return [
        st.Page(
            Path(__file__).with_name(f"{name}.py"),
            title=PAGES[name].title,
            icon=f":material/{PAGES[name].icon}:",
            url_path=name,
            default=name == names[0],
        )
        for name in names
    ]
