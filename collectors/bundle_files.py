"""Files of an evidence bundle as the runner writes them: private, whole or not there at all, and half ones that can be gone on with.

A file that is being written is `<path>.part`: one line a page, each with the token that asks for the next. A process that is killed loses
the line it was writing and nothing else. When the last page is there, the pages alone are renamed to `<path>`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

LONGEST_NAME = 120
"""Of a file: names of the provider's may be longer than a disk takes."""

UNFIT_IN_FILES = re.compile(r"[^A-Za-z0-9._=@+-]")


def file_name(text: str) -> str:
    """A provider's name (user, ARN, e-mail …) as the name of a file. Different names stay different."""
    plain = UNFIT_IN_FILES.sub("_", text).lstrip(".") or "_"
    if plain == text and len(plain) <= LONGEST_NAME:
        return plain
    return f"{plain[:LONGEST_NAME]}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def as_text(value: Any) -> str:
    """What JSON has no word for, as the command lines of the providers print it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(f"{type(value).__name__} in an answer")


def line_of(value: Any) -> str:
    return json.dumps(value, default=as_text) + "\n"


def is_part(value: Any) -> bool:
    """A line of a file that was never finished."""
    return isinstance(value, dict) and value.keys() == {"bundle_page", "next"}


@dataclass(frozen=True, slots=True)
class Files:
    """A bundle's folder."""

    root: Path

    def at(self, path: str) -> Path:
        """A file of the bundle. Raises ValueError for a path that leaves the folder."""
        pure = PurePosixPath(path)
        if pure.is_absolute() or not pure.parts or ".." in pure.parts:
            raise ValueError(f"{path!r} is no path below the bundle")
        return self.root / pure

    def make(self, folder: Path) -> None:
        """The folder and those above it, for their owner only. What is there already is left as it is."""
        if not folder.is_dir():
            self.make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)

    def is_whole(self, path: str) -> bool:
        """The file was finished: a half one has its part beside it."""
        return self.at(path).is_file() and not self.part(path).is_file()

    def holds(self, path: str) -> bool:
        """There is such a file, whole or half."""
        try:
            return self.at(path).is_file()
        except ValueError:
            return False

    def part(self, path: str) -> Path:
        whole = self.at(path)
        return whole.with_name(f"{whole.name}.part")

    def answers(self, path: str) -> list[Any]:
        """The pages of a finished file."""
        with self.at(path).open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def write(self, path: str, lines: Iterable[str], at: datetime | None = None) -> None:
        """Whole or not at all; `at` becomes the time of the file."""
        target = self.at(path)
        self.make(target.parent)
        temporary = target.with_name(f".{target.name[:200]}.tmp")
        with _private(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as file:
            file.writelines(lines)
        if at is not None:
            os.utime(temporary, (at.timestamp(), at.timestamp()))
        temporary.replace(target)

    def time(self, path: str) -> datetime:
        """When a file was finished."""
        return datetime.fromtimestamp(int(self.at(path).stat().st_mtime), tz=UTC)

    def digest(self, path: str) -> str:
        with self.at(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class Part:
    """A file that is being written."""

    files: Files
    path: str

    def token(self) -> str | None:
        """The token to go on from; None to start again. Drops a last line that broke off."""
        place = self.files.part(self.path)
        if not place.is_file():
            return None
        length, token = 0, None
        with place.open("rb") as file:
            for line in file:
                try:
                    token = json.loads(line)["next"]
                except (ValueError, LookupError, TypeError):
                    break
                if not line.endswith(b"\n"):
                    break
                length += len(line)
        os.truncate(place, length)
        return token if length else None

    def restart(self) -> None:
        self.files.make(self.files.part(self.path).parent)
        with _private(self.files.part(self.path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
            pass

    def append(self, page: Any, token: str | None) -> None:
        """One page and where it goes on, in one line: both are kept, or neither."""
        with _private(self.files.part(self.path), os.O_WRONLY | os.O_CREAT | os.O_APPEND) as file:
            file.write(line_of({"bundle_page": page, "next": token}))

    def pages(self) -> Iterator[Any]:
        with self.files.part(self.path).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)["bundle_page"]

    def finish(self, at: datetime) -> None:
        """The pages become the file."""
        self.publish(at)
        self.files.part(self.path).unlink()

    def publish(self, at: datetime) -> None:
        """The pages so far become evidence; the part stays, so that the rest can be asked for."""
        self.files.write(self.path, map(line_of, self.pages()), at)


def _private(path: Path, flags: int) -> Any:
    return os.fdopen(os.open(path, flags, 0o600), "a" if flags & os.O_APPEND else "w", encoding="utf-8", newline="")
