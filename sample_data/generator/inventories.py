"""What runs and what it touches, as the command line lists it: functions, task definitions, instances, secrets, resource policies."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta

from generator.chance import hexadecimal, number
from generator.company import REGION, Quarter
from generator.dress import iso, tag_list
from generator.estate import Estate, Function, Json, Machine, Resource, Secret, Task

RUNTIMES = ("python3.12", "nodejs20.x", "java21")


def functions(estate: Estate) -> Json:
    """`aws lambda list-functions`."""
    return {"Functions": [_function(function) for function in estate.functions]}


def _function(function: Function) -> Json:
    code = hashlib.sha256(function.name.encode()).digest()
    return {
        "FunctionName": function.name,
        "FunctionArn": f"arn:aws:lambda:{REGION}:{function.account.id}:function:{function.name}",
        "Runtime": RUNTIMES[number("runtime", function.name.rsplit("-", 1)[0]) % len(RUNTIMES)],
        "Role": function.role_arn,
        "Handler": "app.handler",
        "CodeSize": 20_000 + number("size", function.name) % 900_000,
        "Timeout": 30,
        "MemorySize": 256,
        "LastModified": f"{function.modified.isoformat(timespec='seconds')}.000+0000",
        "CodeSha256": base64.b64encode(code).decode(),
        "Version": "$LATEST",
        "Environment": {"Variables": function.variables},
        "TracingConfig": {"Mode": "PassThrough"},
        "PackageType": "Zip",
        "Architectures": ["arm64"],
    }


def task_definitions(estate: Estate) -> Iterator[Json]:
    """`aws ecs describe-task-definition --include TAGS`, one answer each."""
    for task in estate.tasks:
        definition = _task(task)
        yield {
            "taskDefinition": definition,
            "tags": [{"key": "team", "value": task.team}, {"key": "environment", "value": task.environment}],
        }


def _task(task: Task) -> Json:
    revision = 3 + number("revision", task.family) % 60
    image = f"777788889999.dkr.ecr.{REGION}.amazonaws.com/{task.family.rsplit('-', 1)[0]}:{hexadecimal(7, 'image', task.family)}"
    container = {
        "name": task.family.rsplit("-", 1)[0],
        "image": image,
        "cpu": 256,
        "memory": 512,
        "essential": True,
        "environment": [{"name": name, "value": value} for name, value in task.variables.items()],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in task.secrets.items()],
    }
    found: Json = {
        "taskDefinitionArn": f"arn:aws:ecs:{REGION}:{task.account.id}:task-definition/{task.family}:{revision}",
        "containerDefinitions": [container],
        "family": task.family,
    }
    if task.task_role:
        found["taskRoleArn"] = task.task_role
    return found | {
        "executionRoleArn": task.execution_role,
        "networkMode": "awsvpc",
        "revision": revision,
        "volumes": [],
        "status": "ACTIVE",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "registeredAt": iso(task.registered),
    }


def instances(quarter: Quarter, estate: Estate) -> Json:
    """`aws ec2 describe-instances`."""
    return {"Reservations": [_reservation(quarter, machine) for machine in estate.machines]}


def _reservation(quarter: Quarter, machine: Machine) -> Json:
    mark = hexadecimal(17, "instance", machine.account.id, machine.name)
    instance: Json = {
        "InstanceId": f"i-{mark}",
        "ImageId": f"ami-{mark[::-1]}",
        "InstanceType": "t4g.medium",
        "LaunchTime": iso(quarter.ago(20 + number("launch", machine.name) % 60)),
        "Placement": {"AvailabilityZone": f"{REGION}a", "Tenancy": "default"},
        "State": {"Code": 16, "Name": "running"},
        "MetadataOptions": {
            "State": "applied",
            "HttpTokens": "optional" if machine.old_metadata else "required",
            "HttpPutResponseHopLimit": 1,
            "HttpEndpoint": "enabled",
        },
        "Tags": tag_list({"Name": machine.name, "environment": machine.environment, "team": machine.team}),
    }
    if machine.profile:
        instance["IamInstanceProfile"] = {
            "Arn": f"arn:aws:iam::{machine.account.id}:instance-profile/{machine.profile}",
            "Id": f"AIPASAMPLE{mark[:11].upper()}",
        }
    return {"ReservationId": f"r-{mark[:9]}", "OwnerId": machine.account.id, "Groups": [], "Instances": [instance]}


def secrets(quarter: Quarter, estate: Estate) -> Json:
    """`aws secretsmanager list-secrets`."""
    return {"SecretList": [_secret(quarter, secret) for secret in estate.secrets]}


def _secret(quarter: Quarter, secret: Secret) -> Json:
    version = "-".join((hexadecimal(8, "v", secret.arn), hexadecimal(4, "w", secret.arn), "4000", "8000", hexadecimal(12, "x", secret.arn)))
    found: Json = {"ARN": secret.arn, "Name": secret.name, "Description": secret.description, "RotationEnabled": bool(secret.rotation_days)}
    if secret.rotation_days:
        found["RotationLambdaARN"] = f"arn:aws:lambda:{REGION}:{secret.account.id}:function:rotate-secret"
        found["RotationRules"] = {"AutomaticallyAfterDays": secret.rotation_days}
    if secret.rotated:
        found["LastRotatedDate"] = iso(secret.rotated)
    return found | {
        "LastChangedDate": iso(secret.rotated or secret.created),
        "LastAccessedDate": iso((quarter.collected - timedelta(days=1)).replace(hour=0, minute=0)),
        "Tags": tag_list({"team": secret.team}),
        "SecretVersionsToStages": {version: ["AWSCURRENT"]},
        "CreatedDate": iso(secret.created),
    }


def resource_policies(estate: Estate) -> Iterator[Json]:
    """Answers of get-bucket-policy, get-queue-attributes and get-topic-attributes, the resource's ARN in front; null where it has none."""
    for resource in estate.resources:
        if resource.url_auth is None:
            yield {"ResourceArn": resource.arn, "Policy": json.dumps(resource.policy) if resource.policy else None}


def function_urls(estate: Estate) -> Iterator[Json]:
    """`aws lambda get-function-url-config` of each function that has a URL."""
    for resource in estate.resources:
        if resource.url_auth:
            yield _url(resource)


def _url(resource: Resource) -> Json:
    return {
        "FunctionUrl": f"https://sample{hexadecimal(26, 'url', resource.arn)}.lambda-url.{REGION}.on.aws/",
        "FunctionArn": resource.arn,
        "AuthType": resource.url_auth,
        "CreationTime": "2025-02-11T09:30:12.123Z",
        "LastModifiedTime": "2025-02-11T09:30:12.123Z",
        "InvokeMode": "BUFFERED",
    }
