"""What becomes of a check's rows: the safety net, and the words where nothing could be judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.database import Database
from inventory.model import Coverage, CoverageStatus, Fact, Identity, IdentityKind
from scoring.catalogue import Check, load, parse
from scoring.engine import NOTHING_TO_JUDGE, run_checks, unknown_checks
from scoring.packs import load_pack

AS_OF = datetime(2026, 9, 30)
PACK = load_pack("default")

HEADER = """-- title = "T"
-- severity = "high"
-- subject = "identity"
-- needs = ["identities", "trust"]
-- rationale = "R"
-- fix = "F"
-- source = "https://example.org/"
"""
PASSES = "SELECT identity_id AS subject_id, 'pass' AS status, 'fine' AS reason, [evidence] AS evidence FROM identity"
FAILS = PASSES.replace("'pass'", "'fail'").replace("fine", "bad")


def check_of(sql: str, header: str = HEADER, check_id: str = "made-up") -> Check:
    return parse(header + sql, file=f"{check_id}.sql", check_id=check_id, family="test")


def identity(name: str, scope: str | None = "111") -> Identity:
    return Identity(
        identity_id=name, provider="aws", scope=scope, name=f"name of {name}", kind=IdentityKind.IAM_ROLE, evidence=f"g.json#{name}"
    )


def covered(fact: Fact, scope: str = "*", status: CoverageStatus = CoverageStatus.COLLECTED, reason: str | None = None) -> Coverage:
    return Coverage(fact=fact, scope=scope, status=status, reason=reason)


ALL = (covered(Fact.IDENTITIES), covered(Fact.TRUST))


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as empty:
        yield empty


def result(database: Database, check: Check) -> dict[str, Any]:
    run_checks(database, [check], AS_OF, PACK)
    [row] = database.rows("SELECT * FROM check_result")
    return row


def findings(database: Database) -> list[tuple[str, str, str]]:
    return [(row["subject_id"], row["status"], row["reason"]) for row in database.rows("SELECT * FROM finding ORDER BY subject_id")]


def test_a_pass_on_collected_evidence_is_counted_and_is_no_finding(database: Database) -> None:
    database.insert([identity("a"), identity("b"), *ALL])

    row = result(database, check_of(PASSES))

    assert row == {"check_id": "made-up", "severity": "high", "population": 2, "passed": 2, "failed": 0, "unknown": 0, "reason": None}
    assert findings(database) == []


def test_a_finding_carries_all_that_is_known_of_its_subject(database: Database) -> None:
    database.insert([identity("a"), *ALL])

    result(database, check_of(FAILS))

    assert database.rows("SELECT * FROM finding") == [
        {
            "check_id": "made-up",
            "subject_kind": "identity",
            "subject_id": "a",
            "subject_name": "name of a",
            "identity_id": "a",
            "scope": "111",
            "status": "fail",
            "severity": "high",
            "reason": "bad",
            "evidence": ["g.json#a"],
        }
    ]


def test_a_pass_where_a_needed_fact_was_not_supplied_is_unknown(database: Database) -> None:
    database.insert([identity("a", "111"), identity("b", "222"), covered(Fact.IDENTITIES), covered(Fact.TRUST, "111")])

    row = result(database, check_of(PASSES))

    assert (row["passed"], row["unknown"]) == (1, 1)
    assert findings(database) == [("b", "unknown", "not evidenced: trust of 222 was not supplied")]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (CoverageStatus.MISSING, "was not supplied"),
        (CoverageStatus.DENIED, "was denied"),
        (CoverageStatus.PARTIAL, "is partial (why)"),
        (CoverageStatus.UNREADABLE, "could not be read"),
        (CoverageStatus.STALE, "is stale (why)"),
    ],
)
def test_nothing_but_collected_evidence_lets_a_subject_pass(status: CoverageStatus, words: str, database: Database) -> None:
    database.insert([identity("a"), covered(Fact.IDENTITIES), covered(Fact.TRUST, "111", status, "why")])

    result(database, check_of(PASSES))

    assert findings(database) == [("a", "unknown", f"not evidenced: trust of 111 {words}")]


def test_coverage_of_everything_counts_for_each_scope_and_for_none(database: Database) -> None:
    database.insert([identity("a"), identity("b", None), *ALL])

    assert result(database, check_of(PASSES))["passed"] == 2


def test_what_is_said_of_a_scope_itself_counts_before_what_is_said_of_everything(database: Database) -> None:
    database.insert([identity("a"), *ALL, covered(Fact.TRUST, "111", CoverageStatus.STALE)])

    result(database, check_of(PASSES))

    assert findings(database) == [("a", "unknown", "not evidenced: trust of 111 is stale")]


def test_a_subject_of_an_unknown_scope_does_not_pass_on_another_s_coverage(database: Database) -> None:
    database.insert([identity("a", None), covered(Fact.IDENTITIES, "111"), covered(Fact.TRUST, "111")])

    result(database, check_of(PASSES))

    assert findings(database) == [("a", "unknown", "not evidenced: identities of an unnamed scope was not supplied")]


def test_a_subject_that_no_table_holds_does_not_pass(database: Database) -> None:
    database.insert([identity("a"), covered(Fact.IDENTITIES, "111"), covered(Fact.TRUST, "111")])

    result(database, check_of(PASSES.replace("identity_id AS", "'ghost' AS")))

    assert [(subject, status) for subject, status, _ in findings(database)] == [("ghost", "unknown")]


def test_a_fail_stands_without_coverage_because_something_was_seen(database: Database) -> None:
    database.insert([identity("a")])

    result(database, check_of(FAILS))

    assert findings(database) == [("a", "fail", "bad")]


def test_a_fail_that_rests_on_absence_needs_the_facts_too(database: Database) -> None:
    database.insert([identity("a"), identity("b", "222"), covered(Fact.IDENTITIES), covered(Fact.TRUST, "222")])

    result(database, check_of(FAILS, HEADER + "-- absence = true\n"))

    assert findings(database) == [("a", "unknown", "not evidenced: trust of 111 was not supplied"), ("b", "fail", "bad")]


def test_an_empty_population_of_collected_evidence_does_not_apply(database: Database) -> None:
    database.insert(ALL)

    assert result(database, check_of(PASSES))["reason"] == NOTHING_TO_JUDGE
    assert unknown_checks(database) == []


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        ([], "not evidenced: identities was not supplied (and 1 more)"),
        ([covered(Fact.IDENTITIES)], "not evidenced: trust was not supplied"),
        ([covered(Fact.IDENTITIES), covered(Fact.TRUST, "111", CoverageStatus.DENIED)], "not evidenced: trust of 111 was denied"),
        ([covered(Fact.IDENTITIES), covered(Fact.TRUST, "*", CoverageStatus.MISSING)], "not evidenced: trust was not supplied"),
        (
            [covered(Fact.IDENTITIES), covered(Fact.TRUST, "111"), covered(Fact.TRUST, "222", CoverageStatus.MISSING)],
            "not evidenced: trust of 222 was not supplied",
        ),
    ],
)
def test_an_empty_population_is_unknown_where_evidence_may_be_hidden(coverage: list[Coverage], reason: str, database: Database) -> None:
    database.insert(coverage)

    row = result(database, check_of(PASSES))

    assert (row["population"], row["passed"], row["reason"]) == (0, 0, reason)
    assert unknown_checks(database) == [{"check_id": "made-up", "reason": reason}]


def test_a_check_whose_subjects_are_all_unknown_says_why(database: Database) -> None:
    database.insert([identity("a"), identity("b"), identity("c", "222"), covered(Fact.IDENTITIES)])

    row = result(database, check_of(PASSES))

    assert (row["population"], row["unknown"]) == (3, 3)
    assert unknown_checks(database) == [{"check_id": "made-up", "reason": "not evidenced: trust of 111 was not supplied"}]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (f"{PASSES} UNION ALL {FAILS}", "2 rows for the subject a"),
        (PASSES.replace("identity_id AS", "NULL AS"), "a row without a subject_id"),
        (PASSES.replace("'pass'", "'PASS'"), "status PASS for a: write pass, fail or unknown"),
        (PASSES.replace("'pass'", "NULL"), "status NULL for a: write pass, fail or unknown"),
        (PASSES.replace("'fine'", "NULL"), "no reason given for a"),
        (PASSES.replace("'fine'", "''"), "no reason given for a"),
        (PASSES.replace("FROM identity", "FROM identities"), "identities"),
        (PASSES.replace("AS reason", "AS why"), "reason"),
        (PASSES.replace("'fine'", "CAST(name AS BIGINT)"), "Could not convert"),
    ],
)
def test_a_check_that_fails_to_run_says_so_and_passes_nobody(sql: str, problem: str, database: Database) -> None:
    database.insert([identity("a"), *ALL])

    run_checks(database, [check_of(sql), check_of(PASSES, check_id="sound")], AS_OF, PACK)

    broken, sound = database.rows("SELECT * FROM check_result ORDER BY check_id")
    assert (broken["population"], broken["passed"], broken["failed"], broken["unknown"]) == (0, 0, 0, 0)
    assert broken["reason"].startswith("could not run: ")
    assert problem in broken["reason"]
    assert findings(database) == []
    assert sound["passed"] == 1
    assert unknown_checks(database) == [{"check_id": "made-up", "reason": broken["reason"]}]


def test_a_check_gets_the_date_and_the_thresholds_that_it_names(database: Database) -> None:
    database.insert([identity("a"), *ALL])
    sql = PASSES.replace("'fine'", "CAST($as_of AS DATE) || ' ' || $unused_days")

    run_checks(database, [check_of(sql.replace("'pass'", "'fail'"))], AS_OF, load_pack("cis"))

    assert findings(database) == [("a", "fail", "2026-09-30 45")]


def test_a_missing_reference_is_left_out_of_the_evidence(database: Database) -> None:
    database.insert([identity("a"), *ALL])

    run_checks(
        database,
        [check_of(FAILS.replace("[evidence]", "[evidence, NULL]")), check_of(FAILS.replace("[evidence]", "NULL"), check_id="other")],
        AS_OF,
        PACK,
    )

    assert [row["evidence"] for row in database.rows("SELECT evidence FROM finding")] == [["g.json#a"], []]


def test_what_is_no_evidence_is_not_published(database: Database) -> None:
    before = database.tables()

    run_checks(database, load().checks, AS_OF, PACK)

    assert database.tables() == before


def test_an_empty_database_passes_no_check(database: Database) -> None:
    run_checks(database, load().checks, AS_OF, PACK)

    assert database.value("SELECT sum(passed) + sum(failed) FROM check_result") == 0
    assert len(unknown_checks(database)) == len(load().checks)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scopes=st.lists(st.sampled_from(["111", "222", None]), min_size=1, max_size=5),
    said=st.dictionaries(
        st.tuples(st.sampled_from([Fact.IDENTITIES, Fact.TRUST]), st.sampled_from(["111", "222", "*"])), st.sampled_from(CoverageStatus)
    ),
    absence=st.booleans(),
    status=st.sampled_from(["pass", "fail", "unknown"]),
)
def test_law_only_a_subject_whose_every_needed_fact_is_collected_keeps_its_pass(
    scopes: list[str | None], said: dict[tuple[Fact, str], CoverageStatus], absence: bool, status: str, database: Database
) -> None:
    for table in ("identity", "coverage", "finding", "check_result"):
        database.execute(f"DELETE FROM {table}")
    database.insert([identity(f"i{number}", scope) for number, scope in enumerate(scopes)])
    database.insert([covered(fact, scope, state) for (fact, scope), state in said.items()])

    row = result(database, check_of(PASSES.replace("'pass'", f"'{status}'"), HEADER + f"-- absence = {str(absence).lower()}\n"))

    def evidenced(scope: str | None) -> bool:
        """What is said of the scope itself counts before what is said of everything."""
        states = [said.get((fact, scope or "*"), said.get((fact, "*"))) for fact in (Fact.IDENTITIES, Fact.TRUST)]
        return states == [CoverageStatus.COLLECTED] * 2

    kept = sum(evidenced(scope) for scope in scopes)
    needs_evidence = status == "pass" or (status == "fail" and absence)
    expected = {"pass": 0, "fail": 0, "unknown": 0}
    expected[status] += kept if needs_evidence else len(scopes)
    expected["unknown"] += len(scopes) - kept if needs_evidence else 0
    assert (row["passed"], row["failed"], row["unknown"]) == (expected["pass"], expected["fail"], expected["unknown"])
