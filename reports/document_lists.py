"""The sections of a report that are lists: declared answers, the programme, metrics, findings, compliance, coverage, methodology. As blocks."""

from __future__ import annotations

from typing import Any

from reports.blocks import NAME, NUMBER, RECORD, TEXT, Block, day, left_out, listing, number, paragraph, records, table
from reports.figures import stage_text
from reports.views.shares import share_text

Content = dict[str, Any]

ANNOUNCED = 12
"""Exceptions that are announced one by one."""


def interview(told: Content, lists: bool) -> list[Block]:
    """Declared answers beside measured ones."""
    found = told["interview"]
    counts = found["progress"]
    differing = [
        [row["severity"], row["subject_name"], row["reason"], row["declared"]["note"] or "—", records(row["evidence"])]
        for row in found["findings"]
    ]
    answers = [
        [
            f"{row['question']} {row['text'] or ''}",
            row["about"],
            row["words"],
            row["by"],
            row["measured"]["share"] if row["measured"] else "—",
            row["says"],
        ]
        for row in found["answers"]
    ]
    given = {
        "Question": (TEXT, 4),
        "About": (NAME, 1.3),
        "Declared": (TEXT, 1.2),
        "Who": (NAME, 2),
        "Measured": (TEXT, 1.2),
        "Together": (TEXT, 1.8),
    }
    blocks = [
        paragraph(
            f"{counts['answered']:,} of {counts['questions']:,} questions of the interview are answered for everything: {counts['counted']:,} of the"
            f" answers count, {counts['differ']:,} differ from what was measured. No answer changes a measured one."
        ),
        table(
            "Declared differs from measured: the two shares have no value in common",
            {
                "Severity": (TEXT, 1),
                "Question and part": (NAME, 1.6),
                "Why": (TEXT, 4),
                "Note": (NAME, 2),
                "Measured: file # record": (RECORD, 3),
            },
            differing,
        ),
    ]
    return [*blocks, table("Every answer, those that differ first", given, answers)] if answers else blocks


def programme(told: Content, lists: bool) -> list[Block]:
    """What people decided; nothing where nothing was."""
    found = told["programme"]
    if not found["decided"]:
        return [paragraph("Nothing was decided: no exception, target, action or owner is recorded.")]
    size = found["size"]
    blocks = [
        paragraph(f"Decided by people and laid over the evidence; the measured scores are not changed by it. As of {day(found['on'])}."),
        *_announced(found["announcements"]),
    ]
    if found["exceptions"]:
        caption = (
            f"Scores with and without exceptions: {size['recorded']:,} recorded, {size['holding']:,} hold, {size['expired']:,} expired"
        )
        columns = {"Score": (TEXT, 2), "Measured": (NUMBER, 2.9), "Without what is excepted": (NUMBER, 2.9)}
        blocks.append(table(caption, columns, [[row["score"], row["measured"], row["kept"]] for row in found["lines"]]))
        blocks.append(_register(found["exceptions"]))
    if found["targets"]:
        blocks.append(_targets(found["targets"]))
    if found["actions"]:
        blocks.append(_actions(found["actions"]))
    if found["assignments"]:
        columns = {"Owner": (NAME, 2), "About": (NAME, 2.4), "Subjects": (NUMBER, 1), "Note": (NAME, 3), "Recorded": (NAME, 2)}
        rows = [
            [row["owner"], row["about"], number(row["subjects"]), row["problem"] or row["note"] or "—", _recorded(row)]
            for row in found["assignments"]
        ]
        blocks.append(table("Owners assigned", columns, rows))
    return blocks


def _announced(texts: list[str]) -> list[Block]:
    """What must be said of exceptions, the first of it."""
    left = left_out(len(texts), len(texts[:ANNOUNCED]), "`nhi decisions` lists all")
    return [*([listing(texts[:ANNOUNCED])] if texts else []), *([paragraph(left, quiet=True)] if left else [])]


def _recorded(row: Content) -> str:
    return f"{row['who']}, {day(row['decided_at'])}"


def _register(rows: list[Content]) -> Block:
    columns = {
        "Exception": (NAME, 2),
        "State": (TEXT, 1.4),
        "Checks": (NAME, 2),
        "Reason": (NAME, 3),
        "Approved by": (NAME, 1.7),
        "Last day": (TEXT, 1.3),
    }
    columns |= {"Subjects": (NUMBER, 1), "Failed": (NUMBER, 0.9)}
    told = [
        [
            *(
                row["exception_id"],
                row["says"],
                "every check" if "*" in row["checks"] else ", ".join(row["checks"]),
                row["reason"],
                row["approver"],
                day(row["expires"]),
            ),
            *(number(row["subjects"]), number(row["findings"])),
        ]
        for row in rows
    ]
    return table("Exception register: expired ones first", columns, told, rest="the page Exceptions lists all")


