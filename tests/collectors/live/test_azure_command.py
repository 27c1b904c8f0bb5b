"""`nhi collect azure` and `nhi assess` end to end: the tables are those of the exported files, and every call that fails is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from collectors.azure.fetch_session import Wire
from tests.collectors.live.azure_command import nhi_on
from tests.collectors.live.azure_exports import EXPORTS
from tests.collectors.live.azure_fake import CANARY, Answer, Fake, error, make_certificate, serving
from tests.collectors.live.azure_tenant import OF, SUBSCRIPTION, TENANT, fill_arm, fill_graph
from tests.collectors.live.both_doors import Tables, collected_at_once, tables
from tests.collectors.live.test_azure import Cloud, Credential
from tests.collectors.live.test_azure_both_doors import ONLY_LIVE
from tests.exports import write


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


HASTE: dict[str, Any] = {"retries": 2, "backoff_seconds": 0, "longest_wait_seconds": 0.05, "timeout_seconds": 5}


@contextmanager
def clouds(certificate: Path, **patience: Any) -> Iterator[Cloud]:
    """Both servers, filled."""
    with serving(Fake(), certificate) as arm, serving(Fake(link="@odata.nextLink"), certificate) as graph:
        fill_arm(arm)
        fill_graph(graph)
        wire = Wire(arm_url=arm.url, graph_url=graph.url, credential=Credential(), certificates=str(certificate))
        yield Cloud(arm=arm, graph=graph, wire=replace(wire, **{**HASTE, **patience}))


@pytest.fixture
def cloud(certificate: Path) -> Iterator[Cloud]:
    with clouds(certificate) as made:
        yield made


def collect(cloud: Cloud, folder: Path, *words: object) -> dict[str, Any]:
    """What the command says of the bundle; it must end well."""
    where = ("--tenant", TENANT, "--subscription", SUBSCRIPTION, "--out", folder, "--workspace", folder.parent / "workspace")
    found = nhi_on(cloud.wire, "collect", "azure", *where, "--json", *words)
    assert found.exit_code == 0, found.stderr
    assert CANARY not in found.stdout + found.stderr
    told: dict[str, Any] = json.loads(found.stdout)
    return told


def coverage(made: Tables) -> dict[tuple[str, str], dict[str, Any]]:
    rows = [json.loads(row) for row in made["coverage"]]
    return {(row["fact"], row["scope"]): row for row in rows}


def export(folder: Path, live: Path, **stated: Any) -> Path:
    """The same facts as the command lines print them, under the names of the live files, so that evidence can be compared."""
    manifest = json.loads((live / "manifest.json").read_text())
    files: dict[str, Any] = {}
    for path in (entry["path"] for entry in manifest["files"]):
        name = next((name for name in EXPORTS if path == name or (name.endswith("/") and path.startswith(name))), None)
        if name is not None:
            files[path] = EXPORTS[name]
        else:
            files[path] = json.loads((live / path).read_text()) if "az rest" in ONLY_LIVE[path] else []
    entries = [{name: entry[name] for name in ("path", "scope", "facts")} for entry in manifest["files"]]
    as_of = {"bundle_version": 1, "source": "azure", "as_of": manifest["as_of"]}
    return write(folder, {**files, "manifest.json": {**as_of, "files": entries, **stated}})


@pytest.fixture(scope="module")
def doors(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tables]:
    """What is stored of the live bundle, of the exported files, and of these with a manifest that states the same as the live one."""
    folder = tmp_path_factory.mktemp("doors")
    with clouds(certificate) as cloud:
        told = collect(cloud, folder / "live")
    assert (told["gaps"], told["warnings"]) == ([], [])
    collected_at_once(folder / "live")
    manifest = json.loads((folder / "live/manifest.json").read_text())
    export(folder / "exported", folder / "live")
    export(folder / "stated", folder / "live", collected=manifest["collected"])
    return {door: tables(folder / door, "--as-of", manifest["as_of"][:10], "--label", "now") for door in ("live", "exported", "stated")}


def test_collected_and_assessed_is_the_same_as_exported_and_assessed_table_by_table(doors: dict[str, Tables]) -> None:
    live, stated = doors["live"], doors["stated"]
    assert live.keys() == stated.keys()
    for table, rows in live.items():
        assert rows == stated[table], table
    filled = {table for table, rows in live.items() if rows}
    assert filled >= {
        "identity",
        "credential",
        "entitlement",
        "trust",
        "workload",
        "secret_store",
        "guardrail",
        "ownership",
        "usage",
        "coverage",
        "placement",
        "finding",
        "question",
    }


def test_exports_say_the_same_but_not_that_every_vault_was_asked(doors: dict[str, Tables]) -> None:
    live, exported = coverage(doors["live"]), coverage(doors["exported"])

    different = {key: (row["status"], exported[key]["status"]) for key, row in live.items() if row["status"] != exported[key]["status"]}
    assert different == {("stored_secrets", SUBSCRIPTION): ("collected", "partial")}
    assert live.keys() == exported.keys()
    rests_on_it = {"coverage", "check_count", "check_result", "finding", "metric"}
    assert {table for table, rows in doors["live"].items() if rows != doors["exported"][table]} <= rests_on_it


# What there is none of, and what fails


@pytest.mark.heavy
def test_a_subscription_that_holds_nothing_is_known_to(cloud: Cloud, tmp_path: Path) -> None:
    for name in ("KeyVault/vaults", "Storage/storageAccounts", "ManagedIdentity/userAssignedIdentities", "Insights/diagnosticSettings"):
        cloud.arm.list(f"{OF}/providers/Microsoft.{name}")
    for name in ("Compute/virtualMachines", "Web/sites", "App/containerApps", "Logic/workflows", "Authorization/policyAssignments"):
        cloud.arm.list(f"{OF}/providers/Microsoft.{name}")
    collect(cloud, tmp_path / "live")

    found = {fact: row["status"] for (fact, scope), row in coverage(tables(tmp_path / "live")).items() if scope == SUBSCRIPTION}
    known = ("stored_secrets", "resource_policies", "identities", "trust", "audit_log", "workloads", "guardrails")
    assert {fact: found[fact] for fact in known} == dict.fromkeys(known, "collected")


PATIENCE_SECONDS = 1.0
FAILING: dict[str, tuple[str, str, str, str]] = {
    "denied": ("resource_policies", SUBSCRIPTION, "denied", "Microsoft.Storage/storageAccounts/read"),
    "denied by Graph": ("key_usage", TENANT, "denied", "GET /reports/appCredentialSignInActivities"),
    "throttled": ("guardrails", SUBSCRIPTION, "missing", "Microsoft.Authorization/policyAssignments/read"),
    "timed out": ("audit_log", SUBSCRIPTION, "missing", "Microsoft.Insights/DiagnosticSettings/Read"),
    "half": ("workloads", SUBSCRIPTION, "partial", "Microsoft.Web/sites/Read"),
    "empty, not denied": ("policies", SUBSCRIPTION, "partial", "Microsoft.Authorization/roleAssignments/read"),
    "clock": ("role_usage", TENANT, "denied", "GET /reports/servicePrincipalSignInActivities"),
}
"""What goes wrong -> the fact that is then not known, of what, how, and the call that its reason names."""
WORDS = {"throttled": "throttled", "timed out": "no answer within", "empty, not denied": "the list is empty", "clock": "ahead of Azure's"}


def spoil(cloud: Cloud) -> None:
    """Each failure at a call of its own."""
    arm, graph = cloud.arm, cloud.graph
    arm.give(f"{OF}/providers/Microsoft.Storage/storageAccounts", error(403, "AuthorizationFailed"))
    graph.give("/beta/reports/appCredentialSignInActivities", error(403, "Authentication_MSGraphPermissionMissing"))
    arm.give(f"{OF}/providers/Microsoft.Authorization/policyAssignments", error(429, "TooManyRequests", Retry_After="3600"))
    arm.give(f"{OF}/providers/Microsoft.Insights/diagnosticSettings", Answer(body={"value": []}, delay_seconds=2.5 * PATIENCE_SECONDS))
    sites = f"{OF}/providers/Microsoft.Web/sites"
    arm.list(sites, json.loads(arm.table[sites][0].text())["value"], [])
    arm.give(f"{sites}?page=2", error(500, CANARY))
    arm.list(f"{OF}/providers/Microsoft.Authorization/roleAssignments")
    then = format_datetime(datetime.now(UTC) - timedelta(minutes=14), usegmt=True)
    graph.give("/beta/reports/servicePrincipalSignInActivities", error(401, "InvalidAuthenticationToken", Date=then))


@pytest.fixture(scope="module")
def failed(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]:
    """What the command told, and the coverage that was stored."""
    folder = tmp_path_factory.mktemp("failed")
    with clouds(certificate, retries=1, timeout_seconds=PATIENCE_SECONDS) as cloud:
        spoil(cloud)
        told = collect(cloud, folder / "live")
    return told, coverage(tables(folder / "live"))


@pytest.mark.heavy
@pytest.mark.parametrize("what", FAILING)
def test_a_call_that_fails_is_a_coverage_row_and_a_warning_that_name_it(
    failed: tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]], what: str
) -> None:
    told, covered = failed
    fact, scope, status, call = FAILING[what]

    row = covered[fact, scope]
    assert row["status"] == status
    assert call in row["reason"]
    assert WORDS.get(what, "") in row["reason"]
    assert [warning.startswith(f"{scope}: {call} ") for warning in told["warnings"]].count(True) == 1


def test_what_did_not_fail_is_still_collected(failed: tuple[dict[str, Any], dict[tuple[str, str], dict[str, Any]]]) -> None:
    told, covered = failed
    folder = Path(told["folder"])

    assert not [path for path in folder.parent.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert len(told["warnings"]) == len(FAILING)
    assert covered["stored_secrets", SUBSCRIPTION]["status"] == covered["identities", TENANT]["status"] == "collected"
    assert CANARY not in json.dumps(list(covered.values()))


def test_without_a_login_it_could_not_run_and_the_bundle_says_what_is_missing(cloud: Cloud, tmp_path: Path) -> None:
    fault = ClientAuthenticationError(message=f"AADSTS700027: {CANARY}")
    wire = replace(cloud.wire, credential=Credential(fault=fault))

    found = nhi_on(wire, "collect", "azure", "--out", tmp_path / "live", "--workspace", tmp_path / "workspace")

    assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (3, "", 1)
    assert found.stderr.startswith("Could not run: azure: ")
    assert "(AADSTS700027): sign in (az login" in found.stderr
    assert CANARY not in found.stderr
    gaps = json.loads((tmp_path / "live/manifest.json").read_text())["not_collected"]
    assert {gap["status"] for gap in gaps} == {"denied"}
    assert {"identities", "policies", "workloads", "stored_secrets"} <= {gap["fact"] for gap in gaps}


@pytest.mark.heavy
def test_a_login_that_was_lost_later_does_not_hide_what_is_there(cloud: Cloud, tmp_path: Path) -> None:
    collect(cloud, tmp_path / "live")
    cloud.wire = replace(cloud.wire, credential=Credential(fault=ClientAuthenticationError(message="AADSTS700027")))

    words = ("--tenant", TENANT, "--subscription", SUBSCRIPTION, "--out", tmp_path / "live", "--workspace", tmp_path / "workspace")
    assert nhi_on(cloud.wire, "collect", "azure", *words).exit_code == 3

    found = coverage(tables(tmp_path / "live"))
    assert found["identities", TENANT]["status"] == found["stored_secrets", SUBSCRIPTION]["status"] == "collected"
