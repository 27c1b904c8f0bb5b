"""The interview: every question with what is declared and what was measured, and the disagreements as findings.

What an answer is worth is decided in scoring/interview; a view arranges it. Every database here has had the decisions laid over it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from inventory.database import Database
from inventory.decision_file import answer_id
from inventory.decisions import EVERYWHERE, Answer, Decisions, Recorded, Share, Where
from inventory.lake import Snapshot
from reports.views.evidence import Rows, located
from reports.views.summary import thresholds
from scoring.interview import InterviewQuestion, differs, interview
from scoring.interview.beside import DIFFERS, Beside, Measured, Verdict, measure, weigh, witnesses
from scoring.packs import limit

SHARES = {
    Share.NONE: "none",
    Share.SOME: "some",
    Share.HALF: "at least half",
    Share.MOST: "most or all",
    Share.NOT_APPLICABLE: "not applicable",
}
"""The answers, in words."""

VERDICTS = {
    Verdict.BETTER: "declared better than measured",
    Verdict.WORSE: "declared worse than measured",
    Verdict.NOT_APPLICABLE: "declared not applicable, yet there is something to count",
    Verdict.COMPATIBLE: "both can be true",
    Verdict.DECLARED_ONLY: "declared only",
    Verdict.NOT_COUNTED: "not counted",
}

RECORDS = 200
"""At most this many records behind the measured share go with a disagreement."""


def questions(database: Database, snapshot: Snapshot, decisions: Decisions, on: date, where: Where = EVERYWHERE) -> Rows:
    """Every question for one part of the estate: words, criteria, `measured` (None: nothing measures it), `declared` (None: no answer)."""
    return _questions(database, snapshot, weigh(database, decisions, thresholds(snapshot), on), where)


def _questions(database: Database, snapshot: Snapshot, weighed: list[Beside], where: Where) -> Rows:
    counted = measure(database, where, thresholds(snapshot))
    answers = {one.answer.id: one for one in weighed}
    checks = _checks(database)
    return [
        {
            **_words(question),
            "measured": measured_row(counted.get(question.measured_by)) if question.measured_by else None,
            "checks": [checks[check] for check in question.checks if check in checks],
            "declared": declared_row(answers.get(answer_id(question.id, where))),
        }
        for question in interview()
    ]


def _words(question: InterviewQuestion) -> dict[str, Any]:
    return {
        "id": question.id,
        "topic": question.topic,
        "text": question.text,
        "relates": list(question.relates),
        "criteria": dict(question.criteria),
        "help": question.help,
        "controls": list(question.controls),
        "measured_by": question.measured_by,
    }


def measured_row(measured: Measured | None) -> dict[str, Any] | None:
    """A measurement as plain values; `share` in words."""
    if measured is None:
        return None
    return {
        "met": measured.met,
        "reason": measured.reason,
        "lo": None if measured.lo is None else float(measured.lo),
        "hi": None if measured.hi is None else float(measured.hi),
        "share": share_words(measured),
        "passed": measured.passed,
        "failed": measured.failed,
        "unknown": measured.unknown,
        "n": measured.total,
        "untagged": measured.untagged,
    }


def share_words(measured: Measured) -> str:
    """`5–40.5 %`, or that nothing was counted."""
    if measured.lo is None or measured.hi is None:
        return "nothing counted"
    low, high = (f"{100 * float(share):.1f}".removesuffix(".0") for share in (measured.lo, measured.hi))
    return f"{low} %" if low == high else f"{low}–{high} %"


def declared_row(beside: Beside | None) -> dict[str, Any] | None:
    """An answer as plain values, with what it is worth."""
    if beside is None:
        return None
    answer, recorded = beside.answer, beside.recorded
    return {
        "id": answer.id,
        "question": answer.question,
        "about": str(answer.where),
        "answer": str(answer.answer),
        "words": SHARES[answer.answer],
        "criteria": list(answer.criteria),
        "note": answer.note,
        "links": list(answer.links),
        "who": recorded.who,
        "at": recorded.at,
        "by": f"{recorded.who}, {recorded.at:%Y-%m-%d}",
        "counts": beside.not_counted is None,
        "not_counted": beside.not_counted,
        "verdict": str(beside.verdict),
        "says": f"not counted: {beside.not_counted}" if beside.not_counted else VERDICTS[beside.verdict],
        "differs": beside.verdict in DIFFERS,
    }


def history(log: Iterable[Recorded], question: str, where: Where) -> Rows:
    """Every answer ever given to a question for a part of the estate, newest first."""
    wanted = answer_id(question, where)
    return [
        {
            "at": entry.at,
            "who": entry.who,
            "words": "withdrawn" if entry.withdrawn else SHARES[entry.decision.answer],
            "criteria": list(entry.decision.criteria),
            "note": entry.decision.note,
            "links": list(entry.decision.links),
        }
        for entry in log
        if isinstance(entry.decision, Answer) and entry.decision.id == wanted
    ][::-1]


def progress(rows: Rows) -> dict[str, int]:
    """How many of the questions are answered, count and differ."""
    declared = [row["declared"] for row in rows if row["declared"]]
    return {
        "questions": len(rows),
        "answered": len(declared),
        "counted": sum(row["counts"] for row in declared),
        "differ": sum(row["differs"] for row in declared),
    }


def answers(database: Database, snapshot: Snapshot, decisions: Decisions, on: date) -> Rows:
    """Every standing answer, of every part of the estate, with the measured share of the same part; those that differ first."""
    return _answers(weigh(database, decisions, thresholds(snapshot), on))


def _answers(weighed: list[Beside]) -> Rows:
    found = [
        {**row, "measured": measured_row(one.measured), "text": one.question.text if one.question else None}
        for one in weighed
        if (row := declared_row(one)) is not None
    ]
    order = [question.id for question in interview()]
    return sorted(found, key=lambda row: (not row["differs"], order.index(row["question"]) if row["question"] in order else 99, row["id"]))


def disagreements(database: Database, snapshot: Snapshot, decisions: Decisions, on: date) -> Rows:
    """Answers that the measurement contradicts, as findings: the records behind the measured share, and who declared what, when and why."""
    return _disagreements(database, weigh(database, decisions, thresholds(snapshot), on))


def _disagreements(database: Database, weighed: list[Beside]) -> Rows:
    finding = differs()
    return [
        {
            "check_id": finding.check_id,
            "subject_kind": "answer",
            "subject_id": one.answer.id,
            "subject_name": f"{one.answer.question} for {one.answer.where}",
            "identity_id": None,
            "scope": one.answer.where.tags.get("account"),
            "status": "fail",
            "severity": finding.severity[one.verdict],
            "reason": reason(one),
            "evidence": [located(reference) for reference in witnesses(database, one, RECORDS)],
            "maps_to": list(finding.maps_to),
            "exception": None,  # none can be made for an answer: correct it
            "declared": declared_row(one),
            "measured": measured_row(one.measured),
        }
        for one in weighed
        if one.verdict in DIFFERS and one.measured is not None
    ]


def reason(one: Beside) -> str:
    """One sentence that holds both."""
    measured = one.measured
    if measured is None:
        return VERDICTS[one.verdict]
    untagged = f"; {measured.untagged} more do not say whether they belong here" if measured.untagged else ""
    return (
        f"{VERDICTS[one.verdict]}: {SHARES[one.answer.answer]}, by {one.recorded.who} on {one.recorded.at:%Y-%m-%d}; measured {share_words(measured)}"
        f" ({measured.passed} of {measured.total} pass, {measured.failed} fail, {measured.unknown} not known{untagged})"
    )


def by_question(rows: Rows) -> dict[str, dict[str, Any]]:
    """The answers for everything by question of the model that measures it: what stands beside the five questions."""
    asks = {question.id: question.measured_by for question in interview() if question.measured_by}
    return {asks[row["question"]]: row for row in rows if row["question"] in asks and row["about"] == str(EVERYWHERE)}


def bands(snapshot: Snapshot) -> Rows:
    """Which share each answer says."""
    yes = f"{limit(thresholds(snapshot), 'answer_yes_percent'):g}"
    return [
        {"answer": SHARES[Share.NONE], "share": "0 %"},
        {"answer": SHARES[Share.SOME], "share": "more than 0 %, less than 50 %"},
        {"answer": SHARES[Share.HALF], "share": f"from 50 %, less than {yes} %"},
        {"answer": SHARES[Share.MOST], "share": f"from {yes} %"},
    ]


def where_options(database: Database) -> dict[str, list[str]]:
    """What a part of the estate can be named by, and the values there are."""
    columns = {"team": "team", "environment": "environment", "provider": "provider", "account": "scope"}
    return {
        tag: [
            row["value"] for row in database.rows(f"SELECT DISTINCT {name} AS value FROM main.subject WHERE {name} IS NOT NULL ORDER BY 1")
        ]
        for tag, name in columns.items()
    }


def _checks(database: Database) -> dict[str, dict[str, Any]]:
    found = database.rows("SELECT check_id, population, passed, failed, unknown FROM check_result ORDER BY check_id")
    return {row["check_id"]: row for row in found}


def section(database: Database, snapshot: Snapshot, decisions: Decisions, on: date) -> dict[str, Any]:
    """What the report's section and its five questions show."""
    weighed = weigh(database, decisions, thresholds(snapshot), on)
    rows, standing = _questions(database, snapshot, weighed, EVERYWHERE), _answers(weighed)
    return {
        "progress": progress(rows),
        "questions": rows,
        "answers": standing,
        "beside": by_question(standing),
        "findings": _disagreements(database, weighed),
        "bands": bands(snapshot),
        "on": on,
    }
