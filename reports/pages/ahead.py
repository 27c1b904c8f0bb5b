"""Asks ahead what pages ask first: when the server starts, and when something was published or decided since. So nobody waits for an answer
that everybody gets; in the largest estates some take seconds.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from reports.charts_lists import DRAWN
from reports.pages import chosen
from reports.pages.shell import PAGE_SIZE
from reports.views import filters, interview, stages
from reports.views.exceptions import register, with_exceptions
from reports.views.expiry import calendar, credential_kinds, expiring_counts, expiring_page
from reports.views.findings import FindingFilter, check_results, finding_count, finding_options, findings_page
from reports.views.flow import stage_flow
from reports.views.inventory import InventoryFilter, inventory_count, inventory_page
from reports.views.least_privilege import (
    WAYS_SHOWN,
    AccessFilter,
    access_count,
    access_page,
    access_totals,
    creep_by,
    effort_and_gain,
    escalations,
)
from reports.views.lenses import lens_rows
from reports.views.metrics import by_group, counted, figures, listed
from reports.views.moves import next_moves
from reports.views.ownership import attestation_counts, attestation_groups, attestation_page
from reports.views.programme import actions, assignments, owner_coverage
from reports.views.progress import compare, subjects
from reports.views.questions import question_item_count, question_items, questions
from reports.views.risks import top_risks
from reports.views.summary import attained_percent, finding_counts, identities, scores_measured, unknown_checks
from scoring.metrics import metric
from scoring.progress.compare import Comparison

GROUPED = next(iter(stages.DIMENSIONS))
"""What the page Maturity groups by first."""


def begin() -> None:
    """Keep asking, beside the server."""
    threading.Thread(target=_keep_asking, args=(chosen.workspace(),), name="ahead", daemon=True).start()


def _keep_asking(workspace: str) -> None:
    done: object = None
    while True:
        with suppress(StoreError, OSError):
            done = ask_anew(workspace, done)
        time.sleep(chosen.LOOK_SECONDS)


def ask_anew(workspace: str, done: object) -> object:
    """Ask where anything changed since `done`, which is what this gave the last time. Raises StoreError where a snapshot cannot be opened."""
    context = chosen.latest(workspace)
    if context is None or (context.snapshot.snapshot_id, context.shared) == done:
        return done
    with suppress(StoreError):  # whoever opens the page is told
        ask(context)
    return context.snapshot.snapshot_id, context.shared


def ask(context: chosen.Context) -> None:
    """Ask what pages ask as they open; answers are kept by the databases."""
    database, snapshot = context.database, context.snapshot
    filters.options(database)
    _scores(database, snapshot)
    _lists(database, snapshot)
    interview.disagreements(database, snapshot, context.decisions, context.today)
    interview.where_options(database)
    with_exceptions(database, snapshot)
    register(database, snapshot, context.today)
    scores_measured(database, snapshot)
    assignments(database)
    actions(database, snapshot, context.today)
    lens_rows(database, snapshot)
    if context.before and context.before_measured:
        stages.attained(context.before_measured, attained_percent(context.before))
        stages.exactness(context.before_measured)
        stages.by_group(context.before_measured, GROUPED, attained_percent(context.before))
        if context.before.judged_by == snapshot.judged_by:  # else evidence is judged again, which takes long: only for somebody who asks
            _changes(chosen.comparison_of(context.workspace, context.before, snapshot))
    if all(one.judged_by == snapshot.judged_by for one in Lake(Path(context.workspace)).snapshots()):
        chosen.history_of(context.workspace, snapshot)
    _metric(context)


def _scores(database: Database, snapshot: Snapshot) -> None:
    percent = attained_percent(snapshot)
    stages.distribution(database)
    stages.attained(database, percent)
    stages.exactness(database)
    stages.by_group(database, GROUPED, percent)
    stages.stage_by_privilege(database)
    identities(database)
    finding_counts(database)
    unknown_checks(database)
    check_results(database)
    access_totals(database, AccessFilter())
    top_risks(database)
    next_moves(database)
    owner_coverage(database)


def _lists(database: Database, snapshot: Snapshot) -> None:
    inventory_count(database, InventoryFilter())
    inventory_page(database, InventoryFilter(), limit=PAGE_SIZE)
    finding_count(database, FindingFilter())
    findings_page(database, FindingFilter(), limit=PAGE_SIZE)
    for question in questions(database)[:1]:
        question_item_count(database, question["question_id"])
        question_items(database, question["question_id"], limit=PAGE_SIZE)
    creep_by(database, "team", AccessFilter())
    effort_and_gain(database, AccessFilter())
    access_count(database, AccessFilter())
    for limit in (DRAWN, PAGE_SIZE):
        access_page(database, AccessFilter(), limit=limit)
    escalations(database, limit=WAYS_SHOWN)
    attestation_groups(database, "team")
    attestation_counts(database)
    attestation_page(database, limit=PAGE_SIZE)
    finding_options(database)
    credential_kinds(database)
    calendar(database, snapshot.as_of)
    expiring_counts(database, snapshot.as_of)
    expiring_page(database, snapshot.as_of, limit=PAGE_SIZE)


def _metric(context: chosen.Context) -> None:
    rows = figures(context.database, context.before_measured)
    if rows and (first := metric(rows[0]["metric_id"])):
        by_group(context.database, first, "team")
        own = chosen.counted_of(context.workspace, context.snapshot.snapshot_id, first.metric_id, None)
        counted(own, None)
        listed(own, None, limit=PAGE_SIZE)


def _changes(found: Comparison) -> None:
    causes = compare(found)["causes"]
    stage_flow(found)
    for cause in ("moved_down", "moved_up"):
        subjects(found, cause, limit=25)
    first = next((cause for cause in ("moved_down", "moved_up", "new", "retired") if causes[cause]["subjects"]), None)
    if first:
        subjects(found, first, limit=PAGE_SIZE)
