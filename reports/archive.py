"""Reports that were made in a workspace: each file under its hash, beside a note of what it is. The same report made twice is kept once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from inventory.lake import Lake, Snapshot
from reports.audiences import AUDITOR
from reports.content import Asked
from reports.formats import Format, write_reports

FOLDER = "reports"
"""Below the workspace."""

ABOUT = "about.json"


class ArchiveError(Exception):
    """A report that was kept cannot be handed out; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of a report."""

    sha256: str
    """Of the file."""
    file: str
    format: str
    snapshot_id: str
    label: str
    compared_with: str | None
    """Id of the snapshot that was asked for; None: the one before."""
    on: str
    """Day by which exceptions expire, YYYY-MM-DD."""
    made_at: str
    """UTC, when it was first made."""
    made_by: str | None
    audience: str = AUDITOR
    """For whom; notes from before there were several do not say."""

    def path(self, workspace: Path) -> Path:
        return workspace / FOLDER / self.sha256 / self.file


def make(
    lake: Lake,
    snapshot: Snapshot,
    compare: str | None,
    form: Format,
    *,
    on: date,
    at: datetime,
    who: str | None,
    audience: str = AUDITOR,
) -> Report:
    """Write a report, as `nhi report` does, and keep it. Raises StoreError for a snapshot that cannot be reported, OSError."""
    root = lake.workspace / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    pending = Path(tempfile.mkdtemp(dir=root, prefix=".pending-"))
    try:
        asked = Asked(lake=lake, snapshot=snapshot, compare=compare, on=on, audience=audience)
        [(_, path)] = write_reports(asked, [form.name], pending)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        report = Report(
            sha256=digest,
            file=path.name,
            format=form.name,
            snapshot_id=snapshot.snapshot_id,
            label=snapshot.label,
            compared_with=compare,
            on=f"{on:%Y-%m-%d}",
            made_at=at.isoformat(timespec="seconds"),
            made_by=who,
            audience=audience,
        )
        (pending / ABOUT).write_text(json.dumps(asdict(report), indent=1), encoding="utf-8")
        try:
            os.rename(pending, root / digest)
        except OSError:
            if not (root / digest / ABOUT).exists():
                raise
            return _about(root / digest / ABOUT) or report
    finally:
        shutil.rmtree(pending, ignore_errors=True)
    return report


def kept(workspace: Path) -> list[Report]:
    """All reports that were made, newest first."""
    found = [report for path in (workspace / FOLDER).glob(f"*/{ABOUT}") if (report := _about(path))]
    return sorted(found, key=lambda report: (report.made_at, report.sha256), reverse=True)


def content(workspace: Path, report: Report) -> bytes:
    """The file. Raises ArchiveError when it is gone, or no longer what was made."""
    try:
        found = report.path(workspace).read_bytes()
    except OSError as error:
        raise ArchiveError(f"{report.file}: cannot be read ({error.strerror}); make it again") from error
    if hashlib.sha256(found).hexdigest() != report.sha256:
        raise ArchiveError(f"{report.file}: changed since it was made, its hash is another: make it again")
    return found


def _about(path: Path) -> Report | None:
    """What a note says; None for one that is no note of ours."""
    try:
        report = Report(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return report if report.sha256 == path.parent.name and Path(report.file).name == report.file else None
