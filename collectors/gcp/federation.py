"""Workload identity pools and their providers: which outside issuers' tokens are taken, and whether only known workloads get in.

Listings of providers do not repeat the state of their pool; a disabled or deleted pool disables its providers, so such a pool is a row of its
own (kind `pool`), and the two are joined when the evidence is merged. A pool that works says nothing of who gets in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import Record, listing, lists, named, read_all
from collectors.gcp.places import Places, needs_scope
from collectors.records import Notes
from inventory.model import Federation, Row, Safety, Status

POOL = "projects/*/locations/*/workloadIdentityPools/*"
PROVIDER = f"{POOL}/providers/*"

SHARED = (
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "agent.buildkite.com",
    "oidc.circleci.com",
    "vstoken.dev.azure.com",
    "api.bitbucket.org",
    "oidc.vercel.com",
    "oidc.codefresh.io",
    "accounts.google.com",
    "login.microsoftonline.com",
    "sts.windows.net",
    "cognito-identity.amazonaws.com",
)
"""Issuers that sign tokens for everyone who has an account there."""
ONE_TENANT = {
    "oidc.circleci.com": re.compile(r"/org/[0-9a-f-]{36}"),
    "api.bitbucket.org": re.compile(r"/2\.0/workspaces/[^/]+/"),
    "vstoken.dev.azure.com": re.compile(r"/[0-9a-f-]{36}"),
    "login.microsoftonline.com": re.compile(r"/[0-9a-f-]{36}/"),
    "sts.windows.net": re.compile(r"/[0-9a-f-]{36}"),
    "token.actions.githubusercontent.com": re.compile(r"/[^/]+"),
    "oidc.vercel.com": re.compile(r"/[^/]+"),
}
"""Where the issuer's path names a tenant: GitHub's of one enterprise, Entra's of one directory. https://docs.github.com/actions/reference/security/oidc"""

TENANT = re.compile(
    r"(repository_owner(_id)?|repository(_id)?|enterprise(_id)?|namespace_(id|path)|project_(id|path)|terraform_organization_(id|name)"
    r"|organization_(id|slug)|account_id|aws_role|arn|sub|google\.subject|email|hd|azp|appid|tid|oid|workspaceUuid|repositoryUuid)['\"]?\]?"
    r"\s*(==|in\b|\.startsWith\(|\.matches\()"
)
"""A claim that names a tenant, compared with something. https://cloud.google.com/iam/docs/workload-identity-federation#conditions"""
WEAKENED = re.compile(r"\|\||!|\bor\b|\?|\.matches\(\s*['\"](\^?\.\*|\$|['\"])|startsWith\(\s*['\"]['\"]|==\s*assertion\.|==\s*attribute\.")
"""What may let in more than the comparison beside it says."""
ALWAYS = re.compile(r"\s*true\s*", re.IGNORECASE)

Verdict = tuple[Safety, str]


def pools(document: Document) -> Iterator[Row | Problem]:
    """Pools alone: their state."""
    yield from _read(document, ("workloadIdentityPools",), pool)


def providers(document: Document) -> Iterator[Row | Problem]:
    """Providers of one or several pools."""
    yield from _read(document, ("workloadIdentityPoolProviders", "providers"), provider)


def _read(document: Document, keys: tuple[str, ...], reader: Any) -> Iterator[Row | Problem]:
    notes, found, places = Notes(document), listing(document, *keys), Places(document=document)
    yield from read_all(notes, found, lambda notes, raw: reader(notes, raw, places))
    if found.truncated():
        notes.problem(keys[0], "the answer is truncated: providers that are missing may let anyone in; collect all pages")
    yield from notes.problems


