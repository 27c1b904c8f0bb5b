"""Federated credentials: whose they are, and whether only known workloads get in."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import CoverageStatus as Is
from inventory.model import Fact, PrincipalKind, Safety, Sighting, Trust
from tests.collectors.azure.shapes import GROUP, SUBSCRIPTION, TENANT, covered, document, guid, only, page, rows

GITHUB = "https://token.actions.githubusercontent.com"
AKS = "https://westeurope.oic.prod-aks.azure.com/t/x/"


def credential(issuer: str = GITHUB, subject: str | None = "repo:acme/x:environment:prod", **more: Any) -> dict[str, Any]:
    return {"id": "x", "name": "prod", "issuer": issuer, "subject": subject, "audiences": ["api://AzureADTokenExchange"], **more}


def expression(text: str) -> dict[str, Any]:
    return {"subject": None, "claimsMatchingExpression": {"value": text, "languageVersion": 1}}


@pytest.mark.parametrize(
    ("raw", "safety"),
    [
        (credential(), Safety.SAFE),
        (credential(AKS, "system:serviceaccount:payments:worker"), Safety.SAFE),
        (credential(GITHUB, "repo:acme/*"), Safety.UNKNOWN),
        (credential(GITHUB, None), Safety.UNKNOWN),
        (credential(**expression("claims['sub'] eq 'repo:acme/x:ref:refs/heads/main'")), Safety.SAFE),
        (credential(**expression("claims['sub'] matches 'repo:acme/*:ref:refs/heads/main'")), Safety.SAFE),
        (credential(**expression("claims['sub'] matches 'repo:*'")), Safety.UNSAFE),
        (credential("https://gitlab.com", **expression("claims['sub'] matches 'project_path:*'")), Safety.UNSAFE),
        (credential("https://oidc.acme.example", **expression("claims['sub'] matches '*'")), Safety.UNSAFE),
        (credential("https://oidc.acme.example", **expression("claims['sub'] matches 'team-*'")), Safety.UNKNOWN),
        (credential(**expression("claims['job'] matches 'x'")), Safety.UNKNOWN),
    ],
)
def test_an_exact_subject_is_safe_and_an_expression_must_name_the_tenant(raw: dict[str, Any], safety: Safety) -> None:
    wrapped = {"appId": guid(10), "federatedIdentityCredentials": [raw]}
    (trust,) = only(Trust, rows("azure-federated-credentials", document([wrapped])))
    assert (trust.identity_id, trust.principal_kind, trust.safety) == (f"azure:app:{guid(10)}", PrincipalKind.OIDC, safety)
    assert not trust.principal.startswith("https://")


def test_the_answer_is_attributed_by_wrapper_context_or_resource_id() -> None:
    of_graph = page(f"applications('{guid(5010)}')/federatedIdentityCredentials", credential())
    resource = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/mi"
    of_arm = [{**credential(), "id": f"{resource}/federatedIdentityCredentials/prod"}]
    of_wrapper = {"principalId": guid(20), "federatedIdentityCredentials": []}
    by_graph = rows("azure-federated-credentials", document(of_graph))
    by_arm = rows("azure-federated-credentials", document(of_arm))
    assert [row.identity_id for row in only(Trust, by_graph)] == [f"azure:object:{guid(5010)}"]
    assert [row.identity_id for row in only(Trust, by_arm)] == [resource.lower()]
    assert covered(by_arm) == {(Fact.TRUST, SUBSCRIPTION): Is.PARTIAL}
    assert [row.subject_id for row in only(Sighting, rows("azure-federated-credentials", document(of_wrapper)))] == [f"azure:{guid(20)}"]


def test_an_answer_that_is_nobodys_is_told_with_what_to_do() -> None:
    found = rows("azure-federated-credentials", document([credential()]))
    assert only(Trust, found) == []
    assert "wrap" in only(Problem, found)[0].message


def test_one_application_of_many_does_not_cover_the_tenant() -> None:
    found = rows("azure-federated-credentials", document([{"appId": guid(10), "federatedIdentityCredentials": []}]))
    assert covered(found) == {(Fact.TRUST, TENANT): Is.PARTIAL}


def test_a_credential_that_cannot_be_read_leaves_open_who_gets_in() -> None:
    found = rows(
        "azure-federated-credentials", document([{"appId": guid(10), "federatedIdentityCredentials": [{"name": "x"}, credential()]}])
    )
    assert [row.principal_kind for row in only(Trust, found)] == [PrincipalKind.UNKNOWN, PrincipalKind.OIDC]
    assert len(only(Problem, found)) == 1
