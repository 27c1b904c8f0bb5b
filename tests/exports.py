"""Small exports in the true formats, for any test that needs files: every function returns what one file holds.

`estate()` is a whole small company; `write` puts files into a folder. Dates lie before AS_OF.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
AS_OF = "2026-09-30"
NEWEST = "2026-09-28"
"""The newest date in any record of the estate."""

REPOSITORY = "acme/billing"
COMMIT = "0ad24aee2c98c15c648d98ce74e362aed2f95a15"
KEY_ID = "AKIA" + "Q3EGUZQ7WXYR4TKM"  # in two parts, as scanners of this repository would report it
REPORT_COLUMNS = tuple(
    "user arn user_creation_time password_enabled password_last_used password_last_changed password_next_rotation mfa_active "
    "access_key_1_active access_key_1_last_rotated access_key_1_last_used_date access_key_1_last_used_region "
    "access_key_1_last_used_service access_key_2_active access_key_2_last_rotated access_key_2_last_used_date "
    "access_key_2_last_used_region access_key_2_last_used_service cert_1_active cert_1_last_rotated cert_2_active "
    "cert_2_last_rotated".split()
)

Export = Any
"""What a file holds: text, bytes, or a value to be written as JSON."""


def write(folder: Path, files: Mapping[str, Export]) -> Path:
    """Write files below a folder, JSON unless they are text or bytes already; returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def user_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:user/{name}"


