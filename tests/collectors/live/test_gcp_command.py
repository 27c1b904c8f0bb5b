"""`nhi collect gcp` and `nhi assess` end to end: the tables are those of the exported files, and every call that fails is named."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from inventory.lake import Lake
from tests import google_canaries
from tests.checkout import ROOT
from tests.collectors.live import both_doors
from tests.collectors.live.both_doors import Tables
from tests.collectors.live.gcp_command import nhi_on
from tests.collectors.live.gcp_project import ACCOUNTS, BUCKET, DEPLOY, EXPORTS, KEY, PROJECT, SECRET, answer, name
from tests.collectors.live.google_server import TOKEN, Google, Says, error, serving
from tests.command import run
from tests.exports import write

ANALYZER = "policyanalyzer.projects.locations.activityTypes.activities.query"
PATIENCE_SECONDS = 3.0


@pytest.fixture
def google() -> Iterator[Google]:
    with serving(timeout_seconds=60) as google:
        answer(google)
        yield google


def collect(google: Google, folder: Path, *words: object) -> dict[str, Any]:
    """What the command says of the bundle; it must end well."""
    found = nhi_on(
        google, "collect", "gcp", "--project", PROJECT, "--out", folder, "--workspace", folder.parent / "workspace", "--json", *words
    )
    assert found.exit_code == 0, found.stderr
    assert TOKEN not in found.stdout + found.stderr
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def tables(folder: Path, *words: object) -> Tables:
    """Every table of an assessment of the folder, but for the names of the files."""
    return both_doors.tables(folder, *words, evidence=_records)


def _records(value: Any) -> Any:
    """Of `file#record` the record: the same through both doors."""
    if isinstance(value, list):
        return sorted(map(_records, value))
    return value.partition("#")[2] if isinstance(value, str) else value


def test_collected_and_assessed_is_the_same_as_exported_and_assessed_table_by_table(google: Google, tmp_path: Path) -> None:
    secrets = f"secretmanager.googleapis.com/v1/{NAMED}/secrets"
    google.rest[secrets] = [error(429), error(503), *google.rest[secrets]]  # waiting helps, and leaves no trace

    told = collect(google, tmp_path / "live")
    both_doors.collected_at_once(tmp_path / "live")
    as_of = json.loads((tmp_path / "live/manifest.json").read_text())["as_of"]
    entries = [{"path": path, "scope": PROJECT} for path in EXPORTS]
    manifest = {"bundle_version": 1, "source": "gcp", "as_of": as_of, "files": entries}
    write(tmp_path / "exported", {**EXPORTS, "manifest.json": manifest})

    live = tables(tmp_path / "live", "--as-of", as_of[:10], "--label", "now")
    exported = tables(tmp_path / "exported", "--as-of", as_of[:10], "--label", "now")

    assert (told["gaps"], told["warnings"], len(google.waited)) == ([], [], 2)
    assert live.keys() == exported.keys()
    for table, rows in live.items():
        assert rows == exported[table], table
    filled = {table for table, rows in live.items() if rows}
    assert filled >= {
        "identity",
        "credential",
        "entitlement",
        "trust",
        "workload",
        "coverage",
        "placement",
        "privilege",
        "finding",
        "question",
    }


# What fails


def coverage(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Fact -> status and reason, as an assessment stores them for the project."""
    rows = [json.loads(row) for row in tables(folder)["coverage"]]
    return {row["fact"]: (row["status"], row["reason"]) for row in rows if row["scope"] == PROJECT}


NAMED = f"projects/{PROJECT}"
EVERYWHERE = f"{NAMED}/locations/global"
ACTIVITIES_AT = f"policyanalyzer.googleapis.com/v1/{EVERYWHERE}/activityTypes"
FAILING: dict[str, tuple[str, list[Any], str, str]] = {
    "stored_secrets": (
        f"secretmanager.googleapis.com/v1/{NAMED}/secrets",
        [error(403)],
        "denied",
        "secretmanager.projects.secrets.list for demo-prod: denied: grant secretmanager.secrets.list on demo-prod",
    ),
    "role_usage": (
        f"{ACTIVITIES_AT}/serviceAccountLastAuthentication/activities:query",
        [error(429)],
        "missing",
        f"{ANALYZER} (serviceAccountLastAuthentication) for demo-prod: throttled, and still after several tries",
    ),
    "key_usage": (
        f"{ACTIVITIES_AT}/serviceAccountKeyLastAuthentication/activities:query",
        [Says(body={"activities": []}, after_seconds=PATIENCE_SECONDS + 1)],
        "missing",
        f"{ANALYZER} (serviceAccountKeyLastAuthentication) for demo-prod: it timed out",
    ),
    "resource_policies": (
        f"cloudasset.googleapis.com/v1/{NAMED}:searchAllIamPolicies",
        [{"results": [BUCKET], "nextPageToken": "2"}, error(500)],
        "partial",
        "cloudasset.searchAllIamPolicies (project) for demo-prod: an error of the server",
    ),
    "ownership": (
        f"cloudresourcemanager.googleapis.com/v3/{NAMED}",
        [error(404)],
        "missing",
        "cloudresourcemanager.projects.get for demo-prod: not found",
    ),
    "guardrails": (
        f"orgpolicy.googleapis.com/v2/{NAMED}/policies/iam.disableServiceAccountCreation:getEffectivePolicy",
        [error(501)],
        "missing",
        "orgpolicy.projects.policies.getEffectivePolicy for demo-prod: the API does not implement it",
    ),
    "service_credentials": (
        f"storage.googleapis.com/storage/v1/{NAMED}/hmacKeys",
        [error(401)],
        "partial",
        "storage.projects.hmacKeys.list for demo-prod: the login was not accepted: check that the clock",
    ),
    "service_usage": (
        f"recommender.googleapis.com/v1/{EVERYWHERE}/insightTypes/google.iam.policy.Insight/insights",
        [Says(200, b"<html>")],
        "missing",
        "recommender.projects.locations.insightTypes.insights.list for demo-prod: the answer is not what the API promises",
    ),
}
"""Fact -> where it is asked for, the answers, and what is then known of it. Of credentials of services, API keys are listed all the same."""


