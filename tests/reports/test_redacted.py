"""What is taken out of a part of an estate: lists keep their order and what is theirs, whatever else stands between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inventory.database import Database
from reports.redacted import OUTSIDE, redact
from tests.reports.workspace import put

OURS = {
    "check_id": "c",
    "subject_kind": "identity",
    "subject_name": "svc",
    "identity_id": None,
    "scope": None,
    "status": "fail",
    "severity": "high",
}


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty part: `whole` knows the identity `of-others`, one file and two records are theirs."""
    with Database.empty() as found:
        found.execute("CREATE SCHEMA whole; CREATE SCHEMA own")
        for table in found.tables("main"):
            found.execute(f"CREATE TABLE whole.{table} AS SELECT * FROM main.{table} LIMIT 0")
        found.execute("INSERT INTO whole.identity BY NAME SELECT 'id:of-others' AS identity_id, 'of-others' AS name")
        found.execute("CREATE TABLE own.source AS SELECT 'theirs.json' AS source_id")
        found.execute("CREATE TABLE own.record AS SELECT unnest(['shared.json#1', 'shared.json#3']) AS evidence")
        yield found


def findings(database: Database, *evidence: list[str | None], reason: str = "it is old") -> None:
    put(
        database,
        "finding",
        *({**OURS, "subject_id": str(number), "reason": reason, "evidence": one} for number, one in enumerate(evidence)),
    )


def left(database: Database) -> list[list[str]]:
    return [row["evidence"] for row in database.rows("SELECT evidence FROM finding ORDER BY subject_id")]


def test_records_of_others_go_and_the_others_keep_their_order(database: Database) -> None:
    findings(database, ["shared.json#3", "shared.json#2", "theirs.json#9", "shared.json#1"], ["shared.json#1"])
    redact(database)
    assert left(database) == [["shared.json#3", "theirs.json#9", "shared.json#1"], ["shared.json#1"]]


def test_a_list_of_others_alone_is_empty_and_an_empty_one_stays(database: Database) -> None:
    findings(database, ["shared.json#2", "others.json#1"], [])
    redact(database)
    assert left(database) == [[], []]


def test_a_record_that_cannot_be_told_goes(database: Database) -> None:
    findings(database, [None, "shared.json#1"], ["theirs.json"], ["theirs.jsonx#1"])
    redact(database)
    assert left(database) == [["shared.json#1"], ["theirs.json"], []]


def test_the_same_record_twice_stays_twice(database: Database) -> None:
    findings(database, ["shared.json#1", "others.json#1", "shared.json#1"])
    redact(database)
    assert left(database) == [["shared.json#1", "shared.json#1"]]


def test_a_name_of_others_goes_from_sentences_and_from_lists_of_them(database: Database) -> None:
    findings(database, ["shared.json#1"], reason="of-others may assume it")
    put(
        database,
        "escalation",
        {"identity_id": "i", "path_id": "p", "gains": "admin", "certainty": "certain", "reason": "-", "evidence": [],
         "steps": ["1. take the role", "2. become of-others", "3. be done"]},
    )  # fmt: skip
    redact(database)
    assert database.value("SELECT reason FROM finding") == f"{OUTSIDE} may assume it"
    assert database.value("SELECT steps FROM escalation") == ["1. take the role", f"2. become {OUTSIDE}", "3. be done"]
