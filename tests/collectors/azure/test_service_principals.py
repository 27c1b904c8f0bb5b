"""Service principals, managed and agent identities, what they were granted and when they were used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collectors.azure.first_party import is_first_party
from collectors.document import Problem
from inventory.model import (
    Alias,
    Credential,
    CredentialKind,
    Entitlement,
    Fact,
    Identity,
    IdentityKind,
    Ownership,
    PrincipalKind,
    Safety,
    Sighting,
    Status,
    Trust,
)
from inventory.model import CoverageStatus as Is
from tests.collectors.azure.shapes import SUBSCRIPTION, TENANT, covered, document, guid, only, page, principal, reason, rows, secret

GRAPH_APP = "00000003-0000-0000-c000-000000000000"


def test_a_service_principal_is_its_applications_other_name() -> None:
    found = rows("azure-service-principals", document([principal()]))
    assert [(row.identity_id, row.kind, row.status) for row in only(Identity, found)] == [
        (f"azure:{guid(20)}", IdentityKind.SERVICE_PRINCIPAL, Status.ACTIVE)
    ]
    assert [(row.alias, row.identity_id) for row in only(Alias, found)] == [(f"azure:app:{guid(10)}", f"azure:{guid(20)}")]
    assert covered(found) == {(Fact.IDENTITIES, TENANT): Is.COLLECTED}
    assert only(Trust, found) == []


@pytest.mark.parametrize(
    ("said", "status"),
    [({"accountEnabled": False}, Status.DISABLED), ({"accountEnabled": None}, Status.UNKNOWN), ({}, Status.UNKNOWN),
     ({"accountEnabled": "False"}, Status.DISABLED)],
)  # fmt: skip
def test_an_absent_account_enabled_says_nothing(said: dict[str, Any], status: Status) -> None:
    raw = {key: value for key, value in principal().items() if key != "accountEnabled"}
    assert [row.status for row in only(Identity, rows("azure-service-principals", document([{**raw, **said}])))] == [status]


def test_microsofts_own_applications_are_listed_out_of_scope_by_owner_or_by_id() -> None:
    by_owner = principal(20, 10, appOwnerOrganizationId="f8cdef31-a31e-4b4a-93e4-5f571e91255a")
    by_id = {**principal(21), "appId": GRAPH_APP, "appOwnerOrganizationId": None}
    found = rows("azure-service-principals", document([by_owner, by_id, principal(22, 12)]))
    assert [row.in_scope for row in only(Identity, found)] == [False, False, True]
    assert only(Trust, found) == []
    assert not is_first_party(guid(10), TENANT)


def test_an_application_of_another_tenant_is_trusted_as_that_account() -> None:
    (trust,) = only(Trust, rows("azure-service-principals", document([principal(appOwnerOrganizationId=guid(3))])))
    assert (trust.principal_kind, trust.principal, trust.principal_scope) == (PrincipalKind.ACCOUNT, guid(3), guid(3))


def test_a_single_tenant_application_tells_whose_tenant_it_is() -> None:
    own, foreign = principal(20, signInAudience="AzureADMyOrg"), principal(21, 11, appOwnerOrganizationId=guid(3))
    found = rows("azure-service-principals", document([own, foreign], scope=None))
    assert {row.scope for row in only(Identity, found)} == {TENANT}
    assert [row.principal for row in only(Trust, found)] == [guid(3)]
    two = rows(
        "azure-service-principals",
        document([own, principal(21, appOwnerOrganizationId=guid(3), signInAudience="AzureADMyOrg")], scope=None),
    )
    assert {row.scope for row in only(Identity, two)} == {None}
    assert covered(two) == {}


def test_a_managed_identity_is_of_its_subscription_and_nothing_is_held_against_it() -> None:
    resource = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mi"
    machine = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
    raw: dict[str, Any] = {"servicePrincipalType": "ManagedIdentity", "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
           "keyCredentials": [secret(91, usage="Verify")]}  # fmt: skip
    found = rows(
        "azure-service-principals",
        document(
            [principal(20, alternativeNames=["isExplicit=True", resource], **raw), principal(21, 11, alternativeNames=[machine], **raw)]
        ),
    )
    user, system = only(Identity, found)
    assert {user.kind, system.kind} == {IdentityKind.MANAGED_IDENTITY}
    assert (user.native_type, user.scope) == ("Microsoft.ManagedIdentity/userAssignedIdentities", SUBSCRIPTION)
    assert (system.native_type, system.in_scope) == ("Microsoft.ManagedIdentity/systemAssigned", True)
    assert only(Credential, found) == []
    assert {(row.principal_kind, row.principal, row.safety) for row in only(Trust, found)} == {
        (PrincipalKind.SERVICE, "azure.managed-identity", Safety.SAFE)
    }
    assert resource.lower() in {row.alias for row in only(Alias, found)}


def test_credentials_on_the_service_principal_say_so_and_token_signing_keys_are_none() -> None:
    signing = [secret(91, usage="Sign", customKeyIdentifier="t="), secret(92, usage="Verify", customKeyIdentifier="t=")]
    raw = principal(
        passwordCredentials=[secret(90), secret(91, customKeyIdentifier="t=")], keyCredentials=[*signing, secret(93, usage="Verify")]
    )
    found = only(Credential, rows("azure-service-principals", document([raw])))
    assert [(row.native_id, row.kind) for row in found] == [
        (guid(90), CredentialKind.OAUTH_CLIENT_SECRET),
        (guid(93), CredentialKind.X509_CERTIFICATE),
    ]
    assert found[0].name == "deploy (on the service principal)"


def test_expanded_grants_are_entitlements_with_names_from_the_same_answer() -> None:
    graph = {**principal(30), "appId": GRAPH_APP, "displayName": "Microsoft Graph", "appRoles": [{"id": guid(70), "value": "Mail.Read"}]}
    raw = principal(
        appRoleAssignments=[
            {"appRoleId": guid(70), "principalId": guid(20), "resourceId": guid(30), "resourceDisplayName": "Microsoft Graph"}
        ],
        oauth2PermissionGrants=[
            {"clientId": guid(20), "consentType": "AllPrincipals", "resourceId": guid(30), "scope": " User.Read Files.Read.All"},
            {"clientId": guid(20), "consentType": "Principal", "principalId": guid(60), "resourceId": guid(30), "scope": "Mail.Send"},
        ],
        owners=[{"@odata.type": "#microsoft.graph.servicePrincipal", "id": guid(21)}],
    )
    found = rows("azure-service-principals", document(page("servicePrincipals(appRoleAssignments())", raw, graph)))
    grants = {(row.via, row.policy_name, row.resource, row.conditional) for row in only(Entitlement, found)}
    assert grants == {
        ("app_role", "Mail.Read", "Microsoft Graph", None),
        ("delegated", "User.Read", f"azure:{guid(30)}", False),
        ("delegated", "Files.Read.All", f"azure:{guid(30)}", False),
        ("delegated", "Mail.Send", f"azure:{guid(30)}", True),
    }
    assert {row.identity_id for row in only(Entitlement, found)} == {f"azure:{guid(20)}"}
    assert [row.owner_id for row in only(Ownership, found)] == [f"azure:{guid(21)}"]
    assert covered(found)[Fact.POLICIES, TENANT] is Is.PARTIAL
    assert "directory roles" in reason(found, Fact.POLICIES)


@pytest.mark.parametrize(("count", "told", "whole"), [(1, None, True), (20, None, False), (20, 20, True), (20, 31, False)])
def test_twenty_expanded_grants_may_be_cut_off_unless_their_number_is_told(count: int, told: int | None, whole: bool) -> None:
    grants = [{"appRoleId": guid(100 + n), "principalId": guid(20), "resourceId": guid(30)} for n in range(count)]
    raw = principal(appRoleAssignments=grants, **({} if told is None else {"appRoleAssignments@odata.count": told}))
    found = only(Sighting, rows("azure-service-principals", document(page("servicePrincipals(appRoleAssignments())", raw))))
    assert ([row.subject_id for row in found if row.subject_kind == "app_roles"] == [TENANT]) is whole


def test_pages_of_grants_say_the_same_and_peoples_app_roles_are_left_out() -> None:
    assignment = {"id": "x", "appRoleId": guid(70), "principalId": guid(20), "principalType": "ServicePrincipal", "resourceId": guid(30)}
    person = {**assignment, "principalType": "User", "principalId": guid(60)}
    held = rows("azure-app-role-assignments", document(page(f"servicePrincipals('{guid(20)}')/appRoleAssignments", assignment, person)))
    assert [(row.identity_id, row.policy_id) for row in only(Entitlement, held)] == [(f"azure:{guid(20)}", guid(70))]
    grant = {
        "id": "y",
        "clientId": guid(20),
        "consentType": "AllPrincipals",
        "principalId": None,
        "resourceId": guid(30),
        "scope": "User.Read",
    }
    (row,) = only(Entitlement, rows("azure-permission-grants", document(page("oauth2PermissionGrants", grant))))
    assert (row.via, row.policy_id, row.conditional) == ("delegated", "User.Read", False)


def test_agent_identities_are_agents_with_their_sponsors() -> None:
    raw = {"id": guid(20), "agentIdentityBlueprintId": guid(10), "displayName": "helper", "accountEnabled": True,
           "servicePrincipalType": "ServiceIdentity", "sponsors": [{"id": guid(60), "@odata.type": "#microsoft.graph.user"}]}  # fmt: skip
    found = rows("azure-service-principals", document(page("servicePrincipals/microsoft.graph.agentIdentity(sponsors(id))", raw)))
    assert [(row.kind, row.native_type) for row in only(Identity, found)] == [(IdentityKind.AI_AGENT, "microsoft.graph.agentIdentity")]
    assert [row.owner_id for row in only(Ownership, found)] == [f"azure:{guid(60)}"]
    assert covered(found) == {}


def test_a_hundred_service_principals_of_the_cli_are_probably_cut() -> None:
    found = rows("azure-service-principals", document([principal(number) for number in range(100, 200)]))
    assert covered(found)[Fact.IDENTITIES, TENANT] is Is.PARTIAL


def test_a_record_that_is_none_is_told_and_the_rest_is_read() -> None:
    found = rows("azure-service-principals", document([principal(20), {"servicePrincipalType": "Application", "id": 7}, "x"]))
    assert len(only(Identity, found)) == 1
    assert [problem.lost for problem in only(Problem, found)] == [True, True]


def sign_in(moment: str | None = "2026-03-01T00:00:00-8:00", **more: Any) -> dict[str, Any]:
    activity = {"lastSignInDateTime": moment, "lastSignInRequestId": "x"}
    return {
        "id": "x",
        "appId": guid(10),
        "applicationAuthenticationClientSignInActivity": activity,
        "delegatedClientSignInActivity": None,
        **more,
    }


def test_sign_ins_as_client_are_use_and_a_one_digit_offset_is_read() -> None:
    resource = {"lastSignInDateTime": "2026-09-01T00:00:00Z"}
    raw = sign_in(applicationAuthenticationResourceSignInActivity=resource, lastSignInActivity=resource)
    found = rows("azure-sign-ins", document(page("reports/servicePrincipalSignInActivities", raw)))
    (identity,) = only(Identity, found)
    assert (identity.identity_id, identity.last_used_at, identity.last_used_known) == (
        f"azure:app:{guid(10)}",
        datetime(2026, 3, 1, 8),
        True,
    )
    assert covered(found)[Fact.ROLE_USAGE, TENANT] is Is.COLLECTED
    assert only(Problem, found) == []


@pytest.mark.parametrize(("moment", "known"), [(None, True), ("0001-01-01T00:00:00Z", True), ("sometime", False)])
def test_no_sign_in_and_an_unreadable_one_are_two_things(moment: str | None, known: bool) -> None:
    (identity,) = only(Identity, rows("azure-sign-ins", document([sign_in(moment)])))
    assert (identity.last_used_at, identity.last_used_known) == (None, known)


def test_sign_ins_by_credential_join_the_credential_by_its_key_id() -> None:
    raw = {"id": "x", "keyId": guid(90), "appId": guid(10), "keyType": "clientSecret", "credentialOrigin": "application",
           "expirationDate": "2027-04-01T21:36:48-8:00", "signInActivity": {"lastSignInDateTime": "2026-03-18T00:00:00-8:00"}}  # fmt: skip
    found = rows(
        "azure-credential-sign-ins",
        document(page("reports/appCredentialSignInActivities", raw, {**raw, "keyId": guid(91), "keyType": "certificate"})),
    )
    first, second = only(Credential, found)
    assert (first.credential_id, first.identity_id) == (f"azure:secret:{guid(90)}", f"azure:app:{guid(10)}")
    assert (first.last_used_at, first.last_used_known, first.expires_at) == (
        datetime(2026, 3, 18, 8),
        True,
        datetime(2027, 4, 2, 5, 36, 48),
    )
    assert second.credential_id == f"azure:cert:{guid(91)}"
    assert covered(found)[Fact.KEY_USAGE, TENANT] is Is.COLLECTED
