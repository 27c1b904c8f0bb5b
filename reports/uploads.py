"""Files that a browser sent, in a private folder of the workspace for as long as one assessment takes.

They are written down as they came. Archives are not unpacked here or anywhere: the importers read them in memory, within the same limits as
for `nhi assess`. The folder goes with the run; what a killed server left behind goes with the next upload.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

FOLDER = "uploads"
"""Below the workspace: /tmp may be memory, and is everyone's."""

MAX_FILE_MB = 200
"""Per file; the server holds what is uploaded in memory. `server.maxUploadSize` in .streamlit/config.toml says the same."""

MAX_FILES = 2_000
MAX_MB = 1_000
"""Of all files of one upload together."""

ARCHIVE_LIMITS = "an archive may hold 100,000 files and unpack to 2 GB, 512 MB each"
"""As collectors/files.py reads them."""

LONGEST_NAME = 200
"""Bytes of a part of a name, with room for what tells copies apart: disks take 255."""


class UploadError(Exception):
    """Nothing of the upload was taken; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Files on disk, until `remove` is called."""

    folder: Path
    lock: int
    """File descriptor that keeps the folder from being swept; a process that reads it may inherit it."""
    refused: Sequence[str]
    """One sentence for each file that was not taken."""

    def remove(self) -> None:
        """Delete the files; safe to call twice."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.lock in _HELD:
            _HELD.discard(self.lock)
            os.close(self.lock)


_HELD: set[int] = set()
"""Descriptors that are open: a number is used again once it is closed."""


def take(workspace: Path, files: Iterable[tuple[str, BinaryIO]]) -> Upload:
    """Write files into a new private folder, by their names. Raises UploadError when they are too many or too large, OSError when the disk
    refuses; the folder is gone then. A name that leads out of the folder is refused, and the others are taken."""
    sweep(workspace)
    given = list(files)
    if len(given) > MAX_FILES:
        raise UploadError(f"{len(given):,} files are more than {MAX_FILES:,} at once: make a zip of them")
    if (size := sum(_size(stream) for _, stream in given)) > MAX_MB * 1024**2:
        raise UploadError(f"{size / 1024**2:,.0f} MB are more than {MAX_MB:,} MB at once: use `nhi assess` on the server")
    root = workspace / FOLDER
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = Path(tempfile.mkdtemp(dir=root, prefix=""))  # readable by its owner only
    lock = os.open(folder, os.O_RDONLY)
    _HELD.add(lock)
    fcntl.flock(lock, fcntl.LOCK_EX)
    refused: list[str] = []
    upload = Upload(folder=folder, lock=lock, refused=refused)
    try:
        for path, stream, told in _placed(given):
            if told:
                refused.append(told)
            else:
                _write(folder, path, stream)
    except BaseException:
        upload.remove()
        raise
    return upload


def _size(stream: BinaryIO) -> int:
    end = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return end


def _placed(given: Sequence[tuple[str, BinaryIO]]) -> Iterable[tuple[PurePosixPath, BinaryIO, str]]:
    """Where each file goes, or why it goes nowhere. A folder that all files stand in is left out, as `nhi assess FOLDER` leaves it out."""
    paths = [PurePosixPath(name.replace("\\", "/")) for name, _ in given]
    tops = {path.parts[0] if len(path.parts) > 1 else "" for path in paths if not _refused(path)}
    strip = 1 if len(tops) == 1 and "" not in tops else 0
    seen: set[PurePosixPath] = set()
    for path, (_, stream) in zip(paths, given, strict=True):
        inner = PurePosixPath(*path.parts[strip:])
        told = _refused(path)
        if not told:
            inner = _free(inner, seen)
            seen.add(inner)
        yield inner, stream, told


def _refused(path: PurePosixPath) -> str:
    if path.is_absolute() or ".." in path.parts or not path.parts:
        return f"{str(path)[:LONGEST_NAME]}: refused, its name leads out of the folder"
    if any(ord(letter) < 32 for letter in str(path)) or any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in path.parts):
        return f"{str(path)[:40]}…: refused, no disk takes this name: rename it"
    return ""


def _free(path: PurePosixPath, seen: set[PurePosixPath]) -> PurePosixPath:
    """The path, or the same in a folder of its own: two files of one name, dragged from two folders, are two files."""
    number, free = 1, path
    while free in seen or any(free in other.parents for other in seen) or not seen.isdisjoint(free.parents):
        number += 1
        free = PurePosixPath(f"~{number}") / path
    return free


def _write(folder: Path, path: PurePosixPath, stream: BinaryIO) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as file:
        shutil.copyfileobj(stream, file)


def sweep(workspace: Path) -> None:
    """Delete the folders that no run holds: a server that was killed left them behind."""
    root = workspace / FOLDER
    for folder in root.iterdir() if root.is_dir() else ():
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # being read
        finally:
            os.close(handle)
