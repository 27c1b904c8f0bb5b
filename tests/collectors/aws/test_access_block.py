"""The account's S3 public access block: whose it must be, and what of it shuts strangers out."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import Enforcement, Guardrail
from tests.collectors.aws.shapes import ACCOUNT, document, only, rows

FORMAT = "aws-account-access-block"


def block(**settings: bool) -> dict[str, Any]:
    """As get-public-access-block prints it: all four settings."""
    everything = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    return {"PublicAccessBlockConfiguration": {**everything, **settings}}


@pytest.mark.parametrize(
    ("answer", "enforcement"),
    [
        (block(RestrictPublicBuckets=True), Enforcement.ENFORCED),
        (block(BlockPublicPolicy=True, BlockPublicAcls=True, IgnorePublicAcls=True), Enforcement.OFF),
        ({"PublicAccessBlockConfiguration": None}, Enforcement.OFF),
        ({"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": "true"}}, Enforcement.UNKNOWN),
    ],
)
def test_only_restricting_public_buckets_shuts_out_whom_a_policy_lets_in(answer: dict[str, Any], enforcement: Enforcement) -> None:
    (found,) = only(Guardrail, rows(FORMAT, document({"AccountId": ACCOUNT, **answer})))
    assert (found.scope, found.kind, found.enforcement) == (ACCOUNT, "public_access_block", enforcement)


@pytest.mark.parametrize("whose", [{}, {"Bucket": "b"}, {"AccountId": ACCOUNT, "Bucket": "b"}])
def test_an_answer_that_may_be_a_buckets_own_is_not_taken_for_the_accounts(whose: dict[str, str]) -> None:
    found = rows(FORMAT, document({**whose, **block(RestrictPublicBuckets=True)}, scope=ACCOUNT))
    assert not only(Guardrail, found)
    assert "whose it is" in only(Problem, found)[0].message
