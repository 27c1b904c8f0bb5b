"""What every page needs: headings, tables, charts, links and filters. No page computes a score.

Names come from other people's systems. They reach the browser only as table cells, as plain text, or escaped by Jinja
(`block`): never through a call that reads Markdown, where an image link in a name would send a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import plotly.graph_objects as go
import pyarrow as pa
import streamlit as st
from jinja2 import Environment, FunctionLoader

from inventory.lake import Snapshot
from reports.exports import words as in_words
from reports.pages import filters, saving
from reports.pages.chosen import (
    Context,
    adopt,
    comparable,
    compared,
    current,
    history_of,
    lake,
    log,
    named,
    pick_snapshot,
    show_next,
    uncompared,
)
from reports.pages.gate import badge, failed, limited, may, require, visitor
from reports.pages.listed import PAGES, pages, visible
from reports.views.evidence import Rows
from reports.views.shares import percent

__all__ = [
    "PAGES", "Context", "adopt", "badge", "comparable", "compared", "current", "failed", "history_of", "lake",
    "limited", "log", "may", "named", "pages", "percent", "pick_snapshot", "require", "show_next", "uncompared", "visible", "visitor",
]  # fmt: skip

PAGE_SIZE = 50


def _block_text(name: str) -> str:
    return (files("reports") / "templates" / "blocks" / f"{name}.html.j2").read_text(encoding="utf-8")


_BLOCKS = Environment(autoescape=True, loader=FunctionLoader(_block_text), trim_blocks=True)


def heading(title: str, snapshot: Snapshot) -> None:
    """A page's heading, the question that it answers, and the line that says which data it shows."""
    block("style")
    st.title(title, anchor=False)
    note(next(page.asks for page in PAGES.values() if page.title == title))
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
        if len(twin) <= PAGE_SIZE:
            words(twin, columns)
        else:
            _grid(twin, columns, alt=takeaway, key=None, tall=True)  # of which the browser draws what is in sight
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
