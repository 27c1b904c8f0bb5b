"""What every feed is made of: one snapshot with decisions laid over it, its findings some at a time, the words of the checks, ids that stay.

Nothing here reads a clock, and no feed holds all findings at once: each yields pieces of text. Unknown never becomes a pass anywhere.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from inventory.database import Database
from inventory.decisions import Answer, Decisions
from inventory.lake import Snapshot
from reports.views.evidence import Rows, record_in_words
from reports.views.findings import FindingFilter, check_results, finding_batches
from reports.views.interview import disagreements
from reports.views.methodology import check_details
from scoring.decided import has_exceptions, lay_over
from scoring.interview import differs

NAMESPACE = uuid.UUID("6f0d1c52-3a0e-5c1b-9f43-8d5f5f2b7a10")
"""Of every UUIDv5 of the feeds; never changed, or each consumer would see every finding again."""

OWN: dict[str, Any] = {
    "title": "",
    "subject": "",
    "rationale": "A check of the user's own: the snapshot keeps its results, not its words.",
    "fix": "See the check's own file.",
    "source": None,
    "stage": None,
    "maps_to": [],
}
"""Words of a check that is not in the product's catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What only some feeds ask for."""

    aws_account: str | None = None
    """Account whose Security Hub takes the findings."""
    aws_region: str | None = None


class Source:
    """One snapshot, opened, with the decisions of a day laid over it."""

    def __init__(self, database: Database, snapshot: Snapshot, decisions: Decisions, on: date, options: Options) -> None:
        lay_over(database, decisions, on=on)
        self.database, self.snapshot, self.on, self.options = database, snapshot, on, options
        self._decisions = decisions

    def findings(self, **wanted: Any) -> Iterator[Rows]:
        """Findings in batches, worst first; then the declared answers that the evidence contradicts. `wanted`: of FindingFilter."""
        yield from finding_batches(self.database, FindingFilter(**wanted))
        if told := [row for row in self._contradicted if _is_wanted(row, wanted)]:
            yield told

    def ids(self, check_id: str) -> Iterator[Rows]:
        """What `stable_id` asks for, of every finding of one check, without the rest."""
        query = "SELECT check_id, subject_kind, subject_id FROM finding WHERE check_id = $check_id ORDER BY ALL"
        yield from self.database.batches(query, {"check_id": check_id}, size=50_000)
        yield [row for row in self._contradicted if row["check_id"] == check_id]

    @cached_property
    def _contradicted(self) -> Rows:
        if not self._decisions.of(Answer):
            return []
        return disagreements(self.database, self.snapshot, self._decisions, self.on)

    @cached_property
    def checks(self) -> Rows:
        """Every check that ran, by id: its words, and `severity`, `population`, `passed`, `failed`, `unknown`, `reason`; then, without
        counts of a population, the one that weighs declared answers."""
        found = sorted(check_results(self.database), key=lambda row: str(row["check_id"]))
        told = {row["check_id"]: row for row in self._contradicted}
        answers = [
            {"check_id": name, "severity": row["severity"], "population": n, "passed": 0, "failed": n, "unknown": 0, "reason": None}
            for name, row in sorted(told.items())
            for n in [sum(one["check_id"] == name for one in self._contradicted)]
        ]
        return [{**check_words(row["check_id"]), **row} for row in found + answers]

    @cached_property
    def exceptions(self) -> dict[str, dict[str, Any]]:
        """Exceptions that are recorded, by id: `reason`, `approver`, `expires`."""
        if not has_exceptions(self.database):
            return {}
        return {
            row["exception_id"]: row for row in self.database.rows("SELECT exception_id, reason, approver, expires FROM decided.exception")
        }

    def accepted(self, row: dict[str, Any]) -> str | None:
        """Why a finding is accepted today, in one sentence; None when it is not."""
        if row["exception"] is None:
            return None
        found = self.exceptions[row["exception"]]
        return f"Exception {row['exception']}, approved by {found['approver']} until {found['expires']:%Y-%m-%d}: {found['reason']}"


def _is_wanted(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether a row that is not in the store meets a filter of check, severity, status and exception."""
    excepted = wanted.get("excepted")
    named = all(wanted.get(name) in (None, row[name]) for name in ("check_id", "severity", "status"))
    return named and excepted in (None, row["exception"] is not None)


def check_words(check_id: str) -> dict[str, Any]:
    """The words of a check: title, rationale, fix, source, stage, maps_to."""
    answers = differs()
    if check_id == answers.check_id:
        said = {"title": answers.title, "rationale": answers.rationale, "fix": answers.fix, "maps_to": list(answers.maps_to)}
        return {**OWN, **said}
    return {**OWN, "title": check_id, **check_details().get(check_id, {})}


def stable_id(row: dict[str, Any]) -> str:
    """The id of a finding: of check and subject alone, so that it is the same in every snapshot and workspace."""
    return named_id("finding", row["check_id"], row["subject_kind"], row["subject_id"])


def named_id(*parts: str) -> str:
    """A UUIDv5 of some words."""
    return str(uuid.uuid5(NAMESPACE, json.dumps(parts)))


def told(row: dict[str, Any]) -> str:
    """A finding in words, with its first record. What could not be judged says so first."""
    where = record_in_words(row["evidence"])
    unknown = "" if row["status"] == "fail" else "Could not be judged: "
    return f"{row['subject_name']}: {unknown}{row['reason']}{f' (evidence: {where})' if where else ''}"


def cut(text: str, most: int) -> str:
    """A text of at most so many characters; what is cut shows it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def as_json(value: Any) -> str:
    """One line of JSON, ASCII only, so that no control or direction mark of a name reaches a terminal."""
    return json.dumps(value, separators=(",", ":"))


def array(items: Iterable[Any]) -> Iterator[str]:
    """The items as a JSON array, one a line, never all at once."""
    mark = "["
    for item in items:
        yield f"{mark}\n{as_json(item)}"
        mark = ","
    yield "]" if mark == "," else "[]"


def flat(batches: Iterable[Rows], one: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
    """Something of every row."""
    return (one(row) for rows in batches for row in rows)
