"""A policy's text, read once: into statements for the evaluation, and into rows of `policy_permission` for pages and checks.

A document that is not a policy is reported as such, never skipped: whoever holds it is `unknown`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from inventory.model import PolicyPermission
from scoring.least_privilege.aws.catalogue import Catalogue, standard
from scoring.least_privilege.aws.conditions import Holds, decide
from scoring.least_privilege.aws.resources import Resources

VERSION = "2012-10-17"
"""Of the policy language; an older one, which is what a policy without Version is in, knows no policy variables."""


class Principals(NamedTuple):
    """`Principal`, or with `negated` `NotPrincipal`."""

    named: tuple[tuple[str, str], ...]
    """Kind (AWS, Service, Federated, CanonicalUser) and name, as written."""
    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    document_id: str
    number: int
    """Index in its document, from 0."""
    sid: str | None
    allow: bool
    """False: Deny."""
    patterns: tuple[str, ...]
    """Action patterns, lower case."""
    negated: bool
    """The patterns are NotAction."""
    resources: Resources
    holds: Holds
    conditional: bool
    """Has a Condition, decided or not."""
    condition: Mapping[str, Any] | None
    """As written, for an evaluation that knows the request."""
    variables: bool = True
    """The policy's version knows policy variables: `${aws:username}` is one, and no text."""
    principals: Principals | None = None
    """Of a resource's policy: whom the statement speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One document."""

    document_id: str
    statements: tuple[Statement, ...] = ()
    problem: str | None = None
    """Why its text could not be judged; such a policy may allow anything."""
    harmless: bool = False
    """With a problem: known all the same to hold nothing that makes an administrator."""


class _Malformed(Exception):
    """The text is not a policy document; the message says where."""


@lru_cache(maxsize=32768)
def read(document_id: str, text: str) -> Policy:
    """The statements of a policy document's JSON text. Privileges, use and escalation paths all ask for the same ones."""
    return _read(document_id, text, _statement)


def read_resource_policy(document_id: str, text: str) -> Policy:
    """The same of a policy that hangs on a resource: with principals; without Resource, where the resource is the only one (a role's trust)."""
    return _read(document_id, text, _resource_statement)


def _read(document_id: str, text: str, statement: Callable[[str, int, object, bool], Statement]) -> Policy:
    try:
        raw = json.loads(text)
        if not isinstance(raw, dict) or "Statement" not in raw:
            raise _Malformed("it has no Statement")
        listed = raw["Statement"] if isinstance(raw["Statement"], list) else [raw["Statement"]]
        variables = raw.get("Version") == VERSION
        statements = tuple(statement(document_id, number, one, variables) for number, one in enumerate(listed))
    except (ValueError, RecursionError, _Malformed) as error:
        return Policy(document_id=document_id, problem=str(error) if isinstance(error, _Malformed) else "it is not JSON")
    return Policy(document_id=document_id, statements=statements)


def _resource_statement(document_id: str, number: int, raw: object, variables: bool) -> Statement:
    if not isinstance(raw, dict):
        raise _Malformed(f"statement {number} is neither Allow nor Deny")
    whole = raw if {"Resource", "NotResource"} & raw.keys() else {**raw, "Resource": "*"}
    return replace(_statement(document_id, number, whole, variables), principals=_principals(raw, number))


def _principals(raw: Mapping[str, Any], number: int) -> Principals:
    present = [key for key in ("Principal", "NotPrincipal") if key in raw]
    if len(present) != 1:
        raise _Malformed(f"statement {number} needs exactly one of Principal and NotPrincipal")
    value = raw[present[0]]
    named = value.items() if isinstance(value, dict) else [("AWS", value)]
    found = [(kind, name) for kind, names in named for name in (names if isinstance(names, list) else [names])]
    if not found or not all(isinstance(name, str) for _, name in found) or (not isinstance(value, dict) and value != "*"):
        raise _Malformed(f"statement {number}: {present[0]} is empty or not text")
    return Principals(tuple(found), present[0] == "NotPrincipal")


def _statement(document_id: str, number: int, raw: object, variables: bool) -> Statement:
    if not isinstance(raw, dict) or raw.get("Effect") not in ("Allow", "Deny"):
        raise _Malformed(f"statement {number} is neither Allow nor Deny")
    actions, negated = _either(raw, "Action", number)
    resources, others = _either(raw, "Resource", number)
    condition = raw.get("Condition")
    return Statement(
        document_id=document_id,
        number=number,
        sid=raw.get("Sid") or None,
        allow=raw["Effect"] == "Allow",
        patterns=tuple(dict.fromkeys(pattern.lower() for pattern in actions)),
        negated=negated,
        resources=Resources(tuple(sorted(set(resources))), others),
        holds=decide(condition, raw["Effect"]),
        conditional=bool(condition),
        condition=condition,
        variables=variables,
    )


def _either(raw: Mapping[str, Any], name: str, number: int) -> tuple[list[str], bool]:
    """The values under `name` or under `Not<name>`, and whether it was the latter."""
    present = [key for key in (name, f"Not{name}") if key in raw]
    if len(present) != 1:
        raise _Malformed(f"statement {number} needs exactly one of {name} and Not{name}")
    values = raw[present[0]]
    values = values if isinstance(values, list) else [values]
    if not values or not all(isinstance(value, str) for value in values):
        raise _Malformed(f"statement {number}: {present[0]} is empty or not text")
    return values, present[0] != name


def judge(documents: Mapping[str, str], catalogue: Catalogue | None = None) -> Iterator[PolicyPermission]:
    """The rows of `policy_permission`: one per action pattern of every document, id -> canonical JSON text.

    `actions` and `access_levels` are those of the pattern as written: for NotAction (`negated`), what the statement leaves out.
    A document that is not a policy has no rows.
    """
    return permissions((read(document_id, text) for document_id, text in documents.items()), catalogue or standard())


def permissions(policies: Iterable[Policy], catalogue: Catalogue) -> Iterator[PolicyPermission]:
    """As `judge`, from documents already read."""
    for policy in policies:
        for statement in policy.statements:
            for pattern in statement.patterns:
                expansion = catalogue.expand(pattern)
                yield PolicyPermission(
                    document_id=policy.document_id,
                    statement=statement.number,
                    sid=statement.sid,
                    effect="Allow" if statement.allow else "Deny",
                    action_pattern=pattern,
                    negated=statement.negated,
                    service=expansion.service,
                    known=expansion.known,
                    actions=expansion.actions,
                    access_levels=expansion.levels,
                    all_resources=statement.resources.everything,
                    conditional=statement.conditional,
                )
