"""Parameter Store: which encrypted parameters it holds. No values are ever in this listing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import parse_arn
from collectors.document import Document, Format, Problem
from collectors.records import Notes, covered, has_page, is_truncated, pages
from inventory.model import Credential, CredentialKind, Fact, Issuance, Row, SecretStore, Status, Storage, StorageBasis


def parameters(document: Document) -> Iterator[Row | Problem]:
    """ssm describe-parameters: one credential per SecureString; the others are configuration. What Secrets
    Manager holds is not in it: a whole list alone does not tell all stored secrets."""
    notes, answers = Notes(document), list(pages(document, "Parameters"))
    scopes = {document.scope} if document.scope else set()
    for locator, raw in notes.records(answers, "Parameters"):
        rows = notes.read(locator, _parameter, raw)
        scopes.update(row.scope for row in rows if isinstance(row, SecretStore) and row.scope)
        yield from rows
    if is_truncated(answers, len(scopes)):
        yield from covered(document, (Fact.STORED_SECRETS,), scopes, truncated=True)
    yield from notes.problems


def _parameter(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    if raw.get("Type") != "SecureString":
        return
    arn = parse_arn(raw.get("ARN", ""))
    scope = arn.account if arn else notes.document.scope
    name = raw["Name"]
    if not scope:
        raise ValueError(f"{str(name)[:60]!r}: does not say whose account it is: it lacks ARN")
    region = arn.region if arn else ""
    store, record = f"aws:ssm:{scope}:{region}", f"Parameters[{scope}:{region}:{name}]"
    title = f"Parameter Store {region} of {scope}"
    changed = notes.when(raw.get("LastModifiedDate"), record, "LastModifiedDate")
    yield SecretStore(
        store_id=store, provider="aws", scope=scope, kind="aws_parameter_store", name=title, evidence=notes.document.at(title)
    )
    yield Credential(
        credential_id=f"aws:parameter:{scope}:{region}:{name}",
        provider="aws",
        scope=scope,
        name=name,
        kind=CredentialKind.STORED_SECRET,
        native_id=arn.text if arn else None,
        storage=Storage.SECRETS_MANAGER,
        storage_basis=StorageBasis.OBSERVED,
        storage_evidence=notes.document.at(record),
        store_id=store,
        issuance=Issuance.MANUAL,  # Parameter Store rotates nothing by itself
        created_at=changed if raw.get("Version") == 1 else None,
        rotated_at=changed,
        status=Status.ACTIVE,
        evidence=notes.document.at(record),
    )


FORMATS = (
    Format(
        name="aws-parameters",
        title="Parameter Store: `aws ssm describe-parameters`",
        matches=lambda document: has_page(document, "Parameters"),
        rows=parameters,
    ),
)
