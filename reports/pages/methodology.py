"""Methodology: the rules in words, generated from the data that scoring judges by."""

from __future__ import annotations

import dataclasses

import streamlit as st

from reports.pages import shell
from reports.views import methodology
from reports.views.questions import SUPPLEMENTARY, WORDING, bands_in_words
from reports.views.stages import span
from reports.views.summary import thresholds


def show() -> None:
    context = shell.current()
    shell.heading("Methodology", context.snapshot)
    if methodology.rules_version() != context.snapshot.rules_version:
        st.caption(f"This installation has rules {methodology.rules_version()}; the snapshot was judged by other rules than those below.")
    st.subheader("The seven stages", anchor=False)
    stages = [dataclasses.asdict(stage) for stage in methodology.stages()]
    columns = {
        "number": "#",
        "name": "Name",
        "name_source": "Name is",
        "here_when": "An access path is here when",
        "main_risk": "Main risk",
    }
    shell.words(stages, {**columns, "next_move": "Next move"})
    st.caption(
        "Source: “7 Stages of Non-Human Identity Security Maturity”, Aembit, March 2025. Verbatim names are the article's own; derived ones are ours."
    )
    _placement()
    st.subheader("Questions", anchor=False)
    shell.words(
        [{"id": key, "words": words, "whose": "ours" if key in SUPPLEMENTARY else "the model's"} for key, words in WORDING.items()],
        {"id": "Id", "words": "Question", "whose": "Whose"},
    )
    st.write(
        "At least = pass / (pass + fail + unknown); at most = (pass + unknown) / (pass + fail + unknown). "
        f"{bands_in_words(thresholds(context.snapshot))}, between them partly. "
        "An answer is given only when both bounds fall in one band. For Q1 and S1 one subject that fails is enough."
    )
    _least_privilege()
    _checks()
    _thresholds(context)


def _least_privilege() -> None:
    st.subheader("Used against granted", anchor=False)
    st.write(
        "A permission is used when evidence shows a call within the window (threshold unused_days). It is unused only when a source that covers it looked "
        "back at least that long and saw none. Likely unused: nothing was seen by a source that may miss some. Everything else is not known, and is kept by "
        "every proposal. Permission-creep index = 100 × weight of what is unused / weight of what is granted: an interval, its upper end as if all that is "
        "likely unused or not known were unused."
    )
    shell.words(methodology.permission_weights(), {"name": "Weighs as", "weight": "Weight", "means": "What it lets its holder do"})


def _placement() -> None:
    st.subheader("How a path is placed", anchor=False)
    st.write(
        "Every access path gets an interval. Missing evidence never raises the lower bound, and headlines use the lower bound. "
        "A copy of a static credential is supposed wherever nobody looked. "
        "A subject stands where its weakest active path stands."
    )
    rows = [{**rule, "span": span(rule["lo"], rule["hi"])} for rule in methodology.placement_rules()]
    columns = {"id": "Rule", "mechanism": "Mechanism", "storage": "Rests in", "qualifier": "If", "span": "Stage"}
    shell.words(
        rows,
        {
            **columns,
            "lo_reason": "Not lower, and not claimed higher, because",
            "hi_reason": "Capped because",
            "to_settle": "Evidence that settles it",
        },
    )
    shell.words(
        methodology.bounds_on_copies(),
        {
            "id": "Bound",
            "storage": "Rests in",
            "lo": "For certain no higher than",
            "lo_reason": "Because",
            "to_settle": "Evidence that lifts it",
        },
    )
    shell.words(methodology.storage_groups(), {"group": "Group", "storage": "Places"})


def _checks() -> None:
    details = methodology.check_details()
    if not details:
        return
    st.subheader(f"Checks ({len(details)})", anchor=False)
    columns = {
        "id": "Check",
        "title": "States",
        "severity": "Severity",
        "subject": "Of each",
        "needs": "Needs",
        "maps_to": "Maps to",
        "fix": "Fix",
    }
    shell.table(list(details.values()), columns, alt="All checks", title="All checks")


def _thresholds(context: shell.Context) -> None:
    st.subheader("Thresholds of the policy pack", anchor=False)
    shell.words(
        [{"name": name, "value": value} for name, value in sorted(thresholds(context.snapshot).items())],
        {"name": "Threshold", "value": "Value"},
    )


show()
