"""`nhi compliance`: what the evidence says of the controls of a framework."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from reports.commands.shell import HERE, AsJson, SnapshotId, Workspace, as_document, misused, picked, say, table
from reports.views.compliance import CAUTION, Compliance, control_rows, framework_rows
from reports.views.compliance import compliance as judged
from reports.views.summary import thresholds
from scoring.again import judged_again
from scoring.catalogue import Catalogue, load
from scoring.compliance import UnknownControlError, framework
from scoring.packs import Pack, PackError, load_pack
from scoring.rules import load_rules


def compliance(
    key: Annotated[str | None, typer.Argument(metavar="FRAMEWORK", help="For example PCI-DSS-4.0; all in short if left out.")] = None,
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    pack: Annotated[
        str | None, typer.Option(help="Judge the stored evidence again by this policy pack first: cis, pci, or a file.")
    ] = None,
    checks: Annotated[Path | None, typer.Option("--checks", help="Folder with your own checks, whose controls count too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every control of a framework whether it is met, partly, not, or unknown, and why. Met: as far as our checks measure."""
    try:
        each = framework(key) if key else None
        chosen_pack = load_pack(pack) if pack else None
    except UnknownControlError as error:
        misused("FRAMEWORK", f"{error.args[0]}; `nhi compliance` lists them")
    except PackError as error:
        misused("--pack", error)
    catalogue = load(checks)
    for problem in catalogue.errors:
        say(str(problem), style="yellow")
    lake, chosen = picked(workspace, snapshot)
    with _results(lake, chosen, chosen_pack, catalogue) as database:
        limits = chosen_pack.thresholds if chosen_pack else thresholds(chosen)
        found = judged(database, chosen, catalogue.checks, limits)
    if as_json:
        as_document(_document(found, chosen, chosen_pack, each.key if each else None))
        return
    if each is None:
        _print_all(found)
    else:
        _print_one(found, each.key)
        say(f"Outside our checks: {each.scope_note}.")
    say(f"{CAUTION} Judged by pack {chosen_pack.name if chosen_pack else chosen.pack}, controls mapped by {found.mapping}.")


@contextmanager
def _results(lake: Lake, chosen: Snapshot, pack: Pack | None, catalogue: Catalogue) -> Iterator[Database]:
    """The results of a snapshot as stored, or of its evidence judged again by another pack."""
    again = judged_again(lake, chosen, pack=pack, checks=catalogue.checks) if pack else lake.open(chosen.snapshot_id)
    with again as database:
        yield database


def _document(found: Compliance, chosen: Snapshot, pack: Pack | None, key: str | None) -> dict[str, Any]:
    what: dict[str, Any] = {"framework": key, "controls": control_rows(found, key)} if key else {"frameworks": framework_rows(found)}
    return {
        "snapshot_id": chosen.snapshot_id,
        "as_of": chosen.as_of.isoformat(),
        "rules_version": load_rules().version if pack else chosen.rules_version,
        "pack": pack.name if pack else chosen.pack,
        "mapping_version": found.mapping,
        "caution": CAUTION,
        **what,
    }


def _print_all(found: Compliance) -> None:
    columns = {"framework": "framework", "controls": "controls", "met": "met", "partly": "partly", "not": "not", "unknown": "unknown",
               "not_applicable": "n/a", "measured": "with a check", "to_ask": "to ask", "name": "name"}  # fmt: skip
    table(list(columns.values()), [[row[name] for name in columns] for row in framework_rows(found)])


def _print_one(found: Compliance, key: str) -> None:
    rows = [
        (row["id"], row["title"], row["said"], row["judged"], row["failed"], row["unknown"], _why(row), len(row["checks"]))
        for row in control_rows(found, key)
    ]
    table(["control", "about", "verdict", "judged", "fail", "unknown", "why", "checks"], rows)


def _why(row: dict[str, Any]) -> str:
    """The reason, what is to ask, and what is outside."""
    ask = f" Ask: {row['ask']}" if row["ask"] else ""
    outside = f" Outside: {row['outside']}." if row["outside"] else ""
    return f"{row['reason']}.{ask}{outside}"
