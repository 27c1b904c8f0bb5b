"""Secrets and certificates of applications and service principals. Neither `hint` nor `secretText` is ever read.

A key that Entra signs SAML tokens with stands among them: Entra keeps it, nobody signs in with it, and it is left out.
https://learn.microsoft.com/graph/api/serviceprincipal-addtokensigningcertificate
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from collectors.azure.answers import Record, guid, one_or_many, text
from collectors.records import Notes
from inventory.model import Credential, CredentialKind, CredentialRole, Issuance, Row, Sighting, Status

FAR = 2199
"""An end beyond this year stands for `never`: Entra wrote 2299 for credentials without an end, and other tools 9999."""

SIGNS_TOKENS = "sign"


def held(notes: Notes, raw: Record, identity_id: str, scope: str | None, record: str, *, on: str) -> Iterator[Row]:
    """Rows of `passwordCredentials` and `keyCredentials`; `on`: what they hang on, for the name."""
    secrets, keys = one_or_many(raw.get("passwordCredentials")), one_or_many(raw.get("keyCredentials"))
    token_signing = [key for key in keys if isinstance(key, dict) and str(key.get("usage")).lower() == SIGNS_TOKENS]
    names = {value for key in token_signing for name in ("keyId", "customKeyIdentifier") if (value := text(key.get(name)))}
    for kind, found in ((CredentialKind.OAUTH_CLIENT_SECRET, secrets), (CredentialKind.X509_CERTIFICATE, keys)):
        for entry in found:
            if isinstance(entry, dict) and (entry in token_signing or names & {entry.get("keyId"), entry.get("customKeyIdentifier")}):
                continue
            yield from _credential(notes, entry, kind, identity_id, scope, record, on)
    if {"passwordCredentials", "keyCredentials"} <= raw.keys():
        yield Sighting(subject_kind="access_keys", subject_id=identity_id, evidence=notes.document.at(record))


def credential_id(kind: CredentialKind, key_id: str) -> str:
    return f"azure:{'cert' if kind is CredentialKind.X509_CERTIFICATE else 'secret'}:{key_id}"


def default_name(kind: CredentialKind, key_id: str) -> str:
    return f"{'certificate' if kind is CredentialKind.X509_CERTIFICATE else 'secret'} {key_id}"


def _credential(
    notes: Notes, raw: Any, kind: CredentialKind, identity_id: str, scope: str | None, record: str, on: str
) -> Iterator[Credential]:
    try:
        key_id = guid(raw["keyId"])
    except (KeyError, TypeError, ValueError):
        notes.problem(record, f"a {kind.replace('_', ' ')} has no keyId that can be read: it is left out", lost=True)
        return
    created = notes.when(raw.get("startDateTime", raw.get("startDate")), record, f"startDateTime of {key_id}")
    expires_at, never = expiry(notes, raw.get("endDateTime", raw.get("endDate")), record, f"endDateTime of {key_id}")
    name = text(raw.get("displayName")) or default_name(kind, key_id)
    yield Credential(
        credential_id=credential_id(kind, key_id),
        identity_id=identity_id,
        provider="azure",
        scope=scope,
        name=f"{name}{on}",
        kind=kind,
        role=CredentialRole.IDENTITY,
        native_id=key_id,
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,  # a value is never changed: a new one is a new entry
        expires_at=expires_at,
        never_expires=never,
        status=Status.ACTIVE,  # it is there, so it works until its end
        evidence=notes.document.at(f"{record}/{key_id}"),
    )


def expiry(notes: Notes, value: Any, record: str, name: str) -> tuple[datetime | None, bool | None]:
    """(end, whether there is none). Neither is known where the source does not say."""
    year = value[:4] if isinstance(value, str) else ""
    if year.isdigit() and int(year) > FAR:
        return None, True
    end = notes.when(value, record, name)
    return end, False if end else None
