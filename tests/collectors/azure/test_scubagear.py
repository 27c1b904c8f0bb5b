"""ScubaGear's export: a made-up one for the shapes, and a real test tenant against a count made apart."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.document import Document
from collectors.files import decode
from inventory.model import Account, Alias, Coverage, Credential, Entitlement, Fact, Identity, PrincipalKind, Trust
from inventory.model import CoverageStatus as Is
from tests.collectors.azure.shapes import TENANT, covered, document, guid, only, rows

REAL = Path(__file__).parents[4] / "shared/data/azure/scubagear/ProviderSettingsExport.json"


def key(number: int, on_application: bool = True) -> dict[str, Any]:
    return {"KeyId": guid(number), "DisplayName": None, "StartDateTime": "/Date(1704067200000)/", "EndDateTime": "/Date(1735689600000)/",
            "IsFromApplication": on_application}  # fmt: skip


def permission(number: int, kind: str = "Application", consented: bool = True) -> dict[str, Any]:
    return {"RoleId": guid(number), "RoleType": kind, "RoleDisplayName": f"Role.{number}", "ApplicationDisplayName": "Microsoft Graph",
            "IsAdminConsented": consented, "IsRisky": True}  # fmt: skip


def settings(**more: Any) -> dict[str, Any]:
    application = {
        "ObjectId": {"Application": guid(5010), "ServicePrincipal": guid(20)}, "AppId": guid(10), "DisplayName": "risky",
        "IsMultiTenantEnabled": False, "KeyCredentials": key(91), "PasswordCredentials": [key(90), key(92, on_application=False)],
        "FederatedCredentials": {"Id": guid(95), "Name": "ci", "Issuer": "https://token.actions.githubusercontent.com",
                                 "Subject": "repo:acme/x:environment:prod", "Audiences": "api://AzureADTokenExchange\r\n"},
        "Permissions": [permission(70), permission(71, consented=False), permission(72, "Delegated")],
    }  # fmt: skip
    return {
        "tenant_details": [{"TenantId": TENANT, "DisplayName": "Acme"}], "timestamp_zulu": "2026-05-04T17:15:48.307Z",
        "risky_applications": application, "risky_third_party_service_principals": None, "privileged_roles": [
            {"DisplayName": "Exchange Administrator", "RoleTemplateId": guid(80), "Assignments": {"PrincipalId": guid(21),
             "RoleDefinitionId": guid(80), "DirectoryScopeId": "/"}}],
        "privileged_service_principals": {guid(20): {"AppId": guid(10), "ServicePrincipalId": guid(20), "DisplayName": "risky",
                                                     "roles": "Exchange Administrator"}}, **more,
    }  # fmt: skip


@pytest.mark.parametrize("dress", [lambda raw: raw, lambda raw: {"MetaData": {}, "Results": {}, "Raw": raw}], ids=["settings", "results"])
def test_a_list_of_one_is_read_though_it_is_written_as_its_item(dress: Any) -> None:
    found = rows("azure-scubagear", document(dress(settings()), scope=None))
    names = {row.native_id: row.name for row in only(Credential, found)}
    assert names == {
        guid(90): f"secret {guid(90)}",
        guid(91): f"certificate {guid(91)}",
        guid(92): f"secret {guid(92)} (on the service principal)",
    }
    assert {row.expires_at for row in only(Credential, found)} == {datetime(2025, 1, 1)}
    (trust,) = only(Trust, found)
    assert (trust.identity_id, trust.audience) == (f"azure:app:{guid(10)}", "api://AzureADTokenExchange")
    assert [(row.scope, row.name) for row in only(Account, found)] == [(TENANT, "Acme")]
    assert (f"azure:app:{guid(10)}", f"azure:{guid(20)}") in {(row.alias, row.identity_id) for row in only(Alias, found)}


def test_what_nobody_consented_to_is_asked_for_and_not_granted() -> None:
    grants = {(row.via, row.policy_name, row.policy_id) for row in only(Entitlement, rows("azure-scubagear", document(settings())))}
    assert grants == {
        ("app_role", "Role.70", guid(70)),
        ("requested", "Role.71", guid(71)),
        ("delegated", "Role.72", "Role.72"),
        ("directory_role", "Exchange Administrator", guid(80)),
    }


def test_risky_applications_are_not_all_applications() -> None:
    found = rows("azure-scubagear", document(settings(), scope=None))
    assert set(covered(found).values()) == {Is.PARTIAL}
    assert {row.collected_at for row in only(Coverage, found)} == {datetime(2026, 5, 4, 17, 15, 48)}


def test_a_third_partys_service_principal_is_trusted_as_its_tenant() -> None:
    foreign = {"ObjectId": guid(22), "AppId": guid(12), "DisplayName": "x", "SignInAudience": "AzureADMultipleOrgs", "KeyCredentials": {},
               "PasswordCredentials": key(93, on_application=False), "Permissions": permission(70), "AppOwnerOrganizationId": guid(3)}  # fmt: skip
    found = rows("azure-scubagear", document(settings(risky_third_party_service_principals=foreign)))
    assert [row.principal for row in only(Trust, found) if row.principal_kind is PrincipalKind.ACCOUNT] == [guid(3)]
    assert guid(93) in {row.native_id for row in only(Credential, found)}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_matter(encoding: str) -> None:
    values = decode(json.dumps(settings()).encode(encoding)).values
    source = Document(source_id="export.json", values=values, key=b"k")
    assert len(only(Credential, rows("azure-scubagear", source))) == 3


def count(raw: Any) -> list[Any]:
    """The items that a list of PowerShell's holds, by hand."""
    return raw if isinstance(raw, list) else [raw] if raw else []


@pytest.mark.skipif(not REAL.is_file(), reason="the real export is not here")
def test_a_real_tenant_is_complete_against_a_count_made_by_hand() -> None:
    raw = json.loads(REAL.read_text(encoding="utf-8-sig"))
    hybrid = [app for entry in count(raw["dedicated_exchange_hybrid_applications"]) for app in count(entry["Apps"])]
    held = [*count(raw["risky_applications"]), *hybrid]
    everything = [*held, *count(raw["risky_third_party_service_principals"]), *count(raw["legacy_exchange_service_principal"])]
    found = rows("azure-scubagear", document(raw, scope=None))
    kinds = Counter(row.native_type for row in {row.identity_id: row for row in only(Identity, found)}.values())
    assert kinds["microsoft.graph.application"] == len(held) == 3
    keys = {entry["KeyId"] for app in everything for name in ("KeyCredentials", "PasswordCredentials") for entry in count(app[name])}
    assert {row.native_id for row in only(Credential, found)} == keys
    assert len(keys) == 9
    permissions = [entry for app in everything for entry in count(app.get("Permissions"))]
    assert len([row for row in only(Entitlement, found) if row.via != "directory_role"]) == len(permissions) == 25
    roles = sum(len(count(role["Assignments"])) for role in raw["privileged_roles"])
    assert len([row for row in only(Entitlement, found) if row.via == "directory_role"]) == roles + len(
        raw["privileged_service_principals"]
    )
    assert len([row for row in only(Trust, found) if row.principal_kind is PrincipalKind.OIDC]) == 2
    assert (Fact.IDENTITIES, raw["tenant_details"][0]["TenantId"]) in covered(found)
