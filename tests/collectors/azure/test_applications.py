"""Application registrations and their credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import (
    Account,
    Alias,
    Credential,
    CredentialKind,
    CredentialRole,
    Entitlement,
    Fact,
    Identity,
    IdentityKind,
    Ownership,
    Status,
    Trust,
)
from inventory.model import CoverageStatus as Is
from tests.collectors.azure.shapes import TENANT, application, covered, document, guid, only, page, reason, rows, secret


@pytest.mark.parametrize(
    "dress",
    [
        lambda app: [app],
        lambda app: page("applications", app),
        lambda app: page("applications(owners())", app),
        lambda app: [page("applications", app)],
        lambda app: {"value": [app], "@odata.nextLink": None},
    ],
    ids=["az", "graph", "expanded", "pages in an array", "without context"],
)
def test_an_application_is_the_same_in_every_dress(dress: Any) -> None:
    found = rows("azure-applications", document(dress(application(passwordCredentials=[secret()]))))
    (identity,) = only(Identity, found)
    assert (identity.identity_id, identity.scope, identity.kind) == (f"azure:app:{guid(10)}", TENANT, IdentityKind.OAUTH_CLIENT)
    assert [row.credential_id for row in only(Credential, found)] == [f"azure:secret:{guid(90)}"]
    assert covered(found)[Fact.ACCESS_KEYS, TENANT] is Is.COLLECTED
    assert [row.scope for row in only(Account, found)] == [TENANT]
    assert only(Problem, found) == []


def test_powershells_pascal_case_and_dates_are_read_as_graphs() -> None:
    raw: dict[str, Any] = {
        "Id": guid(5010), "AppId": guid(10).upper(), "DisplayName": "app 10", "RequiredResourceAccess": [],
        "KeyCredentials": None, "PasswordCredentials": {"KeyId": guid(90), "DisplayName": "deploy", "StartDateTime": "\\/Date(1704067200000)\\/",
                                                        "EndDateTime": "/Date(1735689600000)/"},
    }  # fmt: skip
    (found,) = only(Credential, rows("azure-applications", document([raw])))
    (plain,) = only(Credential, rows("azure-applications", document([application(passwordCredentials=[secret()])])))
    assert found == plain


def test_secrets_and_certificates_are_credentials_of_the_identity_and_keep_no_value() -> None:
    certificate = {"keyId": guid(91), "usage": "Verify", "type": "AsymmetricX509Cert", "key": "Canary-key", "displayName": None,
                   "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2299-12-31T00:00:00Z"}  # fmt: skip
    found = rows("azure-applications", document([application(passwordCredentials=[secret()], keyCredentials=[certificate])]))
    first, second = only(Credential, found)
    assert (first.kind, first.role, first.native_id) == (CredentialKind.OAUTH_CLIENT_SECRET, CredentialRole.IDENTITY, guid(90))
    assert (first.created_at, first.expires_at, first.never_expires) == (datetime(2024, 1, 1), datetime(2025, 1, 1), False)
    assert (second.credential_id, second.kind) == (f"azure:cert:{guid(91)}", CredentialKind.X509_CERTIFICATE)
    assert (second.expires_at, second.never_expires) == (None, True)
    assert "Canary" not in repr(found)


def test_a_credential_without_a_key_id_is_told_and_loses_nothing_beside_it() -> None:
    found = rows("azure-applications", document([application(passwordCredentials=[secret(keyId=None), secret()])]))
    assert len(only(Credential, found)) == 1
    assert [problem.lost for problem in only(Problem, found)] == [True]


def test_exactly_a_hundred_applications_of_the_cli_are_probably_cut_and_of_graph_are_not() -> None:
    hundred = [application(number) for number in range(100, 200)]
    of_cli, of_graph = rows("azure-applications", document(hundred)), rows("azure-applications", document(page("applications", *hundred)))
    assert covered(of_cli)[Fact.ACCESS_KEYS, TENANT] is Is.PARTIAL
    assert "--all" in reason(of_cli, Fact.ACCESS_KEYS)
    assert covered(of_graph)[Fact.ACCESS_KEYS, TENANT] is Is.COLLECTED
    assert covered(rows("azure-applications", document(hundred[:99])))[Fact.ACCESS_KEYS, TENANT] is Is.COLLECTED


def test_a_page_with_a_next_link_is_partial_and_its_last_page_completes_it() -> None:
    more, last = page("applications", application(10), **{"@odata.nextLink": "https://next"}), page("applications", application(11))
    assert covered(rows("azure-applications", document(more)))[Fact.ACCESS_KEYS, TENANT] is Is.PARTIAL
    assert covered(rows("azure-applications", document(more, last)))[Fact.ACCESS_KEYS, TENANT] is Is.COLLECTED


@pytest.mark.parametrize("shown", [[application()], [application(10), application(11)]])
def test_objects_shown_one_by_one_may_be_some_of_many(shown: list[dict[str, Any]]) -> None:
    found = rows("azure-applications", document(*shown))
    assert len(only(Identity, found)) == len(shown)
    assert covered(found)[Fact.ACCESS_KEYS, TENANT] is Is.PARTIAL


def test_without_a_tenant_nothing_is_covered_and_the_reader_is_told_what_to_do() -> None:
    found = rows("azure-applications", document([application()], scope=None))
    assert covered(found) == {}
    assert [row.scope for row in only(Identity, found)] == [None]
    assert "manifest.json" in only(Problem, found)[0].message


def test_requested_permissions_are_not_granted_ones() -> None:
    access = [{"resourceAppId": "00000003-0000-0000-c000-000000000000", "resourceAccess": [{"id": guid(70), "type": "Role"}]}]
    (grant,) = only(Entitlement, rows("azure-applications", document([application(requiredResourceAccess=access)])))
    assert (grant.via, grant.policy_id, grant.resource) == ("requested", guid(70), "azure:app:00000003-0000-0000-c000-000000000000")


def test_expanded_owners_are_owners_and_an_empty_list_says_that_there_are_none() -> None:
    owner = {"@odata.type": "#microsoft.graph.user", "id": guid(60), "userPrincipalName": "Ana@acme.example"}
    found = rows("azure-applications", document([application(10, owners=[owner]), application(11, owners=[])]))
    assert [(row.identity_id, row.owner_id) for row in only(Ownership, found)] == [(f"azure:app:{guid(10)}", "ana@acme.example")]
    assert covered(found)[Fact.OWNERSHIP, TENANT] is Is.COLLECTED
    assert (Fact.OWNERSHIP, TENANT) not in covered(rows("azure-applications", document([application()])))


def test_the_object_id_is_another_name_of_the_application_and_expanded_federated_credentials_are_trusted() -> None:
    credential = {
        "name": "prod",
        "issuer": "https://token.actions.githubusercontent.com",
        "subject": "repo:acme/x:environment:prod",
        "audiences": [],
    }
    found = rows("azure-applications", document([application(federatedIdentityCredentials=[credential])]))
    assert [(row.alias, row.identity_id) for row in only(Alias, found)] == [(f"azure:object:{guid(5010)}", f"azure:app:{guid(10)}")]
    assert [row.principal for row in only(Trust, found)] == ["token.actions.githubusercontent.com"]
    assert covered(found)[Fact.TRUST, TENANT] is Is.COLLECTED


def test_an_application_is_disabled_when_it_says_so_and_otherwise_nobody_knows() -> None:
    found = rows("azure-applications", document([application(10, isDisabled=True), application(11)]))
    assert [row.status for row in only(Identity, found)] == [Status.DISABLED, Status.UNKNOWN]


def test_a_made_up_model_row_names_nothing_and_an_empty_page_proves_nothing() -> None:
    model = {**dict.fromkeys(application()), "isZtModelRow": True}
    for source in (document(page("applications", model)), document(page("applications"))):
        found = rows("azure-applications", source)
        assert only(Identity, found) == []
        assert Is.COLLECTED not in covered(found).values()
    with_model = rows("azure-applications", document(page("applications", model, application())))
    assert covered(with_model)[Fact.ACCESS_KEYS, TENANT] is Is.COLLECTED
