"""Secrets Manager: which secrets it holds and how they are rotated. No values are ever in this listing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.aws.common import account_of, parse_arn
from collectors.document import Document, Format, Problem
from collectors.records import Notes, covered, has_page, is_truncated, pages
from inventory.model import Credential, CredentialKind, Fact, Issuance, Row, SecretStore, Status, Storage, StorageBasis

CREATION_TAKES = timedelta(seconds=5)


def stored_secrets(document: Document) -> Iterator[Row | Problem]:
    """list-secrets: one credential per secret, one store per account and region."""
    notes = Notes(document)
    answers = list(pages(document, "SecretList"))
    accounts = {document.scope} if document.scope else set()
    for locator, raw in notes.records(answers, "SecretList"):
        rows = notes.read(locator, _listed, raw)
        if rows:
            accounts.add(account_of(raw["ARN"]))
        yield from rows
    yield from covered(document, (Fact.STORED_SECRETS,), accounts, truncated=is_truncated(answers, len(accounts)))
    yield from notes.problems


def _listed(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    account, arn = account_of(raw["ARN"]), parse_arn(raw["ARN"])
    region = arn.region if arn else ""
    yield _store(notes, account, region)
    yield _secret(notes, raw, account, region)


def store_id(account: str, region: str) -> str:
    return f"aws:secretsmanager:{account}:{region}"


def _store(notes: Notes, account: str, region: str) -> Row:
    name = f"Secrets Manager {region} of {account}"
    return SecretStore(
        store_id=store_id(account, region),
        provider="aws",
        scope=account,
        kind="aws_secrets_manager",
        name=name,
        evidence=notes.document.at(name),
    )


def _secret(notes: Notes, raw: Mapping[str, Any], account: str, region: str) -> Row:
    record = f"SecretList[{raw['ARN']}]"
    rotates = raw.get("RotationEnabled")
    last_used_at, readable = notes.last_use(raw.get("LastAccessedDate"), record, "LastAccessedDate")
    return Credential(
        credential_id=f"aws:secret:{raw['ARN']}",
        provider="aws",
        scope=account,
        name=raw["Name"],
        kind=CredentialKind.STORED_SECRET,
        native_id=raw["ARN"],
        storage=Storage.SECRETS_MANAGER,
        storage_basis=StorageBasis.OBSERVED,
        storage_evidence=notes.document.at(record),
        store_id=store_id(account, region),
        issuance=Issuance.AUTO_ROTATED if rotates else Issuance.MANUAL if rotates is False else Issuance.UNKNOWN,
        created_at=notes.when(raw.get("CreatedDate"), record, "CreatedDate"),
        rotated_at=_rotated_at(notes, raw, record),
        last_used_at=last_used_at,
        last_used_known=readable,
        rotation_days=_rotation_days(raw.get("RotationRules") or {}) if rotates else None,
        status=Status.INACTIVE if raw.get("DeletedDate") else Status.ACTIVE,
        evidence=notes.document.at(record),
    )


def _rotation_days(rules: Mapping[str, Any]) -> int | None:
    """Interval of automatic rotation; of a schedule, only a rate tells it."""
    rate = re.fullmatch(r"rate\((\d{1,5}) (day|hour)s?\)", str(rules.get("ScheduleExpression")).strip())
    if rate:
        return int(rate[1]) if rate[2] == "day" else math.ceil(int(rate[1]) / 24)
    return rules.get("AutomaticallyAfterDays")


def _rotated_at(notes: Notes, raw: Mapping[str, Any], record: str) -> datetime | None:
    """LastRotatedDate; creation when nothing changed since (the two are written within seconds). LastChangedDate alone may be a new
    tag, so it proves nothing."""
    rotated = notes.when(raw.get("LastRotatedDate"), record, "LastRotatedDate")
    changed = notes.when(raw.get("LastChangedDate"), record, "LastChangedDate")
    created = notes.when(raw.get("CreatedDate"), record, "CreatedDate")
    unchanged = changed is not None and created is not None and abs(changed - created) <= CREATION_TAKES
    return rotated or (created if unchanged else None)


FORMATS = (
    Format(
        name="aws-secrets",
        title="Secrets and their rotation: `aws secretsmanager list-secrets`",
        matches=lambda document: has_page(document, "SecretList"),
        rows=stored_secrets,
    ),
)
