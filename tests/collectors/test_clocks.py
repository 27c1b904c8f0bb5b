"""Dates that had not come when their file was collected."""

from __future__ import annotations

from datetime import datetime

import pytest

from collectors.clocks import ahead, without
from inventory.model import Credential, CredentialKind

COLLECTED = datetime(2026, 9, 30, 12)


def key(**more: object) -> Credential:
    return Credential(credential_id="k", provider="gcp", name="k", kind=CredentialKind.SIGNING_KEY, evidence="keys.json#k", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 9, 30, 12), []),
        (datetime(2026, 10, 1, 12), []),  # clocks differ by hours, and a collection takes some
        (datetime(2026, 10, 1, 12, 0, 1), ["created_at"]),
        (None, []),
    ],
)
def test_a_day_later_is_another_clock_and_more_is_a_wrong_one(moment: datetime | None, expected: list[str]) -> None:
    assert ahead(key(created_at=moment), COLLECTED) == expected


def test_an_expiry_lies_ahead() -> None:
    assert ahead(key(expires_at=datetime(2031, 1, 1)), COLLECTED) == []


def test_a_last_use_that_cannot_be_believed_is_not_one_that_never_was() -> None:
    used = without(key(last_used_at=datetime(2031, 1, 1), last_used_known=True), ["last_used_at"])

    assert isinstance(used, Credential)
    assert (used.last_used_at, used.last_used_known) == (None, False)
