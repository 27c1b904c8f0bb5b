"""EKS access entries: who gets into a cluster, by which group or policy, and where."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import Entitlement
from tests.collectors.aws.shapes import arn, document, only, rows

PRINCIPAL = arn("role/deployer")
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
ENTRY = {"clusterName": "shop", "principalArn": PRINCIPAL, "type": "STANDARD", "kubernetesGroups": ["viewers", "builders"]}


def access(form: str, answer: dict[str, Any]) -> set[tuple[str, str, str | None, str | None]]:
    found = only(Entitlement, rows(form, document(answer)))
    assert {(row.via, row.document_id) for row in found} <= {("eks_access", None)}
    return {(row.identity_id, row.policy_name, row.policy_id, row.resource) for row in found}


def test_an_access_entry_tells_the_kubernetes_groups_of_its_principal() -> None:
    assert access("aws-access-entries", {"accessEntry": ENTRY}) == {
        (PRINCIPAL, "Kubernetes group viewers", None, "eks:shop"),
        (PRINCIPAL, "Kubernetes group builders", None, "eks:shop"),
    }


def test_an_entry_of_nodes_lets_nobody_else_in() -> None:
    assert access("aws-access-entries", {"accessEntry": {**ENTRY, "type": "EC2_LINUX", "kubernetesGroups": ["system:nodes"]}}) == set()


@pytest.mark.parametrize(
    ("scope", "resource"),
    [({"type": "cluster", "namespaces": []}, "eks:shop"), ({"type": "namespace", "namespaces": ["b", "a"]}, "eks:shop/a,b")],
)
def test_an_access_policy_reaches_the_cluster_or_its_namespaces(scope: dict[str, Any], resource: str) -> None:
    answer = {"clusterName": "shop", "principalArn": PRINCIPAL, "associatedAccessPolicies": [{"policyArn": ADMIN, "accessScope": scope}]}
    assert access("aws-access-policies", answer) == {(PRINCIPAL, "AmazonEKSClusterAdminPolicy", ADMIN, resource)}


def test_an_answer_that_does_not_say_of_whom_is_told() -> None:
    found = rows("aws-access-policies", document({"associatedAccessPolicies": [{"policyArn": ADMIN}]}))
    assert not only(Entitlement, found)
    assert only(Problem, found)[0].lost


def test_a_list_of_entries_only_leads_on() -> None:
    assert rows("aws-lists", document({"accessEntries": [PRINCIPAL]})) == []
