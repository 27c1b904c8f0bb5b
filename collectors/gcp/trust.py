"""Who may become a service account: whoever attaches it, and those whom a policy on it lets take its tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from collectors.gcp.members import Member
from collectors.gcp.places import Places
from inventory.model import PrincipalKind, Safety, Trust

ATTACHED = "gcp.attached"
MANAGED = "gcp.managed"
BECOMES = {
    "roles/iam.serviceAccountTokenCreator",
    "roles/iam.serviceAccountOpenIdTokenCreator",
    "roles/iam.workloadIdentityUser",
}
"""Roles that, held on an account, let their member take its tokens or sign as it."""
MAKES_KEYS = {"roles/iam.serviceAccountKeyAdmin", "roles/iam.serviceAccountAdmin", "roles/owner", "roles/editor"}
"""Roles that, held on an account, let their member make it a key, or give itself one of the above. For people that is administration."""

TENANT_ATTRIBUTES = (
    "attribute.repository/",
    "attribute.repository_id/",
    "attribute.repository_owner/",
    "attribute.repository_owner_id/",
    "attribute.project_path/",
    "attribute.project_id/",
    "attribute.namespace_path/",
    "attribute.namespace_id/",
    "attribute.aws_role/",
)
"""Attributes whose value names one tenant of an issuer that many share."""


def attached(identity_id: str, evidence: str) -> Trust:
    """Every account can be attached to resources of its project: the native way."""
    return _trust(
        identity_id,
        evidence,
        principal_kind=PrincipalKind.SERVICE,
        principal=ATTACHED,
        safety=Safety.SAFE,
        safety_reason="attached to resources of its project by those with actAs",
    )


def managed(identity_id: str, evidence: str) -> Trust:
    """Accounts of a project that Google's services act as, and nobody else can: they have no keys and no policy."""
    return _trust(
        identity_id,
        evidence,
        principal_kind=PrincipalKind.SERVICE,
        principal=MANAGED,
        safety=Safety.SAFE,
        safety_reason="Google's services act as it for the project; nobody can make a key of it",
    )


def becomes(role: str, member: Member) -> bool:
    """Whether the role, held on a service account, lets its member become the account."""
    people = member.kind in ("user", "group", "domain", "workforce")
    return role in BECOMES or role.endswith(".serviceAgent") or (role in MAKES_KEYS and not people)


def trusts(identity_id: str, project: str | None, role: str, member: Member, places: Places, evidence: str) -> Iterator[Trust]:
    """The trust that a binding on a service account means; none for a deleted member or a role that only attaches or reads."""
    if becomes(role, member) and member.kind != "deleted":
        yield _trust(identity_id, evidence, **_verdict(project, role, member, places))


def federated(identity_id: str, member: Member, evidence: str) -> Trust:
    """How a federated member that is granted something directly shows who it is."""
    return _trust(identity_id, evidence, **(_kubernetes(member) if member.kind == "kubernetes" else _pool(member)))


def _verdict(project: str | None, role: str, member: Member, places: Places) -> dict[str, Any]:
    if member.kind == "serviceAccount":
        return _account(project, member, places)
    if member.kind == "kubernetes":
        return _kubernetes(member)
    if member.kind in ("pool", "workforce"):
        return _pool(member) | {"human": member.kind == "workforce"}
    if member.kind == "everyone":
        reason = f"{member.text} hold {role} on it: anyone may become it"
        return {"principal_kind": PrincipalKind.ANONYMOUS, "principal": member.text, "safety": Safety.UNSAFE, "safety_reason": reason}
    if member.kind in ("user", "group"):
        safety, reason = Safety.SAFE, "people who are named, or whose group is"
    elif member.kind == "domain":
        safety, reason = Safety.UNKNOWN, "everyone of a domain"
    else:
        reason = f"the member {member.text[:60]} is not understood, or stands for whoever holds a role"
        return {"principal_kind": PrincipalKind.UNKNOWN, "principal": member.text, "safety_reason": reason}
    return {"principal_kind": PrincipalKind.PRINCIPAL, "principal": member.text, "human": True, "safety": safety, "safety_reason": reason}


def _account(project: str | None, member: Member, places: Places) -> dict[str, Any]:
    if member.is_agent:
        reason = "a service agent of Google's acts for a resource that uses it"
        return {"principal_kind": PrincipalKind.SERVICE, "principal": member.text, "safety": Safety.SAFE, "safety_reason": reason}
    home = places.by_email(member.email)
    ours = home is not None and home == project
    return {
        "principal_kind": PrincipalKind.PRINCIPAL,
        "principal": member.text,
        "principal_scope": home,
        "safety": Safety.SAFE if ours else Safety.UNKNOWN,
        "safety_reason": "an account of the same project"
        if ours
        else f"an account of {home or 'a project that its address does not name'}",
    }


def _kubernetes(member: Member) -> dict[str, Any]:
    one = member.rest.count("/") == 1 and "*" not in member.rest
    return {
        "principal_kind": PrincipalKind.OIDC,
        "principal": f"https://container.googleapis.com/{member.pool}",
        "subject_pattern": member.rest,
        "safety": Safety.SAFE if one else Safety.UNKNOWN,
        "safety_reason": "one Kubernetes service account"
        if one
        else "more than one Kubernetes service account: how many is not in the policy",
    }


def _pool(member: Member) -> dict[str, Any]:
    safety, reason = Safety.UNKNOWN, f"whom the pool lets in decides: {member.rest[:80]}"
    if member.rest.startswith("subject/"):
        safety, reason = Safety.SAFE, "one subject of the pool"
    elif member.rest.startswith(TENANT_ATTRIBUTES):
        safety, reason = Safety.SAFE, "an attribute names its workloads"
    elif member.rest == "*":
        reason = "everyone whom a provider of the pool lets in"
    return {
        "principal_kind": PrincipalKind.OIDC,
        "principal": member.pool,
        "subject_pattern": member.rest,
        "safety": safety,
        "safety_reason": reason,
    }


def _trust(identity_id: str, evidence: str, **verdict: Any) -> Trust:
    named = "|".join((identity_id, verdict["principal_kind"], verdict["principal"], verdict.get("subject_pattern") or ""))
    return Trust(trust_id=hashlib.sha256(named.encode()).hexdigest()[:24], identity_id=identity_id, evidence=evidence, **verdict)
