"""From a path to decoded content: walk folders and archives, refuse what is dangerous or too big, decode text, CSV, JSON, XLSX and SQLite.

Knows nothing of what the content means. Nothing is ever extracted to disk.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import os
import re
import stat
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from collectors.databases import MAGIC, DatabaseError, Tables

MAX_FILE_BYTES = 512 * 1024**2
"""A larger file is refused: decoded JSON takes about ten times its size in memory."""

MAX_ARCHIVE_BYTES = 2 * 1024**3
"""The most an archive may unpack to, over all its members."""

MAX_MEMBERS = 100_000
"""Files in an archive: the list of more would itself fill the memory."""

LISTED_MEMBER = b"PK\x01\x02"
"""How an entry of an archive's list begins. Counted before the list is read; a zip stored inside counts too, and is not opened anyhow."""

BINARY_CONTROL = frozenset(range(9)) | {11} | frozenset(range(14, 27)) | frozenset(range(28, 32))

UNFIT_IN_NAMES = re.compile(r"#|%(?=[0-9A-F]{2})|[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What may not stand in a source id: `#` separates file and record, control characters would break lines of output and turn text
around, bytes that are no UTF-8 cannot be stored."""

HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
"""The escape of half a surrogate pair: without its other half it is no character."""

DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, ValueError, OSError)
"""What zipfile raises for archives that are damaged, or packed in a way that it does not know."""

NOT_A_WORKBOOK = (*DAMAGED_ZIP, KeyError, TypeError, AttributeError, IndexError, SyntaxError)
"""What openpyxl raises for a workbook that is not one; SyntaxError is the base of XML's ParseError."""


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
    sheets: Mapping[str, tuple[dict[str, str], ...]] | None = None
    """Sheets of a workbook, or tables of a SQLite database, which are read when asked for."""
    note: str | None = None
    lost: tuple[int, ...] = ()
    """JSON lines that are no JSON, by number; the others were read."""


def walk(paths: Sequence[Path], *, besides: Path | None = None) -> Iterator[tuple[str, Path]]:
    """Every file below the paths with its source id, in a fixed order; what cannot be walked (a linked or closed folder) is yielded
    as itself, to be reported. The folder `besides` is left out.

    Several paths keep their own names in front, so that ids stay unique.
    """
    roots = list({root.resolve(): root for root in paths}.values())
    for root, prefix in zip(roots, _prefixes(roots), strict=True):
        if not root.is_dir():
            yield source_name(prefix.removesuffix("/") or root.name), root
            continue
        closed: list[OSError] = []
        for folder, names, members in os.walk(root, followlinks=False, onerror=closed.append):
            names[:] = sorted(name for name in names if besides is None or (Path(folder) / name).resolve() != besides.resolve())
            linked = [name for name in names if (Path(folder) / name).is_symlink()]
            for name in (*sorted(members), *linked):
                path = Path(folder) / name
                yield source_name(prefix + path.relative_to(root).as_posix()), path
        for error in closed:
            path = Path(os.fsdecode(error.filename))
            yield source_name(prefix + path.relative_to(root).as_posix()), path


def _prefixes(roots: Sequence[Path]) -> list[str]:
    """What stands in front of each root's files: nothing for a single root, else as many last parts of its path as tell it from others."""
    if len(roots) == 1:
        return [""]
    parts = [root.resolve().parts for root in roots]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part.strip("/") for part in own[-length:]) for own in parts]
        if len(set(names)) == len(names):
            break
    return [f"{name}/" for name in names]


def source_name(path: str) -> str:
    """A path as it stands in evidence; what may not stand there is written as %XX of its bytes. Different paths stay different."""
    return UNFIT_IN_NAMES.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogateescape")), path)


def blobs(source_id: str, path: Path, *, only: str | None = None) -> Iterator[Blob]:
    """The bytes behind a path: one blob, or one per member of a zip archive (`only` those of this name)."""
    try:
        if path.is_dir():
            link = path.is_symlink()
            problem = (
                "a link to a folder: not followed, name the folder itself" if link else "a folder that may not be opened: nothing read"
            )
            yield Blob(source_id=source_id, problem=problem)
            return
        status = path.stat()
        refused = _refused(status)
        if refused:
            yield Blob(source_id=source_id, problem=refused)
            return
        content = path.read_bytes()
    except OSError as error:
        yield Blob(source_id=source_id, problem=f"cannot be opened: {error.strerror}")
        return
    if content[:4] == b"PK\x03\x04" and not _is_workbook(content):
        yield from _members(source_id, content, only)
    elif only is None or path.name == only:
        yield _unpacked(source_id, content)


def _refused(status: os.stat_result) -> str | None:
    """Why a file is not even opened: a pipe would wait for ever, a huge file would fill the memory."""
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if status.st_size > MAX_FILE_BYTES:
        return f"{status.st_size / 1024**2:,.0f} MB is over the limit of {MAX_FILE_BYTES // 1024**2} MB: split the export"
    return None


def _is_workbook(content: bytes) -> bool:
    if content.count(LISTED_MEMBER) > MAX_MEMBERS:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "[Content_Types].xml" in archive.namelist()
    except DAMAGED_ZIP:
        return False


