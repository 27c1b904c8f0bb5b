"""From a path to decoded content: walk folders and archives, refuse what is dangerous or too big, decode text, CSV, JSON and XLSX.

Knows nothing of what the content means. Nothing is ever extracted to disk.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

MAX_FILE_BYTES = 512 * 1024**2
"""A larger file is refused: decoded JSON takes about ten times its size in memory."""

MAX_ARCHIVE_BYTES = 2 * 1024**3
"""The most an archive may unpack to, over all its members."""

BINARY_CONTROL = frozenset(range(9)) | {11} | frozenset(range(14, 27)) | frozenset(range(28, 32))
EXPECTED_SUFFIXES = {".gz": "gzip"}


class UnreadableError(Exception):
    """A file cannot be decoded; the message says why and what to do, without the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Bytes of one file, or why there are none."""

    source_id: str
    content: bytes = b""
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Decoded content: exactly one of the three is set."""

    values: tuple[Any, ...] | None = None
    table: tuple[dict[str, str], ...] | None = None
    header: tuple[str, ...] = ()
    sheets: dict[str, tuple[dict[str, str], ...]] | None = None
    note: str | None = None


def walk(paths: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Every file below the paths with its source id, in a fixed order. A linked folder is yielded as itself, to be reported.

    Several paths keep their own names in front, so that ids stay unique.
    """
    for root in paths:
        prefix = "" if len(paths) == 1 else f"{root.resolve().name}/"
        if not root.is_dir():
            yield (prefix.removesuffix("/") or root.name).replace("#", "%23"), root
            continue
        for folder, names, members in os.walk(root, followlinks=False):
            names.sort()
            for name in sorted(members):
                path = Path(folder) / name
                yield _source_id(prefix, path, root), path
            for name in names:
                path = Path(folder) / name
                if path.is_symlink():
                    yield _source_id(prefix, path, root), path


def _source_id(prefix: str, path: Path, root: Path) -> str:
    """Path below the root; `#` separates file and record in evidence, so it may not stand in a file's name."""
    return (prefix + path.relative_to(root).as_posix()).replace("#", "%23")


def blobs(source_id: str, path: Path) -> Iterator[Blob]:
    """The bytes behind a path: one blob, or one per member of a zip archive."""
    try:
        if path.is_dir():
            yield Blob(source_id=source_id, problem="a link to a folder: not followed, name the folder itself")
            return
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            yield Blob(
                source_id=source_id,
                problem=f"{size / 1024**2:,.0f} MB is over the limit of {MAX_FILE_BYTES // 1024**2} MB: split the export",
            )
            return
        if not path.is_file():
            yield Blob(source_id=source_id, problem="not a regular file")
            return
        content = path.read_bytes()
    except OSError as error:
        yield Blob(source_id=source_id, problem=f"cannot be opened: {error.strerror}")
        return
    if content[:4] == b"PK\x03\x04" and not _is_workbook(content):
        yield from _members(source_id, content)
    else:
        yield _unpacked(source_id, content)


def _is_workbook(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _members(source_id: str, content: bytes) -> Iterator[Blob]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        yield Blob(source_id=source_id, problem="a damaged zip archive: make it again")
        return
    left = MAX_ARCHIVE_BYTES
    with archive:
        for member in sorted(archive.infolist(), key=lambda info: info.filename):
            if member.is_dir():
                continue
            inner = f"{source_id}!/{member.filename}"
            name = PurePosixPath(member.filename.replace("\\", "/"))
            left -= member.file_size
            if name.is_absolute() or ".." in name.parts:
                yield Blob(source_id=inner, problem="refused: its path leaves the archive")
            elif member.file_size > MAX_FILE_BYTES or left < 0:
                yield Blob(source_id=inner, problem="refused: unpacks to more than the limit")
            elif member.flag_bits & 1:
                yield Blob(source_id=inner, problem="encrypted: unpack it first")
            else:
                yield _member(archive, member, inner)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, source_id: str) -> Blob:
    try:
        content = archive.read(member)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError) as error:
        return Blob(source_id=source_id, problem=f"damaged inside the archive: {error}")
    return _unpacked(source_id, content)


