"""Overview: where the organisation stands, how far that is known, what is worst and what to do next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from inventory.database import Database
from inventory.lake import Snapshot
from reports import charts, views
from reports.pages import shell
from reports.views import stages
from reports.views.findings import check_results
from reports.views.least_privilege import AccessFilter, access_totals, interval
from reports.views.progress import WORDS, compare, subjects
from reports.views.questions import SUPPLEMENTARY, questions
from reports.views.shares import share_text
from reports.views.summary import attained_percent, finding_counts, identities, unknown_checks


def show() -> None:
    context = shell.current()
    shell.heading("Overview", context.snapshot)
    _indicators(context)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _stages(context)
    with right:
        _answers(context)
    _risks(context)
    _moves(context)
    _changes(context)
    for warning in context.snapshot.details.get("warnings", []):
        shell.note(f"Warning: {warning}")


def _indicators(context: shell.Context) -> None:
    database, since = context.database, context.before.label if context.before else ""
    people, exact, found = identities(database), stages.exactness(database), finding_counts(database)
    attained, unjudged, access = _attained(database, context.snapshot), unknown_checks(database), access_totals(database, AccessFilter())
    five = [row for row in questions(database) if row["question_id"] not in SUPPLEMENTARY]
    severe = found["by_severity"]
    attained_before, exact_before = _before(context)
    cards = [
        (
            "Non-human identities",
            f"{people['nonhuman'] + people['human_unknown']:,}",
            f"{people['human_unknown']:,} of them perhaps human; {people['human']:,} human and {people['out_of_scope']:,} out of scope not counted",
            None,
        ),
        (
            "Attained stage",
            f"S{attained}" if attained else "none",
            f"{attained_percent(context.snapshot):g} % of {exact['paths']:,} paths stand there or higher for certain, and no critical one lower",
            _change(attained, attained_before, since),
        ),
        (
            "Coverage",
            f"{exact['exact_pct']:g} %" if exact["exact_pct"] is not None else "none",
            f"{exact['exact']:,} of {exact['paths']:,} paths have one stage; {exact['paths'] - exact['exact']:,} an interval",
            _change(exact["exact_pct"], exact_before, since),
        ),
        (
            "Questions met",
            f"{sum(row['met'] == 'yes' for row in five)} of {len(five)}",
            f"{sum(row['met'] == 'unknown' for row in five)} cannot be answered yet",
            None,
        ),
        (
            "Permission-creep index",
            interval(access["creep_lo"], access["creep_hi"]),
            f"unused among granted, 0 to 100, of {access['judged']:,} identities; {access['unjudged']:,} not known",
            None,
        ),
        (
            "Failed findings",
            f"{sum(severe.values()):,}",
            f"{severe['critical']:,} critical, {severe['high']:,} high; {found['unknown']:,} more could not be judged",
            None,
        ),
        ("Checks not judged", f"{len(unjudged)} of {len(check_results(database))}", "their evidence is missing: unknown, not passed", None),
    ]
    names = ("label", "value", "caption", "change")
    shell.block("cards", cards=[dict(zip(names, card, strict=True)) for card in cards])


def _before(context: shell.Context) -> tuple[int | None, float | None]:
    """What was attained, and the share of paths with one stage, in the snapshot compared with, where it is judged alike."""
    before, database = context.before, context.before_measured
    if before is None or database is None or before.judged_by != context.snapshot.judged_by:
        return None, None
    return _attained(database, before), stages.exactness(database)["exact_pct"]


def _attained(database: Database, snapshot: Snapshot) -> int | None:
    return stages.attained(database, attained_percent(snapshot))


def _change(now: float | None, before: float | None, since: str) -> str | None:
    """The difference in words to the snapshot of this label; None when there is nothing to compare."""
    if now is None or before is None:
        return None
    return f"{round(now - before, 1):+g} since {since}" if now != before else f"as in {since}"


def _stages(context: shell.Context) -> None:
    rows = stages.distribution(context.database)
    st.subheader("Stages of all placed subjects", anchor=False)
    columns = {"stage": "Stage", "lo": "Lower bound here", "hi": "Upper bound here", "exact": "Certainly here"}
    figure = charts.stage_bars(rows, dark=shell.dark())
    chosen = shell.chart(figure, charts.stage_takeaway(rows), rows, columns, key="stage_bars", title="Stages", select=True)
    with st.container(horizontal=True, gap="small"):
        st.caption("List by lower bound", width="content")
        for row in rows:
            shell.link("inventory", f"S{row['stage']}: {row['lo']}", stage=str(row["stage"]))
    if chosen:
        stage, bound = chosen[0]["customdata"][:2]
        shell.go_to("inventory", **{"stage" if bound == "lo" else "most": str(stage)})


def _answers(context: shell.Context) -> None:
    rows = questions(context.database)
    st.subheader("Five questions", anchor=False)
    shown = [{**row, "met": row["met"].replace("_", " "), "share": _share(row)} for row in rows]
    shell.words(shown, {"question_id": "Id", "wording": "Question", "met": "Control met", "share": "Met by"})
    st.caption("S1 and S4 are ours. For Q1 and S1 an answer of yes is bad; “control met” is always good.")
    shell.link("questions", "See the bounds and the subjects behind them")


def _share(row: dict[str, Any]) -> str:
    share = share_text(row["lo"], row["hi"])
    return share if row["lo"] is None else f"{share} of {row['denominator']:,}; {row['unknown']:,} unknown"


def _risks(context: shell.Context) -> None:
    rows = [{**row, "span": stages.span(row["stage_lo"], row["stage_hi"])} for row in views.top_risks(context.database)]
    st.subheader("Top risks", anchor=False)
    if not rows:
        st.caption("No check failed. That is no proof: see the Coverage page for what could not be judged.")
        return
    st.caption("Worst failed check first, then privilege (unknown counts as high), then stage. Choose a row for its evidence.")
    columns = {
        "subject_name": "Subject",
        "severity": "Severity",
        "check_id": "Worst check",
        "reason": "Why",
        "span": "Stage",
        "privilege": "Privilege",
        "team": "Team",
        "failed": "Failed",
        "evidence": "Evidence",
    }
    chosen = shell.table(rows, columns, alt=f"The {len(rows)} subjects with the worst failed checks", key="risks", title="Top risks")
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


def _moves(context: shell.Context) -> None:
    moves = views.next_moves(context.database)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Evidence to supply", anchor=False)
        columns = {"to_settle": "What", "paths": "Paths it settles", "critical": "Critical"}
        rows = [{**row, "span": stages.span(row["stage_lo"], row["stage_hi"])} for row in moves.settle]
        shell.words(rows, {"span": "Now between", **columns})
        st.caption("Each would turn intervals into one stage; it may raise or lower it.")
    with right:
        st.subheader("Next moves", anchor=False)
        columns = {"stage": "Stage", "next_move": "Move", "subjects": "Subjects", "critical": "Admin or unknown"}
        shell.words(moves.climb, columns)
        st.caption("Only subjects whose stage is certain.")


def _changes(context: shell.Context) -> None:
    st.subheader("What changed", anchor=False)
    if context.before is None:
        st.caption(shell.uncompared())
        return
    found = shell.compared(context.before, context.snapshot)
    change = compare(found)
    shell.note(f"Against {context.before.label}, {shell.day(context.before.as_of)}. Each subject that differs has one cause.")
    if change["unsplit"]:
        shell.note(f"Rules changed, and the earlier evidence cannot be judged again: {change['unsplit']}.")
    left, right = st.columns(2, gap="large")
    with left:
        shell.words(list(change["causes"].values()), {"title": "Cause", "meaning": "Meaning", "subjects": "Subjects"})
        shell.link("progress", "See every headline by cause, and the trend")
    with right:
        moved = [row for cause in ("moved_down", "moved_up") for row in subjects(found, cause, limit=25)]
        rows = [
            {
                **row,
                "movement": WORDS[row["cause"]],
                "from": stages.span(row["stage_lo_before"], row["stage_hi_before"]),
                "to": stages.span(row["stage_lo"], row["stage_hi"]),
            }
            for row in moved
        ]
        columns = {"name": "Subject", "movement": "Movement", "from": "From", "to": "To", "team": "Team"}
        chosen = shell.table(rows, columns, alt="Subjects that certainly moved, lower first", key="moved", title="Subjects that moved")
        if chosen is not None:
            shell.go_to("identity", identity=rows[chosen]["subject_id"])


show()
