"""Workload identity pools and their providers; roles."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import Entitlement, Federation, PolicyDocument, Row, Safety, Status
from tests.collectors.gcp.shapes import NUMBER, POOL, PROJECT, document, only, rows

GITHUB = "https://token.actions.githubusercontent.com"
PROVIDERS = "gcp-identity-pool-providers"


def provider(issuer: str = GITHUB, condition: str | None = None, **more: Any) -> dict[str, Any]:
    plain = {"name": f"{POOL}/providers/main", "state": "ACTIVE", "attributeMapping": {"google.subject": "assertion.sub"}}
    return {**plain, "oidc": {"issuerUri": issuer}, **({"attributeCondition": condition} if condition else {}), **more}


def judged(raw: dict[str, Any]) -> Federation:
    (row,) = only(Federation, rows(PROVIDERS, document([raw], scope=PROJECT)))
    return row


@pytest.mark.parametrize(
    ("issuer", "condition", "safety"),
    [
        (GITHUB, None, Safety.UNSAFE),
        (GITHUB, "true", Safety.UNSAFE),
        (GITHUB, "assertion.repository_owner == 'demo'", Safety.SAFE),
        (GITHUB, "assertion.repository_owner_id == '77' && assertion.ref == 'refs/heads/main'", Safety.SAFE),
        (GITHUB, "attribute.repository == 'demo/shop'", Safety.SAFE),
        (GITHUB, "assertion.sub.startsWith('repo:demo/')", Safety.SAFE),
        (GITHUB, "assertion['repository_owner'] == 'demo'", Safety.SAFE),
        (GITHUB, "assertion.repository_owner in ['demo', 'demo-labs']", Safety.SAFE),
        (GITHUB, "assertion.ref == 'refs/heads/main'", Safety.UNKNOWN),
        (GITHUB, "assertion.repository_owner != 'demo'", Safety.UNKNOWN),
        (GITHUB, "assertion.repository_owner == 'demo' || true", Safety.UNKNOWN),
        (GITHUB, "assertion.sub.startsWith('')", Safety.UNKNOWN),
        (GITHUB, "assertion.sub == assertion.sub", Safety.UNKNOWN),
        (f"{GITHUB}/demo-enterprise", None, Safety.SAFE),
        ("https://gitlab.com", None, Safety.UNSAFE),
        ("https://gitlab.com/", "assertion.namespace_id == '7'", Safety.SAFE),
        ("https://app.terraform.io", None, Safety.UNSAFE),
        ("https://app.terraform.io", "assertion.terraform_organization_id == 'org-7'", Safety.SAFE),
        ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC", None, Safety.SAFE),
        ("https://login.microsoftonline.com/common/v2.0", None, Safety.UNSAFE),
        ("https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", None, Safety.SAFE),
        ("https://issuer.demo.example", None, Safety.SAFE),
    ],
)
def test_a_shared_issuer_needs_a_condition_that_names_a_tenant(issuer: str, condition: str | None, safety: Safety) -> None:
    row = judged(provider(issuer, condition))
    assert row.safety is safety, row.safety_reason
    assert (row.kind, row.issuer, row.condition, row.pool, row.scope) == ("oidc", issuer, condition, POOL, PROJECT)


def test_an_aws_provider_takes_one_accounts_roles() -> None:
    raw = {"name": f"{POOL}/providers/aws", "state": "ACTIVE", "aws": {"accountId": "111122223333"}}
    row = judged(raw)
    assert (row.kind, row.issuer, row.safety) == ("aws", "111122223333", Safety.SAFE)


def test_a_provider_that_is_off_says_so_and_one_without_a_state_does_not_say_that_it_is_on() -> None:
    raw = provider()
    del raw["state"]
    assert judged(provider(disabled=True)).status is Status.DISABLED
    assert judged(provider(state="DELETED")).status is Status.DISABLED
    assert judged(raw).status is Status.UNKNOWN


def test_a_pool_that_is_off_is_a_row_and_one_that_works_says_nothing() -> None:
    pools = [{"name": POOL, "state": "ACTIVE"}, {"name": f"{POOL}2", "state": "ACTIVE", "disabled": True}]
    found = only(Federation, rows("gcp-identity-pools", document({"workloadIdentityPools": pools})))
    assert [(row.kind, row.pool, row.status, row.scope) for row in found] == [("pool", f"{POOL}2", Status.DISABLED, NUMBER)]


def test_a_provider_without_an_issuer_is_told() -> None:
    raw = provider()
    del raw["oidc"]
    found = rows(PROVIDERS, document([raw, provider()]))
    assert len(only(Federation, found)) == len(only(Problem, found)) == 1


def definitions(found: list[Row | Problem]) -> dict[str, list[str]]:
    texts = {row.document_id: json.loads(row.document)["includedPermissions"] for row in only(PolicyDocument, found)}
    assert {row.via for row in only(Entitlement, found)} <= {"definition"}
    return {row.identity_id: texts[row.document_id or ""] for row in only(Entitlement, found)}


def role(name: str, permissions: list[str] | None, **more: Any) -> dict[str, Any]:
    text = {} if permissions is None else {"includedPermissions": permissions}
    return {"name": name, "title": name.rsplit("/", 1)[-1], "stage": "GA", "etag": "BwY=", **text, **more}


def test_a_roles_text_is_joined_by_its_name() -> None:
    custom = role(f"projects/{PROJECT}/roles/operator", ["b.c.d", "a.b.c", "a.b.c"])
    found = rows("gcp-roles", document({"roles": [custom, role("roles/empty", None), role("roles/gone", ["a.b.c"], deleted=True)]}))
    assert definitions(found) == {custom["name"]: ["a.b.c", "b.c.d"], "roles/empty": [], "roles/gone": []}
    assert definitions(rows("gcp-roles", document(custom))) == {custom["name"]: ["a.b.c", "b.c.d"]}


def test_a_listing_without_permissions_is_not_the_roles_text() -> None:
    found = rows("gcp-roles", document([role("roles/a", None), role("roles/b", None)]))
    assert definitions(found) == {}
    assert "without their permissions" in only(Problem, found)[0].message
