"""Failed findings as CSV that Jira and ServiceNow import: one ticket a row, with an external id by which a second import knows it again.

Only what failed and nobody excepted: what could not be judged asks for evidence, not for a repair (`nhi findings` lists it). The header is the
first record, as importers want it; no cell is a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from reports.exports import cell, words
from reports.feeds.feed import Source, check_words, cut, stable_id
from reports.views.evidence import Rows

COLUMNS = ("Summary", "Description", "Priority", "Labels", "External ID", "Team", "Account", "Subject", "Check", "Snapshot")
PRIORITY = {"critical": "Highest", "high": "High", "medium": "Medium", "low": "Low"}
SUMMARY = 255
"""Characters that a summary holds at most in Jira."""
DESCRIPTION = 32_000
"""Likewise of a description."""


def tickets(source: Source) -> Iterator[str]:
    """Header and rows, CRLF (RFC 4180)."""
    yield _lines([COLUMNS])
    for rows in source.findings(status="fail", excepted=False):
        teams = _teams(source, rows)
        yield _lines([tuple(_ticket(source, row, teams.get(row["identity_id"])).values()) for row in rows])


def _ticket(source: Source, row: dict[str, Any], team: str | None) -> dict[str, Any]:
    known = check_words(row["check_id"])
    description = (
        f"{row['reason']}\n\nWhy it matters: {known['rationale']}\nWhat to do: {known['fix']}\n\n"
        f"Subject: {row['subject_kind']} {row['subject_id']}\nEvidence: {words(row['evidence']) or 'none'}\n"
        f"Snapshot: {source.snapshot.snapshot_id}, as of {source.snapshot.as_of:%Y-%m-%d}"
    )
    values = (
        cut(" ".join(f"{known['title']}: {row['subject_name']}".split()), SUMMARY),
        cut(description, DESCRIPTION),
        PRIORITY[row["severity"]],
        f"nhi-posture {row['check_id']}",
        stable_id(row),
        team,
        row["scope"],
        row["subject_id"],
        row["check_id"],
        source.snapshot.snapshot_id,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _teams(source: Source, rows: Rows) -> dict[str, str]:
    """Team by identity, of the identities of one batch."""
    ids = sorted({row["identity_id"] for row in rows if row["identity_id"]})
    query = "SELECT identity_id, team FROM identity WHERE team IS NOT NULL AND identity_id IN (SELECT unnest($ids))"
    return {row["identity_id"]: row["team"] for row in source.database.rows(query, {"ids": ids})} if ids else {}


def _lines(rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
