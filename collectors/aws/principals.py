"""IAM principals and their policies: get-account-authorization-details, and list-users / list-roles where that is all there is.

Groups and managed policies may stand on another page or in another file: they are emitted as rows of their own (`via` definition, group)
and joined when the evidence is merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from collectors.aws.common import account_of, readable_policy
from collectors.aws.trust import trusts, unreadable
from collectors.document import Document, Format, Problem
from collectors.records import (
    ENVIRONMENT_TAGS,
    PURPOSE_TAGS,
    RECORD_ERRORS,
    TEAM_TAGS,
    Notes,
    canonical,
    covered,
    first_tag,
    has_page,
    is_truncated,
    ownership,
    pages,
    tags_of,
)
from inventory.model import Account, Alias, Entitlement, Fact, Human, Identity, IdentityKind, PolicyDocument, Row, Status

DETAIL_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
NEEDS = {
    Fact.IDENTITIES: ("UserDetailList", "RoleDetailList"),
    Fact.POLICIES: DETAIL_LISTS,
    Fact.TRUST: ("RoleDetailList",),
    Fact.ROLE_USAGE: ("RoleDetailList",),
    Fact.OWNERSHIP: ("UserDetailList", "RoleDetailList"),
}
"""Lists that must be in the answer before it says all there is of a fact: a part cut out of it does not."""
SAID_BY = {Fact.ROLE_USAGE: "RoleLastUsed", Fact.OWNERSHIP: "Tags"}
"""Fields that list-roles and old versions of the CLI leave out; where no record has one, its absence says nothing."""


def authorization_details(document: Document) -> Iterator[Row | Problem]:
    """Users, groups, roles and managed policies with their texts."""
    notes = Notes(document)
    answers = [page for name in DETAIL_LISTS for page in pages(document, name)]
    answers = list({id(page): page for page in answers}.values())
    accounts: set[str] = set()
    readers = {"UserDetailList": _user, "GroupDetailList": _group, "RoleDetailList": _role, "Policies": _managed_policy}
    for name, reader in readers.items():
        for locator, raw in notes.records(answers, name):
            rows = notes.read(locator, reader, raw)
            if rows:
                accounts.add(account_of(raw["Arn"]))
            yield from rows
    accounts.discard("aws")  # who owns AWS's managed policies
    for account in sorted(accounts):
        yield Account(scope=account, provider="aws", evidence=document.at(account))
    yield from _covered(notes, answers, accounts)
    yield from notes.problems


def _covered(notes: Notes, answers: Sequence[Mapping[str, Any]], accounts: set[str]) -> Iterator[Row]:
    lists = {name: [page[name] for page in answers if isinstance(page.get(name), list)] for name in DETAIL_LISTS}
    there = {name for name, pages_of in lists.items() if pages_of}
    principals = [raw for held in (*lists["UserDetailList"], *lists["RoleDetailList"]) for raw in held if isinstance(raw, dict)]
    for fact, needed in NEEDS.items():
        said = fact not in SAID_BY or any(SAID_BY[fact] in raw for raw in principals)
        if there.issuperset(needed) and said:
            yield from covered(notes.document, (fact,), accounts, truncated=is_truncated(answers, len(accounts)))


def _user(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    record = f"UserDetailList[{raw['Arn']}]"
    yield from _user_identity(notes, raw, record)
    yield from _user_policies(notes, raw, record)


def _user_identity(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
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


def _user_policies(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    arn, evidence = raw["Arn"], notes.document.at(record)
    yield from _inline(notes, arn, raw.get("UserPolicyList"), record)
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


def _group(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    record = f"GroupDetailList[{raw['Arn']}]"
    evidence = notes.document.at(record)
    group = _group_id(account_of(raw["Arn"]), raw["GroupName"])
    yield from _inline(notes, group, raw.get("GroupPolicyList"), record)
    yield from _attached(group, raw.get("AttachedManagedPolicies"), evidence)
    yield Entitlement(
        identity_id=group, document_id=None, via="group_listed", policy_name="", group_name=raw["GroupName"], evidence=evidence
    )


def _group_id(account: str, name: str) -> str:
    """Groups are known by name inside an account: a user's GroupList holds no ARN."""
    return f"group:{account}/{name}"


