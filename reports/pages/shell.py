"""What every page needs: the chosen snapshot, its database, headings, tables and links. No page computes a score.

Names come from other people's systems. They reach the browser only as table cells, as plain text, or escaped by Jinja
(`block`): never through a call that reads Markdown, where an image link in a name would send a request.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from jinja2 import Environment, FunctionLoader

from inventory.decision_file import Entry
from inventory.decision_log import DecisionLog
from inventory.decisions import Decision, Decisions
from inventory.store import Database, Lake, Snapshot, StoreError
from reports.access import Right, Visitor
from reports.exports import words as in_words
from reports.limited import LimitedLake, forget_decisions
from reports.pages import asks, filters, saving
from reports.pages.gate import badge, failed, limited, may, require, visitor
from reports.pages.signing import SignedLog
from reports.views.evidence import Rows
from scoring.decided import lay_over
from scoring.progress.compare import Comparison, comparison

__all__ = ["badge", "failed", "limited", "may", "require", "visitor"]

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

SHOW = "show_snapshot"
"""Where the session keeps the snapshot that the next run goes to: the picker's own value cannot be changed once it is drawn."""

LOOK_SECONDS = 10
"""How often an open page looks for a snapshot that was published since."""

PAGE_SIZE = 50

BEFORE, NOTHING = "before", "nothing"
"""What to compare with, beside the id of a snapshot."""


def _block_text(name: str) -> str:
    return (files("reports") / "templates" / "blocks" / f"{name}.html.j2").read_text(encoding="utf-8")


