"""IAM credential report: passwords, access keys (two slots, without ids) and signing certificates of every user.

Both dialects are read: `2026-09-11T13:14:52Z` with `true`, and the older `2019-08-16T17:27:59+00:00`; 22 columns, or 23 with
`additional_credentials_info`. Sentinels are N/A, no_information and not_supported.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime

from collectors.aws.common import account_of
from collectors.document import Document, Format, FormatError, Problem
from collectors.records import Notes, has_page, pages
from collectors.times import NOT_SAID
from inventory.model import (
    Account,
    Coverage,
    CoverageStatus,
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

REQUIRED = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "access_key_1_active",
    "access_key_1_last_rotated",
    "access_key_1_last_used_date",
    "access_key_2_active",
    "access_key_2_last_rotated",
    "access_key_2_last_used_date",
)

ROOT = "<root_account>"


def credential_report(document: Document) -> Iterator[Row | Problem]:
    """Rows of a report as CSV or as the raw API answer with base64 `Content`. Raises FormatError for a wrong header."""
    if document.table is not None:
        yield from _rows(document, document.header, document.table, None)
        return
    for page in pages(document, "Content"):
        header, table = _decoded(page)
        notes = Notes(document)
        yield from _rows(document, header, table, notes.when(page.get("GeneratedTime"), "Content", "GeneratedTime"))
        yield from notes.problems


def _decoded(page: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[Mapping[str, str], ...]]:
    content = "".join(str(page["Content"]).split())  # some tools break base64 into lines
    try:
        text = base64.b64decode(content, validate=True).decode("utf-8-sig")
    except ValueError as error:
        raise FormatError("the report's Content is not base64 text: run get-credential-report again") from error
    reader = csv.DictReader(io.StringIO(text))
    try:
        return tuple(reader.fieldnames or ()), tuple(reader)
    except csv.Error as error:
        raise FormatError("the report's Content is not CSV: run get-credential-report again") from error


def _rows(
    document: Document, header: tuple[str, ...], table: tuple[Mapping[str, str], ...], made_at: datetime | None
) -> Iterator[Row | Problem]:
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise FormatError(f"a credential report without the column {', '.join(missing[:3])}: its header is not AWS's")
    notes = Notes(document)
    accounts = set()
    for index, raw in enumerate(table):
        rows = notes.read(f"row {index + 2}", _user, raw)
        if rows:
            accounts.add(account_of(raw["arn"]))
        yield from rows
    for account in sorted(accounts):
        yield Account(scope=account, provider="aws", evidence=document.at(account))
        yield from _dated(document, account, made_at)
    yield from notes.problems


def _dated(document: Document, account: str, made_at: datetime | None) -> Iterator[Row]:
    """The report's own date; which users it really covers is told by sightings."""

    for fact in (Fact.ACCESS_KEYS, Fact.PASSWORDS, Fact.KEY_USAGE):
        yield Coverage(
            fact=fact,
            scope=account,
            status=CoverageStatus.COLLECTED,
            collected_at=document.collected_at or made_at,
            evidence=document.source_id,
        )


def _user(notes: Notes, raw: Mapping[str, str]) -> Iterator[Row]:
    arn, record = raw["arn"], f"user={raw['user']}"
    evidence = notes.document.at(record)
    root = raw["user"] == ROOT
    yield Identity(
        identity_id=arn,
        provider="aws",
        scope=account_of(arn),
        name="root" if root else raw["user"],
        kind=IdentityKind.ROOT if root else IdentityKind.SERVICE_ACCOUNT,
        native_type="AWS::IAM::Root" if root else "AWS::IAM::User",
        human=Human.UNKNOWN,
        status=Status.ACTIVE,
        created_at=notes.when(raw["user_creation_time"], record, "user_creation_time"),
        evidence=evidence,
    )
    if not root:
        yield _password(notes, raw, record)
    for fact in _told(notes, raw, record):
        yield Sighting(subject_kind=fact, subject_id=arn, evidence=evidence)
    for slot in ("1", "2"):
        yield from _key(notes, raw, record, slot)
        yield from _certificate(notes, raw, record, slot)


