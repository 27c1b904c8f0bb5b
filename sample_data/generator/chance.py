"""Choices that look random and never change: each comes from the hash of what it is for, so adding one thing moves no other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")
SEED = "quillhaven-1"
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def number(*parts: object) -> int:
    """A large whole number fixed by its parts."""
    text = "|".join([SEED, *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:12], "big")


def between(low: int, high: int, *parts: object) -> int:
    """A whole number from low to high, both included."""
    return low + number(*parts) % (high - low + 1)


def pick(options: Sequence[T], *parts: object) -> T:
    return options[number(*parts) % len(options)]


def percent(*parts: object) -> int:
    """0 to 99."""
    return number(*parts) % 100


def letters(count: int, *parts: object, alphabet: str = BASE32) -> str:
    value = number(*parts)
    found = []
    for _ in range(count):
        value, index = divmod(value, len(alphabet))
        found.append(alphabet[index])
    return "".join(found)


def hexadecimal(count: int, *parts: object) -> str:
    text = "|".join([SEED, *map(str, parts)])
    return hashlib.sha256(text.encode()).hexdigest()[:count]


def guid(*parts: object) -> str:
    """A GUID. Its first digits read as a word, to tell people that it is nobody's."""
    text = hexadecimal(32, "guid", *parts)
    return f"5a3b1e00-{text[:4]}-4{text[4:7]}-8{text[7:10]}-{text[10:22]}"


def unique_id(prefix: str, *parts: object) -> str:
    """An IAM unique id: AROA…, AIDA…. The word SAMPLE in it tells people and scanners that it is nobody's."""
    return f"{prefix}SAMPLE{letters(11, prefix, *parts)}"


def key_id(user: str, generation: int) -> str:
    """An access key id, 20 characters. Holds a 0, which real ones never do."""
    name = "".join(c for c in user.removeprefix("svc-").removeprefix("ci-").upper() if c.isalnum())
    stem = (name + "XXXXXX")[:6]
    return f"AKIASAMPLE{stem}{letters(2, 'key', user, generation)}0{generation}"


def on_day(first: datetime, last: datetime, *parts: object) -> datetime:
    """A moment between two days, to the second."""
    span = int((last - first).total_seconds())
    return first + timedelta(seconds=number("moment", *parts) % max(span, 1))
