"""Looks for names in every text of every file of a folder: Parquet, SQLite, workbooks, archives, HTML, JSON. Reads files as they lie there."""

from __future__ import annotations

import html
import json
import re
import sqlite3
import zipfile
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq

SEALED = "pseudonyms.sealed"
"""Holds every name, encrypted."""


def left_over(folder: Path, names: Collection[str], *, inside: bool = False) -> dict[str, list[str]]:
    """Name (lower case) -> files in which it stands as a part of any text, or (`inside`) within a part.

    Raises AssertionError where there is nothing to look through.
    """
    found: dict[str, set[str]] = {}
    looked = 0
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SEALED):
        looked += 1
        words = {word for text in texts(path) for word in re.findall(r"[a-z0-9]+", text.lower())}
        for name in {name for name in names if any(name in word for word in words)} if inside else words & set(names):
            found.setdefault(name, set()).add(str(path.relative_to(folder)))
    assert looked
    return {name: sorted(files) for name, files in found.items()}


def texts(path: Path) -> Iterator[str]:
    """Every text in a file; its own name too."""
    yield path.name
    if path.suffix == ".parquet":
        yield json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False)
    elif path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as connection:
            yield json.dumps(connection.execute("SELECT * FROM decision").fetchall(), ensure_ascii=False)
    elif path.suffix in (".xlsx", ".zip"):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield name
                yield html.unescape(archive.read(name).decode("utf-8", "replace"))
    else:
        yield html.unescape(path.read_bytes().decode("utf-8", "replace"))
