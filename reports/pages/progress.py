"""Progress: what changed between two snapshots, why, and how it went over all of them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports import charts_progress as charts
from reports.pages import saving, shell
from reports.pages.flowing import flow_of
from reports.views.evidence import Rows
from reports.views.progress import WORDS, compare, grouped, subjects
from reports.views.shares import share_text
from reports.views.stages import span
from reports.views.trend import median_days
from scoring.progress import CAUSES
from scoring.progress.compare import Comparison


def show() -> None:
    context = shell.current()
    shell.heading("Progress", context.snapshot)
    if context.before is None:
        st.caption(shell.uncompared())
    else:
        shell.note(f"Compared with {context.before.label}, {shell.day(context.before.as_of)}, snapshot {context.before.snapshot_id}.")
        found = shell.compared(context.before, context.snapshot)
        document = compare(found)
        _causes(document)
        flow_of(found)
        _headlines(document)
        _subjects(found, document)
    _trend(context)


def _causes(document: dict[str, Any]) -> None:
    if document["unsplit"]:
        shell.note(
            f"Rules changed, and the earlier evidence cannot be judged again: {document['unsplit']}. All of it is put down to the rules."
        )
    elif not document["same_rules"]:
        shell.note("The earlier evidence was judged again by the rules of now, so that their own share stands apart.")
    st.subheader("Why subjects differ", anchor=False)
    shell.words(list(document["causes"].values()), {"title": "Cause", "meaning": "Meaning", "subjects": "Subjects"})
    st.caption("One cause each. What may only be better known is never called progress, nor is a change of rules or of scope.")


def _headlines(document: dict[str, Any]) -> None:
    st.subheader("Headlines by cause", anchor=False)
    groups = {group["title"]: group["rows"] for group in grouped(document["headlines"])}
    title = shell.choose("Headlines", list(groups), "headlines", default=next(iter(groups))) or next(iter(groups))
    rows = groups[title]
    unit = next(row["unit"] for row in reversed(rows) if row["unit"] != "credentials")
    drawn = [row for row in rows if row["unit"] == unit]
    columns = {
        "title": "Headline",
        "unit": "Unit",
        "before": "Before",
        "now": "Now",
        "change": "Change",
        **WORDS,
        "n_before": "n before",
        "n_now": "n now",
    }
    twin = [{**row, **(row["parts"] or dict.fromkeys(CAUSES))} for row in rows]
    shell.chart(
        charts.cause_bars(drawn, dark=shell.dark()),
        charts.cause_takeaway(drawn),
        twin,
        columns,
        key="cause_bars",
        title="Headlines by cause",
    )
    order = ", ".join(WORDS.values()).lower()
    st.caption(f"Causes replace what was by what is, one after another: {order}. The parts add up to the change, as printed.")


def _subjects(found: Comparison, document: dict[str, Any]) -> None:
    st.subheader("Subjects", anchor=False)
    counts = {WORDS[name]: cause["subjects"] for name, cause in document["causes"].items() if cause["subjects"]}
    if not counts:
        st.caption("No subject differs.")
        return
    names = {text: name for name, text in WORDS.items()}
    first = next((WORDS[name] for name in ("moved_down", "moved_up", "new", "retired") if WORDS[name] in counts), next(iter(counts)))
    chosen = shell.choose("Cause", list(counts), "cause", default=first) or first
    offset = shell.page_offset(counts[chosen])
    rows = [_row(row) for row in subjects(found, names[chosen], limit=shell.PAGE_SIZE, offset=offset)]
    shell.counted(counts[chosen], "subjects", len(rows), offset)
    columns = {
        "name": "Subject",
        "from": "From",
        "to": "To",
        "team": "Team",
        "scope": "Account",
        "reason_before": "Held down by, then",
        "reason": "Held down by, now",
        "evidence_before": "Records then",
        "evidence": "Records now",
    }
    every = saving.Every(
        columns={**columns, "subject_id": "Id"},
        batches=lambda: [[_row(row) for row in subjects(found, names[chosen])]],
        counts=lambda: {"n": counts[chosen], "unknown": 0 if names[chosen] != "evidence" else counts[chosen]},
        unknown="that may only be better or worse known",
        asked={"Cause": chosen},
    )
    picked = shell.table(
        rows, columns, alt=f"Subjects: {chosen.lower()}", key="subjects", tall=len(rows) > 18, title="Subjects by cause", every=every
    )
    if picked is not None:
        shell.go_to("identity", identity=rows[picked]["subject_id"])


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "from": span(row["stage_lo_before"], row["stage_hi_before"]), "to": span(row["stage_lo"], row["stage_hi"])}


def _trend(context: shell.Context) -> None:
    found = shell.history_of(context.workspace, context.snapshot)
    st.subheader("Static against short-lived, over time", anchor=False)
    columns = {"label": "Snapshot", "as_of": "As of", "family": "Family", "kind": "Kind", "paths": "Paths", "other_rules": "Other rules"}
    shell.chart(
        charts.mix_bars(found["mix"], dark=shell.dark()),
        charts.mix_takeaway(found["mix"]),
        found["mix"],
        columns,
        key="mix",
        title="Static against short-lived",
    )
    if any(point["other_rules"] for point in found["points"]):
        st.caption(
            "* judged by other rules, pack or thresholds than the newest: not to be read as a trend. `nhi rescore --all` makes them alike."
        )
    if not found["static"]:
        return
    st.subheader("Static credentials made and retired", anchor=False)
    columns = {
        "label": "Snapshot", "since": "Since", "before": "Active before", "rules": "By other rules", "new": "New", "seen": "Newly seen",
        "scope_in": "Came into scope", "retired": "Retired", "unseen": "Out of sight", "scope_out": "Left scope", "now": "Active now",
    }  # fmt: skip
    shell.chart(
        charts.static_bars(found["static"], dark=shell.dark()),
        charts.static_takeaway(found["static"]),
        found["static"],
        columns,
        key="static",
        title="Static credentials made and retired",
    )
    _cleanup(found["cleanup"])
    _revoked(found)


def _cleanup(rows: Rows) -> None:
    st.subheader("Cleaned up since the snapshot before", anchor=False)
    shown = [{**row, "rate": _rate(row["rate_lo"], row["rate_hi"])} for row in rows]
    columns = {
        "label": "Snapshot",
        "since": "Since",
        "kind": "What",
        "n": "There before",
        "resolved": "Resolved",
        "unknown": "Not known",
        "open": "Still there",
        "rate": "Rate",
    }
    shell.words(shown, columns)
    st.caption("Orphans: no owner, or one who left. Stale: not used for as long as the pack allows, or never. Counted in failed checks.")


def _rate(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "nothing to clean up"
    return share_text(low, high)


def _revoked(found: dict[str, Any]) -> None:
    counts, rows = found["revoked_counts"], found["revoked"]
    st.subheader("Time to revoke", anchor=False)
    median = median_days(rows)
    words = "none was revoked" if median is None else f"half took at most {_upper(median[1])}, at least {median[0]} days"
    st.caption(
        f"Active static credentials exposed or failing a critical or high check: {counts['revoked']:,} revoked ({words}), {counts['open']:,} open,"
        f" {counts['unknown']:,} out of sight. Only the dates of snapshots are known: days are an interval."
    )
    offset = shell.page_offset(len(rows), "revoked_page")
    shown = [{**row, "days": _duration(row)} for row in rows[offset : offset + shell.PAGE_SIZE]]
    columns = {
        "name": "Credential",
        "kind": "Kind",
        "why": "Why",
        "state": "State",
        "found_after": "Found after",
        "found_by": "Found by",
        "active_on": "Last seen active",
        "gone_by": "Gone by",
        "days": "Days",
    }
    shell.counted(len(rows), "credentials", len(shown), offset)
    every = saving.Every(
        columns=columns,
        batches=lambda: [[{**row, "days": _duration(row)} for row in rows]],
        counts=lambda: {"n": len(rows), "unknown": counts["unknown"]},
        unknown="out of sight",
        asked={},
    )
    chosen = shell.table(
        shown,
        columns,
        alt="Credentials found exposed or failing, and when they were revoked",
        key="revoked",
        tall=len(shown) > 18,
        title="Time to revoke",
        every=every,
    )
    if chosen is not None and shown[chosen]["identity_id"]:
        shell.go_to("identity", identity=shown[chosen]["identity_id"])


def _upper(days: int | None) -> str:
    return "an unknown number of days" if days is None else f"{days} days"


def _duration(row: dict[str, Any]) -> str:
    if row["days_hi"] is None:
        return f"≥ {row['days_lo']}"
    return f"{row['days_lo']}–{row['days_hi']}"


show()
