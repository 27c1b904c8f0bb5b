"""Plan: what to do so that a part of the estate attains a stage, and the figures with chosen moves made beside those without."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import streamlit as st

from inventory.database import StoreError
from reports import charts
from reports.pages import shell
from reports.views.planner import actions_file, catalogue, creep_words, groups, planned, what_if, worlds_of
from reports.views.stages import span
from scoring.attained import STAGES
from scoring.planning.target import TargetError

PLAN, SUPPOSE = "Plan toward a stage", "What if"
EVERYTHING = "everything"
KEPT = 16  # answers that are kept: the same snapshot and the same choice give the same one

MOVES = {
    "title": "Move",
    "stages": "From and to stage",
    "effort": "Effort",
    "effort_reason": "Why that effort",
    "providers": "Works on",
    "asks": "What it asks",
}
CHANGES = {
    "title": "Move", "name": "What", "before": "Stage now", "after": "Then", "effort": "Effort", "owner": "Owner", "last_used": "Last use",
    "privilege": "Privilege", "may_become": "Roles it may become", "workloads": "Used by", "guards": "First", "findings_settled": "Settles findings",
}  # fmt: skip
BLOCKERS = {"name": "Path of", "stands": "Stage", "critical": "Critical", "why": "Why it stays"}
SETTLE = {"title": "Evidence", "name": "What", "interval": "Between stages", "reason": "Why it is not known"}
QUESTIONS = {"id": "Question", "now": "Control met now", "then": "Then"}
GROUP_TWIN = {
    "group": "When",
    "subjects": "Placed",
    **{f"s{stage}": f"S{stage}" for stage in STAGES},
    "no_active_path": "No active path",
    "attained": "Attained",
    "exact_pct": "Coverage %",
    "paths": "Paths",
}
STAGE_TWIN = {"stage": "Stage", "lo": "Lower bound", "hi": "Upper bound", "exact": "Exactly"}


def show() -> None:
    context = shell.current()
    shell.heading("Plan", context.snapshot)
    mode = st.segmented_control("Ask", [PLAN, SUPPOSE], default=PLAN, required=True, key="ask", bind="query-params")
    where = st.selectbox("Where", [EVERYTHING, *groups(context.database)], key="where", bind="query-params")
    try:
        found = _plan(context, str(where)) if mode == PLAN else _suppose(context, str(where))
    except (StoreError, TargetError) as error:
        shell.note(str(error))
        return
    if found:
        _result(found)
    with st.expander("The moves, and what they cost"):
        shell.words([{**row, "providers": ", ".join(row["providers"])} for row in catalogue()], MOVES)


def _plan(context: shell.Context, where: str) -> dict[str, Any] | None:
    with st.form("plan", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.selectbox("Stage to attain", list(STAGES)[1:], index=3, key="plan_stage", format_func=lambda number: f"S{number}")
        by = st.date_input("By", value=None, key="by")
        asked = st.form_submit_button("Find a plan")
    text = f"{stage} in {where}"
    day = by if isinstance(by, date) else None
    return _kept(context, ("plan", text, day), lambda worlds, tell: planned(worlds, text, day, {}, tell), asked=asked)


def _suppose(context: shell.Context, where: str) -> dict[str, Any] | None:
    titles = {row["move"]: row["title"] for row in catalogue()}
    with st.form("suppose", border=False):
        chosen = st.multiselect("Moves", list(titles), format_func=lambda move: titles[move], key="moves")
        waiting = st.toggle("Also where a guard says to wait", key="waiting")
        asked = st.form_submit_button("Suppose they are made")
    if not chosen:
        shell.note("Choose moves. Each is made to all that it can be made to, there; of two on one subject, the first chosen.")
        return None
    group = None if where == EVERYTHING else where
    choice = ("suppose", tuple(chosen), where, waiting)
    return _kept(context, choice, lambda worlds, _: what_if(worlds, chosen, group, waiting=waiting), asked=asked)


@st.cache_resource(show_spinner=False)
def _answers() -> dict[Any, dict[str, Any]]:
    """Answers for all sessions, the oldest first."""
    return {}


def _kept(
    context: shell.Context, choice: Any, ask: Callable[[Any, Callable[[str, int, int], None]], dict[str, Any]], *, asked: bool
) -> dict[str, Any] | None:
    """The answer to a choice, from before or, when asked for, from the engine. A snapshot never changes, so neither does the answer."""
    answers, key = _answers(), (str(shell.lake().workspace), context.snapshot.snapshot_id, choice)
    if key not in answers and asked:
        with st.status("Judging the snapshot as it is") as status, worlds_of(shell.lake(), context.snapshot) as worlds:
            answers[key] = ask(worlds, lambda what, done, known: status.update(label=f"Judging again: {what} ({done + 1} of {known})"))
            status.update(label=f"The engine ran {worlds.runs} times", state="complete")
        for old in list(answers)[:-KEPT]:
            del answers[old]
    return answers.get(key)


def _result(found: dict[str, Any]) -> None:
    if "target" in found:
        _verdict(found)
    else:
        _cards(found, "Stage attained by everything", found["attained_all"])
    _stages(found)
    _changes(found)
    if found.get("blockers"):
        st.subheader(f"What stays below ({len(found['blockers'])})", anchor=False)
        rows = [{**row, "stands": span(row["stage_lo"], row["stage_hi"])} for row in found["blockers"]]
        shell.table(
            rows, BLOCKERS, alt="Paths that stay below the stage, critical ones first", tall=len(rows) > 18, title="What stays below"
        )
        st.caption("A critical path (admin, privilege not known, open, or in code) holds the stage back whatever its number.")
    if found["settle"]:
        st.subheader(f"Evidence that might settle some of it ({len(found['settle'])})", anchor=False)
        rows = [{**row, "interval": _span(row["interval"])} for row in found["settle"]]
        shell.table(rows, SETTLE, alt="Evidence to supply", tall=len(rows) > 18, title="Evidence to supply")
        st.caption("What it will show nobody knows beforehand: no stage is promised. It may make some moves unnecessary.")
    _questions(found)
    shell.note(found["caveat"])


def _verdict(found: dict[str, Any]) -> None:
    target = found["target"]
    by = f" by {target['by']}" if target["by"] else ""
    if found["reached"]:
        shell.note(f"Stage {target['stage']} in {target['group']}{by}: {len(found['changes'])} moves, effort {found['effort']} in all.")
    else:
        shell.note(
            f"No moves that are ready attain stage {target['stage']} in {target['group']}. Below: what comes closest, and what holds it back."
        )
    _cards(found, f"Attained in {target['group']}", found["attained"])
    st.download_button("Download as actions (YAML)", actions_file(found), file_name="plan.yaml")


def _cards(found: dict[str, Any], label: str, attained: dict[str, Any]) -> None:
    creep, findings = found["creep"], found["findings"]
    indexes = {name: creep_words(creep[name]) for name in ("before", "after")}
    failed = {name: sum(findings[name].values()) for name in ("before", "after")}
    effort = found.get("effort", sum(row["effort"] for row in found["changes"]))
    severe = f"{findings['before']['critical']} critical now, {findings['after']['critical']} then"
    pairs = [
        (label, _stage(attained["before"]), _stage(attained["after"]), "share of paths that stand there for certain, no critical one below"),
        ("Effort", "", str(effort), f"{len(found['changes'])} changes; 1 is an hour, 8 a project"),
        ("Failed findings", f"{failed['before']:,}", f"{failed['after']:,}", severe),
        ("Permission-creep index", indexes["before"], indexes["after"], "unused among granted, 0 to 100"),
    ]  # fmt: skip
    shell.block(
        "cards",
        cards=[{"label": name, "value": f"{now} → {then}" if now else then, "caption": text} for name, now, then, text in pairs],
    )


def _stage(stage: int | None) -> str:
    return f"S{stage}" if stage else "none"


def _stages(found: dict[str, Any]) -> None:
    st.subheader("Stages, now and then", anchor=False)
    if found["group_stages"]:
        rows = [{**row, "group": when} for when, row in zip(("now", "then"), found["group_stages"], strict=True)]
        takeaway = f"Placed subjects of {found['target']['group']} by lower bound, now and with everything done."
        shell.chart(charts.group_bars(rows, dark=shell.dark()), takeaway, rows, GROUP_TWIN, key="group", title="Stages of the group")
        st.caption("Below: everything.")
    highest = max((row[name] for rows in found["distribution"].values() for row in rows for name in ("lo", "hi")), default=1)
    for column, when, words in zip(st.columns(2, gap="large"), ("before", "after"), ("Now", "Then, if done"), strict=True):
        rows = found["distribution"][when]
        figure = charts.stage_bars(rows, dark=shell.dark())
        figure.update_yaxes(range=[0, 1.12 * highest])
        with column:
            st.caption(words)
            shell.chart(figure, charts.stage_takeaway(rows), rows, STAGE_TWIN, key=f"stages {when}", title=f"Stages {words.lower()}")


def _changes(found: dict[str, Any]) -> None:
    changes = found["changes"]
    st.subheader(f"Changes ({len(changes)})", anchor=False)
    if not changes:
        st.caption("None is needed." if found.get("reached") else "None that is ready.")
        return
    chosen = shell.table(
        [_row(one) for one in changes],
        CHANGES,
        alt="Changes, most paths mended per effort first",
        key="changes",
        tall=len(changes) > 18,
        title="Changes",
    )
    if chosen is None:
        st.caption("Choose one to see what it asks, the way back and the records behind it.")
        return
    one = changes[chosen]
    details = [
        {"what": label, "text": text}
        for label, text in (
            ("Do", one["asks"]),
            ("Because", one["reason"]),
            ("First", "; ".join(one["guards"])),
            ("The way back", one["rollback"]),
        )
        if text
    ]
    shell.words(details, {"what": "", "text": one["name"]})
    shell.table(one["evidence"], {"path": "File", "record": "Record"}, alt="Records behind the change")
    if one["identity_id"]:
        shell.link("identity", "Its access paths and findings", identity=one["identity_id"])
    for line in found["left_out"][:50]:
        shell.note(f"Left out: {line}")


def _row(one: dict[str, Any]) -> dict[str, Any]:
    last = one["last_used_at"] or ("none seen" if one["last_used_known"] else "not known")
    return {**one, "before": _span(one["before"]), "after": _span(one["after"]) if one["after"] else "closed", "last_used": last}


def _span(stood: tuple[int, int] | None) -> str:
    return span(*stood) if stood else "—"


def _questions(found: dict[str, Any]) -> None:
    st.subheader("Questions, now and then", anchor=False)
    shell.words([{"id": row["id"], "now": _met(row, "_before"), "then": _met(row, "")} for row in found["questions"]], QUESTIONS)


def _met(row: dict[str, Any], when: str) -> str:
    low, high = row[f"lo{when}"], row[f"hi{when}"]
    return f"{row[f'met{when}']}" + (f", {shell.percent(low)} to {shell.percent(high)}" if low is not None else "")


show()
