"""Sections of a report that say what is to do: risks, actions, least privilege, ownership. As blocks."""

from __future__ import annotations

from typing import Any

from reports.blocks import NAME, NUMBER, RECORD, TEXT, WORKLIST, Block, chart, number, paragraph, records, table
from reports.figures import stage_text
from reports.views.least_privilege import interval
from reports.views.shares import percent, share_text
from reports.views.stages import span

Content = dict[str, Any]


def risks(told: Content, lists: bool) -> list[Block]:
    """The subjects to look at first."""
    whole = told["part"] is None
    columns = {
        "Subject": (NAME, 2.4),
        "Severity": (TEXT, 1),
        "Why": (TEXT, 4),
        "Stage": (TEXT, 0.9),
        "Privilege": (TEXT, 1),
        **({"Team": (NAME, 1.3)} if whole else {}),
    }
    rows = [
        [
            *(row["subject_name"], row["severity"], f"{row['check_id']}: {row['reason']}{_and_more(row['failed'])}"),
            *(span(row["stage_lo"], row["stage_hi"]), row["privilege"] or "unknown"),
            *([row["team"] or "—"] if whole else []),
            records(row["evidence"]),
        ]
        for row in told["risks"]
    ]
    caption = "Worst failed check first, then privilege (unknown counts as high), then stage"
    none = "No check failed. That is no proof: see what was missing."
    rest = "the page Findings and `nhi findings` list all" if whole else WORKLIST
    return [table(caption, {**columns, "Evidence: file # record": (RECORD, 3)}, rows, none=none, rest=rest)]


def _and_more(failed: int) -> str:
    return f" (and {failed - 1:,} more)" if failed > 1 else ""


NO_PATH = "No access path is known: what was missing says which evidence to supply first."

GAINS = (
    "Filled: share of all paths that stand above the stage for certain today. Outlined: what the step adds. Steps are counted one by one."
)


def actions(told: Content, lists: bool) -> list[Block]:
    """Steps with what they would bring, checks by how much a fix would close, evidence by how much it would settle."""
    steps = [
        [
            *(f"S{row['stage']} {row['name']}", row["next_move"], number(row["subjects"]), number(row["critical"]), number(row["paths"])),
            f"{percent(row['lo_before'])} → {percent(row['lo_after'])}",
            stage_text(row["attained_after"]),
        ]
        for row in told["gains"]
    ]
    failing = [row for row in told["checks"] if row["failed"]]
    fixes = [
        [
            row["check_id"],
            row["severity"],
            told["fixes"].get(row["check_id"], "a check of your own"),
            number(row["failed"]),
            number(row["unknown"]),
        ]
        for row in failing
    ]
    settle = [[row["to_settle"], number(row["paths"]), span(row["stage_lo"], row["stage_hi"])] for row in told["moves"]["settle"]]
    limit, whole = 15 if lists else 5, told["part"] is None
    return [
        paragraph(
            "Expected, not measured: whoever makes a stage's move stands at least one stage higher. `nhi plan` and `nhi what-if` judge moves one by one."
        ),
        *([paragraph(told["gain_takeaway"]), chart("gains", told["gain_takeaway"]), paragraph(GAINS, quiet=True)] if steps else []),
        table(
            "Up the ladder: only subjects whose stage is certain",
            {"Stage": (TEXT, 2), "Move": (TEXT, 3.6), "Subjects": (NUMBER, 1), "Admin or unknown": (NUMBER, 1.2), "Paths lifted": (NUMBER, 0.9),
             "Share above": (NUMBER, 1.8), "Attained then": (NUMBER, 1.1)},
            steps, none="No subject has a certain stage below the last.",
        ),
        table(
            "Fixes, by how many failed findings each would close",
            {"Check": (NAME, 2.2), "Severity": (TEXT, 1), "Fix": (TEXT, 5), "Closes": (NUMBER, 0.9), "Unknown": (NUMBER, 1)},
            fixes, none="No check failed. That is no proof: see what was missing.", limit=limit,
            rest="`nhi checks` and the page Findings list all" if whole else WORKLIST,
        ),
        *([] if whole else [_to_do(told["to_do"])]),
        table(
            "Evidence to supply", {"What": (TEXT, 6), "Paths": (NUMBER, 1), "Now between": (TEXT, 1.2)}, settle,
            none="Nothing: every path has a single stage." if told["summary"]["coverage"]["paths"] else NO_PATH, limit=limit,
        ),
    ]  # fmt: skip


def _to_do(rows: list[Content]) -> Block:
    """Moves by how many subjects of a part each can be done to. What they bring is judged over the whole estate, and is not told here."""
    columns = {
        "Move": (TEXT, 4),
        "Concerns": (NUMBER, 1),
        "Ready": (NUMBER, 0.8),
        "Held back": (NUMBER, 0.9),
        "Effort, 1 to 8": (NUMBER, 0.9),
    }
    columns |= {"Stage at best": (TEXT, 1)}
    told = [
        [
            row["title"],
            *(number(row[name]) for name in ("candidates", "ready", "waiting", "effort")),
            stage_text(row["to_stage"]) if row["to_stage"] else "—",
        ]
        for row in rows
    ]
    return table(
        "Moves, least effort first, with how many of ours each concerns; what a move brings `nhi what-if` judges over the whole estate",
        columns, told, none="No move is open on the evidence supplied.", limit=15, rest=WORKLIST,
    )  # fmt: skip


