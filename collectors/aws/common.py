"""What the AWS formats share: ARNs, and policy documents in their three dresses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from collectors.records import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Arn:
    """An ARN's parts."""

    text: str
    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def name(self) -> str:
        """Last part of the resource: the role's or user's name without its path."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def parse_arn(text: str) -> Arn | None:
    """None when the text is no ARN."""
    parts = text.split(":", 5) if isinstance(text, str) else []
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return Arn(text=text, partition=parts[1], service=parts[2], region=parts[3], account=parts[4], resource=parts[5])


def account_of(arn: str) -> str:
    """Account id of an ARN. Raises ValueError."""
    parsed = parse_arn(arn)
    if parsed is None or not parsed.account:
        raise ValueError(f"{str(arn)[:60]!r} is not an ARN with an account")
    return parsed.account


def decoded_policy(raw: Any) -> dict[str, Any]:
    """A policy as object, JSON text or URL-encoded JSON text (as the raw API prints). Raises ValueError."""
    if isinstance(raw, str):
        text = raw if raw.lstrip().startswith("{") else unquote(raw)
        try:
            raw = json.loads(text)
        except RecursionError as error:
            raise ValueError("the policy is nested too deeply") from error
    if not isinstance(raw, dict):
        raise ValueError("the policy is not a JSON object")
    return raw


def readable_policy(raw: Any) -> dict[str, Any]:
    """A policy whose statements can be read. Raises ValueError."""
    policy = decoded_policy(raw)
    statements(policy)
    return policy


def statements(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Statements of a policy. Raises ValueError when it has none, or one that neither allows nor denies: AWS would not take it."""
    if "Statement" not in policy:
        raise ValueError("the policy has no Statement")
    found = listed(policy["Statement"])
    if not all(isinstance(statement, dict) and statement.get("Effect") in ("Allow", "Deny") for statement in found):
        raise ValueError("a statement of the policy neither allows nor denies")
    return found


def texts(value: Any) -> tuple[str, ...]:
    """One text or a list of texts. Raises ValueError."""
    found = tuple(listed(value))
    if not all(isinstance(text, str) for text in found):
        raise ValueError("the policy holds something else where a text belongs")
    return found