def pool(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A pool that lets nobody in."""
    name = raw["name"]
    if _status(raw) is not Status.DISABLED:
        return
    yield Federation(
        federation_id=name,
        provider="gcp",
        scope=places.project(name),
        pool=name,
        name=raw.get("displayName") or name.rsplit("/", 1)[-1],
        kind="pool",
        safety=Safety.SAFE,
        safety_reason="the pool is disabled or deleted: no provider of it lets anyone in",
        status=Status.DISABLED,
        evidence=notes.document.at(f"pools[{name}]"),
    )


def provider(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A provider, with what its condition demands of a token."""
    name = raw["name"]
    kind, issuer, audiences = _issuer(raw)
    condition = raw.get("attributeCondition") or None
    safety, reason = judged(kind, issuer, condition)
    yield Federation(
        federation_id=name,
        provider="gcp",
        scope=places.project(name),
        pool=name.partition("/providers/")[0],
        name=raw.get("displayName") or name.rsplit("/", 1)[-1],
        kind=kind,
        issuer=issuer,
        audiences=audiences,
        condition=condition,
        safety=safety,
        safety_reason=reason,
        status=_status(raw),
        evidence=notes.document.at(f"providers[{name}]"),
    )


def _issuer(raw: Record) -> tuple[str, str | None, list[str] | None]:
    """(kind, issuer, audiences). Without allowedAudiences the provider's own name is the audience."""
    if isinstance(raw.get("aws"), dict):
        return "aws", str(raw["aws"]["accountId"]), None
    if isinstance(raw.get("oidc"), dict):
        return "oidc", raw["oidc"]["issuerUri"], raw["oidc"].get("allowedAudiences")
    if isinstance(raw.get("saml"), dict):
        return "saml", None, None
    if isinstance(raw.get("x509"), dict):
        return "x509", None, None
    raise ValueError("it names no oidc, aws, saml or x509 issuer")


def _status(raw: Record) -> Status:
    """`disabled` is left out when false; `state` says whether it was deleted."""
    if raw.get("disabled") is True or raw.get("state") == "DELETED":
        return Status.DISABLED
    return Status.ACTIVE if raw.get("state") == "ACTIVE" else Status.UNKNOWN


def judged(kind: str, issuer: str | None, condition: str | None) -> Verdict:
    """Whether only workloads of one known tenant get in."""
    if kind == "aws":
        return Safety.SAFE, f"only roles of AWS account {issuer}"
    if kind != "oidc" or not issuer:
        return Safety.UNKNOWN, f"whom the {kind} provider signs for is not in the evidence"
    address = urlparse(issuer if "//" in issuer else f"https://{issuer}")
    host = (address.hostname or "").lower()
    if host not in SHARED:
        return Safety.SAFE, f"{host} is an issuer of its own"
    if host in ONE_TENANT and ONE_TENANT[host].match(address.path):
        return Safety.SAFE, f"the issuer's address names one tenant of {host}"
    return _of_shared(host, condition)


def _of_shared(host: str, condition: str | None) -> Verdict:
    if condition is None or ALWAYS.fullmatch(condition):
        return Safety.UNSAFE, f"anyone with an account at {host} gets in: no attributeCondition that a token must meet"
    if TENANT.search(condition) and not WEAKENED.search(condition):
        return Safety.SAFE, "the attributeCondition names a tenant"
    return Safety.UNKNOWN, "whether the attributeCondition names a tenant is not decided here"


def _names(document: Document) -> list[Any]:
    keys = ("workloadIdentityPools", "workloadIdentityPoolProviders")
    return [raw.get("name") for raw in listing(document, *keys).records if isinstance(raw, dict)]


def _unplaced(document: Document) -> bool:
    return needs_scope(document, _names(document))


FORMATS = (
    Format(
        name="gcp-identity-pools",
        title="Workload identity pools: `gcloud iam workload-identity-pools list --location=global`",
        matches=lambda document: lists(document, ("workloadIdentityPools",), named(POOL)),
        rows=pools,
        unplaced=_unplaced,
    ),
    Format(
        name="gcp-identity-pool-providers",
        title="Providers of a pool: `gcloud iam workload-identity-pools providers list --workload-identity-pool=POOL --location=global`",
        matches=lambda document: lists(document, ("workloadIdentityPoolProviders", "providers"), named(PROVIDER)),
        rows=providers,
        unplaced=_unplaced,
    ),
)
