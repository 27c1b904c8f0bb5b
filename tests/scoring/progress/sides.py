"""Two sides of a comparison by hand: users with one key each, roles with one trust, and what was collected. No judging: it is fast.

`compared(before, now)` gives a database in which every difference has its cause.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from scoring.progress.compare import find_causes

THEN, NOW = datetime(2026, 6, 30), datetime(2026, 9, 30)
SINCE, LONG_AGO = datetime(2026, 8, 1), datetime(2025, 1, 1)
PROD, DEV = "111122223333", "444455556666"
FACTS = ("identities", "access_keys", "service_credentials", "trust", "policies", "workloads", "resource_policies", "secret_scan")
REPOSITORY = "corp/app"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An identity and its ways in: `ways` names a path and gives its interval; a name that begins with `key` is a credential's."""

    name: str
    ways: dict[str, tuple[int, int]]
    scope: str = PROD
    created_at: datetime | None = LONG_AGO
    keys_made: datetime | None = LONG_AGO
    status: str = "active"
    human: str = "nonhuman"
    in_scope: bool = True
    placed: bool = True
    privilege: str = "read"
    key_status: str = "active"
    key_kind: str = "access_key"


@dataclass(frozen=True, kw_only=True)
class Side:
    subjects: tuple[Subject, ...] = ()
    scopes: tuple[str, ...] = (PROD,)
    """Accounts that are covered."""
    coverage: dict[str, str] = field(default_factory=dict)
    """Fact -> status, where it is not `collected`."""
    formats: tuple[str, ...] = ("aws-gaad", "aws-credential-report", "gitleaks-json")
    """Formats of the files that were read."""
    resources: dict[str, str] = field(default_factory=dict)
    """Bucket -> yes, no, unknown: open to anyone."""
    exposed: dict[str, datetime | None] = field(default_factory=dict)
    """Credential -> when it came into the code."""
    items: dict[tuple[str, str], str] = field(default_factory=dict)
    """(question, user) -> pass, fail, unknown."""
    findings: dict[tuple[str, str], str] = field(default_factory=dict)
    """(check, user) -> fail, unknown."""
    checks: tuple[str, ...] = ("key-older-than-limit",)
    creep: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """User -> weight granted, unused, open."""

    def but(self, **changes: Any) -> Side:
        return replace(self, **changes)


def user(name: str = "svc", low: int = 3, high: int | None = None, **more: Any) -> Subject:
    """A user with one key."""
    return Subject(name=name, ways={"key": (low, high or low)}, **more)


def compared(before: Side, now: Side, *, stored: Side | None = None) -> Database:
    """The later side against the earlier one; `stored`: what the earlier was by other rules."""
    database = Database.empty()
    for schema, side, date in (("stored", stored or before, THEN), ("earlier", before, THEN), ("later", now, NOW)):
        database.execute(f"CREATE SCHEMA {schema}")
        for table in database.tables():
            database.execute(f"CREATE TABLE {schema}.{table} AS SELECT * FROM main.{table} LIMIT 0")
        fill(database, schema, side, date)
    find_causes(database, snapshot(THEN))
    return database


def snapshot(as_of: datetime) -> Snapshot:
    return Snapshot(
        snapshot_id="x",
        label="x",
        as_of=as_of,
        rules_version="1",
        pack="default",
        created_at="",
        tables={},
        files={},
        details={},
        schema_version=2,
    )


def cause(before: Side, now: Side, name: str = "svc", population: str = "subject") -> str | None:
    """The one cause of a subject's difference; None when it does not differ."""
    with compared(before, now) as database:
        rows = database.rows(
            "SELECT cause FROM progress.caused WHERE population = $population AND id LIKE '%/' || $name",
            {"population": population, "name": name},
        )
    assert len(rows) < 2
    return str(rows[0]["cause"]) if rows else None


