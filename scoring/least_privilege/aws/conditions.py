"""Conditions that are plainly always or never true, whoever asks. Everything else is left open: no context is guessed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html for the keys that every request has.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any


class Holds(Enum):
    """Whether a statement applies when its action and resource match."""

    ALWAYS = "always"
    MAYBE = "maybe"
    NEVER = "never"


ALWAYS_SENT = frozenset(
    "aws:currenttime aws:epochtime aws:principalaccount aws:principalarn aws:principaltype "
    "aws:requestedregion aws:securetransport aws:userid".split()
)
"""Keys that every signed request carries, lower case."""

PAST = datetime(2026, 1, 1, tzinfo=UTC)
"""A moment before this rule was written: no request can be older, so a comparison with an earlier date is decided."""


def decide(block: object, effect: str) -> Holds:
    """Whether a Condition block always or never holds for a statement of this effect; MAYBE when that depends on the request."""
    if block in (None, {}):
        return Holds.ALWAYS
    if not isinstance(block, Mapping):
        return Holds.MAYBE
    found = {
        _decide(str(operator).lower(), str(key).lower(), values, effect)
        for operator, tests in block.items()
        for key, values in (tests.items() if isinstance(tests, Mapping) else [("", None)])
    }
    if Holds.NEVER in found:
        return Holds.NEVER
    return Holds.MAYBE if Holds.MAYBE in found else Holds.ALWAYS


def _decide(operator: str, key: str, raw: Any, effect: str) -> Holds:
    values = [str(value).lower() for value in (raw if isinstance(raw, list) else [raw])]
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    sent = key in ALWAYS_SENT
    if not values:
        return Holds.MAYBE
    if operator == "null" and sent and values in (["true"], ["false"]):
        return Holds.NEVER if values == ["true"] else Holds.ALWAYS
    if operator in ("stringlike", "arnlike", "arnequals") and any(value.strip("*") == "" and value for value in values):
        return Holds.ALWAYS if sent or if_exists else Holds.MAYBE
    if operator in ("stringnotlike", "arnnotlike", "arnnotequals") and sent and any(value.strip("*") == "" and value for value in values):
        return Holds.NEVER
    if operator == "bool" and key == "aws:securetransport":
        return _transport(values, effect)
    if operator.startswith("date") and key in ("aws:currenttime", "aws:epochtime", "aws:tokenissuetime") and len(values) == 1:
        return _date(operator, values[0], sent=sent, if_exists=if_exists)
    return Holds.MAYBE


def _transport(values: list[str], effect: str) -> Holds:
    if values == ["true"]:
        return Holds.ALWAYS  # a caller can always use TLS
    if values == ["false"] and effect == "Deny":
        return Holds.NEVER  # and so avoid this Deny
    return Holds.MAYBE


def _date(operator: str, value: str, *, sent: bool, if_exists: bool) -> Holds:
    try:
        limit = datetime.fromisoformat(value.upper())
    except ValueError:
        return Holds.MAYBE
    if limit.replace(tzinfo=limit.tzinfo or UTC) >= PAST:
        return Holds.MAYBE
    if operator in ("dategreaterthan", "dategreaterthanequals", "datenotequals"):
        return Holds.ALWAYS if sent or if_exists else Holds.MAYBE
    if operator in ("datelessthan", "datelessthanequals", "dateequals"):
        # a key that may be absent makes an …IfExists test true
        return Holds.NEVER if sent or not if_exists else Holds.MAYBE
    return Holds.MAYBE
