"""The first page of a report as every format prints it: verdict, four figures, where we stand, what changed, risks, moves, decisions asked."""

from __future__ import annotations

from typing import Any

from reports.blocks import day
from reports.headline import whose
from reports.views.stages import span

Content = dict[str, Any]

RISKS = 3


def first_page(told: Content) -> Content:
    """`title`, `document` (title of the file), `subtitle`, `verdict`, `cards`, `stage_takeaway`, `questions` (none of a part), and `parts`: a title and
    items, each with the mark of its figure or none."""
    head, snapshot = told["headline"], told["snapshot"]
    figures = {figure["id"]: figure for figure in head["figures"]}
    return {
        "title": head["title"],
        "document": f"Machine identities, {snapshot['label']}: where they stand"
        + ("" if told["part"] is None else f", {whose(told['part'])}"),
        "subtitle": f"{short(snapshot['label'], 60)} · data as of {day(snapshot['as_of'])} · policy pack {snapshot['pack']}"
        f" · rules {snapshot['rules_version']}",
        "verdict": head["verdict"],
        "cards": [figures[name] for name in head["cards"]],
        "stage_takeaway": told["stage_takeaway"],
        "questions": [_question(row, figures[row["question_id"]]) for row in told["questions"]] if told["part"] is None else [],
        "parts": [part for part in _parts(told, figures) if part["items"]],
    }


def _parts(told: Content, figures: dict[str, Content]) -> list[Content]:
    head = told["headline"]
    risks = [_risk(row) for row in told["risks"][:RISKS]]
    whole = told["part"] is None
    nothing = f"No check failed. {len(told['summary']['unknown_checks'])} could judge nothing." if whole else _none_failed(told)
    return [
        *([_part("Answers and change", [_item(told["question_takeaway"], figures.get("Q1")), *_causes(told, figures)])] if whole else []),
        _part("Top risks", [_item(text, None) for text in risks or [nothing]], ordered=True),
        _part("First moves", [_item(short(text, 160), None) for text in head["moves"]], ordered=True),
        _part("Decisions asked", [_item(short(row["text"], 160), figures.get(row["figure"])) for row in head["decisions"]], ordered=True),
    ]


def _none_failed(told: Content) -> str:
    """Of a part in which nothing failed: what that does not say."""
    ran, unknown = told["ran"], told["summary"]["findings"]["unknown"]
    if not ran["n"]:
        return "No check ran: nothing is known of what fails."
    return f"No check failed here, {unknown:,} times one could not tell; {ran['idle']:,} of {ran['n']:,} judged nothing anywhere. That is no proof."


def _risk(row: Content) -> str:
    stands = f"{span(row['stage_lo'], row['stage_hi'])}, privilege {row['privilege'] or 'unknown'}"
    return f"{short(row['subject_name'], 80)} ({stands}): {short(row['reason'], 150)}"


def _question(row: Content, figure: Content) -> Content:
    answer, _, share = figure["text"].partition(": ")
    counts = {"n": f"{row['denominator']:,}", "unknown": f"{row['unknown']:,}"}
    return {
        "id": row["question_id"],
        "asked": row["wording"].partition(" (")[0],
        "answer": answer,
        "share": share,
        **counts,
        "mark": figure["mark"],
    }


def _causes(told: Content, figures: dict[str, Content]) -> list[Content]:
    if not told["change"]:
        return []
    causes = told["change"]["causes"]
    words = ", ".join(f"{cause['title'].lower()} {cause['subjects']:,}" for cause in causes.values())
    return [_item(f"Subjects that differ from {told['before']['label']}, by cause: {words}.", figures.get("cause-rules"))]


def _part(title: str, items: list[Content], *, ordered: bool = False) -> Content:
    return {"title": title, "items": items, "ordered": ordered}


def short(text: str, most: int) -> str:
    """A text that is cut where one can see it, so that one page holds all that stands on it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _item(text: str, figure: Content | None) -> Content:
    return {"text": text, "mark": figure["mark"] if figure else ""}
