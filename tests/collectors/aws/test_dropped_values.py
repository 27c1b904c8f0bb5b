"""A variable's value that was dropped when it was collected is judged as the value itself would have been."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.aws.environment import dropped
from inventory.model import Credential, Workload
from tests.collectors.aws.shapes import ACCOUNT, document, only, rows

KEY_ID = "AKIA" + "EXAMPLE000000001"
NAMES = (
    "DB_PASSWORD",
    "API_TOKEN",
    "STAGE",
    "ENV",
    "DATABASE_URL",
    "LOG_LEVEL",
    "AWS_ACCESS_KEY_ID",
    "SECRET_ARN",
    "TOKEN_TTL",
    "WEBHOOK_URL",
)
VALUES = (
    "",
    "true",
    "123456",
    "canary-value-1",
    "prod",
    "<redacted>",
    "postgres://app:canary-value-2@db/x",
    "postgres://app:****@db/x",
    "postgres://app@db/x",
    "arn:aws:secretsmanager:eu-west-1:1:secret:x",
    "https://hooks.slack.com/triggers/canary-value-3",
    KEY_ID,
    f"id={KEY_ID};secret=canary-value-4",
    '{"password": "canary-value-5"}',
    "gh" + "p_canary" + "a1B2" * 9,
    "nhi-dropped:password::0000000000000000",
)


def found(variables: dict[str, str]) -> list[Any]:
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    page = {"Functions": [{"FunctionName": "f", "FunctionArn": arn, "Role": "r", "Environment": {"Variables": variables}}]}
    return [row for row in rows("aws-lambda-functions", document(page)) if isinstance(row, Credential | Workload)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", VALUES)
def test_the_same_is_said_of_a_value_and_of_what_is_left_of_it(name: str, value: str) -> None:
    left = dropped(name, value, document({}).fingerprint)

    assert found({name: left}) == found({name: value})
    assert "canary" not in left


def test_two_halves_of_a_key_stay_one_credential() -> None:
    pair = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": "canary-value-6"}
    left = {name: dropped(name, value, document({}).fingerprint) for name, value in pair.items()}

    assert found(left) == found(pair)
    assert len(only(Credential, found(left))) == 1


def test_values_that_differ_still_do() -> None:
    marks = {dropped("LOG_LEVEL", value, document({}).fingerprint) for value in ("a", "b", "a")}

    assert len(marks) == 2
