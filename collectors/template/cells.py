"""One cell of the template: text to value. Says what is wrong in words that a person filling a sheet understands.

A cell that looks like a secret is refused before anything else: its text never reaches a row or a message.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

from collectors.template.sheets import Column
from collectors.times import NOT_SAID, utc

YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}

SECRET_WORDS = frozenset(
    {"secret", "secrets", "password", "passwords", "passwd", "passphrase", "pwd", "value", "values", "token", "tokens", "key_material"}
)
SECRET_SHAPES = re.compile(
    r"-----BEGIN"  # PEM
    r"|\beyJ[\w-]{8,}\.eyJ"  # JWT
    r"|://[^/\s:@]*:[^/\s@]+@"  # password in a URL
    r"|\b(?:gh[pousr]_|github_pat_|[srp]k_live_|npm_|dop_v1_)[A-Za-z0-9]{20,}"
    r"|\b(?:pypi-|glpat-|xox[a-z]-|AIza|ya29\.|hv[sb]\.|SG\.)[\w.-]{20,}"
    r"|\bsk-[A-Za-z0-9-]*[A-Za-z0-9]{20,}"
)
AWS_SECRET = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9/+]{40}")
"""An AWS secret access key: 40 characters of mixed case and digits. A commit hash has no capitals."""
VARIABLE_NAME = re.compile(r"[A-Za-z_][\w.-]*")
SHOWN = 40
"""Characters of a bad value that a message repeats."""


class CellError(Exception):
    """A cell does not hold what its column asks for; the message names column, value and what to write."""


def looks_secret(text: str) -> bool:
    """Whether a text has the form of a well-known token, private key, AWS secret key or URL with a password."""
    return bool(SECRET_SHAPES.search(text) or AWS_SECRET.fullmatch(text))


def names_secret(header: str) -> bool:
    """Whether a column's name says that it holds secret values."""
    return not SECRET_WORDS.isdisjoint(header.split("_")) or header in SECRET_WORDS


def value(column: Column, text: str) -> Any:
    """Value of a cell; None where it says nothing. Raises CellError."""
    text = text.strip()
    if not text:
        return None
    if looks_secret(text):
        raise CellError(f"column {column.name}: looks like a secret value, not read: write its name or id and delete it from the file")
    if column.many:
        parts = [part.strip() for part in text.split(";")]
        return [_single(column, part) for part in parts if part] or None
    return _single(column, text)


def _single(column: Column, text: str) -> Any:
    if column.words:
        return _word(column, text)
    if column.name == "env_names" and not VARIABLE_NAME.fullmatch(text):
        raise CellError("column env_names: holds more than names of variables, not read: write names only, separated by `;`")
    if column.form is str:
        return text
    if text.lower() in NOT_SAID:
        return None
    if column.form is bool:
        return _yes_no(column, text)
    if column.form is int:
        return _number(column, text)
    return _moment(column, text)


def _word(column: Column, text: str) -> str | None:
    word = text.lower().replace(" ", "_").replace("-", "_")
    if word in column.words:
        return column.form(word) if issubclass(column.form, StrEnum) else word
    if text.lower() in NOT_SAID:
        return None
    raise CellError(f"column {column.name}: {text[:SHOWN]!r} is not one of: {', '.join(column.words)}")


def _yes_no(column: Column, text: str) -> bool:
    if text.lower() not in YES_NO:
        raise CellError(f"column {column.name}: {text[:SHOWN]!r} is neither yes nor no")
    return YES_NO[text.lower()]


def _number(column: Column, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}(\.0+)?", text):
        raise CellError(f"column {column.name}: {text[:SHOWN]!r} is not a whole number of 0 or more")
    return int(text.partition(".")[0])


def _moment(column: Column, text: str) -> datetime | None:
    try:
        return utc(text)
    except ValueError as error:
        raise CellError(f"column {column.name}: {error}: write 2026-03-31 or 2026-03-31T14:00:00Z") from error
