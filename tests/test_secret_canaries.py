"""Secret values planted in every place that may hold one turn up nowhere: not in the store, the output, the report or a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inventory.store import Lake
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


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A workspace in which all of it was assessed, and everything that was printed or written on the way."""
    base = tmp_path_factory.mktemp("canaries")
    files = {**estate(), **reports(), **google_canaries.exports(planted), **google_canaries.strays(planted)}
    variables = {
        "DB_PASSWORD": planted(20),
        "API_TOKEN": planted(21),
        "NOTE": planted(22),
        "DATABASE_URL": f"postgres://u:{planted(23)}@db/x",
    }
    files["lambda.json"]["Functions"].append(function("leaky", "worker", variables))
    files["task.json"] = task_definition("leaky-task", "worker", variables)
    files["manifest.json"] = manifest({"gitleaks.json": REPOSITORY, "results.sarif": REPOSITORY, "access-keys.json": ACCOUNT})
    files["broken.json"] = '{"Functions": [{"Environment": {"Variables": {"DB_PASSWORD": "' + planted(24)
    exports, workspace = write(base / "exports", files), base / "workspace"
    printed = [
        run("assess", exports, "--workspace", workspace),
        run("assess", exports, "--workspace", workspace, "--json"),
        run("findings", "--workspace", workspace),
        run("findings", "--workspace", workspace, "--json"),
        run("query", "SELECT * FROM credential", "--workspace", workspace, "--json"),
        run("report", "--workspace", workspace, "--out", base / "report"),
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
        assert {row["source_id"] for row in rows} >= {*reports(), *google_canaries.exports(planted), "lambda.json", "task.json"}
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
