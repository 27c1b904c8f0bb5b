"""AWS that answers in pages, late, half, wrongly or not at all: each becomes a gap that names the call, and nothing of the request is quoted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.aws.fetch import plan
from collectors.bundle import Collected, collect
from collectors.reading import read
from inventory.model import Fact, Federation, Identity, Usage
from tests.collectors.live.fake_aws import (
    ACCOUNT,
    OPTIONS,
    REGION,
    TOKEN,
    Reply,
    Start,
    always,
    as_json,
    basic,
    details,
    one_region,
    refusal,
    role,
    xml,
)
from tests.command import assess, run

DETAILS = "GetAccountAuthorizationDetails"


def reasons(done: Collected) -> dict[str, tuple[str, str]]:
    """Status and reason of the identities' and secrets' gaps, by fact."""
    return {gap["fact"]: (gap["status"], gap["reason"]) for gap in done.gaps}


def held(folder: Path) -> str:
    return "\n".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_every_page_is_asked_for_once(start: Start, tmp_path: Path) -> None:
    fake = start()
    done = collect(plan(OPTIONS), tmp_path / "out")

    lines = (tmp_path / "out" / ACCOUNT / "iam/authorization-details.json").read_text().splitlines()
    assert [page["RoleDetailList"][0]["RoleName"] for page in map(json.loads, lines)] == ["role-1", "role-2", "role-3"]
    assert fake.count(DETAILS) == 3
    assert "identities" not in reasons(done)


def test_a_throttled_page_is_asked_again(start: Start, tmp_path: Path) -> None:
    times: list[str] = []

    def answer(words: Any) -> Reply:
        times.append(words.get("Marker", ""))
        return refusal("Throttling", 400) if times == ["", "2"] else basic()[DETAILS](words)

    start(GetAccountAuthorizationDetails=answer)
    done = collect(plan(OPTIONS), tmp_path / "out")

    assert times == ["", "2", "2", "3"]
    assert "identities" not in reasons(done)


REFUSALS: dict[str, tuple[Reply, str, str]] = {
    "denied": (refusal("AccessDenied", 403, f"token {TOKEN}"), "denied", "not allowed (AccessDenied)"),
    "throttled": (refusal("Throttling"), "missing", "still throttled after many attempts (Throttling)"),
    "expired": (refusal("ExpiredToken", 403), "denied", "credentials are not valid, or no longer (ExpiredToken)"),
    "clock": (
        refusal("SignatureDoesNotMatch", 403, f"Signature expired: x-amz-security-token:{TOKEN}"),
        "missing",
        "this machine's clock is wrong",
    ),
    "signature": (refusal("SignatureDoesNotMatch", 403, f"canonical: {TOKEN}"), "denied", "credentials are not valid"),
    "server": (refusal("InternalFailure", 500), "missing", "no answer (InternalFailure, HTTP 500)"),
    "late": (Reply("", delay=1.5), "missing", "timed out"),
    "unimplemented": (Reply("<html><body>Not here</body>", 404, "text/html"), "missing", "iam:GetAccountAuthorizationDetails"),
}


@pytest.mark.parametrize("how", REFUSALS)
def test_an_answer_that_is_none_is_told_with_its_call_and_quotes_nothing(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    reply, status, words = REFUSALS[how]
    start(GetAccountAuthorizationDetails=lambda _: reply)
    impatient = replace(OPTIONS, wire=replace(OPTIONS.wire, read_timeout=1)) if how == "late" else OPTIONS
    done = collect(plan(impatient), tmp_path / "out")

    found, reason = reasons(done)["identities"]
    assert found == status
    assert reason.startswith("iam:GetAccountAuthorizationDetails")
    assert words in reason
    assert TOKEN not in held(tmp_path / "out") + repr(done) + caplog.text


def test_who_cannot_say_who_he_is_learns_that_nothing_was_collected(start: Start, tmp_path: Path) -> None:
    start(GetCallerIdentity=lambda _: refusal("InvalidClientTokenId", 403))
    done = collect(plan(OPTIONS), tmp_path / "out")

    assert {gap["scope"] for gap in done.gaps} == {"*"}
    assert len(done.gaps) > 10


def test_a_role_that_may_not_be_assumed_costs_its_account_and_no_other(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    start(AssumeRole=lambda _: refusal("AccessDenied", 403, f"token {TOKEN}"))
    done = collect(plan(replace(OPTIONS, roles=("arn:aws:iam::444455556666:role/audit",))), tmp_path / "out")

    told = [gap for gap in done.gaps if gap["scope"] == "444455556666"]
    assert {gap["fact"] for gap in told} == {fact.value for fact in Fact if fact is not Fact.SECRET_SCAN}
    assert all("sts:AssumeRole: not allowed" in gap["reason"] and gap["status"] == "denied" for gap in told)
    assert TOKEN not in held(tmp_path / "out") + repr(done) + caplog.text


def test_a_list_that_breaks_off_goes_on_in_the_next_run(start: Start, tmp_path: Path) -> None:
    start(GetAccountAuthorizationDetails=lambda words: refusal("InternalFailure", 500) if "Marker" in words else basic()[DETAILS](words))
    assert reasons(collect(plan(OPTIONS), tmp_path / "out"))["identities"][0] == "partial"

    again = start()
    assert "identities" not in reasons(collect(plan(OPTIONS), tmp_path / "out"))
    assert [words.get("Marker") for name, words in again.asked if name == DETAILS] == ["2", "3"]


def job(pages: int) -> Callable[[Any], Reply]:
    """Not ready at first; then so many pages."""
    asked: list[str] = []

    def answer(words: Any) -> Reply:
        asked.append(words["JobId"])
        if asked.count(words["JobId"]) == 1:
            return xml(
                "GetServiceLastAccessedDetails", "<JobStatus>IN_PROGRESS</JobStatus><JobCreationDate>2026-09-01T00:00:00Z</JobCreationDate>"
            )
        number = int(words.get("Marker", "1"))
        more = f"<IsTruncated>true</IsTruncated><Marker>{number + 1}</Marker>" if number < pages else "<IsTruncated>false</IsTruncated>"
        service = (
            f"<member><ServiceName>S</ServiceName><ServiceNamespace>svc{number}</ServiceNamespace><LastAuthenticated>2026-09-02T00:00:00Z"
            "</LastAuthenticated><TrackedActionsLastAccessed><member><ActionName>Get</ActionName></member></TrackedActionsLastAccessed></member>"
        )
        done = "<JobStatus>COMPLETED</JobStatus><JobCreationDate>2026-09-01T00:00:00Z</JobCreationDate>"
        return xml("GetServiceLastAccessedDetails", f"{done}<ServicesLastAccessed>{service}</ServicesLastAccessed>{more}")

    return answer


def test_services_last_accessed_are_a_job_per_principal_with_pages(start: Start, tmp_path: Path) -> None:
    jobs = iter(range(100))
    start(
        GenerateServiceLastAccessedDetails=lambda _: xml("GenerateServiceLastAccessedDetails", f"<JobId>{next(jobs):036d}</JobId>"),
        GetServiceLastAccessedDetails=job(2),
    )
    done = collect(plan(replace(OPTIONS, usage=True)), tmp_path / "out")
    rows = [row for row in read([tmp_path / "out"], COLLECTORS, key=b"k").rows if isinstance(row, Usage)]

    assert "service_usage" not in reasons(done)
    assert {(row.identity_id.rsplit("/", 1)[-1], row.service, row.action) for row in rows} == {
        (f"role-{number}", f"svc{page}", action) for number in (1, 2, 3) for page in (1, 2) for action in (None, "Get")
    }


def test_roles_that_aws_owns_are_asked_no_job(start: Start, tmp_path: Path) -> None:
    owned = role("AWSServiceRoleForX").replace(":role/", ":role/aws-service-role/x.amazonaws.com/")
    fake = start(GetAccountAuthorizationDetails=lambda _: details(owned))
    collect(plan(replace(OPTIONS, usage=True)), tmp_path / "out")

    assert fake.count("GenerateServiceLastAccessedDetails") == 0


TIMES = dict.fromkeys(("createdAt", "updatedAt", "analyzedAt"), "2026-01-01T00:00:00Z")
ANALYZER = {
    "arn": f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/unused",
    "name": "unused",
    "type": "ACCOUNT_UNUSED_ACCESS",
    "status": "ACTIVE",
    "configuration": {"unusedAccess": {"unusedAccessAge": 90}},
    **TIMES,
}
FINDING = {
    "id": "f1",
    "findingType": "UnusedPermission",
    "resource": f"arn:aws:iam::{ACCOUNT}:role/role-1",
    "resourceType": "AWS::IAM::Role",
    "resourceOwnerAccount": ACCOUNT,
    "status": "ACTIVE",
    **TIMES,
}
UNUSED = {
    "serviceNamespace": "s3",
    "lastAccessed": "2026-08-01T00:00:00Z",
    "actions": [{"action": "PutObject"}, {"action": "GetAcl", "lastAccessed": "2026-07-01T00:00:00Z"}],
}
ANCHOR = {
    "trustAnchorId": "t",
    "trustAnchorArn": f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:trust-anchor/t",
    "name": "pki",
    "enabled": True,
    "source": {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": "canary-certificate"}},
}
AGENT = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:workload-identity-directory/default/workload-identity/helper"


def test_analyzers_anchors_and_agents_are_read(start: Start, tmp_path: Path) -> None:
    answers = {
        "GET /analyzer": {"analyzers": [ANALYZER]},
        "POST /findingv2": {"findings": [FINDING]},
        "GET /findingv2/f1": {**FINDING, "findingDetails": [{"unusedPermissionDetails": UNUSED}]},
        "GET /trustanchors": {"trustAnchors": [ANCHOR]},
        "POST /identities/ListWorkloadIdentities": {"workloadIdentities": [{"name": "helper", "workloadIdentityArn": AGENT}]},
    }
    start(DescribeRegions=one_region, **{name: always(as_json(answer)) for name, answer in answers.items()})
    done = collect(plan(OPTIONS), tmp_path / "out")
    rows = read([tmp_path / "out"], COLLECTORS, key=b"k").rows

    asked = ("ListAnalyzers", "ListFindingsV2", "GetFindingV2", "ListTrustAnchors", "ListWorkloadIdentities")
    assert not [warning for warning in done.warnings if any(operation in warning for operation in asked)]
    assert [(row.name, row.kind, row.issuer) for row in rows if isinstance(row, Federation)] == [("pki", "x509", "CERTIFICATE_BUNDLE")]
    used = {(row.service, row.action, row.last_at is not None, row.window_days) for row in rows if isinstance(row, Usage)}
    assert used == {("s3", None, True, 90), ("s3", "PutObject", False, 90), ("s3", "GetAcl", True, 90)}
    assert [row.name for row in rows if isinstance(row, Identity) and row.kind == "ai_agent"] == ["helper"]
    assert "canary" not in held(tmp_path / "out")


@pytest.mark.heavy
def test_assessed_what_was_denied_makes_checks_unknown(start: Start, tmp_path: Path) -> None:
    """From the command line to the snapshot: exit code 0, a warning, a coverage row with the call, and checks that cannot be judged."""
    start(GetAccountAuthorizationDetails=lambda words: refusal("InternalFailure", 500) if "Marker" in words else basic()[DETAILS](words))
    monkey = ["--workspace", tmp_path / "workspace"]
    found = run("collect", "aws", "--out", tmp_path / "out", "--no-usage", *monkey)
    assert found.exit_code == 0, found.stderr
    assert "Not collected" in found.stderr
    assert TOKEN not in found.stderr + found.stdout

    summary = assess(tmp_path / "out", tmp_path / "workspace")
    rows = json.loads(run("query", "SELECT fact, status, reason FROM coverage", "--json", *monkey).stdout)
    told = {row["fact"]: (row["status"], row["reason"]) for row in rows}

    assert told["identities"][0] == "partial"
    assert "iam:GetAccountAuthorizationDetails" in told["identities"][1]
    assert told["stored_secrets"][0] == "denied"
    assert summary["unknown_checks"]
    assert not [row for row in rows if row["status"] == "collected"]


@pytest.mark.heavy
def test_a_bundle_of_another_workspace_says_that_its_values_cannot_be_matched(start: Start, tmp_path: Path) -> None:
    start()
    run("collect", "aws", "--out", tmp_path / "out", "--no-usage", "--region", REGION, "--workspace", tmp_path / "theirs")

    mine = assess(tmp_path / "out", tmp_path / "mine")
    theirs = assess(tmp_path / "out", tmp_path / "theirs")

    assert any("key of another workspace" in warning for warning in mine["warnings"])
    assert not any("key of another workspace" in warning for warning in theirs["warnings"])
