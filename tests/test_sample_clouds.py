"""The sample company's Google Cloud and Azure: counted from the files by plain code, neither by the generator nor by the product."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.test_sample_data import QUARTERS, SAMPLES, answer_key, declared, listed, policy, story, values

GCP = ("prod", "nonprod", "data")
AZURE = ("prod", "nonprod")
MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


def flat(path: Path) -> list[Any]:
    """Records of lists, of Graph and ARM pages, and of several answers one after another."""
    found: list[Any] = []
    for value in values(path):
        held = value.get("value", value) if isinstance(value, dict) else value
        found += held if isinstance(held, list) else [held]
    return found


def google(quarter: str, name: str, projects: tuple[str, ...] = GCP) -> list[Any]:
    paths = [SAMPLES / quarter / "gcp" / project / f"{name}.json" for project in projects]
    return [record for path in paths if path.exists() for record in flat(path)]


def azure(quarter: str, name: str, folders: tuple[str, ...] = AZURE) -> list[Any]:
    paths = [SAMPLES / quarter / "azure" / folder / f"{name}.json" for folder in folders]
    return [record for path in paths if path.exists() for record in flat(path)]


def counts(quarter: str) -> dict[str, int]:
    found: dict[str, int] = answer_key()[quarter]["counts"]
    return found


def as_of(quarter: str) -> datetime:
    return datetime.fromisoformat(json.loads((SAMPLES / quarter / "manifest.json").read_text(encoding="utf-8"))["as_of"])


def gaps(quarter: str, fact: str) -> set[str]:
    manifest = json.loads((SAMPLES / quarter / "manifest.json").read_text(encoding="utf-8"))
    return {gap["scope"] for gap in manifest["not_collected"] if gap["fact"] == fact}


def google_keys(quarter: str) -> list[Any]:
    """Records of all accounts' lists."""
    return [key for answer in google(quarter, "service-account-keys") for key in answer["keys"]]


def user_managed(quarter: str) -> dict[str, list[str]]:
    """Service account -> ids of its active user-managed keys."""
    found: dict[str, list[str]] = {}
    for key in google_keys(quarter):
        assert key["keyType"] == "USER_MANAGED"
        _, _, _, account, _, key_id = key["name"].split("/")
        if not key.get("disabled"):
            found.setdefault(account, []).append(key_id)
    return found


def signs_in_with(quarter: str) -> dict[str, set[str]]:
    """Application id -> ids of its secrets and certificates that have not expired, on the application or on its service principal."""
    found: dict[str, set[str]] = {}
    principals = [entry for entry in azure(quarter, "service-principals", ("tenant",)) if entry["servicePrincipalType"] == "Application"]
    for entry in [*azure(quarter, "applications", ("tenant",)), *principals]:
        held = {
            secret["keyId"]
            for secret in [*entry["passwordCredentials"], *entry["keyCredentials"]]
            if datetime.fromisoformat(secret["endDateTime"]).replace(tzinfo=None) > as_of(quarter).replace(tzinfo=None)
        }
        found.setdefault(entry["appId"], set()).update(held)
    return found


def federated(quarter: str) -> dict[str, list[Any]]:
    return {
        answer["appId"]: answer["federatedIdentityCredentials"]
        for answer in azure(quarter, "federated-credentials", ("tenant",))
        if answer["federatedIdentityCredentials"]
    }


def principals(quarter: str, **having: Any) -> dict[str, dict[str, Any]]:
    """Service principals by the subject of the answer key."""
    listing = azure(quarter, "service-principals", ("tenant",))
    return {f"azure:{entry['id']}": entry for entry in listing if all(entry[name] == value for name, value in having.items())}


def of_applications(quarter: str, app_ids: set[str]) -> set[str]:
    return {subject for subject, entry in principals(quarter).items() if entry["appId"] in app_ids}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_google_identities_are_as_many_as_the_key_says(quarter: str) -> None:
    accounts, said = google(quarter, "service-accounts"), counts(quarter)
    assert len({account["email"] for account in accounts}) == len(accounts) == said["gcp_service_accounts"]
    assert sum(account.get("disabled", False) for account in accounts) == said["gcp_disabled_service_accounts"]
    assert len(google_keys(quarter)) == said["gcp_user_managed_keys_listed"]
    assert len(google(quarter, "api-keys")) + len(google(quarter, "hmac-keys")) == said["gcp_api_and_hmac_keys"]
    running = [record for name in ("run-services", "functions", "compute-instances") for record in google(quarter, name)]
    assert len(running) == said["gcp_workloads"]


