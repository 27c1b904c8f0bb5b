"""Decisions as YAML: what is written is read back, and what cannot be read says where, which field, and what to write."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.decision_file import DecisionError, answer_id, dump, parse
from inventory.decisions import (
    TAGS,
    Action,
    ActionStatus,
    Answer,
    Decision,
    Decisions,
    OwnerAssignment,
    PolicyException,
    Recorded,
    Share,
    Target,
    Where,
)

TEXT = st.text(min_size=1, max_size=40).map(str.strip).filter(bool)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
NOTE = st.just("") | TEXT
BY_TAGS = st.dictionaries(st.sampled_from(TAGS), TEXT, min_size=1).map(lambda tags: Where(tags=dict(sorted(tags.items()))))
BY_IDS = st.lists(TEXT, min_size=1, max_size=3).map(lambda ids: Where(ids=tuple(ids)))
BY_QUERY = TEXT.map(lambda query: Where(query=query))
SOMETHING = BY_TAGS | BY_IDS | BY_QUERY
TAGS_OR_ALL = st.just(Where()) | BY_TAGS
DAY = st.dates(min_value=date(1970, 1, 1), max_value=date(2200, 12, 31))


@st.composite
def an_answer(draw: st.DrawFn) -> Answer:
    question, where = draw(TEXT), draw(TAGS_OR_ALL)
    return Answer(
        id=answer_id(question, where),
        question=question,
        where=where,
        answer=draw(st.sampled_from(Share)),
        criteria=draw(TEXTS),
        note=draw(NOTE),
        links=draw(TEXTS),
    )


DECISIONS: st.SearchStrategy[Decision] = st.one_of(
    an_answer(),
    st.builds(
        PolicyException,
        id=TEXT,
        where=SOMETHING,
        checks=st.lists(TEXT, min_size=1, max_size=3).map(tuple),
        reason=TEXT,
        approver=TEXT,
        expires=DAY,
    ),
    st.builds(OwnerAssignment, id=TEXT, where=SOMETHING, owner=TEXT, note=NOTE),
    st.builds(
        Action,
        id=TEXT,
        title=TEXT,
        move=st.none() | TEXT,
        where=st.just(Where()) | SOMETHING,
        owner=st.none() | TEXT,
        due=st.none() | DAY,
        status=st.sampled_from(ActionStatus),
        note=NOTE,
    ),
    st.builds(Target, id=TEXT, where=TAGS_OR_ALL, stage=st.integers(1, 7), by=DAY, phase=st.none() | TEXT, note=NOTE),
)

MOMENT = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)).map(lambda at: at.replace(microsecond=0))


@given(st.lists(st.tuples(DECISIONS, TEXT, MOMENT), max_size=6, unique_by=lambda row: (row[0].kind, row[0].id)))
def test_what_is_written_is_read_back_with_who_and_when(made: list[tuple[Decision, str, datetime]]) -> None:
    recorded = tuple(Recorded(seq=seq, decision=what, who=who, at=at) for seq, (what, who, at) in enumerate(made, start=1))

    entries, problems = parse(dump(Decisions(recorded)), "decisions.yaml")

    assert problems == []
    key = lambda row: (row[0].kind, row[0].id)  # noqa: E731  two uses, one line
    assert sorted(((one.decision, one.who, one.at) for one in entries), key=key) == sorted(made, key=key)


def test_the_same_decisions_give_the_same_text_in_whatever_order_they_were_made() -> None:
    made = [
        Recorded(seq=1, decision=Target(id="b", stage=5, by=date(2026, 12, 31)), who="Ana", at=datetime(2026, 10, 1)),
        Recorded(seq=2, decision=Target(id="a", stage=4, by=date(2026, 6, 30)), who="Ana", at=datetime(2026, 10, 1)),
    ]

    assert dump(Decisions(tuple(made))) == dump(Decisions(tuple(made[::-1])))


def test_a_time_with_a_zone_is_kept_in_utc() -> None:
    text = "answers: [{question: Q1, answer: none, who: Ana, at: 2026-10-02T09:14:00+02:00}]"

    assert [entry.at for entry in parse(text, "f")[0]] == [datetime(2026, 10, 2, 7, 14, tzinfo=UTC).replace(tzinfo=None)]


def test_a_question_that_nobody_filled_in_is_no_answer_and_no_problem() -> None:
    text = "answers:\n  - question: Q1\n    answer:\n    criteria:\n    who:\n  - question: Q2\n    answer: none\n"

    entries, problems = parse(text, "f")

    assert ([entry.decision.id for entry in entries], problems) == (["Q2"], [])


def test_one_bad_entry_stops_none_of_the_others() -> None:
    text = "answers: [{question: Q1, answer: all}, {question: Q2, answer: most}]"

    entries, problems = parse(text, "f")

    assert [entry.decision.id for entry in entries] == ["Q2"]
    assert problems == ["f: answers 1: answer: 'all' is none of none, some, half, most, not_applicable"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("answers: [", "f: not YAML: "),
        ("[]", "f: must hold lists by name: answers, exceptions, owners, actions, targets"),
        ("", "f: must hold lists by name"),
    ],
)
def test_a_file_that_is_none_of_decisions_is_refused(text: str, problem: str) -> None:
    with pytest.raises(DecisionError, match=problem):
        parse(text, "f")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("answer: []", "f: answer: unknown; a file of decisions holds answers, exceptions, owners, actions, targets"),
        ("answers: Q1", "f: answers: must be a list"),
        ("answers: [Q1]", "f: answers 1: must hold fields by name"),
        ("answers: [{answer: most}]", "f: answers 1: question: missing"),
        ("answers: [{question: Q1}]", "f: answers 1: answer: None is none of none, some, half, most, not_applicable"),
        ("answers: [{question: Q1, anwser: most}]", "f: answers 1: anwser: unknown; did you mean answer?"),
        (
            "answers: [{question: Q1, answer: most, zzzz: 1}]",
            "f: answers 1: zzzz: unknown; one of answer, criteria, id, links, note, question, where",
        ),
        (
            "answers: [{question: Q1, answer: most, id: mine}]",
            "f: answers 1 (mine): id: leave it out, or write Q1: there is one answer to a question and a scope",
        ),
        (
            "answers: [{question: Q1, answer: most, where: {ids: [a]}}]",
            "f: answers 1: where: only tags can be named here: team, environment, provider, account, kind",
        ),
        (
            "answers: [{question: Q1, answer: most, where: {squad: a}}]",
            "f: answers 1: where: squad: unknown; write ids, query or a tag: team, environment, provider, account, kind",
        ),
        (
            "answers: [{question: Q1, answer: most, where: {account: 111122223333}}]",
            "f: answers 1: where: account: must be a text, in quotes where it looks like a number",
        ),
        ("answers: [{question: Q1, answer: most, where: [a]}]", "f: answers 1: where: must hold ids, tags or a query"),
        ("answers: [{question: Q1, answer: most, criteria: scanned}]", "f: answers 1: criteria: must be a list of texts"),
        ("answers: [{question: Q1, answer: most, note: true}]", "f: answers 1: note: must be a text, not True"),
        (
            f"answers: [{{question: Q1, answer: most, note: {'n' * 4001}}}]",
            "f: answers 1: note: longer than 4,000 characters; keep the document elsewhere and link it",
        ),
        (
            "answers: [{question: Q1, answer: most, at: yesterday}]",
            "f: answers 1: at: write a time such as 2026-10-02T09:14:00Z, not 'yesterday'",
        ),
        (
            "exceptions: [{id: x, checks: [c], reason: r, approver: p, expires: 2026-12-31}]",
            "f: exceptions 1 (x): where: say what is excepted: ids, tags or a query",
        ),
        (
            "exceptions: [{id: x, where: {ids: [a]}, reason: r, approver: p, expires: 2026-12-31}]",
            "f: exceptions 1 (x): checks: name the checks whose findings are accepted, or '*' for all",
        ),
        (
            "exceptions: [{id: x, where: {ids: [a], team: t}, checks: [c], reason: r, approver: p, expires: 2026-12-31}]",
            "f: exceptions 1 (x): where: write one of ids, tags or a query",
        ),
        (
            "exceptions: [{id: x, where: {ids: [a]}, checks: [c], approver: p, expires: 2026-12-31}]",
            "f: exceptions 1 (x): reason: missing",
        ),
        (
            "exceptions: [{id: x, where: {ids: [a]}, checks: [c], reason: r, expires: 2026-12-31}]",
            "f: exceptions 1 (x): approver: missing",
        ),
        (
            "exceptions: [{id: x, where: {ids: [a]}, checks: [c], reason: r, approver: p, expires: soon}]",
            "f: exceptions 1 (x): expires: write YYYY-MM-DD, not 'soon'",
        ),
        ("owners: [{id: x, owner: o}]", "f: owners 1 (x): where: say what is owned: ids, tags or a query"),
        ("owners: [{id: x, where: {team: t}}]", "f: owners 1 (x): owner: missing"),
        ("actions: [{id: x}]", "f: actions 1 (x): title: missing"),
        ("actions: [{id: x, title: t, status: later}]", "f: actions 1 (x): status: 'later' is none of open, doing, done, dropped"),
        ("actions: [{id: x, title: t, due: 2026-13-01}]", "f: actions 1 (x): due: write YYYY-MM-DD, not '2026-13-01'"),
        ("targets: [{id: x, stage: 8, by: 2026-12-31}]", "f: targets 1 (x): stage: must be a number from 1 to 7, not 8"),
        ("targets: [{id: x, stage: true, by: 2026-12-31}]", "f: targets 1 (x): stage: must be a number from 1 to 7, not True"),
        ("targets: [{id: x, stage: 5}]", "f: targets 1 (x): by: write YYYY-MM-DD, not None"),
    ],
)
def test_what_cannot_be_used_says_where_which_field_and_what_to_write(text: str, problem: str) -> None:
    entries, problems = parse(text, "f")

    assert entries == []
    assert problems == [problem]
