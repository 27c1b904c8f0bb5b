"""IAM Roles Anywhere's subjects: certificates of workloads outside AWS that have bought credentials, and when they did so last.

Which roles they get, the trust policies of the roles say; which authorities vouch for them, the trust anchors (federation.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.aws.certificates import NO_END, validity
from collectors.aws.common import account_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes, pages, read_list
from inventory.model import Credential, CredentialKind, CredentialRole, Human, Identity, IdentityKind, Issuance, Row, Status

STATUSES: Mapping[Any, Status] = {True: Status.ACTIVE, False: Status.DISABLED}


def subjects(document: Document) -> Iterator[Row | Problem]:
    """list-subjects: one identity each."""
    return read_list(document, "subjects", _identity)


def subject(document: Document) -> Iterator[Row | Problem]:
    """get-subject, one answer each: the identity, and its certificates."""
    notes = Notes(document)
    for index, page in enumerate(pages(document, "subject")):
        yield from notes.read(f"subject[{index}]", _identity, page["subject"])
        for number, raw in enumerate(page["subject"].get("credentials") or []):
            yield from notes.read(f"subject[{index}]/credentials[{number}]", _certificate, {**page["subject"], "certificate": raw})
    yield from notes.problems


def _identity(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = raw["subjectArn"]
    record = f"subject[{arn}]"
    last_used_at, readable = notes.last_use(raw.get("lastSeenAt"), record, "lastSeenAt")
    yield Identity(
        identity_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=raw["x509Subject"],
        kind=IdentityKind.CERTIFICATE_SUBJECT,
        native_type="AWS::RolesAnywhere::Subject",
        human=Human.NONHUMAN,
        human_basis="the subject of a certificate of a workload outside AWS",
        status=STATUSES.get(raw.get("enabled"), Status.UNKNOWN),
        created_at=notes.when(raw.get("createdAt"), record, "createdAt"),
        last_used_at=last_used_at,
        last_used_known=readable and last_used_at is not None,
        evidence=notes.document.at(record),
    )


def _certificate(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    """A serial number is its issuer's alone, so it is no id of ours."""
    arn, certificate = raw["subjectArn"], raw["certificate"]
    record = f"subject[{arn}]/serialNumber={certificate['serialNumber']}"
    last_used_at, readable = notes.last_use(certificate.get("seenAt"), record, "seenAt")
    start, end = _validity(notes, certificate.get("x509CertificateData"), record)
    yield Credential(
        credential_id=f"aws:certificate:{arn}/{certificate.get('issuer')}/{certificate['serialNumber']}",
        identity_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=f"certificate {certificate['serialNumber']} of {raw['x509Subject']}",
        kind=CredentialKind.X509_CERTIFICATE,
        role=CredentialRole.IDENTITY,
        issuance=Issuance.UNKNOWN,
        created_at=start,
        rotated_at=start,
        last_used_at=last_used_at,
        last_used_known=readable and last_used_at is not None,
        expires_at=None if end == NO_END else end,
        never_expires=None if end is None else end == NO_END,
        status=_status(raw, certificate),
        evidence=notes.document.at(record),
    )


def _status(raw: Mapping[str, Any], certificate: Mapping[str, Any]) -> Status:
    """One that was turned away when it was last seen may be let in again, or never."""
    if raw.get("enabled") is False or certificate.get("enabled") is False:
        return Status.INACTIVE
    return Status.ACTIVE if certificate.get("enabled") is True and certificate.get("failed") is False else Status.UNKNOWN


def _validity(notes: Notes, pem: Any, record: str) -> tuple[datetime | None, datetime | None]:
    if pem is None:
        return None, None
    try:
        return validity(str(pem))
    except ValueError as error:
        notes.problem(record, f"x509CertificateData: {error}; when it expires is left unknown")
        return None, None


def _is_list(document: Document) -> bool:
    """Others have subjects too; these have ARNs."""
    return any(
        isinstance(page["subjects"], list) and all(isinstance(raw, dict) and "subjectArn" in raw for raw in page["subjects"])
        for page in pages(document, "subjects")
    )


def _is_one(document: Document) -> bool:
    return any(isinstance(page["subject"], dict) and "subjectArn" in page["subject"] for page in pages(document, "subject"))


FORMATS = (
    Format(
        name="aws-anywhere-subjects",
        title="Roles Anywhere, who came with a certificate: `aws rolesanywhere list-subjects`",
        matches=_is_list,
        rows=subjects,
    ),
    Format(
        name="aws-anywhere-subject",
        title="Roles Anywhere, the certificates of a subject: `aws rolesanywhere get-subject`, one answer each",
        matches=_is_one,
        rows=subject,
    ),
)
