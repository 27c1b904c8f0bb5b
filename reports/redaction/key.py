"""The key of a redaction: 32 random bytes in a file of their own, kept apart from what is handed on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """A key file cannot be used; the message names it and says what to do."""


def make_key(path: Path) -> None:
    """Write a new key, base64, readable by its owner only. Raises KeyFileError where something is there already."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    except FileExistsError as error:
        raise KeyFileError(f"{path} is there already: choose another name, a key that is lost cannot be made again") from error
    except OSError as error:
        raise KeyFileError(f"{path}: the key cannot be written ({error.strerror})") from error


def read_key(path: Path) -> bytes:
    """The key in a file. Raises KeyFileError."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: the key cannot be read ({error.strerror}); `nhi redact --new-key FILE` makes one") from error
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path} holds no key: it must be {KEY_BYTES} bytes in base64; `nhi redact --new-key FILE` makes one")
    return key


def derived(key: bytes, purpose: str) -> bytes:
    """A key for one purpose: whoever learns one learns nothing of the others (HMAC-SHA256 as a key derivation, NIST SP 800-108)."""
    return hmac.new(key, f"nhi redact 1: {purpose}".encode(), hashlib.sha256).digest()
