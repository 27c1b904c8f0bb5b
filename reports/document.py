"""The sections of a report as blocks, for PDF and Markdown; those that HTML has none of its own of, for HTML too.

Words and order only: every number comes from the content. A section is dropped that its audience does not get.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reports.audiences import LISTS
from reports.blocks import NAME, NUMBER, RECORD, TEXT, Block, chart, day, heading, listing, number, paragraph, records, table
from reports.document_lists import compliance, coverage, findings, interview, methodology, metrics, programme
from reports.figures import share_text, stage_text
from reports.views.least_privilege import interval
from reports.views.stages import span

Content = dict[str, Any]
Section = dict[str, Any]


def sections(told: Content) -> list[Section]:
    """`id`, `title` and `blocks` of each section after the first page, in order."""
    lists = told["audience"] in LISTS
    made = [{"id": name, "title": title(told), "blocks": write(told, lists)} for name, (title, write) in WRITERS.items() if name in told["sections"]]
    return [section for section in made if section["blocks"]]


def distribution(told: Content, lists: bool) -> list[Block]:
    summary, stages = told["summary"], told["stages"]
    rows = [
        [f"S{row['stage']} {stage['name']}", number(row["lo"]), number(row["hi"]), number(row["exact"]), stage["main_risk"]]
        for row, stage in zip(told["distribution"], stages, strict=True)
    ]
    paths = summary["coverage"]
    blocks = [
        paragraph(
            "Filled bars count subjects by lower bound, outlined ones by upper bound. Where evidence is missing the two differ."
            f" {paths['exact']:,} of {paths['paths']:,} paths have a single stage."
        ),
        chart("stages", told["stage_takeaway"]),
        table(
            f"Subjects by stage, as of {day(summary['as_of'])}",
            {"Stage": (TEXT, 2.6), "Lower bound": (NUMBER, 1), "Upper bound": (NUMBER, 1), "Certainly": (NUMBER, 1), "Main risk": (TEXT, 4)},
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
        for row in told["groups"]
    ]
    return table("By account, lower bounds, the largest first", columns, rows, rest="the page Maturity and the JSON report have them all")


def change(told: Content, lists: bool) -> list[Block]:
    found, before = told["change"], told["before"]
    if not found:
        return [paragraph("There is no earlier snapshot to compare with.")]
    if found["unsplit"]:
        how = f"Rules changed, and the earlier evidence cannot be judged again: {found['unsplit']}. All of the difference is put down to the rules."
    elif not found["same_rules"]:
        how = f"The earlier evidence was judged again by the rules of now ({found['now']['rules_version']}, pack {found['now']['pack']})."
    else:
        how = f"Both were judged by rules {found['now']['rules_version']}, pack {found['now']['pack']}."
    causes = found["causes"].values()
    blocks = [
        paragraph(f"Against the data of {day(before['as_of'])}. {how} The parts of a headline add up to its change, as printed."),
        table(
            "Why subjects differ, one cause each",
            {"Cause": (TEXT, 2), "Meaning": (TEXT, 5), "Subjects": (NUMBER, 1)},
            [[cause["title"], cause["meaning"], number(cause["subjects"])] for cause in causes],
        ),
        *(_headlines(group, found) for group in found["groups"] if lists or group["title"] not in ("Answers",)),
    ]
    return [*blocks, _moved(found)] if lists else blocks


SHORT = {"rules": "Rules", "scope": "Scope", "evidence": "Known", "retired": "Retired", "new": "New", "moved_down": "Down", "moved_up": "Up"}


def _headlines(group: Content, found: Content) -> Block:
    columns = {"Headline": (TEXT, 4), "Before": (NUMBER, 1.1), "Now": (NUMBER, 1.1), "Change": (NUMBER, 1.1)}
    columns |= {SHORT[name]: (NUMBER, 1) for name in found["order"]}
    rows = [
        [
            f"{row['title']}{', %' if row['unit'] == '%' else ''}",
            *(number(row[name]) for name in ("before", "now")),
            _signed(row["change"]),
            *(_signed(row["parts"][name]) if row["parts"] and row["parts"][name] else "·" for name in found["order"]),
        ]
        for row in group["rows"]
    ]
    return table(f"{group['title']}, by cause", columns, rows)


def _signed(value: float | None) -> str:
    return "—" if value is None else f"{value:+,}" if isinstance(value, int) else f"{value:+,g}"


def _moved(found: Content) -> Block:
    columns = {"Subject": (NAME, 3), "Cause": (TEXT, 1.4), "From": (TEXT, 1), "To": (TEXT, 1), "Records now: file # record": (RECORD, 5)}
    rows = [
        [
            *(row["name"], found["causes"][row["cause"]]["title"], span(row["stage_lo_before"], row["stage_hi_before"])),
            *(span(row["stage_lo"], row["stage_hi"]), records(row["evidence"] or row["evidence_before"])),
        ]
        for row in found["moved"]
    ]
    return table("Certainly moved, lower first", columns, rows, total=found["moved_count"], rest="`nhi diff --json` lists all")


def questions(told: Content, lists: bool) -> list[Block]:
    columns = {"": (TEXT, 0.5), "Question": (TEXT, 4.6), "Answer": (TEXT, 1.1), "Met": (TEXT, 1.1), "Bounds": (NUMBER, 1.2), "Pass": (NUMBER, 0.9)}
    columns |= {"n": (NUMBER, 0.9), "Unknown": (NUMBER, 1.1), "Oldest data": (TEXT, 1.4)}
    rows = [
        [
            *(row["question_id"], f"{row['wording']} {row['reason'] or ''}".strip(), row["literal"].replace("_", " "), row["met"].replace("_", " ")),
            *(share_text(row["lo"], row["hi"]), number(row["numerator"]), number(row["denominator"]), number(row["unknown"]), day(row["data_date"])),
        ]
        for row in told["questions"]
    ]
    return [
        paragraph(told["question_takeaway"]),
        chart("questions", told["question_takeaway"]),
        table(f"{told['bands']}; an answer only where both bounds agree. For Q1 and S1 an answer of yes is bad", columns, rows),
    ]


def risks(told: Content, lists: bool) -> list[Block]:
    columns = {"Subject": (NAME, 2.4), "Severity": (TEXT, 1), "Why": (TEXT, 4), "Stage": (TEXT, 0.9), "Privilege": (TEXT, 1), "Team": (NAME, 1.1)}
    rows = [
        [
            *(row["subject_name"], row["severity"], f"{row['check_id']}: {row['reason']}{_and_more(row['failed'])}"),
            *(span(row["stage_lo"], row["stage_hi"]), row["privilege"] or "unknown", row["team"] or "—", records(row["evidence"], 1)),
        ]
        for row in told["risks"]
    ]
    caption = "Worst failed check first, then privilege (unknown counts as high), then stage"
    none = "No check failed. That is no proof: see what was missing."
    rest = "the page Findings and `nhi findings` list all"
    return [table(caption, {**columns, "Evidence: file # record": (RECORD, 3)}, rows, none=none, rest=rest)]


def _and_more(failed: int) -> str:
    return f" (and {failed - 1:,} more)" if failed > 1 else ""


def actions(told: Content, lists: bool) -> list[Block]:
    """Steps with what they would bring, checks by how much a fix would close, evidence by how much it would settle."""
    steps = [
        [
            *(f"S{row['stage']} {row['name']}", row["next_move"], number(row["subjects"]), number(row["critical"])),
            f"{share_text(row['lo_before'], row['lo_before'])} → {share_text(row['lo_after'], row['lo_after'])}",
            stage_text(row["attained_after"]),
        ]
        for row in told["gains"]
    ]
    failing = [row for row in told["checks"] if row["failed"]]
    fixes = [
        [row["check_id"], row["severity"], told["fixes"].get(row["check_id"], "a check of your own"), number(row["failed"]), number(row["unknown"])]
        for row in failing
    ]
    settle = [[row["to_settle"], number(row["paths"]), span(row["stage_lo"], row["stage_hi"])] for row in told["moves"]["settle"]]
    limit = 15 if lists else 5
    return [
        paragraph(
            "Expected, not measured: whoever makes a stage's move stands at least one stage higher. `nhi plan` and `nhi what-if` judge moves one by one."
        ),
        table(
            "Up the ladder: only subjects whose stage is certain",
            {"Stage": (TEXT, 2), "Move": (TEXT, 4), "Subjects": (NUMBER, 1), "Admin or unknown": (NUMBER, 1.2), "Paths above": (NUMBER, 1.8),
             "Attained then": (NUMBER, 1.1)},
            steps,
        ),
        table(
            "Fixes, by how many failed findings each would close",
            {"Check": (NAME, 2.2), "Severity": (TEXT, 1), "Fix": (TEXT, 5), "Closes": (NUMBER, 0.9), "Unknown": (NUMBER, 1)},
            fixes, none="No check failed.", limit=limit, rest="`nhi checks` and the page Findings list all",
        ),
        table(
            "Evidence to supply", {"What": (TEXT, 6), "Paths": (NUMBER, 1), "Now between": (TEXT, 1.2)}, settle,
            none="Nothing: every path has a single stage.", limit=limit,
        ),
    ]  # fmt: skip


def least_privilege(told: Content, lists: bool) -> list[Block]:
    totals = told["access"]["totals"]
    if not totals["identities"]:
        return [paragraph("No identity's policies or roles were supplied.")]
    acts = totals["actions"]
    seen = f"; over those the index is {told['seen_index']}" if totals["seen"] else ""
    blocks = [
        paragraph(
            f"Permission-creep index: {interval(totals['creep_lo'], totals['creep_hi'])} of 100, unused among granted by weight."
            f" {told['access_takeaway']} {totals['seen']:,} of {totals['identities']:,} identities have evidence of use{seen}. Not known is not unused."
        ),
        table(
            "What is proposed", {"Proposal": (TEXT, 5), "Identities": (NUMBER, 1)},
            [*([words, number(acts[name])] for name, words in told["access"]["actions"].items()),
             ["With a certain way to more privilege", number(totals["ways_certain"])], ["With a possible one", number(totals["ways_possible"])]],
        ),
    ]  # fmt: skip
    return [*blocks, *_access_lists(told["access"])] if lists else blocks


def _access_lists(access: Content) -> list[Block]:
    numbers = ("identities", "judged", "granted", "used", "unused", "open")
    groups = [[row["group"], *(number(row[name]) for name in numbers), interval(row["creep_lo"], row["creep_hi"])] for row in access["groups"]]
    first = [
        [
            *(row["name"], access["actions"][row["action"]], number(row["granted"]), number(row["unused"]), interval(row["creep_lo"], row["creep_hi"])),
            *(row["confidence"] or "—", row["reason"], records(row["evidence"])),
        ]
        for row in access["first"]
    ]
    ways = [[row["name"], row["certainty"], row["gains"], f"{' '.join(row['steps'])} {row['reason']}", records(row["evidence"])] for row in access["ways"]]
    counts = {label: (NUMBER, 1) for label in ("Identities", "Judged", "Granted", "Used", "Unused", "Not known", "Creep index")}
    held = {"Identity": (NAME, 2.2), "Proposed": (TEXT, 1.7), "Granted": (NUMBER, 0.9), "Unused": (NUMBER, 0.9), "Index": (NUMBER, 0.9)}
    return [
        table("By account, the largest unused weight first", {"Account": (NAME, 3), **counts}, groups),
        table(
            "What to act on first",
            {**held, "Confidence": (TEXT, 1.2), "Why": (TEXT, 2.6), "Evidence: file # record": (RECORD, 3)},
            first, none="Nothing can be taken away on the evidence supplied.", rest="`nhi recommend` writes all proposals with their rollback",
        ),
        table(
            "Ways to more privilege, certain first; administrators are not listed",
            {"Identity": (NAME, 2.2), "Certainty": (TEXT, 1), "Gains": (TEXT, 0.9), "Steps": (TEXT, 5), "Evidence: file # record": (RECORD, 3)},
            ways, none="None is open on the evidence supplied.", rest="the page Least privilege lists all",
        ),
    ]  # fmt: skip


def ownership(told: Content, lists: bool) -> list[Block]:
    found, owners = told["ownership"], told["programme"]["owners"]
    counts = found["counts"]
    states = [[words, number(counts[name])] for name, words in found["states"].items()]
    blocks = [
        paragraph(
            f"Sources name an owner for {owners['named']:,} of {owners['n']:,} identities ({share_text(owners['lo'], owners['hi'])}; not known:"
            f" {owners['unknown']:,}). {counts['n']:,} wait for somebody to say that they are theirs; {counts['assigned']:,} of them were assigned here."
        ),
        table("Why they wait", {"Reason": (TEXT, 5), "Identities": (NUMBER, 1)}, states),
    ]
    if not lists:
        return blocks
    groups = [[row["group"], number(row["n"]), *(number(row[name]) for name in found["states"]), number(row["assigned"])] for row in found["groups"]]
    labels = {words[0].upper() + words[1:]: (NUMBER, 1.3) for words in found["states"].values()}
    queue = [[row["name"], row["says"], row["privilege"], row["reason"], records(row["evidence"], 1)] for row in found["queue"]]
    return [
        *blocks,
        table("By team", {"Team": (NAME, 2.5), "Wait": (NUMBER, 0.9), **labels, "Assigned": (NUMBER, 1.1)}, groups, limit=15),
        table(
            "Who waits, those that nobody was assigned to first",
            {"Identity": (NAME, 2.4), "State": (TEXT, 1.5), "Privilege": (TEXT, 1), "Why": (TEXT, 3), "Evidence: file # record": (RECORD, 3)},
            queue, total=counts["n"], rest="the page Ownership lists all",
        ),
    ]  # fmt: skip


def evidence(told: Content, lists: bool) -> list[Block]:
    """Which snapshot, by which program and rules; where every figure of the first page comes from; the files behind all of it."""
    snapshot, sources = told["snapshot"], told["summary"]["sources"]
    facts = [
        ["Snapshot", snapshot["snapshot_id"]],
        ["SHA-256 of its rows' files", snapshot["rows_sha256"]],
        ["Data as of", day(snapshot["as_of"])],
        ["Compared with", told["before"]["snapshot_id"] if told["before"] else "nothing"],
        ["Rules, policy pack", f"{snapshot['rules_version']}, {snapshot['pack']}"],
        ["Tool", f"nhi-posture {told['tool']}"],
        ["Exceptions as of", day(told["on"])],
        ["Files offered", f"{len(sources):,}, of which {sum(row['status'] == 'collected' for row in sources):,} collected"],
    ]
    figures = [
        [
            *(figure["mark"], figure["title"], figure["text"], number(figure["n"]), number(figure["unknown"]), day(figure["date"])),
            [*(line for line in records(figure["records"], 1)), figure["ask"]],
        ]
        for figure in told["headline"]["figures"]
    ]
    blocks = [
        table("This report", {"What": (TEXT, 2), "Value": (NAME, 6)}, facts),
        table(
            "Figures of the first page: one record of each, and the command that lists every row behind it",
            {"": (TEXT, 0.7), "Figure": (TEXT, 3.2), "Value": (TEXT, 1.4), "n": (NUMBER, 0.9), "Unknown": (NUMBER, 1.1), "Date": (TEXT, 1.4),
             "Evidence": (RECORD, 6)},
            figures, limit=60,
        ),
    ]  # fmt: skip
    return [*blocks, _files(sources)] if lists else blocks


def _files(sources: list[Content]) -> Block:
    columns = {"File": (NAME, 4), "Format": (NAME, 2), "Status": (TEXT, 1.3), "Records": (NUMBER, 1.1), "As of": (TEXT, 1.4), "SHA-256": (RECORD, 4)}
    rows = [
        [
            *(row["source_id"], row["format"] or "—", row["status"], number(row["records"])),
            day(row["collected_at"]) + (" (assumed)" if row["collected_basis"] == "assumed" else ""),
            [row["input_sha256"] or "—"],
        ]
        for row in sources
    ]
    return table("Files that were offered", columns, rows, limit=120)


def sign_off(told: Content, lists: bool) -> list[Block]:
    """Lines to sign on: who answers for what the report says, and who decided."""
    return [
        paragraph(
            f"By signing, each of us has read the report of snapshot {told['snapshot']['snapshot_id']} (SHA-256 {told['snapshot']['rows_sha256']})"
            " with what it says is not known."
        ),
        {"kind": "signatures", "roles": ["Prepared by", "Reviewed by (security)", "Accepted by (board)"], "fields": ["Name", "Date", "Signature"]},
    ]


Writer = Callable[[Content, bool], list[Block]]
Title = Callable[[Content], str]


def _named(text: str) -> Title:
    return lambda told: text


WRITERS: dict[str, tuple[Title, Writer]] = {
    "distribution": (_named("Stage distribution"), distribution),
    "change": (lambda told: f"Change since {told['before']['label']}" if told["before"] else "Change", change),
    "questions": (_named("Five questions"), questions),
    "interview": (_named("Declared answers"), interview),
    "risks": (_named("Top risks"), risks),
    "actions": (_named("Actions and expected gain"), actions),
    "least_privilege": (_named("Least privilege"), least_privilege),
    "ownership": (_named("Ownership"), ownership),
    "programme": (_named("Exceptions, targets and actions decided"), programme),
    "metrics": (_named("Metrics"), metrics),
    "findings": (_named("Findings"), findings),
    "compliance": (_named("Compliance"), compliance),
    "coverage": (_named("Coverage and confidence"), coverage),
    "methodology": (_named("Methodology"), methodology),
    "evidence": (_named("Evidence index"), evidence),
    "sign_off": (_named("Sign-off"), sign_off),
}
"""Section -> how it is titled and written."""

__all__ = ["heading", "listing", "sections"]
