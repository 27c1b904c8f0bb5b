"""Proposals as files that are ready for a pull request: a folder per identity, and a page that lists them.

    DIR/README.md                                  what is proposed for whom
    DIR/<provider>/<account>/<identity>/           the proposal's own files: policies or roles, main.tf, apply.sh
        diff.md                                    what changes, for people
        ROLLBACK.md                                the way back
        evidence.json                              every permission that goes, with the records that say so

Written from a snapshot alone: the same snapshot gives the same bytes. Existing files are replaced, others are left alone.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.recommendations import PROPOSED, counted, going, rows_of
from reports.views.least_privilege import access_of
from reports.views.permissions import diff, permissions_of
from scoring.least_privilege.use import Proposal, Review


def write_recommendations(database: Database, snapshot: Snapshot, folder: Path, identity_id: str | None = None) -> list[Path]:
    """Write the proposals of all identities, or of one. Returns the folders of the identities for which something is proposed."""
    chosen = [access_of(database, identity_id)] if identity_id else rows_of(database)
    lines: list[tuple[Path, dict[str, Any], Proposal]] = []
    taken: set[Path] = set()
    for row in sorted(filter(None, chosen), key=lambda row: str(row["identity_id"])):
        found, proposal = permissions_of(database, snapshot, row["identity_id"])
        if proposal.action not in PROPOSED:
            continue
        place = _place(row, taken)
        taken.add(place)
        _write(folder / place, found, proposal)
        lines.append((place, row, proposal))
    folder.mkdir(parents=True, exist_ok=True)
    _text(folder / "README.md", _index(snapshot, lines))
    return [folder / place for place, _, _ in lines]


def _place(row: dict[str, Any], taken: set[Path]) -> Path:
    """A folder of its own for each identity, whatever its name holds."""
    place = Path(*(_safe(str(row[part] or "unknown")) for part in ("provider", "scope", "name")))
    number = 2
    while place in taken:
        place = place.with_name(f"{_safe(str(row['name']))}-{number}")
        number += 1
    return place


def _safe(name: str) -> str:
    return re.sub(r"[^\w+=,@-]|^\W+", "_", name)[:120]


def _write(folder: Path, found: Review, proposal: Proposal) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in proposal.files:
        _text(folder / Path(file.name).name, file.text)
    _text(folder / "diff.md", _diff(proposal))
    _text(folder / "ROLLBACK.md", f"# The way back\n\n```sh\n{proposal.rollback.rstrip()}\n```\n")
    gone = [dataclasses.asdict(permission) for permission in going(found, proposal)]
    evidence = {
        "identity_id": found.identity_id,
        "gaps": found.gaps,
        "permissions": counted(list(found.permissions)),
        "taken_away": gone,
    }
    _text(folder / "evidence.json", json.dumps(evidence, indent=1, default=str, ensure_ascii=False) + "\n")


def _text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _diff(proposal: Proposal) -> str:
    parts = [f"# {proposal.identity_id}", proposal.summary, f"Confidence: {proposal.confidence}."]
    parts += [f"Wait: {guard}." for guard in proposal.guards]
    for change in proposal.changes:
        parts += [f"## {change.title}", f"```diff\n{diff(change) or 'no change of text'}\n```"]
    return "\n\n".join(parts) + "\n"


def _index(snapshot: Snapshot, lines: list[tuple[Path, dict[str, Any], Proposal]]) -> str:
    head = [
        "# What to take away",
        "",
        f"From snapshot {snapshot.snapshot_id}, as of {snapshot.as_of:%Y-%m-%d}, pack {snapshot.pack}, rules {snapshot.rules_version}.",
        "Each proposal keeps what is used and what nothing tells about; `wait` holds one back and its page says why. Read `diff.md` before you run anything.",
        "",
        "| identity | proposed | confidence | what to do |",
        "|---|---|---|---|",
    ]
    rows = [
        f"| [{_cell(row['name'])}]({place.as_posix()}/diff.md) | {proposal.action} | {proposal.confidence} | {_cell(proposal.summary)} |"
        for place, row, proposal in lines
    ]
    return "\n".join([*head, *(rows or ["| none | | | |"])]) + "\n"


def _cell(text: str) -> str:
    """Text that cannot leave its cell."""
    return re.sub(r"\s+", " ", re.sub(r"[|\[\]<>`]", " ", text)).strip()