_BLOCKS = Environment(autoescape=True, loader=FunctionLoader(_block_text), trim_blocks=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The snapshot on show, and the one that it is compared with."""

    snapshot: Snapshot
    database: Database
    before: Snapshot | None
    before_database: Database | None
    decisions: Decisions
    """What stands today; laid over `database` in its schema `decided`. None of it for who sees some accounts only."""
    today: date


def lake() -> Lake:
    """The workspace's lake (`NHI_WORKSPACE`, or ./workspace), as far as who is asking sees it."""
    return _lake(os.environ.get("NHI_WORKSPACE", "workspace"), visitor().accounts)


def _lake(workspace: str, accounts: frozenset[str] | None) -> Lake:
    return Lake(Path(workspace)) if accounts is None else LimitedLake(Path(workspace), accounts)


def log() -> DecisionLog:
    """The workspace's decisions: the only thing a page may write."""
    return SignedLog(lake().workspace)


def adopt(decisions: Iterable[Decision], who: str) -> None:
    """Record several decisions at once: all or none."""
    log().take([Entry(decision=decision, who=who, at=None) for decision in decisions], who=who, at=datetime.now(UTC))


@st.cache_resource(max_entries=8, show_spinner=False)
def _database(workspace: str, snapshot_id: str, decided: int, today: date, accounts: frozenset[str] | None) -> Database:
    """One database per snapshot, state of the decisions (`decided`: how many were ever recorded), day and accounts (None: all), for all sessions."""
    opened = _lake(workspace, accounts)
    database = opened.connect(opened.snapshot(snapshot_id))
    entries = DecisionLog(Path(workspace)).entries()[:decided]
    lay_over(database, Decisions.standing(entries), on=today)
    if accounts is not None:
        forget_decisions(database)
    return database


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


def pick_snapshot(snapshots: list[Snapshot]) -> None:
    """The snapshot picker in the sidebar, newest first, bound to the URL; and the one that it is compared with."""
    labels = named(list(reversed(snapshots)))
    if (wanted := st.session_state.pop(SHOW, None)) in labels:
        st.session_state["snapshot"] = wanted
    st.sidebar.selectbox("Snapshot", list(labels), format_func=lambda snapshot_id: labels[snapshot_id], key="snapshot", bind="query-params")
    now = next(one for one in snapshots if one.snapshot_id == st.session_state["snapshot"])
    last = lake().before(now)
    words = {
        BEFORE: f"the one before: {labels[last.snapshot_id]}" if last else "the one before: there is none",
        NOTHING: "nothing",
        **{one.snapshot_id: labels[one.snapshot_id] for one in reversed(comparable(snapshots, now))},
    }
    st.sidebar.selectbox("Compare with", list(words), format_func=lambda choice: words[choice], key="compare", bind="query-params")
    with st.sidebar:
        _newer(frozenset(labels))


def named(snapshots: list[Snapshot]) -> dict[str, str]:
    """A label for each snapshot that no other one has, in the order given."""
    words = {
        snapshot.snapshot_id: f"{snapshot.label} ({snapshot.as_of:%Y-%m-%d}"
        + (f", judged again: {snapshot.rules_version}, {snapshot.pack})" if snapshot.details.get("rescored_from") else ")")
        for snapshot in snapshots
    }
    counts = Counter(words.values())
    return {snapshot_id: text if counts[text] == 1 else f"{text} {snapshot_id[-10:]}" for snapshot_id, text in words.items()}


def comparable(snapshots: list[Snapshot], now: Snapshot) -> list[Snapshot]:
    """What a snapshot can be compared with: any of an earlier date, or of the same date judged otherwise."""
    return [one for one in snapshots if one.as_of <= now.as_of and one.snapshot_id != now.snapshot_id]


def _chosen_before(snapshot: Snapshot) -> Snapshot | None:
    """The snapshot to compare with, as picked."""
    choice = st.session_state.get("compare", BEFORE)
    if choice == BEFORE:
        return lake().before(snapshot)
    return None if choice == NOTHING else lake().snapshot(choice)


def uncompared() -> str:
    """Why nothing is compared, and what to do."""
    if st.session_state.get("compare") == NOTHING:
        return "Nothing is compared. Choose a snapshot beside “Compare with”."
    return "There is no earlier snapshot to compare with."


@st.fragment(run_every=LOOK_SECONDS)
def _newer(known: frozenset[str]) -> None:
    """Says so when a snapshot was published since the page was drawn, and offers it; what is on show stays until then."""
    published = lake().current()
    if published is None or published.snapshot_id in known:
        return
    st.text(f"A newer snapshot exists: {published.label} ({published.as_of:%Y-%m-%d})")
    if st.button("Show it", key="show_newer"):
        st.session_state[SHOW] = published.snapshot_id
        st.rerun(scope="app")


def current() -> Context:
    """The chosen snapshot, opened."""
    opened = lake()
    snapshot = opened.snapshot(st.session_state["snapshot"])
    before = _chosen_before(snapshot)
    entries, today, accounts = DecisionLog(opened.workspace).entries(), datetime.now(UTC).date(), visitor().accounts
    shared = (len(entries), today, accounts)
    return Context(
        snapshot=snapshot,
        database=_database(str(opened.workspace), snapshot.snapshot_id, *shared),
        before=before,
        before_database=_database(str(opened.workspace), before.snapshot_id, *shared) if before else None,
        decisions=Decisions.standing(entries if accounts is None else []),
        today=today,
    )


@st.cache_resource(max_entries=4, show_spinner="Comparing")
def _compared(workspace: str, before_id: str, now_id: str) -> tuple[Comparison, ExitStack]:
    """Two snapshots compared, once for all sessions, and what keeps the database open."""
    opened, stack = Lake(Path(workspace)), ExitStack()
    return stack.enter_context(comparison(opened, opened.snapshot(before_id), opened.snapshot(now_id))), stack


def compared(before: Snapshot, now: Snapshot) -> Comparison:
    """What differs between two snapshots, and why. Raises StoreError for a pair that cannot be compared, or is not for who is asking."""
    if limited():
        raise StoreError("comparing takes the whole estate, and you see some of its accounts")
    return _compared(str(lake().workspace), before.snapshot_id, now.snapshot_id)[0]


def heading(title: str, snapshot: Snapshot) -> None:
    """A page's heading, the question that it answers, and the line that says which data it shows."""
    block("style")
    st.title(title, anchor=False)
    note(asks.ASKS[title])
    block("snapshot", snapshot=snapshot, day=day(snapshot.as_of))
    if (accounts := visitor().accounts) is not None:
        note(f"You see {', '.join(sorted(accounts))}. Figures of the whole estate are left out; names outside your accounts are taken out.")


def block(name: str, **values: Any) -> None:
    """A piece of HTML from templates/blocks; every value is escaped."""
    st.html(_BLOCKS.get_template(name).render(**values))


def note(text: str) -> None:
    """A quiet sentence. It may hold names: it is escaped."""
    block("note", text=text)


def words(rows: Rows, columns: Mapping[str, str]) -> None:
    """A table to read: wrapped text, not a grid to sort."""
    numbers = {name for name in columns if rows and all(isinstance(row.get(name), int | float | None) for row in rows)}
    block("words", rows=rows, columns=columns, numbers=numbers, cell=_cell)


def percent(share: float | None) -> str:
    """A share between 0 and 1 as a percentage; a dash when there was nothing to count."""
    return "—" if share is None else f"{100 * share:.0f} %"


def day(moment: datetime | None) -> str:
    """A date as people read it; a dash where no source said."""
    return f"{moment:%Y-%m-%d}" if moment else "—"


def dark() -> bool:
    """Whether the reader's theme is dark."""
    return st.context.theme.type == "dark"


def table(
    rows: Rows,
    columns: Mapping[str, str],
    *,
    alt: str,
    key: str | None = None,
    tall: bool = False,
    title: str | None = None,
    every: saving.Every | None = None,
) -> int | None:
    """A table of some columns under their labels. With a key a row can be chosen: its index, or None. With a title it can be saved under that
    name: the rows shown, or `every` one behind them."""
    chosen = _grid(rows, columns, alt=alt, key=key, tall=tall)
    if title and rows:
        savable(title, rows, columns, every)
    return chosen


def savable(title: str, rows: Rows, columns: Mapping[str, str], every: saving.Every | None = None) -> None:
    """Downloads of a table: the rows given, or `every` one behind them. The title is ours, never a name."""
    context = current()
    behind = every or saving.of_rows(rows, columns)
    saving.offer(title, behind, key=title, snapshot=context.snapshot, database=context.database, before=context.before)


def _grid(rows: Rows, columns: Mapping[str, str], *, alt: str, key: str | None, tall: bool) -> int | None:
    data = pa.table({label: _column([row.get(name) for row in rows]) for name, label in columns.items()})
    width: Literal["medium", "large"] = "large" if len(columns) <= 6 else "medium"
    config = {
        label: st.column_config.TextColumn(label, width=width) for name, label in columns.items() if name in ("reason", "note", "to_settle")
    }
    shown: dict[str, Any] = {"hide_index": True, "alt": alt, "column_config": config, "height": 700 if tall else "content"}
    if key is None:
        st.dataframe(data, **shown)
        return None
    event: Any = st.dataframe(data, key=key, on_select="rerun", selection_mode="single-row", **shown)
    chosen = event.selection.rows
    return int(chosen[0]) if chosen and chosen[0] < len(rows) else None


def _column(values: list[Any]) -> pa.Array:
    """Numbers stay numbers; everything else becomes text, with a dash where no source said."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values if value is not None) and any(
        value is not None for value in values
    ):
        return pa.array(values)
    return pa.array([_cell(value) for value in values], type=pa.string())


def _cell(value: Any) -> str:
    """As the files say it (reports/exports.py), but for a date without its time and a dash where no source said."""
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, list):
        return "; ".join(_cell(item) for item in value) or "—"
    return "—" if value is None else in_words(value)


def chart(
    figure: go.Figure,
    takeaway: str,
    twin: Rows,
    columns: Mapping[str, str],
    *,
    key: str,
    title: str | None = None,
    select: bool = False,
) -> list[dict[str, Any]]:
    """A chart with its sentence and, folded away, the same numbers as a table, to be saved under a title. Returns the points chosen, if it can be."""
    options: dict[str, Any] = {"key": key, "alt": takeaway, "config": {"displayModeBar": False}}
    chosen: list[dict[str, Any]] = []
    if select:
        event: Any = st.plotly_chart(figure, on_select="rerun", selection_mode="points", **options)
        chosen = list(event.selection.points)
    else:
        st.plotly_chart(figure, **options)
    note(takeaway)
    with st.expander("The same as a table"):
        words(twin, columns)
        if title and twin:
            savable(title, twin, columns)
    return chosen


def go_to(page: str, **params: str) -> None:
    """Leave for another page with these and the filter on show in its URL, on the same snapshot; stay where it is not open to who is asking."""
    if page in visible(visitor()):
        filters.leave(Path(__file__).with_name(f"{page}.py"), filters.carried(page, params))


def link(page: str, label: str, **params: str) -> None:
    """A link to another page, with the filter on show, for those whom it is open to. The label is ours: Streamlit reads Markdown in it."""
    if page in visible(visitor()):
        st.page_link(Path(__file__).with_name(f"{page}.py"), label=label, query_params=filters.carried(page, params))


def choose(label: str, options: list[str], key: str, *, default: str | None = None) -> str | None:
    """A filter bound to the URL; None means all."""
    index = options.index(default) if default in options else None
    return st.selectbox(label, options, index=index, key=key, placeholder="all", bind="query-params")


def page_offset(total: int, key: str = "page") -> int:
    """Page controls over `total` rows; the offset of the first row of the page."""
    count = max(1, -(-total // PAGE_SIZE))
    if count == 1:
        return 0
    return (int(st.pagination(count, key=key, bind="query-params")) - 1) * PAGE_SIZE


def counted(total: int, noun: str, shown: int, offset: int = 0) -> None:
    """How many rows there are and which are shown."""
    part = f", showing {offset + 1:,}–{offset + shown:,}" if shown < total else ""
    st.caption(f"{total:,} {noun}{part}")
