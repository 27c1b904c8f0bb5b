"""Questions for two evaluators, made up from a seed: policies of every kind, one request, and its whole context."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

Json = dict[str, Any]

ACCOUNT, OTHER = "111111111111", "222222222222"
USER = f"arn:aws:iam::{ACCOUNT}:user/team/ana"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/deploy"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run-7"

ASKED = (
    ("s3:GetObject", "arn:aws:s3:::reports/home/ana/q3.csv"),
    ("s3:PutObject", "arn:aws:s3:::reports/home/ben/q3.csv"),
    ("s3:ListBucket", "arn:aws:s3:::reports"),
    ("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"),
    ("dynamodb:GetItem", f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/app/runner"),
    ("iam:CreatePolicyVersion", f"arn:aws:iam::{ACCOUNT}:policy/team/base"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:mailer"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-a1B2c3"),
    ("ec2:TerminateInstances", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/i-0abc"),
    ("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms"),
    ("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0d1e"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/app/target"),
)
HAS_POLICY = frozenset({"s3", "sqs", "lambda", "secretsmanager", "sns", "kms", "dynamodb", "sts"})
TRUSTING = ("kms:Decrypt", "sts:AssumeRole")

STRINGS = ("aws:SourceVpc", "aws:PrincipalTag/team", "aws:RequestTag/env", "aws:PrincipalOrgID", "s3:prefix", "aws:username")
TEXTS = ("blue", "Blue", "green", "vpc-1", "vpc-12", "ana", "home/ana", "o-1", "", "a*c")
STRING_VALUES = (
    *TEXTS,
    *("b*", "?lue", "*", "vpc-?", "home/*", "${*}", "a${*}c"),
    *("${aws:username}", "${AWS:USERNAME}", "home/${aws:username}", "${aws:PrincipalTag/team}", "${aws:PrincipalTag/team, 'blue'}"),
)

KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "string": (
        ("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"),
        STRINGS,
        TEXTS,
        STRING_VALUES,
    ),
    "numeric": (
        (
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ),
        ("s3:max-keys", "aws:MultiFactorAuthAge"),
        ("0", "10", "10.5", "-3", "100"),
        ("0", "10", "10.0", "10.5", "-3", "99", "ten"),
    ),
    "date": (
        ("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"),
        ("aws:CurrentTime", "aws:TokenIssueTime"),
        ("2026-03-01T00:00:00Z", "2026-06-15T12:30:00Z", "2026-06-15T14:30:00+02:00"),
        ("2026-03-01T00:00:00Z", "2026-06-15T12:30:00Z", "2026-03-01", "2027-01-01T00:00:00Z", "1772323200"),
    ),
    "bool": (
        ("Bool",),
        ("aws:SecureTransport", "aws:MultiFactorAuthPresent"),
        ("true", "false"),
        ("true", "false", "True", "${aws:SecureTransport}"),
    ),
    "binary": (("BinaryEquals",), ("aws:Binary",), ("QmluYXJ5", "b3RoZXI="), ("QmluYXJ5", "b3RoZXI=")),
    "address": (
        ("IpAddress", "NotIpAddress"),
        ("aws:SourceIp", "aws:VpcSourceIp"),
        ("203.0.113.7", "198.51.100.1", "2001:db8::7"),
        ("203.0.113.0/24", "203.0.113.7", "0.0.0.0/0", "2001:db8::/32", "2001:db8::7", "2001:DB8:0:0:0:0:0:7", "198.51.100.0/30"),
    ),
    "arn": (
        ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
        ("aws:SourceArn", "aws:PrincipalArn"),
        (f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms", "arn:aws:s3:::reports", "no-arn"),
        (
            f"arn:aws:sns:eu-west-1:{ACCOUNT}:alarms",
            f"arn:aws:sns:*:{ACCOUNT}:*",
            "arn:aws:s3:::rep?rts",
            "arn:aws:*",
            "*",
            USER,
            f"arn:aws:iam::{ACCOUNT}:*/*",
            f"arn:aws:iam::{ACCOUNT}:user/team/${{aws:username}}",
        ),
    ),
    "several": (
        ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"),
        ("aws:TagKeys", "aws:CalledVia"),
        ("env", "Env", "team", "athena.amazonaws.com"),
        ("env", "team", "e*", "*", "athena.amazonaws.com"),
    ),
}
"""Kind -> operators, keys of that type, values a request may bring, values a policy may name."""


class Question(NamedTuple):
    principal: str
    action: str
    resource: str
    owner: str
    """Account of the resource."""
    context: dict[str, str | list[str]]
    """All of it: a key that is not here is absent."""
    identity: list[Json]
    boundary: Json | None
    scps: list[list[Json]]
    resource_policy: Json | None


class Questions:
    """An endless row of questions, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311  # a repeatable choice, no secret

    def ask(self) -> Question:
        chance = self.chance
        principal = chance.choice((USER, USER, ROLE, SESSION))
        action, resource = chance.choice(ASKED)
        owner = OTHER if chance.random() < 0.08 else ACCOUNT
        service = action.split(":", maxsplit=1)[0]
        with_policy = action in TRUSTING or owner == OTHER or (service in HAS_POLICY and chance.random() < 0.35)
        return Question(
            principal=principal,
            action=action,
            resource=resource.replace(ACCOUNT, owner),
            owner=owner,
            context=self.context(principal),
            identity=[self.policy(action, resource.replace(ACCOUNT, owner)) for _ in range(chance.randint(0 if with_policy else 1, 3))],
            boundary=self.policy(action, resource.replace(ACCOUNT, owner)) if chance.random() < 0.25 else None,
            scps=self.levels(action, resource.replace(ACCOUNT, owner)) if chance.random() < 0.3 else [],
            resource_policy=self.policy(action, resource.replace(ACCOUNT, owner), principals=True) if with_policy else None,
        )

    def context(self, principal: str) -> dict[str, str | list[str]]:
        """What AWS says of the principal, and some of the other keys."""
        role = "user/" not in principal
        found: dict[str, str | list[str]] = {
            "aws:PrincipalArn": ROLE if role else principal,
            "aws:PrincipalAccount": ACCOUNT,
            "aws:PrincipalType": "AssumedRole" if role else "User",
            "aws:PrincipalIsAWSService": "false",
        }
        for kind, (_, keys, values, _) in KINDS.items():
            for key in keys:
                if key in found or key == "aws:username" or self.chance.random() < 0.35:
                    continue
                several = self.chance.sample(values, min(self.chance.randint(1, 3), len(values)))
                found[key] = several if kind == "several" else several[0]
        return found if role else {**found, "aws:username": principal.rsplit("/", 1)[-1]}

    def levels(self, action: str, resource: str) -> list[list[Json]]:
        whole = policy_of([{"Effect": "Allow", "Action": "*", "Resource": "*"}])
        return [
            [whole, self.policy(action, resource)] if self.chance.random() < 0.6 else [self.policy(action, resource)]
            for _ in range(self.chance.randint(1, 3))
        ]

    def policy(self, action: str, resource: str, *, principals: bool = False) -> Json:
        found = [self.statement(action, resource, principals=principals) for _ in range(self.chance.randint(1, 3))]
        return policy_of(found, "2008-10-17" if self.chance.random() < 0.04 else "2012-10-17")

    def statement(self, action: str, resource: str, *, principals: bool) -> Json:
        chance = self.chance
        found: Json = {"Effect": chance.choice(("Allow", "Allow", "Allow", "Deny"))}
        if principals:
            found |= self.principals(found["Effect"])
        found[chance.choice(("Action",) * 6 + ("NotAction",))] = [self.action_pattern(action) for _ in range(chance.randint(1, 2))]
        found[chance.choice(("Resource",) * 6 + ("NotResource",))] = [self.resource_pattern(resource) for _ in range(chance.randint(1, 2))]
        if chance.random() < 0.45:
            found["Condition"] = self.condition()
        return found

    def principals(self, effect: str) -> Json:
        root = f"arn:aws:iam::{ACCOUNT}:root"
        if effect == "Deny" and self.chance.random() < 0.25:
            return {
                "NotPrincipal": {
                    "AWS": self.chance.choice(([USER, root], [ROLE, SESSION, root], [root], [USER], [f"arn:aws:iam::{OTHER}:root"]))
                }
            }
        who = self.chance.choice(("*", USER, ROLE, SESSION, root, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/other", OTHER))
        return {"Principal": "*" if who == "*" and self.chance.random() < 0.5 else {"AWS": [who] if self.chance.random() < 0.5 else who}}

    def action_pattern(self, action: str) -> str:
        service, name = action.split(":")
        near = (
            action,
            action.lower(),
            f"{service}:*",
            f"{service}:{name[:3]}*",
            f"{service}:{name[:2]}?{name[3:]}",
            f"{service.upper()}:*{name[-4:]}",
        )
        return self.chance.choice((*near, *near, "*", "*", "ec2:Describe*", "s3:GetObject", f"{service}:{name}s", "cloudwatch:*"))

    def resource_pattern(self, resource: str) -> str:
        parts = resource.split(":", 5)
        last = parts[5]
        at = self.chance.randrange(len(last))
        near = (
            resource,
            ":".join([*parts[:5], last[: at + 1] + "*"]),
            ":".join([*parts[:5], f"{last[:at]}?{last[at + 1 :]}"]),
            ":".join([*parts[:5], f"*{last[at:]}"]),
            ":".join([*parts[:3], "*", "*", last]),
            ":".join([*parts[:5], "*"]),
            "*",
            "*",
        )
        rare = (
            ":".join([*parts[:5], last.replace("ana", "${aws:username}")]),
            ":".join([*parts[:5], last.replace("reports", "${aws:PrincipalTag/team}")]),
            ":".join([*parts[:4], "${aws:PrincipalAccount}" if parts[4] else "", last]),
            f"arn:aws:{parts[2]}:*",
            f"arn:aws:{parts[2]}",
            ":".join([*parts[:3], parts[3][:2] + "*", parts[4], last]),
            resource.upper().replace("ARN:AWS", "arn:aws"),
            "arn:aws:s3:::other/*",
            f"arn:aws:iam::{OTHER}:role/*",
        )
        return self.chance.choice(near if self.chance.random() < 0.8 else rare)

    def condition(self) -> Json:
        found: Json = {}
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            kind = self.chance.choice(tuple(KINDS))
            operators, keys, _, values = KINDS[kind]
            operator = self.chance.choice(operators)
            if kind == "several" or self.chance.random() < 0.06:
                operator = f"{self.chance.choice(('ForAllValues', 'ForAnyValue'))}:{operator}"
            if self.chance.random() < 0.2:
                operator += "IfExists"
            named = self.chance.sample(values, self.chance.choice((1, 1, 2)))
            if self.chance.random() < 0.08:
                operator, named = "Null", [self.chance.choice(("true", "false"))]
            found.setdefault(operator, {})[self.chance.choice(keys)] = named if len(named) > 1 or self.chance.random() < 0.5 else named[0]
        return found


def policy_of(statements: list[Json], version: str = "2012-10-17") -> Json:
    return {"Version": version, "Statement": statements}
