"""Web identity: whether the conditions on an issuer's claims let only known workloads in.

An issuer such as GitHub signs tokens for everyone, so a claim must name the tenant before the first wildcard: `repo:corp*` also fits
`repo:corp-of-a-stranger/x`. Wildcards are read as such under StringEquals too, where IAM takes them literally and nobody gets in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from collectors.aws.conditions import Condition, Demands, demands, has_wildcard, ties
from inventory.model import Safety

Verdict = tuple[Safety, str]

COGNITO = "cognito-identity.amazonaws.com"
GOOGLE = "accounts.google.com"
PEOPLES_ISSUERS = ("www.amazon.com", "graph.facebook.com", GOOGLE)

GITHUB = "token.actions.githubusercontent.com"
GITHUB_TENANT = re.compile(
    r"([^*?]*:)?(repo:[^*?/:]+/|repository:[^*?/:]+/|repository_owner:[^*?:]+(:|$)|(repository_id|repository_owner_id|enterprise_id):\d+(:|$)"
    r"|enterprise:[^*?:]+(:|$))",
    re.IGNORECASE,
)
GITHUB_REUSED = re.compile(r"([^*?]*:)?job_workflow_ref:[^*?/:]+/", re.IGNORECASE)
GITHUB_CLAIMS = ("repository", "repository_id", "repository_owner", "repository_owner_id", "enterprise", "enterprise_id")
"""Claims beside `sub` that name a tenant; STS knows them as condition keys.
https://docs.github.com/en/actions/reference/security/oidc"""

TENANTS = (
    ("gitlab.com", re.compile(r"project_path:[^*?/:]+/|(project|namespace)_id:\d+(:|$)|namespace_path:[^*?/:]+(/|:|$)")),
    ("app.terraform.io", re.compile(r"organization:[^*?:]+:")),
    ("agent.buildkite.com", re.compile(r"organization:[^*?:]+:")),
    ("oidc.vercel.com", re.compile(r"owner:[^*?:]+:")),
    ("oidc.codefresh.io", re.compile(r"account:[^*?:]+:")),
    ("oidc.circleci.com/org/", re.compile(r"org/[^*?/]+/")),
    ("vstoken.dev.azure.com/", re.compile(r"sc://[^*?/]+/")),
    ("api.bitbucket.org/", re.compile(r"\{?[0-9a-fA-F-]{36}\}?")),
)
"""Issuers by the start of their name, and the start of a subject that names one tenant of theirs."""

BY_SHAPE = (
    ("project_path:", TENANTS[0][1]),
    ("organization:", TENANTS[1][1]),
    ("repo:", GITHUB_TENANT),
)
"""The same for self-hosted issuers, known by the start of the subject."""

SERVICE_ACCOUNT = re.compile(r"system:serviceaccount:[^*?:]+:")
SERVICE_ACCOUNTS = re.compile(r"system:serviceaccount:[^*?:]+[*?]")
NAMES_NOTHING = re.compile(r"([A-Za-z_]+[:/])*[*?]|$")
"""Key words alone before the first wildcard."""


def claims_of(issuer: str, demanded: Demands) -> dict[str, list[tuple[str, ...]]]:
    """The demanded claims of an issuer, by claim."""
    start = f"{issuer.lower()}:"
    return {key.removeprefix(start): list(values) for key, values in demanded.items() if key.startswith(start)}


def admits_guests(issuer: str, demanded: Demands) -> bool:
    """A Cognito identity pool whose guests, who never sign in, are let in by the condition itself."""
    kinds = claims_of(issuer, demanded).get("amr", [])
    return issuer == COGNITO and bool(kinds) and all(_fits_guest(values) for values in kinds)


def _fits_guest(values: Iterable[str]) -> bool:
    return any(fnmatchcase("unauthenticated", value.lower()) for value in values)


def judged(issuer: str, conditions: tuple[Condition, ...], *, doubtful: bool) -> Verdict:
    """Whether the conditions name who may come with a token of the issuer. `doubtful`: a Deny narrows them further, nobody knows how far."""
    demanded = demands(conditions)
    claims = claims_of(issuer, demanded)
    if issuer == COGNITO:
        verdict = _pool(claims)
    elif issuer in PEOPLES_ISSUERS:
        verdict = _peoples_issuer(issuer, claims)
    else:
        verdict = _workloads(issuer, claims)
    if verdict[0] is not Safety.UNSAFE:
        return verdict
    if ties(demanded):
        return Safety.UNKNOWN, f"{verdict[1]}, but {ties(demanded)[0]} is limited"
    if doubtful:
        return Safety.UNKNOWN, f"{verdict[1]}; a Deny narrows it, how far is not decided here"
    if "sub" not in claims and any(key.endswith(":sub") for key in demanded):
        return Safety.UNKNOWN, f"its sub condition speaks of another issuer than {issuer}"
    return verdict


