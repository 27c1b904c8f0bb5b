"""The five questions and our two supplementary ones: items by SQL, then answers with bounds.

An answer is issued only when both bounds fall in one band; otherwise it is unknown, between a and b. Missing evidence never answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from inventory.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, its polarity, and the facts without which it cannot be answered."""

    id: str
    text: str
    bad_if_yes: bool
    """A literal yes is bad news."""
    counted: str
    """What is counted, for the reader."""
    needs_everywhere: tuple[str, ...] = ()
    """Facts that every account must have supplied, or the denominator is not known."""
    listed_by: tuple[str, ...] = ()
    """Facts that list what is counted. Where one is missing, more may fail: no yes, and never `not applicable`."""
    needs_scan: bool = False
    """Nothing to count is an answer only where the code was scanned."""
    uses: tuple[str, ...] = ()
    """Facts whose dates the answer carries."""


QUESTIONS = (
    Question(
        id="Q1",
        text="Do we have hardcoded credentials in our applications?",
        bad_if_yes=True,
        counted="static credentials not found in code",
        listed_by=("identities",),
        needs_scan=True,
        uses=("secret_scan", "access_keys"),
    ),
    Question(
        id="Q2",
        text="Do we store secrets in a centralized secrets manager?",
        bad_if_yes=False,
        counted="static credentials known to rest in an approved manager",
        listed_by=("identities", "workloads", "stored_secrets"),
        uses=("access_keys", "stored_secrets", "workloads"),
    ),
    Question(
        id="Q3",
        text="Do we separate identity credentials from access credentials?",
        bad_if_yes=False,
        counted="access paths that use short-lived tokens (derived from the credential's type)",
        listed_by=("identities", "trust"),
        uses=("trust", "access_keys"),
    ),
    Question(
        id="Q4",
        text="Do we use platform-native identities where possible?",
        bad_if_yes=False,
        counted="workloads with a native identity and no static key",
        needs_everywhere=("workloads",),
        listed_by=("workloads",),
        uses=("workloads",),
    ),
    Question(
        id="Q5",
        text="Do we have centralized policies for non-human access?",
        bad_if_yes=False,
        counted="machine identities under an enforced, logged organisation policy and without inline policies",
        listed_by=("identities",),
        uses=("guardrails", "audit_log", "policies"),
    ),
    Question(
        id="S1",
        text="Is anything reachable without authentication? (our addition: the five questions leave stage 1 out)",
        bad_if_yes=True,
        counted="resources that refuse callers with no identity",
        needs_everywhere=("resource_policies", "trust"),
        listed_by=("resource_policies", "trust"),
        uses=("resource_policies",),
    ),
    Question(
        id="S4",
        text="Are credentials isolated per environment? (our addition: the five questions leave stage 4 out)",
        bad_if_yes=False,
        counted="static credentials used in exactly one environment",
        listed_by=("identities", "workloads"),
        uses=("workloads", "access_keys"),
    ),
)


def ask(database: Database, *, bands: Mapping[str, float], unused_days: int) -> None:
    """Fill question_item and question. `bands`: `yes` and `no` in percent."""
    sql = (files("scoring") / "questions" / "items.sql").read_text(encoding="utf-8")
    limits = {"unused_days": unused_days}
    database.script(sql, limits)
    database.insert_rows("question", [_answer(database, question, bands) for question in QUESTIONS])


def answers_left(database: Database, left: str, bands: Mapping[str, float]) -> list[dict[str, Any]]:
    """The answers, as rows of the table `question`, when only the items in the schema `left` are counted: some of those in `main`.

    A question that loses no item keeps its answer. Where none is left nothing is claimed: the evidence that an empty count asks for is that
    of the whole.
    """
    measured = {row["question_id"]: row for row in database.rows("SELECT * FROM main.question")}
    all_items, items_left = _counted(database, "main"), _counted(database, left)
    answers = []
    for question in QUESTIONS:
        before, n = measured.get(question.id), items_left.get(question.id, 0)
        if before is None:
            continue
        if n == all_items.get(question.id, 0):
            answers.append(before)
        elif n:
            answers.append(_answer(database, question, bands, left))
        else:
            nothing = {"literal": "unknown", "met": "unknown", "lo": None, "hi": None, "numerator": 0, "denominator": 0, "unknown": 0}
            answers.append({**before, **nothing, "reason": f"all {before['denominator']} that it counts are excepted"})
    return answers


def _counted(database: Database, schema: str) -> dict[str, int]:
    rows = database.rows(f"SELECT question_id, count(*) AS n FROM {schema}.question_item GROUP BY question_id")
    return {row["question_id"]: row["n"] for row in rows}


