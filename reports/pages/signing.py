"""Who decides: every decision recorded from a page carries a name."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from inventory.decision_log import DecisionLog
from inventory.decisions import Decision, Recorded
from reports.access import Right
from reports.pages.gate import limited, require, visitor

NAME = "decider"
"""Where the session keeps the name that was typed: a widget's own value is gone after a look at another page."""


class SignedLog(DecisionLog):
    """The log as pages see it: whoever writes must be allowed to, and signs with the name that they are signed in with. Who sees some accounts
    only reads none of it: what people decided is laid over what they see."""

    def entries(self) -> list[Recorded]:
        return [] if limited() else super().entries()

    def _append(self, rows: list[tuple[Decision, str, datetime, bool]]) -> None:
        asking = require(Right.DECIDE)
        super()._append([(decision, asking.name or who, at, withdrawn) for decision, who, at, withdrawn in rows])


def author() -> str | None:
    """The name that decisions are recorded under: of the user who is signed in, else as typed once a session. None: nobody yet, or nobody who may.

    Draws a text input where nobody signs in. Call once a page.
    """
    asking = visitor()
    if not asking.may(Right.DECIDE):
        st.caption("You may read this. Recording decisions takes the role analyst.")
        return None
    if asking.name:
        st.caption("Recorded under the name that you are signed in with.")
        return asking.name
    typed = st.text_input(
        "Your name", value=st.session_state.get(NAME, ""), max_chars=200, key="author", help="Stands beside what you decide."
    )
    st.session_state[NAME] = typed
    return typed.strip() or None