def _role(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn, record = raw["Arn"], f"RoleDetailList[{raw['Arn']}]"
    evidence = notes.document.at(record)
    yield from _role_identity(notes, raw, record)
    yield from _trusted(notes, raw, record)
    yield from _inline(notes, arn, raw.get("RolePolicyList"), record)
    yield from _attached(arn, raw.get("AttachedManagedPolicies"), evidence)
    yield from _boundary(arn, raw.get("PermissionsBoundary"), evidence)
    for profile in raw.get("InstanceProfileList") or []:
        yield Alias(alias=profile["Arn"], identity_id=arn, evidence=evidence)


def _trusted(notes: Notes, raw: Mapping[str, Any], record: str) -> list[Row]:
    """Trust rows; where the trust policy cannot be read, one row that says so: the role is no less there."""
    evidence = notes.document.at(record)
    try:
        return list(trusts(raw["Arn"], raw.get("AssumeRolePolicyDocument"), evidence))
    except RECORD_ERRORS as error:
        notes.problem(record, f"its trust policy: {_why(error)}; who may assume it is left unknown")
        return [unreadable(raw["Arn"], _why(error), evidence)]


def _why(error: Exception) -> str:
    return str(error)[:160] or type(error).__name__


def _role_identity(notes: Notes, raw: Mapping[str, Any], record: str) -> Iterator[Row]:
    arn, evidence = raw["Arn"], notes.document.at(record)
    tags = tags_of(raw.get("Tags"))
    reason = None
    human, basis = Human.NONHUMAN, "a role: it has no password"
    if ":role/aws-service-role/" in arn:
        reason = "service-linked role: AWS owns and changes it"
    elif ":role/aws-reserved/" in arn:
        reason, human, basis = "reserved single sign-on role: people use it", Human.HUMAN, "IAM Identity Center made it for people"
    used = raw.get("RoleLastUsed")
    last_used_at, readable = notes.last_use((used or {}).get("LastUsedDate"), record, "RoleLastUsed")
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
        last_used_at=last_used_at,
        last_used_known=used is not None and readable,
        evidence=evidence,
    )
    yield from ownership(arn, tags, evidence)


def _inline(notes: Notes, identity_id: str, policies: Any, record: str) -> Iterator[Row]:
    """A policy that cannot be read is attached all the same: its text is not in the evidence."""
    for policy in policies or []:
        document_id: str | None = None
        try:
            document_id, text = canonical(readable_policy(policy.get("PolicyDocument")))
            yield PolicyDocument(document_id=document_id, document=text)
        except RECORD_ERRORS as error:
            notes.problem(record, f"its policy {policy['PolicyName']}: {_why(error)}; what it allows is left unknown")
        yield Entitlement(
            identity_id=identity_id,
            document_id=document_id,
            via="inline",
            policy_name=policy["PolicyName"],
            evidence=notes.document.at(record),
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


def _managed_policy(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    record = f"Policies[{raw['Arn']}]"
    try:
        version = _default_version(raw)
        document_id, text = canonical(readable_policy(version["Document"]))
    except RECORD_ERRORS as error:
        notes.problem(record, f"the text of its default version: {_why(error)}; what it allows is left unknown")
        return
    yield PolicyDocument(document_id=document_id, document=text)
    yield Entitlement(
        identity_id=raw["Arn"],
        document_id=document_id,
        via="definition",
        policy_name=raw["PolicyName"],
        policy_id=raw["Arn"],
        changed_at=notes.when(version.get("CreateDate"), record, "CreateDate of its default version"),
        evidence=notes.document.at(record),
    )


def _default_version(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The version in force, with its text. Raises ValueError when it was not exported."""
    for version in raw.get("PolicyVersionList") or []:
        if version.get("IsDefaultVersion") is True or (raw.get("DefaultVersionId") and version.get("VersionId") == raw["DefaultVersionId"]):
            found: Mapping[str, Any] = version
            return found
    raise ValueError("it is missing")


def listed_principals(document: Document) -> Iterator[Row | Problem]:
    """list-users and list-roles: names, dates and trust; no policies, and no last use unless get-role added it."""
    notes = Notes(document)
    users, roles = list(pages(document, "Users")), list(pages(document, "Roles"))
    for kind, answers, reader in (("Users", users, _listed_user), ("Roles", roles, _listed_role)):
        accounts: set[str] = set()
        for locator, raw in notes.records(answers, kind):
            rows = notes.read(locator, reader, raw)
            if rows:
                accounts.add(account_of(raw["Arn"]))
            yield from rows
        facts = (Fact.TRUST,) if kind == "Roles" else ()
        yield from covered(document, facts, accounts, truncated=is_truncated(answers, len(accounts)))
    yield from notes.problems


def _listed_user(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    return _user_identity(notes, raw, f"Users[{raw['Arn']}]")


def _listed_role(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    record = f"Roles[{raw['Arn']}]"
    yield from _role_identity(notes, raw, record)
    yield from _trusted(notes, raw, record)


def _first(document: Document, key: str) -> Mapping[str, Any]:
    """First record under a list key, to tell IAM's `Users` from anyone else's."""
    for page in pages(document, key):
        for raw in page[key] if isinstance(page[key], list) else []:
            return raw if isinstance(raw, dict) else {}
    return {}


def _is_listing(document: Document) -> bool:
    user, role = _first(document, "Users"), _first(document, "Roles")
    return {"UserName", "Arn"} <= user.keys() or {"RoleName", "AssumeRolePolicyDocument"} <= role.keys()


def _is_details(document: Document) -> bool:
    """A page may hold managed policies alone; their texts tell them from `aws organizations list-policies`."""
    return any(has_page(document, name) for name in DETAIL_LISTS[:3]) or "PolicyVersionList" in _first(document, "Policies")


FORMATS = (
    Format(
        name="aws-gaad",
        title="IAM users, groups, roles, policies: `aws iam get-account-authorization-details`",
        matches=_is_details,
        rows=authorization_details,
    ),
    Format(
        name="aws-principals",
        title="IAM users or roles, names only: `aws iam list-users`, `aws iam list-roles`",
        matches=_is_listing,
        rows=listed_principals,
    ),
)
