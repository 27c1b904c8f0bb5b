"""Who is granted something: the members of IAM bindings, and the identities that stand behind them.

https://cloud.google.com/iam/docs/principal-identifiers
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.gcp.places import KUBERNETES, USERS_DOMAIN, Places, project_part
from inventory.model import Human, Identity, IdentityKind, Row

NATIVE_TYPE = "iam.googleapis.com/ServiceAccount"
BASIS = "a service account"

AGENT = re.compile(r"(service|project)-(org-|folder-)?\d{5,}@")
"""https://cloud.google.com/iam/docs/service-agents"""
GOOGLES_DOMAINS = (".google.com.iam.gserviceaccount.com", "@system.gserviceaccount.com", "@firebase-sa-management.iam.gserviceaccount.com")
MANAGED_DOMAINS = ("@cloudservices.gserviceaccount.com", "@cloudbuild.gserviceaccount.com")
"""Accounts of the project that Google runs: in scope, for what they are granted is ours to decide."""
AGENT_REASON = "a service agent of Google's"

POOL_MEMBER = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/(?P<pool>(?:projects/[^/]+/)?locations/[^/]+/(?:workloadIdentityPools|workforcePools)/[^/]+)/(?P<rest>.+)"
)
KUBERNETES_MEMBER = re.compile(r"serviceAccount:(?P<project>[^\[]+)\.svc\.id\.goog\[(?P<account>[^\]]+)\]")
EVERYONE = ("allUsers", "allAuthenticatedUsers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a binding."""

    text: str
    """As written; of a service account, in lower case."""
    kind: str
    """serviceAccount, kubernetes, pool, workforce, user, group, domain, everyone, deleted, other."""
    email: str = ""
    pool: str = ""
    """Pool of a federated member: `projects/…/workloadIdentityPools/…`."""
    rest: str = ""
    """What of the pool: `subject/…`, `attribute.…/…`, `*`; of Kubernetes `namespace/account`."""

    @property
    def is_agent(self) -> bool:
        return self.kind == "serviceAccount" and is_agent(self.email)


def is_managed(email: str) -> bool:
    """An account of the project that only Google's services act as."""
    return email.endswith(MANAGED_DOMAINS)


def is_agent(email: str) -> bool:
    """One of Google's own accounts, by its address. Default accounts, `cloudservices` and Cloud Build's are ours to watch."""
    domain = email.partition("@")[2]
    return domain.startswith("gcp-sa-") or email.endswith(GOOGLES_DOMAINS) or (domain.endswith(USERS_DOMAIN) and bool(AGENT.match(email)))


def parse_member(text: str) -> Member:
    """A member as the binding writes it. Raises ValueError when it is no text."""
    if not isinstance(text, str) or not text:
        raise ValueError("a member of the binding is no text")
    if text in EVERYONE:
        return Member(text=text, kind="everyone")
    if text.startswith("deleted:"):
        return Member(text=text, kind="deleted")
    if inside := KUBERNETES_MEMBER.fullmatch(text):
        return Member(text=text, kind="kubernetes", pool=inside["project"], rest=inside["account"])
    if text.startswith("serviceAccount:"):
        email = text.removeprefix("serviceAccount:").lower()
        return Member(text=f"serviceAccount:{email}", kind="serviceAccount", email=email)
    if of_pool := POOL_MEMBER.fullmatch(text):
        return _of_pool(text, of_pool["pool"], of_pool["rest"])
    kind = text.partition(":")[0]
    return Member(text=text, kind=kind if kind in ("user", "group", "domain") else "other")


def _of_pool(text: str, pool: str, rest: str) -> Member:
    if pool.endswith(KUBERNETES):
        account = re.fullmatch(r"subject/ns/([^/]+)/sa/([^/]+)", rest)
        project = pool.rsplit("/", 1)[-1].removesuffix(KUBERNETES)
        return Member(text=text, kind="kubernetes", pool=project, rest=f"{account[1]}/{account[2]}" if account else rest)
    return Member(text=text, kind="workforce" if "/workforcePools/" in pool else "pool", pool=pool, rest=rest)


def identity(member: Member, places: Places, evidence: str) -> Iterator[Row]:
    """The identity behind a member that is software. Being granted something says nothing of whether it is enabled."""
    if member.kind == "serviceAccount":
        yield Identity(
            identity_id=member.text,
            provider="gcp",
            scope=places.by_email(member.email),
            name=member.email,
            kind=IdentityKind.SERVICE_ACCOUNT,
            native_type=NATIVE_TYPE,
            human=Human.NONHUMAN,
            human_basis=BASIS,
            in_scope=not member.is_agent,
            scope_reason=AGENT_REASON if member.is_agent else None,
            evidence=evidence,
        )
    elif member.kind in ("pool", "kubernetes"):
        part = project_part(member.pool) if member.kind == "pool" else member.pool
        yield Identity(
            identity_id=member.text,
            provider="gcp",
            scope=places.by_part(part) if part else None,
            name=f"{member.pool.rsplit('/', 1)[-1]}: {member.rest}",
            kind=IdentityKind.WORKLOAD,
            native_type="iam.googleapis.com/WorkloadIdentityPoolPrincipal",
            human=Human.NONHUMAN,
            human_basis="a workload of another platform, federated",
            evidence=evidence,
        )
