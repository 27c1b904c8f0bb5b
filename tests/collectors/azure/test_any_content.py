"""Whatever stands where something else belongs: no format raises, no secret value is kept, and what is lost is told."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.azure import COLLECTOR
from collectors.document import Document, Problem
from collectors.soundness import fault
from inventory.model import Coverage
from inventory.model import CoverageStatus as Is
from tests.collectors.azure import test_collections, test_federated, test_resources, test_roles, test_scubagear
from tests.collectors.azure.shapes import GROUP, application, document, guid, page, principal, secret

CANARY = "Canary-7f3a-do-not-use"

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 0, -1, 1.5, True, [], {}, [None], [[]], {"value": []}, "9999-99-99T00:00:00Z", "\x00", "/"]
)


def answers() -> dict[str, Any]:
    """One answer in the true shape of each format."""
    full = application(
        passwordCredentials=[secret(secretText=CANARY, hint=CANARY)],
        keyCredentials=[secret(91, usage="Verify", key=CANARY)],
        owners=[{"id": guid(60), "userPrincipalName": "ana@acme.example"}],
        requiredResourceAccess=[{"resourceAppId": guid(30), "resourceAccess": [{"id": guid(70), "type": "Role"}]}],
    )
    grants: dict[str, Any] = {
        "appRoleAssignments": [{"appRoleId": guid(70), "principalId": guid(20), "resourceId": guid(30)}],
        "oauth2PermissionGrants": [{"clientId": guid(20), "consentType": "AllPrincipals", "resourceId": guid(30), "scope": "User.Read"}],
    }
    site = test_resources.machine(None, id=f"{GROUP}/Microsoft.Web/sites/f", name="f", type="Microsoft.Web/sites",
                                  siteConfig={"appSettings": [{"name": "KEY", "value": CANARY}], "connectionStrings": [{"value": CANARY}]})  # fmt: skip
    vault_secret = {
        "id": "https://kv.vault.azure.net/secrets/a",
        "value": CANARY,
        "attributes": {"enabled": True, "created": "2024-01-01T00:00:00Z"},
    }
    return {
        "azure-applications": [full],
        "azure-service-principals": page("servicePrincipals", principal(passwordCredentials=[secret(secretText=CANARY)], **grants)),
        "azure-federated-credentials": [{"appId": guid(10), "federatedIdentityCredentials": [test_federated.credential()]}],
        "azure-role-assignments": {"value": [test_roles.nested(test_roles.assignment())]},
        "azure-directory-roles": page("roleManagement/directory/roleAssignments", test_roles.directory()),
        "azure-workloads": [site, test_resources.machine({"principalId": guid(20), "userAssignedIdentities": {f"{GROUP}/mi": {}}})],
        "azure-key-vault-secrets": [vault_secret],
        "azure-policy-assignments": [test_resources.policy()],
        "azure-diagnostic-settings": {"value": [test_resources.setting("/providers/microsoft.aadiam", "AuditLogs")]},
        "azure-activity-log": [test_resources.event()],
        "azure-scubagear": test_scubagear.settings(),
        "azure-azurehound": test_collections.collection(*test_collections.hound()),
    }  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a JSON tree."""
    if path:
        yield path
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, key))


def changed(answer: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """The answer with something odd at one place."""
    whole = copy.deepcopy(answer)
    held = whole
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = odd
    return whole


def read(source: Document) -> list[Any]:
    form = next((form for form in COLLECTOR.formats if form.matches(source)), None)
    return [] if form is None else list(form.rows(source))


@given(data=st.data())
def test_something_odd_anywhere_never_raises_and_never_makes_a_row_that_cannot_be_stored(data: st.DataObject) -> None:
    answer = answers()[data.draw(st.sampled_from(sorted(answers())))]
    path = data.draw(st.sampled_from(list(places(answer))))
    found = read(document(changed(answer, path, data.draw(ODD))))
    assert [fault(row) for row in found if not isinstance(row, Problem) and fault(row)] == []


@pytest.mark.parametrize("form", answers())
def test_each_true_answer_is_read_whole_and_no_value_is_kept(form: str) -> None:
    source = document(answers()[form])
    assert [candidate.name for candidate in COLLECTOR.formats if candidate.matches(source)] == [form]
    found = read(source)
    assert [row for row in found if isinstance(row, Problem)] == []
    assert "Canary" not in repr(found)


@pytest.mark.parametrize("form", ["azure-applications", "azure-service-principals", "azure-role-assignments", "azure-workloads"])
def test_a_record_that_is_no_object_is_told_as_lost(form: str) -> None:
    answer = answers()[form]
    held = answer if isinstance(answer, list) else answer["value"]
    held.append("not an object")
    found = read(document(answer))
    assert [row.lost for row in found if isinstance(row, Problem)] == [True]
    assert all(row.status in set(Is) for row in found if isinstance(row, Coverage))
