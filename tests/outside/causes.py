"""Why two evaluators answer a question differently: causes that can be seen in the least question that still shows the difference.

docs/agreement.md explains each. A question that shows none of them is unexplained, and one that shows several is filed under them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.outside.questions import Json, Question

UNEXPLAINED = "unexplained"


class Test(NamedTuple):
    """One line of a Condition block."""

    operator: str
    """Lower case, without set operator and IfExists."""
    quantifier: str
    if_exists: bool
    key: str
    values: list[str]
    given: list[str] | None
    """What the request brings; None: it lacks the key."""
    version: str


def cause(question: Question) -> str:
    """The causes that a question shows, joined by ` + `."""
    return " + ".join(name for name, shown in CAUSES.items() if shown(question)) or UNEXPLAINED


def _policies(question: Question) -> Iterator[Json]:
    yield from question.identity
    yield from (policy for level in question.scps for policy in level)
    yield from (policy for policy in (question.boundary, question.resource_policy) if policy)


def _statements(question: Question) -> Iterator[Json]:
    for policy in _policies(question):
        yield from policy["Statement"]


def _resources(question: Question) -> Iterator[str]:
    for statement in _statements(question):
        yield from statement["Resource"] if "Resource" in statement else statement["NotResource"]


def _tests(question: Question) -> Iterator[Test]:
    brought = {key.lower(): value for key, value in question.context.items()}
    for policy in _policies(question):
        for statement in policy["Statement"]:
            for operator, tests in statement.get("Condition", {}).items():
                quantifier, _, plain = operator.lower().rpartition(":")
                for key, raw in tests.items():
                    given = brought.get(key.lower())
                    yield Test(
                        plain.removesuffix("ifexists"),
                        quantifier,
                        plain.endswith("ifexists"),
                        key,
                        raw if isinstance(raw, list) else [raw],
                        [given] if isinstance(given, str) else given,
                        policy["Version"],
                    )


def _any_test(shown: Callable[[Test], bool]) -> Callable[[Question], bool]:
    return lambda question: any(shown(test) for test in _tests(question))


def _any_resource(shown: Callable[[str], bool]) -> Callable[[Question], bool]:
    return lambda question: any(shown(pattern) for pattern in _resources(question))


def _wild_type(pattern: str) -> bool:
    parts = pattern.split(":", 5)
    kind = re.split("[/:]", parts[-1], maxsplit=1)
    return len(parts) == 6 and parts[2] not in ("s3", "sns", "sqs") and len(kind) > 1 and bool(set("*?$") & set(kind[0]))


def _lacking(question: Question) -> bool:
    """A negative operator, or a NotResource, whose policy variable has no value."""
    known = {key.lower() for key in question.context}
    texts = [value for test in _tests(question) if "not" in test.operator for value in test.values]
    texts += [pattern for statement in _statements(question) for pattern in statement.get("NotResource", [])]
    names = {name.lower() for text in texts for name in re.findall(r"\$\{([^},]*)\}", text)}
    return bool(names - known - {"*", "?", "$"})


def _empty_variable(question: Question) -> bool:
    """A policy variable whose key the request brings with an empty value."""
    empty = {key.lower() for key, value in question.context.items() if value == ""}
    texts = [*_resources(question), *(value for test in _tests(question) for value in test.values)]
    return bool(empty & {name.lower() for text in texts for name in re.findall(r"\$\{([^},]*)", text)})


def _not_principal(question: Question) -> bool:
    return any("NotPrincipal" in statement for statement in _statements(question))


def _old_variables(question: Question) -> bool:
    texts = [str(policy) for policy in _policies(question) if policy["Version"] == "2008-10-17"]
    return any("${" in text for text in texts)


def _address(test: Test) -> bool:
    mixed = any((":" in value) != (":" in given) for value in test.values for given in test.given or [])
    return "ipaddress" in test.operator and (mixed or "0.0.0.0/0" in test.values or any(value != value.lower() for value in test.values))


def _no_arn(test: Test) -> bool:
    return test.operator.startswith("arn") and any(text.count(":") < 5 for text in [*test.values, *(test.given or [])])


CAUSES: dict[str, Callable[[Question], bool]] = {
    "short-arn": _any_resource(lambda pattern: pattern.startswith("arn:") and pattern.count(":") < 5 and not pattern.endswith("*")),
    "wildcard-in-type": _any_resource(_wild_type),
    "early-variable": _any_resource(lambda pattern: "${aws:PrincipalAccount}:" in pattern),
    "variable-without-value": _lacking,
    "empty-variable": _empty_variable,
    "escaped-character": _any_test(lambda test: "like" not in test.operator and any("${*}" in value for value in test.values)),
    "older-version": _old_variables,
    "address": _any_test(_address),
    "date-in-seconds": _any_test(lambda test: test.operator.startswith("date") and any(value.isdigit() for value in test.values)),
    "no-number": _any_test(lambda test: test.operator.startswith("numeric") and "ten" in test.values),
    "no-arn": _any_test(_no_arn),
    "any-value-if-exists": _any_test(lambda test: test.quantifier == "foranyvalue" and test.if_exists and test.given in (None, [""])),
    "empty-value-in-set": _any_test(lambda test: test.quantifier != "" and test.given == [""]),
    "not-principal": _not_principal,
}
"""By the heading of docs/agreement.md that explains it."""
