"""Credential report, keys with ids, last use, service credentials and Secrets Manager."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest

from collectors.document import Document, FormatError, Problem
from inventory.model import Credential, CredentialKind, Identity, IdentityKind, Issuance, Sighting, Status, Storage, Usage
from tests.collectors.aws.shapes import ACCOUNT, arn, document, only, rows
from tests.exports import REPORT_COLUMNS, report_row


def report(*users: dict[str, str], columns: tuple[str, ...] = REPORT_COLUMNS) -> Document:
    return Document(source_id="report.csv", table=tuple(users), header=columns, key=b"k")


def keys(source: Document) -> list[Credential]:
    found = only(Credential, rows("aws-credential-report", source))
    return [row for row in found if row.kind is CredentialKind.ACCESS_KEY]


@pytest.mark.parametrize(("moment", "flag"), [("2026-01-02T03:04:05Z", "true"), ("2026-01-02T03:04:05+00:00", "TRUE")])
def test_both_dialects_of_the_report_say_the_same(moment: str, flag: str) -> None:
    (key,) = keys(report(report_row("svc", access_key_1_active=flag, access_key_1_last_rotated=moment)))
    assert (key.status, key.created_at) == (Status.ACTIVE, datetime(2026, 1, 2, 3, 4, 5))


def test_a_key_never_used_is_known_to_be_never_used() -> None:
    (key,) = keys(report(report_row("svc", access_key_1_last_used_date="N/A")))
    assert (key.last_used_at, key.last_used_known) == (None, True)


def test_an_inactive_key_that_exists_is_told_from_an_empty_slot() -> None:
    old = report_row("svc", access_key_1_active="false", access_key_1_last_rotated="2024-01-01T00:00:00Z")
    empty = report_row("ana", access_key_1_active="false", access_key_1_last_rotated="N/A")
    assert [key.status for key in keys(report(old))] == [Status.INACTIVE]
    assert keys(report(empty)) == []


def test_the_api_answer_in_base64_is_the_same_report() -> None:
    row = report_row("svc")
    text = ",".join(REPORT_COLUMNS) + "\n" + ",".join(row[name] for name in REPORT_COLUMNS)
    answer = {"Content": base64.b64encode(text.encode()).decode(), "ReportFormat": "text/csv", "GeneratedTime": "2026-09-28T00:00:00Z"}
    assert [key.credential_id for key in keys(document(answer))] == [key.credential_id for key in keys(report(row))]


def test_a_report_without_a_needed_column_names_it() -> None:
    short = tuple(name for name in REPORT_COLUMNS if name != "access_key_2_active")
    with pytest.raises(FormatError, match="access_key_2_active"):
        keys(report(report_row("svc"), columns=short))


def test_the_23rd_column_is_read_and_more_credentials_are_told() -> None:
    more = {**report_row("svc"), "additional_credentials_info": "1 more access key"}
    found = rows("aws-credential-report", report(more, columns=(*REPORT_COLUMNS, "additional_credentials_info")))
    assert "beyond the report's columns" in only(Problem, found)[0].message


def test_the_root_row_is_the_root_user_and_has_no_console_password_row() -> None:
    found = rows("aws-credential-report", report(report_row("<root_account>", password_enabled="not_supported")))
    assert [identity.kind for identity in only(Identity, found)] == [IdentityKind.ROOT]
    assert [row for row in only(Credential, found) if row.kind is CredentialKind.PASSWORD] == []


def test_a_listed_key_has_its_id_a_fingerprint_and_a_user_whose_account_the_manifest_names() -> None:
    raw = {
        "AccessKeyMetadata": [
            {"UserName": "svc", "AccessKeyId": "AKIAEXAMPLE000000001", "Status": "Active", "CreateDate": "2026-01-01T00:00:00Z"}
        ]
    }
    found = rows("aws-access-keys", document(raw, scope=ACCOUNT))
    (key,) = only(Credential, found)
    assert (key.identity_id, key.native_id, key.storage) == (f"user:{ACCOUNT}/svc", "AKIAEXAMPLE000000001", Storage.UNKNOWN)
    assert key.fingerprint
    assert "AKIA" not in key.fingerprint
    assert [row.subject_id for row in only(Sighting, found)] == [f"user:{ACCOUNT}/svc"]
    (nameless,) = only(Credential, rows("aws-access-keys", document(raw)))
    assert nameless.identity_id == "user:*/svc"


def test_a_truncated_key_list_does_not_say_that_all_keys_were_seen() -> None:
    raw = {"AccessKeyMetadata": [{"UserName": "svc", "AccessKeyId": "AKIAEXAMPLE000000001", "Status": "Active"}], "IsTruncated": True}
    assert only(Sighting, rows("aws-access-keys", document(raw))) == []


@pytest.mark.parametrize(("used", "known"), [({"ServiceName": "N/A", "Region": "N/A"}, True), ({"LastUsedDate": "N/A"}, True), ({}, False)])
def test_a_key_was_never_used_when_aws_says_so_and_an_empty_answer_says_nothing(used: dict[str, str], known: bool) -> None:
    (key,) = only(
        Credential, rows("aws-access-key-last-used", document({"AccessKeyId": "AKIAEXAMPLE000000001", "AccessKeyLastUsed": used}))
    )
    assert (key.last_used_at, key.last_used_known, key.last_used_service) == (None, known, None)


def test_answers_that_do_not_say_whose_they_are_ask_to_be_wrapped() -> None:
    last_used = rows("aws-access-key-last-used", document({"UserName": "svc", "AccessKeyLastUsed": {}}))
    services = rows("aws-service-last-accessed", document({"JobStatus": "COMPLETED", "ServicesLastAccessed": []}))
    assert ["wrap" in only(Problem, found)[0].message for found in (last_used, services)] == [True, True]


def test_services_and_actions_last_accessed_are_usage_and_a_failed_job_is_none() -> None:
    service: dict[str, Any] = {"ServiceNamespace": "s3", "LastAuthenticated": "2026-09-01T00:00:00Z",
                               "TrackedActionsLastAccessed": [{"ActionName": "ListAllMyBuckets"}]}  # fmt: skip
    page = {"Arn": arn("role/r"), "JobStatus": "COMPLETED", "ServicesLastAccessed": [service]}
    found = only(Usage, rows("aws-service-last-accessed", document(page)))
    assert [(row.service, row.action, row.last_at) for row in found] == [
        ("s3", None, datetime(2026, 9, 1)),
        ("s3", "ListAllMyBuckets", None),
    ]
    assert only(Usage, rows("aws-service-last-accessed", document({**page, "JobStatus": "FAILED"}))) == []


def test_a_service_credential_without_expiration_never_expires() -> None:
    plain = {
        "UserName": "svc",
        "Status": "Active",
        "ServiceSpecificCredentialId": "ACCAEXAMPLE0000001",
        "ServiceName": "bedrock.amazonaws.com",
    }
    listed = {
        "ServiceSpecificCredentials": [plain, {**plain, "ServiceSpecificCredentialId": "ACCA2", "ExpirationDate": "2027-01-01T00:00:00Z"}]
    }
    first, second = only(Credential, rows("aws-service-specific-credentials", document(listed)))
    assert (first.never_expires, second.never_expires) == (True, False)


def secret(**more: Any) -> Credential:
    raw = {"ARN": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db", "Name": "db", "CreatedDate": "2025-01-01T00:00:00Z", **more}
    (found,) = only(Credential, rows("aws-secrets", document({"SecretList": [raw]})))
    return found


def test_a_changed_tag_is_no_rotation() -> None:
    assert secret(LastChangedDate="2026-09-01T00:00:00Z").rotated_at is None
    assert secret(LastChangedDate="2025-01-01T00:00:00Z").rotated_at == datetime(2025, 1, 1)
    assert secret(LastRotatedDate="2026-08-01T00:00:00Z", RotationEnabled=True).rotated_at == datetime(2026, 8, 1)


def test_rotation_that_nobody_mentions_is_unknown() -> None:
    assert [secret().issuance, secret(RotationEnabled=False).issuance] == [Issuance.UNKNOWN, Issuance.MANUAL]


UPLOADED = datetime(2025, 3, 4, 5, 6, 7)


def test_an_ssh_key_is_a_credential_of_its_user_that_never_expires() -> None:
    raw = {"SSHPublicKeys": [{"UserName": "git", "SSHPublicKeyId": "APKA1", "Status": "Inactive", "UploadDate": "2025-03-04T05:06:07Z"}]}
    (key,) = only(Credential, rows("aws-ssh-public-keys", document(raw, scope=ACCOUNT)))
    assert (key.identity_id, key.kind, key.status) == (f"user:{ACCOUNT}/git", CredentialKind.SSH_KEY, Status.INACTIVE)
    assert (key.created_at, key.never_expires) == (UPLOADED, True)


def test_a_signing_certificate_is_a_credential_whose_expiry_is_unknown() -> None:
    listed = {"UserName": "soap", "CertificateId": "C1", "Status": "Active", "UploadDate": "2025-03-04T05:06:07Z"}
    raw = {"Certificates": [{**listed, "CertificateBody": "canary"}]}
    found = rows("aws-signing-certificates", document(raw, scope=ACCOUNT))
    (certificate,) = only(Credential, found)
    assert (certificate.identity_id, certificate.kind, certificate.status) == (
        f"user:{ACCOUNT}/soap",
        CredentialKind.X509_CERTIFICATE,
        Status.ACTIVE,
    )
    assert (certificate.created_at, certificate.expires_at, certificate.never_expires) == (UPLOADED, None, None)
    assert "canary" not in repr(found)


@pytest.mark.parametrize(("form", "name"), [("aws-ssh-public-keys", "SSHPublicKeys"), ("aws-signing-certificates", "Certificates")])
def test_a_list_of_one_user_does_not_say_that_all_were_listed(form: str, name: str) -> None:
    assert rows(form, document({"UserName": "git", name: []}, scope=ACCOUNT)) == []
