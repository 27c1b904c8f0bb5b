"""A small workspace by hand: two quarters, twelve identities over all seven stages, one open bucket, one secret nobody owns.

Judgements are written, not computed, so that tests of views and pages know every number without running scoring.
Run it to get the workspace on disk: `python -m tests.reports.workspace DIR`.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from scoring.subjects import list_subjects

Q2, Q3 = datetime(2026, 6, 30), datetime(2026, 9, 30)
PROD, DEV = "111122223333", "444455556666"
HOSTILE = (
    "![x](https://beacon.invalid/p.png) <img src=https://beacon.invalid/i.png onerror=alert(1)> [l](https://beacon.invalid) $x$ :red[r]"
)
GAAD, REPORT, LEAKS = "prod/gaad.json", "prod/credential-report.csv", "scans/gitleaks.json"
STORAGE = "say where the key rests (secret-scanner report, compute inventory or the template)"
GUARDS = "supply the organisation's policies and audit-log settings"

# name, human, scope, environment, team, privilege, mechanism, rule, lo, hi, to_settle, critical
SUBJECTS: list[tuple[str, str, str, str | None, str | None, str, str | None, str, int | None, int | None, str | None, bool]] = [
    ("svc-deploy", "nonhuman", PROD, "production", "platform", "admin", "static_direct", "exposed", 2, 2, None, True),
    ("svc-billing", "nonhuman", PROD, "production", "payments", "write", "static_direct", "config-shared", 3, 3, None, False),
    ("svc-report", "nonhuman", DEV, "development", "payments", "read", "static_direct", "config-isolated", 4, 4, None, False),
    ("svc-vaulted", "nonhuman", PROD, "production", "payments", "write", "static_direct", "direct-manager-kept", 5, 5, None, False),
    ("svc-unsettled", "unknown", PROD, None, None, "unknown", "static_direct", "direct-storage-unknown", 2, 5, STORAGE, True),
    ("svc-legacy", "nonhuman", DEV, None, None, "write", "static_direct", "direct-storage-unknown", 2, 5, STORAGE, False),
    ("exchange-broker", "nonhuman", PROD, "production", "platform", "none", "static_exchanged", "exchanged-manager", 6, 6, None, False),
    ("ci-publisher", "nonhuman", PROD, "production", "platform", "write", "native", "native-governed", 7, 7, None, False),
    ("lambda-orders", "nonhuman", PROD, "production", "orders", "write", "native", "native-undetermined", 6, 7, GUARDS, False),
    (HOSTILE, "nonhuman", DEV, "development", "orders", "read", "native", "native-undetermined", 6, 7, GUARDS, False),
    ("role-retired", "nonhuman", DEV, None, "platform", "none", None, "", None, None, None, False),
    ("ana.person", "human", PROD, None, None, "write", None, "", None, None, None, False),
]


def arn(name: str, scope: str) -> str:
    return f"arn:aws:iam::{scope}:{'user' if name.startswith(('svc-', 'ana')) else 'role'}/{name}"


def build(workspace: Path) -> tuple[Snapshot, Snapshot]:
    """Publish the earlier quarter, then the later one."""
    return publish(workspace, "Q2-2026", Q2, earlier=True), publish(workspace, "Q3-2026", Q3)


def publish(workspace: Path, label: str, as_of: datetime, *, earlier: bool = False) -> Snapshot:
    """Publish one quarter."""
    with Database.empty() as database:
        fill(database, as_of, earlier=earlier)
        return Lake(workspace).publish(
            database,
            label=label,
            as_of=as_of,
            rules_version="2026.11.1",
            pack="default",
            created_at=f"{as_of:%Y-%m-%d}T12:00:00+00:00",
            details={"warnings": ["dev/credential-report.csv: unreadable: wrong header"], "thresholds": {"attained_percent": 90}},
        )


def fill(database: Database, as_of: datetime, *, earlier: bool = False) -> None:
    """Rows of one quarter. A quarter earlier svc-billing stood at 2 for certain, svc-report at 6, and ci-publisher was not there."""
    for subject in SUBJECTS:
        if earlier and subject[0] == "ci-publisher":
            continue
        _subject(database, subject, {"svc-billing": (2, 2), "svc-report": (6, 6)}.get(subject[0]) if earlier else None)
    _access(database)
    _outsider(database)
    _unlinked(database)
    _evidence(database, as_of)
    _judgements(database, as_of)
    list_subjects(database)


def put(database: Database, table: str, *rows: dict[str, Any]) -> None:
    """Append rows, each with the same columns."""
    database.insert_rows(table, rows)


def _subject(database: Database, subject: tuple[Any, ...], moved: tuple[int, int] | None) -> None:
    name, human, scope, environment, team, privilege, mechanism, rule, low, high, to_settle, critical = subject
    low, high = moved or (low, high)
    ident, record = arn(name, scope), f"{GAAD}#Detail[{name}]"
    common = {
        "provider": "aws",
        "scope": scope,
        "name": name,
        "kind": "service_account" if ":user/" in ident else "iam_role",
        "environment": environment,
        "team": team,
    }
    put(
        database,
        "identity",
        {
            "identity_id": ident,
            **common,
            "human": human,
            "human_basis": "keys and no password",
            "in_scope": True,
            "status": "active",
            "last_used_at": Q2,
            "last_used_known": True,
            "evidence": record,
        },
    )
    put(
        database,
        "sighting",
        {"subject_kind": "identity", "subject_id": ident, "evidence": record},
        {"subject_kind": "identity", "subject_id": ident, "evidence": f"{REPORT}#user={name}"},
    )
    put(
        database,
        "privilege",
        {"identity_id": ident, "privilege": privilege, "reason": f"its policies allow {privilege}", "evidence": [record]},
    )
    if human == "human":
        return
    path_id = f"path:{name}" if mechanism else None
    placed = {
        "subject_kind": "identity",
        "subject_id": ident,
        **common,
        "stage_lo": low,
        "stage_hi": high,
        "lo_path_id": path_id,
        "hi_path_id": path_id,
    }
    put(database, "placement", {**placed, "paths": 1 if mechanism else 0, "mixed": False, "privilege": privilege})
    if mechanism and path_id:
        _way_in(database, ident, name, scope, mechanism)
        _path(database, path_id, "identity", ident, mechanism, rule, (low, high), [record, f"{REPORT}#user={name}"], to_settle, critical)


# name, scope, granted, used, unused, likely_unused, unknown, weight, weight_unused, weight_open, window_days, action, confidence, guards
HELD: list[tuple[str, str, *tuple[Any, ...]]] = [
    ("svc-deploy", PROD, 100, 10, 60, 5, 25, 500, 300, 150, 400, "narrow", "high", []),
    ("svc-billing", PROD, 20, 20, 0, 0, 0, 40, 0, 0, 400, "none", None, []),
    ("svc-unsettled", PROD, None, None, None, None, None, None, None, None, None, "unknown", None, []),
    ("lambda-orders", PROD, 30, 0, 0, 0, 30, 60, 0, 60, None, "none", None, []),
    (HOSTILE, DEV, 40, 5, 35, 0, 0, 100, 80, 0, 400, "wait", "high", [HOSTILE]),
    ("role-retired", DEV, 10, 0, 10, 0, 0, 50, 50, 0, 400, "disable", "high", []),
]


def _access(database: Database) -> None:
    """What is granted against what is used, and two ways to more."""
    columns = (
        *("granted", "used", "unused", "likely_unused", "unknown", "weight", "weight_unused", "weight_open"),
        *("window_days", "action", "confidence", "guards"),
    )
    for name, scope, *values in HELD:
        row = {"identity_id": arn(name, scope), **dict(zip(columns, values, strict=True))}
        put(database, "least_privilege", {**row, "reason": f"counted for {name}", "evidence": [f"{GAAD}#Detail[{name}]"]})
    for name, certainty, target in (("svc-vaulted", "certain", "svc-deploy"), ("lambda-orders", "possible", None)):
        put(
            database,
            "escalation",
            {
                "identity_id": arn(name, PROD),
                "path_id": "iam-014",
                "target_id": arn(target, PROD) if target else None,
                "gains": "admin",
                "certainty": certainty,
                "steps": [f"1. iam:CreateAccessKey on user svc-deploy (policy {name}, statement 0)"],
                "reason": f"it can make a key of another user ({HOSTILE})",
                "evidence": [f"{GAAD}#Detail[{name}]"],
            },
        )


def _way_in(database: Database, ident: str, name: str, scope: str, mechanism: str) -> None:
    record = f"{REPORT}#user={name}"
    if mechanism == "native":
        put(
            database,
            "trust",
            {
                "trust_id": f"trust:{name}",
                "identity_id": ident,
                "principal_kind": "service",
                "principal": "lambda.amazonaws.com",
                "human": False,
                "external_id": False,
                "safety": "safe",
                "safety_reason": "only the service",
                "evidence": record,
            },
        )
        return
    storage = {"svc-deploy": "source_code", "svc-billing": "env_var", "svc-vaulted": "secrets_manager"}.get(name, "unknown")
    key = {
        "credential_id": f"key:{name}",
        "identity_id": ident,
        "provider": "aws",
        "scope": scope,
        "name": f"AKIA{name[-6:].upper()}",
        "kind": "access_key",
        "role": "combined",
    }
    held = {
        "storage": storage,
        "storage_basis": "observed",
        "isolation": "unknown",
        "issuance": "manual",
        "created_at": Q2,
        "last_used_known": True,
        "status": "active",
        "evidence": record,
    }
    put(database, "credential", {**key, **held})
    put(database, "sighting", {"subject_kind": "credential", "subject_id": f"key:{name}", "evidence": record})
    put(database, "entitlement", {"identity_id": ident, "via": "inline", "policy_name": f"{name}-policy", "evidence": record})
    put(database, "ownership", {"identity_id": ident, "owner_id": "platform@corp.example", "basis": "tag", "evidence": record})
    put(database, "usage", {"identity_id": ident, "service": "s3", "last_at": Q2, "window_days": 400, "evidence": record})


def _path(
    database: Database,
    path_id: str,
    kind: str,
    subject: str,
    mechanism: str,
    rule: str,
    stages: tuple[int, int],
    evidence: list[str],
    to_settle: str | None,
    critical: bool,
) -> None:
    key, trust = (f"key:{path_id[5:]}", None) if mechanism.startswith("static") else (None, f"trust:{path_id[5:]}")
    low, high = stages
    reasons = {
        "lo_reason": f"why not above {low}",
        "hi_reason": f"why not beyond {high}",
        "lo_evidence": evidence[:1],
        "hi_evidence": evidence,
    }
    row = {
        "path_id": path_id,
        "subject_kind": kind,
        "subject_id": subject,
        "credential_id": key,
        "trust_id": trust,
        "mechanism": mechanism,
        "rule": rule,
    }
    put(
        database,
        "access_path",
        {**row, "stage_lo": low, "stage_hi": high, **reasons, "to_settle": to_settle, "flags": [], "critical": critical},
    )


def _outsider(database: Database) -> None:
    ident = f"arn:aws:iam::{PROD}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport"
    put(
        database,
        "identity",
        {
            "identity_id": ident,
            "provider": "aws",
            "scope": PROD,
            "name": "AWSServiceRoleForSupport",
            "kind": "iam_role",
            "human": "nonhuman",
            "in_scope": False,
            "scope_reason": "service-linked role, owned by AWS",
            "status": "active",
            "last_used_known": False,
            "evidence": f"{GAAD}#Role[{ident}]",
        },
    )


def _unlinked(database: Database) -> None:
    """An open bucket (stage 1) and a password in a variable whose identity nobody named (stages 3 to 4)."""
    shared = {
        "provider": "aws",
        "scope": PROD,
        "environment": "production",
        "team": None,
        "mixed": False,
        "privilege": "unknown",
        "paths": 1,
    }
    bucket = {"subject_kind": "resource", "subject_id": "arn:aws:s3:::public-assets", "name": "public-assets", "kind": "s3_bucket"}
    secret = {"subject_kind": "credential", "subject_id": "env:orders:DB_PASSWORD", "name": "DB_PASSWORD", "kind": "password"}
    put(database, "placement", {**bucket, **shared, "stage_lo": 1, "stage_hi": 1, "lo_path_id": "path:public", "hi_path_id": "path:public"})
    put(database, "placement", {**secret, **shared, "stage_lo": 3, "stage_hi": 4, "lo_path_id": "path:env", "hi_path_id": "path:env"})
    _path(
        database,
        "path:public",
        "resource",
        bucket["subject_id"],
        "anonymous",
        "anonymous",
        (1, 1),
        ["prod/bucket-policy.json#public-assets"],
        None,
        False,
    )
    _path(
        database,
        "path:env",
        "credential",
        secret["subject_id"],
        "static_direct",
        "config-isolation-unknown",
        (3, 4),
        ["prod/lambda.json#orders"],
        "name the environment of the workloads that hold it",
        False,
    )


def _evidence(database: Database, as_of: datetime) -> None:
    for number, (path, kind, status) in enumerate(
        [
            (GAAD, "aws-gaad", "read"),
            (REPORT, "aws-credential-report", "read"),
            (LEAKS, "gitleaks-json", "read"),
            ("dev/credential-report.csv", "unknown", "unreadable"),
        ]
    ):
        put(
            database,
            "source",
            {
                "source_id": path,
                "collector": "aws",
                "format": kind,
                "scope": None,
                "collected_at": as_of,
                "collected_basis": "content",
                "records": 12 * (status == "read"),
                "status": status,
            },
        )
        put(database, "run", {"source_id": path, "input_sha256": f"{number}" * 64, "bytes": 1000 + number})
    for fact, scope, status, reason in [
        ("identities", PROD, "collected", None),
        ("identities", DEV, "collected", None),
        ("access_keys", PROD, "collected", None),
        ("access_keys", DEV, "unreadable", "dev/credential-report.csv has a wrong header; supply it again"),
        ("guardrails", PROD, "missing", "supply the organisation's policies"),
        ("guardrails", DEV, "missing", "supply the organisation's policies"),
        ("secret_scan", "corp/orders", "collected", None),
        ("secret_scan", "corp/legacy", "missing", "supply a secret-scanner report for it"),
    ]:
        put(
            database,
            "coverage",
            {
                "fact": fact,
                "scope": scope,
                "status": status,
                "reason": reason,
                "collected_at": as_of if status == "collected" else None,
                "evidence": GAAD if status == "collected" else None,
            },
        )
    put(
        database,
        "scan_target",
        {"target_id": "corp/orders", "kind": "repository", "in_scope": True, "scanned_at": as_of, "scanned": True, "evidence": LEAKS},
    )
    put(
        database,
        "scan_target",
        {"target_id": "corp/legacy", "kind": "repository", "in_scope": True, "scanned_at": None, "scanned": False, "evidence": LEAKS},
    )
    put(database, "owner", {"owner_id": "platform@corp.example", "kind": "team", "status": "active", "evidence": GAAD})


def _judgements(database: Database, as_of: datetime) -> None:
    deploy, billing = arn("svc-deploy", PROD), arn("svc-billing", PROD)
    for check, severity, population, passed, failed, unknown, reason in [
        ("secret-in-code", "critical", 9, 8, 1, 0, None),
        ("key-older-than-limit", "high", 7, 4, 2, 1, None),
        ("guardrail-missing", "medium", 0, 0, 0, 0, "guardrails were not collected for any account"),
        ("owner-missing", "low", 11, 11, 0, 0, None),
    ]:
        put(
            database,
            "check_result",
            {
                "check_id": check,
                "severity": severity,
                "population": population,
                "passed": passed,
                "failed": failed,
                "unknown": unknown,
                "reason": reason,
            },
        )
    for check, kind, subject, name, identity, status, severity, reason, evidence in [
        (
            "secret-in-code",
            "credential",
            "key:svc-deploy",
            "AKIADEPLOY",
            deploy,
            "fail",
            "critical",
            "gitleaks found it in corp/orders and it is active",
            [f"{LEAKS}#aws.tf:3"],
        ),
        (
            "key-older-than-limit",
            "credential",
            "key:svc-deploy",
            "AKIADEPLOY",
            deploy,
            "fail",
            "high",
            "92 days old, the limit is 90",
            [f"{REPORT}#user=svc-deploy"],
        ),
        (
            "key-older-than-limit",
            "credential",
            "key:svc-billing",
            "AKIAILLING",
            billing,
            "fail",
            "high",
            "92 days old, the limit is 90",
            [f"{REPORT}#user=svc-billing"],
        ),
        (
            "key-older-than-limit",
            "credential",
            "key:svc-legacy",
            "AKIALEGACY",
            arn("svc-legacy", DEV),
            "unknown",
            "high",
            "its creation date is not in the evidence",
            [],
        ),
    ]:
        put(
            database,
            "finding",
            {
                "check_id": check,
                "subject_kind": kind,
                "subject_id": subject,
                "subject_name": name,
                "identity_id": identity,
                "scope": PROD,
                "status": status,
                "severity": severity,
                "reason": reason,
                "evidence": evidence,
            },
        )
    for question, literal, met, low, high, numerator, denominator, unknown in [
        ("Q1", "yes", "no", 0.0, 0.05, 0, 20, 1),
        ("Q2", "unknown", "unknown", 0.05, 0.4, 1, 20, 7),
        ("Q3", "partly", "partly", 0.2, 0.2, 2, 10, 0),
        ("Q4", "yes", "yes", 0.92, 1.0, 46, 50, 4),
        ("Q5", "unknown", "unknown", 0.0, 1.0, 0, 12, 12),
        ("S1", "yes", "no", 0.05, 0.05, 1, 20, 0),
        ("S4", "not_applicable", "not_applicable", None, None, 0, 0, 0),
    ]:
        put(
            database,
            "question",
            {
                "question_id": question,
                "literal": literal,
                "met": met,
                "lo": low,
                "hi": high,
                "numerator": numerator,
                "denominator": denominator,
                "unknown": unknown,
                "reason": f"{numerator} of {denominator} pass",
                "data_date": as_of,
            },
        )
    put(
        database,
        "question_item",
        {
            "question_id": "Q1",
            "subject_kind": "identity",
            "subject_id": deploy,
            "status": "fail",
            "reason": "its key is in code",
            "evidence": [f"{LEAKS}#aws.tf:3"],
        },
    )
    put(
        database,
        "question_item",
        {
            "question_id": "Q1",
            "subject_kind": "identity",
            "subject_id": arn(HOSTILE, DEV),
            "status": "unknown",
            "reason": HOSTILE,
            "evidence": [],
        },
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]))
