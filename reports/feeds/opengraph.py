"""BloodHound OpenGraph: identities, credentials, resources and outside principals as nodes; how one leads to another as edges.

Rows as they are stored (opengraph.sql), each with its record; nothing is concluded. What no source says is left out, since a property may not
be null; `unknown` stays a word. A property is a text, a number, a truth value or a list of texts. https://bloodhound.specterops.io/opengraph/schema
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from reports.feeds.feed import Source, array, as_json, flat

SECTION = re.compile(r"^--- (nodes|edges): (.+)\n", re.MULTILINE)
KIND = "NHI_Base"
"""The kind that every node carries, by which BloodHound tells where it comes from."""


@cache
def _queries(part: str) -> list[tuple[str, str]]:
    """(name, SELECT) of the nodes or the edges."""
    _, *cells = SECTION.split((files("reports") / "feeds" / "opengraph.sql").read_text(encoding="utf-8"))
    found = zip(cells[0::3], cells[1::3], cells[2::3], strict=True)
    return [(name, sql) for of, name, sql in found if of == part]


def opengraph(source: Source) -> Iterator[str]:
    """One document."""
    yield f'{{"metadata":{as_json({"source_kind": KIND})},"graph":{{"nodes":'
    yield from array(item for _, sql in _queries("nodes") for item in flat(source.database.batches(sql), _node))
    yield ',"edges":'
    yield from array(_edge(name, row) for name, sql in _queries("edges") for rows in source.database.batches(sql) for row in rows)
    yield "}}\n"


def _node(row: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in row.items() if name not in ("id", "kind")}
    return {"id": row["id"], "kinds": [row["kind"], KIND], "properties": _properties({"displayname": row["name"], **said})}


def _edge(kind: str, row: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in row.items() if name not in ("start_id", "end_id")}
    ends = {side: {"value": row[f"{side}_id"], "match_by": "id"} for side in ("start", "end")}
    return {"kind": kind, **ends, "properties": _properties(said)}


def _properties(said: dict[str, Any]) -> dict[str, Any]:
    return {
        name: f"{value:%Y-%m-%dT%H:%M:%S}Z" if isinstance(value, datetime) else value
        for name, value in said.items()
        if value is not None and value != []
    }
