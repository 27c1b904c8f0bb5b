"""The first page of a report: the verdict, what moved and why, and the decisions that are asked. Every figure in it is one of figures.py.

Words are put together here and nowhere else, so that each format prints the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.database import Database
from reports.figures import figures, stage_text
from reports.views.shares import share_text
from reports.views.stages import NOT_STATED, span

CARDS = ("attained", "coverage", "identities", "failed")
"""Figures that stand large."""

WATCHED = ("attained", "at_or_above_5", "critical")
"""Headlines of the comparison that the verdict is made of, beside who certainly moved."""

DOINGS = ("retired", "new", "moved_down", "moved_up")
"""Causes that are the estate's own: neither other rules, nor another scope, nor knowing more."""

ASKED = 6
"""Decisions on one page."""

Told = dict[str, Any]


def headline(database: Database, told: Told) -> Told:
    """`verdict` (`word`, `text`), `cards`, `figures` (all, each with its mark), `risks`, `moves` and `decisions` (`text`, `figure`)."""
    found = {figure["id"]: figure for figure in figures(database, told)}
    return {
        "title": "Where our machine identities stand" + ("" if told["part"] is None else f": {whose(told['part'])}"),
        "verdict": verdict(told["change"], told["before"]) if told["part"] is None else of_part(told),
        "cards": list(CARDS),
        "figures": list(found.values()),
        "marks": {name: figure["mark"] for name, figure in found.items()},
        "moves": _moves(told),
        "decisions": list(_decisions(told))[:ASKED],
    }


LEFT_OUT = (
    "the five questions, the comparison with an earlier snapshot, metrics, compliance, ways to more privilege, targets and actions decided, how many"
    " passed each check, and the files behind it"
)
"""What the report on a part leaves out, since it is judged over the whole estate alone."""


NAME = 60
"""Characters of a part's name in a title."""


def whose(part: str) -> str:
    """The part in a title."""
    return "no team stated" if part == NOT_STATED else part if len(part) <= NAME else f"{part[: NAME - 1]}…"


def of_part(told: Told) -> Told:
    """In place of a verdict, which compares the whole estate: what is counted here, and what is left out."""
    what = "what no team is said to run" if told["part"] == NOT_STATED else "what this team runs"
    return {
        "word": "A part of the estate",
        "text": f"Counted over {what}, and nothing else. Judged over the whole estate only, and left out here: {LEFT_OUT}.",
    }


def verdict(change: Told | None, before: Told | None) -> Told:
    """Better, worse, mixed or unchanged since the snapshot before, by what happened to the estate alone; and the figures that say so.

    Better: nothing watched got worse and something got better. What other rules, another scope or more knowledge did is left out.
    """
    if not change or not before:
        return {"word": "First look", "text": "There is no earlier snapshot to compare with."}
    since = f"since {before['label']} ({before['as_of'][:10]})"
    if change["unsplit"]:
        return {"word": "Not comparable", "text": f"Whether anything got better {since} cannot be told: {change['unsplit']}."}
    rows = {row["id"]: row for row in change["headlines"]}
    causes = {name: cause["subjects"] for name, cause in change["causes"].items()}
    signs = {_sign(rows[name]) for name in WATCHED} | {(causes["moved_up"] > 0) * 1, (causes["moved_down"] > 0) * -1}
    word = "Mixed" if {1, -1} <= signs else "Better" if 1 in signs else "Worse" if -1 in signs else "Unchanged"
    attained, share, critical = (rows[name] for name in WATCHED)
    text = (
        f"{since[0].upper()}{since[1:]}, by what happened to the estate itself: subjects certainly higher {causes['moved_up']:,}, certainly lower"
        f" {causes['moved_down']:,}, new {causes['new']:,}, retired {causes['retired']:,}; of {causes['evidence']:,} more only what we know"
        f" changed. Attained {_pair(attained, stage_text)}; paths at S5"
        f" or above {_pair(share, _percent)}; critical findings {_pair(critical, lambda value: f'{value or 0:,}')}."
    )
    return {"word": word, "text": text}


def _sign(row: Told) -> int:
    """1: better, -1: worse, 0: neither, by the estate's own causes."""
    own = sum(row["parts"][name] for name in DOINGS) if row["parts"] else 0
    return ((own > 0) - (own < 0)) * (-1 if row["better"] == "down" else 1)


def _pair(row: Told, words: Any) -> str:
    return f"{words(row['before'])} before, {words(row['now'])} now"


