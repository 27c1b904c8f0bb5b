"""When service principals and their credentials were last used. Reports of Graph beta, of the global cloud only.

The reports hold who signed in lately: an application that is not in them was not seen, or not asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.azure.answers import Record, coverage, first, guid, guid_or_none, is_about, read_all, shortfall, text, unscoped
from collectors.azure.credentials import credential_id, default_name, expiry
from collectors.azure.tenants import tenant_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Credential, CredentialKind, CredentialRole, Fact, Human, Identity, IdentityKind, Issuance, Row

AS_CLIENT = ("applicationAuthenticationClientSignInActivity", "delegatedClientSignInActivity")
"""The application signed in. `…ResourceSignInActivity`: somebody else signed in to it, which is not its use."""

NEVER = "0001-01-01"


def service_principal_sign_ins(document: Document) -> Iterator[Row | Problem]:
    """servicePrincipalSignInActivities, by application id."""
    notes = Notes(document)
    tenant = tenant_of(document, ())

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        app_id = guid(raw["appId"])
        record = f"appId={app_id}"
        moments = [_moment(notes, raw.get(name), record, name) for name in AS_CLIENT if name in raw]
        if not moments:  # an old answer, or one that $select cut: only the sum is left
            moments = [_moment(notes, raw.get("lastSignInActivity"), record, "lastSignInActivity")]
        last, known = max(filter(None, (when for when, _ in moments)), default=None), all(known for _, known in moments)
        yield Identity(
            identity_id=f"azure:app:{app_id}",
            provider="azure",
            scope=tenant,
            name=text(raw.get("appDisplayName")) or app_id,
            kind=IdentityKind.UNKNOWN,
            human=Human.NONHUMAN,
            human_basis="an application",
            last_used_at=last,
            last_used_known=known,
            evidence=notes.document.at(record),
        )

    yield from read_all(notes, reader)
    yield from coverage(document, (Fact.ROLE_USAGE,), {tenant}, shortfall(document))
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def _moment(notes: Notes, activity: Any, record: str, name: str) -> tuple[datetime | None, bool]:
    """The last sign-in and whether that is known: an activity without a date means that none was seen."""
    if activity is None:
        return None, True
    if not isinstance(activity, Mapping):
        notes.problem(record, f"{name} is not understood; left unknown")
        return None, False
    said = activity.get("lastSignInDateTime")
    return (None, True) if isinstance(said, str) and said.startswith(NEVER) else notes.last_use(said, record, name)


def credential_sign_ins(document: Document) -> Iterator[Row | Problem]:
    """appCredentialSignInActivities, by key id."""
    notes = Notes(document)
    tenant = tenant_of(document, ())

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        key_id, app_id = guid(raw["keyId"]), guid_or_none(raw.get("appId"))
        kind = _kind(raw.get("keyType"))
        record = f"keyId={key_id}"
        last, known = _moment(notes, raw.get("signInActivity"), record, "signInActivity")
        expires_at, never = expiry(notes, raw.get("expirationDate", raw.get("expirationDateTime")), record, "expirationDate")
        yield Credential(
            credential_id=credential_id(kind, key_id),
            identity_id=f"azure:app:{app_id}" if app_id else None,
            provider="azure",
            scope=tenant,
            name=default_name(kind, key_id),
            kind=kind,
            role=CredentialRole.IDENTITY,
            native_id=key_id,
            issuance=Issuance.MANUAL,
            last_used_at=last,
            last_used_known=known,
            expires_at=expires_at,
            never_expires=never,
            evidence=notes.document.at(record),
        )

    yield from read_all(notes, reader)
    yield from coverage(document, (Fact.KEY_USAGE,), {tenant}, shortfall(document))
    yield from unscoped(document, "tenant", tenant)
    yield from notes.problems


def _kind(key_type: Any) -> CredentialKind:
    """Graph says clientSecret or certificate; a type it does not say yet is a secret, which is judged no milder."""
    return CredentialKind.X509_CERTIFICATE if "cert" in str(key_type).lower() else CredentialKind.OAUTH_CLIENT_SECRET


def _is_sign_ins(document: Document) -> bool:
    found = first(document) or {}
    return is_about(document, "reports/servicePrincipalSignInActivities") or (
        "appId" in found and bool({*AS_CLIENT, "lastSignInActivity"} & found.keys())
    )


def _is_credential_sign_ins(document: Document) -> bool:
    return is_about(document, "reports/appCredentialSignInActivities") or {"keyId", "signInActivity"} <= (first(document) or {}).keys()


FORMATS = (
    Format(
        name="azure-sign-ins",
        title="Last sign-ins of applications: Graph beta `/reports/servicePrincipalSignInActivities`, Zero Trust Assessment `ServicePrincipalSignIn`",
        matches=_is_sign_ins,
        rows=service_principal_sign_ins,
    ),
    Format(
        name="azure-credential-sign-ins",
        title="Last sign-ins by secret or certificate: Graph beta `/reports/appCredentialSignInActivities`",
        matches=_is_credential_sign_ins,
        rows=credential_sign_ins,
    ),
)
