"""Without any login: one line, exit code 3, and a bundle that says what is missing. No network is needed to find out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from collectors.bundle import collect
from collectors.collecting import CallFailed, NoLogin
from inventory.model import CoverageStatus
from tests.collectors.live.plans import FakePlan
from tests.command import run

LOST = NoLogin("no credentials: sign in", CoverageStatus.DENIED)
DENIED = CallFailed("not allowed", CoverageStatus.DENIED)
CLOUDS = {
    "aws": ([], "see `aws configure`"),
    "gcp": (["--project", "demo-prod"], "run gcloud auth application-default login"),
    "azure": ([], "sign in (az login --tenant)"),
}
"""Words of the command, and the advice."""


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is signed in on this machine, and no metadata server is looked for."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "AZURE_", "GOOGLE_", "CLOUDSDK_", "IDENTITY_", "MSI_"))]:
        monkeypatch.delenv(name)
    given = {
        "HOME": tmp_path / "home",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLOUDSDK_CONFIG": tmp_path / "home",
        "NO_GCE_CHECK": "true",
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, str(value))


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("source", CLOUDS)
def test_without_credentials_it_could_not_run(source: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    words, advice = CLOUDS[source]

    found = run("collect", source, *words, "--out", tmp_path / "out", "--workspace", tmp_path / "workspace")

    assert (found.exit_code, found.stdout) == (3, "")
    (line,) = found.stderr.splitlines()
    assert line.startswith(f"Could not run: {source}: ")
    assert advice in line
    assert [record.message for record in caplog.records if record.name.startswith("azure.identity")] == []
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["not_collected"]
    assert manifest["collected"] == manifest["files"] == []


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([LOST, LOST], "iam:a.json: no credentials: sign in"),
        ([LOST, DENIED], None),
        ([LOST, {"n": 1}], None),
        ([DENIED, DENIED], None),
        ([], None),
    ],
)
def test_only_where_nothing_could_be_asked_for_want_of_a_login_it_could_not_run(
    tmp_path: Path, steps: list[object], reason: str | None
) -> None:
    plan = FakePlan()
    plan.first = [plan.call(f"{name}.json", step) for name, step in zip("ab", steps, strict=False)]

    assert collect(plan, tmp_path).no_login == reason