def band(part: int, whole: int, bands: Mapping[str, float]) -> str:
    """yes, partly or no for `part` of `whole` met. In whole numbers, so that exactly 90 % is 90 %."""
    percent = 100 * part
    return "yes" if percent >= bands["yes"] * whole else "no" if percent < bands["no"] * whole else "partly"


def _answer(database: Database, question: Question, bands: Mapping[str, float], schema: str = "main") -> dict[str, Any]:
    counts = {row["status"]: row["n"] for row in database.rows(
        f"SELECT status, count(*) AS n FROM {schema}.question_item WHERE question_id = $id GROUP BY status", {"id": question.id}
    )}  # fmt: skip
    passed, failed, unknown = (counts.get(status, 0) for status in ("pass", "fail", "unknown"))
    total = passed + failed + unknown
    lo, hi = (passed / total, (passed + unknown) / total) if total else (None, None)
    met, reason = verdict(database, question, bands, passed, failed, unknown) if total else _nothing(database, question)
    opposite = {"yes": "no", "no": "yes"}
    return {
        "question_id": question.id,
        "literal": opposite.get(met, met) if question.bad_if_yes else met,
        "met": met,
        "lo": lo,
        "hi": hi,
        "numerator": passed,
        "denominator": total,
        "unknown": unknown,
        "reason": reason,
        "data_date": database.value(
            "SELECT min(collected_at) FROM main.coverage WHERE status IN ('collected', 'partial', 'stale') AND list_contains($facts, fact)",
            {"facts": list(question.uses)},
        ),
    }


def verdict(
    database: Database,
    question: Question,
    bands: Mapping[str, float],
    passed: int,
    failed: int,
    unknown: int,
    scopes: Sequence[str] | None = None,
) -> tuple[str, str]:
    """(control met, why) where there is something to count. `scopes`: only these accounts can hold more; all of ours if left out."""
    total = passed + failed + unknown
    if question.bad_if_yes and failed:
        return "no", f"{failed} of {total} fail: one is enough"
    if question.needs_everywhere and (lacking := gap(database, question.needs_everywhere, scopes)):
        return "unknown", f"cannot be answered before {lacking} is supplied; so far {passed} of {total} pass"
    shown = f"{passed} of {total} {question.counted}"
    if question.bad_if_yes:
        met, reason = ("unknown" if unknown else "yes"), f"{shown}; {unknown} not known" if unknown else shown
    else:
        met, highest = band(passed, total, bands), band(passed + unknown, total, bands)
        reason = f"{shown}; {unknown} not known"
        if met != highest:
            return "unknown", f"between {passed / total:.0%} and {(passed + unknown) / total:.0%}: {unknown} of {total} not known"
    if met == "yes" and (lacking := gap(database, question.listed_by, scopes)):
        return "unknown", f"{shown}, but there may be more: {lacking} is not known"
    return met, reason


def _nothing(database: Database, question: Question) -> tuple[str, str]:
    """The verdict on nothing: it does not apply only where all that could be counted was collected."""
    if question.needs_everywhere and (lacking := gap(database, question.needs_everywhere)):
        return "unknown", f"cannot be answered before {lacking} is supplied; so far 0 of 0 pass"
    if lacking := gap(database, question.listed_by):
        return "unknown", f"nothing to count, and {lacking} is not known"
    if question.needs_scan and not database.value("SELECT enough FROM work.scan"):
        return "unknown", str(database.value("SELECT reason FROM work.scan"))
    return "not_applicable", "collected, and there is nothing to count"


def gap(database: Database, facts: Sequence[str], scopes: Sequence[str] | None = None) -> str:
    """Which of the facts some account of ours (of `scopes`, where given) did not supply, in words; empty when none."""
    accounts = [
        row["scope"]
        for row in database.rows("SELECT scope FROM main.account UNION SELECT scope FROM main.identity WHERE scope IS NOT NULL ORDER BY 1")
        if scopes is None or row["scope"] in scopes
    ]
    if not accounts:
        return f"{facts[0].replace('_', ' ')} of any account"
    missing = database.rows(
        """
        SELECT a.scope, f.fact
        FROM (SELECT unnest($accounts) AS scope) AS a
        CROSS JOIN (SELECT unnest($facts) AS fact) AS f
        LEFT JOIN main.coverage AS v ON v.fact = f.fact AND v.scope IN (a.scope, '*') AND v.status = 'collected'
        WHERE v.fact IS NULL
        ORDER BY f.fact, a.scope
        """,
        {"facts": list(facts), "accounts": accounts},
    )
    if not missing:
        return ""
    lacking = [row["scope"] for row in missing if row["fact"] == missing[0]["fact"]]
    return f"{missing[0]['fact'].replace('_', ' ')} of {', '.join(lacking[:4])}{' …' if len(lacking) > 4 else ''}"
