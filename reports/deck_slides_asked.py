"""The two slides of the deck that ask: the five questions with the top risks, and the decisions with what they rest on."""

from __future__ import annotations

from typing import Any

from reports.blocks import left_out
from reports.deck_notes import figure_notes, marks_of, others
from reports.deck_parts import Bars, Box, Column, Grid, Line, Part, Series, Slide, Words
from reports.first_page import first_page
from reports.headline import counted
from reports.palette import LIGHT
from reports.views.shares import percent
from reports.views.stages import span

Content = dict[str, Any]


def questions(told: Content) -> Slide:
    """Each question as an interval with its verdict, and the subjects to look at first."""
    page, names = first_page(told), [row["question_id"] for row in told["questions"]]
    risks = next(part for part in page["parts"] if part["title"] == "Top risks")["items"]
    lines = tuple(
        Line(lead=f"{number}." if told["risks"] else "", text=item["text"], size=12, rows=2) for number, item in enumerate(risks, 1)
    )
    return Slide(
        topic="Five questions, and our two",
        title=told["question_takeaway"] if names else NONE_JUDGED,
        parts=(
            *_answers(told, page["questions"]),
            Words(name="Top risks", box=Box(left=0.6, top=5.32, width=12.13, height=1.58),
                  lines=(Line(text="Top risks", bold=True, ink="accent"), *lines)),
        ),
        basis=f"n and unknown of each question stand beside it · {marks_of(told, names)}" if names else NONE_JUDGED,
        notes=(told["question_takeaway"], f"{told['bands']}.", *_twins(page["questions"]),
               *(f"Top risk {line.lead} {line.text}" for line in lines), *figure_notes(told, names)),
    )  # fmt: skip


NONE_JUDGED = "No question was judged."


def _answers(told: Content, rows: list[Content]) -> tuple[Part, ...]:
    if not rows:
        return (
            Words(
                name="Answers",
                box=Box(left=0.6, top=1.8, width=12.13, height=1),
                lines=(Line(text="No evidence that a question asks for was supplied.", size=16),),
            ),
        )
    columns = (
        Column(label="", width=0.45), Column(label="Question", width=2.95, rows=2), Column(label="Met", width=1.05, rows=2),
        Column(label="Share", width=1.15, number=True, rows=2), *(Column(label=name, width=0.88, number=True) for name in ("n", "Unknown")),
        Column(label="", width=0.49, number=True),
    )  # fmt: skip
    cells = tuple((row["id"], row["asked"], row["answer"], row["share"], row["n"], row["unknown"], row["mark"]) for row in rows)
    return (
        _intervals(told),
        Grid(name="Answers", left=4.88, top=1.68, columns=columns, rows=cells, row_height=0.455,
             description="Table of the questions: whether each is met, the share that meets it, n, and of how many it is not known."),
    )  # fmt: skip


def _intervals(told: Content) -> Bars:
    """One bar a question up to 100 %: certainly met, not known, certainly not met. A question without anything to count has none."""
    rows = told["questions"]
    bounds = [(100 * row["lo"], 100 * row["hi"]) if row["lo"] is not None else None for row in rows]
    parts = {
        "Met": (LIGHT.stages[4], False, [each[0] if each else 0 for each in bounds]),
        "Not known": (LIGHT.line, True, [each[1] - each[0] if each else 0 for each in bounds]),
        "Not met": (LIGHT.stages[0], False, [100 - each[1] if each else 0 for each in bounds]),
    }
    series = tuple(
        Series(name=name, values=tuple(round(value, 2) for value in values), colours=(colour,), hatched=(hatched,) * hatched)
        for name, (colour, hatched, values) in parts.items()
    )
    said = "; ".join(f"{row['id']} {row['answer']}, {row['share']}" for row in first_page(told)["questions"])
    return Bars(
        name="Share of subjects that meet each question, in percent", box=Box(left=0.6, top=1.68, width=4.1, height=3.55),
        categories=tuple(row["question_id"] for row in rows), series=series, description=f"Bar chart of the share that meets each question: {said}.",
        stacked=True, legend=True,
    )  # fmt: skip


def _twins(rows: list[Content]) -> list[str]:
    return [f"{row['id']} {row['asked']} {row['answer']}: {row['share']} (n {row['n']}, unknown {row['unknown']})" for row in rows]


