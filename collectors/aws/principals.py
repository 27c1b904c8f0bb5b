"""IAM principals and their policies: get-account-authorization-details, and list-users / list-roles where that is all there is.

Groups and managed policies may stand on another page or in another file: they are emitted as rows of their own (`via` definition, group)
and joined when the evidence is merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collectors.aws.common import (
    ENVIRONMENT_TAGS,
    PURPOSE_TAGS,
    RECORD_ERRORS,
    TEAM_TAGS,
    Notes,
    account_of,
    canonical,
    covered,
    decoded_policy,
    first_tag,
    has_page,
    is_truncated,
    ownership,
    pages,
    tags_of,
)
from collectors.aws.trust import trusts
from collectors.document import Document, Format, Problem
from inventory.model import Account, Alias, Entitlement, Fact, Human, Identity, IdentityKind, PolicyDocument, Row, Status

DETAIL_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
FULL_FACTS = (Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.ROLE_USAGE, Fact.OWNERSHIP)


def authorization_details(document: Document) -> Iterator[Row | Problem]:
    """Users, groups, roles and managed policies with their texts."""
    notes = Notes(document)
    answers = [page for name in DETAIL_LISTS for page in pages(document, name)]
    answers = list({id(page): page for page in answers}.values())
    accounts: set[str] = set()
    readers = {"UserDetailList": _user, "GroupDetailList": _group, "RoleDetailList": _role, "Policies": _managed_policy}
    for page in answers:
        for name, reader in readers.items():
            for index, raw in enumerate(page.get(name) or []):
                try:
                    record = f"{name}[{raw['Arn']}]"
                    rows = list(reader(notes, raw, record))
                    if not raw["Arn"].startswith("arn:aws:iam::aws:"):
                        accounts.add(account_of(raw["Arn"]))
                except RECORD_ERRORS as error:
                    notes.lost(f"{name}[{index}]", error)
                    continue
                yield from rows
    for account in sorted(accounts):
        yield Account(scope=account, provider="aws", evidence=document.at(account))
    yield from covered(document, FULL_FACTS, accounts, truncated=is_truncated(answers))
    yield from notes.problems


def _user(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    arn, evidence = raw["Arn"], notes.document.at(record)
    tags = tags_of(raw.get("Tags"))
    yield Identity(
        identity_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=raw["UserName"],
        kind=IdentityKind.SERVICE_ACCOUNT,
        native_type="AWS::IAM::User",
        status=Status.ACTIVE,
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        purpose=first_tag(tags, PURPOSE_TAGS),
        created_at=notes.when(raw.get("CreateDate"), record, "CreateDate"),
        evidence=evidence,
    )
    yield from ownership(arn, tags, evidence)
    yield from _inline(arn, raw.get("UserPolicyList"), evidence)
    yield from _attached(arn, raw.get("AttachedManagedPolicies"), evidence)
    yield from _boundary(arn, raw.get("PermissionsBoundary"), evidence)
    for group in raw.get("GroupList") or []:
        yield Entitlement(
            identity_id=arn,
            document_id=None,
            via="group",
            policy_name="",
            policy_id=_group_id(account_of(arn), group),
            group_name=group,
            evidence=evidence,
        )


def _group(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    evidence = notes.document.at(record)
    group = _group_id(account_of(raw["Arn"]), raw["GroupName"])
    yield from _inline(group, raw.get("GroupPolicyList"), evidence)
    yield from _attached(group, raw.get("AttachedManagedPolicies"), evidence)
    yield Entitlement(
        identity_id=group, document_id=None, via="group_listed", policy_name="", group_name=raw["GroupName"], evidence=evidence
    )


def _group_id(account: str, name: str) -> str:
    """Groups are known by name inside an account: a user's GroupList holds no ARN."""
    return f"group:{account}/{name}"


