"""AWS against moto: what is collected live and what the command line exports end in the same tables, and no secret value is kept."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.aws.fetch import AwsOptions, plan
from collectors.aws.fetch_session import Wire
from collectors.bundle import Collected, collect
from collectors.reading import Evidence, read
from inventory.model import Coverage, Run, Source
from tests.collectors.live import moto
from tests.collectors.live.moto import ACCOUNT, CANARIES, REGION
from tests.exports import Export, manifest, write

KEY = b"k" * 32
SESSION = "canary-session-secret-9"


def fingerprint(value: str) -> str:
    return hmac.new(KEY, value.strip().encode(), hashlib.sha256).hexdigest()


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A moto server with a small account; the environment points at it."""
    folder = tmp_path_factory.mktemp("moto")
    with pytest.MonkeyPatch.context() as patch, moto.server(folder / "server.log") as address:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "AKIA" + "FAKEFAKEFAKEFAKE",
            "AWS_SECRET_ACCESS_KEY": SESSION,
            "AWS_SESSION_TOKEN": SESSION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": str(folder / "none"),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "none"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            patch.setenv(name, value)
        moto.fill()
        yield folder


OPTIONS = AwsOptions(regions=(REGION,), fingerprint=fingerprint, wire=Wire(attempts=1, poll_seconds=0.05, polls=40))


@pytest.fixture(scope="module")
def collected(account: Path) -> Collected:
    return collect(plan(OPTIONS), account / "bundle", workers=4)


@pytest.fixture(scope="module")
def exported(account: Path) -> Path:
    """The same account as the command line prints it, by hand."""
    return write(account / "exports", _exports())


def _exports() -> dict[str, Export]:
    iam, functions, ecs, s3, trails = (moto.client(name) for name in ("iam", "lambda", "ecs", "s3", "cloudtrail"))
    users = [raw["UserName"] for raw in iam.list_users()["Users"]]
    keys = [{"UserName": name, **iam.list_access_keys(UserName=name)} for name in users]
    used = [
        {"AccessKeyId": raw["AccessKeyId"], **iam.get_access_key_last_used(AccessKeyId=raw["AccessKeyId"])}
        for page in keys
        for raw in page["AccessKeyMetadata"]
    ]
    iam.generate_credential_report()
    listed = functions.list_functions()
    trail = trails.describe_trails()
    organizations = moto.client("organizations")
    policies = [
        raw["Id"]
        for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
        for raw in organizations.list_policies(Filter=kind)["Policies"]
    ]
    queue = moto.client("sqs").list_queues()["QueueUrls"][0]
    attributes = moto.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    secrets, topics, keys_of = moto.client("secretsmanager"), moto.client("sns"), moto.client("kms")
    resources = [
        {"ResourceArn": attributes["QueueArn"], "Policy": attributes.get("Policy")},
        *(_function_policy(functions, raw) for raw in listed["Functions"]),
        *(_bucket(s3, raw["Name"]) for raw in s3.list_buckets()["Buckets"]),
        *({"ResourceArn": raw["ARN"], "Policy": None} for raw in secrets.list_secrets()["SecretList"]),
        *(
            {"ResourceArn": raw["TopicArn"], "Policy": topics.get_topic_attributes(TopicArn=raw["TopicArn"])["Attributes"].get("Policy")}
            for raw in topics.list_topics()["Topics"]
        ),
        *(
            {"ResourceArn": raw["KeyArn"], "Policy": keys_of.get_key_policy(KeyId=raw["KeyId"], PolicyName="default")["Policy"]}
            for raw in keys_of.list_keys()["Keys"]
        ),
    ]
    providers = [raw["Arn"] for raw in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    files: dict[str, Any] = {
        "caller.json": moto.client("sts").get_caller_identity(),
        "gaad.json": iam.get_account_authorization_details(),
        "report.json": iam.get_credential_report(),
        "keys.json": keys,
        "used.json": used,
        "oidc.json": [
            {"OpenIDConnectProviderArn": arn, **iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)} for arn in providers
        ],
        "saml.json": iam.list_saml_providers(),
        "functions.json": listed,
        "tasks.json": [ecs.describe_task_definition(taskDefinition=name) for name in ecs.list_task_definitions()["taskDefinitionArns"]],
        "instances.json": moto.client("ec2").describe_instances(),
        "secrets.json": secrets.list_secrets(),
        "parameters.json": moto.client("ssm").describe_parameters(),
        "resources.json": resources,
        "trails.json": trail,
        "status.json": [{"TrailARN": raw["TrailARN"], **trails.get_trail_status(Name=raw["TrailARN"])} for raw in trail["trailList"]],
        "accounts.json": organizations.list_accounts(),
        "control.json": [
            {**organizations.describe_policy(PolicyId=policy), "Targets": organizations.list_targets_for_policy(PolicyId=policy)["Targets"]}
            for policy in policies
        ],
    }
    plain = {name: json.loads(json.dumps(value, default=_as_cli)) for name, value in files.items()}
    return {**plain, "manifest.json": manifest(dict.fromkeys(plain, ACCOUNT))}


