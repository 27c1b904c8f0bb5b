"""API keys, storage HMAC keys and the secrets of Secret Manager: names and dates. No listing holds a value; a key string is never read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import TRUNCATED, Record, covers, listing, lists, named, read_all
from collectors.gcp.places import Places, needs_scope, project_part, scope_project
from collectors.records import Notes
from inventory.model import (
    Credential,
    CredentialKind,
    CredentialRole,
    Fact,
    Issuance,
    Row,
    SecretStore,
    Status,
    Storage,
    StorageBasis,
)

RESTRICTED_BY = {
    "browserKeyRestrictions": "referrer",
    "serverKeyRestrictions": "address",
    "androidKeyRestrictions": "Android app",
    "iosKeyRestrictions": "iOS app",
}


def api_keys(document: Document) -> Iterator[Row | Problem]:
    """API keys of a project."""
    yield from _read(document, "keys", api_key, Fact.SERVICE_CREDENTIALS)


def hmac_keys(document: Document) -> Iterator[Row | Problem]:
    """HMAC keys of service accounts."""
    yield from _read(document, "items", hmac_key, Fact.SERVICE_CREDENTIALS)


def secrets(document: Document) -> Iterator[Row | Problem]:
    """Secrets of a project."""
    yield from _read(document, "secrets", secret, Fact.STORED_SECRETS)


def _read(document: Document, key: str, reader: Any, fact: Fact) -> Iterator[Row | Problem]:
    notes, found, places = Notes(document), listing(document, key), Places(document=document)
    rows = list(read_all(notes, found, lambda notes, raw: reader(notes, raw, places)))
    yield from rows
    own = scope_project(document)
    scopes = {row.scope for row in rows if isinstance(row, Credential) and row.scope} | ({own} if own else set())
    yield from covers(document, (fact,), scopes, but=TRUNCATED if found.truncated(len(scopes)) else None)
    yield from notes.problems


def api_key(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """Whoever holds an API key is taken for the project, or for the service account that it is bound to."""
    name = raw["name"]
    record = f"keys[{name}]"
    created = notes.when(raw.get("createTime"), record, "createTime")
    account = raw.get("serviceAccountEmail")
    key_id = raw.get("uid") or name.rsplit("/", 1)[-1]
    yield Credential(
        credential_id=f"gcp:api_key:{key_id}",
        identity_id=f"serviceAccount:{account.lower()}" if account else None,
        provider="gcp",
        scope=places.project(name),
        name=f"{raw.get('displayName') or key_id} ({_restrictions(raw)})",
        kind=CredentialKind.API_KEY,
        role=CredentialRole.COMBINED,
        native_id=key_id,
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,
        never_expires=True,
        status=Status.INACTIVE if raw.get("deleteTime") else Status.ACTIVE,
        evidence=notes.document.at(record),
    )


def _restrictions(raw: Record) -> str:
    """In a few words: which APIs it opens, and from where."""
    held = raw.get("restrictions")
    if not isinstance(held, dict) or not held:
        return "API key, unrestricted"
    targets = held.get("apiTargets") or []
    apis = f"for {len(targets)} API{'s' if len(targets) > 1 else ''}" if targets else "for any API"
    place = next((word for name, word in RESTRICTED_BY.items() if held.get(name)), None)
    return f"API key, {apis}, {f'limited by {place}' if place else 'from anywhere'}"


def hmac_key(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A key that signs storage requests as its account."""
    raw = _hmac(raw)
    access_id = raw["accessId"]
    record = f"hmac[{access_id}]"
    account = raw.get("serviceAccountEmail")
    created = notes.when(raw.get("timeCreated"), record, "timeCreated")
    yield Credential(
        credential_id=f"gcp:hmac:{access_id}",
        identity_id=f"serviceAccount:{account.lower()}" if account else None,
        provider="gcp",
        scope=raw.get("projectId") or (places.by_email(account) if account else None),
        name=f"HMAC {access_id}",
        kind=CredentialKind.SERVICE_SPECIFIC,
        role=CredentialRole.COMBINED,
        native_id=access_id,
        fingerprint=notes.document.fingerprint(access_id),
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,
        never_expires=True,
        status={"ACTIVE": Status.ACTIVE, "INACTIVE": Status.INACTIVE, "DELETED": Status.INACTIVE}.get(
            str(raw.get("state")), Status.UNKNOWN
        ),
        evidence=notes.document.at(record),
    )


