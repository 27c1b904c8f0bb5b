"""What the manifest of a bundle states to be collected, held against the bundle's own files: whoever runs the calls knows that all of them
succeeded, which no single file can say, and an empty answer least of all.

A statement counts only while every file that it rests on is there, unchanged and read to its last record; some file speaks of the fact, or
holds nothing; and none says that it is not whole. It never overrides a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors.document import Document, Format
from collectors.manifest import Manifest, Statement
from inventory.model import Coverage, CoverageStatus, Fact, Row

About = tuple[str, Fact, str]
"""Source, fact and scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of the files of a run."""

    read: set[str] = field(default_factory=set)
    """Sources read to their last record, and unchanged since they were collected."""
    empty: set[str] = field(default_factory=set)
    """Those that hold no record."""
    told: set[About] = field(default_factory=set)
    """What a source tells wholly, as far as it can know."""
    short: set[About] = field(default_factory=set)
    """What a source itself says it does not tell wholly, for a reason that no statement settles."""

    def note(self, document: Document, form: Format, rows: Iterable[Row]) -> None:
        """A file that was read without loss."""
        self.read.add(document.source_id)
        if all(map(holds_nothing, document.values or (None,))):
            self.empty.add(document.source_id)
        for row in rows:
            if isinstance(row, Coverage):
                is_told = row.status is CoverageStatus.COLLECTED or row.reason in form.settled
                (self.told if is_told else self.short).add((document.source_id, row.fact, row.scope))


def stated(folder: str, name: str, manifest: Manifest, reading: Reading) -> Iterator[Coverage | str]:
    """Coverage of the statements that count, or why one does not, where nothing else tells it. `name`: of the manifest."""
    if manifest.stopped:
        return
    gaps = {(gap.fact, gap.scope) for gap in manifest.not_collected}
    for statement in manifest.collected:
        files = {f"{folder}{path}" for path, entry in manifest.files.items() if _rests_on(statement, entry.scope, entry.facts)}
        if not files:
            yield f"says that {statement.fact.value} of {statement.scope} was collected, and names no file of it: not taken"
        elif (statement.fact, statement.scope) not in gaps and _is_borne_out(statement, folder, files, reading):
            dates = [entry.collected_at for path, entry in manifest.files.items() if f"{folder}{path}" in files and entry.collected_at]
            yield Coverage(
                fact=statement.fact,
                scope=statement.scope,
                status=CoverageStatus.COLLECTED,
                collected_at=min(dates, default=manifest.as_of),
                evidence=name,
            )


def _rests_on(statement: Statement, scope: str | None, facts: frozenset[Fact]) -> bool:
    return scope == statement.scope and statement.fact in facts


def _is_borne_out(statement: Statement, folder: str, files: set[str], reading: Reading) -> bool:
    what = (statement.fact, statement.scope)
    if any((fact, scope) == what and source.startswith(folder) for source, fact, scope in reading.short):
        return False
    speaks = any(source in reading.empty or (source, *what) in reading.told for source in files)
    return files <= reading.read and speaks


def holds_nothing(value: Any) -> bool:
    """An empty list or object, or a page whose lists are all empty."""
    if not isinstance(value, dict):
        return isinstance(value, list) and not value
    lists = [held for held in value.values() if isinstance(held, list)]
    return not value or (bool(lists) and not any(lists) and not any(isinstance(held, dict) and held for held in value.values()))