def _members(source_id: str, content: bytes, only: str | None) -> Iterator[Blob]:
    if content.count(LISTED_MEMBER) > MAX_MEMBERS:
        yield Blob(source_id=source_id, problem=f"an archive of more than {MAX_MEMBERS:,} files: split it")
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGED_ZIP:
        yield Blob(source_id=source_id, problem="a damaged zip archive: make it again")
        return
    left = MAX_ARCHIVE_BYTES
    with archive:
        members = sorted((member for member in archive.infolist() if not member.is_dir()), key=lambda info: info.filename)
        if not members and only is None:
            yield Blob(source_id=source_id, problem="an archive without files: nothing to read")
        copies: Counter[str] = Counter()
        for member in members:
            copies[member.filename] += 1
            again = f"~{copies[member.filename]}" if copies[member.filename] > 1 else ""
            inner = f"{source_id}!/{source_name(member.filename)}{again}"
            name = PurePosixPath(member.filename.replace("\\", "/"))
            left -= member.file_size
            if only is not None and name.name != only:
                continue
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
    except DAMAGED_ZIP:
        return Blob(source_id=source_id, problem="damaged inside the archive: make it again")
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
    if not content.strip(b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"):
        raise UnreadableError("holds only white space" if content.strip(b"\x00\xef\xbb\xbf\xfe\xff") else "empty: nothing in it")
    if content[:4] == b"PK\x03\x04":
        return Content(sheets=_workbook(content))
    if content.startswith(MAGIC):
        return Content(sheets=_tables(content))
    if content[:2] == b"PK" or content[257:262] == b"ustar":
        raise UnreadableError("an archive of a kind that is not opened: unpack it, or make a zip of the files")
    text, note = _text(content)
    text = text.lstrip("\ufeff")
    start = text.lstrip()[:1]
    if start and start in "[{":
        values, lost = _json_values(text)
        return Content(values=values, note=note, lost=lost)
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


def _json_values(text: str) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """One JSON value, or several: JSON lines, or pages written one after the other; and the numbers of lines that are no JSON."""
    try:
        return (_parsed(text),), ()
    except json.JSONDecodeError as error:
        return _lines(text) or (_several(text, error), ())


def _parsed(text: str) -> Any:
    """One JSON value. Raises JSONDecodeError; UnreadableError where the parser itself gives up."""
    try:
        return _whole_characters(text, json.loads(text))
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise UnreadableError("JSON nested too deeply to be an export") from error
    except ValueError as error:
        raise UnreadableError("JSON with a number too long to be one") from error


def _whole_characters(text: str, value: Any) -> Any:
    """The value without halves of surrogate pairs, which nothing can store. Few texts hold any: the others are not walked."""
    return _replaced(value) if HALF_PAIR.search(text) else value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_replaced(item) for item in value]
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    return value


def _lines(text: str) -> tuple[tuple[Any, ...], tuple[int, ...]] | None:
    """JSON lines, and the numbers of lines that are broken; None when the first line is not a whole object."""
    values: list[Any] = []
    lost: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values.append(_parsed(line.strip("\ufeff")))
        except (json.JSONDecodeError, UnreadableError):
            if not values:
                return None
            lost.append(number)
    return (tuple(values), tuple(lost)) if isinstance(values[0], dict) else None


def _several(text: str, first: json.JSONDecodeError) -> tuple[Any, ...]:
    """Pages one after the other. A page that breaks off ends it all: what else the pages said cannot be known."""
    decoder, position = json.JSONDecoder(), 0
    values: list[Any] = []
    while position < len(text):
        try:
            value, end = decoder.raw_decode(text, position)
            value = _whole_characters(text[position:end], value)
        except json.JSONDecodeError as error:
            what = "truncated JSON" if error.pos >= len(text.rstrip()) - 1 or not values else "not valid JSON"
            where = error if values else first
            raise UnreadableError(f"{what} at line {where.lineno}, column {where.colno}: export it again") from error
        except RecursionError as error:
            raise UnreadableError("JSON nested too deeply to be an export") from error
        except ValueError as error:
            raise UnreadableError("JSON with a number too long to be one") from error
        values.append(value)
        position = end
        while position < len(text) and text[position] in " \t\r\n,\ufeff":
            position += 1
    return tuple(values)


def _csv(text: str) -> tuple[tuple[str, ...], tuple[dict[str, str], ...]]:
    if text[:4].lower() == "sep=":  # Excel's own first line
        text = text.partition("\n")[2]
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

    if not _is_workbook(content):
        raise UnreadableError("an archive inside an archive, or a damaged one: unpack it first")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_FILE_BYTES:
                raise UnreadableError("a workbook that unpacks to more than the limit: split it")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on fonts and extensions, which do not matter here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            return {sheet.title: _sheet(list(sheet.iter_rows(values_only=True))) for sheet in book.worksheets}
    except (InvalidFileException, *NOT_A_WORKBOOK) as error:
        raise UnreadableError("not a readable XLSX workbook: save it anew") from error


def _tables(content: bytes) -> Tables:
    try:
        return Tables(content)
    except DatabaseError as error:
        raise UnreadableError(str(error)) from error


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
