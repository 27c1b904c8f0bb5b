"""Secrets Manager: which secrets it holds and how they are rotated. No values are ever in this listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.aws.common import RECORD_ERRORS, Notes, covered, has_page, is_truncated, pages, parse_arn
from collectors.document import Document, Format, Problem
from inventory.model import Credential, CredentialKind, Fact, Issuance, Row, SecretStore, Status, Storage, StorageBasis


def stored_secrets(document: Document) -> Iterator[Row | Problem]:
    """list-secrets: one credential per secret, one store per account and region."""
    notes = Notes(document)
    answers = list(pages(document, "SecretList"))
    accounts = {document.scope} if document.scope else set()
    for page in answers:
        for index, raw in enumerate(page["SecretList"] or []):
            try:
                arn = parse_arn(raw["ARN"])
                if arn is None:
                    raise ValueError("ARN is not an ARN")
                rows = [_store(notes, arn.account, arn.region), _secret(notes, raw, arn.account, arn.region)]
                accounts.add(arn.account)
            except RECORD_ERRORS as error:
                notes.lost(f"SecretList[{index}]", error)
                continue
            yield from rows
    yield from covered(document, (Fact.STORED_SECRETS,), accounts, truncated=is_truncated(answers))
    yield from notes.problems


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
        last_used_at=notes.when(raw.get("LastAccessedDate"), record, "LastAccessedDate"),
        last_used_known=True,
        rotation_days=(raw.get("RotationRules") or {}).get("AutomaticallyAfterDays") if rotates else None,
        status=Status.INACTIVE if raw.get("DeletedDate") else Status.ACTIVE,
        evidence=notes.document.at(record),
    )


def _rotated_at(notes: Notes, raw: Mapping[str, Any], record: str) -> datetime | None:
    """LastRotatedDate; creation when nothing changed since. LastChangedDate alone may be a new tag, so it proves nothing."""
    rotated = notes.when(raw.get("LastRotatedDate"), record, "LastRotatedDate")
    changed = notes.when(raw.get("LastChangedDate"), record, "LastChangedDate")
    created = notes.when(raw.get("CreatedDate"), record, "CreatedDate")
    return rotated or (created if changed is not None and changed == created else None)


FORMATS = (
    Format(
        name="aws-secrets",
        title="Secrets and their rotation: `aws secretsmanager list-secrets`",
        matches=lambda document: has_page(document, "SecretList"),
        rows=stored_secrets,
    ),
)