def _unpacked(source_id: str, content: bytes) -> Blob:
    if content[:2] != b"\x1f\x8b":
        return Blob(source_id=source_id, content=content)
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            plain = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        return Blob(source_id=source_id, problem="a damaged or truncated gzip file: fetch it again")
    if len(plain) > MAX_FILE_BYTES:
        return Blob(source_id=source_id, problem="unpacks to more than the limit: split the export")
    return Blob(source_id=source_id, content=plain)


def decode(content: bytes) -> Content:
    """Decode by what the bytes are, never by the file's name. Raises UnreadableError."""
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise UnreadableError("empty: nothing in it" if not content.strip(b"\x00") else "holds only white space")
    if content[:4] == b"PK\x03\x04":
        return Content(sheets=_workbook(content))
    text, note = _text(content)
    start = text.lstrip()[:1]
    if start and start in "[{":
        return Content(values=_json_values(text), note=note)
    header, table = _csv(text)
    return Content(table=table, header=header, note=note)


def _text(content: bytes) -> tuple[str, str | None]:
    note = None
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding, note = "utf-16", "UTF-16 text, read as such"
    else:
        encoding = "utf-8-sig"
        if BINARY_CONTROL & set(content[:4096]):
            raise UnreadableError("binary, not an export: nothing to read")
    try:
        return content.decode(encoding), note
    except UnicodeDecodeError as error:
        raise UnreadableError(f"neither UTF-8 nor UTF-16 with a byte-order mark (byte {error.start:,}): save it as UTF-8") from error


def _json_values(text: str) -> tuple[Any, ...]:
    """One JSON value, or several: JSON lines, or pages written one after the other. Lines that are no JSON (log output) end it."""
    try:
        return (json.loads(text),)
    except RecursionError as error:
        raise UnreadableError("JSON nested too deeply to be an export") from error
    except json.JSONDecodeError as first:
        return _several(text, first)


def _several(text: str, first: json.JSONDecodeError) -> tuple[Any, ...]:
    decoder, position = json.JSONDecoder(), 0
    values: list[Any] = []
    while position < len(text):
        try:
            value, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            what = "truncated JSON" if error.pos >= len(text.rstrip()) - 1 or not values else "not valid JSON"
            where = error if values else first
            raise UnreadableError(f"{what} at line {where.lineno}, column {where.colno}: export it again") from error
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n,\ufeff":
            position += 1
    return tuple(values)


def _csv(text: str) -> tuple[tuple[str, ...], tuple[dict[str, str], ...]]:
    first_line = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    if first_line.count(delimiter) == 0:
        raise UnreadableError("plain text: neither JSON, CSV nor XLSX")
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header = tuple(name.strip() for name in next(reader))
        rows = [dict(zip(header, row, strict=False)) for row in reader if any(cell.strip() for cell in row)]
    except (csv.Error, StopIteration) as error:
        raise UnreadableError(f"not valid CSV: {error}") from error
    return header, tuple(rows)


def _workbook(content: bytes) -> dict[str, tuple[dict[str, str], ...]]:
    import openpyxl  # noqa: PLC0415  half a second that most runs do not need
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return {sheet.title: _sheet(list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets}
    except (InvalidFileException, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableError(f"not a readable XLSX workbook: {error}") from error


def _sheet(rows: list[tuple[Any, ...]]) -> tuple[dict[str, str], ...]:
    if not rows:
        return ()
    header = [_cell(value) for value in rows[0]]
    body = ([_cell(value) for value in row] for row in rows[1:])
    return tuple({name: value for name, value in zip(header, row, strict=False) if name} for row in body if any(row))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()
