"""The interview: its questions, what an answer is worth, and where it cannot be true together with what was measured.

One small estate by hand: team payments has ten credentials, of which one rests in a manager; team data has ten, of which all do; one more names
no team.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest

from inventory.database import Database
from inventory.decision_file import answer_id
from inventory.decisions import Answer, Decisions, Recorded, Share, Where
from scoring.catalogue import SEVERITIES, load
from scoring.compliance import known
from scoring.decided import lay_over
from scoring.interview import asked, differs, fault, interview
from scoring.interview.beside import DIFFERS, Beside, Measured, Verdict, compare, measure, weigh, witnesses
from scoring.packs import load_pack
from scoring.questions import QUESTIONS
from scoring.subjects import list_subjects

TODAY = date(2026, 10, 20)
GIVEN = datetime(2026, 10, 5, 9)
LIMITS = load_pack("default").thresholds
PAYMENTS, DATA = {"team": "payments"}, {"team": "data"}


# --- the questions


def test_there_are_about_twenty_five_questions_each_once() -> None:
    ids = [question.id for question in interview()]
    assert len(set(ids)) == len(ids)
    assert 22 <= len(ids) <= 30


def test_every_question_of_the_model_is_asked_and_compared_with_its_own_measurement() -> None:
    model = [question.id for question in QUESTIONS]
    assert [question.measured_by for question in interview() if question.measured_by] == model
    assert [question.id for question in interview() if question.measured_by] == model


@pytest.mark.parametrize("question", interview(), ids=lambda question: question.id)
def test_a_question_is_whole_and_names_only_what_there_is(question: Any) -> None:
    checks = {check.check_id for check in load().checks}

    assert question.text.endswith("?")
    assert question.text.startswith(("How many of our", "How much of our", "For how many", "How many applications"))
    assert len(question.criteria) >= 2
    assert all(text.endswith(".") for text in (*question.criteria.values(), question.help))
    assert set(question.checks) <= checks
    assert question.controls
    assert [reference for reference in question.controls if not known(reference)] == []
    places = {one.id for one in QUESTIONS}
    assert all(about in places or re.fullmatch(r"stage [1-7]|checklist 00[0-4]-\d+", about) for about in question.relates)


def test_the_severity_of_a_disagreement_is_data_for_each_direction() -> None:
    assert set(differs().severity) == {str(verdict) for verdict in DIFFERS}
    assert set(differs().severity.values()) <= set(SEVERITIES)
    assert all(known(reference) for reference in differs().maps_to)
    assert differs().check_id not in {check.check_id for check in load().checks}


@pytest.mark.parametrize(
    ("question", "criteria", "problem"),
    [
        ("Q2", (), None),
        ("Q2", ("approved",), None),
        ("q2", (), "question: 'q2' is not asked; did you mean Q2?"),
        ("mutual-tsl", (), "question: 'mutual-tsl' is not asked; did you mean mutual-tls?"),
        ("Q2", ("aproved",), "criteria: 'aproved' is none of Q2; did you mean approved?"),
        ("Q2", ("zzz",), "criteria: 'zzz' is none of Q2; one of approved, access-logged, old-copy-revoked"),
    ],
)
def test_an_answer_that_fits_no_question_says_which_was_perhaps_meant(
    question: str, criteria: tuple[str, ...], problem: str | None
) -> None:
    assert fault(Answer(id=question, question=question, answer=Share.MOST, criteria=criteria)) == problem


# --- bands


def shares(passed: int, failed: int, unknown: int = 0, *, bounded: bool = True) -> Measured:
    return Measured(passed=passed, failed=failed, unknown=unknown, met="partly", reason="", bounded=bounded, untagged=0)


@pytest.mark.parametrize(
    ("declared", "measured", "verdict"),
    [
        # none says 0 %
        (Share.NONE, shares(0, 10), "compatible"),
        (Share.NONE, shares(0, 9, 1), "compatible"),
        (Share.NONE, shares(1, 9), "worse"),
        # some says more than 0, less than 50 %
        (Share.SOME, shares(0, 10), "better"),
        (Share.SOME, shares(0, 9, 1), "compatible"),
        (Share.SOME, shares(49, 51), "compatible"),
        (Share.SOME, shares(50, 50), "worse"),
        # half says from 50 %, less than 90 %
        (Share.HALF, shares(49, 51), "better"),
        (Share.HALF, shares(49, 50, 1), "compatible"),
        (Share.HALF, shares(50, 50), "compatible"),
        (Share.HALF, shares(89, 11), "compatible"),
        (Share.HALF, shares(90, 10), "worse"),
        # most says from 90 %
        (Share.MOST, shares(89, 11), "better"),
        (Share.MOST, shares(89, 10, 1), "compatible"),
        (Share.MOST, shares(90, 10), "compatible"),
        (Share.MOST, shares(10, 0), "compatible"),
        (Share.MOST, shares(0, 0, 10), "compatible"),
        # it does not apply, and there is something
        (Share.NOT_APPLICABLE, shares(1, 0), "not_applicable"),
        # nothing to hold it against
        (Share.MOST, None, "declared_only"),
        (Share.MOST, shares(0, 0), "declared_only"),
        (Share.MOST, shares(0, 10, bounded=False), "declared_only"),
        (Share.NOT_APPLICABLE, shares(0, 0), "declared_only"),
    ],
)
def test_a_declared_share_and_a_measured_one_differ_where_they_have_no_value_in_common(
    declared: Share, measured: Measured | None, verdict: str
) -> None:
    assert compare(declared, measured, 90) == verdict


def test_most_begins_where_the_pack_says_yes() -> None:
    assert compare(Share.MOST, shares(80, 20), 80) is Verdict.COMPATIBLE
    assert compare(Share.HALF, shares(80, 20), 80) is Verdict.WORSE
    assert compare(Share.MOST, shares(9995, 5), 99.95) is Verdict.COMPATIBLE


# --- on an estate


@pytest.fixture
def estate() -> Iterator[Database]:
    with Database.empty() as database:
        database.insert_rows("account", [{"scope": "111122223333", "provider": "aws", "evidence": "accounts.json#1"}])
        for fact in ("identities", "workloads", "stored_secrets"):
            put_coverage(database, fact)
        for team, passing in (("payments", 1), ("data", 10), (None, 0)):
            for number in range(10 if team else 1):
                _credential(database, team, number, "pass" if number < passing else "fail")
        list_subjects(database)
        put_question(database, "Q2", "partly")
        yield database


def put_coverage(database: Database, fact: str) -> None:
    database.insert_rows("coverage", [{"fact": fact, "scope": "111122223333", "status": "collected", "evidence": "all.json"}])


def put_question(database: Database, question: str, met: str) -> None:
    row = {"question_id": question, "literal": met, "met": met, "lo": 0.5, "hi": 0.5, "numerator": 11, "denominator": 21, "unknown": 0}
    database.insert_rows("question", [{**row, "reason": "11 of 21 pass"}])


def _credential(database: Database, team: str | None, number: int, status: str) -> None:
    identity, credential = f"svc-{team}-{number}", f"key-{team}-{number}"
    common = {"provider": "aws", "scope": "111122223333"}
    database.insert_rows(
        "identity",
        [
            {
                **common,
                "identity_id": identity,
                "name": identity,
                "kind": "service_account",
                "team": team,
                "human": "nonhuman",
                "human_basis": "",
                "in_scope": True,
                "status": "active",
                "last_used_known": False,
                "evidence": f"i.json#{identity}",
            }
        ],
    )
    database.insert_rows(
        "credential",
        [
            {
                **common,
                "credential_id": credential,
                "identity_id": identity,
                "name": credential,
                "kind": "access_key",
                "role": "combined",
                "storage": "unknown",
                "storage_basis": "observed",
                "isolation": "unknown",
                "issuance": "manual",
                "last_used_known": False,
                "status": "active",
                "evidence": f"k.json#{credential}",
            }
        ],
    )
    item = {"question_id": "Q2", "subject_kind": "credential", "subject_id": credential, "status": status, "reason": "by hand"}
    database.insert_rows("question_item", [{**item, "evidence": [f"k.json#{credential}"]}])


def given(
    question: str,
    share: Share,
    tags: dict[str, str] | None = None,
    *,
    criteria: tuple[str, ...] | None = None,
    at: datetime = GIVEN,
    note: str = "",
) -> Decisions:
    where, found = Where(tags=tags or {}), asked(question)
    confirmed = criteria if criteria is not None else tuple(found.criteria) if found else ()
    answer = Answer(id=answer_id(question, where), question=question, where=where, answer=share, criteria=confirmed, note=note)
    return Decisions((Recorded(seq=1, decision=answer, who="Ana Sorel", at=at),))


def weighed(database: Database, decisions: Decisions, on: date = TODAY) -> Beside:
    lay_over(database, decisions, on=on)
    (found,) = weigh(database, decisions, LIMITS, on)
    return found


def test_an_answer_for_a_team_is_held_against_what_was_counted_of_that_team(estate: Database) -> None:
    better, worse = weighed(estate, given("Q2", Share.MOST, PAYMENTS)), weighed(estate, given("Q2", Share.SOME, DATA))

    assert (better.verdict, worse.verdict) == (Verdict.BETTER, Verdict.WORSE)
    assert better.measured is not None
    assert (better.measured.passed, better.measured.failed, better.measured.total, better.measured.untagged) == (1, 9, 10, 1)
    assert worse.measured is not None
    assert (worse.measured.passed, worse.measured.failed, worse.measured.total, worse.measured.untagged) == (10, 0, 10, 1)


def test_the_same_answers_for_the_other_team_differ_from_nothing(estate: Database) -> None:
    assert weighed(estate, given("Q2", Share.MOST, DATA)).verdict is Verdict.COMPATIBLE
    assert weighed(estate, given("Q2", Share.SOME, PAYMENTS)).verdict is Verdict.COMPATIBLE


def test_an_answer_for_everything_is_held_against_what_the_snapshot_says(estate: Database) -> None:
    found = weighed(estate, given("Q2", Share.MOST))

    assert found.verdict is Verdict.BETTER
    assert found.measured is not None
    assert (found.measured.passed, found.measured.total, found.measured.met, found.measured.untagged) == (11, 21, "partly", 0)


def test_teams_are_the_same_whatever_the_case_of_their_letters(estate: Database) -> None:
    assert weighed(estate, given("Q2", Share.MOST, {"team": "Payments"})).verdict is Verdict.BETTER


def test_the_records_that_fail_speak_against_better_and_those_that_pass_against_worse(estate: Database) -> None:
    better, worse = given("Q2", Share.MOST, PAYMENTS), given("Q2", Share.SOME, DATA)

    assert sorted(witnesses(estate, weighed(estate, better), 50)) == [f"k.json#key-payments-{number}" for number in range(1, 10)]
    assert sorted(witnesses(estate, weighed(estate, worse), 50)) == [f"k.json#key-data-{number}" for number in range(10)]


def test_what_may_be_incomplete_measures_nothing_to_differ_from(estate: Database) -> None:
    estate.execute("UPDATE main.question SET met = 'unknown'")
    assert weighed(estate, given("Q2", Share.MOST)).verdict is Verdict.BETTER  # all is listed: 11 of 21 is a bound

    estate.execute("UPDATE main.coverage SET status = 'denied' WHERE fact = 'workloads'")

    assert weighed(estate, given("Q2", Share.MOST)).verdict is Verdict.DECLARED_ONLY


def test_where_nothing_is_counted_an_answer_is_declared_only(estate: Database) -> None:
    assert weighed(estate, given("Q2", Share.MOST, {"team": "nobody"})).verdict is Verdict.DECLARED_ONLY
    assert weighed(estate, given("S1", Share.MOST)).verdict is Verdict.DECLARED_ONLY
    assert weighed(estate, given("mutual-tls", Share.MOST)).verdict is Verdict.DECLARED_ONLY


def test_an_access_path_carries_the_tags_of_its_identity(estate: Database) -> None:
    row = {
        "path_id": "path-1",
        "subject_kind": "identity",
        "subject_id": "svc-payments-1",
        "mechanism": "native",
        "rule": "native-governed",
    }
    reasons = {"lo_reason": "", "hi_reason": "", "lo_evidence": [], "hi_evidence": [], "flags": [], "critical": False}
    estate.insert_rows("access_path", [{**row, "stage_lo": 7, "stage_hi": 7, **reasons}])
    item = {"question_id": "Q3", "subject_kind": "access_path", "subject_id": "path-1", "status": "pass", "reason": "", "evidence": []}
    estate.insert_rows("question_item", [item])
    put_question(estate, "Q3", "yes")
    lay_over(estate, Decisions(), on=TODAY)

    assert measure(estate, Where(tags=PAYMENTS), LIMITS)["Q3"].total == 1
    assert measure(estate, Where(tags=DATA), LIMITS)["Q3"].total == 0


# --- what counts


def test_a_criterion_that_was_not_confirmed_makes_the_answer_unknown(estate: Database) -> None:
    found = weighed(estate, given("Q2", Share.MOST, PAYMENTS, criteria=("approved",)))

    assert (found.verdict, found.not_counted) == (Verdict.NOT_COUNTED, "criteria not confirmed: access-logged, old-copy-revoked")


def test_none_needs_no_criteria(estate: Database) -> None:
    assert weighed(estate, given("Q2", Share.NONE, PAYMENTS, criteria=())).verdict is Verdict.WORSE


def test_not_applicable_needs_a_reason_and_something_to_count_contradicts_it(estate: Database) -> None:
    assert weighed(estate, given("Q2", Share.NOT_APPLICABLE, PAYMENTS)).not_counted == "no note says why it does not apply"
    assert weighed(estate, given("Q2", Share.NOT_APPLICABLE, PAYMENTS, note="no keys here")).verdict is Verdict.NOT_APPLICABLE


def test_an_answer_holds_for_the_days_of_the_pack_and_not_one_more(estate: Database) -> None:
    answer = given("Q2", Share.MOST, PAYMENTS, at=datetime(2026, 10, 5, 23, 59))

    assert weighed(estate, answer, on=date(2027, 10, 5)).verdict is Verdict.BETTER  # 365 days
    old = weighed(estate, answer, on=date(2027, 10, 6))

    assert (old.verdict, old.not_counted) == (Verdict.NOT_COUNTED, "too old: given 366 days ago, the limit is 365")


def test_an_answer_to_a_question_that_is_not_asked_is_told_and_counts_for_nothing(estate: Database) -> None:
    found = weighed(estate, given("Q22", Share.MOST))

    assert (found.verdict, found.not_counted) == (Verdict.NOT_COUNTED, "question: 'Q22' is not asked; did you mean Q2?")
    assert estate.rows("SELECT kind, id, problem FROM decided.problem") == [
        {"kind": "answers", "id": "Q22", "problem": "question: 'Q22' is not asked; did you mean Q2?"}
    ]


def test_no_answer_changes_anything_that_was_measured(estate: Database) -> None:
    tables = {name: estate.rows(f"SELECT * FROM main.{name} ORDER BY ALL") for name in estate.tables()}

    weighed(estate, given("Q2", Share.MOST))

    assert {name: estate.rows(f"SELECT * FROM main.{name} ORDER BY ALL") for name in estate.tables()} == tables
