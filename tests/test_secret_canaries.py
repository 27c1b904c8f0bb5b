"""Secret values planted in every place that may hold one turn up nowhere: not in the store, the output, the report or a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inventory.database import Database
from inventory.lake import Lake
from tests import google_canaries
from tests.checkout import ROOT
from tests.command import run
from tests.exports import ACCOUNT, REPOSITORY, estate, function, manifest, task_definition, write

CANARY = "canary7f3a"
"""Part of every planted value; an example, no secret."""


def planted(number: int) -> str:
    return f"{CANARY}Zq9{number:02d}XvBn4kLmWp"


def reports() -> dict[str, Any]:
    """One report per scanner format, a canary in every field that a scanner fills with what it found."""
    place = {"uri": "src/app.py"}
    return {
        "gitleaks.json": [
            {"RuleID": "generic-api-key", "Description": "found", "StartLine": 3, "EndLine": 3, "Match": f"key = {planted(1)}",
             "Secret": planted(1), "File": "src/app.py", "Commit": "a" * 40, "Author": "Ana", "Email": "ana@acme.example",
             "Date": "2026-09-01T00:00:00Z", "Message": planted(2), "Tags": [], "Fingerprint": "x:src/app.py:generic-api-key:3"}
        ],
        "trufflehog.jsonl": json.dumps(
            {"SourceMetadata": {"Data": {"Git": {"commit": "b" * 40, "file": "src/b.py", "email": "ana@acme.example", "line": 4,
             "repository": "https://github.com/acme/billing", "timestamp": "2026-09-01 00:00:00 +0000"}}}, "SourceName": "trufflehog - git",
             "DetectorName": "Stripe", "DecoderName": "PLAIN", "Verified": True, "Raw": planted(3), "RawV2": planted(4),
             "Redacted": planted(5), "ExtraData": {"note": planted(6)}, "StructuredData": None}
        ) + "\n",
        "results.sarif": {
            "version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "runs": [{"tool": {"driver": {"name": "gitleaks", "rules": []}}, "results": [
                {"ruleId": "generic-api-key", "message": {"text": planted(7)}, "locations": [{"physicalLocation": {"artifactLocation": place,
                 "region": {"startLine": 9, "snippet": {"text": planted(8)}}}}], "partialFingerprints": {"commitSha": "c" * 40}}]}],
        },
        "baseline.json": {
            "version": "1.5.0", "plugins_used": [], "filters_used": [], "generated_at": "2026-09-01T00:00:00Z",
            "results": {"src/c.py": [{"type": "Secret Keyword", "filename": "src/c.py", "hashed_secret": planted(9), "is_verified": False,
                                      "line_number": 5}]},
        },
        "alerts.json": [
            {"number": 1, "state": "open", "secret_type": "stripe_api_key", "secret_type_display_name": "Stripe", "secret": planted(10),
             "created_at": "2026-09-01T00:00:00Z", "repository": {"full_name": REPOSITORY}, "validity": "unknown",
             "html_url": "https://github.example/1", "url": "https://api.github.example/1"}
        ],
        "betterleaks.json": {
            "schema_version": "1", "scan": {}, "findings": [
                {"rule_id": "stripe-access-token", "description": "found", "confidence": "high",
                 "match": {"full": planted(11), "value": planted(12), "fingerprint": "0" * 64},
                 "attributes": {"git.sha": "d" * 40, "git.message": planted(13)}, "location": {"path": "src/d.py", "start_line": 2}}]},
    }  # fmt: skip


# Azure: its exports, and answers that people save beside them although nobody should

TENANT, SUBSCRIPTION = "5f2d9c0e-0000-4000-8000-00000000000a", "0c7e1d52-0000-4000-8000-00000000000b"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"


def azure() -> dict[str, Any]:
    """A canary wherever Azure gives a secret, or repeats one."""
    dates = {"startDateTime": "2026-01-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}
    key = {"keyId": "c0000000-0000-4000-8000-000000000001", **dates}
    application = {
        "id": "a0000000-0000-4000-8000-000000000001", "appId": "a0000000-0000-4000-8000-000000000002", "displayName": "orders",
        "passwordCredentials": [{**key, "displayName": "ci", "hint": planted(60)[:12], "secretText": planted(60)}],
        "keyCredentials": [{**key, "keyId": "c0000000-0000-4000-8000-000000000002", "type": "Symmetric", "key": planted(61)}],
        "requiredResourceAccess": [],
    }  # fmt: skip
    site = {
        "id": f"{GROUP}/Microsoft.Web/sites/shop", "name": "shop", "kind": "functionapp", "type": "Microsoft.Web/sites",
        "siteConfig": {
            "appSettings": [{"name": "AzureWebJobsStorage", "value": f"AccountKey={planted(62)}"}],
            "connectionStrings": [{"name": "db", "connectionString": planted(63)}],
            "machineKey": {"decryptionKey": planted(64)},
        },
    }  # fmt: skip
    container_app = {
        "id": f"{GROUP}/Microsoft.App/containerApps/api", "name": "api", "type": "Microsoft.App/containerApps",
        "properties": {
            "template": {"containers": [{"name": "api", "env": [{"name": "TOKEN", "value": planted(65)}]}]},
            "configuration": {"secrets": [{"name": "db", "value": planted(66)}]},
        },
    }  # fmt: skip
    machine = {
        "id": f"{GROUP}/Microsoft.Compute/virtualMachines/vm", "name": "vm", "type": "Microsoft.Compute/virtualMachines",
        "osProfile": {"adminPassword": planted(67), "customData": planted(68)}, "userData": planted(69),
    }  # fmt: skip
    secret = {"id": "https://kv.vault.azure.net/secrets/db", "name": "db", "value": planted(70), "attributes": {"enabled": True}}
    container = {
        "id": f"{GROUP}/Microsoft.Storage/storageAccounts/st/blobServices/default/containers/logos", "name": "logos", "publicAccess": "None",
        "type": "Microsoft.Storage/storageAccounts/blobServices/containers", "metadata": {"sas": planted(71)},
    }  # fmt: skip
    event = {
        "caller": application["id"], "claims": {"appid": application["appId"], "uti": planted(72)}, "subscriptionId": SUBSCRIPTION,
        "authorization": {"action": "Microsoft.Web/sites/write", "scope": f"/subscriptions/{SUBSCRIPTION}"},
        "operationName": {"value": "Microsoft.Web/sites/write"}, "status": {"value": "Succeeded"},
        "eventTimestamp": "2026-09-01T00:00:00Z", "properties": {"requestbody": planted(73)},
        "httpRequest": {"uri": f"https://management.azure.com/?code={planted(74)}"},
    }  # fmt: skip
    return {
        "azure/applications.json": [application],
        "azure/sites.json": [site],
        "azure/container-apps.json": [container_app],
        "azure/machines.json": [machine],
        "azure/secrets.json": [secret],
        "azure/containers.json": [container],
        "azure/activity.json": [event],
    }


def azure_by_mistake() -> dict[str, Any]:
    """What no format is for: it is named, and nothing of it repeated."""
    return {
        "azure/new-secret.json": {"appId": "a0000000-0000-4000-8000-000000000002", "password": planted(80), "tenant": TENANT},
        "azure/storage-keys.json": [{"keyName": "key1", "permissions": "FULL", "value": planted(81)}],
        "azure/settings.json": [{"name": "DB_PASSWORD", "slotSetting": False, "value": planted(82)}],
        "azure/token.json": {"accessToken": planted(83), "expiresOn": "2026-09-01 10:00:00", "tenant": TENANT, "tokenType": "Bearer"},
        "azure/headers.json": {"Authorization": f"Bearer {planted(84)}", "x-ms-request-id": planted(85)},
        "azure/error.json": {"error": {"code": "InvalidAuthenticationToken", "message": f"Bearer {planted(86)} is no token"}},
        "azure/by-value.json": {planted(87): planted(88)},
    }


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace in which all of it was assessed, and everything that was printed or written on the way."""
    base = tmp_path_factory.mktemp("canaries")
    files = {
        **estate(),
        **reports(),
        **azure(),
        **azure_by_mistake(),
        **google_canaries.exports(planted),
        **google_canaries.strays(planted),
    }
    variables = {
        "DB_PASSWORD": planted(20),
        "API_TOKEN": planted(21),
        "NOTE": planted(22),
        "DATABASE_URL": f"postgres://u:{planted(23)}@db/x",
    }
    files["lambda.json"]["Functions"].append(function("leaky", "worker", variables))
    files["task.json"] = task_definition("leaky-task", "worker", variables)
    files["manifest.json"] = manifest({"gitleaks.json": REPOSITORY, "results.sarif": REPOSITORY, "access-keys.json": ACCOUNT})
    of_azure = {path: TENANT if path == "azure/applications.json" else SUBSCRIPTION for path in azure()}
    files["azure/manifest.json"] = manifest({path.removeprefix("azure/"): scope for path, scope in of_azure.items()})
    files["broken.json"] = '{"Functions": [{"Environment": {"Variables": {"DB_PASSWORD": "' + planted(24)
    exports, workspace = write(base / "exports", files), base / "workspace"
    printed = [
        run("assess", exports, "--workspace", workspace),
        run("assess", exports, "--workspace", workspace, "--json"),
        run("findings", "--workspace", workspace),
        run("findings", "--workspace", workspace, "--json"),
        run("query", "SELECT * FROM credential", "--workspace", workspace, "--json"),
        run("report", "--format", "html,json,md", "--workspace", workspace, "--out", base / "report"),
    ]
    assert [found.exit_code for found in printed] == [0] * 6
    report = "".join(path.read_text(encoding="utf-8") for path in (base / "report").iterdir())
    assert "AKIA" in report
    return workspace, "".join(found.stdout + found.stderr for found in printed) + report


