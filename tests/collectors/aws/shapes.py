"""Raw answers of AWS turned into documents and rows, for the tests of this folder."""

from __future__ import annotations

from typing import Any, TypeVar

from collectors.aws import COLLECTOR
from collectors.document import Document, Problem
from inventory.model import Row

ACCOUNT = "111122223333"
T = TypeVar("T")


def document(*values: Any, scope: str | None = None, **more: Any) -> Document:
    return Document(source_id="export.json", values=values, scope=scope, key=b"k", **more)


def rows(form: str, source: Document) -> list[Row | Problem]:
    """What the one format that claims the document says."""
    claims = [candidate.name for candidate in COLLECTOR.formats if candidate.matches(source)]
    assert claims == [form]
    return list(next(candidate for candidate in COLLECTOR.formats if candidate.name == form).rows(source))


def only(kind: type[T], found: list[Row | Problem]) -> list[T]:
    return [row for row in found if isinstance(row, kind)]


def arn(resource: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{resource}"


def assume(principal: Any, condition: Any = None, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition} if condition else statement]}
