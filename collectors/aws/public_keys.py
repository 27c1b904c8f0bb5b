"""SSH public keys and signing certificates of IAM users: `aws iam list-ssh-public-keys` and `list-signing-certificates`, one answer per user.

Each answer tells of one user, so none says that a kind of credential was collected: a bundle's manifest names the users that are missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.keys import status_of, user_id
from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, pages, read_list
from inventory.model import Credential, CredentialKind, Issuance, Row


def ssh_keys(document: Document) -> Iterator[Row | Problem]:
    """list-ssh-public-keys: for Git over SSH with CodeCommit."""
    return read_list(document, "SSHPublicKeys", _ssh_key)


def _ssh_key(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    native = raw["SSHPublicKeyId"]
    record = f"SSHPublicKeyId={native}"
    uploaded = notes.when(raw.get("UploadDate"), record, "UploadDate")
    yield Credential(
        credential_id=f"aws:ssh_key:{native}",
        identity_id=user_id(notes.document, raw),
        provider="aws",
        scope=notes.document.scope,
        name=f"SSH key {native}",
        kind=CredentialKind.SSH_KEY,
        native_id=native,
        fingerprint=notes.document.fingerprint(native),
        issuance=Issuance.MANUAL,
        created_at=uploaded,
        rotated_at=uploaded,
        never_expires=True,
        status=status_of(raw.get("Status")),
        evidence=notes.document.at(record),
    )


def signing_certificates(document: Document) -> Iterator[Row | Problem]:
    """list-signing-certificates: the same that the credential report tells without ids. When they expire is in the certificate, which is
    not read."""
    return read_list(document, "Certificates", _certificate)


def _certificate(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    native = raw["CertificateId"]
    record = f"CertificateId={native}"
    uploaded = notes.when(raw.get("UploadDate"), record, "UploadDate")
    yield Credential(
        credential_id=f"aws:signing_certificate:{native}",
        identity_id=user_id(notes.document, raw),
        provider="aws",
        scope=notes.document.scope,
        name=f"signing certificate {native}",
        kind=CredentialKind.X509_CERTIFICATE,
        native_id=native,
        issuance=Issuance.MANUAL,
        created_at=uploaded,
        rotated_at=uploaded,
        status=status_of(raw.get("Status")),
        evidence=notes.document.at(record),
    )


def _are_certificates(document: Document) -> bool:
    """Of IAM users: other lists of certificates have other records."""
    return any(
        isinstance(page["Certificates"], list)
        and all(isinstance(raw, dict) and {"UserName", "CertificateId"} <= raw.keys() for raw in page["Certificates"])
        for page in pages(document, "Certificates")
    )


FORMATS = (
    Format(
        name="aws-ssh-public-keys",
        title="SSH public keys: `aws iam list-ssh-public-keys --user-name U`, one answer per user",
        matches=lambda document: has_page(document, "SSHPublicKeys"),
        rows=ssh_keys,
    ),
    Format(
        name="aws-signing-certificates",
        title="Signing certificates: `aws iam list-signing-certificates --user-name U`, one answer per user",
        matches=_are_certificates,
        rows=signing_certificates,
    ),
)