def _told(notes: Notes, raw: Mapping[str, str], record: str) -> Iterator[str]:
    """What the row tells in full. A flag that says neither true nor false tells nothing."""
    if _flag(raw, "password_enabled") is not Status.UNKNOWN or raw["user"] == ROOT:
        yield "passwords"
    if any(_flag(raw, f"access_key_{slot}_active") is Status.UNKNOWN for slot in ("1", "2")):
        notes.problem(record, "whether its access keys are active is neither true nor false: left unknown")
    elif (raw.get("additional_credentials_info") or "").strip().lower() not in {*NOT_SAID, "0"}:
        notes.problem(record, "has credentials beyond the report's columns: supply list-access-keys for this user")
    else:
        yield "access_keys"


def _flag(raw: Mapping[str, str], column: str) -> Status:
    value = raw[column].strip().lower()
    return {"true": Status.ACTIVE, "false": Status.INACTIVE}.get(value, Status.UNKNOWN)


def _password(notes: Notes, raw: Mapping[str, str], record: str) -> Row:
    last_used_at, readable = notes.last_use(raw.get("password_last_used"), record, "password_last_used")
    return Credential(
        credential_id=f"aws:password:{raw['arn']}",
        identity_id=raw["arn"],
        provider="aws",
        scope=account_of(raw["arn"]),
        name="console password",
        kind=CredentialKind.PASSWORD,
        role=CredentialRole.IDENTITY,
        issuance=Issuance.MANUAL,
        created_at=notes.when(raw.get("password_last_changed"), record, "password_last_changed"),
        last_used_at=last_used_at,
        last_used_known="password_last_used" in raw and readable,
        status=_flag(raw, "password_enabled"),
        evidence=notes.document.at(record),
    )


def _key(notes: Notes, raw: Mapping[str, str], record: str, slot: str) -> Iterator[Row]:
    column = f"access_key_{slot}"
    status = _flag(raw, f"{column}_active")
    created = notes.when(raw[f"{column}_last_rotated"], record, f"{column}_last_rotated")
    if status is not Status.ACTIVE and created is None:
        return
    service = (raw.get(f"{column}_last_used_service") or "").lower()
    last_used_at, readable = notes.last_use(raw[f"{column}_last_used_date"], record, f"{column}_last_used_date")
    yield Credential(
        credential_id=f"aws:access_key_slot:{raw['arn']}/{slot}",
        identity_id=raw["arn"],
        provider="aws",
        scope=account_of(raw["arn"]),
        name=f"access key {slot} of {raw['user']}",
        kind=CredentialKind.ACCESS_KEY,
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,
        last_used_at=last_used_at,
        last_used_known=readable,
        last_used_service=service if service not in NOT_SAID else None,
        never_expires=True,
        status=status,
        evidence=notes.document.at(f"{record}/{column}"),
    )


def _certificate(notes: Notes, raw: Mapping[str, str], record: str, slot: str) -> Iterator[Row]:
    column = f"cert_{slot}"
    if raw.get(f"{column}_active", "").strip().lower() != "true":
        return
    rotated = notes.when(raw.get(f"{column}_last_rotated"), record, f"{column}_last_rotated")
    yield Credential(
        credential_id=f"aws:signing_certificate:{raw['arn']}/{slot}",
        identity_id=raw["arn"],
        provider="aws",
        scope=account_of(raw["arn"]),
        name=f"signing certificate {slot} of {raw['user']}",
        kind=CredentialKind.X509_CERTIFICATE,
        issuance=Issuance.MANUAL,
        created_at=rotated,
        rotated_at=rotated,
        status=Status.ACTIVE,
        evidence=notes.document.at(f"{record}/{column}"),
    )


def _is_report(document: Document) -> bool:
    if document.table is not None:
        return {"user", "arn"} <= set(document.header) and any(name.startswith(("access_key_", "password_")) for name in document.header)
    return has_page(document, "Content", "ReportFormat")


FORMATS = (
    Format(
        name="aws-credential-report",
        title="Passwords and key ages: `aws iam generate-credential-report`, then `aws iam get-credential-report`",
        matches=_is_report,
        rows=credential_report,
    ),
)
