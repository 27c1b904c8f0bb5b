"""Exports about users' credentials: credential report, access keys, their last use, service-specific credentials, services used."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from generator.chance import percent, pick
from generator.company import NONPROD, REGION, Account, Quarter
from generator.dress import iso, zulu
from generator.estate import Estate, Json, Key, Role, User
from generator.roles import TOO_MUCH

COLUMNS = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
NONE = "N/A"


def credential_report(quarter: Quarter, estate: Estate) -> str:
    """The CSV inside the report: root first, no newline at the end. Nonprod's is in the older dialect (`+00:00`)."""
    written = iso if estate.account == NONPROD else zulu
    rows = [_root_row(quarter, estate.account, written), *(_user_row(user, written) for user in estate.users)]
    return "\n".join([COLUMNS, *(",".join(row) for row in rows)])


def raw_report(quarter: Quarter, estate: Estate) -> Json:
    """The API's answer around it."""
    content = base64.b64encode(credential_report(quarter, estate).encode()).decode()
    return {"Content": content, "ReportFormat": "text/csv", "GeneratedTime": iso(quarter.collected - timedelta(minutes=9))}


Written = Callable[[datetime], str]


def _root_row(quarter: Quarter, account: Account, written: Written) -> list[str]:
    used = quarter.ago(400 if account == NONPROD else 61)
    no_second_factor = account == NONPROD  # planted: the account's root has no MFA
    start = ["<root_account>", f"arn:aws:iam::{account.id}:root", written(account.joined), "not_supported", written(used)]
    return [*start, "not_supported", "not_supported", "false" if no_second_factor else "true", *_no_key(), *_no_key(), *_no_certificates()]


def _user_row(user: User, written: Written) -> list[str]:
    last_login, changed = NONE, NONE
    if user.has_password:
        last_login = written(user.password_used) if user.password_used else "no_information"
        changed = written(user.created)
    start = [user.name, user.arn, written(user.created), str(user.has_password).lower(), last_login, changed, NONE, str(user.mfa).lower()]
    keys = [_report_key(key, written) for key in user.keys] + [_no_key()] * (2 - len(user.keys))
    return [*start, *keys[0], *keys[1], *_no_certificates()]


def _report_key(key: Key, written: Written) -> list[str]:
    used = [written(key.last_used), REGION, key.service] if key.last_used else [NONE] * 3
    return [str(key.active).lower(), written(key.created), *used]


def _no_key() -> list[str]:
    return ["false", NONE, NONE, NONE, NONE]


def _no_certificates() -> list[str]:
    return ["false", NONE, "false", NONE]


def access_keys(estate: Estate) -> Iterator[Json]:
    """list-access-keys for every user, its name in front because an answer without keys would not say whose it is."""
    for user in estate.users:
        found = [
            {"UserName": user.name, "AccessKeyId": key.id, "Status": "Active" if key.active else "Inactive", "CreateDate": iso(key.created)}
            for key in user.keys
        ]
        yield {"UserName": user.name, "AccessKeyMetadata": found}


def keys_last_used(estate: Estate) -> Iterator[Json]:
    """get-access-key-last-used, with the key's id in front: the answer does not hold it."""
    for user in estate.users:
        for key in user.keys:
            used = (
                {"LastUsedDate": iso(key.last_used), "ServiceName": key.service, "Region": REGION}
                if key.last_used
                else {"ServiceName": NONE, "Region": NONE}
            )
            yield {"AccessKeyId": key.id, "UserName": user.name, "AccessKeyLastUsed": used}


def service_specific(estate: Estate) -> Json:
    """`aws iam list-service-specific-credentials --all-users`."""
    found = []
    for user in estate.users:
        for key in user.service_keys:
            name = "ServiceUserName" if key.service.startswith("codecommit") else "ServiceCredentialAlias"
            entry = {"UserName": user.name, "Status": key.status, name: key.alias, "CreateDate": iso(key.created)}
            entry |= {"ServiceSpecificCredentialId": key.id, "ServiceName": key.service}
            if key.expires:
                entry["ExpirationDate"] = iso(key.expires)
            found.append(entry)
    return {"ServiceSpecificCredentials": found, "IsTruncated": False}


SERVICES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    # need -> (service name, namespace, actions whose last use AWS tracks)
    "table": ("Amazon DynamoDB", "dynamodb", ()),
    "queue": ("Amazon SQS", "sqs", ()),
    "bucket": ("Amazon S3", "s3", ()),
    "key": ("AWS Key Management Service", "kms", ("Decrypt", "GenerateDataKey")),
    "secret": ("AWS Secrets Manager", "secretsmanager", ("GetSecretValue",)),
    "parameter": ("AWS Systems Manager", "ssm", ("GetParameter", "GetParametersByPath")),
    "stream": ("Amazon Kinesis Data Streams", "kinesis", ()),
    "mail": ("Amazon SES", "ses", ()),
    "registry": ("Amazon Elastic Container Registry", "ecr", ()),
    "model": ("Amazon Bedrock", "bedrock", ()),
}
NEVER_CALLED = (
    ("Amazon EC2", "ec2"),
    ("AWS Identity and Access Management", "iam"),
    ("Amazon RDS", "rds"),
    ("AWS Glue", "glue"),
    ("Amazon Athena", "athena"),
)
"""What administrators of everything are allowed and never do."""


def services_used(quarter: Quarter, estate: Estate) -> Iterator[Json]:
    """get-service-last-accessed-details of a part of the principals, with the ARN in front. Nonprod: fewer."""
    share = 25 if estate.account == NONPROD else 55
    for principal in estate.principals:
        if principal.needs and percent("services used", principal.arn) < share:
            yield _used_by(quarter, principal)


def _used_by(quarter: Quarter, principal: Role | User) -> Json:
    last = principal.last_used if isinstance(principal, Role) else next((key.last_used for key in principal.keys if key.last_used), None)
    found = []
    for index, need in enumerate(principal.needs):
        forgotten = index and pick(range(4), "never called", principal.arn, need) == 0
        name, namespace, tracked = SERVICES[need]
        found.append(_service(principal, name, namespace, tracked, None if forgotten else last))
    if principal.name in TOO_MUCH:
        found.extend(_service(principal, name, namespace, (), None) for name, namespace in NEVER_CALLED)
    return {
        "Arn": principal.arn,
        "JobStatus": "COMPLETED",
        "JobType": "ACTION_LEVEL",
        "JobCreationDate": iso(quarter.collected - timedelta(minutes=4)),
        "JobCompletionDate": iso(quarter.collected - timedelta(minutes=3)),
        "ServicesLastAccessed": found,
        "IsTruncated": False,
    }


def _service(principal: Role | User, name: str, namespace: str, tracked: tuple[str, ...], last: datetime | None) -> Json:
    entry: Json = {"ServiceName": name, "ServiceNamespace": namespace, "TotalAuthenticatedEntities": 1 if last else 0}
    seen = {"LastAuthenticated": iso(last), "LastAuthenticatedEntity": principal.arn, "LastAuthenticatedRegion": REGION} if last else {}
    if tracked:
        entry["TrackedActionsLastAccessed"] = [
            _action(principal, action, last if index == 0 else None) for index, action in enumerate(tracked)
        ]
    return {**entry, **seen}


def _action(principal: Role | User, action: str, last: datetime | None) -> Json:
    used = {"LastAccessedEntity": principal.arn, "LastAccessedTime": iso(last), "LastAccessedRegion": REGION} if last else {}
    return {"ActionName": action, **used}