def _as_cli(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value.isoformat())


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    try:
        policy = s3.get_bucket_policy(Bucket=name)["Policy"]
    except s3.exceptions.ClientError:
        policy = None
    return {"ResourceArn": f"arn:aws:s3:::{name}", "AccountId": ACCOUNT, "Policy": policy}


def _function_policy(functions: Any, raw: dict[str, Any]) -> dict[str, Any]:
    try:
        policy = functions.get_policy(FunctionName=raw["FunctionName"])["Policy"]
    except functions.exceptions.ResourceNotFoundException:
        policy = None
    return {"ResourceArn": raw["FunctionArn"], "Policy": policy}


def tables(evidence: Evidence) -> dict[str, Counter[str]]:
    """Every row by its table; evidence reduced to its record, for files are cut differently."""
    found: dict[str, Counter[str]] = {}
    for row in evidence.rows:
        if not isinstance(row, Coverage | Run | Source):
            found.setdefault(type(row).__name__, Counter())[repr(_without_file(row))] += 1
    return found


def _without_file(row: Any) -> Any:
    names = {field.name for field in dataclasses.fields(row)} & {"evidence", "storage_evidence"}
    return dataclasses.replace(row, **{name: (getattr(row, name) or "").partition("#")[2] for name in names})


def test_live_then_assess_equals_export_then_assess_table_by_table(collected: Collected, exported: Path) -> None:
    live = tables(read([collected.folder], COLLECTORS, key=KEY))
    export = tables(read([exported], COLLECTORS, key=KEY))

    assert live.keys() == export.keys() >= {
        "Account", "Alias", "Credential", "Entitlement", "Federation", "Guardrail", "Identity", "Ownership", "PolicyDocument", "Resource",
        "SecretStore", "Sighting", "Trust", "Workload",
    } - {"Alias"}  # fmt: skip
    for name in sorted(live):
        assert set(live[name]) == set(export[name]), name


def test_no_secret_value_is_in_the_bundle_and_none_of_the_session(collected: Collected) -> None:
    held = b"\n".join(path.read_bytes() for path in collected.folder.rglob("*") if path.is_file()) + repr(collected).encode()

    for canary in (*CANARIES, SESSION, "canary-in-log", "export TOKEN"):
        assert canary.encode() not in held
    assert fingerprint(CANARIES[0]).encode() in held, "the fingerprint that joins it with a scanner's finding is"


def test_what_moto_does_not_know_is_told_by_its_call(collected: Collected) -> None:
    told = {gap["fact"]: gap["reason"] for gap in collected.gaps}

    assert "iam:GenerateServiceLastAccessedDetails" in told["service_usage"]
    assert "iam:ListServiceSpecificCredentials" in told["service_credentials"]
    assert any("rolesanywhere:ListTrustAnchors" in warning for warning in collected.warnings)


def test_regions_that_were_left_out_are_told(collected: Collected) -> None:
    assert any(gap["fact"] == "workloads" and "--region left them out" in gap["reason"] for gap in collected.gaps)


def test_collecting_again_asks_only_who_we_are_and_what_failed(account: Path, collected: Collected) -> None:
    again = collect(plan(OPTIONS), collected.folder, workers=4)

    assert again.there_already == len(collected.files) - 1
    assert [entry["path"] for entry in again.files] == [entry["path"] for entry in collected.files]


def test_an_account_of_a_list_is_asked_as_its_role(account: Path) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/vendor"
    done = collect(plan(dataclasses.replace(OPTIONS, roles=(role,), usage=False)), account / "roles", workers=4)

    assert f"{ACCOUNT}/iam/authorization-details.json" in {entry["path"] for entry in done.files}
    assert f"{ACCOUNT}/sts/caller-identity.json" in {entry["path"] for entry in done.files}
