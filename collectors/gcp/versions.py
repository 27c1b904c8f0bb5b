"""Versions of secrets: `gcloud secrets versions list SECRET`. When the value changed last; the values are of no concern to anyone here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import TRUNCATED, Record, listing, lists, read_all
from collectors.gcp.places import Places, needs_scope
from collectors.records import Notes
from inventory.model import Credential, CredentialKind, Row, Storage, StorageBasis

NAME = re.compile(r"(?P<secret>projects/[^/]+(/locations/[^/]+)?/secrets/(?P<short>[^/]+))/versions/[^/]+")


def versions(document: Document) -> Iterator[Row | Problem]:
    """One row per version that can be used: the youngest of a secret tells when its value changed."""
    notes, found, places = Notes(document), listing(document, "versions"), Places(document=document)
    yield from read_all(notes, found, lambda notes, raw: version(notes, raw, places))
    if found.truncated():
        notes.problem("versions", TRUNCATED)
    yield from notes.problems


def version(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """The secret, as far as this version tells. One that is disabled or destroyed is no value any more."""
    named = NAME.fullmatch(raw["name"])
    if named is None:
        raise ValueError("its name names no secret")
    if raw.get("state") != "ENABLED":
        return
    project, record = places.project(raw["name"]), f"versions[{raw['name']}]"
    yield Credential(
        credential_id=f"gcp:secret:{project}/{named['short']}",
        provider="gcp",
        scope=project,
        name=named["short"],
        kind=CredentialKind.STORED_SECRET,
        native_id=f"//secretmanager.googleapis.com/projects/{project}/secrets/{named['short']}",
        storage=Storage.SECRETS_MANAGER,
        storage_basis=StorageBasis.OBSERVED,
        storage_evidence=notes.document.at(record),
        store_id=f"gcp:secret_manager:{project}",
        rotated_at=notes.when(raw.get("createTime"), record, "createTime"),
        evidence=notes.document.at(record),
    )


def _is_version(raw: Record) -> bool:
    return NAME.fullmatch(str(raw.get("name"))) is not None


FORMATS = (
    Format(
        name="gcp-secret-versions",
        title="Versions of secrets, when they were made and whether they are enabled: `gcloud secrets versions list SECRET`",
        matches=lambda document: lists(document, ("versions",), _is_version),
        rows=versions,
        unplaced=lambda document: needs_scope(
            document, [raw.get("name") for raw in listing(document, "versions").records if isinstance(raw, dict)]
        ),
    ),
)
