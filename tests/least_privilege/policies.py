"""Policies in one line, for tests."""

from __future__ import annotations

import json
from typing import Any

from scoring.least_privilege.aws.documents import Policy, read
from scoring.least_privilege.aws.privilege import privilege_of
from scoring.least_privilege.verdict import Verdict

Json = dict[str, Any]


def allow(*actions: str, on: str | list[str] = "*", **rest: Any) -> Json:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **rest}


def deny(*actions: str, on: str | list[str] = "*", **rest: Any) -> Json:
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **rest}


def but(statement: Json, *actions: str) -> Json:
    """The statement with NotAction instead of Action."""
    return {**{key: value for key, value in statement.items() if key != "Action"}, "NotAction": list(actions)}


def text(*statements: Json) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True, separators=(",", ":"))


def policy(*statements: Json, name: str = "p") -> Policy:
    return read(name, text(*statements))


def verdict(*statements: Json, boundary: list[Json] | None = None, account: str | None = None) -> Verdict:
    """The verdict on one identity policy."""
    limits = [policy(*boundary, name="b")] if boundary is not None else []
    return privilege_of([policy(*statements)], limits, account=account)


def level(*statements: Json, boundary: list[Json] | None = None, account: str | None = None) -> str:
    return str(verdict(*statements, boundary=boundary, account=account).privilege)
