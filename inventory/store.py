"""Databases and the lake of immutable snapshots. The only module that imports duckdb.

A snapshot is Parquet files under new names plus a manifest written last, as the commit; then `CURRENT` is replaced atomically.
A reader sees the old snapshot or the new one, never a half. Nothing already published is ever changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from inventory.model import FIELDS, TABLE_OF, Row

SCHEMA_VERSION = 3
"""Raised when a table's columns change; stored in every manifest."""

KEY_BYTES = 32
"""Length of a workspace's key for fingerprints."""

RESULT_TABLES = frozenset(
    {
        "access_path",
        "placement",
        "subject",
        "privilege",
        "policy_permission",
        "least_privilege",
        "escalation",
        "vendor",
        "check_result",
        "check_count",
        "finding",
        "question",
        "question_item",
        "metric",
    }
)

SEEN = "seen"
"""Schema, and folder of the lake, of the rows as they were read: what a snapshot is judged again from."""

Params = Sequence[Any] | Mapping[str, Any] | None


class StoreError(Exception):
    """The store could not do what was asked; the message names the snapshot or file and what to do."""


class QueryError(StoreError):
    """A query was refused or failed; the message is the database's own, shortened."""


def schema_sql() -> str:
    """The DDL of every table."""
    return (files("inventory") / "schema.sql").read_text(encoding="utf-8")


ANSWER_ROWS = 2_000
"""Rows of an answer that is kept at most."""

ANSWERS = 512
"""Answers that are kept at most: those asked for last."""


ONE_AT_A_TIME = threading.RLock()
"""Held while a shared database is asked. Every question uses all processors, so two at once gain no time, and take the memory of two."""


class Answers:
    """Answers by their question. Whoever asks what somebody else is asking waits for that one answer."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._asking: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, question: str, ask: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
        """The answer that is kept, or what `ask` answers."""
        with self._lock:
            asking = self._asking.setdefault(question, threading.Lock())
        with asking:
            with self._lock:
                if question in self._kept:
                    self._kept.move_to_end(question)
                    return self._kept[question]
            try:
                answer = ask()
                if len(answer) <= ANSWER_ROWS:
                    self._keep(question, answer)
                return answer
            finally:  # after it is kept: who comes later finds it, and does not ask again
                with self._lock:
                    self._asking.pop(question, None)

    def _keep(self, question: str, answer: list[dict[str, Any]]) -> None:
        with self._lock:
            self._kept[question] = answer
            while len(self._kept) > ANSWERS:
                self._kept.popitem(last=False)


class Database:
    """A DuckDB connection that speaks in rows. Use as a context manager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._arrow_types: dict[str, pa.Schema] = {}
        self._answers: Answers | None = None
        self.parquet: dict[str, Path] = {}
        """Tables of `main` that are views, and the file that each is read from."""

    @classmethod
    def empty(cls, *, memory_limit: str = "1GB") -> Self:
        """In memory: every table of schema.sql in `main`, again in `seen` for rows as they were read, and `work` for steps between."""
        database = cls(_in_memory(memory_limit, preserve_insertion_order="true"))
        database.execute("SET TimeZone = 'UTC'")
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
        self.execute(f"CREATE VIEW {schema}.{table} AS SELECT * FROM read_parquet('{_quoted(path)}', hive_partitioning = false)")
        if schema == "main":
            self.parquet[table] = path

    def harden(self, *, memory_limit: str = "1GB") -> None:
        """Close every door but SELECT on the tables of `main`: no other file, no network, extensions, settings or Python variables."""
        own_files = ", ".join(f"'{_quoted(path)}'" for path in self.parquet.values())
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


