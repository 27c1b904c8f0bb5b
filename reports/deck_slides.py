"""The five slides of the board deck: the summary, where the estate stands, what changed, the five questions, and what is asked.

Words, places and order only: every number is one of the content's, and every sentence that other formats print too is theirs.
"""

from __future__ import annotations

from typing import Any

from reports.deck_notes import figure_notes, marks_of
from reports.deck_parts import Bars, Box, Line, Part, Series, Slide, Words
from reports.deck_slides_asked import asked, questions
from reports.deck_slides_change import LABEL, change
from reports.first_page import first_page, short
from reports.headline import counted
from reports.palette import LIGHT

Content = dict[str, Any]


def slides(told: Content) -> list[Slide]:
    """All five, in order."""
    return [summary(told), stands(told), change(told), questions(told), asked(told)]


def summary(told: Content) -> Slide:
    """The verdict, the four figures that lead, and three sentences."""
    page = first_page(told)
    cards = [_card(card, number) for number, card in enumerate(page["cards"])]
    items = [item["text"] for part in page["parts"] if part["title"] == "Answers and change" for item in part["items"]]
    said = [("Stages", told["stage_takeaway"]), *zip(("Answers", "Change"), items, strict=False)]
    sentences = tuple(Line(lead=f"{lead}:", text=text, size=13, rows=2) for lead, text in said)
    coverage = told["summary"]["coverage"]
    return Slide(
        topic=f"Machine identities · {page['subtitle']}",
        title=_verdict(told),
        parts=(
            Words(name="Verdict", box=Box(left=0.6, top=1.68, width=12.13, height=1.05), lines=(Line(text=page["verdict"]["text"], size=16, rows=4),)),
            *cards,
            Words(name="In short", box=Box(left=0.6, top=5.62, width=12.13, height=1.26), lines=sentences),
        ),
        basis=f"n = {coverage['paths']:,} access paths, {coverage['paths'] - coverage['exact']:,} without a single stage",
        notes=(*(f"{lead}: {text}" for lead, text in said), *figure_notes(told, told["headline"]["cards"])),
    )  # fmt: skip


def _verdict(told: Content) -> str:
    """Better, worse or neither, and by what; where nothing can be compared, what is attained."""
    word, figures = told["headline"]["verdict"]["word"], {figure["id"]: figure for figure in told["headline"]["figures"]}
    if told["change"] and not told["change"]["unsplit"]:
        causes = told["change"]["causes"]
        up, down = causes["moved_up"]["subjects"], causes["moved_down"]["subjects"]
        return f"{word} since {short(told['before']['label'], LABEL)}: {counted(up, 'subject')} certainly higher, {down:,} certainly lower"
    if not told["summary"]["coverage"]["paths"]:
        return f"{word}: no way in of any machine identity is known yet"
    return f"{word}: attained stage {figures['attained']['text']}, {figures['coverage']['text']} of access paths placed exactly"


def _card(figure: Content, number: int) -> Words:
    return Words(
        name=figure["title"],
        box=Box(left=0.6 + number * 3.095, top=2.88, width=2.845, height=2.58),
        filled=True,
        lines=(
            Line(text=figure["title"], bold=True, ink="accent"),
            Line(text=figure["text"], size=34, bold=True),
            Line(text=f"n {figure['n']:,} · {figure['unknown']:,} unknown", size=12, ink="muted", rows=2),
            Line(text=f"{figure['date']} · {figure['mark']}", size=12, ink="muted"),
            Line(text=figure["says"], size=12, rows=5),
        ),
    )


HOW_TO_READ = "Filled: subjects whose lower bound, what is certain, is the stage. Outlined: whose upper bound is, if every open question turns out well."


