"""EKS Pod Identity: which Kubernetes service account runs as which role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import parse_arn
from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, pages
from inventory.model import Row, Workload


def pod_identities(document: Document) -> Iterator[Row | Problem]:
    """eks describe-pod-identity-association, one answer each."""
    notes = Notes(document)
    for index, page in enumerate(pages(document, "association")):
        yield from notes.read(f"association[{index}]", _association, page["association"])
    yield from notes.problems


def _association(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = parse_arn(raw["associationArn"])
    if arn is None or not arn.account:
        raise ValueError("associationArn is not an ARN")
    yield Workload(
        workload_id=arn.text,
        provider="aws",
        scope=arn.account,
        kind="eks_pod",
        name=f"{raw['clusterName']}/{raw['namespace']}/{raw['serviceAccount']}",
        region=arn.region,
        identity_id=raw.get("roleArn") or None,
        evidence=notes.document.at(f"association[{arn.text}]"),
    )


FORMATS = (
    Format(
        name="aws-pod-identities",
        title="EKS Pod Identity: `aws eks describe-pod-identity-association`, one answer each",
        matches=lambda document: has_page(document, "association"),
        rows=pod_identities,
    ),
)