def _targets(rows: list[Content]) -> Block:
    columns = {
        "Target": (NAME, 2),
        "Where": (NAME, 2),
        "Stage": (TEXT, 0.8),
        "By": (TEXT, 1.3),
        "State": (TEXT, 2.2),
        "Attained": (TEXT, 1.1),
    }
    columns |= {"Share there": (NUMBER, 1.3), "Paths": (NUMBER, 1), "To lift": (NUMBER, 1)}
    told = [
        [
            *(row["target_id"], row["about"], f"S{row['stage']}", day(row["due"]), f"{row['says']}{', overdue' if row['overdue'] else ''}"),
            *(stage_text(row["attained_lo"]), share_text(row["lo"], row["hi"]), number(row["paths"]), number(row["short"])),
        ]
        for row in rows
    ]
    return table("Targets, the next due first", columns, told, rest="the page Programme lists all")


def _actions(rows: list[Content]) -> Block:
    columns = {
        "Action": (NAME, 2),
        "Title": (NAME, 3),
        "Owner": (NAME, 1.7),
        "Due": (TEXT, 1.4),
        "Status": (TEXT, 1),
        "Subjects": (NUMBER, 1),
    }
    columns |= {"What the evidence says": (TEXT, 2.2)}
    told = [
        [
            *(row["action_id"], row["title"], row["owner"] or "—", day(row["due"]) + (" overdue" if row["overdue"] else ""), row["status"]),
            *(number(row["subjects"]), row["problem"] or row["told"] or "—"),
        ]
        for row in rows
    ]
    return table("Actions, overdue first", columns, told, rest="the page Programme lists all")


def metrics(told: Content, lists: bool) -> list[Block]:
    """Every metric over all."""
    before = told["before"]
    columns = {"Metric": (TEXT, 2.6), **({"What it means": (TEXT, 4)} if lists else {}), "Figure": (TEXT, 1.7)}
    columns |= ({before["label"][:40]: (TEXT, 1.7)} if before else {}) | {
        "n": (NUMBER, 0.9),
        "Unknown": (NUMBER, 1.1),
        "Oldest data": (TEXT, 1.4),
    }
    rows = [
        [
            *(row["title"], *([row["definition"]] if lists else []), row["text"], *([row["text_before"] or "—"] if before else [])),
            *(number(row["denominator"]), number(row["unknown"]), day(row["data_date"])),
        ]
        for row in told["metrics"]
    ]
    caption = "Each an interval: from what counts for certain to what counts if all that is not known does"
    return [table(caption, columns, rows, none="This snapshot holds none: assess its evidence again.")]


def findings(told: Content, lists: bool) -> list[Block]:
    """Every check, and the worst failed findings."""
    checks = [
        [
            row["check_id"],
            row["severity"],
            *(number(row[name]) for name in ("population", "failed", "unknown", "passed")),
            row["reason"] or "",
        ]
        for row in told["checks"]
    ]
    failed = [[row["severity"], row["check_id"], row["subject_name"], row["reason"], records(row["evidence"])] for row in told["findings"]]
    total = sum(told["summary"]["findings"]["by_severity"].values())
    counts = dict.fromkeys(("Subjects", "Fail", "Unknown", "Pass"), (NUMBER, 1))
    return [
        table(
            "Every check over its whole population",
            {"Check": (NAME, 3), "Severity": (TEXT, 1), **counts, "Why nothing could be judged": (TEXT, 3)}, checks, limit=120,
        ),
        table(
            "Failed, worst first",
            {"Severity": (TEXT, 1), "Check": (NAME, 2), "Subject": (NAME, 2.4), "Why": (TEXT, 3), "Evidence: file # record": (RECORD, 3.6)},
            failed, none="None failed.", total=total, rest="`nhi findings --json` and the page Findings list all",
        ),
    ]  # fmt: skip


