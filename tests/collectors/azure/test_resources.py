"""Managed identities, workloads, Key Vaults, storage, policy, logging, activity and accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import (
    Account,
    Alias,
    Credential,
    Enforcement,
    Entitlement,
    Fact,
    Guardrail,
    Identity,
    Ownership,
    Public,
    Resource,
    SecretStore,
    Status,
    Trust,
    Usage,
    Workload,
)
from inventory.model import CoverageStatus as Is
from tests.collectors.azure.shapes import GROUP, SUBSCRIPTION, TENANT, covered, document, guid, only, page, reason, rows

MI = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/mi"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv"
HERE = f"/subscriptions/{SUBSCRIPTION}"


def test_a_managed_identity_is_known_by_its_principal_and_called_by_its_resource() -> None:
    raw = {"id": MI, "name": "mi", "principalId": guid(20), "clientId": guid(10), "tenantId": TENANT, "location": "westeurope",
           "type": "Microsoft.ManagedIdentity/userAssignedIdentities", "tags": {"Owner": "ana@acme.example", "env": "prod"}}  # fmt: skip
    found = rows("azure-managed-identities", document([raw], scope=None))
    (identity,) = only(Identity, found)
    assert (identity.identity_id, identity.scope, identity.environment) == (f"azure:{guid(20)}", SUBSCRIPTION, "prod")
    assert {row.alias for row in only(Alias, found)} == {MI.lower(), f"azure:app:{guid(10)}"}
    assert [row.owner_id for row in only(Ownership, found)] == ["ana@acme.example"]
    assert covered(found) == {(Fact.IDENTITIES, SUBSCRIPTION): Is.COLLECTED, (Fact.OWNERSHIP, SUBSCRIPTION): Is.COLLECTED}


def machine(identity: Any, **more: Any) -> dict[str, Any]:
    plain = {
        "id": f"{GROUP}/Microsoft.Compute/virtualMachines/vm",
        "name": "vm",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
    }
    return {**plain, "identity": identity, **more}


def test_a_machine_runs_as_its_identities_and_one_without_runs_as_nobody() -> None:
    both = {"type": "SystemAssigned, UserAssigned", "principalId": guid(20), "userAssignedIdentities": {MI: {"principalId": guid(21)}}}
    found = rows("azure-workloads", document([machine(both), machine(None, id=f"{GROUP}/Microsoft.Compute/virtualMachines/b", name="b")]))
    assert [row.identity_id for row in only(Workload, found)] == [f"azure:{guid(20)}", f"azure:{guid(21)}", None]
    assert len({row.workload_id for row in only(Workload, found)}) == 3
    assert [(row.identity_id, row.native_type) for row in only(Identity, found)] == [
        (f"azure:{guid(20)}", "Microsoft.ManagedIdentity/systemAssigned")
    ]
    assert [row.principal for row in only(Trust, found)] == ["azure.managed-identity"]
    assert covered(found) == {(Fact.WORKLOADS, SUBSCRIPTION): Is.COLLECTED}


def test_app_settings_keep_their_names_and_lose_their_values() -> None:
    raw = machine(None, id=f"{GROUP}/Microsoft.Web/sites/f", name="f", type="Microsoft.Web/sites", kind="functionapp,linux",
                  siteConfig={"appSettings": [{"name": "DB_PASSWORD", "value": "Canary-setting"}]})  # fmt: skip
    found = rows("azure-workloads", document([raw]))
    assert [(row.kind, row.env_names) for row in only(Workload, found)] == [("azure_function_app", ["DB_PASSWORD"])]
    assert "Canary" not in repr(found)


@pytest.mark.parametrize(("rbac", "policies"), [(True, 0), (False, 1), (None, 1)])
def test_access_policies_count_where_roles_do_not_decide(rbac: bool | None, policies: int) -> None:
    access = [{"tenantId": TENANT, "objectId": guid(20), "permissions": {"secrets": ["Get", "List"], "keys": []}}]
    raw = {
        "id": VAULT,
        "name": "kv",
        "type": "Microsoft.KeyVault/vaults",
        "properties": {"enableRbacAuthorization": rbac, "accessPolicies": access},
    }
    found = rows("azure-key-vaults", document([raw]))
    assert [(row.store_id, row.kind, row.scope) for row in only(SecretStore, found)] == [
        ("azure:keyvault:kv", "azure_key_vault", SUBSCRIPTION)
    ]
    assert [(row.via, row.policy_name) for row in only(Entitlement, found)] == [("access_policy", "secrets: get, list")] * policies


def test_secrets_of_a_vault_have_names_and_dates_and_one_vault_is_not_all() -> None:
    attributes = {"enabled": True, "created": "2024-01-01T00:00:00+00:00", "updated": "2024-01-01T00:00:00+00:00", "expires": None}
    raw = {"id": "https://kv.vault.azure.net/secrets/db-password", "name": "db-password", "attributes": attributes, "value": "Canary-value"}
    disabled = {
        **raw,
        "id": "https://kv.vault.azure.net/secrets/old",
        "attributes": {"enabled": False, "expires": "2025-01-01T00:00:00+00:00"},
    }
    found = rows("azure-key-vault-secrets", document([raw, disabled], scope=SUBSCRIPTION))
    first, second = only(Credential, found)
    assert (first.name, first.store_id, first.rotated_at, first.never_expires) == (
        "db-password",
        "azure:keyvault:kv",
        datetime(2024, 1, 1),
        True,
    )
    assert (second.status, second.expires_at) == (Status.INACTIVE, datetime(2025, 1, 1))
    assert covered(found) == {(Fact.STORED_SECRETS, SUBSCRIPTION): Is.PARTIAL}
    assert "Canary" not in repr(found)


@pytest.mark.parametrize(
    ("said", "public"),
    [({"allowBlobPublicAccess": False}, Public.NO), ({"allowBlobPublicAccess": True}, Public.UNKNOWN),
     ({}, Public.UNKNOWN), ({"allowBlobPublicAccess": None}, Public.UNKNOWN)],
)  # fmt: skip
def test_a_storage_account_is_closed_only_when_it_says_so(said: dict[str, Any], public: Public) -> None:
    raw = {"id": f"{GROUP}/Microsoft.Storage/storageAccounts/st", "name": "st", "type": "Microsoft.Storage/storageAccounts", **said}
    found = rows("azure-storage-accounts", document([raw]))
    assert [row.public for row in only(Resource, found)] == [public]
    assert covered(found) == {(Fact.RESOURCE_POLICIES, SUBSCRIPTION): Is.COLLECTED}


@pytest.mark.parametrize(("said", "public"), [("Container", Public.YES), ("Blob", Public.YES), ("None", Public.NO), (None, Public.UNKNOWN)])
def test_a_container_says_whether_anyone_may_read_it(said: str | None, public: Public) -> None:
    raw = {"id": f"{GROUP}/Microsoft.Storage/storageAccounts/st/blobServices/default/containers/logs", "name": "logs", "publicAccess": said,
           "type": "Microsoft.Storage/storageAccounts/blobServices/containers"}  # fmt: skip
    assert [(row.public, row.name) for row in only(Resource, rows("azure-storage-containers", document([raw])))] == [(public, "st/logs")]


def policy(definition: str = "2571b7c3-3056-4a61-b00a-9bc5232234f5", mode: str = "Default", **more: Any) -> dict[str, Any]:
    plain = {
        "id": f"{HERE}/providers/Microsoft.Authorization/policyAssignments/p",
        "name": "p",
        "displayName": "Allowed issuers",
        "scope": HERE,
    }
    return {**plain, "policyDefinitionId": f"/providers/Microsoft.Authorization/policyDefinitions/{definition}", "enforcementMode": mode,
            "parameters": {"effect": {"value": "Deny"}}, "notScopes": [], **more}  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "enforcement"),
    [
        (policy(), Enforcement.ENFORCED),
        (policy(parameters=None), Enforcement.AUDIT),
        (policy(mode="DoNotEnforce"), Enforcement.AUDIT),
        (policy(guid(99)), Enforcement.UNKNOWN),
        (policy(notScopes=[f"{HERE}/resourceGroups/rg"]), Enforcement.UNKNOWN),
        (policy(scope=f"{HERE}/resourceGroups/rg"), Enforcement.UNKNOWN),
        (policy(scope="/providers/Microsoft.Management/managementGroups/corp"), Enforcement.ENFORCED),
    ],
)
def test_a_policy_binds_identities_only_where_that_is_known(raw: dict[str, Any], enforcement: Enforcement) -> None:
    found = rows("azure-policy-assignments", document([raw], scope=SUBSCRIPTION))
    assert [(row.scope, row.enforcement) for row in only(Guardrail, found)] == [(SUBSCRIPTION, enforcement)]
    assert covered(found) == {(Fact.GUARDRAILS, SUBSCRIPTION): Is.COLLECTED}


def setting(where: str, *categories: str, **more: Any) -> dict[str, Any]:
    logs = [{"category": category, "enabled": True} for category in categories]
    return {"id": f"{where}/diagnosticSettings/s", "name": "s", "properties": {"logs": logs, "workspaceId": "/subscriptions/x/w", **more}}


@pytest.mark.parametrize(
    ("raw", "scope", "enforcement"),
    [
        (setting(f"{HERE}/providers/microsoft.insights", "Administrative", "Security"), SUBSCRIPTION, Enforcement.ENFORCED),
        (setting(f"{HERE}/providers/microsoft.insights", "Security"), SUBSCRIPTION, Enforcement.AUDIT),
        (setting(f"{HERE}/providers/microsoft.insights", "Administrative", workspaceId=None), SUBSCRIPTION, Enforcement.OFF),
        (setting("/providers/microsoft.aadiam", "ServicePrincipalSignInLogs", "ManagedIdentitySignInLogs"), TENANT, Enforcement.ENFORCED),
        (setting("/providers/microsoft.aadiam", "AuditLogs"), TENANT, Enforcement.AUDIT),
    ],
)
def test_logging_needs_the_right_categories_and_a_place_to_go(raw: dict[str, Any], scope: str, enforcement: Enforcement) -> None:
    found = rows("azure-diagnostic-settings", document({"value": [raw]}))
    assert [(row.scope, row.kind, row.enforcement) for row in only(Guardrail, found)] == [(scope, "audit_log", enforcement)]
    assert covered(found) == {(Fact.AUDIT_LOG, scope): Is.COLLECTED}


def test_a_vault_that_logs_its_readers_is_a_store_with_a_log() -> None:
    found = rows("azure-diagnostic-settings", document([setting(f"{VAULT}/providers/microsoft.insights", "AuditEvent")]))
    assert [(row.store_id, row.access_logged) for row in only(SecretStore, found)] == [("azure:keyvault:kv", True)]
    assert only(Guardrail, found) == []


def event(moment: str = "2026-09-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    claims = {"appid": guid(10), "http://schemas.microsoft.com/identity/claims/objectidentifier": guid(20), "idtyp": "app"}
    action = "Microsoft.Compute/virtualMachines/write"
    plain = {
        "eventTimestamp": moment,
        "caller": guid(20),
        "operationName": {"value": action},
        "status": {"value": "Succeeded"},
        "eventDataId": "e",
    }
    return {**plain, "authorization": {"action": action, "scope": HERE}, "claims": claims, "subscriptionId": SUBSCRIPTION, **more}


def test_actions_of_service_principals_are_use_and_those_of_people_or_that_failed_are_not() -> None:
    events = [
        event("2026-06-01T00:00:00Z"), event("2026-09-01T00:00:00Z"), event("2026-09-02T00:00:00Z", status={"value": "Failed"}),
        event("2026-09-03T00:00:00Z", caller="ana@acme.example", claims={}), event("2026-09-03T00:00:00Z", claims={"appid": guid(11)}, caller=None),
    ]  # fmt: skip
    found = rows("azure-activity-log", document(events))
    action = "microsoft.compute/virtualmachines/write"
    assert [(row.identity_id, row.service, row.action, row.last_at) for row in only(Usage, found)] == [
        (f"azure:{guid(20)}", "microsoft.compute", action, datetime(2026, 9, 1)),
        (f"azure:app:{guid(11)}", "microsoft.compute", action, datetime(2026, 9, 3)),
    ]
    assert covered(found) == {(Fact.SERVICE_USAGE, SUBSCRIPTION): Is.COLLECTED}


def test_the_log_looks_back_by_the_calendar_to_when_it_was_collected() -> None:
    held = [event("2026-06-30T23:00:00Z"), event("2026-09-20T01:00:00Z")]
    (use,) = only(Usage, rows("azure-activity-log", document(held)))
    (later,) = only(Usage, rows("azure-activity-log", document(held, collected_at=datetime(2026, 9, 28, 6))))
    assert (use.window_days, later.window_days) == (82, 90)


@pytest.mark.parametrize("moment", ["soon", None])
def test_an_event_without_a_date_is_lost_as_it_would_read_as_no_use(moment: str | None) -> None:
    found = rows("azure-activity-log", document([event("2026-06-01T00:00:00Z"), event(), {**event(), "eventTimestamp": moment}]))
    assert any(problem.lost for problem in only(Problem, found))
    assert all(use.last_at for use in only(Usage, found))


def test_a_short_or_capped_activity_log_proves_no_disuse() -> None:
    short = rows("azure-activity-log", document([event(), event("2026-09-03T00:00:00Z")]))
    capped = rows("azure-activity-log", document([event("2026-06-01T00:00:00Z"), *[event()] * 49]))
    assert covered(short) == covered(capped) == {(Fact.SERVICE_USAGE, SUBSCRIPTION): Is.PARTIAL}
    assert "--offset 90d" in reason(short, Fact.SERVICE_USAGE)
    assert "--max-events" in reason(capped, Fact.SERVICE_USAGE)


def test_subscriptions_and_their_tenant_are_ours_and_more_than_one_tenant_is_told() -> None:
    raw = {"id": SUBSCRIPTION, "name": "prod", "tenantId": TENANT, "state": "Enabled", "isDefault": True, "cloudName": "AzureCloud"}
    found = rows("azure-subscriptions", document([raw]))
    assert {(row.scope, row.name) for row in only(Account, found)} == {(SUBSCRIPTION, "prod"), (TENANT, None)}
    assert only(Problem, found) == []
    assert len(only(Problem, rows("azure-subscriptions", document([raw, {**raw, "id": guid(4), "tenantId": guid(3)}])))) == 1


def test_a_tenant_has_its_display_name() -> None:
    of_graph = page("organization", {"id": TENANT, "displayName": "Acme", "verifiedDomains": []})
    of_cli = [{"id": f"/tenants/{TENANT}", "tenantId": TENANT, "displayName": "Acme"}]
    for answer in (of_graph, of_cli):
        assert [(row.scope, row.name) for row in only(Account, rows("azure-tenants", document(answer)))] == [(TENANT, "Acme")]


@pytest.mark.parametrize("answer", [[], {"value": []}, {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#x", "value": []}])
def test_an_empty_answer_is_told_and_covers_nothing(answer: Any) -> None:
    (problem,) = rows("azure-empty", document(answer, scope=SUBSCRIPTION))
    assert isinstance(problem, Problem)
    assert "lacked the right" in problem.message


def test_an_error_in_place_of_an_answer_is_told_by_its_code_alone() -> None:
    (problem,) = rows("azure-error", document({"error": {"code": "Authorization_RequestDenied", "message": "Canary-message"}}))
    assert isinstance(problem, Problem)
    assert "Authorization_RequestDenied" in problem.message
    assert "Canary" not in problem.message


def test_graph_answers_about_other_things_are_told() -> None:
    (problem,) = rows("azure-unrelated", document(page("deviceManagement/configurationPolicies", {"id": "x"})))
    assert isinstance(problem, Problem)
    assert "not read" in problem.message