def secret(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """One secret, and the store that it rests in. `rotation` only sends a reminder: that something rotates it is not said."""
    name = raw["name"]
    project = places.project(name)
    record = f"secrets[{name}]"
    store_id, store = f"gcp:secret_manager:{project}", f"Secret Manager of {project}"
    yield SecretStore(
        store_id=store_id, provider="gcp", scope=project, kind="gcp_secret_manager", name=store, evidence=notes.document.at(store)
    )
    expires = notes.when(raw.get("expireTime"), record, "expireTime")
    short = name.rsplit("/", 1)[-1]
    yield Credential(
        credential_id=f"gcp:secret:{project}/{short}",
        provider="gcp",
        scope=project,
        name=short,
        kind=CredentialKind.STORED_SECRET,
        native_id=f"//secretmanager.googleapis.com/projects/{project}/secrets/{short}",
        storage=Storage.SECRETS_MANAGER,
        storage_basis=StorageBasis.OBSERVED,
        storage_evidence=notes.document.at(record),
        store_id=store_id,
        created_at=notes.when(raw.get("createTime"), record, "createTime"),
        expires_at=expires,
        never_expires=None if expires is None else False,
        rotation_days=_days((raw.get("rotation") or {}).get("rotationPeriod")),
        status=Status.ACTIVE,
        evidence=notes.document.at(record),
    )


def _days(period: Any) -> int | None:
    """Days of a duration such as `7776000s`."""
    seconds = re.fullmatch(r"(\d{1,12})(\.\d+)?s", str(period))
    return math.ceil(int(seconds[1]) / 86400) if seconds else None


def _hmac(raw: Record) -> Record:
    """The key's own fields: an answer to its creation wraps them."""
    held = raw.get("metadata")
    return held if isinstance(held, dict) and "accessId" not in raw else raw


def _is_hmac(raw: Record) -> bool:
    held = _hmac(raw)
    return "accessId" in held and ("serviceAccountEmail" in held or held.get("kind") == "storage#hmacKeyMetadata")


def _is_secret(raw: Record) -> bool:
    return any(named(pattern)(raw) for pattern in ("projects/*/secrets/*", "projects/*/locations/*/secrets/*"))


def _names(key: str) -> Any:
    def unplaced(document: Document) -> bool:
        return needs_scope(document, [raw.get("name") for raw in listing(document, key).records if isinstance(raw, dict)])

    return unplaced


def _hmac_unplaced(document: Document) -> bool:
    return not any(project_part(f"projects/{raw.get('projectId')}") for raw in listing(document, "items").records if isinstance(raw, dict))


FORMATS = (
    Format(
        name="gcp-api-keys",
        title="API keys and their restrictions: `gcloud services api-keys list`",
        matches=lambda document: lists(document, ("keys",), named("projects/*/locations/*/keys/*")),
        rows=api_keys,
        unplaced=_names("keys"),
    ),
    Format(
        name="gcp-hmac-keys",
        title="Storage HMAC keys: `gcloud storage hmac list`",
        matches=lambda document: lists(document, ("items",), _is_hmac),
        rows=hmac_keys,
        unplaced=_hmac_unplaced,
    ),
    Format(
        name="gcp-secrets",
        title="Secrets and their rotation: `gcloud secrets list`",
        matches=lambda document: lists(document, ("secrets",), _is_secret),
        rows=secrets,
        unplaced=_names("secrets"),
    ),
)
