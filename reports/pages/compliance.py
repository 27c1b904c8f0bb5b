"""Compliance: the controls of a framework, the verdict on each, and the checks and subjects behind it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports.pages import saving, shell
from reports.views.compliance import (
    CAUTION,
    WORDS,
    Compliance,
    check_rows,
    compliance,
    control_finding_count,
    control_findings,
    control_rows,
    framework_rows,
)
from reports.views.lenses import OURS, lens_rows
from scoring.compliance import framework
from scoring.compliance.verdict import VERDICTS


def show() -> None:
    context = shell.current()
    shell.heading("Compliance", context.snapshot)
    found = compliance(context.database, context.snapshot)
    overview = framework_rows(found)
    columns = st.columns([3, 1])
    with columns[0]:
        key = shell.choose("Framework", [row["framework"] for row in overview], "framework")
    with columns[1]:
        verdict = shell.choose("Verdict", list(VERDICTS), "verdict") if key else None
    st.caption(f"{CAUTION} Pack {context.snapshot.pack}, mapping {found.mapping}.")
    if key:
        _framework(context, found, key, verdict)
    else:
        _all(overview)
        _lenses(context)


def _lenses(context: shell.Context) -> None:
    st.subheader("Other maturity models", anchor=False)
    st.caption(f"{OURS} A level is an interval: what the evidence allows at least, and at most.")
    columns = {
        "lens": "Model",
        "measure": "Measured by",
        "level": "Level",
        "n": "Counted",
        "unknown": "Without a single level",
        "outside": "Not measured",
    }
    shell.words(lens_rows(context.database, context.snapshot), columns)


def _all(overview: list[dict[str, Any]]) -> None:
    shown = {
        "framework": "Framework",
        "controls": "Controls",
        "not": "Not met",
        "partly": "Partly",
        "unknown": "Unknown",
        "not_applicable": "Does not apply",
        "met": "Met",
        "measured": "With a check",
        "to_ask": "To ask",
        "name": "Name",
    }
    st.subheader(f"Frameworks ({len(overview)})", anchor=False)
    chosen = shell.table(overview, shown, alt="Every framework version with its controls by verdict", key="frameworks", title="Frameworks")
    st.caption("Choose a row for its controls. A control without a check of ours is unknown and counted, never hidden.")
    if chosen is not None:
        shell.go_to("compliance", framework=overview[chosen]["framework"])


def _framework(context: shell.Context, found: Compliance, key: str, verdict: str | None) -> None:
    each, rows = framework(key), control_rows(found, key, verdict)
    every = control_rows(found, key)
    st.subheader(each.name, anchor=False)
    counts = ", ".join(f"{sum(row['verdict'] == name for row in every)} {WORDS[name]}" for name in VERDICTS)
    shell.note(f"{len(every)} controls: {counts}. Outside our checks: {each.scope_note}.")
    shown = {
        "id": "Control",
        "title": "About, in our words",
        "said": "Verdict",
        "judged": "Judged",
        "failed": "Fail",
        "unknown": "Unknown",
        "reason": "Why",
        "ask": "Ask people",
        "outside": "Not measured",
        "checks": "Checks",
    }
    chosen = shell.table(rows, shown, alt=f"Controls of {key} with verdict and counts", key="controls", title=f"Controls of {key}")
    st.caption("Judged counts one subject once for each check. Choose a row for the checks and the subjects behind it.")
    if chosen is not None:
        _control(context, key, rows[chosen])


def _control(context: shell.Context, key: str, control: dict[str, Any]) -> None:
    st.subheader(f"{control['id']}: {control['said']}", anchor=False)
    shell.note(f"{control['title']}. {control['reason']}.")
    if control["ask"]:
        shell.note(f"Ask: {control['ask']}")
    if not control["checks"]:
        return
    counts = {
        "check_id": "Check",
        "severity": "Severity",
        "population": "Subjects",
        "failed": "Fail",
        "unknown": "Unknown",
        "passed": "Pass",
    }
    shell.table(
        check_rows(context.database, key, control["checks"]),
        counts,
        alt="Checks that are evidence for this control",
        title="Checks of the control",
    )
    total = control_finding_count(context.database, key, control["checks"])
    offset = shell.page_offset(total)
    rows = control_findings(context.database, key, control["checks"], limit=shell.PAGE_SIZE, offset=offset)
    shell.counted(total, "findings", len(rows), offset)
    columns = {
        "status": "Status",
        "check_id": "Check",
        "subject_name": "Subject",
        "reason": "Why",
        "scope": "Account",
        "evidence": "Evidence",
    }
    every = saving.Every(
        columns=columns,
        batches=lambda: [control_findings(context.database, key, control["checks"], limit=total)],
        counts=lambda: {"n": total, "unknown": control_finding_count(context.database, key, control["checks"], "unknown")},
        unknown="that could not be judged",
        asked={"Framework": key, "Control": control["id"]},
    )
    chosen = shell.table(
        rows,
        columns,
        alt="Subjects that fail or could not be judged",
        key="subjects",
        tall=len(rows) > 18,
        title="Findings of the control",
        every=every,
    )
    for check in control["checks"]:
        shell.link("findings", f"All findings of {check}", check=check)
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["identity_id"] or rows[chosen]["subject_id"])


show()
