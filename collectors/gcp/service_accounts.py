"""Service accounts and their keys: `gcloud iam service-accounts list`, `… keys list`, and the same records of REST and asset exports.

The API knows no creation time of an account, and leaves `disabled` out when it is false: an account or key without it is active.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp import trust
from collectors.gcp.listing import Record, covers, empty_page, listing, lists, read_all
from collectors.gcp.members import BASIS, NATIVE_TYPE
from collectors.gcp.places import UNIQUE_ID, Places, project_part, scope_project
from collectors.records import Notes
from inventory.model import (
    Alias,
    Credential,
    CredentialKind,
    CredentialRole,
    Fact,
    Human,
    Identity,
    IdentityKind,
    Issuance,
    Row,
    Sighting,
    Status,
)

NEVER = "9999-"
"""Year of the end of a key that has none."""

NOT_ALL = "the keys of one account: whether those of all accounts were asked for is not said; wrap each answer with its serviceAccount"


def accounts(document: Document) -> Iterator[Row | Problem]:
    """Service accounts of one or several projects."""
    notes, found, places = Notes(document), listing(document, "accounts"), Places(document=document)
    rows = list(read_all(notes, found, lambda notes, raw: account(notes, raw, places)))
    yield from rows
    named = scope_project(document)
    scopes = {row.scope for row in rows if isinstance(row, Identity) and row.scope} | ({named} if named else set())
    if not scopes and not notes.problems:
        notes.problem("accounts", "an empty list: of which project is not said; name it in manifest.json")
    but = "the answer is truncated and its last page is missing: collect all pages" if found.truncated(len(scopes)) else None
    yield from covers(document, (Fact.IDENTITIES,), scopes, but=but)
    yield from notes.problems


def account(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """One account, with the native way to become it."""
    email = raw["email"].lower()
    identity_id, record = f"serviceAccount:{email}", f"accounts[{email}]"
    evidence = notes.document.at(record)
    yield Identity(
        identity_id=identity_id,
        provider="gcp",
        scope=raw.get("projectId") or places.project(raw["name"]) or places.by_email(email),
        name=email,
        kind=IdentityKind.SERVICE_ACCOUNT,
        native_type=NATIVE_TYPE,
        human=Human.NONHUMAN,
        human_basis=BASIS,
        status=Status.DISABLED if raw.get("disabled") is True else Status.ACTIVE,
        purpose=raw.get("description") or raw.get("displayName") or None,
        evidence=evidence,
    )
    yield trust.attached(identity_id, evidence)
    if raw.get("uniqueId"):
        yield Alias(alias=f"{UNIQUE_ID}{raw['uniqueId']}", identity_id=identity_id, evidence=evidence)


def keys(document: Document) -> Iterator[Row | Problem]:
    """Keys of one account or of several: one answer after the other, or each wrapped with the account that it is of."""
    notes, found, places = Notes(document), listing(document, "keys"), Places(document=document)
    for index, raw in enumerate(found.records):
        yield from notes.read(_locator(raw, index), lambda notes, raw: key(notes, raw, places), raw)
    asked = [owner for page in _pages(document) if (owner := _asked_of(page))]
    for owner in asked:
        yield Sighting(subject_kind="access_keys", subject_id=owner, evidence=document.at(f"keys of {owner}"))
    project = scope_project(document)
    whole = len(asked) == found.answers or found.answers > 1
    yield from covers(document, (Fact.ACCESS_KEYS,), {project} if project else set(), but=None if whole else NOT_ALL)
    yield from notes.problems


def _locator(raw: Any, index: int) -> str:
    return raw["name"] if isinstance(raw, dict) and isinstance(raw.get("name"), str) else f"[{index}]"


def _pages(document: Document) -> Iterator[Mapping[str, Any]]:
    for value in document.values or ():
        yield from (page for page in (value if isinstance(value, list) else [value]) if isinstance(page, dict) and "keys" in page)


def _asked_of(page: Mapping[str, Any]) -> str | None:
    """The account that a wrapped answer is of."""
    name = page.get("serviceAccount") or page.get("resource")
    email = str(name or "").rsplit("/", 1)[-1].lower()
    return f"serviceAccount:{email}" if "@" in email else None


def key(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """One key. Those that Google makes and changes itself are no credentials of anybody's."""
    name = raw["name"]
    _, _, rest = name.partition("/serviceAccounts/")
    email, _, key_id = rest.lower().partition("/keys/")
    if not key_id:
        raise ValueError(f"{str(name)[:60]!r} is not the name of a service account key")
    identity_id, record = f"serviceAccount:{email}", f"keys[{email}/{key_id}]"
    evidence = notes.document.at(record)
    yield Sighting(subject_kind="access_keys", subject_id=identity_id, evidence=evidence)
    if raw.get("keyType") == "SYSTEM_MANAGED":
        return
    created = notes.when(raw.get("validAfterTime"), record, "validAfterTime")
    end = raw.get("validBeforeTime")
    forever = isinstance(end, str) and end.startswith(NEVER)
    expires = None if forever else notes.when(end, record, "validBeforeTime")
    yield Credential(
        credential_id=f"gcp:key:{email}/{key_id}",
        identity_id=identity_id,
        provider="gcp",
        scope=places.project(name) or places.by_email(email),
        name=f"key {key_id[:8]} of {email}" + (" (uploaded)" if raw.get("keyOrigin") == "USER_PROVIDED" else ""),
        kind=CredentialKind.SIGNING_KEY,
        role=CredentialRole.IDENTITY,
        native_id=key_id,
        fingerprint=notes.document.fingerprint(key_id),
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,
        expires_at=expires,
        never_expires=True if forever else False if expires else None,
        status=Status.INACTIVE if raw.get("disabled") is True else Status.ACTIVE,
        evidence=evidence,
    )


def _is_account(raw: Record) -> bool:
    return isinstance(raw.get("email"), str) and re.fullmatch(r"projects/[^/]+/serviceAccounts/[^/]+", str(raw.get("name"))) is not None


def _is_key(raw: Record) -> bool:
    return re.fullmatch(r"projects/[^/]+/serviceAccounts/[^/]+/keys/[^/]+", str(raw.get("name"))) is not None


def _is_accounts(document: Document) -> bool:
    return lists(document, ("accounts",), _is_account) or empty_page(document, "accounts")


def _is_keys(document: Document) -> bool:
    """Keys; or wrapped answers, of which some may hold none."""
    return lists(document, ("keys",), _is_key) or any(_asked_of(page) for page in _pages(document))


def _nameless(document: Document) -> bool:
    return not any(isinstance(raw, dict) and project_part(raw.get("name")) for raw in listing(document, "accounts").records)


FORMATS = (
    Format(
        name="gcp-service-accounts",
        title='Service accounts: `gcloud iam service-accounts list`, or the REST pages `{"accounts": …}`',
        matches=_is_accounts,
        rows=accounts,
        unplaced=_nameless,
    ),
    Format(
        name="gcp-service-account-keys",
        title="Keys of service accounts: `gcloud iam service-accounts keys list --managed-by=user`, for each account",
        matches=_is_keys,
        rows=keys,
    ),
)
