"""Raw answers of Google Cloud turned into documents and rows, for the tests of this folder."""

from __future__ import annotations

from typing import Any, TypeVar

from collectors import COLLECTORS
from collectors.document import Document, Problem
from inventory.model import Coverage, CoverageStatus, Fact, Row

PROJECT = "demo-prod"
NUMBER = "120000000001"
DOMAIN = "demo-prod.iam.gserviceaccount.com"
POOL = f"projects/{NUMBER}/locations/global/workloadIdentityPools/ci"
T = TypeVar("T")


def document(*values: Any, scope: str | None = None, **more: Any) -> Document:
    return Document(source_id="export.json", values=values, scope=scope, key=b"k", **more)


def rows(form: str, source: Document) -> list[Row | Problem]:
    """What the one format of all collectors that claims the document says."""
    formats = [candidate for collector in COLLECTORS for candidate in collector.formats if candidate.matches(source)]
    assert [candidate.name for candidate in formats] == [form]
    return list(formats[0].rows(source))


def only(kind: type[T], found: list[Row | Problem]) -> list[T]:
    return [row for row in found if isinstance(row, kind)]


def covered(found: list[Row | Problem]) -> dict[tuple[Fact, str], CoverageStatus]:
    return {(row.fact, row.scope): row.status for row in only(Coverage, found)}


def email(name: str = "mailer", project: str = PROJECT) -> str:
    return f"{name}@{project}.iam.gserviceaccount.com"


def sa(name: str = "mailer", project: str = PROJECT) -> str:
    return f"serviceAccount:{email(name, project)}"


def account(name: str = "mailer", project: str = PROJECT, **more: Any) -> dict[str, Any]:
    address = email(name, project)
    plain = {"name": f"projects/{project}/serviceAccounts/{address}", "projectId": project, "uniqueId": "100000000000000000001"}
    return {**plain, "email": address, "displayName": name, "oauth2ClientId": "1", "etag": "MDEwMjE5MjA=", **more}


def key(key_id: str = "5a3b", name: str = "mailer", **more: Any) -> dict[str, Any]:
    plain = {"name": f"projects/{PROJECT}/serviceAccounts/{email(name)}/keys/{key_id}", "keyAlgorithm": "KEY_ALG_RSA_2048"}
    dates = {"validAfterTime": "2024-02-03T04:05:06Z", "validBeforeTime": "9999-12-31T23:59:59Z"}
    return {**plain, **dates, "keyOrigin": "GOOGLE_PROVIDED", "keyType": "USER_MANAGED", **more}


def policy(*bindings: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"bindings": [{"role": role, "members": [member]} for role, member in bindings], "etag": "BwY=", "version": 1, **more}


def found(kind: str, name: str, *bindings: tuple[str, str], project: str = PROJECT) -> dict[str, Any]:
    """One result of search-all-iam-policies."""
    return {
        "assetType": kind,
        "resource": name,
        "project": f"projects/{project}",
        "organization": "organizations/1",
        "policy": policy(*bindings),
    }
