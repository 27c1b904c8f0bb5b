"""The sample company: its files are what the generator writes, in the shapes that tools print, and hold what the answer key says.

Everything is counted from the files by plain code: neither the generator nor the product is asked.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"
QUARTERS = ("q2-2026", "q3-2026")
ACCOUNTS = {"prod": "111122223333", "nonprod": "444455556666", "tooling": "777788889999"}
KEY_ID = re.compile(r"AKIA[A-Z0-9]{16}")
REAL_KEY_ID = re.compile(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Z0-9])")


def values(path: Path) -> list[Any]:
    """JSON values of a file: one, one a line, or one after another."""
    text, found, at = path.read_text(encoding="utf-8"), [], 0
    decoder = json.JSONDecoder()
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def answer_key() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / "answer-key.json").read_text(encoding="utf-8"))
    return found


def story(quarter: str, name: str) -> set[str]:
    return {subject for entry in answer_key()[quarter]["stories"] if entry["story"] == name for subject in entry["subjects"]}


def details(quarter: str) -> list[dict[str, Any]]:
    return [page for path in sorted((SAMPLES / quarter / "aws").glob("*/account-authorization-details*.json")) for page in values(path)]


def listed(quarter: str, name: str) -> list[dict[str, Any]]:
    return [entry for page in details(quarter) for entry in page[name]]


def policy(raw: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unquote(raw)) if isinstance(raw, str) else raw
    return found


def reports(quarter: str) -> dict[str, list[dict[str, str]]]:
    """Rows of the credential reports, by account folder."""
    found = {}
    for path in sorted((SAMPLES / quarter / "aws").glob("*/credential-report.*")):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            text = base64.b64decode(json.loads(text)["Content"]).decode()
        found[path.parent.name] = list(csv.DictReader(io.StringIO(text)))
    return found


def keys(quarter: str) -> list[dict[str, Any]]:
    """Access keys with the ARN of their user."""
    arns = {(user["Arn"].split(":")[4], user["UserName"]): user["Arn"] for user in listed(quarter, "UserDetailList")}
    return [
        {**key, "Arn": arns[ACCOUNTS[path.parent.parent.name], key["UserName"]]}
        for path in sorted((SAMPLES / quarter / "aws").glob("*/access-keys/access-keys.json"))
        for answer in values(path)
        for key in answer["AccessKeyMetadata"]
    ]


def active_keys(quarter: str) -> dict[str, str]:
    """Id of each active access key -> ARN of its user."""
    return {key["AccessKeyId"]: key["Arn"] for key in keys(quarter) if key["Status"] == "Active"}


def variables(quarter: str) -> list[tuple[str, dict[str, str]]]:
    """(environment, variables) of every function and container."""
    found = []
    for path in sorted((SAMPLES / quarter / "aws").glob("*/lambda-functions.json")):
        for function in values(path)[0]["Functions"]:
            held = function["Environment"]["Variables"]
            found.append((held["ENVIRONMENT"], held))
    for path in sorted((SAMPLES / quarter / "aws").glob("*/ecs-task-definitions.json")):
        for answer in values(path):
            environment = next(tag["value"] for tag in answer["tags"] if tag["key"] == "environment")
            for container in answer["taskDefinition"]["containerDefinitions"]:
                found.append((environment, {entry["name"]: entry["value"] for entry in container["environment"]}))
    return found


def environments_of_keys(quarter: str) -> dict[str, set[str]]:
    """ARN of a user -> environments whose workloads hold its active key."""
    owners = active_keys(quarter)
    found: dict[str, set[str]] = {}
    for environment, held in variables(quarter):
        for value in held.values():
            if value in owners:
                found.setdefault(owners[value], set()).add(environment)
    return found


def declared(quarter: str, name: str) -> list[dict[str, str]]:
    with (SAMPLES / quarter / "declared" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def secrets_in_code(quarter: str) -> Counter[str]:
    """What scanners saw in places that are still open: gitleaks, trufflehog and GitHub."""
    folder, found = SAMPLES / quarter / "secrets", Counter[str]()
    for path in sorted(folder.glob("*/gitleaks.json")):
        found.update(finding["Secret"] for finding in values(path)[0])
    for path in sorted(folder.glob("*/trufflehog.jsonl")):
        found.update(finding["Raw"] for finding in values(path) if "Raw" in finding)
    found.update(alert["secret"] for alert in values(folder / "github-secret-scanning-alerts.json")[0] if alert["state"] == "open")
    return found


def is_people_or_aws(role: dict[str, Any]) -> bool:
    saml = any("SAML" in str(statement["Action"]) for statement in policy(role["AssumeRolePolicyDocument"])["Statement"])
    return saml or role["Path"].startswith(("/aws-service-role/", "/aws-reserved/"))


def test_the_generator_writes_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SAMPLES / "generate.py"), "--into", str(tmp_path)], check=True, capture_output=True)
    made = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {
        path.relative_to(SAMPLES): path.read_bytes()
        for top in (*QUARTERS, "answer-key.json")
        for path in [SAMPLES / top, *(SAMPLES / top).rglob("*")]
        if path.is_file()
    }
    assert len(made) > 100
    assert made.keys() == kept.keys()
    assert [path for path in made if made[path] != kept[path]] == []
    assert sum(map(len, kept.values())) < 4_000_000


@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_manifest_names_every_file_with_its_hash(quarter: str) -> None:
    folder = SAMPLES / quarter
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {"manifest.json"}
    assert {entry["path"] for entry in manifest["files"]} == files
    for entry in manifest["files"]:
        assert hashlib.sha256((folder / entry["path"]).read_bytes()).hexdigest() == entry["sha256"], entry["path"]
    assert {gap["fact"] for gap in manifest["not_collected"]} >= {"service_usage", "stored_secrets", "guardrails", "resource_policies"}


@pytest.mark.parametrize("quarter", QUARTERS)
def test_about_four_hundred_machine_identities_stand_beside_people_and_aws_roles(quarter: str) -> None:
    counts, roles = answer_key()[quarter]["counts"], listed(quarter, "RoleDetailList")
    machines = [role for role in roles if not is_people_or_aws(role)]
    with_keys = {key["Arn"] for key in keys(quarter)}
    rows = [row for report in reports(quarter).values() for row in report]
    people = [row for row in rows if row["password_enabled"] == "true" and row["arn"] not in with_keys]
    users = listed(quarter, "UserDetailList")
    without_report = 0 if "tooling" in reports(quarter) else 3  # people of the tooling account, whose report was denied
    assert len(machines) + len(users) - len(people) - without_report == counts["nonhuman_identities"]
    assert 380 <= counts["nonhuman_identities"] <= 420
    assert len(people) + without_report == counts["people_with_password_only"] == 13
    assert sum(role["Path"].startswith("/aws-service-role/") for role in roles) == counts["service_linked_roles"] == 24
    assert sum(role["Path"].startswith("/aws-reserved/") for role in roles) == counts["reserved_sso_roles"] == 12
    assert len(active_keys(quarter)) == counts["active_access_keys"]
    assert (len(roles), len(users)) == (counts["roles"], counts["users"])


@pytest.mark.parametrize("quarter", QUARTERS)
def test_key_ids_are_unique_twenty_characters_and_never_look_real(quarter: str) -> None:
    found = [key["AccessKeyId"] for key in keys(quarter)]
    assert len(found) == len(set(found)) > 70
    assert all(KEY_ID.fullmatch(key) for key in found)
    for path in (SAMPLES / quarter).rglob("*"):
        if path.is_file():
            assert REAL_KEY_ID.search(path.read_text(encoding="utf-8")) is None, path


@pytest.mark.parametrize("quarter", QUARTERS)
def test_keys_in_code_are_active_and_dead_or_foreign_ones_are_there_to_be_told_apart(quarter: str) -> None:
    seen, active = secrets_in_code(quarter), active_keys(quarter)
    assert {active[value] for value in seen if value in active} == story(quarter, "key-in-code")
    inactive = {key["AccessKeyId"] for key in keys(quarter) if key["Status"] == "Inactive"}
    assert len(inactive & set(seen)) == {"q2-2026": 2, "q3-2026": 3}[quarter]  # report-builder's, once its repository was scanned
    assert seen["REDACTED"] == 1
    assert seen["AKIASAMPLEFOREIGN008"] == 1


@pytest.mark.parametrize("quarter", QUARTERS)
def test_variables_tell_isolated_keys_from_shared_ones(quarter: str) -> None:
    held = environments_of_keys(quarter)
    assert {arn for arn, where in held.items() if len(where) > 1} == story(quarter, "key-shared-over-environments")
    assert {arn for arn, where in held.items() if len(where) == 1} == story(quarter, "key-in-one-environment")


def test_customs_docs_is_the_one_identity_that_got_worse() -> None:
    (arn,) = story("q3-2026", "regression")
    assert environments_of_keys("q2-2026")[arn] == {"production"}
    assert environments_of_keys("q3-2026")[arn] == {"production", "staging"}
    before, after = environments_of_keys("q2-2026"), environments_of_keys("q3-2026")
    assert [name for name in before if len(after.get(name, ())) > len(before[name])] == [arn]


@pytest.mark.parametrize("quarter", QUARTERS)
def test_keys_declared_in_the_manager_are_active_and_only_some_are_rotated(quarter: str) -> None:
    as_of = datetime.fromisoformat(json.loads((SAMPLES / quarter / "manifest.json").read_text(encoding="utf-8"))["as_of"])
    created = {key["AccessKeyId"]: datetime.fromisoformat(key["CreateDate"]) for key in keys(quarter)}
    owners = active_keys(quarter)
    fresh: set[str] = set()
    old: set[str] = set()
    for row in declared(quarter, "platform-inventory"):
        assert (row["nhi_table"], row["storage"]) == ("credential", "secrets_manager")
        (fresh if as_of - created[row["native_id"]] <= timedelta(days=90) else old).add(owners[row["native_id"]])
    assert fresh == story(quarter, "key-in-manager") | story(quarter, "key-buys-tokens")
    assert old == story(quarter, "key-in-manager-not-rotated")


@pytest.mark.parametrize("quarter", QUARTERS)
def test_users_that_only_buy_tokens_may_do_nothing_else(quarter: str) -> None:
    named = story(quarter, "key-buys-tokens") | story(quarter, "key-buys-tokens-storage-unknown")
    found = set()
    for user in listed(quarter, "UserDetailList"):
        documents = [policy(entry["PolicyDocument"]) for entry in user.get("UserPolicyList", [])]
        actions = {str(statement["Action"]) for document in documents for statement in document["Statement"]}
        if actions == {"sts:AssumeRole"} and not user["AttachedManagedPolicies"] and not user["GroupList"]:
            found.add(user["Arn"])
    assert found == named


@pytest.mark.parametrize("quarter", QUARTERS)
def test_one_role_is_open_to_anyone_and_one_only_seems_so(quarter: str) -> None:
    opened: set[str] = set()
    limited: set[str] = set()
    for role in listed(quarter, "RoleDetailList"):
        for statement in policy(role["AssumeRolePolicyDocument"])["Statement"]:
            if statement["Principal"] == {"AWS": "*"}:
                (limited if "Condition" in statement else opened).add(role["Arn"])
    assert opened == story(quarter, "role-open-to-anyone")
    assert len(limited) == 1


@pytest.mark.parametrize("quarter", QUARTERS)
def test_federation_too_wide_is_what_lacks_a_narrow_subject(quarter: str) -> None:
    found = set()
    for role in listed(quarter, "RoleDetailList"):
        for statement in policy(role["AssumeRolePolicyDocument"])["Statement"]:
            if statement["Action"] == "sts:AssumeRoleWithWebIdentity":
                conditions = {key: value for block in statement["Condition"].values() for key, value in block.items()}
                subjects = [value for key, value in conditions.items() if key.endswith(":sub")]
                if not subjects or subjects == ["system:serviceaccount:*:*"]:
                    found.add(role["Arn"])
    assert found == story(quarter, "federation-too-wide")


@pytest.mark.parametrize("quarter", QUARTERS)
def test_vendor_roles_trust_foreign_accounts_with_or_without_external_id(quarter: str) -> None:
    foreign, without = set(), set()
    for role in listed(quarter, "RoleDetailList"):
        for statement in policy(role["AssumeRolePolicyDocument"])["Statement"]:
            trusted = statement["Principal"].get("AWS", "")
            if str(trusted).endswith(":root") and trusted.split(":")[4] not in ACCOUNTS.values():
                foreign.add(role["Arn"])
                without |= set() if "Condition" in statement else {role["Arn"]}
    assert foreign == story(quarter, "vendor-role")
    assert without == story(quarter, "vendor-without-external-id")


@pytest.mark.parametrize("quarter", QUARTERS)
def test_open_resources_are_those_without_any_condition(quarter: str) -> None:
    opened = set()
    for path in sorted((SAMPLES / quarter / "aws").glob("*/resource-policies.json")):
        for answer in values(path):
            for statement in json.loads(answer["Policy"] or '{"Statement": []}')["Statement"]:
                everyone = statement["Principal"] in ("*", {"AWS": "*"})
                if everyone and statement["Effect"] == "Allow" and "Condition" not in statement:
                    opened.add(answer["ResourceArn"])
    for path in sorted((SAMPLES / quarter / "aws").glob("*/function-urls.json")):
        opened |= {answer["FunctionArn"] for answer in values(path) if answer["AuthType"] == "NONE"}
    assert opened == story(quarter, "open-resource")


def test_payments_gave_up_fifteen_keys_and_took_roles_instead() -> None:
    def payments(quarter: str, name: str) -> set[str]:
        services = "payment-gateway|payout-runner|refund-handler|settlement-batch|dispute-intake"
        pattern = re.compile(rf"(user/service/svc-({services})-(prod|staging|dev)|role/(ci/gha-)?({services})(-deploy|-\w+-task))$")
        return {entry["Arn"] for entry in listed(quarter, name) if pattern.search(entry["Arn"])}

    assert len(payments("q2-2026", "UserDetailList")) == 15
    assert payments("q3-2026", "UserDetailList") == set()
    assert payments("q2-2026", "RoleDetailList") == set()
    assert len(payments("q3-2026", "RoleDetailList")) == 16
    assert story("q3-2026", "payments-moved") <= payments("q3-2026", "RoleDetailList")


def test_owners_were_assigned_and_unused_roles_removed_between_the_quarters() -> None:
    def owned(quarter: str) -> float:
        roles = [role for role in listed(quarter, "RoleDetailList") if not is_people_or_aws(role)]
        return sum(any(tag["Key"].lower() == "owner" for tag in role["Tags"]) for role in roles) / len(roles)

    assert owned("q2-2026") < 0.75 < owned("q3-2026") < 0.95
    gone = {role["Arn"] for role in listed("q2-2026", "RoleDetailList")} - {role["Arn"] for role in listed("q3-2026", "RoleDetailList")}
    assert len(gone) == 12
    for quarter in QUARTERS:
        departed = {row["owner_id"] for row in declared(quarter, "people") if row["status"] == "departed"}
        tags = {tag["Value"] for role in listed(quarter, "RoleDetailList") for tag in role["Tags"]}
        assert departed & tags


def test_new_scope_of_the_third_quarter_is_the_document_ai_team() -> None:
    def team(quarter: str) -> int:
        entries = [*listed(quarter, "RoleDetailList"), *listed(quarter, "UserDetailList")]
        return sum("docai" in entry["Arn"] or "p9xq" in entry["Arn"] for entry in entries)

    assert team("q2-2026") == 0
    assert team("q3-2026") == 16
    assert len(declared("q3-2026", "repositories")) - len(declared("q2-2026", "repositories")) == 2


@pytest.mark.parametrize(("quarter", "guarded"), [("q2-2026", {"prod"}), ("q3-2026", {"prod", "tooling"})])
def test_control_policies_cover_only_some_accounts(quarter: str, guarded: set[str]) -> None:
    found = set()
    for answer in values(SAMPLES / quarter / "aws" / "organization" / "service-control-policies.json"):
        if not answer["Policy"]["PolicySummary"]["AwsManaged"]:
            found |= {target["TargetId"] for target in answer["Targets"] if target["Type"] == "ACCOUNT"}
    assert found == {ACCOUNTS[alias] for alias in guarded}
    trails = {path.parent.parent.name for path in (SAMPLES / quarter / "aws").glob("*/cloudtrail/trails.json")}
    assert trails == guarded | {"nonprod"}


def test_reports_come_in_every_dialect_and_one_root_lacks_a_second_factor() -> None:
    text = {
        alias: (SAMPLES / "q3-2026" / "aws" / alias / "credential-report.csv").read_text(encoding="utf-8") for alias in ("prod", "nonprod")
    }
    assert all(not report.endswith("\n") and report.splitlines()[1].startswith("<root_account>") for report in text.values())
    assert "+00:00" in text["nonprod"]
    assert "+00:00" not in text["prod"]
    roots = {alias: rows[0] for alias, rows in reports("q3-2026").items()}
    assert {alias: root["mfa_active"] for alias, root in roots.items()} == {"prod": "true", "nonprod": "false", "tooling": "true"}
    assert all(root["access_key_1_active"] == "false" for root in roots.values())
    assert len(text["prod"].splitlines()[0].split(",")) == 22
    assert "tooling" not in reports("q2-2026")


def test_nonprod_comes_as_two_raw_pages() -> None:
    for quarter in QUARTERS:
        first, second = (
            values(SAMPLES / quarter / f"aws/nonprod/account-authorization-details-page-{number}.json")[0] for number in (1, 2)
        )
        assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)
        assert first["Marker"]
        assert first["RoleDetailList"][0]["AssumeRolePolicyDocument"].startswith("%7B")


def test_no_date_lies_after_the_day_of_collection() -> None:
    for quarter in QUARTERS:
        manifest = json.loads((SAMPLES / quarter / "manifest.json").read_text(encoding="utf-8"))
        limit = datetime.fromisoformat(manifest["as_of"])
        for page in details(quarter):
            for role in page["RoleDetailList"]:
                used = role["RoleLastUsed"].get("LastUsedDate")
                assert datetime.fromisoformat(role["CreateDate"]) < limit
                assert used is None or datetime.fromisoformat(role["CreateDate"]) < datetime.fromisoformat(used) < limit, role["Arn"]
        assert all(datetime.fromisoformat(key["CreateDate"]) < limit for key in keys(quarter))


def test_the_second_quarter_scanned_half_of_the_repositories_and_the_third_every_one() -> None:
    unscanned = {}
    for quarter in QUARTERS:
        scanned = {f"quillhaven/{path.name}" for path in (SAMPLES / quarter / "secrets").iterdir() if path.is_dir()}
        unscanned[quarter] = {row["target_id"] for row in declared(quarter, "repositories")} - scanned
    assert len(unscanned["q2-2026"]) == 9
    assert unscanned["q3-2026"] == set()


def test_the_readme_states_the_counts_of_the_answer_key() -> None:
    text, key = (SAMPLES / "README.md").read_text(encoding="utf-8"), answer_key()
    for name in key["q2-2026"]["counts"]:
        row = f"| {name.replace('_', ' ')} | {key['q2-2026']['counts'][name]} | {key['q3-2026']['counts'][name]} |"
        assert row in text, f"sample_data/README.md lacks the row: {row}"
    for entry in (*key["q2-2026"]["stories"], *key["q3-2026"]["stories"]):
        assert f"`{entry['story']}`" in text
