"""Writes a redacted workspace: snapshots judged anew under pseudonyms, decisions, the sealed way back; and says whether the scores are the same."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from inventory.database import Database
from inventory.lake import SCHEMA_VERSION, Lake, Snapshot
from reports.redaction.comparison import ORIGINAL, Difference, differences, renamed
from reports.redaction.decisions import DecisionRewriter, copy_decisions
from reports.redaction.estate import Rewriter
from reports.redaction.key import derived
from reports.redaction.parts import RedactionError
from reports.redaction.sealed import seal
from scoring.again import judged_again
from scoring.catalogue import load
from scoring.packs import DEFAULT, Pack, load_pack, pack_names
from scoring.rules import load_rules

QUARTER = re.compile(r"Q[1-4]-\d{4}")

Original = tuple[Lake, Snapshot]
"""A judgement of the original rows, and the lake it stands in."""


Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redacted:
    """What came of one snapshot."""

    original_id: str
    snapshot: Snapshot
    subjects: int
    differences: list[Difference]
    """Empty: the scores are the same."""
    judged_anew: bool
    """The original was judged again, by the rules of today, to be compared with."""
    decisions_lost: int


def redact(lake: Lake, snapshots: Sequence[Snapshot], key: bytes, out: Path, tell: Tell = lambda *_: None) -> list[Redacted]:
    """Write the snapshots (the last becomes the current one) as a workspace of their own into a folder that is empty or not there yet.

    `tell`: called before each with its label, how many are done, and how many there are. Raises RedactionError, StoreError. Nothing is left in
    `out` when it fails.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RedactionError(f"{out} is there already and not an empty folder: choose another --out")
    for snapshot in snapshots:
        lake.require_seen(snapshot)
    out.parent.mkdir(parents=True, exist_ok=True)
    pending = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        rewriter = Rewriter(derived(key, "pseudonyms"), lake, snapshots)
        done: list[Redacted] = []
        for snapshot in snapshots:
            tell(snapshot.label, len(done), len(snapshots))
            done.append(_redacted(lake, snapshot, rewriter, pending, last=snapshot is snapshots[-1]))
        seal(pending, key, rewriter.given)
        pending.chmod(0o755)
        os.replace(pending, out)
    finally:
        shutil.rmtree(pending, ignore_errors=True)
    return done


def _redacted(lake: Lake, snapshot: Snapshot, rewriter: Rewriter, workspace: Path, *, last: bool) -> Redacted:
    pack = _pack(snapshot)
    rewrite = partial(rewriter.rewrite, snapshot_id=snapshot.snapshot_id)
    with judged_again(lake, snapshot, pack=pack, checks=load(None).checks, amend=rewrite) as database:
        with _compared(database, lake, snapshot, pack) as (original, found, anew):
            rewriter.names.parts.require_distinct()
            published = Lake(workspace).publish(
                database,
                label=_label(snapshot, rewriter),
                as_of=snapshot.as_of,
                rules_version=load_rules().version,
                pack=pack.name,
                created_at=snapshot.created_at,
                details=_details(snapshot, pack, rewriter, found),
            )
            lost = _decisions(lake, workspace, original, rewriter, database) if last else 0
        return Redacted(
            original_id=snapshot.snapshot_id,
            snapshot=published,
            subjects=int(database.value("SELECT count(*) FROM main.placement")),
            differences=found,
            judged_anew=anew,
            decisions_lost=lost,
        )


@contextmanager
def _compared(database: Database, lake: Lake, snapshot: Snapshot, pack: Pack) -> Iterator[tuple[Original, list[Difference], bool]]:
    """The judgement that the redacted one is compared with, what differs, and whether the original had to be judged anew for it.

    The published one where today's program judges alike; where it does not, the difference is not the redaction's, and both are of today.
    """
    if snapshot.schema_version == SCHEMA_VERSION and snapshot.rules_version == load_rules().version:
        lake.attach(database, snapshot, ORIGINAL)
        found = differences(database)
        if not found:
            yield (lake, snapshot), found, False
            return
        database.execute(f"DROP SCHEMA {ORIGINAL} CASCADE")
    with _judged_today(lake, snapshot, pack) as (today, again):
        today.attach(database, again, ORIGINAL)
        yield (today, again), differences(database), True


@contextmanager
def _judged_today(lake: Lake, snapshot: Snapshot, pack: Pack) -> Iterator[Original]:
    """The original's rows judged by today's rules, in a lake that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nhi-redact-") as folder:
        today = Lake(Path(folder))
        with judged_again(lake, snapshot, pack=pack, checks=load(None).checks) as database:
            again = today.publish(
                database,
                label=snapshot.label,
                as_of=snapshot.as_of,
                rules_version=load_rules().version,
                pack=pack.name,
                created_at=snapshot.created_at,
                details={"thresholds": dict(pack.thresholds)},
            )
        yield today, again


def _pack(snapshot: Snapshot) -> Pack:
    """The thresholds that the snapshot was judged by. The name of somebody's own pack is not handed on."""
    usual = load_pack(DEFAULT)
    name = snapshot.pack if snapshot.pack in pack_names() else "own"
    thresholds = {**usual.thresholds, **snapshot.details.get("thresholds", {})}
    return Pack(name=name, title=name, thresholds={limit: thresholds[limit] for limit in usual.thresholds})


def _label(snapshot: Snapshot, rewriter: Rewriter) -> str:
    return snapshot.label if QUARTER.fullmatch(snapshot.label) else rewriter.names.name(snapshot.label)


def _details(snapshot: Snapshot, pack: Pack, rewriter: Rewriter, found: list[Difference]) -> dict[str, Any]:
    warnings = [rewriter.warning(str(text)) for text in snapshot.details.get("warnings", [])]
    told = [f"redacted, and judged otherwise than the original: {one}" for one in found] or [
        "redacted: names are pseudonyms, scores are the original's"
    ]
    return {
        "warnings": [*told, *warnings],
        "thresholds": dict(pack.thresholds),
        "paths": [],
        "redacted": {"same_scores": not found},
    }


def _decisions(lake: Lake, workspace: Path, original: Original, rewriter: Rewriter, compared: Database) -> int:
    """Copy the decisions; how many were left behind."""
    there, snapshot = original
    with there.open(snapshot.snapshot_id) as database:
        made = partial(DecisionRewriter, rewriter.rules, renamed(compared, rewriter.names.name), database, on=snapshot.as_of.date())
        return copy_decisions(lake.workspace, workspace, made, rewriter.names.name)
