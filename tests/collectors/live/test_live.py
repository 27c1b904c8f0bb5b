"""Which providers can be asked, with what, and that the printed rights are those that are used."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from collectors.aws import permissions as aws_permissions
from collectors.aws.operations import FOLLOWING, OPERATIONS, PER_ACCOUNT, PER_ORGANIZATION, PER_REGION, Operation
from collectors.live import LiveError, permissions, plan_of, questions
from inventory.model import Fact
from tests.checkout import ROOT
from tests.command import run

NAMED = re.compile(r'"([a-z0-9-]+:[A-Z][A-Za-z0-9]+)"')
KEY = b"k" * 32


def test_the_policy_allows_every_operation_that_the_collector_names_and_nothing_else() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "collectors/aws").glob("fetch*.py")]
    named = {name for text in sources for name in NAMED.findall(text)} - {"sts:AssumeRole"}
    asked = {operation.action or operation.name for operation in OPERATIONS} | named

    assert set(aws_permissions.actions()) == asked
    assert json.loads((ROOT / "docs/permissions/aws-policy.json").read_text()) == aws_permissions.policy()


def test_the_policy_reads_no_secret_and_changes_nothing() -> None:
    reading = re.compile(r"[a-z0-9-]+:(Get|List|Describe|Generate)[A-Z]\w*")

    assert all(reading.fullmatch(action) for action in aws_permissions.actions())
    assert not {"secretsmanager:GetSecretValue", "ssm:GetParameter", "s3:GetObject", "lambda:GetFunction"} & set(aws_permissions.actions())
    assert len(json.dumps(aws_permissions.policy(), separators=(",", ":"))) < aws_permissions.LONGEST


@pytest.mark.heavy
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.file)
def test_every_operation_is_one_of_the_sdk(operation: Operation) -> None:
    import boto3

    client = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x").client(operation.client, region_name="us-east-1")

    assert client.meta.method_to_api_mapping[operation.method] == operation.name.split(":")[1]
    if operation.paging:
        shape = client.meta.service_model.operation_model(operation.name.split(":")[1])
        asks, tells = operation.paging
        assert asks in shape.input_shape.members
        assert tells in shape.output_shape.members


def test_every_operation_is_asked() -> None:
    asked = {operation.name for operation in (*PER_ACCOUNT, *PER_ORGANIZATION, *PER_REGION, *FOLLOWING)}

    assert asked == {operation.name for operation in OPERATIONS} - {"sts:GetCallerIdentity"}


def test_every_fact_of_aws_hangs_on_some_call() -> None:
    facts = {fact for operation in OPERATIONS[1:] for fact in operation.facts}

    assert facts == set(Fact) - {Fact.SECRET_SCAN}


def test_dry_run_prints_the_calls_and_the_policy_and_asks_nothing(tmp_path: Path) -> None:
    found = run("collect", "aws", "--dry-run", "--json", "--out", tmp_path / "out")
    told: dict[str, Any] = json.loads(found.stdout)

    assert {call["operation"] for call in told["calls"]} == {operation.name for operation in OPERATIONS}
    assert json.loads(told["permissions"]["aws-policy.json"]) == aws_permissions.policy()
    assert not (tmp_path / "out").exists()
    assert "GetAccountAuthorizationDetails" in run("collect", "aws", "--dry-run").stdout


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["moon"], "SOURCE"),
        (["aws", "--tenant", "x"], "--tenant"),
        (["aws", "--region", "nowhere"], "nowhere"),
        (["aws", "--roles", "absent.txt"], "--roles"),
    ],
)
def test_what_is_called_wrongly_is_said_in_a_line(tmp_path: Path, words: list[str], option: str) -> None:
    found = run("collect", *words, "--out", tmp_path / "out", "--workspace", tmp_path / "workspace")

    assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
    assert option in found.stderr


def test_a_folder_of_another_source_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/manifest.json").write_text('{"bundle_version": 1, "source": "gcp"}')
    found = run("collect", "aws", "--out", tmp_path / "out", "--workspace", tmp_path / "workspace")

    assert found.exit_code == 2
    assert "choose another folder" in found.stderr


def test_roles_are_read_from_a_list(tmp_path: Path) -> None:
    arn = "arn:aws:iam::111122223333:role/audit"
    (tmp_path / "roles.txt").write_text(f"# ours\n{arn}  # billing\n\n{arn}\n")

    plan = plan_of("aws", {"roles": tmp_path / "roles.txt"}, KEY)

    assert [call.scope for call in plan.calls()] == ["*", "111122223333"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "not an arn\n"])
def test_a_list_without_roles_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "roles.txt").write_text(text)

    with pytest.raises(LiveError):
        plan_of("aws", {"roles": tmp_path / "roles.txt"}, KEY)


def test_the_key_is_in_no_representation() -> None:
    plan = plan_of("aws", {}, b"canary-key-canary-key-canary-key")

    assert "canary" not in repr(plan)
    assert questions("aws")
    assert list(permissions("aws")) == ["aws-policy.json"]