@pytest.mark.parametrize("quarter", QUARTERS)
def test_azure_identities_are_as_many_as_the_key_says(quarter: str) -> None:
    said, applications = counts(quarter), azure(quarter, "applications", ("tenant",))
    assert len(applications) == said["azure_applications"]
    assert len(principals(quarter)) == said["azure_service_principals"]
    assert len(principals(quarter, appOwnerOrganizationId=MICROSOFT)) == said["azure_first_party_service_principals"]
    assert len(principals(quarter, servicePrincipalType="ManagedIdentity")) == said["azure_managed_identities"]
    holders = [*applications, *principals(quarter, servicePrincipalType="Application").values()]
    held = [secret for entry in holders for secret in [*entry["passwordCredentials"], *entry["keyCredentials"]]]
    assert len(held) == said["azure_secrets_and_certificates"]
    assert len(held) - sum(map(len, signs_in_with(quarter).values())) == said["azure_expired_secrets_and_certificates"]
    assert len(azure(quarter, "virtual-machines")) + len(azure(quarter, "function-apps")) == said["azure_workloads"]


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_account_of_google_is_in_exactly_one_story_that_places_it(quarter: str) -> None:
    placed = [
        subject
        for entry in answer_key()[quarter]["stories"]
        if entry["story"].startswith("gcp-") and entry["story"] not in ("gcp-keys-removed", "gcp-open-resource", "gcp-api-key")
        for subject in entry["subjects"]
    ]
    assert sorted(placed) == sorted(f"serviceAccount:{account['email']}" for account in google(quarter, "service-accounts"))


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_service_principal_of_ours_is_in_exactly_one_story_that_places_it(quarter: str) -> None:
    placed = [
        subject
        for entry in answer_key()[quarter]["stories"]
        if entry["story"].startswith(("azure-", "cross-cloud-google-into-azure")) and entry["story"] != "azure-secrets-replaced"
        for subject in entry["subjects"]
    ]
    assert sorted(placed) == sorted(set(principals(quarter)) - set(principals(quarter, appOwnerOrganizationId=MICROSOFT)))


@pytest.mark.parametrize("quarter", QUARTERS)
def test_accounts_said_to_be_native_hold_no_key_that_works(quarter: str) -> None:
    keyed = {f"serviceAccount:{account}" for account in user_managed(quarter)}
    keyed |= {f"serviceAccount:{key['serviceAccountEmail']}" for key in google(quarter, "hmac-keys")}
    native = {subject for project in GCP for subject in story(quarter, f"gcp-native-{project}")}
    assert native.isdisjoint(keyed)
    names = ("in-code", "shared-over-environments", "in-ci", "in-one-environment", "in-manager", "storage-unknown")
    told = {subject for name in names for subject in story(quarter, f"gcp-key-{name}")} | story(quarter, "gcp-hmac-key")
    assert keyed == told


@pytest.mark.parametrize("quarter", QUARTERS)
def test_what_people_declare_of_keys_names_keys_that_are_there_and_work(quarter: str) -> None:
    of_google = {key: f"serviceAccount:{account}" for account, keys in user_managed(quarter).items() for key in keys}
    azure_keys = {key: app_id for app_id, keys in signs_in_with(quarter).items() for key in keys}
    told: dict[str, set[str]] = {}
    for row in declared(quarter, "cloud-keys"):
        key = row["native_id"]
        subjects = {of_google[key]} if row["provider"] == "gcp" else of_applications(quarter, {azure_keys[key]})
        told.setdefault(f"{row['provider']} {row['storage']} {row['isolation']}", set()).update(subjects)
    for provider, thing in (("gcp", "key"), ("azure", "secret")):
        assert told[f"{provider} source_code "] == story(quarter, f"{provider}-{thing}-in-code")
        assert told[f"{provider} secrets_manager isolated"] == story(quarter, f"{provider}-{thing}-in-manager")
        assert told[f"{provider} env_var isolated"] == story(quarter, f"{provider}-{thing}-in-one-environment")
        assert told.get(f"{provider} env_var shared", set()) == story(quarter, f"{provider}-{thing}-shared-over-environments")
        in_ci = story(quarter, f"{provider}-{thing}-in-ci") | story(quarter, f"{provider}-regression")
        assert told.get(f"{provider} cicd_store ", set()) == in_ci


@pytest.mark.parametrize("quarter", QUARTERS)
def test_federated_applications_hold_no_secret_that_works(quarter: str) -> None:
    trusted, held = federated(quarter), signs_in_with(quarter)
    only = {app_id for app_id in trusted if not held[app_id]}
    told = story(quarter, "azure-federated") | story(quarter, "azure-federation-too-wide") | story(quarter, "cross-cloud-google-into-azure")
    assert of_applications(quarter, only) == told
    loose = {app_id for app_id, entries in trusted.items() if any("claimsMatchingExpression" in entry for entry in entries)}
    assert of_applications(quarter, loose) == story(quarter, "azure-federation-too-wide")
    assert of_applications(quarter, set(trusted) - only) == story(quarter, "azure-regression")