def least_privilege(told: Content, lists: bool) -> list[Block]:
    """Granted against used, what is proposed, and the ways to more."""
    totals = told["access"]["totals"]
    if not totals["identities"]:
        return [paragraph("No identity's policies or roles were supplied.")]
    acts = totals["actions"]
    whole = told["part"] is None
    seen = f"; over those the index is {told['seen_index']}" if totals["seen"] else ""
    blocks = [
        paragraph(
            f"Permission-creep index: {interval(totals['creep_lo'], totals['creep_hi'])} of 100, unused among granted by weight."
            f" {told['access_takeaway']} {totals['seen']:,} of {totals['identities']:,} identities have evidence of use{seen}. Not known is not unused."
        ),
        table(
            "What is proposed, and who has a way to more" if whole else "What is proposed", {"Proposal": (TEXT, 5), "Identities": (NUMBER, 1)},
            [*([words, number(acts[name])] for name, words in told["access"]["actions"].items()), *(_with_ways(totals) if whole else [])],
        ),
    ]  # fmt: skip
    return [*blocks, *_access_lists(told["access"], whole), *([_ways(told["access"])] if whole else [])] if lists else blocks


def _with_ways(totals: Content) -> list[list[str]]:
    return [
        ["With a certain way to more privilege", number(totals["ways_certain"])],
        ["With a possible one", number(totals["ways_possible"])],
    ]


def _access_lists(access: Content, whole: bool) -> list[Block]:
    numbers, acts = ("identities", "judged", "granted", "used", "unused", "open"), access["totals"]["actions"]
    groups = [
        [row["group"], *(number(row[name]) for name in numbers), interval(row["creep_lo"], row["creep_hi"])] for row in access["groups"]
    ]
    first = [
        [
            *(
                row["name"],
                access["actions"][row["action"]],
                number(row["granted"]),
                number(row["unused"]),
                interval(row["creep_lo"], row["creep_hi"]),
            ),
            *(row["confidence"] or "—", row["reason"], records(row["evidence"])),
        ]
        for row in access["first"]
    ]
    counts = dict.fromkeys(("Identities", "Judged", "Granted", "Used", "Unused", "Not known", "Creep index"), (NUMBER, 1))
    held = {"Identity": (NAME, 2.2), "Proposed": (TEXT, 1.7), "Granted": (NUMBER, 0.9), "Unused": (NUMBER, 0.9), "Index": (NUMBER, 0.9)}
    return [
        table("By account, the largest unused weight first", {"Account": (NAME, 3), **counts}, groups, limit=20),
        table(
            "What to act on first",
            {**held, "Confidence": (TEXT, 1.4), "Why": (TEXT, 2.6), "Evidence: file # record": (RECORD, 3)},
            first, none="Nothing can be taken away on the evidence supplied.", total=acts["disable"] + acts["narrow"],
            rest="`nhi recommend` writes all proposals with their rollback" if whole else WORKLIST,
        ),
    ]  # fmt: skip


def _ways(access: Content) -> Block:
    ways = [
        [row["name"], row["certainty"], row["gains"], f"{' '.join(row['steps'])} {row['reason']}", records(row["evidence"])]
        for row in access["ways"]
    ]
    return table(
            "Ways to more privilege, certain first; administrators are not listed",
            {"Identity": (NAME, 2.2), "Certainty": (TEXT, 1), "Gains": (TEXT, 0.9), "Steps": (TEXT, 5), "Evidence: file # record": (RECORD, 3)},
            ways, none="None is open on the evidence supplied.", total=access["ways_count"], rest="the page Least privilege lists all",
    )  # fmt: skip


def ownership(told: Content, lists: bool) -> list[Block]:
    """Who is owned, and who waits."""
    found = told["ownership"]
    counts = found["counts"]
    states = [[words, number(counts[name])] for name, words in found["states"].items()]
    blocks = [paragraph(_owned(told)), table("Why they wait", {"Reason": (TEXT, 5), "Identities": (NUMBER, 1)}, states)]
    if not lists:
        return blocks
    queue = [[row["name"], row["says"], row["privilege"], row["reason"], records(row["evidence"])] for row in found["queue"]]
    whole = told["part"] is None
    return [
        *blocks,
        *([_by_team(found)] if whole else []),
        table(
            "Who waits, those that nobody was assigned to first",
            {"Identity": (NAME, 2.4), "State": (TEXT, 1.5), "Privilege": (TEXT, 1), "Why": (TEXT, 3), "Evidence: file # record": (RECORD, 3)},
            queue, total=counts["n"], rest="the page Ownership lists all" if whole else WORKLIST,
        ),
    ]  # fmt: skip


def _owned(told: Content) -> str:
    """How many are owned, as far as it is counted: over the whole estate how many a source names an owner for, of a part for how many none does."""
    counts, wait = told["ownership"]["counts"], told["ownership"]["counts"]["n"]
    waiting = f"{wait:,} wait for somebody to say that they are theirs; {counts['assigned']:,} of them were assigned here."
    if told["part"] is None:
        owners = told["programme"]["owners"]
        return (
            f"Sources name an owner for {owners['named']:,} of {owners['n']:,} identities ({share_text(owners['lo'], owners['hi'])}; not known:"
            f" {owners['unknown']:,}). {waiting}"
        )
    owners = told["ownership"]["unowned"]
    if owners is None:
        return f"No check of owners ran: who is owned is not known. {waiting}"
    return (
        f"For {owners['nobody']:,} of {owners['n']:,} non-human identities it is certain that nobody is named as owner, of {owners['unknown']:,} more it is"
        f" not known. {waiting}"
    )


def _by_team(found: Content) -> Block:
    groups = [
        [row["group"], number(row["n"]), *(number(row[name]) for name in found["states"]), number(row["assigned"])]
        for row in found["groups"]
    ]
    labels = {words[0].upper() + words[1:]: (NUMBER, 1.3) for words in found["states"].values()}
    return table("By team", {"Team": (NAME, 2.5), "Wait": (NUMBER, 0.9), **labels, "Assigned": (NUMBER, 1.1)}, groups, limit=15)
