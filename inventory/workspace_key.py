"""The key of a workspace, for fingerprints of secret values."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from inventory.database import StoreError

KEY_BYTES = 32
"""Length of a workspace's key for fingerprints."""


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
