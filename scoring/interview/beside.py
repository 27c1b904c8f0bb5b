"""Declared answers beside what was measured on the same part of the estate. Neither ever changes the other.

An answer counts only where it fits a question, is young enough, and every criterion was confirmed; otherwise it is unknown for every purpose.
Two that cannot both be true are a disagreement: the declared share and the measured one have no value in common.

    declared                       share that it says
    none                           0
    some                           more than 0, less than 50 %
    half                           from 50 % to below answer_yes_percent
    most                           from answer_yes_percent to 100 %
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

from inventory.database import Database
from inventory.decisions import TAGS, Answer, Decisions, Recorded, Share, Where
from scoring.interview import InterviewQuestion, asked, fault
from scoring.packs import limit
from scoring.questions import QUESTIONS, Question, gap, verdict

HALF = Fraction(1, 2)


class Verdict(StrEnum):
    """What an answer and the measurement say together."""

    BETTER = "better"
    """Declared better than measured."""
    WORSE = "worse"
    """Declared worse than measured."""
    NOT_APPLICABLE = "not_applicable"
    """Declared not applicable, and there is something to count."""
    COMPATIBLE = "compatible"
    """Both can be true."""
    DECLARED_ONLY = "declared_only"
    """Nothing measured to hold it against."""
    NOT_COUNTED = "not_counted"


DIFFERS = (Verdict.BETTER, Verdict.WORSE, Verdict.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A question of the model, counted on a part of the estate."""

    passed: int
    failed: int
    unknown: int
    met: str
    """yes, partly, no, unknown or not_applicable."""
    reason: str
    bounded: bool
    """The share lies between `lo` and `hi`: all that should be counted is listed, or an answer was given."""
    untagged: int
    """Subjects that name no such team, environment …: they may belong here, and are not counted."""

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.unknown

    @property
    def lo(self) -> Fraction | None:
        """Share that passes if every unknown fails."""
        return Fraction(self.passed, self.total) if self.total else None

    @property
    def hi(self) -> Fraction | None:
        """Share that passes if every unknown passes."""
        return Fraction(self.passed + self.unknown, self.total) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One standing answer with what it is worth."""

    answer: Answer
    recorded: Recorded
    question: InterviewQuestion | None
    """None: its id is not asked (any more)."""
    measured: Measured | None
    """None: no export shows it."""
    not_counted: str | None
    """Why the answer is unknown for every purpose."""
    verdict: Verdict


def weigh(database: Database, decisions: Decisions, thresholds: Mapping[str, float], on: date) -> list[Beside]:
    """Every standing answer beside the measurement, in the order of recording. Needs `lay_over` before. `on`: the day of reading."""
    given = [(answer, recorded, asked(answer.question)) for answer, recorded in decisions.of(Answer)]
    places = {str(answer.where): answer.where for answer, _, question in given if question and question.measured_by}
    counted = dict(zip(places, measure_each(database, list(places.values()), thresholds), strict=True))
    found = []
    for answer, recorded, question in given:
        measured = counted[str(answer.where)].get(question.measured_by) if question and question.measured_by else None
        why = not_counted(answer, recorded, thresholds, on)
        found.append(
            Beside(
                answer=answer,
                recorded=recorded,
                question=question,
                measured=measured,
                not_counted=why,
                verdict=Verdict.NOT_COUNTED if why else compare(answer.answer, measured, limit(thresholds, "answer_yes_percent")),
            )
        )
    return found


def not_counted(answer: Answer, recorded: Recorded, thresholds: Mapping[str, float], on: date) -> str | None:
    """Why an answer is unknown for every purpose; None where it counts."""
    if problem := fault(answer):
        return problem
    oldest, age = limit(thresholds, "answer_max_age_days"), (on - recorded.at.date()).days
    if age > oldest:
        return f"too old: given {age} days ago, the limit is {oldest:g}"
    if answer.answer is Share.NOT_APPLICABLE and not answer.note:
        return "no note says why it does not apply"
    question = asked(answer.question)
    missing = [name for name in question.criteria if name not in answer.criteria] if question else []
    if missing and answer.answer not in (Share.NONE, Share.NOT_APPLICABLE):
        return f"criteria not confirmed: {', '.join(missing)}"
    return None


def compare(declared: Share, measured: Measured | None, yes_percent: float) -> Verdict:
    """Whether the declared and the measured share have a value in common, and if not, which is the better one."""
    if measured is None or not measured.bounded or measured.lo is None or measured.hi is None:
        return Verdict.DECLARED_ONLY
    if declared is Share.NOT_APPLICABLE:
        return Verdict.NOT_APPLICABLE
    lo, hi, yes = measured.lo, measured.hi, Fraction(str(yes_percent)) / 100
    better = {Share.NONE: False, Share.SOME: hi == 0, Share.HALF: hi < HALF, Share.MOST: hi < yes}[declared]
    worse = {Share.NONE: lo > 0, Share.SOME: lo >= HALF, Share.HALF: lo >= yes, Share.MOST: False}[declared]
    return Verdict.BETTER if better else Verdict.WORSE if worse else Verdict.COMPATIBLE


def measure(database: Database, where: Where, thresholds: Mapping[str, float]) -> dict[str, Measured]:
    """Every question of the model on a part of the estate, by id. Without tags what the snapshot says; with tags counted again."""
    [found] = measure_each(database, [where], thresholds)
    return found


def measure_each(database: Database, places: Sequence[Where], thresholds: Mapping[str, float]) -> list[dict[str, Measured]]:
    """As `measure`, for each of several parts: the estate is gone through once for all of them."""
    told = {row["question_id"]: row for row in database.rows(TOLD)}
    counts: dict[int, dict[str, dict[str, int]]] = {}
    parts = [{"part": number, **where.tags} for number, where in enumerate(places) if not where.everything]
    if parts:
        whole = [{name: part.get(name) for name in ("part", *TAGS)} for part in parts]
        for row in database.rows(COUNTS, {"parts": whole}):
            counts.setdefault(row["part"], {}).setdefault(row["question_id"], {})[row["status"]] = row["n"]
    return [_measured(database, where, thresholds, told, counts.get(number, {})) for number, where in enumerate(places)]


def _measured(
    database: Database,
    where: Where,
    thresholds: Mapping[str, float],
    told: Mapping[str, Mapping[str, Any]],
    counts: Mapping[str, Mapping[str, int]],
) -> dict[str, Measured]:
    """The questions on one part, from what the snapshot says of all (`told`) and what was counted there."""
    scopes = _accounts(database, where)
    bands = {"yes": limit(thresholds, "answer_yes_percent"), "no": limit(thresholds, "answer_no_percent")}
    found = {}
    for question in QUESTIONS:
        if question.id in told:
            number = told[question.id] if where.everything else counts.get(question.id, {})
            passed, failed, unknown = (number.get(status, 0) for status in ("pass", "fail", "unknown"))
            if where.everything:
                met, reason = told[question.id]["met"], told[question.id]["reason"]
            elif passed + failed + unknown:
                met, reason = verdict(database, question, bands, passed, failed, unknown, scopes)
            else:
                met, reason = "unknown", "nothing is counted here"
            found[question.id] = Measured(
                passed=passed,
                failed=failed,
                unknown=unknown,
                met=met,
                reason=reason,
                bounded=met != "unknown" or _listed(database, question, scopes),
                untagged=number.get("untagged", 0),
            )
    return found


def _listed(database: Database, question: Question, scopes: Sequence[str] | None) -> bool:
    """All that the question counts is listed, so that the bounds bound something."""
    facts = dict.fromkeys((*question.needs_everywhere, *question.listed_by))
    return not facts or not gap(database, list(facts), scopes)


def _accounts(database: Database, where: Where) -> list[str] | None:
    """The accounts that can hold such subjects; None for all."""
    if "account" in where.tags:
        return [where.tags["account"]]
    if "provider" in where.tags:
        query = "SELECT scope FROM main.account WHERE lower(provider) = lower($provider) ORDER BY 1"
        return [row["scope"] for row in database.rows(query, {"provider": where.tags["provider"]})]
    return None


def witnesses(database: Database, beside: Beside, most: int) -> list[str]:
    """Evidence of the subjects that speak against an answer: those that fail where it says better, those that pass where it says worse."""
    if beside.question is None or beside.question.measured_by is None:
        return []
    statuses = {Verdict.BETTER: ["fail"], Verdict.WORSE: ["pass"]}.get(beside.verdict, ["fail", "unknown", "pass"])
    rows = database.rows(
        WITNESSES, {**_tags(beside.answer.where), "question": beside.question.measured_by, "statuses": statuses, "most": most}
    )
    return list(dict.fromkeys(reference for row in rows for reference in row["evidence"]))[:most]


def _tags(where: Where) -> dict[str, Any]:
    return {f"tag_{name}": where.tags.get(name) for name in TAGS}


FOLDS = {"team": "lower", "environment": "lower", "provider": "lower", "account": "", "kind": ""}
"""How each tag is compared."""


def _here(of: str, wanted: str) -> str:
    """SQL: whether a subject belongs to a part of the estate; NULL where it names no such tag."""
    return " AND ".join(
        f"CASE WHEN {wanted}{name} IS NULL THEN true ELSE {fold}({of}{name}) = {fold}({wanted}{name}) END" for name, fold in FOLDS.items()
    )


ITEM = """
        SELECT i.question_id, i.status, i.subject_kind AS item_kind, i.subject_id, s.team, s.environment, s.provider, s.scope AS account, s.kind
        FROM main.question_item AS i
        LEFT JOIN main.access_path AS p ON i.subject_kind = 'access_path' AND p.path_id = i.subject_id
        LEFT JOIN main.subject AS s
            ON s.subject_kind = coalesce(p.subject_kind, i.subject_kind) AND s.subject_id = coalesce(p.subject_id, i.subject_id)
