"""Writes an AWS account of any size as `aws iam get-account-authorization-details` prints it.

`python benchmarks/generate_account.py 20000 [--into FILE]`: N roles, N/10 users, N/100 groups, N/20 managed policies. The same bytes every
time. The mix is that of a busy company account: most roles carry an inline policy of their own, so that nearly every policy set is distinct.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

Json = dict[str, Any]

ACCOUNT = "111122223333"
OTHER_ACCOUNTS = ("222233334444", "333344445555", "444455556666")
ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/5A3F0C7D9E1B2468BENCH00123456789"
GITHUB = "token.actions.githubusercontent.com"
TODAY = datetime(2026, 9, 30, 6, 0, 0)
WORK = Path(__file__).resolve().parent / "work"

TEAMS = ("payments", "search", "ledger", "platform", "data", "mobile", "growth", "identity", "logistics", "risk")
JOBS = ("api", "worker", "sync", "export", "import", "index", "notify", "report", "cleanup", "gateway", "scheduler", "billing")
ENVIRONMENTS = ("production", "production", "staging", "development")

NEEDS = (
    (("s3:GetObject", "s3:PutObject", "s3:ListBucket"), ("arn:aws:s3:::{name}", "arn:aws:s3:::{name}/*")),
    (("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"), ("arn:aws:dynamodb:eu-west-1:{account}:table/{name}*",)),
    (("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"), ("arn:aws:sqs:eu-west-1:{account}:{name}-*",)),
    (("sns:Publish",), ("arn:aws:sns:eu-west-1:{account}:{name}",)),
    (("secretsmanager:GetSecretValue",), ("arn:aws:secretsmanager:eu-west-1:{account}:secret:{name}/*",)),
    (("ssm:GetParameter", "ssm:GetParametersByPath"), ("arn:aws:ssm:eu-west-1:{account}:parameter/{name}/*",)),
    (("kms:Decrypt", "kms:GenerateDataKey"), ("arn:aws:kms:eu-west-1:{account}:key/*",)),
    (("logs:CreateLogStream", "logs:PutLogEvents"), ("arn:aws:logs:eu-west-1:{account}:log-group:/app/{name}:*",)),
    (("ec2:Describe*",), ("*",)),
    (("cloudwatch:PutMetricData", "xray:PutTraceSegments"), ("*",)),
    (("s3:*",), ("arn:aws:s3:::{name}/*",)),
    (("iam:PassRole",), ("arn:aws:iam::{account}:role/{name}-task",)),
    (("lambda:InvokeFunction", "states:StartExecution"), ("*",)),
    (("s3:Get*", "s3:List*", "athena:*", "glue:Get*"), ("*",)),
)
"""What a program asks for: actions, and resources of its own name."""

RISKS: tuple[Json, ...] = (
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:*"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances", "lambda:CreateFunction"], "Resource": "*"},
    {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"},
    {"Effect": "Allow", "Action": ["iam:AttachUserPolicy", "iam:CreateAccessKey"], "Resource": f"arn:aws:iam::{ACCOUNT}:user/*"},
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/deploy-*"},
)
"""What about one role in eight should not have."""

LIMITS: tuple[Json, ...] = (
    {"Effect": "Deny", "Action": ["iam:*", "organizations:*"], "Resource": "*"},
    {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
    },
)

AWS_MANAGED: dict[str, Json] = {
    "AdministratorAccess": {"Effect": "Allow", "Action": "*", "Resource": "*"},
    "PowerUserAccess": {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
    "ReadOnlyAccess": {"Effect": "Allow", "Action": ["ec2:Describe*", "s3:Get*", "s3:List*", "iam:Get*", "iam:List*"], "Resource": "*"},
    "AmazonS3FullAccess": {"Effect": "Allow", "Action": ["s3:*", "s3-object-lambda:*"], "Resource": "*"},
    "AmazonSSMManagedInstanceCore": {"Effect": "Allow", "Action": ["ssm:UpdateInstanceInformation", "ec2messages:*"], "Resource": "*"},
    "service-role/AWSLambdaBasicExecutionRole": {
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "*",
    },
}
COMMON = ("service-role/AWSLambdaBasicExecutionRole",) * 6 + ("AmazonSSMManagedInstanceCore", "ReadOnlyAccess", "AmazonS3FullAccess")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("roles", type=int, help="how many roles")
    parser.add_argument("--into", type=Path, help="file to write (default: benchmarks/work/account-N.json)")
    arguments = parser.parse_args()
    target: Path = arguments.into or WORK / f"account-{arguments.roles}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        json.dump(account(arguments.roles), file, indent=4)
    print(f"{target}: {arguments.roles} roles, {target.stat().st_size / 1e6:.1f} MB")


def account(roles: int) -> Json:
    """The whole answer, all pages joined."""
    own = [_arn("policy", f"shared-{number}") for number in range(max(roles // 20, 1))]
    groups = [f"group-{number}" for number in range(max(roles // 100, 1))]
    return {
        "UserDetailList": [_user(number, own, groups) for number in range(roles // 10)],
        "GroupDetailList": [_group(name, own) for name in groups],
        "RoleDetailList": [_role(number, own) for number in range(roles)],
        "Policies": [*(_own_policy(arn) for arn in own), *(_aws_policy(name) for name in AWS_MANAGED)],
    }


def _user(number: int, own: Sequence[str], groups: Sequence[str]) -> Json:
    chance = _chance("user", number)
    name = f"svc-{_name(chance, number)}"
    user = {
        **_heading("User", "AIDA", name, "/", chance),
        "GroupList": chance.sample(groups, k=min(chance.choice((0, 1, 1, 2)), len(groups))),
    }
    if chance.random() < 0.3:
        user["UserPolicyList"] = _inline(chance, name, 1)
    user["AttachedManagedPolicies"] = _attached(chance, own, chance.choice((0, 1, 1, 2)))
    user["Tags"] = _tags(chance)
    return user


def _group(name: str, own: Sequence[str]) -> Json:
    chance = _chance("group", name)
    group = _heading("Group", "AGPA", name, "/", chance)
    return {**group, "GroupPolicyList": _inline(chance, name, 1), "AttachedManagedPolicies": _attached(chance, own, 2)}


def _role(number: int, own: Sequence[str]) -> Json:
    chance = _chance("role", number)
    name = _name(chance, number)
    path, trust = _trust(chance, name, number)
    role = {**_heading("Role", "AROA", name, path, chance), "AssumeRolePolicyDocument": _document(trust)}
    on_instances = trust["Principal"] == {"Service": "ec2.amazonaws.com"}
    role["InstanceProfileList"] = [{**_heading("InstanceProfile", "AIPA", name, "/", chance), "Roles": []}] if on_instances else []
    role["RolePolicyList"] = _inline(chance, name, chance.choice((0, 1, 1, 1, 2, 3)))
    role["AttachedManagedPolicies"] = _attached(chance, own, chance.choice((0, 1, 1, 2, 3)))
    if chance.random() < 0.1:
        role["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": own[0]}
    role["Tags"] = _tags(chance)
    used = chance.random() < 0.6
    role["RoleLastUsed"] = {"LastUsedDate": _moment(chance, 300), "Region": "eu-west-1"} if used else {}
    return role


def _trust(chance: Random, name: str, number: int) -> tuple[str, Json]:
    """Path of the role and its trust statement, in the shares that busy accounts have."""
    draw = chance.random() * 100
    if draw < 55:
        host = "lambda" if draw < 25 else "ecs-tasks" if draw < 40 else "ec2" if draw < 50 else "states"
        return "/", _allow({"Service": f"{host}.amazonaws.com"})
    if draw < 70:
        subject = {f"{ISSUER}:sub": f"system:serviceaccount:{name[:8]}:{name}", f"{ISSUER}:aud": "sts.amazonaws.com"}
        return "/", _web(ISSUER, {"StringEquals": subject})
    if draw < 78:
        condition: Json = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
        if draw < 77:
            condition["StringLike"] = {f"{GITHUB}:sub": f"repo:quillhaven/{name}:{'*' if draw < 73 else 'ref:refs/heads/main'}"}
        return "/", _web(GITHUB, condition)
    if draw < 84:
        external = {"StringEquals": {"sts:ExternalId": f"ext-{number}"}} if draw < 82 else None
        return "/vendors/", _allow({"AWS": f"arn:aws:iam::{chance.choice(OTHER_ACCOUNTS)}:root"}, external)
    if draw < 91:  # a role that an earlier role may assume
        earlier = chance.randrange(max(number, 1))
        return "/", _allow({"AWS": _arn("role", _name(_chance("role", earlier), earlier))})
    if draw < 94:
        saml = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/CompanyADFS"}
        return "/people/", _allow(saml, {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}, "sts:AssumeRoleWithSAML")
    if draw < 98:
        return "/aws-service-role/ecs.amazonaws.com/", _allow({"Service": "ecs.amazonaws.com"})
    if draw < 99:
        return "/", _allow({"AWS": f"AIDABENCH{number:012d}"})
    return "/", _allow({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": "o-bench00000"}} if draw < 99.7 else None)


def _inline(chance: Random, name: str, count: int) -> list[Json]:
    return [{"PolicyName": f"{name}-{index}", "PolicyDocument": _document(*_statements(chance, name))} for index in range(count)]


def _statements(chance: Random, name: str) -> list[Json]:
    found: list[Json] = []
    for actions, resources in chance.sample(NEEDS, k=chance.choice((1, 2, 2, 3, 4))):
        places = [resource.format(name=name, account=ACCOUNT) for resource in resources]
        found.append({"Effect": "Allow", "Action": list(actions), "Resource": places if len(places) > 1 else places[0]})
    if chance.random() < 0.1:
        found[0]["Condition"] = {"StringEquals": {"aws:ResourceTag/team": name.split("-", 1)[0]}}
    if chance.random() < 0.08:
        found.append(dict(chance.choice(RISKS)))
    if chance.random() < 0.08:
        found.append(dict(chance.choice(LIMITS)))
    return [{"Sid": f"S{index}", **statement} for index, statement in enumerate(found)]


def _own_policy(arn: str) -> Json:
    name = arn.rsplit("/", 1)[-1]
    chance = _chance("policy", name)
    wide = [{"Effect": "Allow", "Action": "*", "Resource": "*"}, LIMITS[0]]  # the first one serves as permissions boundary
    return _policy(arn, _document(*(wide if name == "shared-0" else _statements(chance, name))), chance)


def _aws_policy(name: str) -> Json:
    return _policy(f"arn:aws:iam::aws:policy/{name}", _document(AWS_MANAGED[name]), _chance("policy", name))


def _policy(arn: str, document: Json, chance: Random) -> Json:
    made = _moment(chance, 1500)
    return {
        "PolicyName": arn.rsplit("/", 1)[-1],
        "PolicyId": _unique_id("ANPA", chance),
        "Arn": arn,
        "Path": "/",
        "DefaultVersionId": "v1",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": made,
        "UpdateDate": made,
        "PolicyVersionList": [{"Document": document, "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": made}],
    }


def _attached(chance: Random, own: Sequence[str], count: int) -> list[Json]:
    arns = {chance.choice(own) if chance.random() < 0.5 else f"arn:aws:iam::aws:policy/{chance.choice(COMMON)}" for _ in range(count)}
    if chance.random() < 0.01:
        arns.add(f"arn:aws:iam::aws:policy/{chance.choice(('AdministratorAccess', 'PowerUserAccess'))}")
    return [{"PolicyName": arn.rsplit("/", 1)[-1], "PolicyArn": arn} for arn in sorted(arns)]


def _tags(chance: Random) -> list[Json]:
    if chance.random() < 0.2:
        return []
    team = chance.choice(TEAMS)
    tags = {"Environment": chance.choice(ENVIRONMENTS), "team": team, "application": chance.choice(JOBS)}
    if chance.random() < 0.6:
        tags["owner"] = f"{team}-{chance.randrange(20)}@quillhaven.example"
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _heading(kind: str, prefix: str, name: str, path: str, chance: Random) -> Json:
    arn = _arn({"InstanceProfile": "instance-profile"}.get(kind, kind.lower()), name, path)
    return {"Path": path, f"{kind}Name": name, f"{kind}Id": _unique_id(prefix, chance), "Arn": arn, "CreateDate": _moment(chance, 1500)}


def _arn(kind: str, name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}"


def _allow(principal: Json, condition: Json | None = None, action: str = "sts:AssumeRole") -> Json:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return {**statement, "Condition": condition} if condition else statement


def _web(issuer: str, condition: Json) -> Json:
    return _allow({"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"}, condition, "sts:AssumeRoleWithWebIdentity")


def _document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _name(chance: Random, number: int) -> str:
    return f"{chance.choice(TEAMS)}-{chance.choice(JOBS)}-{number}"


def _unique_id(prefix: str, chance: Random) -> str:
    return f"{prefix}BENCH{chance.randrange(10**12):012d}"


def _moment(chance: Random, days: int) -> str:
    return f"{TODAY - timedelta(seconds=chance.randrange(days * 86400)):%Y-%m-%dT%H:%M:%S}+00:00"


def _chance(*parts: object) -> Random:
    """A source of choices for one thing, so that adding another moves none."""
    return Random("|".join(map(str, parts)))  # noqa: S311  a benchmark needs the same bytes every time, not secrets


if __name__ == "__main__":
    main()
