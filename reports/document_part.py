"""Sections of a report on a part of the estate that say something else there: findings, evidence. And credentials, which the whole estate has too.
As blocks."""

from __future__ import annotations

from typing import Any

from reports.blocks import NAME, NUMBER, RECORD, TEXT, WORKLIST, Block, day, number, paragraph, records, table
from reports.headline import LEFT_OUT
from reports.views.ages import BANDS
from reports.views.expiry import SOON_DAYS
from reports.views.stages import NOT_STATED

Content = dict[str, Any]

ENDS = {
    "over": "already over, and not deleted",
    "soon": f"within {SOON_DAYS} days",
    "later": "later",
    "never": "never",
    "unknown": "no source says",
}


def credentials(told: Content, lists: bool) -> list[Block]:
    """When credentials end, how old they are, and which to renew first."""
    found = told["credentials"]
    if not found["n"]:
        return [paragraph("No source lists a credential here. That is no proof that there is none: see coverage.")]
    rest = WORKLIST if told["part"] is not None else "the page Expiry lists all"
    soon = [[*_credential(row), day(row["expires_at"]), number(row["days_left"]), records(row["evidence"])] for row in found["soon"]]
    oldest = [[*_credential(row), number(row["age_days"]), day(row["last_used_at"]), records(row["evidence"])] for row in found["oldest"]]
    held = {"Credential": (NAME, 2.2), "Kind": (TEXT, 1.3), "Identity": (NAME, 2.2)}
    record = {"Evidence: file # record": (RECORD, 3)}
    known = found["n"] - found["ages"]["not known"]
    return [
        paragraph(f"Credentials that are not switched off: {found['n']:,}. Counted from the date of the data; whether one is too old, checks say."),
        table("When they end", {"Ends": (TEXT, 5), "Credentials": (NUMBER, 1)}, [[ENDS[name], number(found["ends"][name])] for name in ENDS]),
        table(
            "How old they are, since they were made or last rotated", {"Age": (TEXT, 5), "Credentials": (NUMBER, 1)},
            [[words, number(found["ages"][name])] for name, words in BANDS.items()],
        ),
        table(
            f"Those that end within {SOON_DAYS} days", {**held, "Ends": (TEXT, 1.3), "Days left": (NUMBER, 0.9), **record}, soon,
            none="None, of those of which a source says when they end.", total=found["ends"]["soon"], rest=rest,
        ),
        table(
            "The oldest", {**held, "Age in days": (NUMBER, 1), "Last used": (TEXT, 1.3), **record}, oldest,
            none="Of none does a source say since when it stands.", total=known, rest=rest,
        ),
    ]  # fmt: skip


def _credential(row: Content) -> list[str]:
    return [row["name"], row["kind"].replace("_", " "), row["identity_name"] or "—"]


def findings(told: Content, lists: bool) -> list[Block]:
    """What failed here, by severity and by check, and the worst of it."""
    ran, failing = told["ran"], told["failing"]
    if not ran["n"]:
        return [paragraph("No check ran: nothing is known of what fails.")]
    severities = [
        [name, number(count), number(sum(row["unknown"] for row in told["checks"] if row["severity"] == name))]
        for name, count in told["summary"]["findings"]["by_severity"].items()
    ]
    checks = [[row["check_id"], row["severity"], number(row["failed"]), number(row["unknown"])] for row in told["checks"]]
    failed = [[row["severity"], row["check_id"], row["subject_name"], row["reason"], records(row["evidence"])] for row in told["findings"]]
    counts = {"Fail": (NUMBER, 1), "Unknown": (NUMBER, 1)}
    return [
        paragraph(
            f"{failing['failing']:,} of {failing['n']:,} identities have a failed finding, of {failing['unknown']:,} more some check could not tell."
            f" {ran['n']:,} checks ran over the whole estate; {ran['idle']:,} of them judged nothing anywhere. How many passed a check is counted over the"
            " whole estate alone: that a check is not listed here does not say that it looked at anything of this part."
        ),
        table("By severity", {"Severity": (TEXT, 5), **counts}, severities),
        table(
            "By check", {"Check": (NAME, 4), "Severity": (TEXT, 1), **counts}, checks, limit=120,
            none="None failed, and none could not tell. That is no proof: see coverage.",
        ),
        table(
            "Failed, worst first",
            {"Severity": (TEXT, 1), "Check": (NAME, 2), "Subject": (NAME, 2.4), "Why": (TEXT, 3), "Evidence: file # record": (RECORD, 3.6)},
            failed, none="None failed. That is no proof: see coverage.", total=sum(told["summary"]["findings"]["by_severity"].values()), rest=WORKLIST,
        ),
    ]  # fmt: skip


def facts(told: Content) -> list[list[str]]:
    """What the evidence index says of a part."""
    part = told["part"]
    return [
        ["Part of the estate", "what no team is said to run (not stated)" if part == NOT_STATED else f"what the team {part} runs"],
        ["Left out, since judged over the whole", LEFT_OUT],
    ]


def index_notes(told: Content) -> list[Block]:
    """How the figures of a part are counted, and how their commands are read."""
    notes = [
        paragraph(
            "n of findings is not known of a part (a dash): how many subjects a check judged is counted over the whole estate. A record that is not of this"
            " part is left out. (not yours): something of others.",
            quiet=True,
        )
    ]
    if any('"$TEAM"' in figure["ask"] for figure in told["headline"]["figures"]):
        notes.append(paragraph("TEAM stands in the commands for the name of the team as it is in the data.", quiet=True))
    return notes
