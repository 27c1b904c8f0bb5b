"""The way back: which part each pseudonym stands for, sealed under the key in a file of the redacted workspace.

AES-256-GCM (NIST SP 800-38D). The nonce is taken from the content: the same redaction is the same file, and no nonce seals two contents.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from reports.redaction.key import derived
from reports.redaction.parts import GUID, WORD, RedactionError

FILE = "pseudonyms.sealed"
HEADER = b"nhi pseudonyms 1\n"
NONCE_BYTES = 12
TOKEN = re.compile(rf"s\d{{4,}}/|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|{GUID}|{WORD}")


def seal(workspace: Path, key: bytes, given: Mapping[str, str]) -> None:
    """Write the way back. `given`: part -> pseudonym."""
    content = zlib.compress(json.dumps(sorted((pseudonym, part) for part, pseudonym in given.items()), ensure_ascii=False).encode(), 9)
    secret = derived(key, "sealed pseudonyms")
    nonce = hmac.new(derived(key, "nonce of sealed pseudonyms"), content, hashlib.sha256).digest()[:NONCE_BYTES]
    (workspace / FILE).write_bytes(HEADER + nonce + AESGCM(secret).encrypt(nonce, content, HEADER))


def unseal(workspace: Path, key: bytes) -> dict[str, str]:
    """Pseudonym -> part. Raises RedactionError where there is none, or where it was sealed with another key."""
    path = workspace / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RedactionError(f"{path}: {error.strerror}; only a workspace that `nhi redact` wrote can be read back") from error
    if not content.startswith(HEADER):
        raise RedactionError(f"{path}: not a file of sealed pseudonyms, or of another version; redact again")
    sealed = content.removeprefix(HEADER)
    try:
        plain = AESGCM(derived(key, "sealed pseudonyms")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], HEADER)
    except (InvalidTag, ValueError) as error:
        raise RedactionError(f"{path}: this key does not open it: it was sealed with another one, or the file was changed") from error
    return dict(json.loads(zlib.decompress(plain)))


def revealed(text: str, parts: Mapping[str, str]) -> str:
    """A text with every pseudonym in it turned back; the place of a source among the others (`s0007/`) goes."""
    return TOKEN.sub(lambda found: "" if found[0].endswith("/") else parts.get(found[0], found[0]), text)
