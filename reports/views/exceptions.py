"""Exceptions: the register, what they take out, what must be said about them, and every score with and without them.

The measured score stands first, and is never changed. An exception whose last day is over takes nothing out: what it covered fails again.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from inventory.database import Database
from inventory.decisions import EVERY_CHECK, Decision, Decisions, PolicyException, Recorded
from inventory.lake import Snapshot
from reports.views.evidence import Rows
from reports.views.stages import median
from reports.views.summary import SEVERITIES, limit, scores_left, summary
from scoring.decided import has_exceptions, lay_over

STATES = {
    "expired": "expired: fails again",
    "broken": "takes nothing out",
    "expiring": "holds, ends soon",
    "holds": "holds",
}
"""How an exception stands, in words; what must be seen first stands first."""


def with_exceptions(database: Database, snapshot: Snapshot) -> dict[str, Any] | None:
    """Every score again, without what is excepted; None where no exception is recorded.

    `exceptions`: how many are recorded, how many hold, what they take out. Then the scores, in the shapes of the summary.
    """
    if not has_exceptions(database):
        return None
    counts = database.rows(
        """
        SELECT count(*) AS recorded, count(*) FILTER (WHERE holds) AS holding, count(*) FILTER (WHERE NOT holds) AS expired,
               (SELECT count(*) FROM decided.excepted_subject) AS subjects,
               (SELECT count(*) FROM decided.excepted_finding AS x JOIN main.finding AS f USING (check_id, subject_kind, subject_id)
                WHERE f.status = 'fail') AS findings
        FROM decided.exception
        """
    )[0]
    return {"exceptions": counts, **scores_left(database, snapshot)}


def decided_summary(database: Database, snapshot: Snapshot, decisions: Decisions, on: date) -> dict[str, Any]:
    """The whole assessment with decisions laid over it: the measured summary, and beside it `with_exceptions` where there are any."""
    lay_over(database, decisions, on=on)
    result = summary(database, snapshot)
    beside = with_exceptions(database, snapshot)
    return {**result, "with_exceptions": {**beside, "announcements": announcements(database, snapshot, on)}} if beside else result


def ignored_at(result: dict[str, Any], severity: str) -> tuple[int, int]:
    """(failed findings at this severity or above that nobody excepted, those left out since an exception holds), of a summary."""
    counted = SEVERITIES[: SEVERITIES.index(severity) + 1]
    measured = sum(result["findings"]["by_severity"][name] for name in counted)
    left = (result.get("with_exceptions") or result)["findings"]["by_severity"]
    remaining = sum(left[name] for name in counted)
    return remaining, measured - remaining


def register(database: Database, snapshot: Snapshot, on: date) -> Rows:
    """Every exception that stands: its fields, `state`, `days_left`, `age_days`, `subjects` and `findings` (failed ones) that it covers,
    who recorded it and when. What needs a look first."""
    found = database.rows(
        """
        WITH covered AS (
            SELECT id, count(DISTINCT coalesce(s.identity_id, s.subject_id)) AS subjects
            FROM decided.about AS o
            JOIN main.subject AS s ON s.subject_kind = o.subject_kind AND s.subject_id = o.subject_id
            WHERE o.kind = 'exceptions' GROUP BY id
        ),
        failing AS (
            SELECT e.exception_id, count(*) AS findings
            FROM decided.exception AS e
            JOIN decided.about AS o ON o.kind = 'exceptions' AND o.id = e.exception_id
            JOIN main.finding AS f ON f.subject_kind = o.subject_kind AND f.subject_id = o.subject_id AND f.status = 'fail'
                AND (list_contains(e.checks, f.check_id) OR list_contains(e.checks, $every_check))
            GROUP BY e.exception_id
        )
        SELECT e.exception_id, e.about, e.checks, e.reason, e.approver, e.expires, e.holds, e.who, e.decided_at,
               coalesce(c.subjects, 0) AS subjects, coalesce(f.findings, 0) AS findings, p.problem
        FROM decided.exception AS e
        LEFT JOIN covered AS c ON c.id = e.exception_id
        LEFT JOIN failing AS f ON f.exception_id = e.exception_id
        LEFT JOIN decided.problem AS p ON p.kind = 'exceptions' AND p.id = e.exception_id
        ORDER BY e.expires, e.exception_id
        """,
        {"every_check": EVERY_CHECK},
    ) if has_exceptions(database) else []  # fmt: skip
    notice = limit(snapshot, "exception_notice_days")
    ran = {EVERY_CHECK, *(row["check_id"] for row in database.rows("SELECT check_id FROM main.check_result"))}
    rows = [{**_told(row, on, notice), "unknown_checks": [name for name in row["checks"] if name not in ran]} for row in found]
    return sorted(rows, key=lambda row: list(STATES).index(row["state"]))


def _told(row: dict[str, Any], on: date, notice: float) -> dict[str, Any]:
    days_left = (row["expires"] - on).days
    state = "expired" if not row["holds"] else "broken" if row["problem"] else "expiring" if days_left <= notice else "holds"
    return {**row, "state": state, "says": STATES[state], "days_left": days_left, "age_days": (on - row["decided_at"].date()).days}


def register_size(rows: Rows) -> dict[str, Any]:
    """The register in numbers: how many, in which state, how old in days (the median is the lower one)."""
    ages = [row["age_days"] for row in rows]
    return {
        "recorded": len(rows),
        "holding": sum(row["holds"] for row in rows),
        **{state: sum(row["state"] == state for row in rows) for state in STATES if state != "holds"},
        "oldest_days": max(ages, default=None),
        "median_days": median([(age, 1) for age in ages]),
    }


def announcements(database: Database, snapshot: Snapshot, on: date) -> list[str]:
    """What must be said before any score with exceptions is read, one sentence each: what is over first."""
    return announced(register(database, snapshot, on), snapshot)


def announced(rows: Rows, snapshot: Snapshot) -> list[str]:
    """The same of a register that was read already."""
    review = limit(snapshot, "exception_review_days")
    return [
        *(_expired(row) for row in rows if row["state"] == "expired"),
        *(f"Exception {row['exception_id']} takes nothing out: it {row['problem']}." for row in rows if row["state"] == "broken"),
        *(_expiring(row) for row in rows if row["state"] == "expiring"),
        *(f"Exception {row['exception_id']} names checks that did not run here: {', '.join(row['unknown_checks'])}." for row in rows
          if row["unknown_checks"]),
        *(f"Exception {row['exception_id']} was recorded {row['age_days']} days ago: look at it again." for row in rows
          if row["holds"] and row["age_days"] > review),
        *(f"Exception {row['exception_id']} was approved and recorded by the same person, {row['who']}." for row in rows
          if row["holds"] and _same(row["approver"], row["who"])),
    ]  # fmt: skip


def _expired(row: dict[str, Any]) -> str:
    counts = "counts" if row["findings"] == 1 else "count"
    again = f"{_counted(row['findings'], 'finding')} of {_counted(row['subjects'], 'subject')} {counts} again"
    return (
        f"Exception {row['exception_id']} ended on {row['expires']:%Y-%m-%d}: {again if row['subjects'] else 'it is about nothing here'}."
    )


def _expiring(row: dict[str, Any]) -> str:
    when = "today" if row["days_left"] == 0 else f"in {_counted(row['days_left'], 'day')}"
    return f"Exception {row['exception_id']} ends {when}, on {row['expires']:%Y-%m-%d}: {_counted(row['findings'], 'finding')} will count again."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def preview(database: Database, snapshot: Snapshot, decision: Decision, on: date) -> dict[str, Any]:
    """What a decision would be about, laid alone over a database that nobody else reads: `subjects`, `findings` that fail and an exception would
    take out, `problem`."""
    lay_over(database, Decisions((Recorded(seq=1, decision=decision, who="-", at=datetime.combine(on, time())),)), on=on)
    if isinstance(decision, PolicyException):
        row = register(database, snapshot, on)[0]
        return {name: row[name] for name in ("subjects", "findings", "problem")}
    subjects = database.value(
        """
        SELECT count(DISTINCT coalesce(s.identity_id, s.subject_id)) FROM decided.about AS o
        JOIN main.subject AS s ON s.subject_kind = o.subject_kind AND s.subject_id = o.subject_id
        """
    )
    return {"subjects": subjects, "findings": 0, "problem": database.value("SELECT problem FROM decided.problem")}