def stands(told: Content) -> Slide:
    """Subjects by stage with both bounds, and what that rests on."""
    said, _, rest = told["stage_takeaway"].partition("; ")
    n = sum(row["lo"] for row in told["distribution"])
    drawn: tuple[Part, ...] = (_nothing("No access path is known: slide 5 says which evidence to supply first."),)
    below: tuple[Part, ...] = ()
    if n:
        read = (Line(text=f"{rest[:1].upper()}{rest[1:]}", size=13, rows=2), Line(text=HOW_TO_READ, size=13, rows=2, ink="muted"))
        drawn = (_stages(told),)
        below = (Words(name="How to read it", box=Box(left=0.6, top=6.12, width=12.13, height=0.74), lines=read),)
    names = [f"stage-{row['stage']}-{bound}" for row in told["distribution"] for bound in ("lo", "hi")]
    twin = [
        f"S{row['stage']} {stage['name']}: lower bound {row['lo']:,}, upper bound {row['hi']:,}, both {row['exact']:,}"
        for row, stage in zip(told["distribution"], told["stages"], strict=True)
    ]
    return Slide(
        topic="Where the estate stands",
        title=said if said.endswith(".") else f"{said}.",
        parts=(
            *drawn,
            *_rests_on(told),
            *below,
        ),
        basis=f"n = {n:,} subjects, {n - sum(row['exact'] for row in told['distribution']):,} between two stages · {marks_of(told, names)}",
        notes=(told["stage_takeaway"], *twin, *figure_notes(told, names)),
    )  # fmt: skip


def _stages(told: Content) -> Bars:
    rows = told["distribution"]
    return Bars(
        name="Subjects by stage",
        box=Box(left=0.6, top=1.7, width=8.5, height=4.35),
        categories=tuple(f"S{row['stage']} {stage['name']}" for row, stage in zip(rows, told["stages"], strict=True)),
        series=(
            Series(name="Lower bound: certain", values=tuple(row["lo"] for row in rows), colours=LIGHT.stages),
            Series(name="Upper bound: at best", values=tuple(row["hi"] for row in rows), colours=LIGHT.stages, outlined=True),
        ),
        description=f"Bar chart of subjects by stage, lower and upper bound. {told['stage_takeaway']}",
        legend=True,
    )


def _rests_on(told: Content) -> tuple[Part, ...]:
    """How much of it is exact, and what came of the facts that were asked for."""
    figure = next(figure for figure in told["headline"]["figures"] if figure["id"] == "coverage")
    facts = told["summary"]["coverage"]["facts"]
    asked_for, collected = sum(facts.values()), facts.get("collected", 0)
    lines = (
        Line(text="What this rests on", bold=True, ink="accent"),
        Line(text=figure["text"], size=24, bold=True),
        Line(text=f"placed exactly ({figure['mark']}): {figure['says']}", size=12, rows=3),
        Line(text=f"{collected:,} of {asked_for:,} facts asked for were collected. A gap is never counted as a pass.", size=12, rows=3),
    )
    words = Words(name="What this rests on", box=Box(left=9.4, top=1.7, width=3.33, height=2.2), lines=lines, filled=True)
    if not facts:
        return (words,)
    colours = tuple(LIGHT.stages[4] if status == "collected" else LIGHT.stages[0] for status in facts)
    heading = Words(
        name="Facts by what came of them",
        box=Box(left=9.4, top=4.0, width=3.33, height=0.22),
        lines=(Line(text="Facts by what came of them", size=12, bold=True, ink="accent"),),
    )
    return (
        words,
        heading,
        Bars(
            name="Facts asked for",
            box=Box(left=9.4, top=4.22, width=3.33, height=1.85),
            categories=tuple(facts),
            series=(Series(name="Facts asked for", values=tuple(facts.values()), colours=colours),),
            description=f"Bar chart: {', '.join(f'{status} {count:,}' for status, count in facts.items())} of {asked_for:,} facts asked for.",
        ),
    )


def _nothing(text: str) -> Words:
    return Words(name="Nothing to draw", box=Box(left=0.6, top=1.8, width=8.3, height=1.2), lines=(Line(text=text, size=16, rows=3),))
