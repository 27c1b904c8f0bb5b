"""Scores with and without exceptions, and what is announced: every number by hand from tests/reports/workspace.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from inventory.database import Database
from inventory.decisions import Action, ActionStatus, OwnerAssignment, Target, Where
from reports.views.exceptions import announcements, ignored_at, register, register_size, with_exceptions
from reports.views.ownership import attestation_page
from reports.views.programme import actions, assigned_owners, owner_coverage, targets
from reports.views.summary import scores_measured, summary
from tests.reports.decided import BILLING, BUCKET, DAY, DEPLOY, SNAPSHOT, UNSETTLED, accepted, over
from tests.reports.workspace import DEV, PROD, arn, put

LEGACY = arn("svc-legacy", DEV)


def left(database: Database) -> dict[str, Any]:
    found = with_exceptions(database, SNAPSHOT)
    assert found is not None
    return found


def answer(result: dict[str, Any], question: str) -> tuple[str, int, int, int]:
    row = next(row for row in result["questions"] if row["id"] == question)
    return row["met"], row["numerator"], row["denominator"], row["unknown"]


def test_every_score_stands_beside_the_measured_one() -> None:
    with over(accepted("a", BUCKET), accepted("b", DEPLOY, UNSETTLED, LEGACY)) as database:
        measured, kept = scores_measured(database, SNAPSHOT), left(database)
    assert (measured["attained"], kept["attained"]) == (2, 3)
    assert measured["stages"]["lo"] == {"1": 1, "2": 3, "3": 2, "4": 1, "5": 1, "6": 3, "7": 1}
    assert kept["stages"]["lo"] == {"1": 0, "2": 0, "3": 2, "4": 1, "5": 1, "6": 3, "7": 1}
    assert (measured["coverage"]["exact"], measured["coverage"]["paths"]) == (7, 12)
    assert (kept["coverage"]["exact"], kept["coverage"]["paths"], kept["coverage"]["exact_pct"]) == (5, 8, 62.5)
    assert measured["findings"]["by_severity"] == {"critical": 1, "high": 2, "medium": 0, "low": 0}
    assert kept["findings"]["by_severity"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    assert (measured["findings"]["unknown"], kept["findings"]["unknown"]) == (1, 0)
    assert round(measured["least_privilege"]["creep_lo"], 2) == 57.33  # 430 of 750
    assert (kept["least_privilege"]["creep_lo"], kept["least_privilege"]["creep_hi"]) == (52.0, 76.0)  # 130 and 190 of 250
    assert answer(measured, "Q3")[1:] == (1, 3, 0)
    assert answer(kept, "Q3") == ("partly", 1, 2, 0)
    assert kept["exceptions"]["findings"] == 2


def test_public_by_design_lifts_no_answer_above_what_was_collected() -> None:
    with over(accepted("a", BUCKET)) as database:
        assert answer(scores_measured(database, SNAPSHOT), "S1")[1:] == (3, 4, 0)
        assert answer(left(database), "S1") == ("unknown", 3, 3, 0)
        for scope in (PROD, DEV):
            for fact in ("resource_policies", "trust"):
                put(database, "coverage", {"fact": fact, "scope": scope, "status": "collected", "evidence": "x"})
        assert answer(left(database), "S1") == ("yes", 3, 3, 0)


def test_a_question_with_nothing_left_is_not_answered() -> None:
    with over(accepted("a", DEPLOY, arn("svc-billing", PROD), arn("ci-publisher", PROD))) as database:
        assert answer(left(database), "Q3") == ("unknown", 0, 0, 0)


def test_a_question_that_loses_nothing_keeps_its_answer() -> None:
    with over(accepted("a", BUCKET)) as database:
        for question in ("Q2", "Q4", "Q5"):
            assert answer(left(database), question) == answer(scores_measured(database, SNAPSHOT), question)


def test_the_measured_summary_is_the_same_with_and_without_decisions() -> None:
    with over() as bare, over(accepted("a", BUCKET), accepted("b", DEPLOY)) as database:
        assert summary(database, SNAPSHOT) == summary(bare, SNAPSHOT)
        assert with_exceptions(bare, SNAPSHOT) is None


@pytest.mark.parametrize(
    ("day", "expected", "findings"),
    [
        (date(2026, 12, 1), [], 2),
        (date(2026, 12, 2), ["Exception a ends in 30 days, on 2027-01-01: 2 findings will count again."], 2),
        (date(2027, 1, 1), ["Exception a ends today, on 2027-01-01: 2 findings will count again."], 2),
        (date(2027, 1, 2), ["Exception a ended on 2027-01-01: 2 findings of 1 subject count again."], 0),
    ],
)
def test_an_exception_is_announced_before_it_ends_and_fails_again_after_its_last_day(day: date, expected: list[str], findings: int) -> None:
    with over(accepted("a", DEPLOY, expires=date(2027, 1, 1)), on=day) as database:
        assert announcements(database, SNAPSHOT, day) == expected
        assert left(database)["exceptions"]["findings"] == findings
        assert left(database)["findings"]["by_severity"]["critical"] == (0 if findings else 1)


@pytest.mark.parametrize(
    ("made", "stamp", "expected"),
    [
        (accepted("a", "gone"), {}, "Exception a takes nothing out: it is about nothing in this snapshot."),
        (accepted("a", BUCKET, checks=("no-such-check",)), {}, "Exception a names checks that did not run here: no-such-check."),
        (accepted("a", BUCKET, approver="ana ruiz "), {}, "Exception a was approved and recorded by the same person, Ana Ruiz."),
        (accepted("a", BUCKET), {"at": datetime(2026, 4, 17)}, "Exception a was recorded 181 days ago: look at it again."),
    ],
)
def test_what_is_odd_about_an_exception_is_said(made: Any, stamp: dict[str, Any], expected: str) -> None:
    with over(made, **stamp) as database:
        assert announcements(database, SNAPSHOT, DAY) == [expected]


def test_an_exception_recorded_half_a_year_ago_is_not_yet_old() -> None:
    with over(accepted("a", BUCKET), at=datetime(2026, 4, 18)) as database:  # 180 days before the 15th of October
        assert announcements(database, SNAPSHOT, DAY) == []


def test_the_register_puts_what_is_over_first_and_counts_what_each_covers() -> None:
    old = accepted("z-old", BILLING, checks=("key-older-than-limit",), expires=date(2026, 10, 14))
    with over(accepted("a", DEPLOY, UNSETTLED), old) as database:
        rows = register(database, SNAPSHOT, DAY)
    assert [(row["exception_id"], row["state"], row["subjects"], row["findings"]) for row in rows] == [
        ("z-old", "expired", 1, 1),
        ("a", "holds", 2, 2),
    ]
    assert (rows[1]["who"], rows[1]["age_days"]) == ("Ana Ruiz", 13)
    size = register_size(rows)
    assert (size["recorded"], size["holding"], size["expired"], size["oldest_days"]) == (2, 1, 1, 13)


def test_fail_on_ignores_what_is_excepted_and_never_what_is_over() -> None:
    holds, over_ = date(2026, 12, 31), date(2026, 10, 14)
    for expires, expected in ((holds, (0, 1)), (over_, (1, 0))):
        with over(accepted("a", DEPLOY, expires=expires)) as database:
            result = {**summary(database, SNAPSHOT), "with_exceptions": left(database)}
        assert ignored_at(result, "critical") == expected
    with over() as database:
        assert ignored_at(summary(database, SNAPSHOT), "high") == (3, 0)


def test_a_target_says_what_is_attained_what_is_missing_and_whether_it_can_be_known() -> None:
    aims = [
        Target(id="all", stage=2, by=date(2026, 10, 1)),
        Target(id="payments", where=Where(tags={"team": "payments"}), stage=4, by=date(2026, 10, 14)),
        Target(id="orders", where=Where(tags={"team": "orders"}), stage=7, by=date(2026, 11, 1)),
        Target(id="nobody", where=Where(tags={"team": "nobody"}), stage=1, by=date(2026, 12, 1)),
    ]
    with over(*aims) as database:
        found = {row["target_id"]: row for row in targets(database, SNAPSHOT, DAY)}
    assert [(name, row["verdict"], row["overdue"]) for name, row in found.items()] == [
        ("all", "met", False),  # 11 of 12 paths, and no critical one below
        ("payments", "not met", True),  # stages 3, 4 and 5
        ("orders", "unknown", False),  # two paths at 6 or 7
        ("nobody", "nothing", False),
    ]
    payments = found["payments"]
    assert (payments["paths"], payments["lo"], payments["short"], payments["below"], payments["critical"]) == (3, 2 / 3, 1, 1, 0)
    assert (found["orders"]["attained_lo"], found["orders"]["attained_hi"], found["orders"]["perhaps"]) == (6, 7, 2)


def test_an_owner_who_was_assigned_counts_beside_those_that_sources_name() -> None:
    given = OwnerAssignment(id="o", where=Where(ids=(BILLING,)), owner="Finance systems")
    with over(given) as database:
        put(database, "finding", *(
            {"check_id": "owner-missing", "subject_kind": "identity", "subject_id": ident, "subject_name": "n", "identity_id": ident, "scope": PROD,
             "status": status, "severity": "medium", "reason": "nobody", "evidence": []}
            for ident, status in ((BILLING, "fail"), (DEPLOY, "fail"), (UNSETTLED, "unknown"))
        ))  # fmt: skip
        database.execute("UPDATE check_result SET population = 10, passed = 7, failed = 2, unknown = 1 WHERE check_id = 'owner-missing'")
        owned = owner_coverage(database)
        assert (owned["n"], owned["named"], owned["assigned"]) == (10, 7, 1)
        assert (owned["lo"], owned["hi"], owned["lo_with"], owned["hi_with"]) == (0.7, 0.8, 0.8, 0.9)
        assert [(row["subject_id"], row["assigned"]) for row in attestation_page(database, limit=9)] == [
            (DEPLOY, None), (UNSETTLED, None), (BILLING, "Finance systems by Ana Ruiz, 2026-10-02")
        ]  # fmt: skip
        assert [row["owner"] for row in assigned_owners(database, BILLING)] == ["Finance systems"]
        assert database.value("SELECT count(*) FROM ownership WHERE owner_id = 'Finance systems'") == 0


@pytest.mark.parametrize(
    ("told_done", "expected"),
    [
        (datetime(2026, 9, 29), "done, but 1 subject still fails"),
        (datetime(2026, 9, 30), "done after this evidence was collected: not seen yet"),
    ],
)
def test_a_done_action_whose_subjects_still_fail_is_told_only_by_later_evidence(told_done: datetime, expected: str) -> None:
    done = Action(id="a", title="replace the keys", where=Where(ids=(BILLING, arn("ci-publisher", PROD))), status=ActionStatus.DONE)
    with over(done, at=told_done) as database:
        (row,) = actions(database, SNAPSHOT, DAY)
    assert (row["told"], row["subjects"], row["failing"]) == (expected, 2, 1)


def test_an_action_is_overdue_the_day_after_it_is_due_and_not_when_it_is_done() -> None:
    made = [Action(id=f"{status}", title="t", due=date(2026, 10, 14), status=status) for status in ActionStatus]
    made.append(Action(id="today", title="t", due=DAY))
    with over(*made) as database:
        assert {row["action_id"]: row["overdue"] for row in actions(database, SNAPSHOT, DAY)} == {
            "open": True, "doing": True, "done": False, "dropped": False, "today": False
        }  # fmt: skip
