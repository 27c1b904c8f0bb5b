"""Subjects of IAM Roles Anywhere: when they were seen last, and until when their certificates hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from collectors.aws.certificates import validity
from collectors.document import Problem
from inventory.model import Credential, Identity, Status
from tests.collectors.aws.shapes import ACCOUNT, document, only, rows

ARN = f"arn:aws:rolesanywhere:eu-west-1:{ACCOUNT}:subject/s1"
SUBJECT = {
    "subjectArn": ARN,
    "subjectId": "s1",
    "enabled": True,
    "x509Subject": "CN=backup,O=Acme",
    "createdAt": "2025-01-01T00:00:00Z",
    "lastSeenAt": "2026-09-20T08:00:00Z",
}


def certificate(start: datetime, end: datetime) -> str:
    """Self-signed, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "backup")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    signed = made.not_valid_before(start).not_valid_after(end).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


START, END = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
LATE = datetime(2055, 6, 7, 8, 9, 10, tzinfo=UTC)
"""Written as GeneralizedTime, as everything from 2050 on."""
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("end", [END, LATE])
def test_a_certificate_tells_from_when_to_when_it_holds(end: datetime) -> None:
    assert validity(certificate(START, end)) == (START.replace(tzinfo=None), end.replace(tzinfo=None))


@pytest.mark.parametrize("cut", [0, 10, 60, 120, 200])
def test_a_certificate_that_breaks_off_is_told_and_nothing_worse(cut: int) -> None:
    body = certificate(START, END).splitlines()[1:-1]
    half = "".join(body)[: cut - cut % 4]
    with pytest.raises(ValueError, match="certificate"):
        validity(f"-----BEGIN CERTIFICATE-----\n{half}\n-----END CERTIFICATE-----\n")


def one(**held: Any) -> list[Any]:
    return rows("aws-anywhere-subject", document({"subject": {**SUBJECT, "credentials": [{"serialNumber": "7", "enabled": True, **held}]}}))


def test_a_subject_is_an_identity_seen_when_it_last_came() -> None:
    (found,) = only(Identity, rows("aws-anywhere-subjects", document({"subjects": [SUBJECT]})))
    assert (found.identity_id, found.scope, found.kind.value, found.human.value) == (ARN, ACCOUNT, "certificate_subject", "nonhuman")
    assert (found.name, found.status) == ("CN=backup,O=Acme", Status.ACTIVE)
    assert (found.last_used_at, found.last_used_known) == (datetime(2026, 9, 20, 8), True)


def test_a_subject_that_is_off_is_disabled_and_one_without_a_date_is_not_known_to_be_unused() -> None:
    (found,) = only(Identity, rows("aws-anywhere-subjects", document({"subjects": [{**SUBJECT, "enabled": False, "lastSeenAt": None}]})))
    assert (found.status, found.last_used_at, found.last_used_known) == (Status.DISABLED, None, False)


def test_its_certificate_is_a_credential_with_its_dates() -> None:
    found = one(failed=False, seenAt="2026-09-19T00:00:00Z", x509CertificateData=certificate(START, END))
    (held,) = only(Credential, found)
    assert (held.identity_id, held.kind.value, held.role.value, held.status) == (ARN, "x509_certificate", "identity", Status.ACTIVE)
    assert (held.created_at, held.expires_at) == (START.replace(tzinfo=None), END.replace(tzinfo=None))
    assert (held.last_used_at, held.never_expires) == (datetime(2026, 9, 19), False)
    assert len(only(Identity, found)) == 1
    assert "BEGIN" not in repr(found)


def test_a_certificate_without_a_defined_end_never_expires() -> None:
    (held,) = only(Credential, one(x509CertificateData=certificate(START, NEVER)))
    assert (held.expires_at, held.never_expires) == (None, True)


def test_a_certificate_that_cannot_be_read_is_told_and_its_expiry_unknown() -> None:
    found = one(x509CertificateData="canary-of-something-else")
    (held,) = only(Credential, found)
    assert (held.expires_at, held.never_expires) == (None, None)
    assert "x509CertificateData" in only(Problem, found)[0].message
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("held", "status"), [({"enabled": False}, Status.INACTIVE), ({"failed": True}, Status.UNKNOWN), ({"failed": False}, Status.ACTIVE)]
)
def test_what_was_switched_off_is_inactive_and_what_was_turned_away_unknown(held: dict[str, bool], status: Status) -> None:
    assert [row.status for row in only(Credential, one(**held))] == [status]
