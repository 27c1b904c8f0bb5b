"""Patterns of policies against texts of a request: wildcards, policy variables, ARNs. Three-valued, because a variable may not be known.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from scoring.least_privilege.aws.context import Context
from scoring.least_privilege.aws.holds import Holds, all_of, any_of

_VARIABLE = re.compile(r"(\$\{[^}]*\})")
_DEFAULT = re.compile(r"([^,]*),\s*'(.*)'\s*", re.DOTALL)
_LITERAL = {"*", "?", "$"}
"""`${*}` stands for the character itself."""

WILDCARDS = {"*": ".*", "?": "."}
NO_WILDCARDS: dict[str, str] = {}
WITHIN_SEGMENT = {"*": "[^:]*", "?": "[^:]"}


def like(pattern: str, text: str, context: Context | None, *, wildcards: bool = True, ignore_case: bool = False) -> Holds:
    """Whether a whole text matches a pattern. `context`: fills policy variables; None: the policy's version knows none.

    A variable whose key the request lacks has no value, and nothing is equal to it or like it.
    """
    return _matches([(pattern, WILDCARDS if wildcards else NO_WILDCARDS)], text, context, ignore_case)


def like_resource(pattern: str, resource: str, context: Context | None) -> Holds:
    """Whether a request's resource is one of those that a pattern of Resource stands for.

    Wildcards match within the segments of an ARN; a `*` that ends a segment may reach beyond its colon. What AWS calls wrong and yet
    takes settles nothing where it would match: a pattern cut short (`arn:aws:s3`), a variable before the fifth colon, a wildcard in
    the word that names the resource's type.
    """
    segments = _segments(pattern)
    if segments[0] != "arn" or "*" in segments[:2]:
        return like(pattern, resource, context)
    short = len(segments) < 6 and not pattern.endswith("*")
    segments += ["*"] * (6 - len(segments)) if short else []
    pieces = [piece for number, segment in enumerate(segments) for piece in _resource_pieces(segment, number)]
    found = _matches(pieces, resource, context, False)
    doubtful = short or doubtful_type(pattern) or (context is not None and any("${" in segment for segment in segments[:5]))
    return Holds.MAYBE if found is Holds.ALWAYS and doubtful else found


UNTYPED = ("s3", "sns", "sqs", "execute-api")
"""Services whose ARNs name the resource right after the account."""


def doubtful_type(pattern: str) -> bool:
    """Whether a wildcard stands in the word of an ARN that names the resource's type: `user` of `arn:aws:iam::1:user/ana`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html calls that wrong and does not say what it matches. A whole `*` in
    its place is in AWS's own examples, and a pattern that ends before the type does is a plain prefix.
    """
    parts = pattern.split(":", 5)
    if len(parts) < 6 or parts[2] in UNTYPED:
        return False
    kind = re.split("[/:]", _VARIABLE.sub("?", parts[5]), maxsplit=1)
    return len(kind) > 1 and kind[0].strip("*") != "" and ("*" in kind[0] or "?" in kind[0])


def _resource_pieces(segment: str, number: int) -> list[tuple[str, dict[str, str]]]:
    colon = [(":", NO_WILDCARDS)] if number else []
    if number == 5:
        return [*colon, (segment, WILDCARDS)]
    if segment.endswith("*"):
        return [*colon, (segment.rstrip("*"), WITHIN_SEGMENT), ("*", WILDCARDS)]
    return [*colon, (segment, WITHIN_SEGMENT)]


def like_arn(pattern: str, text: str, context: Context | None) -> Holds:
    """ArnLike and ArnEquals: each of the six parts by itself. Of what is no ARN, on either side, AWS does not say whether it matches."""
    asked, parts = text.split(":", 5), _segments(pattern)
    if len(asked) < 6 or len(parts) < 6:
        return Holds.MAYBE
    return all_of(like(part, given, context) for part, given in zip(parts, asked, strict=True))


def like_action(patterns: Sequence[str], action: str) -> Holds:
    """Whether an action is among those that patterns stand for, all lower case. What AWS would refuse as a pattern settles nothing."""
    return any_of(_like_action(pattern, action) for pattern in patterns)


@lru_cache(maxsize=65536)
def _like_action(pattern: str, action: str) -> Holds:
    if pattern and pattern.strip("*") == "":
        return Holds.ALWAYS
    service, colon, name = pattern.partition(":")
    if not colon:
        return Holds.MAYBE
    asked_service, _, asked_name = action.partition(":")
    return all_of((like(service, asked_service, None), like(name, asked_name, None)))


def lacks_value(pattern: str, context: Context | None) -> bool:
    """Whether a variable of the pattern has no value in the request."""
    return context is not None and any(_value(variable[2:-1], context) is None for variable in _VARIABLE.findall(pattern))


def _segments(pattern: str) -> list[str]:
    """The parts of an ARN pattern: split at colons outside of variables."""
    masked = _VARIABLE.sub(lambda found: found[0].replace(":", "\0"), pattern)
    return [part.replace("\0", ":") for part in masked.split(":", 5)]


def _matches(pieces: Sequence[tuple[str, dict[str, str]]], text: str, context: Context | None, ignore_case: bool) -> Holds:
    """Pieces, each with what its wildcards stand for, one after the other against a whole text."""
    source, opened = "", False
    for pattern, wildcards in pieces:
        for number, part in enumerate(_VARIABLE.split(pattern) if context is not None else [pattern]):
            if number % 2 == 0 or context is None:
                source += _source(part, wildcards)
                continue
            value = _value(part[2:-1], context)
            if value is None:
                return Holds.NEVER
            opened = opened or value is Holds.MAYBE
            source += ".*" if isinstance(value, Holds) else re.escape(value)
    if _compiled(source, ignore_case).fullmatch(text) is None:
        return Holds.NEVER
    return Holds.MAYBE if opened else Holds.ALWAYS


def _source(text: str, wildcards: dict[str, str]) -> str:
    return "".join(wildcards.get(character) or re.escape(character) for character in text)


@lru_cache(maxsize=65536)
def _compiled(source: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(re.sub(r"(\.\*)+", ".*", source), re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _value(variable: str, context: Context) -> str | Holds | None:
    """What a variable stands for: its value, MAYBE where nobody said, None where the request has no such key."""
    if variable in _LITERAL:
        return variable
    default = _DEFAULT.fullmatch(variable)
    key = (default[1] if default else variable).strip()
    if not context.knows(key):
        return Holds.MAYBE
    values = context.values(key)
    if len(values) > 1:
        return Holds.MAYBE  # only keys with one value can be variables; what AWS does with others, it does not say
    return values[0] if values else (default[2] if default else None)
