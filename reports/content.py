"""What a report says, as plain data: worked out once from views, and then drawn as HTML, PDF and Markdown or written as JSON.

Determined by the snapshots, the decisions, the day given and the rules alone: the clock is not read. docs/reports.md tells the shape.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from inventory.decision_log import DecisionLog
from inventory.decisions import Decisions
from inventory.store import Database, Lake, Snapshot
from reports import charts, views
from reports.audiences import AUDITOR, sections_of
from reports.headline import headline
from reports.views import interview, least_privilege, methodology, metrics, ownership, progress, stages
from reports.views.compliance import report_section
from reports.views.coverage import Matrix, coverage_matrices, to_supply
from reports.views.findings import FindingFilter, check_results, findings_page
from reports.views.moves import gains
from reports.views.programme import programme_section
from reports.views.questions import SUPPLEMENTARY, bands_in_words, questions
from reports.views.summary import attained_percent, identified, thresholds
from reports.views.workspace import tool_version
from scoring.decided import lay_over
from scoring.progress.compare import comparison

SCHEMA = "nhi-posture/report"
SCHEMA_VERSION = 1
"""Of the JSON: raised when a key is renamed, removed or means something else. New keys may come without."""

NOBODY = Decisions()
"""Nothing decided."""

LISTED = 100
"""Findings told in full; the rest are counted, and the report says so."""

ACTED_ON = 15
"""Identities to act on first, and ways to more privilege, told in full."""

EVERY = 10_000
"""Accounts, and kinds of evidence: all of them, for a document says how many it leaves out."""

Content = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which report. Its content is worked out at the first use, and once however many formats are written."""

    lake: Lake
    snapshot: Snapshot
    compare: str | None = None
    """Id of the snapshot to compare with; None: the one before."""
    on: date
    """Day by which exceptions expire."""
    audience: str = AUDITOR
    part: bool = False
    """Of a part of the estate: a worklist without the figures of the whole, which a part has no content for."""

    @cached_property
    def decisions(self) -> Decisions:
        """Of the workspace, as they stand."""
        return DecisionLog(self.lake.workspace).standing()

    @cached_property
    def database(self) -> Database:
        """The snapshot with the decisions laid over it: opened once however many formats are written. Raises StoreError. `close` ends it."""
        database = self.lake.connect(self.lake.snapshot(self.snapshot.snapshot_id))
        lay_over(database, self.decisions, on=self.on)
        return database

    def close(self) -> None:
        """Give the database back. What was worked out stays."""
        if database := self.__dict__.pop("database", None):
            database.close()

    @cached_property
    def content(self) -> Content:
        """With the decisions of the workspace. Raises StoreError."""
        found = self.lake.before(self.snapshot)
        before = self.lake.snapshot(self.compare) if self.compare else found
        return _told(self.lake, self.database, self.snapshot, before, self.decisions, self.on, self.audience)

    def file(self, ending: str) -> str:
        """Name of the report's file."""
        suffix = "" if self.audience == AUDITOR else f"-{self.audience}"
        return f"nhi-posture-{self.snapshot.snapshot_id}{suffix}.{ending}"


def content(
    lake: Lake,
    snapshot_id: str,
    compare_id: str | None = None,
    *,
    decisions: Decisions = NOBODY,
    on: date | None = None,
    audience: str = AUDITOR,
) -> Content:
    """The content of a snapshot's report, compared with another one when its id is given, with decisions laid over it.

    `on`: the day by which exceptions expire; the snapshot's own if left out. Raises StoreError for an unknown id.
    """
    snapshot = lake.snapshot(snapshot_id)
    before = lake.snapshot(compare_id) if compare_id else None
    day = on or snapshot.as_of.date()
    with lake.open(snapshot_id) as database:
        lay_over(database, decisions, on=day)
        return _told(lake, database, snapshot, before, decisions, day, audience)


