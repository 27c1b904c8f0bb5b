"""SQLite files as tables of texts, read from bytes in memory and never written. What is in them may be hostile.

No statement of the file's own runs: views, triggers and virtual tables are not tables here, and SQLite takes no function from its schema.
https://www.sqlite.org/security.html
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing

MAGIC = b"SQLite format 3\x00"

MAX_ROWS = 5_000_000
MAX_CHARACTERS = 512 * 1024**2
"""The most that one table may hold."""

MAX_VALUE_BYTES = 64 * 1024**2
MAX_STEPS = 2_000
"""How often the guard is asked, each after a million steps of SQLite's machine: a table that needs more is a trap."""

STEPS_BETWEEN = 1_000_000

TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND rootpage > 0 ORDER BY name"
"""Virtual tables have no root page."""

WAL = 18
"""Where the header says that a write-ahead log belongs to the file; it cannot, in memory."""


class DatabaseError(Exception):
    """A database cannot be read; the message says why, without the path."""


class Tables(Mapping[str, tuple[dict[str, str], ...]]):
    """The tables of a SQLite file by name. A table is read when it is asked for, as most are not; NULL is the empty text.

    Raises DatabaseError, when made and when read.
    """

    def __init__(self, content: bytes) -> None:
        if content[WAL : WAL + 2] == b"\x02\x02":
            content = content[:WAL] + b"\x01\x01" + content[WAL + 2 :]
        self._content = content
        self._names = tuple(str(row[0]) for row in self._rows(TABLES))

    def __getitem__(self, name: str) -> tuple[dict[str, str], ...]:
        if name not in self._names:
            raise KeyError(name)
        quoted = name.replace('"', '""')
        columns = [str(row[1]) for row in self._rows(f'PRAGMA table_info("{quoted}")')]
        listed = ", ".join(f'"{column.replace(chr(34), chr(34) * 2)}"' for column in columns)
        return tuple(dict(zip(columns, map(_text, row), strict=True)) for row in self._rows(f'SELECT {listed} FROM "{quoted}"'))

    def __contains__(self, name: object) -> bool:
        return name in self._names  # a Mapping would read the table to find out

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _rows(self, query: str) -> list[tuple[object, ...]]:
        try:
            with closing(sqlite3.connect(":memory:")) as database:
                database.deserialize(self._content)
                _shut(database)
                return list(_bounded(database.execute(query)))
        except (sqlite3.Error, MemoryError, OverflowError) as error:
            raise DatabaseError("a damaged or hostile SQLite database: make it again") from error


def _shut(database: sqlite3.Connection) -> None:
    """Nothing but reading, within bounds."""
    for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
        database.execute(f"PRAGMA {pragma}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    left = iter(range(MAX_STEPS))
    database.set_progress_handler(lambda: 0 if next(left, None) is not None else 1, STEPS_BETWEEN)


def _bounded(found: sqlite3.Cursor) -> Iterator[tuple[object, ...]]:
    characters = 0
    for number, row in enumerate(found):
        characters += sum(len(value) for value in row if isinstance(value, str | bytes))
        if number >= MAX_ROWS or characters > MAX_CHARACTERS:
            raise DatabaseError("a table is over the limit: hand over the exports it was made of")
        yield row


def _text(value: object) -> str:
    """Bytes are left out: no table that we read holds any that matter."""
    return "" if value is None or isinstance(value, bytes) else str(value)