def _role(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    arn, evidence = raw["Arn"], notes.document.at(record)
    yield from _role_identity(notes, raw, record)
    yield from trusts(arn, decoded_policy(raw["AssumeRolePolicyDocument"]), evidence)
    yield from _inline(arn, raw.get("RolePolicyList"), evidence)
    yield from _attached(arn, raw.get("AttachedManagedPolicies"), evidence)
    yield from _boundary(arn, raw.get("PermissionsBoundary"), evidence)
    for profile in raw.get("InstanceProfileList") or []:
        yield Alias(alias=profile["Arn"], identity_id=arn, evidence=evidence)


def _role_identity(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    arn, evidence = raw["Arn"], notes.document.at(record)
    tags = tags_of(raw.get("Tags"))
    path = raw.get("Path") or "/"
    reason = None
    human, basis = Human.NONHUMAN, "a role: it has no password"
    if path.startswith("/aws-service-role/"):
        reason = "service-linked role: AWS owns and changes it"
    elif path.startswith("/aws-reserved/"):
        reason, human, basis = "reserved single sign-on role: people use it", Human.HUMAN, "IAM Identity Center made it for people"
    used = raw.get("RoleLastUsed")
    yield Identity(
        identity_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=raw["RoleName"],
        kind=IdentityKind.IAM_ROLE,
        native_type="AWS::IAM::Role",
        human=human,
        human_basis=basis,
        in_scope=reason is None,
        scope_reason=reason,
        status=Status.ACTIVE,
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        purpose=first_tag(tags, PURPOSE_TAGS) or raw.get("Description") or None,
        created_at=notes.when(raw.get("CreateDate"), record, "CreateDate"),
        last_used_at=notes.when((used or {}).get("LastUsedDate"), record, "RoleLastUsed"),
        last_used_known=used is not None,
        evidence=evidence,
    )
    yield from ownership(arn, tags, evidence)


def _inline(identity_id: str, policies: Any, evidence: str) -> Iterator[Row]:
    for policy in policies or []:
        document_id, text = canonical(decoded_policy(policy["PolicyDocument"]))
        yield PolicyDocument(document_id=document_id, document=text)
        yield Entitlement(
            identity_id=identity_id, document_id=document_id, via="inline", policy_name=policy["PolicyName"], evidence=evidence
        )


def _attached(identity_id: str, policies: Any, evidence: str) -> Iterator[Row]:
    for policy in policies or []:
        yield Entitlement(
            identity_id=identity_id,
            document_id=None,
            via="managed",
            policy_name=policy["PolicyName"],
            policy_id=policy["PolicyArn"],
            evidence=evidence,
        )


def _boundary(identity_id: str, boundary: Any, evidence: str) -> Iterator[Row]:
    if boundary:
        arn = boundary["PermissionsBoundaryArn"]
        yield Entitlement(
            identity_id=identity_id, document_id=None, via="boundary", policy_name=arn.rsplit("/", 1)[-1], policy_id=arn, evidence=evidence
        )


def _managed_policy(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    versions = raw.get("PolicyVersionList") or []
    default = [
        version for version in versions if version.get("IsDefaultVersion") or version.get("VersionId") == raw.get("DefaultVersionId")
    ]
    if not default or "Document" not in default[0]:
        notes.problem(record, "the text of its default version is missing: what it allows is unknown")
        return
    document_id, text = canonical(decoded_policy(default[0]["Document"]))
    yield PolicyDocument(document_id=document_id, document=text)
    yield Entitlement(
        identity_id=raw["Arn"],
        document_id=document_id,
        via="definition",
        policy_name=raw["PolicyName"],
        policy_id=raw["Arn"],
        evidence=notes.document.at(record),
    )


def listed_principals(document: Document) -> Iterator[Row | Problem]:
    """list-users and list-roles: names, dates and trust; no policies, and no last use unless get-role added it."""
    notes = Notes(document)
    users, roles = list(pages(document, "Users")), list(pages(document, "Roles"))
    for kind, answers, reader in (("Users", users, _user), ("Roles", roles, _listed_role)):
        accounts: set[str] = set()
        for page in answers:
            for index, raw in enumerate(page[kind] or []):
                try:
                    rows = list(reader(notes, raw, f"{kind}[{raw['Arn']}]"))
                    accounts.add(account_of(raw["Arn"]))
                except RECORD_ERRORS as error:
                    notes.lost(f"{kind}[{index}]", error)
                    continue
                yield from rows
        facts: Iterable[Fact] = (Fact.TRUST,) if kind == "Roles" else ()
        yield from covered(document, facts, accounts, truncated=is_truncated(answers))
    yield from notes.problems


def _listed_role(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    yield from _role_identity(notes, raw, record)
    yield from trusts(raw["Arn"], decoded_policy(raw["AssumeRolePolicyDocument"]), notes.document.at(record))


def _first(document: Document, key: str) -> Mapping[str, Any]:
    """First record under a list key, to tell IAM's `Users` from anyone else's."""
    for page in pages(document, key):
        for raw in page[key] if isinstance(page[key], list) else []:
            return raw if isinstance(raw, dict) else {}
    return {}


def _is_listing(document: Document) -> bool:
    user, role = _first(document, "Users"), _first(document, "Roles")
    return {"UserName", "Arn"} <= user.keys() or {"RoleName", "AssumeRolePolicyDocument"} <= role.keys()


FORMATS = (
    Format(
        name="aws-gaad",
        title="IAM users, groups, roles, policies: `aws iam get-account-authorization-details`",
        matches=lambda document: any(has_page(document, name) for name in DETAIL_LISTS[:3]),
        rows=authorization_details,
    ),
    Format(
        name="aws-principals",
        title="IAM users or roles, names only: `aws iam list-users`, `aws iam list-roles`",
        matches=_is_listing,
        rows=listed_principals,
    ),
)