def _workloads(issuer: str, claims: dict[str, list[tuple[str, ...]]]) -> Verdict:
    if "sub" not in claims and not _names_tenant(issuer, claims):
        return Safety.UNSAFE, f"any workload of {issuer} may assume it: no sub condition that a token must meet"
    if _names_tenant(issuer, claims):
        return Safety.SAFE, "a claim beside sub names its workloads"
    verdicts = [_set_verdict(issuer, values) for values in claims["sub"]]
    for safety in (Safety.SAFE, Safety.UNKNOWN):  # all must be met, so the narrowest decides
        if any(verdict[0] is safety for verdict in verdicts):
            return next(verdict for verdict in verdicts if verdict[0] is safety)
    return verdicts[0]


def _names_tenant(issuer: str, claims: dict[str, list[tuple[str, ...]]]) -> bool:
    """GitHub's claims on repository and owner do what a sub condition does."""
    return issuer.startswith(GITHUB) and any(
        values and all(GITHUB_TENANT.match(f"{name}:{value}") for value in values)
        for name in GITHUB_CLAIMS
        for values in claims.get(name, [])
    )


def _set_verdict(issuer: str, subjects: tuple[str, ...]) -> Verdict:
    """Of the values of one condition any may match, so the widest decides."""
    for safety, reason in (
        (Safety.UNSAFE, "the sub condition is too wide"),
        (Safety.UNKNOWN, "whether the sub condition is too wide is not decided here"),
    ):
        for subject in subjects:
            if _subject_safety(issuer, subject) is safety:
                return safety, f"{reason}: {subject}"
    return (Safety.SAFE, "the sub condition names its workloads") if subjects else (Safety.UNSAFE, "the sub condition has no value")


def _subject_safety(issuer: str, subject: str) -> Safety:
    if issuer.startswith(GITHUB):
        return Safety.SAFE if GITHUB_TENANT.match(subject) else Safety.UNKNOWN if GITHUB_REUSED.match(subject) else Safety.UNSAFE
    if subject.startswith("system:") or ".eks." in issuer:
        return Safety.SAFE if SERVICE_ACCOUNT.match(subject) else Safety.UNKNOWN if SERVICE_ACCOUNTS.match(subject) else Safety.UNSAFE
    pattern = next((pattern for start, pattern in TENANTS if issuer.startswith(start)), None)
    pattern = pattern or next((pattern for start, pattern in BY_SHAPE if subject.startswith(start)), None)
    if pattern is not None:
        return Safety.SAFE if pattern.match(subject) else Safety.UNSAFE
    if NAMES_NOTHING.match(subject):
        return Safety.UNSAFE
    return Safety.UNKNOWN if has_wildcard(subject) else Safety.SAFE


def _pool(claims: dict[str, list[tuple[str, ...]]]) -> Verdict:
    """Cognito: the pool's id is the tenant, and stands in aud; amr says who signed in."""
    if not any(values and not any(map(has_wildcard, values)) for values in claims.get("aud", [])):
        return Safety.UNSAFE, "any identity pool may assume it: no aud condition"
    if not claims.get("amr"):
        return Safety.UNKNOWN, "guests of the identity pool may assume it if the pool lets them in: no amr condition"
    return Safety.SAFE, "limited to who signed in to one identity pool"


def _peoples_issuer(issuer: str, claims: dict[str, list[tuple[str, ...]]]) -> Verdict:
    """Anyone may have an account there. For Google, a numeric aud is a service account's id."""
    exact = {name for name, sets in claims.items() if any(values and not any(map(has_wildcard, values)) for values in sets)}
    machine = any(values and all(re.fullmatch(r"\d{15,}", value) for value in values) for values in claims.get("aud", []))
    if exact & {"sub", "email", "user_id", "google/organization_number"} or (issuer == GOOGLE and machine):
        return Safety.SAFE, "the conditions name who may assume it"
    if exact & {"aud", "app_id"}:
        return Safety.UNKNOWN, f"whoever signs in to that app with {issuer} may assume it: people, or anyone"
    return Safety.UNSAFE, f"anyone with an account at {issuer} may assume it"
