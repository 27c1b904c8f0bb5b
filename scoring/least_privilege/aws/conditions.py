"""Condition blocks: whether they hold for a request, as far as its context is known, and which of them plainly always or never hold.

Three-valued: a key of which nothing is known leaves a condition undecided, and no context is guessed. What holds whoever asks (a caller
may always use TLS, no request is older than this rule) is decided without it.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html and, for the keys
that every request has, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scoring.least_privilege.aws.context import NOTHING_KNOWN, Context
from scoring.least_privilege.aws.holds import Holds, all_of, any_of, opposite, sure
from scoring.least_privilege.aws.operators import NEGATED, TESTS, moment

__all__ = ["ALWAYS_SENT", "Holds", "decide", "met"]

ALWAYS_SENT = frozenset(
    "aws:currenttime aws:epochtime aws:principalaccount aws:principalarn aws:principaltype "
    "aws:requestedregion aws:securetransport aws:userid".split()
)
"""Keys that every signed request carries, lower case."""

PAST = datetime(2026, 1, 1, tzinfo=UTC)
"""A moment before this rule was written: no request can be older, so a comparison with an earlier date is decided."""


def decide(block: object, effect: str) -> Holds:
    """Whether a Condition block always or never holds for a statement of this effect; MAYBE when that depends on the request."""
    return met(block, effect, NOTHING_KNOWN)


def met(block: object, effect: str, context: Context, *, variables: bool = True) -> Holds:
    """Whether a Condition block holds for a request of which `context` is known.

    `variables`: the policy's version knows policy variables (2012-10-17 and later).
    """
    if block in (None, {}):
        return Holds.ALWAYS
    if not isinstance(block, Mapping):
        return Holds.MAYBE
    return all_of(
        _met(str(operator).lower(), str(key), values, effect, context, variables)
        for operator, tests in block.items()
        for key, values in (tests.items() if isinstance(tests, Mapping) else [("", None)])
    )


def _met(operator: str, key: str, raw: Any, effect: str, context: Context, variables: bool) -> Holds:
    if not context.knows(key):
        return _decide(operator, key.lower(), raw, effect, context.sent)
    quantifier, _, plain = operator.rpartition(":")
    if_exists = plain.endswith("ifexists")
    plain = plain.removesuffix("ifexists")
    policy, given = _texts(raw), context.values(key)
    if plain == "null":
        return _null(policy, given)
    test = TESTS.get(NEGATED.get(plain, plain))
    if test is None or quantifier not in ("", "forallvalues", "foranyvalue"):
        return Holds.MAYBE
    if not given or (quantifier and set(given) == {""}):
        return _without_key(quantifier, if_exists=if_exists, negated=plain in NEGATED)
    filling = context if variables else None
    each = [any_of(test(value, one, filling) for value in policy) for one in given]
    if plain in NEGATED:
        each = [opposite(one) for one in each]
    if quantifier == "" and len(given) > 1:
        return Holds.MAYBE  # a key with several values needs a set operator; without one AWS promises nothing
    return any_of(each) if quantifier == "foranyvalue" else all_of(each)


def _without_key(quantifier: str, *, if_exists: bool, negated: bool) -> Holds:
    """What a test comes to when the request lacks the key; for a set operator an empty value is as good as none."""
    if quantifier == "foranyvalue":
        return Holds.MAYBE if if_exists else Holds.NEVER  # AWS says both: false without a value, true without the key
    return sure(if_exists or negated or quantifier == "forallvalues")


def _texts(raw: Any) -> list[str]:
    """Values of a policy as text: JSON's true and 5 are `true` and `5`."""
    values = raw if isinstance(raw, list) else [raw]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]


def _null(policy: Sequence[str], given: Sequence[str]) -> Holds:
    wanted = {value.lower() for value in policy}
    if not wanted or not wanted <= {"true", "false"}:
        return Holds.MAYBE
    return sure(("false" if given else "true") in wanted)


def _decide(operator: str, key: str, raw: Any, effect: str, carried: frozenset[str]) -> Holds:
    """The same, of a key of which nothing is known."""
    values = [str(value).lower() for value in (raw if isinstance(raw, list) else [raw])]
    if_exists = operator.endswith("ifexists")
    operator = operator.removesuffix("ifexists")
    sent = key in ALWAYS_SENT or key in carried
    if not values:
        return Holds.MAYBE
    if operator == "null" and sent and values in (["true"], ["false"]):
        return Holds.NEVER if values == ["true"] else Holds.ALWAYS
    everything = any(value.strip("*") == "" and value for value in values)
    if operator == "stringlike" and everything:
        return Holds.ALWAYS if sent or if_exists else Holds.MAYBE
    if operator == "stringnotlike" and everything and sent:
        return Holds.NEVER
    if key == "aws:principalarn" and operator.startswith(("string", "arn")) and all(value.endswith(":root") for value in values):
        return sure(operator in NEGATED)  # policies of identities and organisation are judged for users and roles, never for root
    if operator == "bool" and key == "aws:securetransport":
        return _transport(values, effect)
    if operator.startswith("date") and key in ("aws:currenttime", "aws:epochtime", "aws:tokenissuetime") and len(values) == 1:
        return _date(operator, values[0], sent=sent, if_exists=if_exists)
    return Holds.MAYBE


def _transport(values: list[str], effect: str) -> Holds:
    if values == ["true"] and effect == "Allow":
        return Holds.ALWAYS  # a caller can always use TLS
    if values == ["false"] and effect == "Deny":
        return Holds.NEVER  # and so avoid this Deny
    return Holds.MAYBE


def _date(operator: str, value: str, *, sent: bool, if_exists: bool) -> Holds:
    limit = moment(value)
    if limit is None or limit >= PAST:
        return Holds.MAYBE
    if operator in ("dategreaterthan", "dategreaterthanequals", "datenotequals"):
        return Holds.ALWAYS if sent or if_exists else Holds.MAYBE
    if operator in ("datelessthan", "datelessthanequals", "dateequals"):
        # a key that may be absent makes an …IfExists test true
        return Holds.NEVER if sent or not if_exists else Holds.MAYBE
    return Holds.MAYBE
