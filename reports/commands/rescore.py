"""`nhi rescore`: stored evidence, judged again by today's rules."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from reports.commands.shell import HERE, AsJson, Workspace, as_document, err, misused, out, picked
from reports.console import progress_bar
from scoring.again import judged_again
from scoring.catalogue import Catalogue, load
from scoring.judge import notices
from scoring.packs import Pack, PackError, load_pack
from scoring.rules import load_rules


def rescore(
    snapshot: Annotated[str | None, typer.Argument(help="Snapshot id or label; the one published last if left out.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every snapshot of the workspace that was not itself rescored.")] = False,
    pack: Annotated[str, typer.Option(help="Policy pack: default, cis, or the path of a TOML file.")] = "default",
    checks: Annotated[Path | None, typer.Option("--checks", help="Folder with your own checks.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Judge stored evidence again by today's rules and publish what comes of it. Old snapshots stay as they are."""
    if every and snapshot:
        misused("--all", "say --all or one snapshot, not both")
    if checks is not None and not checks.is_dir():
        misused("--checks", f"{checks} is no folder")
    try:
        chosen_pack = load_pack(pack)
    except PackError as error:
        misused("--pack", error)
    lake, latest = picked(workspace, snapshot)
    wanted = [one for one in lake.snapshots() if "rescored_from" not in one.details] if every else [latest]
    for one in wanted:
        lake.require_seen(one)
    catalogue = load(checks)
    done = [_rescored(lake, one, chosen_pack, catalogue) for one in _told(wanted, quiet=as_json)]
    rows = [_row(old, new) for old, new in zip(wanted, done, strict=True)]
    if as_json:
        as_document(rows)
        return
    for row in rows:
        words = "nothing changed" if not row["changed"] else f"→ {row['snapshot_id']}"
        out.print(Text(f"{row['label']}: {row['from']} {words} (rules {row['rules_version']}, pack {row['pack']})"), soft_wrap=True)
    if any(row["changed"] for row in rows):
        out.print(Text("The old snapshots stay. `nhi diff` compares like with like.", style="dim"))


def _told(wanted: list[Snapshot], *, quiet: bool) -> Iterator[Snapshot]:
    """The snapshots one after the other, with a bar."""
    with progress_bar(err, "Judging", quiet=quiet) as tell:
        for done, one in enumerate(wanted):
            tell(one.label, done, len(wanted))
            yield one


def _rescored(lake: Lake, old: Snapshot, pack: Pack, catalogue: Catalogue) -> Snapshot:
    """Published anew, under the same label and date. It becomes the current one only where it is the current evidence."""
    current = lake.current()
    with judged_again(lake, old, pack=pack, checks=catalogue.checks) as database:
        return lake.publish(
            database,
            label=old.label,
            as_of=old.as_of,
            rules_version=load_rules().version,
            pack=pack.name,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            details={
                "warnings": [*(str(error) for error in catalogue.errors), *_warnings(database, old)],
                "thresholds": dict(pack.thresholds),
                "paths": old.details.get("paths", []),
                "rescored_from": old.origin,
            },
            make_current=current is None or old.same_evidence(current),
        )


def _warnings(database: Database, old: Snapshot) -> list[str]:
    """What must be known of the run, told anew, and what was noted when the files were read."""
    noted = list(old.details.get("warnings", []))
    undated, dated = (notices(database, old.as_of, given=given) for given in (False, True))
    told = undated if undated[0] in noted else dated
    return [*told, *(text for text in noted if text not in undated)]


def _row(old: Snapshot, new: Snapshot) -> dict[str, Any]:
    return {
        "label": new.label,
        "as_of": f"{new.as_of:%Y-%m-%d}",
        "from": old.snapshot_id,
        "snapshot_id": new.snapshot_id,
        "changed": old.snapshot_id != new.snapshot_id,
        "rules_version": new.rules_version,
        "pack": new.pack,
    }
