"""Raw answers of Azure and Entra turned into documents and rows, for the tests of this folder."""

from __future__ import annotations

from typing import Any, TypeVar

from collectors import COLLECTORS
from collectors.document import Document, Problem
from inventory.model import Coverage, CoverageStatus, Fact, Row

T = TypeVar("T")


def guid(number: int) -> str:
    """A made-up id that is on nobody's list: `a…` to tell it from the ids that Microsoft uses."""
    return f"a{number:07d}-1111-4111-8111-{number:012d}"


TENANT = guid(1)
SUBSCRIPTION = guid(2)
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
GRAPH = "https://graph.microsoft.com/v1.0/$metadata#"


def document(*values: Any, scope: str | None = TENANT, **more: Any) -> Document:
    return Document(source_id="export.json", values=values, scope=scope, key=b"k", **more)


def page(entity: str, *held: Any, **more: Any) -> dict[str, Any]:
    return {"@odata.context": GRAPH + entity, "value": list(held), **more}


def rows(form: str, source: Document) -> list[Row | Problem]:
    """What the one format of all that claims the document says."""
    claims = [candidate for collector in COLLECTORS for candidate in collector.formats if candidate.matches(source)]
    assert [candidate.name for candidate in claims] == [form]
    return list(claims[0].rows(source))


def only(kind: type[T], found: list[Row | Problem]) -> list[T]:
    return [row for row in found if isinstance(row, kind)]


def covered(found: list[Row | Problem]) -> dict[tuple[Fact, str], CoverageStatus]:
    return {(row.fact, row.scope): row.status for row in only(Coverage, found)}


def reason(found: list[Row | Problem], fact: Fact) -> str:
    return next(row.reason or "" for row in only(Coverage, found) if row.fact is fact)


def application(number: int = 10, **more: Any) -> dict[str, Any]:
    plain = {"id": guid(number + 5000), "appId": guid(number), "displayName": f"app {number}", "signInAudience": "AzureADMyOrg"}
    return {
        **plain,
        "createdDateTime": "2024-01-02T03:04:05Z",
        "passwordCredentials": [],
        "keyCredentials": [],
        "requiredResourceAccess": [],
        **more,
    }


def secret(number: int = 90, **more: Any) -> dict[str, Any]:
    plain = {"keyId": guid(number), "displayName": "deploy", "startDateTime": "2024-01-01T00:00:00Z", "endDateTime": "2025-01-01T00:00:00Z"}
    return {**plain, "hint": "Canary-hint", "secretText": "Canary-secretText", "customKeyIdentifier": None, **more}


def principal(number: int = 20, app: int = 10, **more: Any) -> dict[str, Any]:
    plain = {"id": guid(number), "appId": guid(app), "displayName": f"sp {number}", "servicePrincipalType": "Application"}
    return {**plain, "appOwnerOrganizationId": TENANT, "accountEnabled": True, "passwordCredentials": [], "keyCredentials": [], **more}