def fill(database: Database, schema: str, side: Side, date: datetime) -> None:
    def put(table: str, rows: list[dict[str, Any]]) -> None:
        database.insert_rows(table, rows, schema=schema)

    put("account", [{"scope": scope, "provider": "aws", "evidence": "aws-gaad.json#a"} for scope in side.scopes])
    put("coverage", [
        {"fact": fact, "scope": REPOSITORY if fact == "secret_scan" else scope, "status": side.coverage.get(fact, "collected"), "collected_at": date}
        for scope in side.scopes for fact in FACTS if fact != "secret_scan" or scope == PROD
    ])  # fmt: skip
    put("source", [
        {"source_id": f"{form}.json", "collector": "aws", "format": form, "collected_basis": "content", "records": 1, "status": "read"}
        for form in side.formats
    ])  # fmt: skip
    put("check_result", [
        {"check_id": check, "severity": "high", "population": 9, "passed": 0, "failed": 0, "unknown": 0} for check in side.checks
    ])  # fmt: skip
    for subject in side.subjects:
        _subject(put, subject)
    put("resource", [
        {"resource_id": f"bucket/{name}", "provider": "aws", "scope": PROD, "kind": "s3_bucket", "name": name, "public": public,
         "public_reason": "said", "evidence": "aws-gaad.json#b"} for name, public in side.resources.items()
    ])  # fmt: skip
    for name in (name for name, public in side.resources.items() if public == "yes"):
        put("access_path", [_path("resource", f"bucket/{name}", "open", (1, 1), "read")])
        put("placement", [_placement("resource", f"bucket/{name}", PROD, [(1, 1)])])
    put("secret_exposure", [
        {"exposure_id": f"e:{key}", "scope": REPOSITORY, "path": "a", "location_kind": "source_code", "rules": [], "credential_kind": "access_key",
         "fingerprints": [], "credential_id": key, "introduced_at": since, "state": "open", "validity": "active", "evidence": "gitleaks-json.json#e"}
        for key, since in side.exposed.items()
    ])  # fmt: skip
    put("question_item", [
        {"question_id": question, "subject_kind": "identity", "subject_id": f"user/{name}", "status": status, "reason": "said",
         "evidence": ["aws-gaad.json#u"]} for (question, name), status in side.items.items()
    ])  # fmt: skip
    put("question", [
        {"question_id": question, "literal": "unknown", "met": "unknown", "numerator": 0, "denominator": 0, "unknown": 0, "reason": "said"}
        for question in sorted({question for question, _ in side.items})
    ])  # fmt: skip
    put("finding", [
        {"check_id": check, "subject_kind": "identity", "subject_id": f"user/{name}", "subject_name": name, "scope": PROD, "status": status,
         "severity": "high", "reason": "said", "evidence": ["aws-credential-report.json#u"]} for (check, name), status in side.findings.items()
    ])  # fmt: skip
    put("least_privilege", [
        {"identity_id": f"user/{name}", "weight": whole, "weight_unused": unused, "weight_open": unknown, "action": "none", "guards": [],
         "reason": "said", "evidence": ["aws-gaad.json#u"]} for name, (whole, unused, unknown) in side.creep.items()
    ])  # fmt: skip


def _subject(put: Any, subject: Subject) -> None:
    ident = f"user/{subject.name}"
    put("identity", [
        {"identity_id": ident, "provider": "aws", "scope": subject.scope, "name": subject.name, "kind": "service_account",
         "human": subject.human, "in_scope": subject.in_scope, "status": subject.status, "created_at": subject.created_at,
         "last_used_known": False, "evidence": f"aws-gaad.json#{ident}"}
    ])  # fmt: skip
    put("privilege", [{"identity_id": ident, "privilege": subject.privilege, "reason": "said", "evidence": ["aws-gaad.json#p"]}])
    for way, interval in subject.ways.items():
        if way.startswith("key"):
            put("credential", [
                {"credential_id": f"{way}/{subject.name}", "identity_id": ident, "provider": "aws", "scope": subject.scope, "name": way,
                 "kind": subject.key_kind, "role": "combined", "storage": "unknown", "storage_basis": "unknown", "isolation": "unknown",
                 "issuance": "manual", "created_at": subject.keys_made, "last_used_known": False, "status": subject.key_status,
                 "evidence": "aws-credential-report.json#k"}
            ])  # fmt: skip
        else:
            put("trust", [
                {"trust_id": f"{way}/{subject.name}", "identity_id": ident, "principal_kind": "service", "principal": "lambda", "human": False,
                 "external_id": False, "safety": "safe", "evidence": "aws-gaad.json#t"}
            ])  # fmt: skip
        if subject.status == "active" and subject.placed and subject.key_status == "active":
            put("access_path", [_path("identity", ident, way, interval, subject.privilege, subject.name)])
    if subject.placed:
        active = list(subject.ways.values()) if subject.status == "active" and subject.key_status == "active" else []
        put("placement", [_placement("identity", ident, subject.scope, active)])


def _path(kind: str, subject: str, way: str, interval: tuple[int, int], privilege: str, name: str | None = None) -> dict[str, Any]:
    static = way.startswith("key")
    return {
        "path_id": f"{way}/{subject}", "subject_kind": kind, "subject_id": subject,
        "credential_id": f"{way}/{name}" if static else None, "trust_id": f"{way}/{name}" if name and not static else None,
        "mechanism": "static_direct" if static else "native" if name else "anonymous", "rule": "r", "stage_lo": interval[0],
        "stage_hi": interval[1], "lo_reason": "said", "hi_reason": "said", "lo_evidence": ["aws-gaad.json#p"],
        "hi_evidence": ["aws-credential-report.json#k" if static else "aws-gaad.json#t"], "flags": [], "critical": privilege in ("admin", "unknown"),
    }  # fmt: skip


def _placement(kind: str, subject: str, scope: str, ways: list[tuple[int, int]]) -> dict[str, Any]:
    return {
        "subject_kind": kind, "subject_id": subject, "name": subject, "kind": kind, "provider": "aws", "scope": scope,
        "stage_lo": min((low for low, _ in ways), default=None), "stage_hi": min((high for _, high in ways), default=None),
        "paths": len(ways), "mixed": False, "privilege": "read",
    }  # fmt: skip