def role_arn(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def statement(*actions: str, resource: str = "*", effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": resource}


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(*principals: Mapping[str, str]) -> dict[str, Any]:
    return policy(*({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": dict(principal)} for principal in principals))


def role(name: str, *, account: str = ACCOUNT, trusts: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One entry of RoleDetailList; assumed by Lambda unless `trusts` says otherwise."""
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{name.upper().replace('-', '')[:16]:0<16}",
        "Arn": role_arn(name, account),
        "CreateDate": "2025-01-10T09:00:00Z",
        "AssumeRolePolicyDocument": trusts or trust({"Service": "lambda.amazonaws.com"}),
        "InstanceProfileList": [],
        "RolePolicyList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        "RoleLastUsed": {"LastUsedDate": "2026-09-20T09:00:00Z", "Region": "eu-central-1"},
        **more,
    }


def user(name: str, *, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    """One entry of UserDetailList."""
    return {
        "Path": "/",
        "UserName": name,
        "UserId": f"AIDA{name.upper().replace('-', '')[:16]:0<16}",
        "Arn": user_arn(name, account),
        "CreateDate": "2024-03-01T09:00:00Z",
        "UserPolicyList": [],
        "GroupList": [],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def inline(name: str, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"PolicyName": name, "PolicyDocument": dict(document)}]


def attached(*names: str, account: str = ACCOUNT) -> list[dict[str, str]]:
    return [{"PolicyName": name, "PolicyArn": f"arn:aws:iam::{account}:policy/{name}"} for name in names]


def managed_policy(name: str, document: Mapping[str, Any], account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{account}:policy/{name}",
        "DefaultVersionId": "v1",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": True, "Document": dict(document)}],
    }


def group(name: str, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    return {
        "Path": "/",
        "GroupName": name,
        "Arn": f"arn:aws:iam::{account}:group/{name}",
        "GroupPolicyList": [],
        "AttachedManagedPolicies": [],
        **more,
    }


def gaad(
    *,
    users: Sequence[Export] = (),
    groups: Sequence[Export] = (),
    roles: Sequence[Export] = (),
    policies: Sequence[Export] = (),
    truncated: bool = False,
) -> dict[str, Any]:
    """get-account-authorization-details, one page."""
    return {
        "UserDetailList": list(users),
        "GroupDetailList": list(groups),
        "RoleDetailList": list(roles),
        "Policies": list(policies),
        "IsTruncated": truncated,
    }


def report_row(name: str, *, account: str = ACCOUNT, **more: str) -> dict[str, str]:
    """One row of a credential report: no password, one active key."""
    row = {column: "false" if column.endswith(("_active", "_enabled")) else "N/A" for column in REPORT_COLUMNS}
    arn = f"arn:aws:iam::{account}:root" if name == "<root_account>" else user_arn(name, account)
    row |= {"user": name, "arn": arn, "user_creation_time": "2024-03-01T09:00:00Z"}
    if name != "<root_account>":
        row |= {
            "access_key_1_active": "true",
            "access_key_1_last_rotated": "2024-03-01T09:05:00Z",
            "access_key_1_last_used_date": "2026-09-25T08:00:00Z",
            "access_key_1_last_used_region": "eu-central-1",
            "access_key_1_last_used_service": "s3",
        }
    return row | more


def credential_report(rows: Iterable[Mapping[str, str]], *, delimiter: str = ",", newline: str = "\n") -> str:
    """Credential report as CSV; columns beyond the 22 come last."""
    listed = list(rows)
    columns = [*REPORT_COLUMNS, *sorted({name for row in listed for name in row} - set(REPORT_COLUMNS))]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="N/A", delimiter=delimiter, lineterminator=newline)
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


def old_dialect(report: str) -> str:
    """The same report as it was written years ago: +00:00 in place of Z, TRUE in place of true."""
    return report.replace("Z,", "+00:00,").replace(",true", ",TRUE").replace(",false", ",FALSE")


def credential_report_answer(report: str) -> dict[str, str]:
    """The raw API's answer around a report."""
    return {
        "Content": base64.b64encode(report.encode()).decode(),
        "ReportFormat": "text/csv",
        "GeneratedTime": f"{NEWEST}T06:00:00+00:00",
    }


def access_key(name: str, key_id: str, *, created: str = "2024-03-01T09:05:00Z", status: str = "Active") -> dict[str, str]:
    return {"UserName": name, "AccessKeyId": key_id, "Status": status, "CreateDate": created}


def access_keys(*keys: Export) -> dict[str, Any]:
    return {"AccessKeyMetadata": list(keys)}


def function(name: str, role_name: str, variables: Mapping[str, str] | None = None, account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "FunctionName": name,
        "FunctionArn": f"arn:aws:lambda:eu-central-1:{account}:function:{name}",
        "Role": role_arn(role_name, account),
        "Environment": {"Variables": dict(variables or {})},
    }


def task_definition(name: str, role_name: str, variables: Mapping[str, str], account: str = ACCOUNT) -> dict[str, Any]:
    return {
        "taskDefinition": {
            "taskDefinitionArn": f"arn:aws:ecs:eu-central-1:{account}:task-definition/{name}:3",
            "family": name,
            "taskRoleArn": role_arn(role_name, account),
            "containerDefinitions": [{"name": name, "environment": [{"name": key, "value": value} for key, value in variables.items()]}],
        }
    }


def secret(name: str, account: str = ACCOUNT, **more: Any) -> dict[str, Any]:
    return {
        "ARN": f"arn:aws:secretsmanager:eu-central-1:{account}:secret:{name}-AbCdEf",
        "Name": name,
        "RotationEnabled": False,
        "CreatedDate": "2025-02-01T09:00:00Z",
        "LastChangedDate": "2025-02-01T09:00:00Z",
        "LastAccessedDate": f"{NEWEST}T00:00:00Z",
        **more,
    }


def gitleaks(value: str, *, path: str = "app.py", line: int = 2, rule: str = "generic-api-key") -> dict[str, Any]:
    """One finding of a gitleaks report."""
    return {
        "RuleID": rule,
        "Description": "found",
        "StartLine": line,
        "EndLine": line,
        "Match": f"key = '{value}'",
        "Secret": value,
        "File": path,
        "SymlinkFile": "",
        "Commit": COMMIT,
        "Entropy": 4.1,
        "Author": "Ana",
        "Email": "ana@x.example",
        "Date": "2026-05-04T10:00:00Z",
        "Message": "init",
        "Tags": [],
        "Fingerprint": f"{COMMIT}:{path}:{rule}:{line}",
    }


def manifest(files: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """manifest.json of a bundle: path -> scope."""
    entries = [{"path": path, "scope": scope, "collected_at": f"{NEWEST}T12:00:00Z"} for path, scope in files.items()]
    return {"bundle_version": 1, "files": entries, **more}


def estate() -> dict[str, Export]:
    """One account with users, roles, a group, workloads, secrets and a scan: every kind of path, a few of each."""
    reader = policy(statement("s3:GetObject", resource="arn:aws:s3:::reports/*"))
    writer = policy(statement("dynamodb:PutItem", "sqs:SendMessage"))
    admin = policy(statement("*"))
    return {
        "gaad.json": gaad(
            users=[
                user("svc-export", UserPolicyList=inline("export", reader)),
                user("svc-legacy", GroupList=["operators"]),
                user("ana", AttachedManagedPolicies=attached("ops")),
            ],
            groups=[group("operators", AttachedManagedPolicies=attached("ops"), GroupPolicyList=inline("write", writer))],
            roles=[
                role("worker", RolePolicyList=inline("worker", writer), Tags=[{"Key": "Owner", "Value": "ana@acme.example"}]),
                role("deployer", trusts=trust({"AWS": role_arn("ci")}), AttachedManagedPolicies=attached("admin")),
                role("ci", trusts=trust({"AWS": user_arn("svc-legacy")}, {"AWS": user_arn("svc-export")})),
                role("vendor", trusts=trust({"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"})),
            ],
            policies=[managed_policy("ops", writer), managed_policy("admin", admin)],
        ),
        "credential-report.csv": credential_report(
            [
                report_row("<root_account>", password_enabled="not_supported"),
                report_row("svc-export"),
                report_row("svc-legacy", access_key_1_last_rotated="2022-01-05T10:00:00Z"),
                report_row("ana", password_enabled="true", access_key_1_active="false", access_key_1_last_rotated="N/A"),
            ]
        ),
        "access-keys.json": access_keys(
            access_key("svc-export", KEY_ID), access_key("svc-legacy", "AKIA" + "LEGACYKEY0000001", created="2022-01-05T10:00:00Z")
        ),
        "lambda.json": {
            "Functions": [
                function("export", "worker", {"STAGE": "prod", "AWS_ACCESS_KEY_ID": KEY_ID}),
                function("report", "worker", {"STAGE": "prod", "DB_PASSWORD": "not-a-real-value-1"}),
                function("notify", "worker", {"STAGE": "dev", "DB_PASSWORD": "not-a-real-value-1"}),
            ]
        },
        "secrets.json": {"SecretList": [secret("billing/db"), secret("billing/mail", RotationEnabled=True)]},
        "gitleaks.json": [
            gitleaks(KEY_ID, rule="aws-access-token"),
            gitleaks("not-a-real-value-2", path="conf/a.yaml", line=7),
            gitleaks("not-a-real-value-3", path="conf/b.yaml", line=9),
        ],
        "manifest.json": manifest({"access-keys.json": ACCOUNT, "gitleaks.json": REPOSITORY}),
    }