def compliance(told: Content, lists: bool) -> list[Block]:
    """Controls of frameworks by verdict, and other maturity models."""
    found = told["compliance"]
    names = ("controls", "not", "partly", "unknown", "not_applicable", "met", "measured", "to_ask")
    labels = ("Controls", "Not met", "Partly", "Unknown", "Not applicable", "Met", "With a check", "To ask")
    frameworks = [[row["name"], *(number(row[name]) for name in names)] for row in found["frameworks"]]
    controls = [
        [
            row["control"],
            row["title"],
            row["said"],
            number(row["judged"]),
            number(row["failed"]),
            number(row["unknown"]),
            ", ".join(row["checks"]),
        ]
        for row in found["not_met"]
    ]
    lenses = [[row["lens"], row["measure"], row["level"], number(row["n"]), number(row["unknown"])] for row in found["lenses"]]
    return [
        paragraph(f"{found['caution']} A control without a check of ours is unknown, and counted. Controls mapped by {found['mapping']}."),
        table("Controls by verdict, per framework version", {"Framework": (TEXT, 3), **dict.fromkeys(labels, (NUMBER, 1.1))}, frameworks, limit=60),
        table(
            "Controls for which something failed",
            {"Control": (NAME, 2), "About, in our words": (TEXT, 3.4), "Verdict": (TEXT, 1.1), "Judged": (NUMBER, 0.9), "Fail": (NUMBER, 0.8),
             "Unknown": (NUMBER, 1.1), "Checks": (NAME, 3)},
            controls, none="None. That is no proof: see what is unknown.", limit=60, rest="`nhi compliance` lists all",
        ),
        table(
            f"Other maturity models. {found['ours']}",
            {"Model": (TEXT, 2), "Measured by": (TEXT, 3), "Level": (TEXT, 2), "Counted": (NUMBER, 1), "Without a single level": (NUMBER, 1.4)}, lenses,
        ),
    ]  # fmt: skip


def coverage(told: Content, lists: bool) -> list[Block]:
    """What was asked for, what came of it, and what to supply."""
    summary = told["summary"]
    facts = summary["coverage"]["facts"]
    asked = sum(facts.values())
    blocks = [
        paragraph(
            f"A gap is never counted as a pass. {facts.get('collected', 0):,} of {asked:,} facts asked for were collected;"
            f" {len(summary['unknown_checks']):,} checks could judge nothing; {summary['coverage']['exact']:,} of {summary['coverage']['paths']:,} paths have"
            " a single stage."
        ),
        table("Facts by what came of them", {"Status": (TEXT, 4), "Facts": (NUMBER, 1)}, [[name, number(count)] for name, count in facts.items()]),
        table(
            "Gaps, and what to supply",
            {"Status": (TEXT, 1.1), "Facts": (TEXT, 2), "Why, and what to supply": (TEXT, 4), "Account or repository": (NAME, 3), "Gaps": (NUMBER, 0.8)},
            [[row["status"], ", ".join(row["facts"]).replace("_", " "), row["reason"], _scopes(row["scopes"]), number(row["pairs"])] for row in told["gaps"]],
            none="Every fact that was asked for was collected.", limit=30 if lists else 8, rest="the page Coverage lists all",
        ),
    ]  # fmt: skip
    if lists and summary["warnings"]:
        warnings = [[text] for text in summary["warnings"]]
        blocks.append(table("Warnings of the assessment", {"Warning": (NAME, 1)}, warnings, limit=20))
    return blocks


def _scopes(scopes: list[str]) -> str:
    more = f" and {len(scopes) - 4:,} more" if len(scopes) > 4 else ""
    return ", ".join("all accounts" if scope == "*" else scope for scope in scopes[:4]) + more


def methodology(told: Content, lists: bool) -> list[Block]:
    """How stages are given: the stages and the rules."""
    bounds = [[row["id"], f"not above S{row['lo']} for certain", row["lo_reason"], "—"] for row in told["bounds"]]
    rules = [
        [row["id"], f"S{row['lo']}" + (f"–S{row['hi']}" if row["hi"] != row["lo"] else ""), row["lo_reason"], row["hi_reason"]]
        for row in told["rules"]
    ]
    return [
        paragraph(
            "Every access path gets the interval that the evidence allows. Missing evidence never raises the lower bound. A copy of a static credential is"
            " supposed wherever nobody looked. A subject stands where its weakest active path stands. Attained: the highest stage that"
            f" {told['percent']:g} % of the paths reach for certain, with no critical path below it. Stage is not risk: a mature identity with too much"
            " privilege is still dangerous."
        ),
        table(
            "The seven stages. Source: “7 Stages of Non-Human Identity Security Maturity”, Aembit, March 2025; names marked derived are ours",
            {"Stage": (TEXT, 2.4), "A path is here when": (TEXT, 4), "Next move": (TEXT, 4)},
            [[f"S{row['number']} {row['name']} ({row['name_source']})", row["here_when"], row["next_move"]] for row in told["stages"]],
        ),
        table(
            "Placement rules",
            {"Rule": (NAME, 2.2), "Stage": (TEXT, 1.2), "Not higher for certain, because": (TEXT, 4), "Capped, because": (TEXT, 4)},
            [*rules, *bounds], limit=80,
        ),
    ]  # fmt: skip
