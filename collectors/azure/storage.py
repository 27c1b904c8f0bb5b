"""Storage accounts and their containers: whether anyone may read blobs without signing in."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.azure.answers import Record, coverage, first, read_all, records, shortfall, subscription_of, text, type_of
from collectors.document import Document, Format, Problem
from collectors.records import ENVIRONMENT_TAGS, TEAM_TAGS, Notes, first_tag, tags_of
from inventory.model import Account, Fact, Public, Resource, Row

ACCOUNT = "microsoft.storage/storageaccounts"
CONTAINER = f"{ACCOUNT}/blobservices/containers"


def storage(document: Document) -> Iterator[Row | Problem]:
    """az storage account list."""
    notes = Notes(document)
    yield from read_all(notes, storage_account)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    subscriptions = {subscription for raw in found if (subscription := subscription_of(raw.get("id")))}
    for subscription in sorted(subscriptions):
        yield Account(scope=subscription, provider="azure", evidence=document.at(f"/subscriptions/{subscription}"))
    yield from coverage(document, (Fact.RESOURCE_POLICIES,), subscriptions, shortfall(document))
    yield from notes.problems


def storage_account(notes: Notes, raw: Record) -> Iterator[Row]:
    resource, allowed = str(raw["id"]).lower(), raw.get("allowBlobPublicAccess")
    if str(raw.get("publicNetworkAccess")).lower() == "disabled":
        public, reason = Public.NO, "publicNetworkAccess is Disabled"
    elif allowed is False:
        public, reason = Public.NO, "allowBlobPublicAccess is false"
    elif allowed is True:
        public, reason = Public.UNKNOWN, "allowBlobPublicAccess is true: each container decides"
    else:
        public, reason = Public.UNKNOWN, "allowBlobPublicAccess is not in the answer; accounts made before 2023 allowed it by default"
    tags = tags_of(raw.get("tags"))
    yield Resource(
        resource_id=resource,
        provider="azure",
        scope=subscription_of(resource),
        kind="azure_storage_account",
        name=str(raw["name"]),
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        public=public,
        public_reason=reason,
        evidence=notes.document.at(f"resource={resource}"),
    )


def containers(document: Document) -> Iterator[Row | Problem]:
    """az storage container-rm list: containers with the account in their id."""
    notes = Notes(document)
    yield from read_all(notes, _container)
    yield from notes.problems


def _container(notes: Notes, raw: Record) -> Iterator[Row]:
    resource, said = str(raw["id"]).lower(), text(raw.get("publicAccess"))
    public = Public.UNKNOWN if said is None else Public.NO if said.lower() == "none" else Public.YES
    reasons = {
        Public.UNKNOWN: "publicAccess is not in the answer",
        Public.NO: "publicAccess is None",
        Public.YES: f"publicAccess is {said}: anyone may read its blobs, unless the storage account forbids it",
    }
    yield Resource(
        resource_id=resource,
        provider="azure",
        scope=subscription_of(resource),
        kind="azure_blob_container",
        name=f"{resource.split('/')[8]}/{raw['name']}",
        public=public,
        public_reason=reasons[public],
        evidence=notes.document.at(f"resource={resource}"),
    )


FORMATS = (
    Format(
        name="azure-storage-accounts",
        title="Storage accounts: `az storage account list`",
        matches=lambda document: type_of(first(document) or {}) == ACCOUNT,
        rows=storage,
    ),
    Format(
        name="azure-storage-containers",
        title="Blob containers: `az storage container-rm list --storage-account A`",
        matches=lambda document: type_of(first(document) or {}) == CONTAINER,
        rows=containers,
    ),
)
