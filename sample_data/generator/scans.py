"""Reports of secret scanners. Key ids stand in them as the scanners print them; every secret value says that it is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from generator.chance import hexadecimal, key_id
from generator.company import GITHUB, Quarter, email
from generator.dress import zulu
from generator.estate import Json

AWS_RULE = (
    "Identified a pattern that may indicate AWS credentials, risking unauthorized cloud resource access and data breaches on AWS platforms."
)
GENERIC_RULE = "Detected a Generic API Key, potentially exposing access to various services and sensitive operations."


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something a scanner found."""

    repository: str
    rule: str
    file: str
    line: int
    secret: str
    author: str
    when: datetime
    since: int = 2

    @property
    def commit(self) -> str:
        return hexadecimal(40, "commit", self.repository, self.file, self.line)


REPORT_BUILDER_KEY = key_id("svc-report-builder", 1)
LEAKS = (
    Leak(
        repository="edi-mappings", rule="aws-access-token", file="src/main/resources/application-prod.properties", line=14,
        secret=key_id("svc-edi-translator", 1), author="beth.osgood", when=datetime(2024, 3, 7, 15, 22, 41),
    ),
    Leak(
        repository="edi-mappings", rule="generic-api-key", file="src/main/resources/application-prod.properties", line=15,
        secret="sample-not-a-secret-edi-pair", author="beth.osgood", when=datetime(2024, 3, 7, 15, 22, 41),
    ),
    # The key was switched off, the line is still there.
    Leak(
        repository="carrier-gateway", rule="aws-access-token", file="scripts/print-test-label.sh", line=3,
        secret=key_id("svc-label-printer", 6), author="ravi.menon", when=datetime(2023, 11, 20, 9, 2, 10),
    ),
    # Nobody's key: an account that is not the company's.
    Leak(
        repository="infra-terraform", rule="aws-access-token", file="examples/provider.tf.bak", line=6,
        secret="AKIASAMPLEFOREIGN008", author="lars.engstrom", when=datetime(2022, 6, 2, 11, 40, 0),
    ),
    Leak(
        repository="infra-terraform", rule="slack-webhook-url", file="modules/alerts/main.tf", line=41,
        secret="sample-not-a-secret-webhook", author="joel.abara", when=datetime(2025, 1, 15, 8, 5, 33),
    ),
    # This repository's report was written with --redact: nothing to match.
    Leak(
        repository="portal-web", rule="generic-api-key", file=".env.production", line=2,
        secret="REDACTED", author="karim.aziz", when=datetime(2024, 9, 30, 17, 45, 12),
    ),
    # Found because the third quarter scanned more repositories.
    Leak(
        repository="portal-bff", rule="aws-access-token", file="test/fixtures/seed.ts", line=9, since=3,
        secret=key_id("svc-demo-seeder", 1), author="sam.whitlock", when=datetime(2025, 5, 19, 13, 12, 50),
    ),
    # What GitHub had told already.
    Leak(
        repository="report-builder", rule="aws-access-token", file="config/warehouse.yml", line=7, since=3,
        secret=REPORT_BUILDER_KEY, author="sam.whitlock", when=datetime(2025, 4, 11, 7, 30, 0),
    ),
    Leak(
        repository="mobile-driver-app", rule="gcp-api-key", file="app/keys.xml", line=4, since=3,
        secret="sample-not-a-secret-maps", author="karim.aziz", when=datetime(2025, 3, 11, 7, 30, 0),
    ),
)  # fmt: skip

CLEAN = {
    2: ("payment-gateway", "ledger-api", "route-planner", "tracking-ingest", "base-images"),
    3: ("payment-gateway", "payout-runner", "settlement-batch", "ledger-api", "reconciliation", "route-planner", "eta-predictor", "geo-cache",
        "tracking-ingest", "customs-docs", "warehouse-loader", "base-images", "docai-pipeline", "brokerline-adapter"),
}  # fmt: skip
"""Repositories scanned without a finding, by quarter."""

STALE = {2: ("settlement-batch",), 3: ()}
"""Scanned, but long before the cut-off."""

IN_SCOPE = (
    "payment-gateway", "payout-runner", "settlement-batch", "ledger-api", "reconciliation", "route-planner", "eta-predictor", "geo-cache",
    "carrier-gateway", "tracking-ingest", "edi-mappings", "customs-docs", "portal-web", "portal-bff", "warehouse-loader", "report-builder",
    "mobile-driver-app", "infra-terraform", "base-images", "legacy-jenkins-jobs",
)  # fmt: skip
NEW_IN_SCOPE = ("docai-pipeline", "brokerline-adapter")
"""Repositories that came in the third quarter, which scanned every one."""


def certain(quarter: Quarter, stage: tuple[int, int]) -> tuple[int, int]:
    """The stage of a static credential: in the second quarter half of the code was not scanned, so that no copy there is excluded."""
    return stage if quarter.number >= 3 else (min(2, stage[0]), stage[1])


def repositories(quarter: Quarter) -> tuple[str, ...]:
    return IN_SCOPE + (NEW_IN_SCOPE if quarter.number >= 3 else ())


def gitleaks(quarter: Quarter) -> dict[str, list[Json]]:
    """Repository -> `gitleaks git . -f json` report. Only repositories with findings have one."""
    found: dict[str, list[Json]] = {}
    for leak in LEAKS:
        if leak.since <= quarter.number:
            found.setdefault(leak.repository, []).append(_gitleaks(leak))
    return found


