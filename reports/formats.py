"""The formats of a report. A new one is a line of FORMATS: `nhi report --format` and the page Reports both offer what stands here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from inventory.store import Lake, Snapshot
from reports.render import write_report
from reports.worklist import write_xlsx
from reports.worklist_csv import write_csv

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Writer(Protocol):
    """Writes the report of a snapshot, compared with the snapshot of an id (None: the one before), into a folder, and returns the file."""

    def __call__(self, lake: Lake, snapshot: Snapshot, compare: str | None, folder: Path, *, on: date) -> Path: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format."""

    name: str
    title: str
    mime: str
    write: Writer


FORMATS = (
    Format(name="html", title="HTML: one self-contained file", mime="text/html", write=write_report),
    Format(name="xlsx", title="XLSX: the worklist, a sheet per need", mime=XLSX, write=write_xlsx),
    Format(name="csv", title="CSV: the worklist with all of its rows, a ZIP", mime="application/zip", write=write_csv),
)
BY_NAME = {form.name: form for form in FORMATS}