def _told(
    lake: Lake, database: Database, snapshot: Snapshot, before: Snapshot | None, decisions: Decisions, day: date, audience: str
) -> Content:
    """The content, from a database of the snapshot with the decisions laid over it."""
    with ExitStack() as stack:
        change = progress.section(stack.enter_context(comparison(lake, before, snapshot))) if before else None
        earlier = stack.enter_context(lake.open(before.snapshot_id)) if before else None
        stack.enter_context(database.remembering())
        told = {
            "schema": SCHEMA,
            "schema_version": SCHEMA_VERSION,
            "audience": audience,
            "sections": sections_of(audience),
            "snapshot": {**identified(snapshot), "created_at": snapshot.created_at, "rows_sha256": _digest(snapshot)},
            "before": identified(before) if before else None,
            "on": day,
            "tool": tool_version(),
            **_measured(database, snapshot),
            "change": change,
            "metrics": metrics.figures(database, earlier),
            "interview": interview.section(database, snapshot, decisions, day),
            "programme": programme_section(database, snapshot, decisions, day),
            "ownership": _ownership(database),
        }
        return {**told, "headline": headline(database, told)}


def _digest(snapshot: Snapshot) -> str:
    """One SHA-256 over the names and hashes of the files that hold the snapshot's rows."""
    return hashlib.sha256(json.dumps(dict(snapshot.files), sort_keys=True).encode()).hexdigest()


def _measured(database: Database, snapshot: Snapshot) -> Content:
    """What the snapshot alone says."""
    summary, rows, asked = views.summary(database, snapshot), stages.distribution(database), questions(database)
    percent = attained_percent(snapshot)
    access, steps = _access(database), gains(database, percent)
    return {
        "summary": summary,
        "warnings": summary["warnings"],
        "percent": percent,
        "attained_hi": stages.attained_between(database, percent)[1],
        "stages": [dataclasses.asdict(stage) for stage in methodology.stages()],
        "distribution": rows,
        "stage_takeaway": charts.stage_takeaway(rows),
        "groups": stages.by_group(database, "scope", percent),
        "questions": asked,
        "supplementary": sorted(SUPPLEMENTARY),
        "bands": bands_in_words(thresholds(snapshot)),
        "question_takeaway": charts.question_takeaway(asked),
        "risks": views.top_risks(database),
        "access": access,
        "seen_index": least_privilege.interval(access["totals"]["seen_lo"], access["totals"]["seen_hi"]),
        "access_takeaway": charts.use_takeaway(access["totals"]),
        "moves": dataclasses.asdict(views.next_moves(database, limit=EVERY)),
        "gains": steps,
        "gain_takeaway": charts.gain_takeaway(steps),
        "findings": findings_page(database, FindingFilter(status="fail"), limit=LISTED),
        "checks": check_results(database),
        "fixes": {name: details["fix"] for name, details in methodology.check_details().items()},
        "compliance": report_section(database, snapshot),
        "gaps": to_supply(database),
        "matrices": [_matrix(matrix) for matrix in coverage_matrices(database)],
        "rules": methodology.placement_rules(),
        "bounds": methodology.bounds_on_copies(),
    }


def _access(database: Database) -> Content:
    """Granted against used: over all, by account, what to act on first, and the ways to more."""
    everyone = least_privilege.AccessFilter()
    return {
        "totals": least_privilege.access_totals(database, everyone),
        "groups": least_privilege.creep_by(database, "scope", everyone, limit=EVERY),
        "first": [row for row in least_privilege.access_page(database, everyone, limit=ACTED_ON) if row["action"] in ("disable", "narrow")],
        "ways": least_privilege.escalations(database, limit=ACTED_ON),
        "ways_count": least_privilege.escalation_counts(database)["n"],
        "actions": least_privilege.ACTIONS,
    }


def _ownership(database: Database) -> Content:
    """Who waits for somebody to say that they are theirs, in all, by team, and the first of them."""
    return {
        "counts": ownership.attestation_counts(database),
        "groups": ownership.attestation_groups(database, "team"),
        "queue": ownership.attestation_page(database, limit=ACTED_ON),
        "states": ownership.STATES,
    }


def _matrix(matrix: Matrix) -> Content:
    """`cells`: fact -> scope -> status."""
    return {
        "title": matrix.title,
        "facts": matrix.facts,
        "scopes": matrix.scopes,
        "cells": {
            fact: {scope: matrix.cells[(fact, scope)]["status"] for scope in matrix.scopes if (fact, scope) in matrix.cells}
            for fact in matrix.facts
        },
    }
