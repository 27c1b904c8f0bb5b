"""A moto server on loopback, started for the tests, and a small account in it."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

REGION = "eu-west-1"
ACCOUNT = "123456789012"
CANARIES = ("canary-password-1", "canary-token-2", "canary-in-log-driver-3", "canary-parameter-4", "canary-secret-5")
KEY_ID = "AKIA" + "EXAMPLE000000001"


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def server(log: Path) -> Iterator[str]:
    """Address of a running moto server."""
    port = free_port()
    with log.open("wb") as output:
        command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "moto ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), 5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("moto did not start")


def client(service: str) -> Any:
    import boto3

    return boto3.session.Session().client(service, region_name=REGION)


def trust(principal: dict[str, str], **more: Any) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}]}
    )


def allow(*actions: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


def fill(certificate: str) -> None:
    """A user with keys and a signing certificate (PEM), roles, functions, tasks, secrets, resources and a trail."""
    _identities(certificate)
    _workloads()
    _resources()


def _identities(certificate: str) -> None:
    iam = client("iam")
    for name in ("ci-deployer", "ana"):
        iam.create_user(UserName=name, Tags=[{"Key": "Owner", "Value": "ana@acme.example"}])
    iam.create_access_key(UserName="ci-deployer")
    iam.upload_ssh_public_key(UserName="ci-deployer", SSHPublicKeyBody="ssh-rsa AAAAexample")
    iam.upload_signing_certificate(UserName="ci-deployer", CertificateBody=certificate)
    iam.create_login_profile(UserName="ana", Password=CANARIES[0])
    iam.put_user_policy(UserName="ci-deployer", PolicyName="deploy", PolicyDocument=allow("s3:PutObject", "iam:PassRole"))
    policy = iam.create_policy(PolicyName="ops", PolicyDocument=allow("ec2:*"))["Policy"]["Arn"]
    iam.create_group(GroupName="operators")
    iam.attach_group_policy(GroupName="operators", PolicyArn=policy)
    iam.add_user_to_group(GroupName="operators", UserName="ana")
    iam.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
    )
    for name, principal in (("worker", {"Service": "lambda.amazonaws.com"}), ("vendor", {"AWS": "arn:aws:iam::444455556666:root"})):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal), Tags=[{"Key": "team", "Value": "billing"}])
    iam.put_role_policy(RoleName="worker", PolicyName="work", PolicyDocument=allow("dynamodb:PutItem"))
    iam.attach_role_policy(RoleName="vendor", PolicyArn=policy)


def _code() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("f.py", "def handler(event, context): pass")
    return held.getvalue()


def _workloads() -> None:
    variables = {
        "STAGE": "prod",
        "DB_PASSWORD": CANARIES[0],
        "DATABASE_URL": f"postgres://app:{CANARIES[0]}@db/prod",
        "API_TOKEN": CANARIES[1],
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": CANARIES[4],
        "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x",
        "API_TOKEN_TTL": "3600",
        "LOG_LEVEL": "debug",
    }
    functions = client("lambda")
    for name in ("export", "notify"):
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=f"arn:aws:iam::{ACCOUNT}:role/worker",
            Handler="f.handler",
            Code={"ZipFile": _code()},
            Environment={"Variables": variables},
        )
    functions.create_function_url_config(FunctionName="export", AuthType="NONE")
    functions.add_permission(FunctionName="notify", StatementId="all", Action="lambda:InvokeFunction", Principal="*")
    container = {"memory": 128, "image": "app:1"}
    client("ecs").register_task_definition(
        family="web",
        taskRoleArn=f"arn:aws:iam::{ACCOUNT}:role/worker",
        containerDefinitions=[
            {
                **container,
                "name": "app",
                "environment": [{"name": "SMTP_PASSWORD", "value": CANARIES[0]}, {"name": "MODE", "value": "a"}],
                "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": CANARIES[2]}},
                "command": ["serve", f"--token={CANARIES[1]}"],
            },
            {**container, "name": "side", "environment": [{"name": "SMTP_PASSWORD", "value": CANARIES[1]}, {"name": "MODE", "value": "b"}]},
        ],
    )
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1, UserData=f"export TOKEN={CANARIES[1]}")


def _pull() -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": ["ecr:BatchGetImage"]}


def _resources() -> None:
    client("secretsmanager").create_secret(Name="billing/db", SecretString=CANARIES[4])
    client("ssm").put_parameter(Name="/prod/token", Value=CANARIES[3], Type="SecureString")
    client("ssm").put_parameter(Name="/prod/url", Value=CANARIES[3], Type="String")
    s3, bucket = client("s3"), "acme-reports"
    for name in (bucket, "acme-closed"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everyone]}))
    queue = client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"}
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [anyone]})})
    client("sns").create_topic(Name="alerts")
    client("kms").create_key(Description="k")
    s3.create_bucket(Bucket="acme-trail", CreateBucketConfiguration={"LocationConstraint": REGION})
    trails = client("cloudtrail")
    trails.create_trail(Name="all", S3BucketName="acme-trail", IsMultiRegionTrail=True)
    trails.start_logging(Name="all")
    images = client("ecr")
    for name in ("team/app", "team/closed"):
        images.create_repository(repositoryName=name)
    images.set_repository_policy(repositoryName="team/app", policyText=json.dumps({"Version": "2012-10-17", "Statement": [_pull()]}))
    client("s3control").put_public_access_block(
        AccountId=ACCOUNT, PublicAccessBlockConfiguration={"BlockPublicPolicy": True, "RestrictPublicBuckets": True}
    )
    client("organizations").create_organization(FeatureSet="ALL")
