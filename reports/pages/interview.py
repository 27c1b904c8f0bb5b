"""Interview: what people declare, question by question, beside what was measured. The only thing written is an answer, with its author."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from inventory.decision_file import DecisionError, answer_id
from inventory.decisions import EVERYWHERE, Answer, Share, Where
from reports.access import Right
from reports.pages import shell
from reports.pages.signing import author
from reports.views import interview as view
from reports.views.evidence import Rows

SAVED = "interview_saved"
IN_ADDRESS = "interview_in_address"  # the question that this page wrote into the address itself


def show() -> None:
    context = shell.current()
    shell.heading("Interview", context.snapshot)
    where = _where(context)
    rows = view.questions(context.database, context.snapshot, context.decisions, context.today, where)
    _progress(rows, where)
    if told := st.session_state.pop(SAVED, None):
        st.success("Saved.", icon=":material/check:")
        shell.note(told)
    chosen = _choose(rows)
    left, right = st.columns(2, gap="large")
    with left:
        _about(chosen, where)
    with right:
        if shell.may(Right.DECIDE):
            _form(chosen, where)
        _next(rows, chosen)
    _history(chosen, where)
    _overview(rows)
    _elsewhere(context)
    st.subheader("What each answer says", anchor=False)
    shell.words(view.bands(context.snapshot), {"answer": "Answer", "share": "Share that it says"})


def _where(context: shell.Context) -> Where:
    """Which part of the estate the answers are about."""
    options = view.where_options(context.database)
    left, right = st.columns(2)
    with left:
        tag = shell.choose("Answers are about one", list(options), "by")
    if tag is None:
        return EVERYWHERE
    with right:
        value = shell.choose("which", options[tag], "part")
    return Where(tags={tag: value}) if value else EVERYWHERE


def _progress(rows: Rows, where: Where) -> None:
    done = view.progress(rows)
    st.progress(done["answered"] / done["questions"] if done["questions"] else 0.0)
    shell.note(
        f"{done['answered']} of {done['questions']} answered for {where}, {done['counted']} count,"
        f" {done['differ']} differ from what was measured. An answer never changes what was measured."
    )


def _choose(rows: Rows) -> dict[str, Any]:
    """The question on show: from the address, or the first that nobody answered. The address follows what is chosen."""
    ids = [row["id"] for row in rows]
    words = {row["id"]: f"{row['id']}: {row['text']}" for row in rows}
    asked = st.query_params.get("question")
    if "asked" not in st.session_state or (asked in ids and asked != st.session_state.get(IN_ADDRESS)):
        st.session_state["asked"] = asked if asked in ids else next((row["id"] for row in rows if row["declared"] is None), ids[0])
    picked = st.selectbox("Question", ids, key="asked", format_func=lambda name: words[name])
    st.query_params["question"] = st.session_state[IN_ADDRESS] = picked
    return next(row for row in rows if row["id"] == picked)


def _about(row: dict[str, Any], where: Where) -> None:
    """What is asked, what was measured, and what is declared."""
    shell.block("interview", question=row, where=str(where))
    measured = row["measured"]
    if measured:
        shell.link("questions", "The subjects that were counted", question=row["measured_by"])
    if row["checks"]:
        columns = {"check_id": "Checks that show a part of it", "failed": "Fail", "unknown": "Unknown", "passed": "Pass", "population": "n"}
        shell.words(row["checks"], columns)


def _history(row: dict[str, Any], where: Where) -> None:
    past = view.history(shell.log().entries(), row["id"], where)
    if past:
        st.subheader(f"Answers given so far ({len(past)})", anchor=False)
        columns = {"at": "When", "who": "Who", "words": "Answer", "criteria": "Confirmed", "note": "Note", "links": "Links"}
        shell.words(past, columns)


def _form(row: dict[str, Any], where: Where) -> None:
    """The answer, prefilled with the one that stands."""
    declared = row["declared"]
    mark = answer_id(row["id"], where)
    shares = list(Share)
    with st.form(f"form:{mark}"):
        share = st.radio(
            "How much holds?",
            shares,
            index=shares.index(Share(declared["answer"])) if declared else None,
            format_func=lambda one: view.SHARES[one].capitalize(),
            key=f"share:{mark}",
        )
        st.caption("Above none, an answer counts only when all of these hold:")
        held = [
            name
            for name, text in row["criteria"].items()
            if st.checkbox(text, value=bool(declared and name in declared["criteria"]), key=f"{name}:{mark}")
        ]
        note = st.text_area("Note", value=declared["note"] if declared else "", key=f"note:{mark}")
        links = st.text_area("Links, one a line", value="\n".join(declared["links"]) if declared else "", key=f"links:{mark}")
        name = author() or ""
        if st.form_submit_button("Save the answer"):
            _save(row["id"], where, share, held, note, links, name)


def _next(rows: Rows, chosen: dict[str, Any]) -> None:
    """On to the next question that nobody answered, after this one or from the start."""
    at = rows.index(chosen)
    left = [row["id"] for row in rows[at + 1 :] + rows[:at] if row["declared"] is None]
    if left:
        st.button("Next question without an answer", on_click=st.session_state.update, args=({"asked": left[0]},))


def _save(question: str, where: Where, share: Share | None, held: list[str], note: str, links: str, name: str) -> None:
    if share is None:
        st.error("Choose how much holds.")
        return
    answer = Answer(
        id=answer_id(question, where),
        question=question,
        where=where,
        answer=share,
        criteria=tuple(held),
        note=note.strip(),
        links=tuple(line.strip() for line in links.splitlines() if line.strip()),
    )
    try:
        shell.log().record(answer, who=name, at=datetime.now(UTC))
    except DecisionError:
        st.error("Write your name: an answer has an author.")
        return
    st.session_state[SAVED] = f"{answer.id}: {view.SHARES[share]}, by {name}"
    st.rerun()


def _overview(rows: Rows) -> None:
    st.subheader("All questions", anchor=False)
    shown = [
        {
            **row,
            "declared_words": row["declared"]["words"] if row["declared"] else None,
            "by": row["declared"]["by"] if row["declared"] else None,
            "says": row["declared"]["says"] if row["declared"] else None,
            "measured_words": f"{row['measured']['share']}, n={row['measured']['n']}" if row["measured"] else None,
        }
        for row in rows
    ]
    columns = {
        "id": "Id",
        "text": "Question",
        "measured_words": "Measured",
        "declared_words": "Declared",
        "by": "By",
        "says": "Together",
    }
    shell.words(shown, columns)


def _elsewhere(context: shell.Context) -> None:
    """Every standing answer, whatever it is about; one that fits no question is told here."""
    rows = view.answers(context.database, context.snapshot, context.decisions, context.today)
    if not rows:
        return
    st.subheader("All answers", anchor=False)
    shown = [{**row, "measured": row["measured"]["share"] if row["measured"] else None} for row in rows]
    columns = {
        "question": "Question",
        "about": "About",
        "words": "Declared",
        "measured": "Measured",
        "by": "By",
        "says": "Together",
        "links": "Links",
    }
    shell.words(shown, columns)


show()
