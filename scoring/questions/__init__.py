"""The five questions and our two supplementary ones: items by SQL, then answers with bounds.

An answer is issued only when both bounds fall in one band; otherwise it is unknown, between a and b. Missing evidence never answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from inventory.store import Database


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
    uses: tuple[str, ...] = ()
    """Facts whose dates the answer carries."""


QUESTIONS = (
    Question(
        id="Q1",
        text="Do we have hardcoded credentials in our applications?",
        bad_if_yes=True,
        counted="static credentials not found in code",
        uses=("secret_scan", "access_keys"),
    ),
    Question(
        id="Q2",
        text="Do we store secrets in a centralized secrets manager?",
        bad_if_yes=False,
        counted="static credentials known to rest in an approved manager",
        uses=("access_keys", "stored_secrets", "workloads"),
    ),
    Question(
        id="Q3",
        text="Do we separate identity credentials from access credentials?",
        bad_if_yes=False,
        counted="access paths that use short-lived tokens (derived from the credential's type)",
        uses=("trust", "access_keys"),
    ),
    Question(
        id="Q4",
        text="Do we use platform-native identities where possible?",
        bad_if_yes=False,
        counted="workloads with a native identity and no static key",
        needs_everywhere=("workloads",),
        uses=("workloads",),
    ),
    Question(
        id="Q5",
        text="Do we have centralized policies for non-human access?",
        bad_if_yes=False,
        counted="machine identities under an enforced, logged organisation policy and without inline policies",
        uses=("guardrails", "audit_log", "policies"),
    ),
    Question(
        id="S1",
        text="Is anything reachable without authentication? (our addition: the five questions leave stage 1 out)",
        bad_if_yes=True,
        counted="resources that refuse callers with no identity",
        needs_everywhere=("resource_policies",),
        uses=("resource_policies",),
    ),
    Question(
        id="S4",
        text="Are credentials isolated per environment? (our addition: the five questions leave stage 4 out)",
        bad_if_yes=False,
        counted="static credentials used in exactly one environment",
        uses=("workloads", "access_keys"),
    ),
)


def ask(database: Database, *, bands: dict[str, float], scan_max_age_days: int, scan_coverage_percent: float) -> None:
    """Fill question_item and question. `bands`: `yes` and `no` in percent."""
    sql = (files("scoring") / "questions" / "items.sql").read_text(encoding="utf-8")
    database.script(sql, {"scan_max_age_days": scan_max_age_days, "scan_coverage_percent": scan_coverage_percent})
    for question in QUESTIONS:
        database.insert_columns("question", {name: [value] for name, value in _answer(database, question, bands).items()})


def band(share: float, bands: dict[str, float]) -> str:
    """yes, partly or no for a share met (0 to 1)."""
    percent = 100 * share
    return "yes" if percent >= bands["yes"] else "no" if percent < bands["no"] else "partly"


def _answer(database: Database, question: Question, bands: dict[str, float]) -> dict[str, Any]:
    counts = {row["status"]: row["n"] for row in database.rows(
        "SELECT status, count(*) AS n FROM main.question_item WHERE question_id = $id GROUP BY status", {"id": question.id}
    )}  # fmt: skip
    passed, failed, unknown = (counts.get(status, 0) for status in ("pass", "fail", "unknown"))
    total = passed + failed + unknown
    lo, hi = (passed / total, (passed + unknown) / total) if total else (None, None)
    met, reason = _verdict(database, question, bands, passed, failed, unknown)
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
            "SELECT min(collected_at) FROM main.coverage WHERE status IN ('collected', 'partial') AND list_contains($facts, fact)",
            {"facts": list(question.uses)},
        ),
    }


def _verdict(database: Database, question: Question, bands: dict[str, float], passed: int, failed: int, unknown: int) -> tuple[str, str]:
    """(control met, why)."""
    total = passed + failed + unknown
    gaps = _gaps(database, question)
    if question.bad_if_yes and failed:
        return "no", f"{failed} of {total} fail: one is enough"
    if gaps:
        return "unknown", f"cannot be answered before {gaps} is supplied; so far {passed} of {total} pass"
    if not total:
        return (
            ("not_applicable", "collected, and there is nothing to count")
            if _was_collected(database, question)
            else ("unknown", "no evidence was supplied")
        )
    shown = f"{passed} of {total} {question.counted}"
    if question.bad_if_yes:
        return ("unknown", f"{shown}; {unknown} not known") if unknown else ("yes", shown)
    lowest, highest = band(passed / total, bands), band((passed + unknown) / total, bands)
    if lowest == highest:
        return lowest, f"{shown}; {unknown} not known"
    return "unknown", f"between {passed / total:.0%} and {(passed + unknown) / total:.0%}: {unknown} of {total} not known"


def _gaps(database: Database, question: Question) -> str:
    """Facts that some account did not supply, in words."""
    if not question.needs_everywhere:
        return ""
    missing = database.rows(
        """
        SELECT a.scope, f.fact
        FROM (SELECT DISTINCT scope FROM main.identity WHERE scope IS NOT NULL) AS a
        CROSS JOIN (SELECT unnest($facts) AS fact) AS f
        LEFT JOIN main.coverage AS v ON v.fact = f.fact AND v.scope = a.scope AND v.status = 'collected'
        WHERE v.fact IS NULL
        ORDER BY ALL
        """,
        {"facts": list(question.needs_everywhere)},
    )
    if not missing:
        return ""
    return f"{missing[0]['fact'].replace('_', ' ')} of {', '.join(row['scope'] for row in missing[:4])}{' …' if len(missing) > 4 else ''}"


def _was_collected(database: Database, question: Question) -> bool:
    return bool(
        database.value(
            "SELECT count(*) FROM main.coverage WHERE status = 'collected' AND list_contains($facts, fact)",
            {"facts": list(question.uses[:1])},
        )
    )
