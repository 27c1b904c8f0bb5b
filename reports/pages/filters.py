"""The filter bar: one for all pages that list, above them, in the address, with what it narrows printed beside it.

Values live in the session under the names of views/filters.py, so that they stay on the way over other pages; a page that does not filter
shows everything, and its address says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from weakref import WeakKeyDictionary

import streamlit as st
from streamlit.errors import StreamlitAPIException

from inventory.database import Database
from reports.views.filters import ALL, NAMES, Filter, in_words, options

PAGES = frozenset({"inventory", "findings", "least_privilege", "permissions", "maturity", "questions", "ownership", "expiry"})
"""Pages that the bar stands on: each narrows all of its lists by it."""

GOING, LAST, SHOWN = "going", "last_page", "filters_shown"
"""Keys of the session: where to on the next run, the page of the last one, and whether the bar stands on this one."""

KEPT = ("snapshot", "compare")
"""What else stays in the address on the way from page to page."""

OWN = ("list", "most", "text", "check", "severity", "status", "excepted", "action", "ends", "credential", "state", "page")
"""What single pages narrow their lists by. An address that asks for something forgets them, so that a number leads to as many rows."""

_KNOWN: WeakKeyDictionary[Database, dict[str, list[str]]] = WeakKeyDictionary()


def arrive(page: str) -> None:
    """Take over what the way here asks for; call before anything is drawn. The first address of a page is the whole truth: a link that asks for
    one team lists that team, whatever was chosen before."""
    for name, value in st.session_state.pop(GOING, {}).items():
        st.session_state[name] = [value] if name in NAMES and isinstance(value, str) else value
        try:
            st.query_params[name] = value
        except StreamlitAPIException:
            continue  # a widget holds the name, and writes it itself
    if page != st.session_state.get(LAST):
        asked = {name: st.query_params.get_all(name) for name in NAMES}
        if any(asked.values()):
            st.session_state.update(asked)
        if any(name not in KEPT for name in st.query_params):
            for name in OWN:
                if name in st.session_state and name not in st.query_params:
                    del st.session_state[name]
        for name in (*KEPT, *NAMES):
            if name in st.session_state and name not in st.query_params:
                st.session_state[name] = st.session_state[name]  # set anew, it is written into the address of this page too
    st.session_state[LAST] = page


def leave(file: Path, params: Mapping[str, str | list[str]]) -> None:
    """Go to another page with these in its address."""
    try:
        st.switch_page(file, query_params=params)
    except StreamlitAPIException:  # a widget of this page holds one of the names: it can be set on arrival only
        st.session_state[GOING] = dict(params)
        st.switch_page(file, query_params={})


def bar(page: str, database: Database) -> None:
    """The bar, where the page filters."""
    st.session_state[SHOWN] = page in PAGES
    if page not in PAGES:
        return
    known = _known(database)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.popover("Filter", icon=":material/filter_alt:"):
            _fields(known)
        wanted = chosen()
        st.text(_said(database, wanted, known), width="content")
        if wanted.active():
            st.button("Clear", on_click=_clear, key="clear_filters", type="tertiary", icon=":material/close:")


def _known(database: Database) -> dict[str, list[str]]:
    """Values to choose from; a snapshot never changes, so they are read once."""
    if database not in _KNOWN:
        _KNOWN[database] = options(database)
    return _KNOWN[database]


def _fields(known: dict[str, list[str]]) -> None:
    for name, label in NAMES.items():
        # What was asked for stays asked for, also where this snapshot has none of it: the list is empty then, not unfiltered.
        strange = [value for value in st.session_state.get(name) or [] if value not in known[name]]
        st.multiselect(label, [*known[name], *strange], key=name, placeholder="all", bind="query-params")


def _said(database: Database, wanted: Filter, known: dict[str, list[str]]) -> str:
    if not wanted.active():
        return "Everything is shown."
    strange = [value for name, values in wanted.active().items() for value in values if value not in known[name]]
    missing = f" (not in this snapshot: {', '.join(strange)})" if strange else ""
    return f"Only {'; '.join(f'{label.lower()}: {text}' for label, text in in_words(database, wanted))}{missing}"


def _clear() -> None:
    st.session_state.update({name: [] for name in NAMES})


def chosen() -> Filter:
    """What the bar of this page asks for; everything where there is none."""
    if not st.session_state.get(SHOWN):
        return ALL
    return Filter.of({name: st.session_state.get(name) or () for name in NAMES})


def carried(page: str, params: Mapping[str, str]) -> dict[str, str | list[str]]:
    """What an address of a page holds: its own parameters, and the filter on show where that page filters too."""
    kept = chosen().active() if page in PAGES else {}
    return {**{name: list(values) for name, values in kept.items()}, **params}
