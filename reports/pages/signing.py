"""Who decides: every decision recorded from a page carries a name."""

from __future__ import annotations

import streamlit as st

NAME = "decider"
"""Where the session keeps the name that was typed: a widget's own value is gone after a look at another page."""


def author() -> str | None:
    """The name that decisions are recorded under: of the user who is logged in, else as typed once a session. None: nobody yet.

    Draws a text input where nobody is logged in. Call once a page.
    """
    known = _logged_in()
    if known:
        st.caption("Recorded under the name that you are logged in with.")
        return known
    typed = st.text_input(
        "Your name", value=st.session_state.get(NAME, ""), max_chars=200, key="author", help="Stands beside what you decide."
    )
    st.session_state[NAME] = typed
    return typed.strip() or None


def _logged_in() -> str | None:
    """E-mail or name of the user, where logging in is set up; the user's attributes do not exist otherwise."""
    if not st.user.get("is_logged_in"):
        return None
    return next((text for name in ("email", "name", "sub") if isinstance(text := st.user.get(name), str) and text.strip()), None)