def _gitleaks(leak: Leak) -> Json:
    return {
        "RuleID": leak.rule,
        "Description": AWS_RULE if leak.rule == "aws-access-token" else GENERIC_RULE,
        "StartLine": leak.line,
        "EndLine": leak.line,
        "StartColumn": 18,
        "EndColumn": 18 + len(leak.secret) - 1,
        "Match": leak.secret,
        "Secret": leak.secret,
        "File": leak.file,
        "SymlinkFile": "",
        "Commit": leak.commit,
        "Entropy": 3.6464393,
        "Author": leak.author.replace(".", " ").title(),
        "Email": email(leak.author),
        "Date": zulu(leak.when),
        "Message": "work in progress",
        "Tags": [],
        "Fingerprint": f"{leak.commit}:{leak.file}:{leak.rule}:{leak.line}",
    }


def clean_sarif() -> Json:
    """`gitleaks git . -f sarif` that found nothing (its list of rules shortened)."""
    rules = [
        {"id": "aws-access-token", "shortDescription": {"text": AWS_RULE}},
        {"id": "generic-api-key", "shortDescription": {"text": GENERIC_RULE}},
    ]
    driver = {"name": "gitleaks", "semanticVersion": "v8.26.0", "informationUri": "https://github.com/gitleaks/gitleaks", "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": []}],
    }


def trufflehog(quarter: Quarter) -> Iterator[Json]:
    """`trufflehog git … --json` of one repository, its log line mixed in."""
    url = f"https://github.com/{GITHUB}/legacy-jenkins-jobs"
    jenkins, inactive = key_id("ci-legacy-jenkins", 1), key_id("svc-loadtest-2023", 1)
    yield _trufflehog(url, "jobs/deploy-all/config.xml", 88, jenkins, True, datetime(2021, 12, 3, 10, 15, 0))
    yield _trufflehog(url, "jobs/load-test/config.xml", 31, inactive, False, datetime(2023, 2, 14, 16, 3, 27))
    yield {
        "level": "info-0",
        "ts": zulu(quarter.collected),
        "logger": "trufflehog",
        "msg": "finished scanning",
        "chunks": 4112,
        "bytes": 9150233,
    }


def _trufflehog(url: str, file: str, line: int, key: str, verified: bool, when: datetime) -> Json:
    place = {
        "commit": hexadecimal(40, "commit", url, file),
        "file": file,
        "email": f"Lars Engstrom <{email('lars.engstrom')}>",
        "repository": url,
        "timestamp": f"{when:%Y-%m-%d %H:%M:%S} +0000",
        "line": line,
    }
    return {
        "SourceMetadata": {"Data": {"Git": place}},
        "SourceID": 1,
        "SourceType": 16,
        "SourceName": "trufflehog - git",
        "DetectorType": 2,
        "DetectorName": "AWS",
        "DecoderName": "PLAIN",
        "Verified": verified,
        "Raw": key,
        "RawV2": f"{key}:sample-not-a-secret-jenkins",
        "Redacted": key,
        "ExtraData": {"account": "777788889999" if verified else "444455556666", "resource_type": "Access key"},
        "StructuredData": None,
    }


def github_alerts(quarter: Quarter) -> list[Json]:
    """`gh api --paginate /orgs/quillhaven/secret-scanning/alerts`."""
    revoked = quarter.number >= 3  # the report-builder key was replaced in August
    first: Json = {"state": "open", "resolution": None, "resolved_at": None, "resolved_by": None, "validity": "active"}
    if revoked:
        resolver = {"login": "leila-farahani", "id": 5550123, "type": "User"}
        first = {
            "state": "resolved",
            "resolution": "revoked",
            "resolved_at": "2026-08-19T10:41:07Z",
            "resolved_by": resolver,
            "validity": "inactive",
        }
    still_open = {"state": "open", "resolution": None, "resolved_at": None, "resolved_by": None, "validity": "unknown"}
    dismissed = {**still_open, "state": "resolved", "resolution": "false_positive", "resolved_at": "2025-11-02T08:00:19Z"}
    return [
        _alert(14, "report-builder", "aws_access_key_id", "AWS Access Key ID", REPORT_BUILDER_KEY, "config/warehouse.yml", 7, first),
        _alert(
            11, "mobile-driver-app", "google_maps_api_key", "Google Maps API Key", "sample-not-a-secret-maps", "app/keys.xml", 4, still_open
        ),
        _alert(9, "mobile-driver-app", "slack_api_token", "Slack API Token", "sample-not-a-secret-slack", "docs/setup.md", 30, dismissed),
    ]


def _alert(number: int, repository: str, kind: str, title: str, secret: str, path: str, line: int, state: Json) -> Json:
    api = f"https://api.github.com/repos/{GITHUB}/{repository}"
    web = f"https://github.com/{GITHUB}/{repository}"
    commit = hexadecimal(40, "commit", repository, path, line)
    place = {"path": path, "start_line": line, "end_line": line, "start_column": 12, "end_column": 31}
    return {
        "number": number,
        "created_at": f"2025-0{number % 9 + 1}-11T07:30:00Z",
        "url": f"{api}/secret-scanning/alerts/{number}",
        "html_url": f"{web}/security/secret-scanning/{number}",
        "locations_url": f"{api}/secret-scanning/alerts/{number}/locations",
        **state,
        "secret_type": kind,
        "secret_type_display_name": title,
        "secret": secret,
        "repository": {
            "id": 700000 + number,
            "name": repository,
            "full_name": f"{GITHUB}/{repository}",
            "owner": {"login": GITHUB, "id": 600001, "type": "Organization"},
            "private": True,
            "html_url": web,
        },
        "push_protection_bypassed": False,
        "publicly_leaked": False,
        "multi_repo": False,
        "is_base64_encoded": False,
        "first_location_detected": {**place, "blob_sha": commit[::-1], "commit_sha": commit, "commit_url": f"{api}/git/commits/{commit}"},
        "has_more_locations": False,
    }
