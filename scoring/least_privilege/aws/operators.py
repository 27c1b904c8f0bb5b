"""The condition operators: one value of a policy against one value of a request. What cannot be read as the type it should be is MAYBE.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from scoring.least_privilege.aws.context import Context
from scoring.least_privilege.aws.holds import Holds, sure
from scoring.least_privilege.aws.patterns import like, like_arn

Test = Callable[[str, str, Context | None], Holds]
"""Policy's value, request's value, what fills policy variables."""


def _equals(policy: str, given: str, context: Context | None) -> Holds:
    return like(policy, given, context, wildcards=False)


def _equals_ignoring_case(policy: str, given: str, context: Context | None) -> Holds:
    return like(policy, given, context, wildcards=False, ignore_case=True)


def _bool(policy: str, given: str, context: Context | None) -> Holds:
    both = {policy.lower(), given.lower()}
    if "${" in policy:
        return like(policy, given, context, wildcards=False, ignore_case=True)
    return sure(len(both) == 1) if both <= {"true", "false"} else Holds.MAYBE


def _binary(policy: str, given: str, _: Context | None) -> Holds:
    try:
        return sure(base64.b64decode(policy, validate=True) == base64.b64decode(given, validate=True))
    except (binascii.Error, ValueError):
        return Holds.MAYBE


def _address(policy: str, given: str, _: Context | None) -> Holds:
    try:
        network = ipaddress.ip_network(policy, strict=False)
        address = ipaddress.ip_address(given)
    except ValueError:
        return Holds.MAYBE
    return sure(address in network)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def moment(text: str) -> datetime | None:
    """A date as policies write it, ISO 8601 or seconds since 1970, in UTC; None: it is neither, or, like `2020`, may be both."""
    try:
        seconds = _number(text)
        if seconds is not None:
            return datetime.fromtimestamp(float(seconds), UTC) if len(text) != 4 else None
        found = datetime.fromisoformat(text.upper())
    except (ValueError, OverflowError, OSError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC)


def _ordered(read: Callable[[str], Decimal | datetime | None], holds: Callable[[object, object], bool]) -> Test:
    """A comparison of the request's value (left) with the policy's."""

    def test(policy: str, given: str, _: Context | None) -> Holds:
        limit, value = read(policy), read(given)
        return Holds.MAYBE if limit is None or value is None else sure(holds(value, limit))

    return test


_ORDERS: dict[str, Callable[[object, object], bool]] = {
    "equals": operator.eq,
    "lessthan": operator.lt,  # type: ignore[dict-item]  # both sides are of one type that has an order
    "lessthanequals": operator.le,  # type: ignore[dict-item]
    "greaterthan": operator.gt,  # type: ignore[dict-item]
    "greaterthanequals": operator.ge,  # type: ignore[dict-item]
}

TESTS: dict[str, Test] = {
    "stringequals": _equals,
    "stringequalsignorecase": _equals_ignoring_case,
    "stringlike": like,
    "bool": _bool,
    "binaryequals": _binary,
    "ipaddress": _address,
    "arnequals": like_arn,
    "arnlike": like_arn,
    **{f"numeric{name}": _ordered(_number, holds) for name, holds in _ORDERS.items()},
    **{f"date{name}": _ordered(moment, holds) for name, holds in _ORDERS.items()},
}
"""By the operator's name in lower case. Of several values of a policy, any one."""

NEGATED: dict[str, str] = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
"""Operators that say the opposite of another: none of the policy's values, and met by a request without the key."""
