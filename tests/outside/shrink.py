"""Cuts a question down to the least one that still differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.outside.questions import TRUSTING, Json, Question


def shrunk(question: Question, differs: Callable[[Question], bool]) -> Question:
    """The least question that still differs: nothing more can be taken from it."""
    while (less := next((one for one in smaller(question) if differs(one)), None)) is not None:
        question = less
    return question


def smaller(question: Question) -> Iterator[Question]:
    """The same question with one thing less: a policy, a statement, an element of one, a condition, a key of the context."""
    if question.boundary:
        yield question._replace(boundary=None)
        yield from (question._replace(boundary=less) for less in _smaller_policy(question.boundary))
    if question.resource_policy and question.action not in TRUSTING:
        yield question._replace(resource_policy=None)
    if question.resource_policy:
        yield from (question._replace(resource_policy=less) for less in _smaller_policy(question.resource_policy))
    yield from (question._replace(identity=less) for less in _smaller_list(question.identity))
    yield from _smaller_levels(question)
    for key in question.context:
        if not key.startswith("aws:Principal") and key != "aws:username":
            yield question._replace(context={name: value for name, value in question.context.items() if name != key})


def _smaller_levels(question: Question) -> Iterator[Question]:
    for number, level in enumerate(question.scps):
        yield question._replace(scps=_without(question.scps, number))
        for less in _smaller_list(level):
            if less:
                yield question._replace(scps=_with(question.scps, number, less))


def _smaller_list(policies: list[Json]) -> Iterator[list[Json]]:
    for number, policy in enumerate(policies):
        yield _without(policies, number)
        yield from (_with(policies, number, less) for less in _smaller_policy(policy))


def _smaller_policy(policy: Json) -> Iterator[Json]:
    listed = policy["Statement"]
    if len(listed) > 1:
        yield from ({**policy, "Statement": _without(listed, number)} for number in range(len(listed)))
    for number, statement in enumerate(listed):
        for less in (*_plainer_statement(statement), *_smaller_condition(statement)):
            yield {**policy, "Statement": _with(listed, number, less)}


def _plainer_statement(statement: Json) -> Iterator[Json]:
    for element in ("Action", "Resource", "Principal"):
        if f"Not{element}" in statement:
            rest = {name: value for name, value in statement.items() if name != f"Not{element}"}
            yield {**rest, element: "*" if element == "Principal" else ["*"]}
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        values = statement.get(element, [])
        if len(values) > 1:
            yield from ({**statement, element: _without(values, number)} for number in range(len(values)))
        elif values and values != ["*"] and not element.startswith("Not"):
            yield {**statement, element: ["*"]}


def _smaller_condition(statement: Json) -> Iterator[Json]:
    conditions = statement.get("Condition", {})
    if conditions:
        yield {name: value for name, value in statement.items() if name != "Condition"}
    for operator, tests in conditions.items():
        if len(conditions) > 1:
            yield {**statement, "Condition": {name: value for name, value in conditions.items() if name != operator}}
        for key, values in tests.items():
            if len(tests) > 1:
                left = {name: value for name, value in tests.items() if name != key}
                yield {**statement, "Condition": {**conditions, operator: left}}
            for number in range(len(values) if isinstance(values, list) and len(values) > 1 else 0):
                yield {**statement, "Condition": {**conditions, operator: {**tests, key: _without(values, number)}}}


def _without(values: list[Any], number: int) -> list[Any]:
    return values[:number] + values[number + 1 :]


def _with(values: list[Any], number: int, value: Any) -> list[Any]:
    return [*values[:number], value, *values[number + 1 :]]
