"""Whom we asked, and lists that only lead to other calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import account_of
from collectors.document import Document, Format, Problem
from collectors.records import has_page, pages
from inventory.model import Account, Row

LISTS: Mapping[str, frozenset[str] | None] = {
    "Buckets": frozenset({"Name"}),
    "Regions": frozenset({"RegionName"}),
    "families": None,
    "clusters": None,
    "associations": frozenset({"clusterName", "associationId"}),
    "accessEntries": None,
    "QueueUrls": None,
    "Topics": frozenset({"TopicArn"}),
    "Keys": frozenset({"KeyId", "KeyArn"}),
    "repositories": frozenset({"repositoryArn", "repositoryName"}),
    "analyzers": frozenset({"arn", "type"}),
    "credentialProviders": frozenset({"name", "credentialProviderArn"}),
    "OpenIDConnectProviderList": frozenset({"Arn"}),
    "Policies": frozenset({"Id", "Arn", "AwsManaged"}),
}
"""Lists of which only the objects matter, and each has a file of its own; with what every record has (None: they are texts)."""
BESIDE = frozenset({"NextToken", "nextToken", "NextMarker", "Truncated", "IsTruncated", "Owner", "Prefix"})


def caller(document: Document) -> Iterator[Row | Problem]:
    """sts get-caller-identity: the account that was asked. The caller itself is among its identities."""
    for page in pages(document, "Account"):
        yield Account(scope=account_of(page["Arn"]), provider="aws", evidence=document.at("Account"))


def nothing(_document: Document) -> Iterator[Row | Problem]:
    """The list says no more than whom to ask next."""
    return iter(())


def _is_list(document: Document) -> bool:
    """One of the lists and nothing else: others name theirs alike."""
    return any(_holds_only(page, name) for name in LISTS for page in pages(document, name)) or any(
        isinstance(page["findings"], list) and "analyzerArn" in page for page in pages(document, "findings")
    )


def _holds_only(page: Mapping[str, Any], name: str) -> bool:
    listed, needed = page[name], LISTS[name]
    if not isinstance(listed, list) or not page.keys() <= {name, *BESIDE}:
        return False
    if needed is None:
        return all(isinstance(raw, str) for raw in listed)
    return all(isinstance(raw, dict) and needed <= raw.keys() for raw in listed)


FORMATS = (
    Format(
        name="aws-caller",
        title="Whom we asked: `aws sts get-caller-identity`",
        matches=lambda document: has_page(document, "UserId", "Account", "Arn"),
        rows=caller,
    ),
    Format(
        name="aws-lists",
        title="Lists that a live collection asks on from: buckets, queues, topics, keys, clusters … Nothing is read from them",
        matches=_is_list,
        rows=nothing,
    ),
)