def test_one_application_is_the_only_one_that_got_a_secret_beside_its_federated_credential() -> None:
    (got_worse,) = story("q3-2026", "azure-regression")
    (app_id,) = {principals("q3-2026")[got_worse]["appId"]}
    assert not signs_in_with("q2-2026")[app_id]
    (key,) = signs_in_with("q3-2026")[app_id]
    ends = {
        secret["keyId"]: secret["endDateTime"]
        for entry in azure("q3-2026", "applications", ("tenant",))
        for secret in entry["passwordCredentials"]
    }
    assert ends[key].startswith("2099")
    before, after = signs_in_with("q2-2026"), signs_in_with("q3-2026")
    assert [name for name in before if name in after and len(after[name]) > len(before[name])] == [app_id]
    keys_before, keys_after = user_managed("q2-2026"), user_managed("q3-2026")
    nonprod = {account["email"] for account in google("q2-2026", "service-accounts", ("nonprod",))}
    assert all(len(keys_after[name]) <= len(keys_before[name]) for name in set(keys_after) - nonprod)


def test_keys_and_secrets_were_given_up_between_the_quarters() -> None:
    gone = {f"serviceAccount:{name}" for name in set(user_managed("q2-2026")) - set(user_managed("q3-2026"))}
    assert gone == story("q3-2026", "gcp-keys-removed")
    before, after = signs_in_with("q2-2026"), signs_in_with("q3-2026")
    moved = {app_id for app_id in before if before[app_id] and not after.get(app_id, {1})}
    assert of_applications("q3-2026", moved) == story("q3-2026", "azure-secrets-replaced")


@pytest.mark.parametrize(("quarter", "enforced"), [("q2-2026", set()), ("q3-2026", {"prod"})])
def test_key_creation_is_refused_in_production_since_the_third_quarter(quarter: str, enforced: set[str]) -> None:
    found = set()
    for project in GCP:
        for entry in google(quarter, "org-policies", (project,)):
            if entry["name"].endswith("iam.disableServiceAccountKeyCreation") and entry["spec"]["rules"] == [{"enforce": True}]:
                found.add(project)
    assert found == enforced
    assert "quillhaven-nonprod" in gaps(quarter, "guardrails")
    logged = {
        project
        for project in GCP
        for found_policy in [
            *google(quarter, "project-iam-policy", (project,)),
            *[entry["policy"] for entry in google(quarter, "ancestors-iam-policy", (project,))],
        ]
        for config in found_policy.get("auditConfigs", [])
        if config["service"] == "allServices" and {entry["logType"] for entry in config["auditLogConfigs"]} >= {"DATA_READ", "DATA_WRITE"}
    }
    assert logged == {"prod", "nonprod"}


def test_azure_governance_grew_in_the_tenant_and_in_production() -> None:
    assert not azure("q2-2026", "default-app-management-policy", ("tenant",))
    assert [entry["isEnabled"] for entry in azure("q3-2026", "default-app-management-policy", ("tenant",))] == [True]
    assert [len(azure(quarter, "policy-assignments", ("prod",))) for quarter in QUARTERS] == [1, 2]
    for quarter in QUARTERS:
        exported = {}
        for folder in AZURE:
            logs = [log for entry in azure(quarter, "diagnostic-settings", (folder,)) for log in entry["logs"]]
            exported[folder] = any(log["enabled"] for log in logs if log["category"] == "Administrative")
        assert exported == {"prod": True, "nonprod": False}


def test_keys_of_nonprod_could_be_listed_from_the_third_quarter_on() -> None:
    assert "quillhaven-nonprod" in gaps("q2-2026", "access_keys")
    assert "quillhaven-nonprod" not in gaps("q3-2026", "access_keys")
    listed_in = [{key["name"].split("/")[1] for key in google_keys(quarter)} for quarter in QUARTERS]
    assert listed_in == [{"quillhaven-prod", "quillhaven-data"}, {"quillhaven-prod", "quillhaven-data", "quillhaven-nonprod"}]


@pytest.mark.parametrize("quarter", QUARTERS)
def test_clouds_trust_each_other_by_ids_that_exist(quarter: str) -> None:
    ids = {account["uniqueId"] for account in google(quarter, "service-accounts", ("prod",))}
    (role,) = [entry for entry in listed(quarter, "RoleDetailList") if entry["Arn"] in story(quarter, "cross-cloud-google-into-aws")]
    (statement,) = policy(role["AssumeRolePolicyDocument"])["Statement"]
    assert statement["Principal"] == {"Federated": "accounts.google.com"}
    assert statement["Condition"]["StringEquals"]["accounts.google.com:sub"] in ids
    subjects = {
        entry["subject"] for entries in federated(quarter).values() for entry in entries if entry["issuer"] == "https://accounts.google.com"
    }
    assert len(subjects) == 1
    assert subjects <= ids
    (from_aws,) = [entry for entry in google(quarter, "workload-identity-pool-providers") if "aws" in entry]
    assert from_aws["aws"]["accountId"] == "777788889999"


