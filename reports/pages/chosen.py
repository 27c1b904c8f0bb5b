"""What is on show: the snapshot that was chosen, the one it is compared with, and their databases, opened once for all sessions."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from inventory.database import Database, StoreError
from inventory.decision_file import Entry
from inventory.decision_log import DecisionLog
from inventory.decisions import Decision, Decisions
from inventory.lake import Lake, Snapshot
from reports import background
from reports.limited import LimitedLake, forget_decisions
from reports.pages.gate import limited, visitor
from reports.pages.signing import SignedLog
from reports.views.metrics import count, count_once
from reports.views.trend import trend
from scoring.decided import lay_over, settled
from scoring.metrics import metric
from scoring.progress.compare import Comparison, comparison

SHOW = "show_snapshot"
"""Where the session keeps the snapshot that the next run goes to: the picker's own value cannot be changed once it is drawn."""

LOOK_SECONDS = 10
"""How often an open page looks for a snapshot that was published since."""

LARGE = 100_000
"""Identities from which on counting a metric takes hundreds of MB: a process of its own does it, and gives them back."""

BEFORE, NOTHING = "before", "nothing"
"""What to compare with, beside the id of a snapshot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The snapshot on show, and the one that it is compared with."""

    workspace: str
    snapshot: Snapshot
    database: Database
    before: Snapshot | None
    decisions: Decisions
    """What stands today; laid over `database` in its schema `decided`. None of it for who sees some accounts only."""
    today: date
    shared: tuple[int, date, frozenset[str] | None]
    """What a database is shared by, as `_database` takes it."""

    @property
    def before_database(self) -> Database | None:
        """That of `before`, opened by the first page that asks."""
        return _database(self.workspace, self.before.snapshot_id, *self.shared) if self.before else None

    @property
    def before_measured(self) -> Database | None:
        """`before` without any decision: for those who ask only what was measured."""
        return _measured(self.workspace, self.before.snapshot_id, self.shared[2]) if self.before else None


def workspace() -> str:
    """`NHI_WORKSPACE`, or ./workspace."""
    return os.environ.get("NHI_WORKSPACE", "workspace")


def lake() -> Lake:
    """The workspace's lake, as far as who is asking sees it."""
    return _lake(workspace(), visitor().accounts)


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
    decisions = Decisions.standing(DecisionLog(Path(workspace)).entries()[:decided])
    if accounts is None:
        lay_over(database, decisions, on=today)
    else:
        with Lake(Path(workspace)).open(snapshot_id) as whole:
            lay_over(database, settled(whole, decisions), on=today)
        forget_decisions(database)
    database.remember()
    return database


@st.cache_resource(max_entries=4, show_spinner=False)
def _measured(workspace: str, snapshot_id: str, accounts: frozenset[str] | None) -> Database:
    opened = _lake(workspace, accounts)
    database = opened.connect(opened.snapshot(snapshot_id))
    database.remember()
    return database


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


def show_next(snapshot_id: str) -> None:
    """Show this snapshot from the next run on."""
    st.session_state[SHOW] = snapshot_id


@st.fragment(run_every=LOOK_SECONDS)
def _newer(known: frozenset[str]) -> None:
    """Says so when a snapshot was published since the page was drawn, and offers it; what is on show stays until then."""
    published = lake().current()
    if published is None or published.snapshot_id in known:
        return
    st.text(f"A newer snapshot exists: {published.label} ({published.as_of:%Y-%m-%d})")
    if st.button("Show it", key="show_newer"):
        show_next(published.snapshot_id)
        st.rerun(scope="app")


def current() -> Context:
    """The chosen snapshot, opened."""
    opened = lake()
    snapshot = opened.snapshot(st.session_state["snapshot"])
    return _context(str(opened.workspace), snapshot, _chosen_before(snapshot), visitor().accounts)


def latest(workspace: str) -> Context | None:
    """What somebody gets who sees everything and chooses nothing. Asked outside of any session."""
    opened = Lake(Path(workspace))
    snapshot = opened.latest()
    return _context(workspace, snapshot, opened.before(snapshot), None) if snapshot else None


def _context(workspace: str, snapshot: Snapshot, before: Snapshot | None, accounts: frozenset[str] | None) -> Context:
    entries, today = DecisionLog(Path(workspace)).entries(), datetime.now(UTC).date()
    shared = (len(entries), today, accounts)
    return Context(
        workspace=workspace,
        snapshot=snapshot,
        database=_database(workspace, snapshot.snapshot_id, *shared),
        before=before,
        decisions=Decisions.standing(entries if accounts is None else []),
        today=today,
        shared=shared,
    )


@st.cache_resource(max_entries=4, show_spinner="Comparing")
def _compared(workspace: str, before_id: str, now_id: str) -> tuple[Comparison, ExitStack]:
    """Two snapshots compared, once for all sessions, and what keeps the database open."""
    opened, stack = Lake(Path(workspace)), ExitStack()
    found = stack.enter_context(comparison(opened, opened.snapshot(before_id), opened.snapshot(now_id)))
    found.database.remember()
    return found, stack


def compared(before: Snapshot, now: Snapshot) -> Comparison:
    """What differs between two snapshots, and why. Raises StoreError for a pair that cannot be compared, or is not for who is asking."""
    if limited():
        raise StoreError("comparing takes the whole estate, and you see some of its accounts")
    return comparison_of(str(lake().workspace), before, now)


def comparison_of(workspace: str, before: Snapshot, now: Snapshot) -> Comparison:
    """As `compared`, whoever asks."""
    return _compared(workspace, before.snapshot_id, now.snapshot_id)[0]


@st.cache_resource(max_entries=4, show_spinner="Looking back")
def _history(workspace: str, snapshot_id: str, known: tuple[str, ...]) -> dict[str, Any]:
    """`known`: the snapshots there are, so that a new one is taken in. Shared by all sessions, who only read it."""
    opened = Lake(Path(workspace))
    return trend(opened, opened.snapshot(snapshot_id))


def history_of(workspace: str, snapshot: Snapshot) -> dict[str, Any]:
    """How it went over all snapshots up to this one, as reports/views/trend.py tells it."""
    return _history(workspace, snapshot.snapshot_id, tuple(one.snapshot_id for one in Lake(Path(workspace)).snapshots()))


@st.cache_resource(max_entries=2, show_spinner="Counting")
def counted_of(workspace: str, snapshot_id: str, metric_id: str, accounts: frozenset[str] | None) -> Database:
    """The subjects of a metric, counted once for all sessions: in a database of its own, since counting writes tables."""
    opened = _lake(workspace, accounts)
    snapshot, one = opened.snapshot(snapshot_id), metric(metric_id)
    database = opened.connect(snapshot, memory_limit="2GB")  # of the largest estates some metrics need more than the pages do
    if one is not None and accounts is not None:
        count(database, snapshot, one)  # over theirs alone: nothing to keep
    elif one is not None:
        if snapshot.tables["identity"] > LARGE:
            background.wait_for(["metrics", "--show", metric_id, "--snapshot", snapshot_id, "--workspace", workspace])
        count_once(opened, database, snapshot, one)
    database.remember()
    return database


def counted(snapshot_id: str, metric_id: str) -> Database:
    """A database with the subjects of a metric, as reports/views/metrics.py lists them."""
    return counted_of(str(lake().workspace), snapshot_id, metric_id, visitor().accounts)
