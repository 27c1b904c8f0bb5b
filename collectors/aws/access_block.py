"""The account's S3 public access block: `aws s3control get-public-access-block`, which closes open bucket policies of the whole account.

A bucket's own block is printed in the same shape by `aws s3api`. So an answer that does not name its account is taken for neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.records import Notes, pages, read_pages
from inventory.model import Enforcement, Guardrail, Row

KIND = "public_access_block"
"""Of the guardrail. scoring/resolve/facts.sql closes the account's buckets by it."""

ENFORCED: Mapping[Any, Enforcement] = {True: Enforcement.ENFORCED, False: Enforcement.OFF, None: Enforcement.OFF}
BLOCK = "PublicAccessBlockConfiguration"
OF_A_BUCKET = frozenset({"Bucket", "ResourceArn"})


def access_blocks(document: Document) -> Iterator[Row | Problem]:
    """One guardrail per account."""
    return read_pages(document, BLOCK, _block)


def _block(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    """Only RestrictPublicBuckets shuts out whom a policy already lets in; BlockPublicPolicy keeps new policies away.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-options"""
    account = raw.get("AccountId")
    if not isinstance(account, str) or OF_A_BUCKET & raw.keys():
        raise ValueError(
            f'does not say whose it is: wrap the account\'s as {{"AccountId": "…", "{BLOCK}": …}}, a bucket\'s with its policy'
        )
    restricts = (raw[BLOCK] or {}).get("RestrictPublicBuckets")
    yield Guardrail(
        guardrail_id=f"aws:s3:public_access_block:{account}",
        scope=account,
        kind=KIND,
        name="RestrictPublicBuckets",
        enforcement=ENFORCED.get(restricts, Enforcement.UNKNOWN),
        basis="observed",
        evidence=notes.document.at(f"AccountId={account}"),
    )


def _is_alone(document: Document) -> bool:
    """Not the block that stands beside a bucket's policy."""
    return any("Policy" not in page for page in pages(document, BLOCK))


FORMATS = (
    Format(
        name="aws-account-access-block",
        title='The account\'s S3 public access block: `aws s3control get-public-access-block`, wrapped as {"AccountId": …, …}',
        matches=_is_alone,
        rows=access_blocks,
    ),
)