@pytest.mark.parametrize("quarter", QUARTERS)
def test_one_pool_lets_in_everyone_and_one_asks_who_owns_the_repository(quarter: str) -> None:
    open_pools = {
        entry["name"].split("/providers/")[0]
        for entry in google(quarter, "workload-identity-pool-providers")
        if "attributeCondition" not in entry
    }
    granted = {
        f"serviceAccount:{answer['serviceAccount']}"
        for answer in google(quarter, "service-account-iam-policies")
        for binding in answer["policy"].get("bindings", [])
        for member in binding["members"]
        if member.endswith("/*") and any(pool in member for pool in open_pools)
    }
    assert granted == story(quarter, "gcp-pool-too-wide")


@pytest.mark.parametrize("quarter", QUARTERS)
def test_what_all_users_reach_is_in_the_key(quarter: str) -> None:
    opened = {
        answer["resource"]
        for answer in google(quarter, "resource-iam-policies")
        for binding in answer["policy"]["bindings"]
        if "allUsers" in binding["members"]
    }
    assert opened == story(quarter, "gcp-open-resource")


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_same_people_answer_for_things_in_all_three_clouds(quarter: str) -> None:
    aws = {tag["Value"] for role in listed(quarter, "RoleDetailList") for tag in role["Tags"] if tag["Key"].lower() == "owner"}
    of_google = {row["owner_id"] for row in declared(quarter, "cloud-owners")}
    of_azure = {owner["mail"] for entry in azure(quarter, "application-owners", ("tenant",)) for owner in entry["owners"]}
    assert len(aws & of_google & of_azure) >= 4


@pytest.mark.parametrize("quarter", QUARTERS)
def test_ids_of_the_clouds_say_that_they_are_nobodys_and_no_value_is_there(quarter: str) -> None:
    for key in google_keys(quarter):
        assert re.fullmatch(r"5a3b1e[0-9a-f]{34}", key["name"].rsplit("/", 1)[-1])
    for entry in azure(quarter, "applications", ("tenant",)):
        assert entry["appId"].startswith("5a3b1e00-")
        assert all(secret["secretText"] is None for secret in entry["passwordCredentials"])
    assert not any("keyString" in entry for entry in google(quarter, "api-keys"))
    assert {f"gcp:api_key:{entry['uid']}" for entry in google(quarter, "api-keys")} == story(quarter, "gcp-api-key")


@pytest.mark.parametrize("quarter", QUARTERS)
def test_no_key_begins_after_the_day_of_collection(quarter: str) -> None:
    keys = [key["validAfterTime"] for key in google_keys(quarter)]
    keys += [
        secret["startDateTime"]
        for entry in azure(quarter, "applications", ("tenant",))
        for secret in [*entry["passwordCredentials"], *entry["keyCredentials"]]
    ]
    assert len(keys) > 20
    assert all(datetime.fromisoformat(start) < as_of(quarter) for start in keys)


def test_by_the_key_one_identity_of_the_new_clouds_got_certainly_worse_and_many_better() -> None:
    def placed(quarter: str) -> dict[str, tuple[int, int]]:
        stories = [entry for entry in answer_key()[quarter]["stories"] if entry["stage"]]
        return {subject: tuple(entry["stage"]) for entry in stories for subject in entry["subjects"] if not subject.startswith("arn:")}

    before, after = placed("q2-2026"), placed("q3-2026")
    both = before.keys() & after.keys()
    assert len(both) > 110
    assert {subject for subject in both if after[subject][1] < before[subject][0]} == story("q3-2026", "azure-regression")
    assert len([subject for subject in both if after[subject][0] > before[subject][1]]) > 25


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_new_clouds_alone_show_every_stage_but_the_fifth_where_the_code_was_scanned(quarter: str) -> None:
    """Keys of service accounts and applications buy tokens: kept well they stand at 6, where a key used directly stands at 5."""
    points = {
        tuple(entry["stage"])
        for entry in answer_key()[quarter]["stories"]
        if entry["stage"] and entry["story"].startswith(("gcp-", "azure-"))
    }
    assert {low for low, high in points if low == high} >= ({1, 2, 6} if quarter == "q2-2026" else {1, 2, 3, 4, 6, 7})


def test_the_addition_stays_small() -> None:
    sizes = [
        path.stat().st_size for quarter in QUARTERS for cloud in ("gcp", "azure") for path in (SAMPLES / quarter / cloud).rglob("*.json")
    ]
    assert len(sizes) > 100
    assert sum(sizes) < 1_500_000