"""
"""Every counted subject, with its tags."""

TOLD = "SELECT question_id, met, reason, numerator AS pass, denominator - numerator - unknown AS fail, unknown FROM main.question"

COUNTS = f"""
    WITH part AS (
        SELECT unnest(CAST($parts AS STRUCT(part BIGINT, {", ".join(f"{name} VARCHAR" for name in TAGS)})[]), max_depth := 2)
    ), counted AS MATERIALIZED (
        SELECT question_id, status, {", ".join(TAGS)}, count(*) AS n FROM ({ITEM}) AS item GROUP BY ALL
    ), placed AS (
        SELECT part.part, counted.question_id, counted.status, counted.n, {_here("counted.", "part.")} AS here
        FROM counted CROSS JOIN part
    )
    SELECT part, question_id, CASE WHEN here IS NULL THEN 'untagged' ELSE status END AS status, CAST(sum(n) AS BIGINT) AS n
    FROM placed
    WHERE here IS NOT FALSE
    GROUP BY ALL
"""

WITNESSES = f"""
    WITH shown AS MATERIALIZED (
        SELECT item_kind, subject_id, status
        FROM (SELECT *, {_here("", "$tag_")} AS here FROM ({ITEM}) AS item)
        WHERE here AND question_id = $question AND list_contains($statuses, status)
        ORDER BY list_position($statuses, status), subject_id
        LIMIT $most
    )
    SELECT i.evidence
    FROM shown AS s
    JOIN main.question_item AS i ON i.question_id = $question AND i.subject_kind = s.item_kind AND i.subject_id = s.subject_id
    ORDER BY list_position($statuses, s.status), s.subject_id
"""
