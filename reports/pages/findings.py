"""Findings: every check over its population, and the subjects that failed or could not be judged."""

from __future__ import annotations

import streamlit as st

from reports.pages import filters, saving, shell
from reports.views.findings import (
    FindingFilter,
    check_results,
    finding_batches,
    finding_count,
    finding_counts,
    finding_options,
    findings_page,
)
from reports.views.interview import disagreements
from reports.views.methodology import check_details

EXCEPTED = {"excepted": True, "not excepted": False}


def show() -> None:
    context = shell.current()
    shell.heading("Findings", context.snapshot)
    options = finding_options(context.database)
    columns = st.columns(4)
    with columns[0]:
        check = shell.choose("Check", options["check_id"], "check")
    with columns[1]:
        severity = shell.choose("Severity", options["severity"], "severity")
    with columns[2]:
        status = shell.choose("Status", options["status"], "status")
    with columns[3]:
        excepted = shell.choose("Exception", list(EXCEPTED), "excepted")
    if check:
        _about(check)
    wanted = FindingFilter(check_id=check, severity=severity, status=status, within=filters.chosen(), excepted=EXCEPTED.get(str(excepted)))
    _subjects(context, wanted)
    if check is None:
        _declared(context)
    if not shell.limited():  # counts over the whole estate
        _checks(context)


def _about(check: str) -> None:
    details = check_details().get(check)
    if details:
        shell.block("check", check=details)


def _subjects(context: shell.Context, wanted: FindingFilter) -> None:
    total = finding_count(context.database, wanted)
    offset = shell.page_offset(total)
    rows = findings_page(context.database, wanted, limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "findings", len(rows), offset)
    shown = {
        "severity": "Severity",
        "status": "Status",
        "check_id": "Check",
        "subject_name": "Subject",
        "reason": "Why",
        "exception": "Exception",
        "scope": "Account",
        "evidence": "Evidence",
        "maps_to": "Maps to",
    }
    chosen = shell.table(
        rows,
        shown,
        alt="Findings, failed before unknown, critical first",
        key="rows",
        tall=len(rows) > 18,
        title="Findings",
        every=_every(context, wanted, shown),
    )
    st.caption("Choose a row for the subject it belongs to. Unknown is not a pass: the evidence did not allow a verdict.")
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["identity_id"] or rows[chosen]["subject_id"], check=rows[chosen]["check_id"])


def _every(context: shell.Context, wanted: FindingFilter, shown: dict[str, str]) -> saving.Every:
    excepted = {True: "excepted", False: "not excepted", None: None}[wanted.excepted]
    return saving.Every(
        columns={**shown, "subject_kind": "Kind of subject", "subject_id": "Id", "identity_id": "Identity"},
        batches=lambda: finding_batches(context.database, wanted),
        counts=lambda: finding_counts(context.database, wanted),
        unknown="that could not be judged",
        asked={"Check": wanted.check_id, "Severity": wanted.severity, "Status": wanted.status, "Exception": excepted},
    )


def _declared(context: shell.Context) -> None:
    """Declared answers that the evidence contradicts: not of a check, so they stand apart."""
    rows = disagreements(context.database, context.snapshot, context.decisions, context.today)
    if not rows:
        return
    st.subheader(f"Declared differs from measured ({len(rows)})", anchor=False)
    shell.words(rows, {"severity": "Severity", "check_id": "Check", "subject_name": "Subject", "reason": "Why"})
    shell.link("questions", "Both evidences, on Five questions")


def _checks(context: shell.Context) -> None:
    rows = check_results(context.database)
    st.subheader(f"All checks ({len(rows)})", anchor=False)
    if filters.chosen().active():
        st.caption("Counted over everything: the filter narrows the findings above.")
    shown = {
        "check_id": "Check",
        "severity": "Severity",
        "population": "Subjects",
        "failed": "Fail",
        "unknown": "Unknown",
        "passed": "Pass",
        "reason": "Why nothing could be judged",
    }
    shell.table(rows, shown, alt="Every check with its population and counts", title="Checks")


show()
