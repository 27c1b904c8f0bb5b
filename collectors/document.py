"""The values that pass between reading a file and understanding it: Document in, rows and problems out.

A format is two pure functions: does this look like me, and what does it say. It never opens files, asks the network or logs values.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.model import Row


class FormatError(Exception):
    """A file was recognised but does not hold what its format promises; the message says what is wrong and what to do."""


def fingerprint_of(value: str, key: bytes) -> str:
    """Keyed fingerprint (HMAC-SHA256, hex)."""
    return hmac.new(key, value.strip().encode(), hashlib.sha256).hexdigest()


def mark_of(key: bytes) -> str:
    """Tells two keys apart and says nothing of them."""
    return fingerprint_of("which key is this", key)[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One record that could not be read; the rest of the file was."""

    record: str
    """Where in the file, e.g. `RoleDetailList[3]`."""
    message: str
    """What is wrong. Never quotes a value that may be secret."""
    lost: bool = False
    """True: nothing else shows that the record is missing, so what the file says it covers is not whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One decoded file. Exactly one of `values`, `table`, `sheets` is set."""

    source_id: str
    """Path below the assessed folder."""
    values: tuple[Any, ...] | None = None
    """JSON: one value; several for JSON lines or concatenated pages."""
    table: tuple[Mapping[str, str], ...] | None = None
    """CSV: rows by header."""
    header: tuple[str, ...] = ()
    """CSV header as written."""
    sheets: Mapping[str, tuple[Mapping[str, str], ...]] | None = None
    """XLSX: rows by header, per sheet name; SQLite: rows by column, per table, read when asked for."""
    scope: str | None = None
    """Account or repository, where the bundle's manifest says so."""
    collected_at: datetime | None = None
    """When the facts were true, where the manifest says so (UTC, naive)."""
    asked: bool = False
    """The manifest says what was asked for, so that an empty answer is no riddle."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Names by alias, as other files of the run tell them; for formats that the content leaves `unplaced`."""
    key: bytes = field(default=b"", repr=False)
    """The workspace's key for fingerprints."""

    def fingerprint(self, value: str) -> str:
        """Keyed fingerprint (HMAC-SHA256, hex) of a key id or secret: joins two sightings without keeping the value."""
        return fingerprint_of(value, self.key)

    def at(self, record: str) -> str:
        """Evidence reference of a record: `<source_id>#<record>`. Use names that stay the same when records are reordered."""
        return f"{self.source_id}#{record}"


def placed(_document: Document) -> bool:
    """The content says where it belongs; or, like a scanner's report, belongs nowhere."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One file format."""

    name: str
    """e.g. `aws-gaad`"""
    title: str
    """What it is and the command that makes it, for docs and messages."""
    matches: Callable[[Document], bool]
    """Recognise by content. Must not raise on any decoded content."""
    rows: Callable[[Document], Iterable[Row | Problem]]
    """Everything the file says, coverage included. Raises FormatError when the whole file is unusable."""
    unplaced: Callable[[Document], bool] = placed
    """Whether the content alone does not say of which account or project it speaks: then the other files may (collectors/reading.py)."""
    settled: frozenset[str] = frozenset()
    """Reasons of partial coverage that say only that one file cannot know whether all its like were asked for, or that an empty answer may
    be a denied one. A bundle in which every call succeeded knows (collectors/statements.py)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """One source of evidence and the formats in which it comes."""

    name: str
    formats: tuple[Format, ...]
