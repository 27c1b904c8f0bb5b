"""The sections of a report that are lists: declared answers, metrics, findings, compliance, coverage, methodology. As blocks."""

from __future__ import annotations

from typing import Any

from reports import document_part
from reports.blocks import NAME, NUMBER, RECORD, TEXT, WORKLIST, Block, day, number, paragraph, records, table

Content = dict[str, Any]


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
    if told["part"] is not None:
        return document_part.findings(told, lists)
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
    """What was asked for, what came of it, and what to supply; of a part, for the accounts that something of it is in."""
    whole = told["part"] is None
    summary = told["summary"]
    facts = summary["coverage"]["facts"]
    asked = sum(facts.values())
    where, anywhere, more = (
        ("", "", "") if whole else (HERE, " anywhere", " Which repositories were scanned the report of the whole estate says.")
    )
    exact = f"{summary['coverage']['exact']:,} of {summary['coverage']['paths']:,} paths have a single stage."
    blocks = [
        paragraph(
            f"A gap is never counted as a pass. {facts.get('collected', 0):,} of {asked:,} facts asked for{where} were collected;"
            f" {len(summary['unknown_checks']):,} checks could judge nothing{anywhere}; {exact}{more}"
        ),
        table("Facts by what came of them", {"Status": (TEXT, 4), "Facts": (NUMBER, 1)}, [[name, number(count)] for name, count in facts.items()]),
        table(
            "Gaps, and what to supply",
            {"Status": (TEXT, 1.1), "Facts": (TEXT, 2), "Why, and what to supply": (TEXT, 4), "Account or repository": (NAME, 3), "Gaps": (NUMBER, 0.8)},
            [[row["status"], ", ".join(row["facts"]).replace("_", " "), row["reason"], _scopes(row["scopes"]), number(row["pairs"])] for row in told["gaps"]],
            none=f"Every fact that was asked for{where} was collected." if asked else "No fact is said to have been asked for: nothing is known here.",
            limit=30 if lists else 8, rest="the page Coverage lists all" if whole else WORKLIST,
        ),
    ]  # fmt: skip
    if whole and lists and summary["warnings"]:
        warnings = [[text] for text in summary["warnings"]]
        blocks.append(table("Warnings of the assessment", {"Warning": (NAME, 1)}, warnings, limit=20))
    return blocks


HERE = " of the accounts that something here is in, or of all at once,"
"""Which facts a part knows of."""


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
