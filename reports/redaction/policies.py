"""Rewrites policy documents and conditions: actions, effects, operators and keys stay; whom and what they name becomes a pseudonym."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from reports.redaction.parts import stems_in
from reports.redaction.pseudonyms import WITHHELD, Pseudonyms

ACTIONS = frozenset(
    {
        "Action",
        "NotAction",
        "actions",
        "notActions",
        "dataActions",
        "notDataActions",
        "includedPermissions",
        "permissions",
        "excludedPermissions",
    }
)
TEXTS = frozenset({"title", "description"})
EXPRESSIONS = frozenset({"expression", "condition"})
KEYS = (
    ACTIONS
    | TEXTS
    | EXPRESSIONS
    | frozenset(
        "Version Id Statement Sid Effect Principal NotPrincipal Resource NotResource Condition AWS Service Federated CanonicalUser".split()
    )
    | frozenset("name stage deleted etag assignableScopes conditionVersion".split())
)
"""Names of fields that stay; any other is somebody's own."""

OPERATOR = re.compile(
    r"(ForAllValues:|ForAnyValue:)?(String|Numeric|Date|Arn|Bool|Binary|IpAddress|NotIpAddress|Null)(Not)?"
    r"(Equals|Like|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals|NotEquals|NotLike|EqualsIgnoreCase|NotEqualsIgnoreCase)?(IfExists)?",
    re.IGNORECASE,
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

NUMERIC = "(numeric)"
"""In place of a field: values that a numeric operator compares."""

LONG = 10**9

PLAIN = frozenset({"true", "false", "allow", "deny", "*"})
VERBS = re.compile(r"(keys|secrets|certificates|storage): ?[a-z]+(, ?[a-z]+)*", re.IGNORECASE)
"""What an access policy of a Key Vault grants."""


def document(text: str, names: Pseudonyms) -> str:
    """A policy or role definition as canonical JSON; what is no JSON is an expression."""
    try:
        content = json.loads(text)
    except ValueError:
        return names.condition(text)
    return json.dumps(_walked(content, names, None), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def operation(text: str, names: Pseudonyms) -> str:
    """An action or permission, or a pattern of them: it stays where its service is known, since only a provider makes those."""
    low = text.lower()
    if low in names.known.permissions or re.fullmatch(r"[*?]+|microsoft\.[a-z.]+(/[a-z0-9_*.-]+)*|\*(/[a-z*]+)+", low):
        return text
    aws = re.fullmatch(r"([a-z0-9*?-]+):[a-z0-9*?]*", low)
    if aws and (aws[1] in names.known.aws_services or set(aws[1]) & set("*?")):
        return text
    gcp = re.fullmatch(r"([a-z0-9]+)(\.googleapis\.com/|\.)[a-z0-9*]+(\.[a-z0-9*]+)*", low)
    return text if gcp and gcp[1] in names.known.gcp_services else names.name(text)


def role(text: str, names: Pseudonyms) -> str:
    """Name or id of what is granted: it stays where it is a provider's own."""
    low = text.lower()
    scopes = re.split(r"[ .]", low)
    return text if low in names.known.roles or VERBS.fullmatch(text) or names.known.scopes.issuperset(scopes) else names.name(text)


def stems(text: str) -> Iterator[tuple[str, str]]:
    """What the patterns of a document ask for next to a wildcard (pseudonyms.stems_in), actions apart."""
    try:
        content = json.loads(text)
    except ValueError:
        return
    yield from _stems(content, None)


def _stems(value: Any, key: str | None) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _stems(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _stems(inner, key)
    elif isinstance(value, str) and key not in ACTIONS | TEXTS:
        yield from stems_in(re.sub(r"\$\{[^}]*\}", "", value))


def _walked(value: Any, names: Pseudonyms, key: str | None) -> Any:
    """A value below the field `key`."""
    if isinstance(value, dict):
        return {(name if name in KEYS else names.name(name)): _field(name, inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [_walked(inner, names, key) for inner in value]
    if isinstance(value, str):
        return _text(value, names, key)
    return value if isinstance(value, bool | None) else _number(value, names)


def _field(name: str, value: Any, names: Pseudonyms) -> Any:
    if name == "Condition" and isinstance(value, dict):
        return {_operator(operator, names): _tests(operator, tests, names) for operator, tests in value.items()}
    return _walked(value, names, name)


def _operator(text: str, names: Pseudonyms) -> str:
    return text if OPERATOR.fullmatch(text) else names.name(text)


def _tests(operator: str, tests: Any, names: Pseudonyms) -> Any:
    """The tests of one operator: condition keys and the values they are held against."""
    if not isinstance(tests, dict):
        return _walked(tests, names, None)
    field = NUMERIC if operator.lower().rpartition(":")[2].startswith("numeric") else None
    return {names.key_of_condition(key): _walked(value, names, field) for key, value in tests.items()}


def _number(value: float, names: Pseudonyms) -> Any:
    """A number that is long enough to be an account's; what counts or measures is shorter."""
    return int(names.name(str(value))) if isinstance(value, int) and abs(value) >= LONG else value


def _text(value: str, names: Pseudonyms, key: str | None) -> str:
    if value.lower() in PLAIN or (key == NUMERIC and re.fullmatch(r"\d{1,9}", value)):
        return value
    if key in TEXTS:
        return WITHHELD
    if key in ACTIONS:
        return operation(value, names)
    return names.condition(value) if key in EXPRESSIONS else names.name(value)
