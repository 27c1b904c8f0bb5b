"""The lake: immutable snapshots, published whole.

A snapshot is Parquet files under new names plus a manifest written last, as the commit; then `CURRENT` is replaced atomically.
A reader sees the old snapshot or the new one, never a half. Nothing already published is ever changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inventory.database import Database, QueryError, StoreError, quoted

SCHEMA_VERSION = 3
"""Raised when a table's columns change; stored in every manifest."""

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

    def ids(self) -> set[str]:
        """Of all published snapshots; no manifest is read."""
        return {path.stem for path in (self.root / "_snapshots").glob("*.json")}

    def snapshots(self) -> list[Snapshot]:
        """All published snapshots, oldest first by as-of date, then by creation."""
        return sorted(map(self.snapshot, self.ids()), key=lambda snapshot: (snapshot.as_of, snapshot.created_at, snapshot.snapshot_id))

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
        database = Database.bare(memory_limit=memory_limit)
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
                    f" SELECT * FROM read_parquet('{quoted(path)}', hive_partitioning = false)"
                )

    def keep(self, database: Database, table: str, name: str) -> None:
        """Keep a table (`schema.name`) that was worked out from snapshots under a name that says from which. Where nothing can be written, nothing is."""
        path = self._kept_path(name)
        pending = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database.execute(f"COPY {table} TO '{quoted(pending)}' (FORMAT parquet, COMPRESSION zstd)")
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
            database.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{quoted(path)}', hive_partitioning = false)")
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
            database.execute(f"COPY (SELECT * FROM {schema}.{table} ORDER BY ALL) TO '{quoted(target)}' (FORMAT parquet, COMPRESSION zstd)")
            tables[name] = rows
            written[name] = target
    return tables, written


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
