"""Audit logs: what was used, by whom, and what such a log does not prove."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from collectors.document import Problem
from inventory.model import Coverage, CoverageStatus, Fact, Identity, Sighting, Usage
from tests.collectors.gcp.shapes import NUMBER, PROJECT, covered, document, email, only, rows, sa

FORM = "gcp-audit-logs"
SECRET = "canary-not-to-be-kept"
SUBJECT = f"principal://iam.googleapis.com/projects/{NUMBER}/locations/global/workloadIdentityPools/ci/subject/repo:acme/shop"
TOKEN = "iam.serviceAccounts.getAccessToken"


def entry(
    *asked: str | dict[str, Any], at: str = "2026-09-20T10:00:00.123456Z", who: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """One entry as gcloud prints it; permissions told by name alone were granted."""
    checks = [{"permission": item, "granted": True, "resource": "x"} if isinstance(item, str) else item for item in asked]
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "authenticationInfo": {"principalEmail": email()} if who is None else who,
        "authorizationInfo": checks,
        "methodName": "storage.objects.get",
        "requestMetadata": {"callerIp": "203.0.113.7", "callerSuppliedUserAgent": SECRET},
        "request": {"password": SECRET},
        "response": {"privateKeyData": SECRET},
        "metadata": {"note": SECRET},
        "serviceName": "storage.googleapis.com",
        "status": {},
    }
    return {
        "insertId": "1abc",
        "logName": f"projects/{PROJECT}/logs/cloudaudit.googleapis.com%2Fdata_access",
        "protoPayload": {**payload, **more},
        "resource": {"type": "gcs_bucket", "labels": {"project_id": PROJECT}},
        "timestamp": at,
    }


def used(*entries: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(row.identity_id, row.action) for row in only(Usage, rows(FORM, document(list(entries))))]


def test_many_entries_are_one_row_per_identity_and_permission_with_the_newest_day() -> None:
    found = rows(
        FORM,
        document(
            [
                entry("storage.objects.get", at="2026-09-20T10:00:00Z"),
                entry("storage.objects.get", "storage.objects.list", at="2026-09-23T09:00:00Z"),
                entry("storage.objects.get", at="2026-09-21T10:00:00Z", who={"principalEmail": email().upper()}),
                entry("run.services.get", at="2026-09-24T11:00:00Z", who={"principalEmail": "ana@acme.example"}),
            ]
        ),
    )

    told = [(row.identity_id, row.service, row.action, row.last_at, row.window_days, row.evidence) for row in only(Usage, found)]
    latest = datetime(2026, 9, 23, 9)
    assert told == [
        (sa(), "storage", "storage.objects.get", latest, 4, f"export.json#entries[{sa()}/storage.objects.get]"),
        (sa(), "storage", "storage.objects.list", latest, 4, f"export.json#entries[{sa()}/storage.objects.list]"),
    ]


def test_a_log_proves_use_and_never_disuse() -> None:
    found = rows(FORM, document([entry("storage.objects.get")]))

    (coverage,) = only(Coverage, found)
    assert (coverage.fact, coverage.scope, coverage.status) == (Fact.SERVICE_USAGE, PROJECT, CoverageStatus.PARTIAL)
    assert coverage.reason
    assert "never what was not" in coverage.reason
    assert only(Sighting, found) == []
    assert only(Identity, found) == []


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"permission": "storage.objects.get", "granted": False}, {"code": 7}),
        ({"permission": "storage.objects.get"}, {"code": 7, "message": "denied"}),
        ({"permission": "storage.objects.get"}, {}),  # proto3 JSON leaves out false
        ({"permission": "storage.objects.get", "granted": True}, {"code": 7}),  # another permission was refused
        ({"permission": "storage.objects.get", "granted": True}, {"code": 16}),
        ({"permission": "io.k8s.core.v1.pods.list", "granted": True}, {}),
        ({"granted": True}, {}),
    ],
)
def test_an_attempt_that_was_refused_is_no_use(asked: dict[str, Any], status: dict[str, Any]) -> None:
    found = rows(FORM, document([entry(asked, status=status)]))

    assert only(Usage, found) == []
    assert covered(found) == {}


def test_a_call_that_failed_for_another_reason_used_the_permission() -> None:
    assert used(entry("storage.objects.get", status={"code": 5, "message": "not found"})) == [(sa(), "storage.objects.get")]


@pytest.mark.parametrize(
    ("who", "identity"),
    [
        ({"principalSubject": sa()}, sa()),
        ({"principalSubject": SUBJECT}, SUBJECT),
        (
            {"principalSubject": f"serviceAccount:{PROJECT}.svc.id.goog[shop/web]"},
            f"serviceAccount:{PROJECT}.svc.id.goog[shop/web]",
        ),
        (
            {"principalEmail": f"{NUMBER}-compute@developer.gserviceaccount.com"},
            f"serviceAccount:{NUMBER}-compute@developer.gserviceaccount.com",
        ),
        ({"principalEmail": "ana@acme.example", "principalSubject": "user:ana@acme.example"}, None),
        ({"principalSubject": "principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/ana"}, None),
        ({"principalEmail": "system:serviceaccount:shop:web"}, None),
        ({"principalEmail": "ana@gserviceaccount.com.acme.example"}, None),
        ({}, None),
    ],
)
def test_software_has_rows_and_people_have_none(who: dict[str, Any], identity: str | None) -> None:
    assert used(entry("storage.objects.get", who=who)) == ([(identity, "storage.objects.get")] if identity else [])


def delegated(*chain: dict[str, Any]) -> dict[str, Any]:
    return {"principalEmail": email("target"), "serviceAccountDelegationInfo": list(chain)}


def first(address: str) -> dict[str, Any]:
    return {"firstPartyPrincipal": {"principalEmail": address}, "principalSubject": f"serviceAccount:{address}"}


def test_who_took_a_token_of_the_caller_used_that_permission_even_where_the_call_was_refused() -> None:
    refused = entry("storage.objects.get", who=delegated(first(email("start")), first(email("middle"))), status={"code": 7})

    assert used(refused) == [(sa("middle"), TOKEN)]
    assert used(entry(who=delegated({"principalSubject": SUBJECT}))) == [(SUBJECT, TOKEN)]


@pytest.mark.parametrize("address", ["ana@acme.example", f"service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"])
def test_people_and_agents_that_act_as_an_account_have_no_rows(address: str) -> None:
    person = {"firstPartyPrincipal": {"principalEmail": address}}

    assert used(entry("storage.objects.get", who=delegated(person))) == [(sa("target"), "storage.objects.get")]


@pytest.mark.parametrize(
    "values",
    [
        ([entry("storage.objects.get")],),
        (entry("storage.objects.get"), entry("storage.objects.get")),
        ({"entries": [entry("storage.objects.get")], "nextPageToken": "x"}, {"entries": [entry("storage.objects.get")]}),
        ([{"insertId": "t", "textPayload": SECRET, "timestamp": "2026-09-20T10:00:00Z"}, entry("storage.objects.get")],),
    ],
)
def test_lists_lines_and_pages_say_the_same(values: tuple[Any, ...]) -> None:
    found = rows(FORM, document(*values))

    assert [(row.identity_id, row.action) for row in only(Usage, found)] == [(sa(), "storage.objects.get")]
    assert only(Problem, found) == []


def test_an_organisations_log_is_of_the_project_its_entry_names() -> None:
    raw = {**entry("storage.objects.get"), "logName": "organizations/1/logs/cloudaudit.googleapis.com%2Factivity"}

    assert list(covered(rows(FORM, document([raw])))) == [(Fact.SERVICE_USAGE, PROJECT)]


def test_a_malformed_entry_is_named_and_adds_nothing() -> None:
    broken = {
        **entry("storage.objects.list", authorizationInfo=[{"permission": "storage.objects.list", "granted": True}, SECRET]),
        "insertId": "bad",
    }

    found = rows(FORM, document([broken, "no entry", entry("storage.objects.get")]))

    assert [row.action for row in only(Usage, found)] == ["storage.objects.get"]
    assert [(problem.record, problem.lost) for problem in only(Problem, found)] == [("insertId=bad", True), ("[1]", True)]


def test_a_day_that_had_not_come_is_left_unknown() -> None:
    found = rows(FORM, document([entry("storage.objects.get", at="2027-01-01T00:00:00Z")], collected_at=datetime(2026, 9, 28)))

    assert [row.last_at for row in only(Usage, found)] == [None]
    assert len(only(Problem, found)) == 1


def test_nothing_of_requests_answers_or_addresses_is_kept() -> None:
    found = repr(rows(FORM, document([entry("storage.objects.get"), entry({"permission": SECRET, "granted": True})])))

    assert "storage.objects.get" in found
    assert SECRET not in found
    assert "203.0.113.7" not in found
