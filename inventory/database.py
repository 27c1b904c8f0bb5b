"""One database: rows in, questions answered. The only module that imports duckdb."""

from __future__ import annotations

import json
import re
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from inventory.answers import Answers
from inventory.model import FIELDS, TABLE_OF, Row

Params = Sequence[Any] | Mapping[str, Any] | None

ONE_AT_A_TIME = threading.RLock()
"""Held while a shared database is asked. Every question uses all processors, so two at once gain no time, and take the memory of two."""


class StoreError(Exception):
    """The store could not do what was asked; the message names the snapshot or file and what to do."""


class QueryError(StoreError):
    """A query was refused or failed; the message is the database's own, shortened."""


def schema_sql() -> str:
    """The DDL of every table."""
    return (files("inventory") / "schema.sql").read_text(encoding="utf-8")


class Database:
    """A DuckDB connection that speaks in rows. Use as a context manager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._arrow_types: dict[str, pa.Schema] = {}
        self._answers: Answers | None = None
        self.parquet: dict[str, Path] = {}
        """Tables of `main` that are views, and the file that each is read from."""

    @classmethod
    def bare(cls, *, memory_limit: str = "1GB", **config: str) -> Self:
        """In memory, without a table. What it cannot hold goes to the system's folder for temporary files, not to wherever the program was started."""
        # Made when it is needed; never shared: file names in it repeat.
        spill = Path(tempfile.gettempdir()) / f"nhi-spill-{uuid.uuid4().hex}"
        settings: dict[str, Any] = {"memory_limit": memory_limit, "temp_directory": str(spill), **config}
        database = cls(duckdb.connect(":memory:", config=settings))
        database.execute("SET TimeZone = 'UTC'")
        return database

    @classmethod
    def empty(cls, *, memory_limit: str = "1GB") -> Self:
        """In memory: every table of schema.sql in `main`, again in `seen` for rows as they were read, and `work` for steps between."""
        database = cls.bare(memory_limit=memory_limit, preserve_insertion_order="true")
        database.execute(schema_sql())
        database.execute("CREATE SCHEMA seen; CREATE SCHEMA work")
        for table in sorted(set(TABLE_OF.values())):
            database.execute(f"CREATE TABLE seen.{table} AS SELECT * FROM main.{table} LIMIT 0")
        return database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def execute(self, sql: str, params: Params = None) -> None:
        """Run statements for their effect."""
        self._run(sql, params)

    def script(self, sql: str, params: Mapping[str, Any] | None = None) -> None:
        """Run several statements in order; each gets the named parameters that it uses."""
        cursor = self._connection.cursor()
        try:
            for statement in _parsed(sql):
                used = {name: value for name, value in (params or {}).items() if name in statement.named_parameters}
                cursor.execute(statement, used or None)
        except duckdb.Error as error:
            raise QueryError(_short(error)) from error

    def remember(self) -> None:
        """From now on keep the answers of `rows`: for a database that nobody writes to any more, and many ask the same."""
        self._answers = Answers()

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Meanwhile keep the answers of `rows`: nobody writes to what is asked for until it ends."""
        before, self._answers = self._answers, self._answers or Answers()
        try:
            yield
        finally:
            self._answers = before

    def rows(self, sql: str, params: Params = None) -> list[dict[str, Any]]:
        """All rows of one SELECT, as dicts by column name."""
        if self._answers is None:
            return self._asked(sql, params)
        found = self._answers.get(f"{sql}\n{params!r}", lambda: self._asked(sql, params))
        return [dict(row) for row in found]

    def _asked(self, sql: str, params: Params) -> list[dict[str, Any]]:
        cursor = self._run(sql, params)
        names = [column[0] for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def batches(self, sql: str, params: Params = None, *, size: int = 5_000) -> Iterator[list[dict[str, Any]]]:
        """All rows of one SELECT, some at a time: never all of them as Python values."""
        cursor = self._run(sql, params)
        names = [column[0] for column in cursor.description or []]
        while rows := cursor.fetchmany(size):
            yield [dict(zip(names, row, strict=True)) for row in rows]

    def value(self, sql: str, params: Params = None) -> Any:
        """First column of the first row, or None."""
        row = self._run(sql, params).fetchone()
        return row[0] if row else None

    def function(self, name: str, function: Callable[[str], str]) -> None:
        """Let SQL call a pure function of one text; NULL stays NULL."""
        self._connection.create_function(name, function, [duckdb.sqltypes.VARCHAR], duckdb.sqltypes.VARCHAR)

    def arrow(self, sql: str, params: Params = None) -> pa.Table:
        """All rows of one SELECT as an Arrow table."""
        try:
            return self._connection.cursor().sql(sql, params=params).to_arrow_table()
        except duckdb.Error as error:
            raise QueryError(_short(error)) from error

    def _run(self, sql: str, params: Params) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        try:
            *before, last = _parsed(sql)
            with ONE_AT_A_TIME if self._answers else nullcontext():
                for statement in before:
                    cursor.execute(statement)
                return cursor.execute(last, params or None)
        except duckdb.Error as error:
            raise QueryError(_short(error)) from error

    def insert(self, rows: Iterable[Row], *, schema: str = "main") -> None:
        """Append rows of any mix of kinds to their tables."""
        by_type: dict[type, list[Row]] = {}
        for row in rows:
            by_type.setdefault(type(row), []).append(row)
        for kind, members in by_type.items():
            table = TABLE_OF[kind]
            columns = {name: [getattr(member, name) for member in members] for name in FIELDS[kind]}
            self.insert_columns(table, columns, schema=schema)
        pa.default_memory_pool().release_unused()  # Arrow keeps what it freed, and the columns were large

    def insert_rows(self, table: str, rows: Sequence[Mapping[str, Any]], *, schema: str = "main") -> None:
        """Append rows by column name, each with the same columns, to a table; without any, nothing."""
        if rows:
            self.insert_columns(table, {name: [row[name] for row in rows] for name in rows[0]}, schema=schema)

    def insert_columns(self, table: str, columns: Mapping[str, Sequence[Any]], *, schema: str = "main") -> None:
        """Append columns (all of one length) to a table; a column not given is NULL."""
        types = self._schema_of(f"{schema}.{table}")
        batch = pa.Table.from_pydict(dict(columns), schema=pa.schema([types.field(name) for name in columns]))
        names = ", ".join(columns)
        self._with_incoming(batch, f"INSERT INTO {schema}.{table} ({names}) SELECT {names} FROM incoming")

    def create(self, table: str, content: pa.Table) -> None:
        """Make a table (`schema.name`) of what another database answered."""
        self._with_incoming(content, f"CREATE TABLE {table} AS SELECT * FROM incoming")

    def _with_incoming(self, content: pa.Table, sql: str) -> None:
        """Run a statement that reads `content` as the table `incoming`."""
        cursor = self._connection.cursor()
        cursor.register("incoming", content)
        try:
            cursor.execute(sql)
        finally:
            cursor.unregister("incoming")

    def _schema_of(self, table: str) -> pa.Schema:
        if table not in self._arrow_types:
            self._arrow_types[table] = self.arrow(f"SELECT * FROM {table} LIMIT 0").schema
        return self._arrow_types[table]

    def tables(self, schema: str = "main") -> list[str]:
        """Names of the tables and views of a schema."""
        query = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $schema ORDER BY 1"
        return [row["name"] for row in self.rows(query, {"schema": schema})]

    def named_in(self, sql: str) -> set[str]:
        """Names of the tables of `main` that a SELECT names, whatever the schema it writes before them. Raises QueryError for what cannot be read."""
        try:
            found = self._connection.cursor().get_table_names(sql)
            parsed = self._connection.cursor().execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchone()
        except duckdb.Error as error:
            raise QueryError(_short(error)) from error
        # DuckDB looks through views, and what stands on Parquet names no table then: those are read from the parsed statement.
        named = {name.rpartition(".")[2].strip('"') for name in found} | set(_tables_in(json.loads(parsed[0]) if parsed else None))
        return {name.lower() for name in named} & set(self.tables())

    def view(self, table: str, path: Path, *, schema: str = "main") -> None:
        """A table of a schema that stays in its Parquet file."""
        self.execute(f"CREATE VIEW {schema}.{table} AS SELECT * FROM read_parquet('{quoted(path)}', hive_partitioning = false)")
        if schema == "main":
            self.parquet[table] = path

    def harden(self, *, memory_limit: str = "1GB") -> None:
        """Close every door but SELECT on the tables of `main`: no other file, no network, extensions, settings or Python variables."""
        own_files = ", ".join(f"'{quoted(path)}'" for path in self.parquet.values())
        for setting in (
            f"SET memory_limit = '{memory_limit}'",
            "SET max_temp_directory_size = '0GB'",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET allow_community_extensions = false",
            "SET python_enable_replacements = false",
            f"SET allowed_paths = [{own_files}]",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self.execute(setting)

    def select_only(self, sql: str, params: Params = None, *, seconds: float = 60) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of a statement written by a user: exactly one SELECT, interrupted after `seconds`.

        Raises QueryError when it is anything else, fails or takes too long.
        """
        require_one_select(sql)
        cursor = self._connection.cursor()
        timer = threading.Timer(seconds, cursor.interrupt)
        timer.start()
        try:
            result = cursor.execute(sql, params) if params else cursor.execute(sql)
            return [column[0] for column in result.description or []], result.fetchall()
        except duckdb.InterruptException as error:
            raise QueryError(f"stopped after {seconds:g} s: narrow the query") from error
        except duckdb.Error as error:
            raise QueryError(_short(error)) from error
        finally:
            timer.cancel()


def require_one_select(sql: str) -> None:
    """Raise QueryError unless the text is exactly one SELECT statement."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(_short(error)) from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise QueryError(f"only one SELECT is allowed here, found: {found}")


@lru_cache(maxsize=1024)
def _parsed(sql: str) -> tuple[duckdb.Statement, ...]:
    """The statements of a text. Over a small estate parsing is a third of the work, and every judgement runs the same texts."""
    return tuple(duckdb.extract_statements(sql))


def _short(error: Exception) -> str:
    return re.sub(r"\s+", " ", str(error)).strip()[:400]


def _tables_in(parsed: Any) -> Iterator[str]:
    """Names of the tables in a parsed statement, wherever in it they stand."""
    if isinstance(parsed, dict):
        if parsed.get("type") == "BASE_TABLE":
            yield str(parsed["table_name"])
        parsed = list(parsed.values())
    if isinstance(parsed, list):
        for part in parsed:
            yield from _tables_in(part)


def quoted(path: Path) -> str:
    """A path as it stands in a text of SQL."""
    return str(path).replace("'", "''")
