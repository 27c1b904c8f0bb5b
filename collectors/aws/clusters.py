"""EKS: which Kubernetes service account runs as which role (Pod Identity), and which IAM principals get into a cluster (access entries)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import parse_arn
from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, pages
from inventory.model import Entitlement, Row, Workload

STANDARD = "STANDARD"
VIA = "eks_access"
"""Of an entitlement: in a cluster, beside what IAM allows."""


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


def access_entries(document: Document) -> Iterator[Row | Problem]:
    """eks describe-access-entry, one answer each: the Kubernetes groups of a principal. What these may do, the cluster says."""
    notes = Notes(document)
    for index, page in enumerate(pages(document, "accessEntry")):
        yield from notes.read(f"accessEntry[{index}]", _groups, page["accessEntry"])
    yield from notes.problems


def _groups(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    """Entries of the other types are for nodes, which have a node's rights and no more.
    https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html"""
    if raw.get("type") in (None, STANDARD):
        for group in sorted(raw.get("kubernetesGroups") or []):
            yield _access(notes, raw, f"Kubernetes group {group}")


def access_policies(document: Document) -> Iterator[Row | Problem]:
    """eks list-associated-access-policies, one answer per principal: what AWS's own policies let it do in the cluster."""
    notes = Notes(document)
    for page in pages(document, "associatedAccessPolicies"):
        for locator, raw in notes.records([page], "associatedAccessPolicies"):
            yield from notes.read(
                locator, _policy, {**raw, "principalArn": page.get("principalArn"), "clusterName": page.get("clusterName")}
            )
    yield from notes.problems


def _policy(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    scope = raw.get("accessScope") or {}
    namespaces = sorted(scope.get("namespaces") or []) if scope.get("type") == "namespace" else []
    yield _access(notes, raw, raw["policyArn"].rsplit("/", 1)[-1], raw["policyArn"], "/" + ",".join(namespaces) if namespaces else "")


def _access(notes: Notes, raw: Mapping[str, Any], name: str, policy: str | None = None, within: str = "") -> Row:
    if parse_arn(raw["principalArn"]) is None:
        raise ValueError("principalArn is not an ARN")
    cluster = raw["clusterName"]
    return Entitlement(
        identity_id=raw["principalArn"],
        document_id=None,
        via=VIA,
        policy_name=name,
        policy_id=policy,
        resource=f"eks:{cluster}{within}",
        evidence=notes.document.at(f"accessEntry[{cluster}/{raw['principalArn']}]"),
    )


FORMATS = (
    Format(
        name="aws-pod-identities",
        title="EKS Pod Identity: `aws eks describe-pod-identity-association`, one answer each",
        matches=lambda document: has_page(document, "association"),
        rows=pod_identities,
    ),
    Format(
        name="aws-access-entries",
        title="EKS, who gets into a cluster: `aws eks describe-access-entry`, one answer each",
        matches=lambda document: has_page(document, "accessEntry"),
        rows=access_entries,
    ),
    Format(
        name="aws-access-policies",
        title="EKS, what they may do there: `aws eks list-associated-access-policies`, one answer each",
        matches=lambda document: has_page(document, "associatedAccessPolicies"),
        rows=access_policies,
    ),
)
