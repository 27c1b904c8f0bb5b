"""The organisation: its accounts, the service control policies and the trails. What was exported differs between the quarters."""

from __future__ import annotations

import json
from datetime import datetime

from generator import policies
from generator.company import ACCOUNTS, MANAGEMENT, NONPROD, ORGANIZATION_ID, PROD, REGION, TOOLING, Account, Quarter
from generator.estate import Json

COVERED = {2: (PROD,), 3: (PROD, TOOLING)}
"""Accounts whose service control policies were exported. Nonprod hangs on an organisational unit whose members nobody exported."""


def accounts() -> Json:
    return {"Accounts": [_account(MANAGEMENT, "quillhaven-management", datetime(2019, 4, 1, 16, 20, 1), "INVITED")]
            + [_account(account.id, account.name, account.joined, "CREATED") for account in ACCOUNTS]}  # fmt: skip


def _account(number: str, name: str, joined: datetime, method: str) -> Json:
    return {
        "Id": number,
        "Arn": f"arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION_ID}/{number}",
        "Email": f"aws+{name.removeprefix('quillhaven-')}@quillhaven.example",
        "Name": name,
        "Status": "ACTIVE",
        "State": "ACTIVE",
        "JoinedMethod": method,
        "JoinedTimestamp": f"{joined.isoformat()}+00:00",
    }


def control_policies(quarter: Quarter) -> list[Json]:
    """Each policy with its targets. FullAWSAccess is AWS's own and guards nothing."""
    guarded = [_target(account) for account in COVERED[quarter.number]]
    root = {
        "TargetId": "r-sq1l",
        "Arn": f"arn:aws:organizations::{MANAGEMENT}:root/{ORGANIZATION_ID}/r-sq1l",
        "Name": "Root",
        "Type": "ROOT",
    }
    unit = "ou-sq1l-sandbox01"
    lower = {
        "TargetId": unit,
        "Arn": f"arn:aws:organizations::{MANAGEMENT}:ou/{ORGANIZATION_ID}/{unit}",
        "Name": "Lower",
        "Type": "ORGANIZATIONAL_UNIT",
    }
    found = [
        _policy("p-FullAWSAccess", "FullAWSAccess", policies.document(policies.statement("*")), [root], aws=True),
        _policy("p-sq1workload", "workload-guardrails", _workload_guardrails(), guarded),
    ]
    if quarter.number >= 3:
        found.append(_policy("p-sq1regions", "eu-regions-only", _regions(), [*guarded, lower]))
    return found


def _target(account: Account) -> Json:
    arn = f"arn:aws:organizations::{MANAGEMENT}:account/{ORGANIZATION_ID}/{account.id}"
    return {"TargetId": account.id, "Arn": arn, "Name": account.name, "Type": "ACCOUNT"}


def _policy(number: str, name: str, content: Json, targets: list[Json], *, aws: bool = False) -> Json:
    owner = "aws" if aws else MANAGEMENT
    path = "" if aws else f"{ORGANIZATION_ID}/"
    summary = {
        "Id": number,
        "Arn": f"arn:aws:organizations::{owner}:policy/{path}service_control_policy/{number}",
        "Name": name,
        "Description": "Allows access to every operation" if aws else "",
        "Type": "SERVICE_CONTROL_POLICY",
        "AwsManaged": aws,
    }
    return {"Policy": {"PolicySummary": summary, "Content": json.dumps(content)}, "Targets": targets}


def _workload_guardrails() -> Json:
    return policies.document(
        policies.statement(
            "iam:CreateUser iam:CreateAccessKey",
            Sid="NoNewStaticKeys",
            Effect="Deny",
            Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/terraform-target"}},
        ),
        policies.statement("cloudtrail:StopLogging cloudtrail:DeleteTrail", Sid="KeepTheTrail", Effect="Deny"),
        policies.statement("organizations:LeaveOrganization", Sid="Stay", Effect="Deny"),
    )


def _regions() -> Json:
    condition = {"StringNotEquals": {"aws:RequestedRegion": [REGION, "eu-central-1", "us-east-1"]}}
    return policies.document(
        {
            "Sid": "EuropeOnly",
            "Effect": "Deny",
            "NotAction": ["iam:*", "sts:*", "route53:*", "support:*"],
            "Resource": "*",
            "Condition": condition,
        }
    )


def trail(account: Account) -> Json:
    """`aws cloudtrail describe-trails` in one account."""
    return {
        "trailList": [
            {
                "Name": "quillhaven-audit",
                "S3BucketName": "quillhaven-audit-trail",
                "IncludeGlobalServiceEvents": True,
                "IsMultiRegionTrail": True,
                "HomeRegion": REGION,
                "TrailARN": trail_arn(account),
                "LogFileValidationEnabled": account != NONPROD,
                "HasCustomEventSelectors": account == PROD,
                "HasInsightSelectors": False,
                "IsOrganizationTrail": False,
            }
        ]
    }


def trail_arn(account: Account) -> str:
    return f"arn:aws:cloudtrail:{REGION}:{account.id}:trail/quillhaven-audit"


def trail_status(quarter: Quarter, account: Account) -> Json:
    """`aws cloudtrail get-trail-status`, with the trail's ARN put in front: the answer does not hold it."""
    return {
        "TrailARN": trail_arn(account),
        "IsLogging": True,
        "LatestDeliveryTime": f"{quarter.ago(0.02).isoformat(timespec='seconds')}+00:00",
        "StartLoggingTime": f"{account.joined.isoformat()}+00:00",
    }
