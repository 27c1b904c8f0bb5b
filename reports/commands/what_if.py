"""`nhi what-if`: the figures with some moves made, beside those without."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, out, picked, say, table
from reports.views.planner import ChoiceError, candidate_rows, catalogue, creep_words, what_if, worlds_of
from scoring.planning.moves import MoveError
from scoring.planning.target import TargetError

CHANGES = ["move", "what", "stage", "effort", "owner", "last use", "privilege", "used by", "first"]


def what_if_command(
    choices: Annotated[
        list[str] | None,
        typer.Argument(metavar="MOVE[:SUBJECT,…]…", help="Moves, each for all that it can be done to, or for some by id or name."),
    ] = None,
    group: Annotated[str | None, typer.Option("--in", help="Only what concerns this part: `production`, `team=payments`.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Also where a guard says to wait: used of late, use not known.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="List the moves; with moves, whom they can be done to. Supposes nothing.")] = False,
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    as_json: AsJson = False,
) -> None:
    """Suppose that moves were made: stages, questions, creep index and findings, judged anew by the engine. Writes nothing."""
    if listed and not choices:
        _moves(as_json=as_json)
        return
    if not choices:
        misused("MOVE", "name at least one; `nhi what-if --list` lists them")
    lake, chosen = picked(workspace, snapshot)
    try:
        with worlds_of(lake, chosen) as worlds:
            if listed:
                _candidates(candidate_rows(worlds, choices), as_json=as_json)
                return
            found = what_if(worlds, choices, group, waiting=waiting)
    except (ChoiceError, MoveError) as error:
        misused("MOVE", error)
    except TargetError as error:
        misused("--in", error)
    if as_json:
        as_document(found)
        return
    table(CHANGES, change_rows(found))
    for line in found["left_out"][:20]:
        say(f"Left out: {line}", style="yellow")
    if len(found["left_out"]) > 20:
        say(
            f"and {len(found['left_out']) - 20} more left out; --json lists all, --waiting takes those that a guard holds back",
            style="yellow",
        )
    settle_lines(found)
    worlds_lines(found)
    caveat(found)


def _moves(*, as_json: bool) -> None:
    if as_json:
        as_document(catalogue())
        return
    rows = [
        (one["move"], one["title"], one["stages"] or "", one["effort"], "settles" if one["settles"] else "", ", ".join(one["providers"]))
        for one in catalogue()
    ]
    table(["move", "what", "stages", "effort", "", "works on"], rows)


def _candidates(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        as_document(rows)
        return
    shown = [
        (one["move"], one["name"], one["subject_id"], "yes" if one["ready"] else "no", one["reason"], "; ".join(one["guards"]))
        for one in rows
    ]
    table(["move", "name", "id", "ready", "why", "first"], shown)


def change_rows(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Changes under the columns of CHANGES."""
    return [
        (
            one["move"],
            one["name"],
            f"{_span(one['before'])} -> {_span(one['after']) or 'closed'}",
            one["effort"],
            one["owner"] or "nobody known",
            f"{one['last_used_at']:%Y-%m-%d}" if one["last_used_at"] else "none seen" if one["last_used_known"] else "not known",
            one["privilege"] or "",
            ", ".join(one["workloads"][:3]) + (" …" if len(one["workloads"]) > 3 else ""),
            "; ".join(one["guards"]),
        )
        for one in found["changes"]
    ]


def span(low: int | None, high: int | None) -> str:
    """An interval of stages: 5, 2-5."""
    return "" if low is None else str(low) if low == high else f"{low}-{high}"


def _span(stood: tuple[int, int] | None) -> str:
    return span(*stood) if stood else ""


def settle_lines(found: dict[str, Any]) -> None:
    """Evidence to supply: where it leads nobody knows, so only the interval is told."""
    if not found["settle"]:
        return
    out.print(Text(f"\nEvidence that might settle some of it ({len(found['settle'])}): what it will show is not known.", style="bold"))
    shown = [(one["move"], one["name"], _span(one["interval"]), one["reason"]) for one in found["settle"][:20]]
    table(["move", "what", "between stages", "why"], shown)


def worlds_lines(found: dict[str, Any]) -> None:
    """Stages, questions, creep index and findings, without and with."""
    out.print(Text("\nWithout and with", style="bold"))
    table(
        ["stage", "subjects now", "then", "at most now", "then at most"],
        [(one["stage"], one["lo_before"], one["lo"], one["hi_before"], one["hi"]) for one in found["stages"]],
    )
    table(
        ["question", "control met now", "then"],
        [(one["id"], _met(one, "_before"), _met(one, "")) for one in found["questions"]],
    )
    creep, findings = found["creep"], found["findings"]
    rows: list[tuple[Any, ...]] = [("permission-creep index", *(creep_words(creep[name]) for name in ("before", "after")))]
    rows += [(f"failed findings, {name}", findings["before"][name], findings["after"][name]) for name in findings["before"]]
    table(["", "now", "then"], rows)


def _met(row: dict[str, Any], when: str) -> str:
    low, high = row[f"lo{when}"], row[f"hi{when}"]
    return f"{row[f'met{when}']}" + (f" ({low:.0%} to {high:.0%})" if low is not None else "")


def caveat(found: dict[str, Any]) -> None:
    """What these figures are not."""
    out.print(Text(f"{found['caveat']} Snapshot {found['snapshot_id']}.", style="dim"), soft_wrap=True)
