"""Several workspaces side by side: a consultant's clients, a group's companies. Each row is counted in its own workspace; no rows are mixed.

A total is given only where adding is honest: counts, of workspaces that share no account; counts by stage and findings only where all were judged
alike. Shares, stages attained and answers are never added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from reports.views.evidence import Rows
from reports.views.stages import attained_between, distribution, exactness, placed_subjects
from reports.views.summary import SEVERITIES, attained_percent, finding_counts, identified, identities
from scoring.questions import QUESTIONS

ASKED = tuple(question.id for question in QUESTIONS if question.id.startswith("Q"))
"""The five questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One workspace with the snapshot that was published last."""

    lake: Lake
    snapshot: Snapshot


def roll_up(members: Sequence[Member]) -> dict[str, Any]:
    """`workspaces`: a row each, in the order given; `totals`: sums, each None where adding would not be honest; `notes`: why, and what differs."""
    rows, accounts = [], Counter[str]()
    for name, member in zip(_names(members), members, strict=True):
        with member.lake.open(member.snapshot.snapshot_id) as database:
            rows.append({"workspace": name, **_figures(database, member.snapshot), "change": _change(database, member)})
            accounts.update(row["scope"] for row in database.rows("SELECT DISTINCT scope FROM account"))
    shared = sum(often > 1 for often in accounts.values())
    alike = len({member.snapshot.judged_by for member in members}) == 1
    return {
        "workspaces": rows,
        "totals": _totals(rows, shared=shared, alike=alike),
        "judged_alike": alike,
        "notes": _notes(members, shared=shared, alike=alike),
    }


def _names(members: Sequence[Member]) -> list[str]:
    """The folder's name; as it was given where two folders are called the same."""
    names = [member.lake.workspace.resolve().name for member in members]
    return [name if names.count(name) == 1 else str(member.lake.workspace) for name, member in zip(names, members, strict=True)]


def _figures(database: Database, snapshot: Snapshot) -> dict[str, Any]:
    """One workspace's own figures, of all that was measured: exceptions are not taken out."""
    low, high = attained_between(database, attained_percent(snapshot))
    rows, placed, found = distribution(database), placed_subjects(database), finding_counts(database)
    subjects = placed["identities"] + placed["credentials"] + placed["resources"]
    return {
        **identified(snapshot),
        "identities": identities(database),
        "attained_lo": low,
        "attained_hi": high,
        "coverage": exactness(database),
        "subjects": subjects,
        "not_a_point": subjects - sum(row["exact"] for row in rows),
        "no_active_path": placed["no_active_path"],
        "stages": rows,
        "failed": found["by_severity"],
        "findings_unknown": found["unknown"],
        "questions": _answers(database),
    }


def _answers(database: Database) -> dict[str, dict[str, Any] | None]:
    """Answer by question; None where the snapshot does not have it."""
    found = {row["question_id"]: row for row in database.rows("SELECT * FROM question")}
    names = ("literal", "met", "lo", "hi", "numerator", "denominator", "unknown")
    return {one: {name: found[one][name] for name in names} if one in found else None for one in ASKED}


def _change(database: Database, member: Member) -> dict[str, Any] | None:
    """The workspace's own last quarter beside it; None without one. `comparable`: judged by the same rules, pack and thresholds."""
    before = member.lake.before(member.snapshot)
    if before is None:
        return None
    told = {**identified(before), "comparable": before.judged_by == member.snapshot.judged_by}
    if not told["comparable"]:
        return told
    with member.lake.open(before.snapshot_id) as earlier:
        low, high = attained_between(earlier, attained_percent(before))
        counts = finding_counts(earlier)["by_severity"]
    return {**told, "attained_lo": low, "attained_hi": high, "failed": counts}


def _totals(rows: Rows, *, shared: int, alike: bool) -> dict[str, Any]:
    """Sums over the workspaces."""
    judged = alike and not shared
    return {
        "identities": None if shared else {name: sum(row["identities"][name] for row in rows) for name in rows[0]["identities"]},
        "paths": sum(row["coverage"]["paths"] for row in rows) if judged else None,
        "exact": sum(row["coverage"]["exact"] for row in rows) if judged else None,
        "subjects": sum(row["subjects"] for row in rows) if judged else None,
        "not_a_point": sum(row["not_a_point"] for row in rows) if judged else None,
        "no_active_path": sum(row["no_active_path"] for row in rows) if judged else None,
        "stages": _stages(rows) if judged else None,
        "failed": {name: sum(row["failed"][name] for row in rows) for name in SEVERITIES} if judged else None,
        "findings_unknown": sum(row["findings_unknown"] for row in rows) if judged else None,
    }


def _stages(rows: Rows) -> Rows:
    return [{"stage": line[0]["stage"], **{name: sum(one[name] for one in line) for name in ("lo", "hi", "exact")}}
            for line in zip(*(row["stages"] for row in rows), strict=True)]  # fmt: skip


def _notes(members: Sequence[Member], *, shared: int, alike: bool) -> list[str]:
    """What must be known before rows are compared or totals read."""
    dates = sorted({f"{member.snapshot.as_of:%Y-%m-%d}" for member in members})
    notes = []
    if not alike:
        ways = sorted({f"{member.snapshot.rules_version}, pack {member.snapshot.pack}" for member in members})
        notes.append(
            f"Judged in different ways (rules {'; rules '.join(ways)}, or other thresholds): stages and findings are neither added nor to be compared;"
            " nhi rescore judges them alike."
        )
    if len(dates) > 1:
        notes.append(f"As of different dates, from {dates[0]} to {dates[-1]}: a total is of no single day.")
    if shared:
        many = f"{shared} accounts are" if shared > 1 else "1 account is"
        notes.append(f"{many} in more than one workspace: nothing is added, since it would count twice.")
    return notes


def find(workspace: Path) -> Member | None:
    """The workspace with the snapshot that was published last; None where it holds none."""
    lake = Lake(workspace)
    latest = lake.current()
    return Member(lake=lake, snapshot=latest) if latest else None