def _percent(value: float | None) -> str:
    return "not known" if value is None else f"{value:g} %"


def _moves(told: Told) -> list[str]:
    """The first steps up the ladder, and what to settle."""
    climb = [
        f"Stage {row['stage']}, {counted(row['subjects'], 'subject')}: {row['next_move']}" for row in told["gains"] if row["stage"] <= 3
    ]
    ready = [] if told["part"] is None else [f"{row['title']}: {row['ready']:,} ready." for row in told["to_do"] if row["ready"]]
    return [*climb[:2], *ready[:2], *map(_settled, told["moves"]["settle"][:1])]


def _settled(row: Told) -> str:
    paths = counted(row["paths"], "path")
    return f"{row['to_settle'][0].upper()}{row['to_settle'][1:]}: {paths}, now {span(row['stage_lo'], row['stage_hi'])}, would have a single stage."


def counted(count: int, noun: str) -> str:
    """A count with its noun, in the plural but for one."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"


def _decisions(told: Told) -> Iterator[Told]:
    """What somebody has to decide, the most pressing first; each only where the figures call for it."""
    programme, severities = told["programme"], told["summary"]["findings"]["by_severity"]
    part, owners = told["part"], told["ownership"]["unowned"] if told["part"] is not None else _nobody(programme["owners"])
    if ended := [row for row in programme["exceptions"] if row["state"] == "expired"]:
        yield _asked(f"Renew or end {counted(len(ended), 'expired exception')}: what was accepted counts again.", "failed")
    if severities["critical"]:
        count = counted(severities["critical"], "critical finding")
        kept = {row["score"]: row["kept"] for row in programme["lines"]}.get("Failed findings, critical", f"{severities['critical']:,}")
        rest = "" if kept == f"{severities['critical']:,}" else f" ({kept} without what is excepted)"
        yield _asked(f"Have {count}{rest} fixed, or accept by name and date what is not.", "failed-critical")
    if part is None:
        yield from _about_targets(programme["targets"], told)
        if late := [row for row in programme["actions"] if row["overdue"]]:
            yield _asked(f"Give {counted(len(late), 'overdue action')} a new date or other means.", None)
    if idle := told["access"]["totals"]["actions"]["disable"]:
        yield _asked(
            f"Approve switching off {counted(idle, 'identity') if idle == 1 else f'{idle:,} identities'} with no use seen.", "disable"
        )
    if owners and (nobody := owners["nobody"]):
        whom = "1 identity" if nobody == 1 else f"{nobody:,} identities"
        figure = "owned" if part is None else "unowned"
        yield _asked(f"Name an owner for {whom} without one; of {owners['unknown']:,} more it is not known.", figure)
    if not told["summary"]["coverage"]["paths"]:
        yield _asked("Have evidence supplied: no way in of any machine identity is known yet.", "coverage")
    if open_paths := told["summary"]["coverage"]["paths"] - told["summary"]["coverage"]["exact"]:
        settle = told["moves"]["settle"]
        what = f", first: {settle[0]['to_settle']}" if settle else ""
        yield _asked(
            f"Have the evidence supplied that {counted(open_paths, 'path')} without a single stage lack{'s' * (open_paths == 1)}{what}.",
            "coverage",
        )


def _nobody(owners: Told) -> Told:
    """Of the whole estate's owners: how many identities have none, and of how many it is not known."""
    return {"nobody": owners["n"] - owners["named"] - owners["unknown"], "unknown": owners["unknown"]}


def _about_targets(targets: list[Told], told: Told) -> Iterator[Told]:
    """Targets that are not reached; or that there is none."""
    if not targets:
        if told["summary"]["coverage"]["paths"]:
            yield _asked("Set a target: a stage, for which part of the estate, by which day. None is recorded.", "attained")
        return
    late, short = ([row for row in targets if row["verdict"] != "met" and row["overdue"] is over] for over in (True, False))
    for rows, words in ((late, "past its day"), (short, "not reached for certain yet")):
        if rows:
            first = rows[0]
            more = f" (and {len(rows) - 1:,} more)" if len(rows) > 1 else ""
            share = share_text(first["lo"], first["hi"])
            text = (
                f"Confirm, fund or move target {first['target_id']}, S{first['stage']} by {first['due']:%Y-%m-%d}, {words}: {share}{more}."
            )
            yield _asked(text, "attained")


def _asked(text: str, figure: str | None) -> Told:
    return {"text": text, "figure": figure}
