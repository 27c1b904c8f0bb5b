"""Sections of a report that say how it stands: distribution, change, questions. As blocks."""

from __future__ import annotations

from typing import Any

from reports.blocks import NAME, NUMBER, RECORD, TEXT, Block, chart, day, number, paragraph, records, table
from reports.figures import stage_text
from reports.views.shares import share_text
from reports.views.stages import span

Content = dict[str, Any]


def distribution(told: Content, lists: bool) -> list[Block]:
    """Subjects by stage, and by account."""
    summary, stages = told["summary"], told["stages"]
    rows = [
        [f"S{row['stage']} {stage['name']}", number(row["lo"]), number(row["hi"]), number(row["exact"]), stage["main_risk"]]
        for row, stage in zip(told["distribution"], stages, strict=True)
    ]
    paths = summary["coverage"]
    blocks = [
        paragraph(
            f"{told['stage_takeaway']} Where evidence is missing the lower and the upper bound differ:"
            f" {paths['exact']:,} of {paths['paths']:,} paths have a single stage."
        ),
        table(
            f"Subjects by stage, as of {day(summary['as_of'])}",
            {
                "Stage": (TEXT, 2.6),
                "Lower bound": (NUMBER, 1),
                "Upper bound": (NUMBER, 1),
                "Certainly": (NUMBER, 1),
                "Main risk": (TEXT, 4),
            },
            rows,
        ),
    ]
    return [*blocks, _accounts(told)] if lists else blocks


def _accounts(told: Content) -> Block:
    columns = {"Account": (NAME, 4), "Placed": (NUMBER, 1)} | {f"S{stage}": (NUMBER, 0.8) for stage in range(1, 8)}
    columns |= {"Median": (NUMBER, 1), "Attained": (NUMBER, 1.1), "Exact": (NUMBER, 1.1)}
    rows = [
        [
            *(row["group"], number(row["subjects"]), *(number(row[f"s{stage}"]) for stage in range(1, 8))),
            span(row["median_lo"], row["median_hi"]) if row["median_lo"] else "—",
            stage_text(row["attained"]) if row["attained"] else "—",
            "—" if row["exact_pct"] is None else f"{row['exact_pct']:g} %",
        ]
        for row in sorted(told["groups"], key=_lowest_first)
    ]
    return table("By account, lower bounds, the lowest attained first", columns, rows, rest=REST_OF_ACCOUNTS)


REST_OF_ACCOUNTS = "the page Maturity and the JSON report have them all"


def _lowest_first(row: Content) -> tuple[Any, ...]:
    """What is attained, then the least known, then the most subjects; without a path last."""
    return row["attained"] or 0 if row["paths"] else 8, row["exact_pct"] or 0, -row["subjects"], row["group"]


def how_judged(found: Content) -> str:
    """By which rules both sides of a comparison were judged, in a sentence."""
    if found["unsplit"]:
        return f"Rules changed, and the earlier evidence cannot be judged again: {found['unsplit']}. All of the difference is put down to the rules."
    if not found["same_rules"]:
        return f"The earlier evidence was judged again by the rules of now ({found['now']['rules_version']}, pack {found['now']['pack']})."
    return f"Both were judged by rules {found['now']['rules_version']}, pack {found['now']['pack']}."


def change(told: Content, lists: bool) -> list[Block]:
    """What differs from the snapshot before, each headline split by cause."""
    found, before = told["change"], told["before"]
    if not found:
        return [paragraph("There is no earlier snapshot to compare with.")]
    causes = found["causes"].values()
    blocks = [
        paragraph(
            f"Against the data of {day(before['as_of'])}. {how_judged(found)} The parts of a headline add up to its change, as printed."
        ),
        table(
            "Why subjects differ, one cause each",
            {"Cause": (TEXT, 2), "Meaning": (TEXT, 5), "Subjects": (NUMBER, 1)},
            [[cause["title"], cause["meaning"], number(cause["subjects"])] for cause in causes],
        ),
        *(_headlines(group, found) for group in found["groups"] if lists or group["title"] not in ("Answers",)),
    ]
    return [*blocks, _moved(found)] if lists else blocks


SHORT = {
    "rules": "Rules",
    "scope": "Scope",
    "evidence": "Known",
    "retired": "Retired",
    "new": "New",
    "moved_down": "Down",
    "moved_up": "Up",
}


def _headlines(group: Content, found: Content) -> Block:
    columns = {"Headline": (TEXT, 4), "Before": (NUMBER, 1.1), "Now": (NUMBER, 1.1), "Change": (NUMBER, 1.1)}
    columns |= {SHORT[name]: (NUMBER, 1) for name in found["order"]}
    rows = [
        [
            f"{row['title']}{', %' if row['unit'] == '%' else ''}",
            *(number(row[name]) for name in ("before", "now")),
            signed(row["change"]),
            *(signed(row["parts"][name]) if row["parts"] and row["parts"][name] else "·" for name in found["order"]),
        ]
        for row in group["rows"]
    ]
    return table(f"{group['title']}, by cause", columns, rows)


def signed(value: float | None) -> str:
    """A change as text: with its sign, a dash where nobody knows."""
    return "—" if value is None else "0" if not value else f"{value:+,}" if isinstance(value, int) else f"{value:+,g}"


def _moved(found: Content) -> Block:
    columns = {"Subject": (NAME, 3), "Cause": (TEXT, 1.4), "From": (TEXT, 1), "To": (TEXT, 1), "Records now: file # record": (RECORD, 6)}
    rows = [
        [
            *(row["name"], found["causes"][row["cause"]]["title"], span(row["stage_lo_before"], row["stage_hi_before"])),
            *(span(row["stage_lo"], row["stage_hi"]), records(row["evidence"] or row["evidence_before"])),
        ]
        for row in found["moved"]
    ]
    return table("Certainly moved, lower first", columns, rows, total=found["moved_count"], limit=20, rest="`nhi diff --json` lists all")


def questions(told: Content, lists: bool) -> list[Block]:
    """The five questions and our two."""
    columns = {
        "": (TEXT, 0.5),
        "Question": (TEXT, 4.6),
        "Answer": (TEXT, 1.1),
        "Met": (TEXT, 1.1),
        "Bounds": (NUMBER, 1.2),
        "Pass": (NUMBER, 0.9),
    }
    columns |= {"n": (NUMBER, 0.9), "Unknown": (NUMBER, 1.1), "Oldest data": (TEXT, 1.4)}
    rows = [
        [
            *(
                row["question_id"],
                f"{row['wording']} {row['reason'] or ''}".strip(),
                row["literal"].replace("_", " "),
                row["met"].replace("_", " "),
            ),
            *(
                share_text(row["lo"], row["hi"]),
                number(row["numerator"]),
                number(row["denominator"]),
                number(row["unknown"]),
                day(row["data_date"]),
            ),
        ]
        for row in told["questions"]
    ]
    return [
        paragraph(told["question_takeaway"]),
        chart("questions", told["question_takeaway"]),
        table(f"{told['bands']}; an answer only where both bounds agree. For Q1 and S1 an answer of yes is bad", columns, rows),
    ]
