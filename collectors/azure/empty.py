"""Answers that say nothing: empty lists, errors saved as if they were answers, and Graph answers about other things. Each is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.azure.answers import EMPTY, GUID, context, is_about, pages
from collectors.azure.directory_roles import ELIGIBLE, HELD
from collectors.document import Document, Format, Problem
from inventory.model import Row

UNRELATED = (
    "deviceManagement/",
    "auditLogs/signIns",
    "devices",
    "users",
    "groups",
    "reports/authenticationMethods/",
    "identity/conditionalAccess/",
)
"""Starts of Graph contexts that hold nothing about machine identities."""

READ = (
    "applications",
    "servicePrincipals",
    "oauth2PermissionGrants",
    "organization",
    "reports/servicePrincipalSignInActivities",
    "reports/appCredentialSignInActivities",
    *(f"roleManagement/directory/{name}" for name in (*ELIGIBLE, *HELD, "roleDefinitions")),
)
"""Entities that have a format of their own."""

MODELS = (
    ({"deviceId", "operatingSystem"}, "devices"),
    ({"isMfaCapable", "methodsRegistered"}, "people's sign-in methods"),
    ({"appliedConditionalAccessPolicies", "userPrincipalName"}, "people's sign-ins"),
    ({"scopeType", "scopeId", "policyId"}, "role management policies"),
)
"""Zero Trust Assessment writes no context with some entities; their fields tell them."""


def empty(document: Document) -> Iterator[Row | Problem]:
    """Neither `none` nor `collected`: where a collection asked for it, its manifest says which."""
    if not document.asked:
        yield Problem(record="value", message=f"{EMPTY}; it does not even say what was asked for: nothing is taken from it")


def error(document: Document) -> Iterator[Row | Problem]:
    """The code, never the text: it may quote the caller's token."""
    raw = next(iter(document.values or ({},)))["error"]
    code = raw.get("code") if isinstance(raw.get("code"), str) and raw["code"].replace("_", "").isalnum() else "without a code"
    yield Problem(
        record="error", message=f"an error was saved in place of an answer ({code[:60]}): nothing was collected, export again", lost=True
    )


def unrelated(document: Document) -> Iterator[Row | Problem]:
    """Read no further."""
    about = context(document) or next((what for keys, what in MODELS if keys <= _first(document).keys()), "other things")
    yield Problem(
        record="value",
        message=f"a Graph answer about {about.partition('(')[0][:60]}: nothing about machine identities, not read",
        lost=True,
    )


def _first(document: Document) -> Mapping[str, object]:
    return next((raw for _, held in pages(document) for raw in held if isinstance(raw, dict)), {})


def _is_empty(document: Document) -> bool:
    framed = list(pages(document))
    if not framed or any(held for _, held in framed):
        return False
    if any(page for page, _ in framed):
        return not is_about(document, *READ)  # those say in their own format what is missing
    return GUID.fullmatch((document.scope or "").lower()) is not None


def _is_error(document: Document) -> bool:
    raw = next(iter(document.values or ()), None)
    found = raw.get("error") if isinstance(raw, dict) and len(raw) == 1 else None
    return isinstance(found, dict) and {"code", "message"} <= found.keys()


def _is_unrelated(document: Document) -> bool:
    about, keys = context(document), _first(document).keys()
    return about.startswith(UNRELATED) or any(known <= keys for known, _ in MODELS)


FORMATS = (
    Format(name="azure-error", title="An error of Azure or Graph in place of an answer: told, nothing read", matches=_is_error, rows=error),
    Format(
        name="azure-empty",
        title="An empty page, or `[]` with its subscription or tenant as scope in manifest.json: told, proves nothing",
        matches=_is_empty,
        rows=empty,
    ),
    Format(
        name="azure-unrelated",
        title="Graph answers about devices, people and policies: told, not read",
        matches=_is_unrelated,
        rows=unrelated,
    ),
)
