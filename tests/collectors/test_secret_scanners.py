"""Reports of secret scanners: what is read from each format, and what must never be."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.document import Document, Format, Problem
from collectors.files import decode
from collectors.secret_scanners import COLLECTOR
from collectors.secret_scanners.kinds import credential_kind
from collectors.secret_scanners.places import below, clean_path, repository, repository_of_link
from collectors.secret_scanners.report import NO_REPOSITORY
from inventory.model import Coverage, CoverageStatus, CredentialKind, Row, ScanTarget, SecretExposure, Validity

KEY_ID = "AKIA" + "Q3EGUZQ7WXYR4TKM"  # in two parts: a scanner of this repository would report it otherwise
SECRET = "w8Kx2Vt9-QmZp4RjY7b"
COMMIT = "0ad24aee2c98c15c648d98ce74e362aed2f95a15"
SCANNED = datetime(2026, 9, 30)
REAL = Path(__file__).parents[3] / "shared/data/secret-scanners"

GITLEAKS = {
    "RuleID": "aws-access-token",
    "Description": "AWS credentials",
    "StartLine": 2,
    "EndLine": 2,
    "StartColumn": 23,
    "EndColumn": 42,
    "Match": f"key = {KEY_ID}",
    "Secret": KEY_ID,
    "File": "app.py",
    "SymlinkFile": "",
    "Commit": COMMIT,
    "Entropy": 4.02,
    "Author": "Ana",
    "Email": "ana@x.example",
    "Date": "2026-05-04T10:00:00Z",
    "Message": "init",
    "Tags": [],
    "Fingerprint": f"{COMMIT}:app.py:aws-access-token:2",
}
TRUFFLEHOG = {
    "SourceMetadata": {
        "Data": {
            "Git": {
                "commit": COMMIT,
                "file": "app.py",
                "email": "Ana <ana@x.example>",
                "repository": "https://github.com/acme/billing.git",
                "timestamp": "2026-05-04 12:00:00 +0200",
                "line": 2,
            }
        }
    },
    "SourceID": 1,
    "SourceName": "trufflehog - git",
    "DetectorName": "AWS",
    "DecoderName": "PLAIN",
    "Verified": True,
    "Raw": KEY_ID,
    "RawV2": KEY_ID + SECRET,
    "Redacted": KEY_ID,
    "ExtraData": {"account": "111122223333"},
    "StructuredData": None,
}
FINISHED = {"level": "info-0", "ts": "2026-09-30T00:00:00Z", "logger": "trufflehog", "msg": "finished scanning", "unverified_secrets": 0}
BETTERLEAKS_FINDING = {
    "rule_id": "aws-access-token",
    "rule_hash": "88391edb",
    "confidence": "high",
    "match": {"full": f"key = {KEY_ID}", "value": KEY_ID, "fingerprint": "f539a90a218e", "captures": {"password": SECRET}},
    "attributes": {
        "git.author_email": "ana@x.example",
        "git.author_name": "Ana",
        "git.date": "2026-05-04T10:00:00Z",
        "git.message": "init",
        "git.sha": COMMIT,
    },
    "location": {"path": "app.py", "start_line": 2, "end_line": 2},
    "component_sets": [{"components": [{"rule_id": "aws-secret-access-key", "match": {"full": SECRET, "value": SECRET}}]}],
}
BETTERLEAKS = {
    "schema_version": "1",
    "findings": [BETTERLEAKS_FINDING],
    "scan": {
        "state": "complete",
        "source": {"type": "git", "targets": ["/checkouts/billing"]},
        "started": "2026-09-29T23:59:00Z",
        "finished": "2026-09-30T00:00:00.425797832Z",
    },
}
KINGFISHER = {
    "findings": [
        {
            "rule": {"id": "kingfisher.aws.1", "name": "AWS access key"},
            "finding": {
                "snippet": KEY_ID,
                "dependent_captures": {"AWS_SECRET_ACCESS_KEY": SECRET},
                "fingerprint": "6152719550464131323",
                "validation": {"outcome": "verified_active", "status": "Active Credential", "response": f"account of {KEY_ID}"},
                "line": 2,
                "path": "billing/app.py",
                "validate_command": f"kingfisher validate --var X='{SECRET}' '{KEY_ID}'",
                "blast_radius_command": f"kingfisher blast-radius '{SECRET}'",
            },
        }
    ],
    "audit": {"summary": {"scan_succeeded": 1, "scan_partial": 0, "scan_failed": 0}},
    "metadata": {"scan_timestamp": "2026-09-30T00:00:00Z", "target": "billing", "kingfisher_version": "2.14.0"},
}
DETECT_SECRETS = {
    "version": "1.5.0",
    "plugins_used": [{"name": "AWSKeyDetector"}],
    "results": {
        "conf\\app.py": [
            {
                "type": "AWS Access Key",
                "filename": "conf\\app.py",
                "hashed_secret": "6db871fcedcf49933e4b",
                "is_verified": False,
                "line_number": 2,
            }
        ]
    },
    "generated_at": "2026-09-30T00:00:00Z",
}
ALERT = {
    "number": 3,
    "created_at": "2026-05-04T10:00:00Z",
    "html_url": "https://github.com/acme/billing/security/secret-scanning/3",
    "state": "open",
    "resolution": None,
    "secret_type": "aws_access_key_id",
    "secret": KEY_ID,
    "validity": "active",
    "publicly_leaked": False,
    "repository": {"full_name": "acme/billing", "html_url": "https://github.com/acme/billing", "private": True},
    "first_location_detected": {"path": "/app.py", "start_line": 2, "commit_sha": COMMIT, "blob_url": "https://api.github.com/x"},
}
SARIF_RESULT = {
    "message": {"text": f"found {KEY_ID} in app.py"},
    "ruleId": "aws-access-token",
    "locations": [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "my%20app.py"},
                "region": {"startLine": 2, "snippet": {"text": KEY_ID}},
                "contextRegion": {"snippet": {"text": f"key = {KEY_ID} {SECRET}"}},
            }
        }
    ],
    "partialFingerprints": {"commitSha": COMMIT, "email": "ana@x.example", "author": "Ana", "date": "2026-05-04T10:00:00Z"},
}
SARIF = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "gitleaks", "rules": []}}, "results": [SARIF_RESULT]}]}

REPORTS: dict[str, tuple[Any, ...]] = {
    "gitleaks-json": ([GITLEAKS],),
    "trufflehog-jsonl": (TRUFFLEHOG, FINISHED),
    "betterleaks-json": (BETTERLEAKS,),
    "kingfisher-json": (KINGFISHER,),
    "detect-secrets-baseline": (DETECT_SECRETS,),
    "github-secret-scanning": ([ALERT],),
    "sarif-secrets": (SARIF,),
}


def document(*values: Any, scope: str | None = None, collected_at: datetime | None = None) -> Document:
    return Document(source_id="scan.json", values=values, scope=scope, collected_at=collected_at, key=b"key of the workspace")


def format_of(doc: Document) -> Format | None:
    return next((form for form in COLLECTOR.formats if form.matches(doc)), None)


def read(*values: Any, scope: str | None = None, collected_at: datetime | None = None) -> list[Row | Problem]:
    doc = document(*values, scope=scope, collected_at=collected_at)
    form = format_of(doc)
    assert form is not None
    return list(form.rows(doc))


def changed(record: Any, **fields: Any) -> Any:
    return {**copy.deepcopy(record), **fields}


def exposures(rows: Iterable[Row | Problem]) -> list[SecretExposure]:
    return [row for row in rows if isinstance(row, SecretExposure)]


def only(rows: Iterable[Row | Problem]) -> SecretExposure:
    (exposure,) = exposures(rows)
    return exposure


def targets(rows: Iterable[Row | Problem]) -> list[ScanTarget]:
    return [row for row in rows if isinstance(row, ScanTarget)]


def coverage(rows: Iterable[Row | Problem]) -> list[tuple[str, str, str | None]]:
    return [(row.scope, row.status, row.reason) for row in rows if isinstance(row, Coverage)]


def problems(rows: Iterable[Row | Problem]) -> list[Problem]:
    return [row for row in rows if isinstance(row, Problem)]


def fingerprint(value: str) -> str:
    return document().fingerprint(value)


# ------------------------------------------------------------------------------------------------------------- all formats


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_is_recognised_by_its_own_format_alone(name: str) -> None:
    doc = document(*REPORTS[name])
    assert [form.name for form in COLLECTOR.formats if form.matches(doc)] == [name]


@pytest.mark.parametrize("name", REPORTS)
def test_each_format_names_place_rule_and_evidence(name: str) -> None:
    exposure = only(read(*REPORTS[name], scope="acme/billing"))
    assert exposure.scope == "acme/billing"
    assert exposure.line == 2
    assert exposure.path == {"detect-secrets-baseline": "conf/app.py", "sarif-secrets": "my app.py"}.get(name, "app.py")
    assert exposure.credential_kind is CredentialKind.ACCESS_KEY
    assert exposure.rules[0].partition(":")[0] == name.partition("-")[0].replace("detect", "detect-secrets").replace("sarif", "gitleaks")
    assert exposure.evidence.startswith("scan.json#")


@pytest.mark.parametrize("name", [name for name in REPORTS if name != "detect-secrets-baseline"])
def test_the_key_id_is_kept_as_a_fingerprint_that_joins_a_credential(name: str) -> None:
    assert fingerprint(KEY_ID) in only(read(*REPORTS[name])).fingerprints


@pytest.mark.parametrize("name", REPORTS)
def test_a_repository_named_by_the_manifest_is_scanned_and_covered(name: str) -> None:
    rows = read(*REPORTS[name], scope="acme/billing", collected_at=SCANNED)
    assert [(row.target_id, row.scanned, row.scanned_at) for row in targets(rows)] == [("acme/billing", True, SCANNED)]
    assert coverage(rows) == [("acme/billing", CoverageStatus.COLLECTED, None)]


@pytest.mark.parametrize("name", ["gitleaks-json", "detect-secrets-baseline", "sarif-secrets"])
def test_a_report_without_a_repository_is_partial_and_scans_nothing(name: str) -> None:
    rows = read(*REPORTS[name])
    assert only(rows).scope is None
    assert targets(rows) == []
    assert coverage(rows) == [("*", CoverageStatus.PARTIAL, NO_REPOSITORY)]


def with_canaries(record: Any, canary: str, fields: frozenset[str]) -> Any:
    """The record with the canary in every field of the given names, at any depth."""
    if isinstance(record, dict):
        return {key: canaries_in(value, canary) if key in fields else with_canaries(value, canary, fields) for key, value in record.items()}
    return [with_canaries(value, canary, fields) for value in record] if isinstance(record, list) else record


def canaries_in(value: Any, canary: str) -> Any:
    if isinstance(value, dict):
        return {key: canaries_in(inner, canary) for key, inner in value.items()}
    return [canaries_in(inner, canary) for inner in value] if isinstance(value, list) else canary


VALUE_FIELDS = frozenset(
    "Secret Match Line Message Description Entropy Fingerprint Tags Raw RawV2 Redacted ExtraData StructuredData match component_sets"
    " git.message rule_hash description confidence snippet dependent_captures fingerprint validation validate_command blast_radius_command"
    " hashed_secret secret message text contextRegion name resolution_comment".split()
)


@pytest.mark.parametrize("canary", ["canary-7f3a-never-to-be-kept", KEY_ID, base64.b64encode(KEY_ID.encode()).decode()])
@pytest.mark.parametrize("name", REPORTS)
def test_no_value_bearing_field_reaches_a_row_or_a_problem(name: str, canary: str) -> None:
    planted = with_canaries(list(REPORTS[name]), canary, VALUE_FIELDS - ({"name"} if name == "sarif-secrets" else set()))
    assert canary in json.dumps(planted)
    rows = read(*planted, scope="acme/billing")
    assert exposures(rows)
    shown = repr(rows) + "".join(str(row) for row in rows)
    assert canary not in shown
    assert KEY_ID not in shown


@pytest.mark.parametrize("name", REPORTS)
def test_unkeyed_hashes_of_the_value_are_dropped_too(name: str) -> None:
    shown = repr(read(*REPORTS[name]))
    assert not any(kept in shown for kept in ("6db871fcedcf49933e4b", "f539a90a218e", "6152719550464131323", SECRET, KEY_ID))


@pytest.mark.parametrize(
    "mask", ["REDACTED", "redacted", "*****", "", "   ", "ghp_ab...", "AKIAQ3EGUZ…", "ghp_****wxyz", "aio_XXXXXXXXXXXX", "<hidden>"]
)
def test_a_blanked_out_value_has_no_fingerprint_that_would_join_unrelated_findings(mask: str) -> None:
    assert only(read([changed(GITLEAKS, Secret=mask, Match=mask)])).fingerprints == []
    assert only(read(changed(TRUFFLEHOG, Raw=mask, RawV2=mask, Redacted=mask))).fingerprints == []


def values_at(record: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(record, dict | list):
        for key, value in record.items() if isinstance(record, dict) else enumerate(record):
            yield (*path, key)
            yield from values_at(value, (*path, key))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(sorted(REPORTS)), data=st.data())
def test_a_field_of_any_shape_is_a_row_or_a_problem_and_never_a_crash(name: str, data: st.DataObject) -> None:
    report = copy.deepcopy(list(REPORTS[name]))
    *way, last = data.draw(st.sampled_from(list(values_at(report))))
    spot = report
    for key in way:
        spot = spot[key]
    spot[last] = data.draw(json_values)
    doc = document(*report)
    form = format_of(doc)
    if form is not None:
        rows = list(form.rows(doc))
        assert any(isinstance(row, Coverage) for row in rows) or name == "sarif-secrets"


@given(values=st.lists(json_values, max_size=3))
def test_any_other_json_is_nobodys(values: list[Any]) -> None:
    assert format_of(document(*values)) is None


def test_tables_and_workbooks_are_nobodys() -> None:
    assert format_of(Document(source_id="a.csv", table=({"RuleID": "x"},))) is None


# ------------------------------------------------------------------------------------------------------------- empty list


def test_an_empty_list_alone_says_nothing() -> None:
    assert format_of(document([])) is None


@pytest.mark.parametrize(
    "scope", ["123456789012", "demo-prod", "projects/demo-prod", "0f9c1f66-6a8c-4f6e-9d5b-2a1f6f0e9a11", "/subscriptions/x"]
)
def test_an_empty_list_about_an_account_or_a_project_is_no_scan(scope: str) -> None:
    assert format_of(document([], scope=scope)) is None


def test_an_empty_list_that_the_manifest_puts_down_to_a_repository_is_a_scan_without_findings() -> None:
    rows = read([], scope="acme/billing", collected_at=SCANNED)
    assert exposures(rows) == []
    assert [(row.target_id, row.scanned_at) for row in targets(rows)] == [("acme/billing", SCANNED)]
    assert coverage(rows) == [("acme/billing", CoverageStatus.COLLECTED, None)]


# --------------------------------------------------------------------------------------------------------------- gitleaks


def test_gitleaks_tells_commit_author_and_date() -> None:
    exposure = only(read([GITLEAKS]))
    assert (exposure.commit_sha, exposure.location_kind) == (COMMIT, "git_history")
    assert (exposure.author, exposure.introduced_at) == ("Ana <ana@x.example>", datetime(2026, 5, 4, 10))
    assert (exposure.state, exposure.validity) == ("open", Validity.UNKNOWN)


def test_early_gitleaks_without_fingerprint_and_commit_is_read() -> None:
    early = {
        "Description": "key",
        "StartLine": 57,
        "Match": "x",
        "Secret": SECRET,
        "File": ".\\conf\\rsa.pk",
        "Commit": "",
        "Date": "",
        "RuleID": "RSA-PK",
    }
    exposure = only(read([early]))
    assert (exposure.path, exposure.commit_sha, exposure.location_kind) == ("conf/rsa.pk", None, "source_code")
    assert exposure.fingerprints == [fingerprint(SECRET)]


def test_late_gitleaks_names_the_repository_in_its_links() -> None:
    rows = read([changed(GITLEAKS, Link=f"https://github.com/acme/billing/blob/{COMMIT}/app.py#L2")])
    assert [row.target_id for row in targets(rows)] == ["acme/billing"]


def test_a_bad_record_is_named_and_makes_the_coverage_partial() -> None:
    rows = read([GITLEAKS, "noise", changed(GITLEAKS, File=None)], scope="acme/billing")
    assert [problem.record for problem in problems(rows)] == ["[1]", "[2]"]
    assert len(exposures(rows)) == 1
    assert coverage(rows) == [("acme/billing", CoverageStatus.PARTIAL, "2 records could not be read")]


def test_a_bad_date_never_loses_the_exposure() -> None:
    rows = read([changed(GITLEAKS, Date="last tuesday", StartLine=-1)])
    assert (only(rows).introduced_at, only(rows).line) == (None, None)
    assert "tuesday" not in problems(rows)[0].message


def test_text_piped_into_a_scanner_has_no_path_and_counts() -> None:
    assert only(read([changed(GITLEAKS, File="")])).path == "(not said)"


# -------------------------------------------------------------------------------------------------------------- trufflehog


def trufflehog(kind: str, **fields: Any) -> Any:
    return changed(TRUFFLEHOG, SourceMetadata={"Data": {kind: fields}}, Verified=False)


def test_trufflehog_verified_is_active_and_unverified_is_never_inactive() -> None:
    assert only(read(TRUFFLEHOG)).validity is Validity.ACTIVE
    assert only(read(changed(TRUFFLEHOG, Verified=False))).validity is Validity.UNKNOWN


def test_trufflehog_names_repository_date_and_end_of_scan() -> None:
    rows = read(*REPORTS["trufflehog-jsonl"])
    assert (only(rows).scope, only(rows).introduced_at) == ("acme/billing", datetime(2026, 5, 4, 10))
    assert [(row.target_id, row.scanned_at) for row in targets(rows)] == [("acme/billing", SCANNED)]


def test_trufflehog_key_ids_are_found_in_base64_in_redacted_and_in_extra_data() -> None:
    hidden = changed(TRUFFLEHOG, Raw="REDACTED", RawV2="", Redacted="", ExtraData=None)
    encoded = base64.b64encode(KEY_ID.encode()).decode()
    for fields in ({"Raw": encoded}, {"Redacted": KEY_ID}, {"ExtraData": {"resource": f"key {KEY_ID}"}}):
        assert fingerprint(KEY_ID) in only(read({**hidden, **fields})).fingerprints


def test_trufflehog_go_dates_with_a_zone_name_are_read() -> None:
    record = trufflehog("Git", file="a", commit=COMMIT, timestamp="2022-06-16 10:17:40 -0700 PDT")
    assert only(read(record)).introduced_at == datetime(2022, 6, 16, 17, 17, 40)


def test_trufflehog_log_lines_are_no_findings_and_their_errors_make_it_partial() -> None:
    error = {"level": "error", "ts": "2026-09-30T00:00:00Z", "logger": "trufflehog", "msg": f"cannot read, {SECRET}"}
    rows = read(error, TRUFFLEHOG, FINISHED)
    assert len(exposures(rows)) == 1
    assert coverage(rows) == [("acme/billing", CoverageStatus.PARTIAL, "trufflehog logged 1 error: parts may not have been scanned")]
    assert SECRET not in repr(rows)


def test_a_trufflehog_log_that_ends_without_findings_is_a_clean_scan_of_the_manifests_repository() -> None:
    rows = read(FINISHED, scope="acme/billing")
    assert [(row.target_id, row.scanned_at) for row in targets(rows)] == [("acme/billing", SCANNED)]
    assert coverage(read(FINISHED)) == [("*", CoverageStatus.PARTIAL, NO_REPOSITORY)]


def test_a_scan_of_an_image_is_about_the_image() -> None:
    rows = read(trufflehog("Docker", image="registry.acme.example/billing", tag="1.4", file="/app/.env", layer="sha256:1"))
    assert (only(rows).location_kind, only(rows).scope, only(rows).path) == (
        "container_image",
        "registry.acme.example/billing:1.4",
        "app/.env",
    )
    assert [(row.target_id, row.kind) for row in targets(rows)] == [("registry.acme.example/billing:1.4", "image")]


@pytest.mark.parametrize(
    ("kind", "fields", "place", "path"),
    [
        ("Slack", {"channel_name": "ops"}, "collab", "slack/ops"),
        ("CircleCI", {"repository": "acme/billing", "build_number": 12}, "ci_log", "circleci/acme/billing/12"),
        ("S3", {"bucket": "dumps", "file": "a.sql"}, "other", "s3/dumps/a.sql"),
    ],
)
def test_a_find_outside_repositories_counts_and_proves_no_repository_scanned(
    kind: str, fields: dict[str, Any], place: str, path: str
) -> None:
    rows = read(trufflehog(kind, **fields), scope="acme/billing")
    assert (only(rows).location_kind, only(rows).path, only(rows).scope) == (place, path, None)
    assert targets(rows) == []
    assert coverage(rows) == [("*", CoverageStatus.PARTIAL, "a scan of chats, logs or buckets, not of a repository")]


def test_several_repositories_in_one_report_keep_their_names_whatever_the_manifest_calls_the_file() -> None:
    other = trufflehog("Github", repository="https://github.com/acme/portal.git", file="a.py", line=1)
    assert [row.target_id for row in targets(read(TRUFFLEHOG, other, scope="acme"))] == ["acme/billing", "acme/portal"]


# ----------------------------------------------------------------------------------------------------------------- GitHub


def test_an_alert_tells_validity_and_visibility() -> None:
    exposure = only(read([ALERT]))
    assert (exposure.validity, exposure.public, exposure.evidence) == (Validity.ACTIVE, False, "scan.json#alert=acme/billing/3")
    assert only(read([changed(ALERT, publicly_leaked=True)])).public is True
    assert only(read([changed(ALERT, validity="inactive")])).validity is Validity.INACTIVE
    assert only(read([changed(ALERT, validity="surprising")])).validity is Validity.UNKNOWN


def test_a_resolved_alert_keeps_its_resolution() -> None:
    exposure = only(read([changed(ALERT, state="resolved", resolution="revoked")]))
    assert (exposure.state, exposure.resolution) == ("resolved", "revoked")


def test_alerts_with_hidden_secrets_are_read_without_fingerprints() -> None:
    hidden = {key: value for key, value in ALERT.items() if key != "secret"}
    assert only(read([hidden])).fingerprints == []


def test_alerts_of_a_repositorys_own_list_are_named_by_their_address() -> None:
    bare = {key: value for key, value in ALERT.items() if key not in ("repository", "first_location_detected")}
    exposure = only(read([bare]))
    assert (exposure.scope, exposure.path, exposure.location_kind) == ("acme/billing", "secret-scanning/alerts/3", "source_code")


def test_an_alert_in_an_issue_is_in_a_collaboration_tool() -> None:
    place = {"issue_body_url": "https://api.github.com/repos/acme/billing/issues/12"}
    exposure = only(read([changed(ALERT, first_location_detected=place)]))
    assert (exposure.path, exposure.location_kind) == ("issues/12", "collab")


def test_pages_of_alerts_are_read_in_every_way_they_are_joined() -> None:
    second = changed(ALERT, number=4)
    for values in (([ALERT], [second]), ([[ALERT], [second]],), (ALERT, second)):
        assert len(exposures(read(*values))) == 2


def test_exactly_one_full_page_of_alerts_is_probably_not_all() -> None:
    page = [changed(ALERT, number=number) for number in range(100)]
    assert coverage(read(page))[0][1] is CoverageStatus.PARTIAL
    assert coverage(read(page, [changed(ALERT, number=101)]))[0][1] is CoverageStatus.COLLECTED


def test_an_error_in_place_of_a_page_is_named() -> None:
    rows = read([ALERT], {"message": "Not Found", "documentation_url": "https://docs.github.com"})
    assert [problem.message for problem in problems(rows)] == ["the API answered with an error in place of a page"]
    assert coverage(rows)[0][1] is CoverageStatus.PARTIAL


# ------------------------------------------------------------------------------------------------ detect-secrets and SARIF


def test_a_finding_that_a_person_rejected_is_resolved_as_false_positive() -> None:
    baseline: Any = copy.deepcopy(DETECT_SECRETS)
    found = baseline["results"]["conf\\app.py"][0]
    found["is_secret"] = False
    assert (only(read(baseline)).state, only(read(baseline)).resolution) == ("resolved", "false_positive")
    found.update(is_secret=True, is_verified=True)
    assert (only(read(baseline)).state, only(read(baseline)).validity) == ("open", Validity.ACTIVE)


def test_an_old_report_in_a_new_bundle_is_an_old_scan() -> None:
    rows = read(DETECT_SECRETS, scope="acme/billing", collected_at=datetime(2026, 12, 1))
    assert targets(rows)[0].scanned_at == SCANNED


def test_a_baseline_without_findings_is_a_clean_scan() -> None:
    rows = read(changed(DETECT_SECRETS, results={}), scope="acme/billing")
    assert (exposures(rows), len(targets(rows))) == ([], 1)


def sarif(driver: str, *results: Any, **run: Any) -> Any:
    return {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": driver, **run.pop("tool", {})}}, "results": list(results), **run}]}


def test_sarif_of_a_scanner_of_something_else_is_nobodys() -> None:
    for rule in ("py/sql-injection", "aws-ssm-secret-use-customer-key"):
        assert format_of(document(sarif("CodeQL", changed(SARIF_RESULT, ruleId=rule)))) is None


@pytest.mark.parametrize("tags", [["security", "external/cwe/cwe-798"], ["secret", "HIGH"]])
def test_sarif_of_a_general_scanner_gives_its_secrets_and_proves_nothing_else(tags: list[str]) -> None:
    tool = {"rules": [{"id": "telling", "properties": {"tags": tags}}]}
    report = sarif("Trivy", changed(SARIF_RESULT, ruleId="telling"), changed(SARIF_RESULT, ruleId="CVE-2026-1"), tool=tool)
    rows = read(report, scope="acme/billing")
    assert only(rows).rules == ["trivy:telling"]
    assert targets(rows) == []
    assert coverage(rows)[0][1] is CoverageStatus.PARTIAL


def test_sarif_names_its_repository_by_version_control_provenance() -> None:
    rows = read(sarif("gitleaks", SARIF_RESULT, versionControlProvenance=[{"repositoryUri": "https://github.com/acme/billing"}]))
    assert [row.target_id for row in targets(rows)] == ["acme/billing"]


@pytest.mark.parametrize("run", [{"results": None}, {"invocations": [{"executionSuccessful": False}]}])
def test_a_sarif_run_that_failed_is_no_clean_scan(run: dict[str, Any]) -> None:
    rows = read(sarif("gitleaks", **run), scope="acme/billing")
    assert targets(rows) == []
    assert coverage(rows)[0][1] is CoverageStatus.PARTIAL


# --------------------------------------------------------------------------------------------- betterleaks and kingfisher


def betterleaks(**fields: Any) -> Any:
    return changed(BETTERLEAKS, findings=[changed(BETTERLEAKS_FINDING, **fields)])


@pytest.mark.parametrize(
    ("fields", "validity"),
    [
        ({"validation": {"status": "valid"}}, Validity.ACTIVE),
        ({"component_sets": [{"validation": {"status": "valid"}}]}, Validity.ACTIVE),
        ({"validation": {"status": "revoked"}}, Validity.INACTIVE),
        ({"validation": {"status": "invalid"}, "component_sets": []}, Validity.INACTIVE),
        ({"validation": {"status": "invalid"}}, Validity.UNKNOWN),
        ({"validation": {"status": "needs_validation"}}, Validity.UNKNOWN),
        ({}, Validity.UNKNOWN),
    ],
)
def test_betterleaks_validation_counts_where_it_is_a_verdict(fields: dict[str, Any], validity: Validity) -> None:
    assert only(read(betterleaks(**fields))).validity is validity


def test_betterleaks_names_the_folder_it_scanned_and_when() -> None:
    rows = read(BETTERLEAKS)
    assert [(row.target_id, row.scanned_at) for row in targets(rows)] == [("billing", SCANNED)]
    assert only(read(betterleaks(location={"path": "/checkouts/billing/src/a.py", "start_line": 2}))).path == "src/a.py"


def test_betterleaks_json_lines_are_read() -> None:
    exposure = only(read({"schema_version": "1", "finding": BETTERLEAKS_FINDING}, scope="acme/billing"))
    assert (exposure.path, exposure.commit_sha) == ("app.py", COMMIT)


def test_a_scan_that_stopped_early_is_no_clean_scan() -> None:
    stopped = changed(BETTERLEAKS, findings=None)
    stopped["scan"]["state"] = "cancelled"
    rows = read(stopped)
    assert targets(rows) == []
    assert coverage(rows) == [("billing", CoverageStatus.PARTIAL, "betterleaks did not finish the scan")]


def kingfisher(**fields: Any) -> Any:
    report: Any = copy.deepcopy(KINGFISHER)
    report["findings"][0]["finding"].update(fields)
    return report


@pytest.mark.parametrize(
    ("validation", "validity"),
    [
        ({"outcome": "verified_active"}, Validity.ACTIVE),
        ({"outcome": "verified_inactive"}, Validity.INACTIVE),
        ({"outcome": "assumed", "status": "Assumed Valid (Not Live-Validated)"}, Validity.UNKNOWN),
        ({"outcome": "not_attempted"}, Validity.UNKNOWN),
        ({"status": "Inactive Credential"}, Validity.INACTIVE),
    ],
)
def test_kingfisher_validation_counts_where_it_is_a_verdict(validation: dict[str, str], validity: Validity) -> None:
    assert only(read(kingfisher(validation=validation))).validity is validity


def test_kingfishers_prefix_goes_only_where_every_path_has_it() -> None:
    assert only(read(KINGFISHER)).path == "app.py"
    two = copy.deepcopy(KINGFISHER)
    two["findings"].append(kingfisher(path="conf/b.py")["findings"][0])  # type: ignore[attr-defined]
    assert {exposure.path for exposure in exposures(read(two))} == {"billing/app.py", "conf/b.py"}


def test_kingfishers_git_metadata_knows_path_commit_and_author() -> None:
    git = {
        "repository_url": "https://github.com/acme/billing.git",
        "commit": {"id": COMMIT, "date": "2026-05-04", "author": {"name": "Ana", "email": "ana@x.example"}},
        "file": {"path": "billing/app.py"},
    }
    exposure = only(read(kingfisher(path="billing/app.py", git_metadata=git), scope="acme/billing"))
    assert (exposure.path, exposure.commit_sha, exposure.scope) == ("billing/app.py", COMMIT, "acme/billing")


# -------------------------------------------------------------------------------------------------------- places and kinds


@pytest.mark.parametrize(
    ("address", "name", "exact"),
    [
        ("https://github.com/acme/billing.git", "acme/billing", True),
        ("https://user:p/a@ss@github.com/acme/billing?token=x#y", "acme/billing", True),
        ("git@github.com:acme/billing.git", "acme/billing", True),
        ("ssh://git@gitlab.acme.example/pay/core/api.git", "gitlab.acme.example/pay/core/api", True),
        ("file:///checkouts/billing", "billing", False),
        ("x:token@billing", "billing", False),
        ("C:\\work\\billing", "billing", False),
    ],
)
def test_a_repository_has_one_name_however_it_is_addressed(address: str, name: str, exact: bool) -> None:
    found = repository(address)
    assert found is not None
    assert (found.name, found.exact) == (name, exact)


@pytest.mark.parametrize(
    "address", [None, "", ".", "/", "..", "/builds/src", "workspace", "/clones/trufflehog-1-2", "https://[bad", "https://"]
)
def test_a_folder_that_every_build_machine_has_names_no_repository(address: str | None) -> None:
    assert repository(address) is None


def test_a_link_that_is_none_names_no_repository() -> None:
    assert repository_of_link("https://github.com/acme") is None
    assert repository_of_link(None) is None


@given(st.text(alphabet="ab./\\ ", max_size=20))
def test_a_clean_path_is_clean(path: str) -> None:
    cleaned = clean_path(path)
    assert clean_path(cleaned) == cleaned
    assert not cleaned.startswith(("/", "./"))
    assert "\\" not in cleaned
    assert below(cleaned, None) == cleaned


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("aws-access-token", CredentialKind.ACCESS_KEY),
        ("AWSKeyDetector", CredentialKind.ACCESS_KEY),
        ("aws-amazon-bedrock-api-key-long-lived", CredentialKind.SERVICE_SPECIFIC),
        ("github-pat", CredentialKind.PAT),
        ("GitHub Token", CredentialKind.PAT),
        ("github_personal_access_token", CredentialKind.PAT),
        ("private-key", CredentialKind.SIGNING_KEY),
        ("PrivateKey", CredentialKind.SIGNING_KEY),
        ("openssh-private-key", CredentialKind.SSH_KEY),
        ("slack-bot-token", CredentialKind.API_KEY),
        ("slack-webhook-url", CredentialKind.WEBHOOK_SECRET),
        ("Stripe", CredentialKind.API_KEY),
        ("generic-api-key", CredentialKind.API_KEY),
        ("Basic Auth Credentials", CredentialKind.PASSWORD),
        ("URI", CredentialKind.PASSWORD),
        ("jwt", CredentialKind.BEARER_TOKEN),
        ("JSON Web Token", CredentialKind.BEARER_TOKEN),
        ("azure-ad-client-secret", CredentialKind.OAUTH_CLIENT_SECRET),
        ("Base64 High Entropy String", CredentialKind.UNKNOWN),
        ("laws-of-robotics", CredentialKind.UNKNOWN),
    ],
)
def test_the_rule_tells_the_kind_of_credential(rule: str, kind: CredentialKind) -> None:
    assert credential_kind(rule) is kind


def test_a_general_rule_that_caught_a_key_id_caught_an_access_key() -> None:
    assert only(read([changed(GITLEAKS, RuleID="generic-api-key")])).credential_kind is CredentialKind.ACCESS_KEY


# ------------------------------------------------------------------------------------------------------------ real reports

REAL_COUNTS = {
    "baseline.json": ("detect-secrets-baseline", 9),
    "betterleaks.json": ("betterleaks-json", 7),
    "github_secret_scanning_alerts.json": ("github-secret-scanning", 3),
    "gitleaks.json": ("gitleaks-json", 7),
    "gitleaks.sarif": ("sarif-secrets", 7),
    "gitleaks8_many.json": ("gitleaks-json", 4),
    "kingfisher.json": ("kingfisher-json", 6),
    "trufflehog.jsonl": ("trufflehog-jsonl", 5),
    "trufflehog_v3_git.jsonl": ("trufflehog-jsonl", 4),
}


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real reports is not here")
@pytest.mark.parametrize("name", REAL_COUNTS)
def test_every_record_of_a_real_report_is_read_and_none_of_its_values_kept(name: str) -> None:
    values = decode((REAL / name).read_bytes()).values or ()
    doc = document(*values)
    form = format_of(doc)
    assert form is not None
    rows = list(form.rows(doc))
    assert (form.name, len(exposures(rows)), problems(rows)) == (*REAL_COUNTS[name], [])
    assert not any(part in repr(rows) for part in ("EXAMPLE-SECRET", "EXAMPLE KEY", "AKIA", "S3cr3t", "w8Kx2Vt9"))