def asked(told: Content) -> Slide:
    """Decisions asked, what each step up the ladder would bring, and how every figure is traced."""
    decisions = [
        (item["text"], item["mark"]) for part in first_page(told)["parts"] if part["title"] == "Decisions asked" for item in part["items"]
    ]
    lines = [
        Line(lead=f"{number}.", text=f"{text} {f'({mark})' if mark else ''}".strip(), size=14, rows=3)
        for number, (text, mark) in enumerate(decisions, 1)
    ]
    paths = told["summary"]["coverage"]["paths"]
    return Slide(
        topic="Decisions asked, and how to trace every figure",
        title=_title(len(decisions), told),
        parts=(
            Words(name="Decisions asked", box=Box(left=0.6, top=1.72, width=6.5, height=3.75),
                  lines=(Line(text="Decisions asked", bold=True, ink="accent"), *(lines or [Line(text="The figures call for none.")]))),
            *_gains(told),
            _trace(told),
        ),
        basis=f"n = {paths:,} access paths, {paths - told['summary']['coverage']['exact']:,} without a single stage",
        notes=(*(f"{line.lead} {line.text}" for line in lines), told["gain_takeaway"], *_gain_twins(told), EXPECTED,
               *figure_notes(told, others(told))),
    )  # fmt: skip


EXPECTED = "Expected, not measured: whoever makes a stage's move stands at least one stage higher. nhi plan and nhi what-if judge moves one by one."


def _title(count: int, told: Content) -> str:
    said = told["gain_takeaway"]
    asking = f"{count} decision{' is' if count == 1 else 's are'} asked" if count else "No decision is asked"
    return f"{asking}. {said}"


def _gains(told: Content) -> tuple[Part, ...]:
    """Paths that each step up would lift, with the share above it before and after."""
    rows = told["gains"]
    if not rows:
        return (_settle(told),)
    title = "Access paths that each step would lift"
    heading = Words(name="What each step would lift", box=Box(left=7.4, top=1.72, width=5.33, height=0.28),
                    lines=(Line(text=title, bold=True, ink="accent"),))  # fmt: skip
    chart = Bars(
        name=title, box=Box(left=7.4, top=2.0, width=5.33, height=2.95),
        categories=tuple(f"S{row['stage']} → S{row['stage'] + 1}: {percent(row['lo_before'])} → {percent(row['lo_after'])}" for row in rows),
        series=(Series(name="Paths lifted", values=tuple(row["paths"] for row in rows), colours=tuple(LIGHT.stages[row["stage"]] for row in rows)),),
        description=f"Bar chart of access paths that each step up the ladder would lift. {told['gain_takeaway']}",
    )  # fmt: skip
    said = Line(text="In percent: paths above the stage for certain, today and then. Expected, not measured.", size=12, ink="muted", rows=2)
    return heading, chart, Words(name="How to read it", box=Box(left=7.4, top=4.98, width=5.33, height=0.44), lines=(said,))


SETTLED = 4
"""Kinds of evidence told one by one."""


def _settle(told: Content) -> Words:
    """Where no stage is certain: the evidence that would settle most."""
    rows = told["moves"]["settle"]
    lines = [
        Line(text=f"{row['to_settle']}: {counted(row['paths'], 'path')}, now {span(row['stage_lo'], row['stage_hi'])}", rows=3)
        for row in rows[:SETTLED]
    ] or [Line(text="No access path is known.")]
    if left := left_out(len(rows), len(rows[:SETTLED])):
        lines.append(Line(text=left, rows=2, ink="muted"))
    heading = Line(text="Evidence that would settle most", bold=True, ink="accent")
    return Words(name="Evidence to supply", box=Box(left=7.4, top=1.72, width=5.33, height=3.7), lines=(heading, *lines))


def _gain_twins(told: Content) -> list[str]:
    return [
        f"S{row['stage']} {row['name']}: {row['next_move']} {counted(row['subjects'], 'subject')}, {counted(row['paths'], 'path')} lifted;"
        f" {percent(row['lo_before'])} → {percent(row['lo_after'])} above it"
        for row in told["gains"]
    ]


def _trace(told: Content) -> Words:
    """Which snapshot, by which rules, and the command that writes this deck again."""
    snapshot, before = told["snapshot"], told["before"]
    compare = f" --compare {before['snapshot_id']}" if before else ""
    command = f"nhi report --snapshot {snapshot['snapshot_id']}{compare} --on {told['on']} --format pptx"
    lines = (
        Line(lead="Judged by:", rows=2, size=12, text=f"nhi-posture {told['tool']}, rules {snapshot['rules_version']}, pack {snapshot['pack']};"
             f" SHA-256 of its rows {snapshot['rows_sha256']}"),
        Line(lead="This deck again:", rows=2, size=12, text=f"{command} (or pdf, xlsx: its evidence index)"),
        Line(lead="Each figure:", rows=2, size=12,
             text="a mark such as E5 is its row in that index; the notes of each slide name a record and the command that lists its rows."),
    )  # fmt: skip
    return Words(name="How to trace every figure", box=Box(left=0.6, top=5.5, width=12.13, height=1.36), lines=lines, filled=True)