@pytest.mark.heavy
def test_every_call_that_fails_ends_as_a_coverage_row_that_names_it(google: Google, tmp_path: Path) -> None:
    google.rest |= {address: list(answers) for address, answers, _, _ in FAILING.values()}
    google.clients = dataclasses.replace(google.clients, timeout_seconds=PATIENCE_SECONDS)
    late = grpc.StatusCode.DEADLINE_EXCEEDED
    google.grpc["ListServiceAccountKeys"] = [lambda asked: {"keys": [KEY]} if asked["name"] == name(DEPLOY) else late]

    told = collect(google, tmp_path / "live")
    covered = coverage(tmp_path / "live")

    for fact, (_, _, status, says) in FAILING.items():
        assert covered[fact][0] == status, fact
        assert says in str(covered[fact][1]), fact
        assert any(warning.startswith(f"{PROJECT}: {says}") for warning in told["warnings"]), fact
    assert covered["access_keys"][0] == "partial"  # the keys of one account do not stand for those of all
    assert "iam.projects.serviceAccounts.keys.list for demo-prod: it timed out" in str(covered["access_keys"][1])
    assert covered["identities"] == covered["workloads"] == covered["audit_log"] == ("collected", None)
    assert len(told["warnings"]) == len(FAILING) + 1


def test_keys_that_are_denied_for_every_account_are_denied(google: Google, tmp_path: Path) -> None:
    google.grpc["ListServiceAccountKeys"] = [grpc.StatusCode.PERMISSION_DENIED]

    collect(google, tmp_path / "live")

    status, reason = coverage(tmp_path / "live")["access_keys"]
    assert status == "denied"
    assert "grant iam.serviceAccountKeys.list" in str(reason)


def test_accounts_of_a_first_page_alone_are_not_all_and_nothing_is_known_of_their_keys(google: Google, tmp_path: Path) -> None:
    google.grpc["ListServiceAccounts"] = [{"accounts": ACCOUNTS[:1], "nextPageToken": "2"}, grpc.StatusCode.INTERNAL]

    told = collect(google, tmp_path / "live")

    assert {gap["fact"]: gap["status"] for gap in told["gaps"]} == {"identities": "partial", "access_keys": "missing", "trust": "partial"}


def test_without_a_login_nothing_is_collected_and_every_fact_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "absent.json"))

    found = run("collect", "gcp", "--project", PROJECT, "--out", tmp_path / "live", "--workspace", tmp_path / "workspace", "--json")

    told = json.loads(found.stdout)
    assert (found.exit_code, told["files"]) == (3, [])
    assert {gap["status"] for gap in told["gaps"]} == {"denied"}
    assert all("gcloud auth application-default login" in warning for warning in told["warnings"])


