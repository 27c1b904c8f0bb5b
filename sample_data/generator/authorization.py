"""`aws iam get-account-authorization-details`: users, groups, roles and policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from generator import policies
from generator.chance import on_day, unique_id
from generator.company import REGION, Account
from generator.dress import iso, tag_list, url_encoded
from generator.estate import Estate, Json, Role, User

GROUPS = {"engineers": "PowerUserAccess", "service-users": "data-lake-read"}
"""Group -> its managed policy."""

POLICY_VERSIONS = {"ci-publish": policies.document(policies.statement("ecr:* s3:*"))}
"""Policies with an older, wider version that is no longer the default."""

Text = Callable[[Json], Any]
"""How a policy document is written: as an object, or URL-encoded."""


def one_answer(estate: Estate) -> Json:
    """All pages joined, documents as objects: what the command line prints."""
    return _details(estate, estate.roles, lambda document: document, with_users=True, with_policies=True)


def two_pages(estate: Estate) -> tuple[Json, Json]:
    """The raw API: documents URL-encoded, a marker on the first page."""
    half = len(estate.roles) // 2
    first = _details(estate, estate.roles[:half], url_encoded, with_users=True, with_policies=False)
    second = _details(estate, estate.roles[half:], url_encoded, with_users=False, with_policies=True)
    marker = unique_id("ANPA", "marker", estate.account.id)
    return {**first, "IsTruncated": True, "Marker": marker}, {**second, "IsTruncated": False}


def _details(estate: Estate, roles: list[Role], text: Text, *, with_users: bool, with_policies: bool) -> Json:
    return {
        "UserDetailList": [_user(user, text) for user in estate.users] if with_users else [],
        "GroupDetailList": [_group(estate.account, name) for name in GROUPS] if with_users else [],
        "RoleDetailList": [_role(role, text) for role in roles],
        "Policies": list(_policies(estate, text)) if with_policies else [],
    }


def _user(user: User, text: Text) -> Json:
    found: Json = {
        "Path": user.path,
        "UserName": user.name,
        "UserId": unique_id("AIDA", user.arn),
        "Arn": user.arn,
        "CreateDate": iso(user.created),
    }
    if user.inline:
        found["UserPolicyList"] = _inline(user.inline, text)
    found["GroupList"] = list(user.groups)
    found["AttachedManagedPolicies"] = _attached(user.account, user.managed)
    found["Tags"] = tag_list(user.tags)
    return found


def _group(account: Account, name: str) -> Json:
    return {
        "Path": "/",
        "GroupName": name,
        "GroupId": unique_id("AGPA", account.id, name),
        "Arn": f"arn:aws:iam::{account.id}:group/{name}",
        "CreateDate": iso(account.joined),
        "GroupPolicyList": [],
        "AttachedManagedPolicies": _attached(account, (GROUPS[name],)),
    }


def _role(role: Role, text: Text) -> Json:
    profile = {
        "Path": "/",
        "InstanceProfileName": role.name,
        "InstanceProfileId": unique_id("AIPA", role.arn),
        "Arn": f"arn:aws:iam::{role.account.id}:instance-profile/{role.name}",
        "CreateDate": iso(role.created),
        "Roles": [],
    }
    found: Json = {
        "Path": role.path,
        "RoleName": role.name,
        "RoleId": unique_id("AROA", role.arn),
        "Arn": role.arn,
        "CreateDate": iso(role.created),
        "AssumeRolePolicyDocument": text(role.trust),
        "InstanceProfileList": [profile] if role.instance_profile else [],
        "RolePolicyList": _inline(role.inline, text),
        "AttachedManagedPolicies": _attached(role.account, role.managed),
        "Tags": tag_list(role.tags),
        "RoleLastUsed": {"LastUsedDate": iso(role.last_used), "Region": REGION} if role.last_used else {},
    }
    if role.boundary:
        arn = policies.policy_arn(role.account, role.boundary)
        found["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    return found


def _inline(documents: dict[str, Json], text: Text) -> list[Json]:
    return [{"PolicyName": name, "PolicyDocument": text(document)} for name, document in documents.items()]


def _attached(account: Account, names: tuple[str, ...]) -> list[Json]:
    return [{"PolicyName": name, "PolicyArn": policies.policy_arn(account, name)} for name in names]


def _policies(estate: Estate, text: Text) -> Iterator[Json]:
    """The account's own policies, and those of AWS that something uses."""
    counts = Counter(name for principal in estate.principals for name in principal.managed)
    counts.update(GROUPS.values())
    boundaries = Counter(role.boundary for role in estate.roles if role.boundary)
    for name, document in policies.own_policies(estate.account).items():
        yield _policy(estate.account, name, document, text, counts[name], boundaries[name])
    for name, (_, aws_document) in policies.AWS_MANAGED.items():
        if aws_document is not None and counts[name]:
            yield _policy(estate.account, name, aws_document, text, counts[name], 0)


def _policy(account: Account, name: str, document: Json, text: Text, attached: int, boundary_of: int) -> Json:
    arn = policies.policy_arn(account, name)
    made = on_day(datetime(2021, 1, 5), datetime(2023, 1, 5), "policy", arn)
    versions = [{"Document": text(document), "VersionId": "v1", "IsDefaultVersion": True, "CreateDate": iso(made)}]
    if name in POLICY_VERSIONS:
        newer = on_day(datetime(2025, 1, 5), datetime(2025, 9, 5), "newer", arn)
        versions = [
            {"Document": text(document), "VersionId": "v2", "IsDefaultVersion": True, "CreateDate": iso(newer)},
            {"Document": text(POLICY_VERSIONS[name]), "VersionId": "v1", "IsDefaultVersion": False, "CreateDate": iso(made)},
        ]
    return {
        "PolicyName": name,
        "PolicyId": unique_id("ANPA", arn),
        "Arn": arn,
        "Path": arn.split(":policy", 1)[1].removesuffix(name),
        "DefaultVersionId": versions[0]["VersionId"],
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": boundary_of,
        "IsAttachable": True,
        "CreateDate": iso(made),
        "UpdateDate": versions[0]["CreateDate"],
        "PolicyVersionList": versions,
    }
