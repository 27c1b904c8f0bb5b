"""AWS against moto: what is collected live and what the command line exports end in the same tables, and no secret value is kept."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.aws.fetch import AwsOptions, plan
from collectors.aws.fetch_session import Wire
from collectors.bundle import Collected, collect
from collectors.reading import Evidence, read
from inventory.database import Database
from inventory.model import FIELDS, Credential, CredentialKind, Enforcement, Guardrail, Resource, Run, Source
from scoring.catalogue import load
from scoring.judge import judge
from scoring.packs import load_pack
from tests.collectors.live import moto
from tests.collectors.live.azure_fake import make_certificate
from tests.collectors.live.fake_aws import accounts_on_loopback
from tests.collectors.live.moto import ACCOUNT, CANARIES, REGION
from tests.exports import Export, manifest, write

KEY = b"k" * 32
SESSION = "canary-session-secret-9"
AT = datetime.now(UTC).replace(microsecond=0)
"""When both doors were gone through: moto dates what it makes by the real clock."""
AS_OF = AT.replace(tzinfo=None) + timedelta(days=1)
FILE = re.compile(r"(?:[\w+=,.@-]+/)*[\w+=,.@-]+\.json(?=#| could not be read)")
"""A file's name where a record of it is cited."""
GAP = re.compile(r"(?<= is partial )\(.*\)")
"""Where a check quotes why something was not collected."""


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
        accounts_on_loopback(patch, ACCOUNT)
        pem = make_certificate(folder / "signing.pem").read_text()
        moto.fill(pem.partition("-----BEGIN PRIVATE")[0])
        yield folder


OPTIONS = AwsOptions(regions=(REGION,), fingerprint=fingerprint, wire=Wire(attempts=1, poll_seconds=0.05, polls=40))


@pytest.fixture(scope="module")
def collected(account: Path) -> Collected:
    return collect(plan(OPTIONS), account / "bundle", workers=4, clock=lambda: AT)


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
    images = moto.client("ecr")
    resources += [
        {"ResourceArn": raw["repositoryArn"], "Policy": _repository_policy(images, raw["repositoryName"])}
        for raw in images.describe_repositories()["repositories"]
    ]
    providers = [raw["Arn"] for raw in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    files: dict[str, Any] = {
        "caller.json": moto.client("sts").get_caller_identity(),
        "gaad.json": iam.get_account_authorization_details(),
        "report.json": iam.get_credential_report(),
        "keys.json": keys,
        "used.json": used,
        "ssh.json": [iam.list_ssh_public_keys(UserName=name) for name in users],
        "certificates.json": [iam.list_signing_certificates(UserName=name) for name in users],
        "block.json": {"AccountId": ACCOUNT, **moto.client("s3control").get_public_access_block(AccountId=ACCOUNT)},
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
    stated = manifest(dict.fromkeys(plain, ACCOUNT), as_of=_zulu(AT), not_collected=LEFT_OUT)
    for entry in stated["files"]:
        entry["collected_at"] = _zulu(AT)
    return {**plain, "manifest.json": stated}


LEFT_OUT = [
    {"fact": fact, "scope": ACCOUNT, "status": status, "reason": reason}
    for reason, status, facts in (
        ("only one region was exported", "partial", ("audit_log", "resource_policies", "stored_secrets", "workloads")),
        ("moto has no function URLs", "partial", ("resource_policies",)),
        ("moto does not have it", "missing", ("service_usage", "service_credentials")),
    )
    for fact in facts
]
"""What is not in the export, as its manifest says by hand."""


def _zulu(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_cli(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value.isoformat())


def _bucket(s3: Any, name: str) -> dict[str, Any]:
    try:
        policy = s3.get_bucket_policy(Bucket=name)["Policy"]
    except s3.exceptions.ClientError:
        policy = None
    return {"ResourceArn": f"arn:aws:s3:::{name}", "AccountId": ACCOUNT, "Policy": policy}


def _repository_policy(images: Any, name: str) -> str | None:
    try:
        return str(images.get_repository_policy(repositoryName=name)["policyText"])
    except images.exceptions.RepositoryPolicyNotFoundException:
        return None


def _function_policy(functions: Any, raw: dict[str, Any]) -> dict[str, Any]:
    try:
        policy = functions.get_policy(FunctionName=raw["FunctionName"])["Policy"]
    except functions.exceptions.ResourceNotFoundException:
        policy = None
    return {"ResourceArn": raw["FunctionArn"], "Policy": policy}


def seen(evidence: Evidence) -> dict[str, set[str]]:
    """Every row that was read, by its table, but for `source` and `run`: these are about the files, which are cut differently."""
    found: dict[str, set[str]] = {}
    for row in evidence.rows:
        if not isinstance(row, Run | Source):
            columns = {name: getattr(row, name) for name in FIELDS[type(row)]}
            found.setdefault(type(row).__name__, set()).add(repr(_told_alike(columns)))
    return found


def judged(evidence: Evidence) -> dict[str, list[str]]:
    """Every table of the snapshot that the evidence makes, but for `source` and `run`. Without evidence: of several records that say the
    same the one in the first file is cited, and files have other names here and there."""
    with Database.empty() as database:
        judge(database, evidence.hand_over(), as_of=AS_OF, pack=load_pack("default"), checks=load().checks)
        return {name: _rows(database, name) for name in database.tables() if name not in ("source", "run")}


def _rows(database: Database, table: str) -> list[str]:
    rows = database.rows(f"SELECT * FROM main.{table}")
    return sorted(repr(_told_alike({name: value for name, value in row.items() if not name.endswith("evidence")})) for row in rows)


def _told_alike(row: dict[str, Any]) -> dict[str, Any]:
    """A file's name left out. Of what was not collected the live door tells the call that failed, and who exports by hand what he left
    out: the status must be the same, the words need not."""
    if "fact" in row:  # of a coverage row the evidence is a file, and no record of it
        in_words = {"reason": None} if row["status"] in ("missing", "partial", "denied") else {}
        row = {**row, **in_words, "evidence": None}
    return {name: GAP.sub("", FILE.sub("", value)) if isinstance(value, str) else value for name, value in row.items()}


def test_live_then_assess_equals_export_then_assess_table_by_table(collected: Collected, exported: Path) -> None:
    live, export = (read([folder], COLLECTORS, key=KEY) for folder in (collected.folder, exported))
    through_live, through_export = seen(live), seen(export)

    assert through_live.keys() == through_export.keys() >= {
        "Account", "Coverage", "Credential", "Entitlement", "Federation", "Guardrail", "Identity", "Ownership", "PolicyDocument", "Resource",
        "SecretStore", "Sighting", "Trust", "Workload",
    }  # fmt: skip
    for name in sorted(through_live):
        assert through_live[name] == through_export[name], name

    judged_live, judged_export = judged(live), judged(export)
    assert judged_live["coverage"]
    assert judged_live["finding"]
    for name in sorted(judged_live):
        assert judged_live[name] == judged_export[name], name


def test_the_accounts_block_closes_the_open_bucket_and_what_hangs_on_users_is_read(collected: Collected) -> None:
    rows = read([collected.folder], COLLECTORS, key=KEY).rows

    assert {(row.kind, row.enforcement) for row in rows if isinstance(row, Guardrail) and row.scope == ACCOUNT} >= {
        ("public_access_block", Enforcement.ENFORCED)
    }
    assert {row.kind for row in rows if isinstance(row, Credential)} >= {CredentialKind.SSH_KEY, CredentialKind.X509_CERTIFICATE}
    assert sum(isinstance(row, Resource) and row.kind == "ecr_repository" for row in rows) == 2


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
