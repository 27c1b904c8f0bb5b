"""The section of a report that tells what people decided: exceptions, targets, actions, owners. As blocks."""

from __future__ import annotations

from typing import Any

from reports.blocks import NAME, NUMBER, TEXT, WORKLIST, Block, day, left_out, listing, number, paragraph, table
from reports.figures import stage_text
from reports.views.shares import share_text

Content = dict[str, Any]

ANNOUNCED = 12
"""Exceptions that are announced one by one."""


def programme(told: Content, lists: bool) -> list[Block]:
    """What people decided; nothing where nothing was."""
    found, whole = told["programme"], told["part"] is None
    if not found["decided"]:
        none = "Nothing was decided: no exception, target, action or owner is recorded."
        return [paragraph(none if whole else "No exception and no owner of something here is recorded.")]
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
        blocks.append(_register(found["exceptions"]) if whole else _register_of_part(told))
    if whole and found["targets"]:
        blocks.append(_targets(found["targets"]))
    if whole and found["actions"]:
        blocks.append(_actions(found["actions"]))
    if found["assignments"] and not whole:
        blocks.append(_owners_of_part(told))
    elif found["assignments"]:
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


def _register_of_part(told: Content) -> Block:
    """The register, without what people wrote: it may speak of others."""
    columns = {"Exception": (NAME, 2.4), "State": (TEXT, 1.6), "Checks": (NAME, 3), "Last day": (TEXT, 1.3), "Recorded": (NAME, 2)}
    rows = [
        [
            *(row["exception_id"], row["says"], "every check" if "*" in row["checks"] else ", ".join(row["checks"]), day(row["expires"])),
            *(f"{row['who']}, {day(row['decided_at'])}", number(row["subjects"]), number(row["findings"])),
        ]
        for row in told["programme"]["exceptions"]
    ]
    counts = {"Subjects": (NUMBER, 1), "Failed": (NUMBER, 0.9)}
    return table("Exceptions about something here: expired ones first; counted are those here", {**columns, **counts}, rows, rest=WORKLIST)


def _owners_of_part(told: Content) -> Block:
    """Who was assigned, without notes."""
    rows = [[row["owner"], number(row["subjects"]), f"{row['who']}, {day(row['decided_at'])}"] for row in told["programme"]["assignments"]]
    return table("Owners assigned here", {"Owner": (NAME, 3), "Subjects": (NUMBER, 1), "Recorded": (NAME, 3)}, rows, rest=WORKLIST)