def test_a_date_that_had_not_come_makes_nothing_young(google: Google, tmp_path: Path) -> None:
    key = {**KEY, "validAfterTime": "2099-01-01T00:00:00Z", "validBeforeTime": "2099-06-01T00:00:00Z"}
    google.grpc["ListServiceAccountKeys"] = [lambda asked: {"keys": [key] if asked["name"] == name(DEPLOY) else []}]
    google.rest[f"secretmanager.googleapis.com/v1/{NAMED}/secrets"] = [{"secrets": [{**SECRET, "createTime": "2099-01-01T00:00:00Z"}]}]
    google.rest[f"secretmanager.googleapis.com/v1/{SECRET['name']}/versions"] = [{}]

    collect(google, tmp_path / "live")
    held = tables(tmp_path / "live")
    snapshot = Lake(tmp_path / "workspace").current()

    credentials = {row["kind"]: row for row in map(json.loads, held["credential"])}
    assert [credentials[kind]["created_at"] for kind in ("signing_key", "stored_secret")] == [None, None]
    assert credentials["signing_key"]["expires_at"] == "2099-06-01 00:00:00"
    unknown = {row["check_id"] for row in map(json.loads, held["finding"]) if row["status"] == "unknown"}
    assert unknown >= {"key-older-than-limit", "stored-secret-not-rotated-in-time"}
    assert snapshot is not None
    told = [warning for warning in snapshot.details["warnings"] if "lies after the day of collection" in warning]
    assert [warning.partition("#")[2].split(": ")[:2] for warning in told] == [
        [f"keys[{DEPLOY}/0a1b2c3d]", "created_at lies after the day of collection, so a clock was wrong; left unknown"],
        [f"keys[{DEPLOY}/0a1b2c3d]", "rotated_at lies after the day of collection, so a clock was wrong; left unknown"],
        ["secrets[projects/123456789012/secrets/db]", "created_at lies after the day of collection, so a clock was wrong; left unknown"],
    ]


# Secrets

CANARY = "canary7f3a"


def test_no_secret_value_and_no_token_is_in_the_bundle_or_in_what_is_printed(google: Google, tmp_path: Path) -> None:
    files = google_canaries.exports(lambda number: f"{CANARY}{number}")
    google.grpc["ListServiceAccountKeys"] = [{"keys": [{**KEY, "privateKeyData": CANARY}]}]
    google.rest |= {
        f"apikeys.googleapis.com/v2/{EVERYWHERE}/keys": [{"keys": files["gcp/api-keys.json"]}],
        f"storage.googleapis.com/storage/v1/{NAMED}/hmacKeys": [{"items": [files["gcp/hmac.json"]["metadata"] | {"secret": CANARY}]}],
        f"secretmanager.googleapis.com/v1/{SECRET['name']}/versions": [{"versions": files["gcp/versions.json"]}],
        f"run.googleapis.com/v1/{NAMED}/locations/-/services": [{"items": files["gcp/services.json"]}],
        f"run.googleapis.com/apis/run.googleapis.com/v1/namespaces/{PROJECT}/jobs": [{"items": files["gcp/jobs.json"]}],
        f"cloudfunctions.googleapis.com/v2/{NAMED}/locations/-/functions": [{"functions": files["gcp/functions.json"]}],
        f"compute.googleapis.com/compute/v1/{NAMED}/aggregated/instances": [
            {"items": {"zones/europe-west1-b": {"instances": files["gcp/instances.json"]}}}
        ],
        f"cloudresourcemanager.googleapis.com/v3/{NAMED}": [error(403, text=f"Bearer {TOKEN} {CANARY}")],
    }

    told = collect(google, tmp_path / "live")

    assert CANARY not in json.dumps(told)
    written = {path: path.read_text() for path in (tmp_path / "live").rglob("*") if path.is_file()}
    assert len(written) > 20
    assert [path.name for path, text in written.items() if CANARY in text or TOKEN in text] == []


# Killed


@pytest.mark.heavy
def test_killed_in_the_middle_and_run_again_nothing_is_lost_or_doubled(google: Google, tmp_path: Path) -> None:
    whole = collect(google, tmp_path / "whole")
    google.rest[f"secretmanager.googleapis.com/v1/{NAMED}/secrets"] = [Says(body={}, after_seconds=20)]
    words = ["collect", "gcp", "--project", PROJECT, "--out", tmp_path / "killed", "--workspace", tmp_path / "workspace"]
    command = [sys.executable, "-m", "tests.collectors.live.gcp_command", google.http, google.port, *words]
    process = subprocess.Popen([str(word) for word in command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (tmp_path / f"killed/{FUNCTIONS_FILE}").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it ended before it was killed"
    stopped = json.loads((tmp_path / "killed/manifest.json").read_text())
    assert stopped["stopped"] is True

    answer(google)
    again = collect(google, tmp_path / "killed")

    assert again["there_already"] > 0
    assert again["warnings"] == whole["warnings"] == []
    assert evidence(tmp_path / "killed") == evidence(tmp_path / "whole")
    as_of = stopped["as_of"][:10]
    for folder in ("killed", "whole"):
        at_one_moment(tmp_path / folder)
    assert tables(tmp_path / "killed", "--as-of", as_of, "--label", "now") == tables(tmp_path / "whole", "--as-of", as_of, "--label", "now")


def at_one_moment(folder: Path) -> None:
    """Which of several records stands for an identity goes by the second in which each file was written: that is no difference here."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for entry in manifest["files"]:
        entry["collected_at"] = f"{manifest['as_of'][:10]}T00:00:00Z"
    (folder / "manifest.json").write_text(json.dumps(manifest))


FUNCTIONS_FILE = f"projects/{PROJECT}/functions.json"


def evidence(folder: Path) -> dict[str, bytes]:
    """The files, but for the manifest, which says when each was asked for."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
