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

from inventory.database import Database
from inventory.decision_log import DecisionLog
from inventory.decisions import Decisions
from inventory.lake import Lake, Snapshot
from reports import charts, views
from reports.audiences import AUDITOR, sections_of
from reports.headline import headline
from reports.limited import forget_decisions
from reports.views import interview, least_privilege, methodology, metrics, ownership, part, progress, stages
from reports.views.ages import credential_times
from reports.views.compliance import report_section
from reports.views.coverage import Matrix, coverage_matrices, to_supply
from reports.views.findings import FindingFilter, check_results, findings_page
from reports.views.moves import gains
from reports.views.programme import programme_of_part, programme_section
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
    part: str | None = None
    """Whose part of the estate, as it is printed: the lake opens that part alone, and what only the whole has is left out. None: all of it."""

    decided: Decisions | None = None
    """The decisions to lay over it; None: those of the workspace."""

    @cached_property
    def decisions(self) -> Decisions:
        """Those that were given, or else those of the workspace, as they stand."""
        return self.decided if self.decided is not None else DecisionLog(self.lake.workspace).standing()

    @cached_property
    def database(self) -> Database:
        """The snapshot with the decisions laid over it: opened once however many formats are written. Raises StoreError. `close` ends it."""
        database = self.lake.connect(self.lake.snapshot(self.snapshot.snapshot_id))
        lay_over(database, self.decisions, on=self.on)
        if self.part is not None:
            forget_decisions(database)
        return database

    def close(self) -> None:
        """Give the database back. What was worked out stays."""
        if database := self.__dict__.pop("database", None):
            database.close()

    @cached_property
    def content(self) -> Content:
        """With the decisions of the workspace. Raises StoreError."""
        if self.part is not None:
            return _of_part(self.database, self.snapshot, self.on, self.audience, self.part)
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
        counted = _counted(database, snapshot)
        told = {
            **_about(snapshot, before, day, audience, None),
            **counted,
            **_judged(database, snapshot),
            "access": {**counted["access"], **_ways(database)},
            "warnings": counted["summary"]["warnings"],
            "change": change,
            "metrics": metrics.figures(database, earlier),
            "interview": interview.section(database, snapshot, decisions, day),
            "programme": programme_section(database, snapshot, decisions, day),
        }
        return {**told, "headline": headline(database, told)}


def _of_part(database: Database, snapshot: Snapshot, day: date, audience: str, name: str) -> Content:
    """The content of a report on a part, from a database that holds that part alone. What is counted over the whole estate has no key here, so that
    nothing prints an empty table as a zero."""
    to_do = part.own_moves(database, snapshot)
    with database.remembering():
        counted = _counted(database, snapshot)
        told = {
            **_about(snapshot, None, day, audience, name),
            **counted,
            "summary": _without(counted["summary"], WHOLE_ALONE),
            "access": {**counted["access"], "totals": _without(counted["access"]["totals"], ("ways_certain", "ways_possible"))},
            "ownership": {**_without(counted["ownership"], ("groups",)), "unowned": part.unowned(database)},
            "to_do": to_do,
            "checks": part.failing_checks(database),
            "failing": part.failing_identities(database),
            "ran": part.checks_run(database),
            "programme": programme_of_part(database, snapshot, day),
        }
        return {**told, "headline": headline(database, told)}


WHOLE_ALONE = ("questions", "metrics", "sources", "warnings", "least_privilege")
"""Of a summary what is not known of a part."""


def _without(found: Content, names: tuple[str, ...]) -> Content:
    return {name: value for name, value in found.items() if name not in names}


def _about(snapshot: Snapshot, before: Snapshot | None, day: date, audience: str, name: str | None) -> Content:
    """Which report it is. `part`: the name of the part that it is about, or None."""
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "audience": audience,
        "part": name,
        "sections": sections_of(audience, part=name is not None),
        "snapshot": {**identified(snapshot), "created_at": snapshot.created_at, "rows_sha256": _digest(snapshot)},
        "before": identified(before) if before else None,
        "on": day,
        "tool": tool_version(),
    }


def _digest(snapshot: Snapshot) -> str:
    """One SHA-256 over the names and hashes of the files that hold the snapshot's rows."""
    return hashlib.sha256(json.dumps(dict(snapshot.files), sort_keys=True).encode()).hexdigest()


def _counted(database: Database, snapshot: Snapshot) -> Content:
    """What is counted subject by subject, and so over any part of a snapshot too."""
    summary, rows = views.summary(database, snapshot), stages.distribution(database)
    percent = attained_percent(snapshot)
    access, steps = _access(database), gains(database, percent)
    return {
        "summary": summary,
        "percent": percent,
        "attained_hi": stages.attained_between(database, percent)[1],
        "stages": [dataclasses.asdict(stage) for stage in methodology.stages()],
        "distribution": rows,
        "stage_takeaway": charts.stage_takeaway(rows),
        "groups": stages.by_group(database, "scope", percent),
        "risks": views.top_risks(database),
        "access": access,
        "seen_index": least_privilege.interval(access["totals"]["seen_lo"], access["totals"]["seen_hi"]),
        "access_takeaway": charts.use_takeaway(access["totals"]),
        "moves": dataclasses.asdict(views.next_moves(database, limit=EVERY)),
        "gains": steps,
        "gain_takeaway": charts.gain_takeaway(steps),
        "credentials": credential_times(database, snapshot.as_of, ACTED_ON),
        "ownership": _ownership(database),
        "findings": findings_page(database, FindingFilter(status="fail"), limit=LISTED),
        "fixes": {name: details["fix"] for name, details in methodology.check_details().items()},
        "gaps": to_supply(database),
        "matrices": [_matrix(matrix) for matrix in coverage_matrices(database)],
    }


def _judged(database: Database, snapshot: Snapshot) -> Content:
    """What is judged over the whole of a snapshot alone."""
    asked = questions(database)
    return {
        "questions": asked,
        "supplementary": sorted(SUPPLEMENTARY),
        "bands": bands_in_words(thresholds(snapshot)),
        "question_takeaway": charts.question_takeaway(asked),
        "checks": check_results(database),
        "compliance": report_section(database, snapshot),
        "rules": methodology.placement_rules(),
        "bounds": methodology.bounds_on_copies(),
    }


def _access(database: Database) -> Content:
    """Granted against used: over all, by account, and what to act on first."""
    everyone = least_privilege.AccessFilter()
    return {
        "totals": least_privilege.access_totals(database, everyone),
        "groups": least_privilege.creep_by(database, "scope", everyone, limit=EVERY),
        "first": [row for row in least_privilege.access_page(database, everyone, limit=ACTED_ON) if row["action"] in ("disable", "narrow")],
        "actions": least_privilege.ACTIONS,
    }


def _ways(database: Database) -> Content:
    """Ways to more privilege: they lead through what others run, and are looked for over the whole."""
    return {
        "ways": least_privilege.escalations(database, limit=ACTED_ON),
        "ways_count": least_privilege.escalation_counts(database)["n"],
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
