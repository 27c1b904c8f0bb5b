"""The hand-made quarter with decisions laid over it, for tests that know every number."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from inventory.database import Database
from inventory.decisions import Decision, Decisions, PolicyException, Recorded, Where
from inventory.lake import Snapshot
from scoring.decided import lay_over
from scoring.subjects import list_subjects
from tests.reports.workspace import PROD, Q3, arn, fill, put

BUCKET = "arn:aws:s3:::public-assets"
DAY = date(2026, 10, 15)

SNAPSHOT = Snapshot(
    snapshot_id="2026-09-30-hand",
    schema_version=2,
    label="Q3-2026",
    as_of=Q3,
    rules_version="1",
    pack="default",
    created_at="",
    tables={},
    files={},
    details={},
)


def accepted(identity: str, *ids: str, **more: Any) -> PolicyException:
    """An exception about ids that holds until the end of the year, for every check unless said otherwise."""
    fields: dict[str, Any] = {
        "where": Where(ids=ids),
        "checks": ("*",),
        "reason": "by design",
        "approver": "R. Okafor",
        "expires": date(2026, 12, 31),
    }
    return PolicyException(id=identity, **{**fields, **more})


def decided(*decisions: Decision, who: str = "Ana Ruiz", at: datetime = datetime(2026, 10, 2, 9)) -> Decisions:
    return Decisions(tuple(Recorded(seq=number, decision=one, who=who, at=at) for number, one in enumerate(decisions, start=1)))


@contextmanager
def over(*decisions: Decision, on: date = DAY, **stamp: Any) -> Iterator[Database]:
    """The quarter of tests/reports/workspace.py, the bucket as a resource, and items for S1 (1 of 4 fails) and Q3 (2 of 3 fail)."""
    with Database.empty() as database:
        fill(database, Q3)
        _more(database)
        lay_over(database, decided(*decisions, **stamp), on=on)
        yield database


def _more(database: Database) -> None:
    put(
        database,
        "resource",
        {"resource_id": BUCKET, "provider": "aws", "scope": PROD, "name": "public-assets", "kind": "s3_bucket", "environment": "production",
         "public": "yes", "public_reason": "anyone may read", "evidence": "prod/bucket-policy.json#public-assets"},
    )  # fmt: skip
    items = [("S1", "resource", BUCKET, "fail"), *(("S1", "resource", f"arn:aws:s3:::private-{n}", "pass") for n in range(3))]
    items += [
        ("Q3", "access_path", f"path:{name}", status)
        for name, status in (("svc-deploy", "fail"), ("svc-billing", "fail"), ("ci-publisher", "pass"))
    ]
    for question, kind, subject, status in items:
        put(
            database,
            "question_item",
            {"question_id": question, "subject_kind": kind, "subject_id": subject, "status": status, "reason": "-", "evidence": []},
        )
    database.execute("UPDATE question SET lo = 0.75, hi = 0.75, numerator = 3, denominator = 4, unknown = 0 WHERE question_id = 'S1'")
    database.execute("UPDATE question SET lo = 1/3, hi = 1/3, numerator = 1, denominator = 3, unknown = 0 WHERE question_id = 'Q3'")
    list_subjects(database)


DEPLOY, BILLING, UNSETTLED = (arn(name, PROD) for name in ("svc-deploy", "svc-billing", "svc-unsettled"))
