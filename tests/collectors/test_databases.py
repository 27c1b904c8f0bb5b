"""SQLite files as tables: what is read, and what a hostile or damaged file can do, which is nothing."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import databases
from collectors.databases import DatabaseError, Tables
from collectors.files import UnreadableError, decode


def made(script: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(script)
        return bytes(database.serialize())


PEOPLE = "CREATE TABLE people (name TEXT, age INTEGER, photo BLOB); INSERT INTO people VALUES ('Ana', 41, x'ff'), (NULL, NULL, NULL);"


def test_a_table_is_rows_of_texts_and_null_is_the_empty_one() -> None:
    sheets = decode(made(PEOPLE)).sheets
    assert sheets is not None
    assert list(sheets) == ["people"]
    assert sheets["people"] == ({"name": "Ana", "age": "41", "photo": ""}, {"name": "", "age": "", "photo": ""})
    assert "pets" not in sheets


def test_a_database_of_a_write_ahead_log_is_read_as_it_stands() -> None:
    content = bytearray(made(PEOPLE))
    content[18:20] = b"\x02\x02"
    assert len(Tables(bytes(content))["people"]) == 2


def test_names_with_quotes_are_names() -> None:
    content = made(
        'CREATE TABLE "a""; DROP TABLE b; --" ("x""y" TEXT); CREATE TABLE b (z TEXT); INSERT INTO "a""; DROP TABLE b; --" VALUES (1)'
    )
    tables = Tables(content)
    assert tables['a"; DROP TABLE b; --'] == ({'x"y': "1"},)
    assert tables["b"] == ()


def test_views_triggers_and_virtual_tables_are_no_tables() -> None:
    script = (
        f"{PEOPLE} CREATE VIEW v AS SELECT load_extension('x') FROM people; CREATE TRIGGER t AFTER INSERT ON people BEGIN SELECT 1; END;"
    )
    assert list(Tables(made(script))) == ["people"]


def test_a_view_that_never_ends_never_runs_under_the_name_of_a_table() -> None:
    """The schema is rewritten so that a view passes for a table: SQLite then finds no table behind it."""
    script = f"""{PEOPLE} CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
        PRAGMA writable_schema = ON; UPDATE sqlite_schema SET type = 'table', rootpage = 2 WHERE name = 'endless';"""
    start = time.monotonic()
    try:
        tables = Tables(made(script))
        for name in tables:
            assert len(tables[name]) <= 2
    except DatabaseError:
        pass
    assert time.monotonic() - start < 60


def test_a_generated_column_is_not_computed() -> None:
    content = made("CREATE TABLE t (a TEXT, b TEXT GENERATED ALWAYS AS (hex(zeroblob(400000000))) VIRTUAL); INSERT INTO t (a) VALUES ('x')")
    assert Tables(content)["t"] == ({"a": "x"},)


def test_a_table_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "MAX_CHARACTERS", 1_000)
    with pytest.raises(DatabaseError, match="limit"):
        Tables(made("CREATE TABLE t (a TEXT); INSERT INTO t VALUES (hex(zeroblob(1000)))"))["t"]


def test_a_table_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = made(
        "CREATE TABLE t (a TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) INSERT INTO t SELECT i FROM n"
    )
    tables = Tables(content)
    monkeypatch.setattr(databases, "MAX_STEPS", 1)
    monkeypatch.setattr(databases, "STEPS_BETWEEN", 100)
    with pytest.raises(DatabaseError):
        tables["t"]


@given(data=st.data())
def test_a_damaged_database_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(made(PEOPLE))
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(16, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(UnreadableError, DatabaseError):
        sheets = decode(bytes(content[: data.draw(st.integers(20, len(content)))])).sheets
        assert sheets is not None
        for name in sheets:
            assert isinstance(sheets[name], tuple)