def test_the_formats_were_all_read(output: tuple[Path, str]) -> None:
    lake = Lake(output[0])
    current = lake.current()
    assert current
    with lake.open(current.snapshot_id) as database:
        rows = database.rows("SELECT source_id, status FROM source WHERE status = 'read'")
        named = {*reports(), *azure(), *google_canaries.exports(planted), "lambda.json", "task.json"}
        assert {row["source_id"] for row in rows} >= named
        assert database.value("SELECT count(*) FROM secret_exposure") >= 6


def test_no_canary_in_output_or_report(output: tuple[Path, str]) -> None:
    assert CANARY not in output[1]


def test_no_canary_in_any_table_file_or_manifest(output: tuple[Path, str]) -> None:
    workspace, _ = output
    lake = Lake(workspace)
    for path in workspace.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path
    for snapshot in lake.snapshots():
        with lake.open(snapshot.snapshot_id) as database:
            for table in database.tables():
                assert CANARY not in repr(database.rows(f"SELECT * FROM {table}")), table
        with Database.empty() as database:
            lake.load_seen(snapshot, database)
            read = {table: repr(database.rows(f"SELECT * FROM seen.{table}")) for table in database.tables("seen")}
            assert "AKIA" in read["credential"]
            assert [table for table, rows in read.items() if CANARY in rows] == []


@pytest.mark.parametrize("page", ["overview", "questions", "inventory", "findings", "coverage"])
def test_no_canary_on_any_page(output: tuple[Path, str], page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHI_WORKSPACE", str(output[0]))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    if page != "overview":
        app = app.switch_page(f"reports/pages/{page}.py").run()
    assert not app.exception
    shown = "".join(str(getattr(element, "proto", "")) for element in app.main)
    assert "Q4-2026" in shown or "Q3-2026" in shown
    assert CANARY not in shown