def _in_memory(memory_limit: str, **config: str) -> duckdb.DuckDBPyConnection:
    """A database in memory. What it cannot hold goes to the system's folder for temporary files, not to wherever the program was started."""
    spill = Path(tempfile.gettempdir()) / f"nhi-spill-{uuid.uuid4().hex}"  # made when it is needed; never shared: file names in it repeat
    return duckdb.connect(":memory:", config={"memory_limit": memory_limit, "temp_directory": str(spill), **config})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a manifest says about a published snapshot."""

    snapshot_id: str
    label: str
    as_of: datetime
    rules_version: str
    pack: str
    created_at: str
    tables: Mapping[str, int]
    """Rows per table."""
    files: Mapping[str, str]
    """Parquet file below the lake -> its SHA-256."""
    details: Mapping[str, Any]
    """Inputs, warnings, versions: everything else the doors recorded."""
    schema_version: int
    """Of the tables: other versions cannot be opened, only judged again."""

    @property
    def judged_by(self) -> tuple[str, str, str]:
        """Rules version, pack and thresholds: two snapshots with the same are judged alike."""
        return self.rules_version, self.pack, json.dumps(self.details.get("thresholds"), sort_keys=True)

    @property
    def seen_files(self) -> Mapping[str, str]:
        """Table -> SHA-256 of its rows as they were read; empty when the snapshot keeps none."""
        tables = {name.split("/snapshot_id=", 1)[0]: digest for name, digest in self.files.items()}
        return {table: digest for table, digest in tables.items() if table.startswith(f"{SEEN}/")}

    @property
    def origin(self) -> str:
        """Id of the snapshot whose evidence this is: its own, or the one that it was rescored from."""
        return str(self.details.get("rescored_from") or self.snapshot_id)

    def same_evidence(self, other: Snapshot) -> bool:
        """Whether both were judged from the same rows as of the same date."""
        same_rows = bool(self.seen_files) and self.seen_files == other.seen_files
        return self.as_of == other.as_of and (same_rows or self.origin == other.origin)


class Lake:
    """The workspace's folder of snapshots."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.root = workspace / "lake"

    def publish(
        self,
        database: Database,
        *,
        label: str,
        as_of: datetime,
        rules_version: str,
        pack: str,
        created_at: str,
        details: Mapping[str, Any],
        make_current: bool = True,
    ) -> Snapshot:
        """Write every table of `main` and `seen` as Parquet, then the manifest, then (`make_current`) `CURRENT`.

        The id is taken from the content: assessing the same evidence twice under the same rules gives the same snapshot, written once.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        pending = self.root / f".pending-{os.getpid()}-{threading.get_ident()}"
        pending.mkdir(exist_ok=True)
        tables, written = _copied(database, pending)
        hashes = {table: _sha256(path) for table, path in written.items()}
        identity = json.dumps([hashes, label, as_of.isoformat(), rules_version, pack, SCHEMA_VERSION], sort_keys=True)
        snapshot_id = f"{as_of:%Y-%m-%d}-{hashlib.sha256(identity.encode()).hexdigest()[:10]}"
        if not self._manifest_path(snapshot_id).exists():
            files_by_name = {}
            for table, path in written.items():
                name = f"{table}/snapshot_id={snapshot_id}/source={'scoring' if table in RESULT_TABLES else 'evidence'}/part-0.parquet"
                final = self.root / name
                final.parent.mkdir(parents=True, exist_ok=True)
                os.replace(path, final)
                files_by_name[name] = hashes[table]
            manifest = {
                "snapshot_id": snapshot_id,
                "label": label,
                "as_of": as_of.isoformat(),
                "rules_version": rules_version,
                "pack": pack,
                "created_at": created_at,
                "schema_version": SCHEMA_VERSION,
                "tables": tables,
                "files": files_by_name,
                "details": dict(details),
            }
            _write_atomically(self._manifest_path(snapshot_id), json.dumps(manifest, indent=1, sort_keys=True, default=str))
        for path in written.values():
            path.unlink(missing_ok=True)
        pending.rmdir()
        if make_current:
            _write_atomically(self.root / "CURRENT", snapshot_id)
        return self.snapshot(snapshot_id)

    def snapshots(self) -> list[Snapshot]:
        """All published snapshots, oldest first by as-of date, then by creation."""
        folder = self.root / "_snapshots"
        found = [self.snapshot(path.stem) for path in folder.glob("*.json")] if folder.is_dir() else []
        return sorted(found, key=lambda snapshot: (snapshot.as_of, snapshot.created_at, snapshot.snapshot_id))

    def snapshot(self, snapshot_id: str) -> Snapshot:
        """One snapshot by its id. Raises StoreError when there is none."""
        path = self._manifest_path(snapshot_id)
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise StoreError(f"{snapshot_id}: no such snapshot in {self.workspace}; `nhi snapshots` lists them") from error
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: the manifest cannot be read ({error}); restore it or assess the evidence again") from error
        try:
            return Snapshot(
                snapshot_id=raw["snapshot_id"],
                label=raw["label"],
                as_of=datetime.fromisoformat(raw["as_of"]),
                rules_version=raw["rules_version"],
                pack=raw["pack"],
                created_at=raw["created_at"],
                tables=raw["tables"],
                files=raw["files"],
                details=raw["details"],
                schema_version=raw["schema_version"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(f"{path}: not a manifest of a snapshot ({error!r}); restore it or assess the evidence again") from error

    def current(self) -> Snapshot | None:
        """The snapshot published last, or None in an empty workspace."""
        try:
            return self.snapshot((self.root / "CURRENT").read_text(encoding="utf-8").strip())
        except FileNotFoundError:
            return None

    def latest(self) -> Snapshot | None:
        """The snapshot with the newest as-of date."""
        found = self.snapshots()
        return found[-1] if found else None

    def before(self, snapshot: Snapshot) -> Snapshot | None:
        """`Last quarter`: of the snapshots of the newest earlier as-of date, the last that is judged by the same rules, pack and
        thresholds; else the last. What evidence is judged again as of the same date is never its own last quarter.
        """
        earlier = [other for other in self.snapshots() if other.as_of < snapshot.as_of]
        last = [other for other in earlier if other.as_of == earlier[-1].as_of]
        alike = [other for other in last if other.judged_by == snapshot.judged_by]
        found = alike or last
        return found[-1] if found else None

    def twin(self, snapshot: Snapshot, like: Snapshot) -> Snapshot | None:
        """The same evidence as of the same date, judged as `like` is; None when nobody rescored it so."""
        found = [other for other in self.snapshots() if other.same_evidence(snapshot) and other.judged_by == like.judged_by]
        return found[-1] if found else None

    @contextmanager
    def open(self, snapshot_id: str, *, memory_limit: str = "1GB") -> Iterator[Database]:
        """A database over one snapshot: views on its Parquet."""
        database = self.connect(self.snapshot(snapshot_id), memory_limit=memory_limit)
        try:
            yield database
        finally:
            database.close()

    def connect(self, snapshot: Snapshot, *, memory_limit: str = "1GB") -> Database:
        """As `open`, for a caller that keeps the connection. Raises StoreError for a snapshot whose tables are of another version."""
        if snapshot.schema_version != SCHEMA_VERSION:
            raise StoreError(
                f"{snapshot.snapshot_id}: its tables are of version {snapshot.schema_version}, this program reads {SCHEMA_VERSION};"
                f" `nhi rescore {snapshot.snapshot_id}` judges it again, or assess its evidence again"
            )
        database = Database(_in_memory(memory_limit))
        database.execute("SET TimeZone = 'UTC'")
        self.attach(database, snapshot, "main")
        return database

    def attach(self, database: Database, snapshot: Snapshot, schema: str) -> None:
        """The judged tables of a snapshot in a schema of a database, beside what is there."""
        database.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        for table, path in self._files(snapshot):
            if not table.startswith(f"{SEEN}/"):
                database.view(table, path, schema=schema)

    def require_seen(self, snapshot: Snapshot) -> None:
        """Raise StoreError for a snapshot that keeps no rows as they were read."""
        if not snapshot.seen_files:
            raise StoreError(
                f"{snapshot.snapshot_id}: keeps no rows as they were read, so it cannot be judged again; assess its evidence again"
            )

    def load_seen(self, snapshot: Snapshot, database: Database) -> None:
        """Put the rows of a snapshot as they were read into the schema `seen` of an empty database. Raises StoreError when it keeps none."""
        self.require_seen(snapshot)
        for table, path in self._files(snapshot):
            if table.startswith(f"{SEEN}/"):
                # By name: a snapshot made before a column was added says nothing of it.
                database.execute(
                    f"INSERT INTO {SEEN}.{table.removeprefix(f'{SEEN}/')} BY NAME"
                    f" SELECT * FROM read_parquet('{_quoted(path)}', hive_partitioning = false)"
                )

    def keep(self, database: Database, table: str, name: str) -> None:
        """Keep a table (`schema.name`) that was worked out from snapshots under a name that says from which. Where nothing can be written, nothing is."""
        path = self._kept_path(name)
        pending = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database.execute(f"COPY {table} TO '{_quoted(pending)}' (FORMAT parquet, COMPRESSION zstd)")
            os.replace(pending, path)
        except (OSError, QueryError):
            with suppress(OSError):
                pending.unlink()

    def attach_kept(self, database: Database, table: str, name: str) -> bool:
        """A table that was kept under a name, as a view; False where there is none, or none that can be read."""
        path = self._kept_path(name)
        if not path.exists():
            return False
        try:
            database.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{_quoted(path)}', hive_partitioning = false)")
        except QueryError:
            return False
        return True

    def _kept_path(self, name: str) -> Path:
        return self.root / "_kept" / f"{name}.parquet"

    def _files(self, snapshot: Snapshot) -> Iterator[tuple[str, Path]]:
        """(table, file); rows as they were read stand under `seen/<table>`. Raises StoreError when one is missing."""
        for name in snapshot.files:
            path = self.root / name
            if not path.exists():
                raise StoreError(f"{path}: missing from snapshot {snapshot.snapshot_id}; restore it or assess the evidence again")
            yield name.split("/snapshot_id=", 1)[0], path

    def _manifest_path(self, snapshot_id: str) -> Path:
        if not re.fullmatch(r"[\w.-]+", snapshot_id):
            raise StoreError(f"{snapshot_id!r} is not a snapshot id; `nhi snapshots` lists them")
        return self.root / "_snapshots" / f"{snapshot_id}.json"


def _copied(database: Database, folder: Path) -> tuple[dict[str, int], dict[str, Path]]:
    """Every table of `main`, and every one of `seen` that holds rows, as Parquet in a folder: rows, and file, by the table's name."""
    tables: dict[str, int] = {}
    written: dict[str, Path] = {}
    for schema in ("main", SEEN):
        for table in database.tables(schema):
            name = table if schema == "main" else f"{SEEN}/{table}"
            rows = database.value(f"SELECT count(*) FROM {schema}.{table}")
            if schema == SEEN and not rows:
                continue
            target = folder / f"{schema}.{table}.parquet"
            database.execute(
                f"COPY (SELECT * FROM {schema}.{table} ORDER BY ALL) TO '{_quoted(target)}' (FORMAT parquet, COMPRESSION zstd)"
            )
            tables[name] = rows
            written[name] = target
    return tables, written


def workspace_key(workspace: Path) -> bytes:
    """The workspace's key for fingerprints, made on first use and readable by its owner only. Raises StoreError when it is damaged."""
    path = workspace / "fingerprint.key"
    workspace.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path}: not a key of {KEY_BYTES} bytes; restore it, or choose another workspace")
    return key


def _make_key(path: Path) -> None:
    """The file appears whole or not at all: a run killed half-way leaves no short key behind, and of two runs one makes it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(os.urandom(KEY_BYTES))
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
