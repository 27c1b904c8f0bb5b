"""API keys, HMAC keys, secrets; activity and insights; organisation policies; projects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import (
    Account,
    Alias,
    CoverageStatus,
    Credential,
    CredentialKind,
    Enforcement,
    Fact,
    Guardrail,
    Identity,
    Issuance,
    Observation,
    SecretStore,
    Sighting,
    Status,
    Storage,
    Usage,
)
from tests.collectors.gcp.shapes import NUMBER, PROJECT, covered, document, email, only, rows, sa


def api_key(**more: Any) -> dict[str, Any]:
    return {"name": f"projects/{NUMBER}/locations/global/keys/u-1", "uid": "u-1", "createTime": "2024-01-02T03:04:05Z", **more}


@pytest.mark.parametrize(
    ("restrictions", "said"),
    [
        (None, "API key, unrestricted"),
        ({"apiTargets": [{"service": "maps-backend.googleapis.com"}]}, "API key, for 1 API, from anywhere"),
        ({"browserKeyRestrictions": {"allowedReferrers": ["https://demo.example"]}}, "API key, for any API, limited by referrer"),
    ],
)
def test_an_api_keys_name_says_how_far_it_opens(restrictions: Any, said: str) -> None:
    raw = api_key(displayName="maps", **({"restrictions": restrictions} if restrictions else {}))
    found = rows("gcp-api-keys", document({"keys": [raw]}, scope=PROJECT))
    (credential,) = only(Credential, found)
    assert (credential.name, credential.kind, credential.identity_id) == (f"maps ({said})", CredentialKind.API_KEY, None)
    assert (credential.created_at, credential.scope) == (datetime(2024, 1, 2, 3, 4, 5), PROJECT)
    assert covered(found) == {(Fact.SERVICE_CREDENTIALS, PROJECT): CoverageStatus.COLLECTED}


def test_the_string_of_a_key_is_never_kept() -> None:
    assert "AIzaCanary" not in repr(rows("gcp-api-keys", document([api_key(keyString="AIzaCanary")])))


def test_an_hmac_key_belongs_to_its_account() -> None:
    raw = {
        "accessId": "GOOG1E",
        "projectId": PROJECT,
        "serviceAccountEmail": email(),
        "state": "INACTIVE",
        "timeCreated": "2024-01-02T03:04:05Z",
    }
    (credential,) = only(Credential, rows("gcp-hmac-keys", document([raw])))
    assert (credential.identity_id, credential.kind, credential.status) == (sa(), CredentialKind.SERVICE_SPECIFIC, Status.INACTIVE)
    assert (credential.name, credential.scope) == ("HMAC GOOG1E", PROJECT)


def test_a_secret_rests_in_the_manager_and_a_reminder_is_no_rotation() -> None:
    raw = {"name": f"projects/{NUMBER}/secrets/db", "createTime": "2024-01-02T03:04:05Z", "rotation": {"rotationPeriod": "7776000s"}}
    found = rows("gcp-secrets", document([raw], scope=PROJECT))
    (credential,), (store,) = only(Credential, found), only(SecretStore, found)
    assert (credential.storage, credential.store_id) == (Storage.SECRETS_MANAGER, store.store_id)
    assert (credential.rotation_days, credential.issuance, credential.rotated_at) == (90, Issuance.UNKNOWN, None)
    assert store.kind == "gcp_secret_manager"
    assert covered(found) == {(Fact.STORED_SECRETS, PROJECT): CoverageStatus.COLLECTED}


def activity(kind: str, resource: str, last: str | None) -> dict[str, Any]:
    return {
        "fullResourceName": f"//iam.googleapis.com/projects/{PROJECT}/serviceAccounts/{resource}",
        "activityType": kind,
        "observationPeriod": {"startTime": "2025-10-01T07:00:00Z", "endTime": "2026-11-01T07:00:00Z"},
        "activity": {"lastAuthenticatedTime": last} if last else {},
    }


def test_last_use_of_an_account_and_never_used_is_known() -> None:
    kind = "serviceAccountLastAuthentication"
    records = [activity(kind, email(), "2026-10-02T07:00:00Z"), activity(kind, email("b"), None)]
    found = rows("gcp-activity", document({"activities": records}))
    said = [(row.identity_id, row.last_used_at, row.last_used_known, row.status) for row in only(Identity, found)]
    assert said == [(sa(), datetime(2026, 10, 2, 7), True, Status.UNKNOWN), (sa("b"), None, True, Status.UNKNOWN)]
    assert covered(found) == {(Fact.ROLE_USAGE, PROJECT): CoverageStatus.COLLECTED}


def test_last_use_of_a_key_adds_to_the_key() -> None:
    found = rows(
        "gcp-activity", document([activity("serviceAccountKeyLastAuthentication", f"{email()}/keys/5A3B", "2026-10-02T07:00:00Z")])
    )
    (credential,) = only(Credential, found)
    assert (credential.credential_id, credential.last_used_at, credential.status) == (
        f"gcp:key:{email()}/5a3b",
        datetime(2026, 10, 2, 7),
        Status.UNKNOWN,
    )


def test_a_list_that_stops_at_the_default_limit_is_partial() -> None:
    records = [activity("serviceAccountLastAuthentication", email(f"a{number}"), None) for number in range(1000)]
    assert covered(rows("gcp-activity", document(records)))[Fact.ROLE_USAGE, PROJECT] is CoverageStatus.PARTIAL


def insight(member: str, *permissions: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"projects/{PROJECT}/locations/global/insightTypes/google.iam.policy.Insight/insights/1",
        "content": {"role": "roles/owner", "member": member, "exercisedPermissions": [{"permission": name} for name in permissions]},
        "insightSubtype": "PERMISSIONS_USAGE",
        "observationPeriod": "7776000s",
        "lastRefreshTime": "2026-11-01T07:00:00Z",
        "targetResources": [f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}"],
        **more,
    }


def test_exercised_permissions_are_use_and_an_insight_without_any_was_still_a_look() -> None:
    records = [insight(sa(), "iam.roles.list"), insight(sa("b")), insight("user:ana@demo.example", "iam.roles.list")]
    found = rows("gcp-policy-insights", document({"insights": records}))
    assert [(row.identity_id, row.service, row.action, row.window_days) for row in only(Usage, found)] == [
        (sa(), "iam", "iam.roles.list", 90)
    ]
    assert {row.subject_id for row in only(Sighting, found)} == {sa(), sa("b")}
    assert covered(found) == {(Fact.SERVICE_USAGE, PROJECT): CoverageStatus.PARTIAL}


def test_an_insight_is_a_look_at_one_binding_as_a_whole() -> None:
    raw = insight(sa(), "iam.roles.list", "iam.roles.get", targetResources=[f"//cloudresourcemanager.googleapis.com/projects/{NUMBER}"])
    raw["content"] |= {"condition": {"expression": "true", "title": "t"}, "inferredPermissions": [{"permission": "iam.roles.create"}]}
    source = document({"insights": [raw]}, aliases={f"gcp:project:{NUMBER}": PROJECT})
    assert only(Observation, rows("gcp-policy-insights", source)) == [
        Observation(
            identity_id=sa(),
            policy_id="roles/owner",
            resource=f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}",
            condition="true",
            used=["iam.roles.get", "iam.roles.list"],
            inferred=["iam.roles.create"],
            until=datetime(2026, 11, 1, 7),
            window_days=90,
            evidence=f"export.json#insights[{sa()}/roles/owner]",
        )
    ]


def test_an_insight_without_a_period_or_a_date_tells_neither() -> None:
    (row,) = only(
        Observation, rows("gcp-policy-insights", document({"insights": [insight(sa(), observationPeriod=None, lastRefreshTime=None)]}))
    )
    assert (row.used, row.until, row.window_days) == ([], None, None)


def test_the_last_authentication_is_told_with_the_period_that_was_watched() -> None:
    found = rows("gcp-activity", document([activity("serviceAccountLastAuthentication", email(), None)]))
    (row,) = only(Observation, found)
    assert (row.identity_id, row.policy_id, row.used, row.until, row.window_days) == (sa(), None, None, datetime(2026, 11, 1, 7), 396)


def test_recommendations_are_known_and_say_nothing_more() -> None:
    name = f"projects/{PROJECT}/locations/global/recommenders/google.iam.policy.Recommender/recommendations/1"
    assert rows("gcp-recommendations", document([{"name": name, "content": {}}])) == []


KEY_CREATION = "iam.disableServiceAccountKeyCreation"


@pytest.mark.parametrize(
    ("raw", "enforcement"),
    [
        ({"constraint": f"constraints/{KEY_CREATION}", "booleanPolicy": {"enforced": True}}, Enforcement.ENFORCED),
        ({"constraint": f"constraints/{KEY_CREATION}", "booleanPolicy": {}}, Enforcement.OFF),
        ({"constraint": f"constraints/{KEY_CREATION}", "restoreDefault": {}}, Enforcement.UNKNOWN),
        ({"constraint": "constraints/iam.allowedPolicyMemberDomains", "listPolicy": {"allowedValues": ["C0"]}}, Enforcement.ENFORCED),
        ({"constraint": "constraints/iam.allowedPolicyMemberDomains", "listPolicy": {"allValues": "ALLOW"}}, Enforcement.OFF),
        ({"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": True}]}}, Enforcement.ENFORCED),
        ({"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": False}]}}, Enforcement.OFF),
        (
            {"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": True, "condition": {"e": 1}}]}},
            Enforcement.UNKNOWN,
        ),
        ({"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "dryRunSpec": {"rules": [{"enforce": True}]}}, Enforcement.AUDIT),
        ({"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "spec": {"reset": True}}, Enforcement.UNKNOWN),
    ],
)
def test_what_an_organisation_policy_enforces(raw: dict[str, Any], enforcement: Enforcement) -> None:
    (guardrail,) = only(Guardrail, rows("gcp-org-policies", document([raw], scope=PROJECT)))
    assert (guardrail.enforcement, guardrail.scope, guardrail.kind) == (enforcement, PROJECT, "workload_policy")


def test_a_projects_list_does_not_show_what_it_inherits() -> None:
    other = {"name": f"projects/{PROJECT}/policies/compute.skipDefaultNetworkCreation", "spec": {"rules": [{"enforce": True}]}}
    decided = {"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": False}]}}
    above = {"name": f"organizations/1/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": True}]}}
    assert covered(rows("gcp-org-policies", document([other]))) == {(Fact.GUARDRAILS, PROJECT): CoverageStatus.PARTIAL}
    assert covered(rows("gcp-org-policies", document([other, decided]))) == {(Fact.GUARDRAILS, PROJECT): CoverageStatus.COLLECTED}
    found = rows("gcp-org-policies", document({"policies": [above]}))
    assert covered(found) == {(Fact.GUARDRAILS, "*"): CoverageStatus.COLLECTED}
    assert [(row.scope, row.enforcement) for row in only(Guardrail, found)] == [("*", Enforcement.ENFORCED)]


def test_a_projects_own_setting_stands_against_the_organisations() -> None:
    own = {"name": f"projects/{PROJECT}/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": False}]}}
    above = {"name": f"organizations/1/policies/{KEY_CREATION}", "spec": {"rules": [{"enforce": True}]}}
    found = only(Guardrail, rows("gcp-org-policies", document([own, above])))
    assert {(row.scope, row.enforcement) for row in found} == {(PROJECT, Enforcement.OFF), ("*", Enforcement.ENFORCED)}
    assert len({row.guardrail_id for row in found}) == 1


def test_a_first_generation_list_without_a_scope_is_told() -> None:
    found = rows("gcp-org-policies", document([{"constraint": f"constraints/{KEY_CREATION}", "booleanPolicy": {"enforced": True}}]))
    assert only(Guardrail, found) == []
    assert "of which project" in only(Problem, found)[0].message


@pytest.mark.parametrize(
    "raw",
    [
        {"projectId": PROJECT, "projectNumber": NUMBER, "name": "Demo", "lifecycleState": "ACTIVE", "labels": {"environment": "prod"}},
        {"projectId": PROJECT, "name": f"projects/{NUMBER}", "displayName": "Demo", "state": "ACTIVE", "labels": {"environment": "prod"}},
    ],
    ids=["v1", "v3"],
)
def test_a_project_is_an_account_with_a_number(raw: dict[str, Any]) -> None:
    found = rows("gcp-projects", document([raw]))
    (account,), (alias,) = only(Account, found), only(Alias, found)
    assert (account.scope, account.name, account.environment, account.provider) == (PROJECT, "Demo", "prod", "gcp")
    assert (alias.alias, alias.identity_id) == (f"gcp:project:{NUMBER}", PROJECT)


def test_a_project_on_its_way_out_is_none_of_ours() -> None:
    assert rows("gcp-projects", document([{"projectId": PROJECT, "projectNumber": NUMBER, "lifecycleState": "DELETE_REQUESTED"}])) == []
