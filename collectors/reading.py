"""Reads whatever a folder holds: recognises each file by content, calls its format, and turns every failure into a row and a message.

One bad file never stops the rest. Rows go to the caller; nothing is written here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.bundle_files import is_part
from collectors.databases import DatabaseError, Tables
from collectors.document import Collector, Document, Format, FormatError, Problem, mark_of
from collectors.files import Blob, Content, UnreadableError, blobs, decode, walk
from collectors.manifest import STOPPED, Entry, Manifest, is_manifest, parse_manifest
from collectors.soundness import fault, record_of
from collectors.statements import Reading, holds_nothing, stated
from inventory.model import Account, Alias, Coverage, CoverageStatus, Row, Run, ScanTarget, Source

MANIFEST = "manifest.json"

Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, and the one being read."""

TIME_FIELDS = ("created_at", "rotated_at", "last_used_at", "introduced_at", "last_at", "scanned_at")

MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)
"""What a file of a shape that nobody foresaw raises inside its format: the file is given up, the others are read."""

BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
"""What would break a message into lines, or turn its text around."""

OTHER_KEY = (
    "collected with the key of another workspace: values found by scanners cannot be matched with what it dropped; "
    "assess it in that workspace, or collect it again with --workspace of this one"
)
UNFINISHED = "a file that was still being collected: run `nhi collect` again, it goes on where it stopped"

BY_FOLDER = (
    "does not say of which project it speaks: taken for the one project that the other files of its folder speak of; manifest.json can say"
)

A_NAME = re.compile(r"[A-Za-z][A-Za-z _.:()-]{0,39}\d?")
"""Looks like the name of a column or key. A table without a header, or keys that are values, may hold secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning_:  # noqa: N801  `Warning` is Python's own
    """One line for the reader: which file or record, and why."""

    source_id: str
    record: str | None
    message: str

    def __str__(self) -> str:
        return BREAKS.sub(" ", f"{self.source_id}{f'#{self.record}' if self.record else ''}: {self.message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A file and the format that reads it. It waits when its content alone does not say of which project it speaks."""

    document: Document
    broken_lines: Sequence[int]
    collector: str
    form: Format
    digest: str
    stopped: bool
    """Of a collection that was stopped before its end."""
    changed: bool
    """Not what the manifest says was collected."""


@dataclass(slots=True)
class Evidence:
    """Everything read in one run."""

    rows: list[Row] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)
    as_of: datetime | None = None
    """From the bundles' manifests: the newest."""
    label: str | None = None
    contents: dict[tuple[str, str | None], str] = field(default_factory=dict)
    """First source of each content: SHA-256 and scope."""
    spoken_of: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """Accounts or projects that the files of a folder speak of, by folder and collector."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Names by alias, of the files that could be placed at once."""

    reading: Reading = field(default_factory=Reading)
    """What the statements of manifests are held against."""

    @property
    def files_read(self) -> int:
        return sum(source.status in ("read", "partial") for source in self.sources)

    def hand_over(self) -> Iterator[Row]:
        """Every row, sources included. Keeps none of `rows`: beside the database they would hold on to much of what was decoded."""
        rows, self.rows = self.rows, []
        yield from rows
        yield from self.sources


def read(
    paths: Sequence[Path], collectors: Iterable[Collector], *, key: bytes, besides: Path | None = None, progress: Progress | None = None
) -> Evidence:
    """Read every file below `paths`, but nothing below `besides` (our own workspace). Raises FileNotFoundError when a path does not exist.

    Rows hold no secret values: formats drop them and keep fingerprints under `key`.
    """
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path}: no such file or folder")
    formats = [(collector.name, form) for collector in collectors for form in collector.formats]
    listing = list(walk(paths, besides=besides))
    manifests = _manifests(listing)
    evidence, waiting = Evidence(), list[Recognised]()
    for folder, manifest in sorted(manifests.items()):
        _take_manifest(evidence, folder, manifest, mark_of(key))
    for done, (source_id, path) in enumerate(listing):
        if progress:
            progress(done, len(listing), source_id)
        for blob in blobs(source_id, path):
            _read_blob(evidence, blob, formats, manifests, key, waiting)
    _place(evidence, waiting)
    _note_absent(evidence, manifests)
    _take_statements(evidence, manifests)
    if progress:
        progress(len(listing), len(listing), "")
    return evidence


def _manifests(listing: Sequence[tuple[str, Path]]) -> dict[str, Manifest]:
    """Bundle manifests by the folder they stand in (`` for the top), in archives too."""
    found = {}
    for source_id, path in listing:
        if path.name != MANIFEST and path.suffix.lower() != ".zip":
            continue
        for blob in blobs(source_id, path, only=MANIFEST):
            try:
                content = decode(blob.content)
            except UnreadableError:
                continue  # reported when its turn comes
            if content.values and is_manifest(content.values[0]):
                found[blob.source_id.removesuffix(MANIFEST)] = parse_manifest(content.values[0])
    return found


def _note_absent(evidence: Evidence, manifests: Mapping[str, Manifest]) -> None:
    """A file that the manifest names and nobody handed over."""
    there = {source.source_id for source in evidence.sources}
    for folder, manifest in sorted(manifests.items()):
        for name in sorted(manifest.files):
            if f"{folder}{name}" not in there:
                message = f"names {name}, which is not there: what it says is missing"
                evidence.warnings.append(Warning_(source_id=f"{folder}{MANIFEST}", record=None, message=message))


def _take_manifest(evidence: Evidence, folder: str, manifest: Manifest, mark: str) -> None:
    source_id = f"{folder}{MANIFEST}"
    if manifest.key_mark not in (None, mark):
        evidence.warnings.append(Warning_(source_id=source_id, record=None, message=OTHER_KEY))
    evidence.as_of = max(filter(None, (evidence.as_of, manifest.as_of)), default=None)
    evidence.label = evidence.label or manifest.label
    evidence.warnings.extend(Warning_(source_id=source_id, record=None, message=problem) for problem in manifest.problems)
    for gap in manifest.not_collected:
        evidence.rows.append(
            Coverage(fact=gap.fact, scope=gap.scope, status=gap.status, reason=gap.reason, collected_at=manifest.as_of, evidence=source_id)
        )


def _take_statements(evidence: Evidence, manifests: Mapping[str, Manifest]) -> None:
    """What manifests state to be collected, as far as their files bear it out."""
    for folder, manifest in sorted(manifests.items()):
        source_id = f"{folder}{MANIFEST}"
        for found in stated(folder, source_id, manifest, evidence.reading):
            if isinstance(found, Coverage):
                evidence.rows.append(found)
            else:
                evidence.warnings.append(Warning_(source_id=source_id, record=None, message=found))


def _place(evidence: Evidence, waiting: Sequence[Recognised]) -> None:
    """Files that do not say where they belong, once the others are read: these may explain a number. A folder whose other files all speak of
    one project is that project's, as people export it; any other folder decides nothing, and the format says what is missing."""
    spoken_of = {place: set(scopes) for place, scopes in evidence.spoken_of.items()}
    for held in waiting:
        document = dataclasses.replace(held.document, aliases=evidence.aliases)
        scopes = spoken_of.get((_folder(document.source_id), held.collector), set())
        if document.scope is None and len(scopes) == 1:
            document = dataclasses.replace(document, scope=next(iter(scopes)))
            evidence.warnings.append(Warning_(source_id=document.source_id, record=None, message=BY_FOLDER))
        _note_copy(evidence, document, held.digest)
        _parse(evidence, held, document)


def _folder(source_id: str) -> str:
    return source_id.rpartition("/")[0]


def _read_blob(
    evidence: Evidence,
    blob: Blob,
    formats: Sequence[tuple[str, Format]],
    manifests: Mapping[str, Manifest],
    key: bytes,
    waiting: list[Recognised],
) -> None:
    digest = hashlib.sha256(blob.content).hexdigest() if blob.content else ""
    evidence.rows.append(Run(source_id=blob.source_id, input_sha256=digest, bytes=len(blob.content)))
    try:
        if blob.problem:
            raise UnreadableError(blob.problem)
        content = decode(blob.content)
    except UnreadableError as error:
        _give_up(evidence, blob.source_id, "unreadable", str(error))
        return
    if content.note:
        evidence.warnings.append(Warning_(source_id=blob.source_id, record=None, message=content.note))
    if content.values and is_manifest(content.values[0]):
        evidence.sources.append(Source(source_id=blob.source_id, collector="bundle", format="manifest", collected_basis="manifest"))
        return
    if content.values and is_part(content.values[0]):
        _give_up(evidence, blob.source_id, "unsupported", UNFINISHED, collector="bundle", form="part")
        return
    document = _document(blob.source_id, content, manifests, key)
    changed = _is_changed(blob.source_id, manifests, digest)
    if changed:
        evidence.warnings.append(
            Warning_(source_id=blob.source_id, record=None, message="changed since it was collected: its hash is not the manifest's")
        )
    match = next(((name, form) for name, form in formats if form.matches(document)), None)
    if match is None:
        _give_up(evidence, blob.source_id, "unsupported", _unknown(content, document.scope))
        return
    collector, form = match
    stopped = any(manifest.stopped and blob.source_id.startswith(folder) for folder, manifest in manifests.items())
    held = Recognised(
        document=document, broken_lines=content.lost, collector=collector, form=form, digest=digest, stopped=stopped, changed=changed
    )
    if form.unplaced(document):
        waiting.append(held)
        return
    _note_copy(evidence, document, digest)
    _parse(evidence, held, document)


def _note_copy(evidence: Evidence, document: Document, digest: str) -> None:
    if all(map(holds_nothing, document.values or (None,))):
        return  # two lists without any are no copies of each other
    first = evidence.contents.setdefault((digest, document.scope), document.source_id)
    if first != document.source_id:
        evidence.warnings.append(
            Warning_(source_id=document.source_id, record=None, message=f"the same content as {first}: counted once, leave one out")
        )


def _entries(source_id: str, manifests: Mapping[str, Manifest]) -> Iterator[tuple[Manifest, Entry]]:
    """What manifests say of a file."""
    for folder, manifest in manifests.items():
        entry = manifest.files.get(source_id.removeprefix(folder)) if source_id.startswith(folder) else None
        if entry is not None:
            yield manifest, entry


def _is_changed(source_id: str, manifests: Mapping[str, Manifest], digest: str) -> bool:
    return any(entry.sha256 not in (None, digest) for _, entry in _entries(source_id, manifests))


def _document(source_id: str, content: Content, manifests: Mapping[str, Manifest], key: bytes) -> Document:
    scope, collected_at, asked = None, None, False
    for manifest, entry in _entries(source_id, manifests):
        scope, collected_at, asked = entry.scope, entry.collected_at or manifest.as_of, entry.asked
    return Document(
        source_id=source_id,
        values=content.values,
        table=content.table,
        header=content.header,
        sheets=content.sheets,
        scope=scope,
        collected_at=collected_at,
        asked=asked,
        key=key,
    )


def _parse(evidence: Evidence, found: Recognised, document: Document) -> None:
    """`document`: the found one, or the same with the project that its folder speaks of."""
    collector, form = found.collector, found.form
    problems = [Problem(record=f"line {number}", message="not read: it is not JSON", lost=True) for number in found.broken_lines]
    rows: list[Row] = []
    try:
        for item in form.rows(document):
            if isinstance(item, Problem):
                problems.append(item)
            elif unsound := fault(item):
                problems.append(Problem(record=record_of(item) or "a record without a name", message=f"not read: {unsound}", lost=True))
            else:
                rows.append(item)
    except (FormatError, DatabaseError) as error:
        _give_up(evidence, document.source_id, "unreadable", str(error), collector=collector, form=form.name)
        return
    except MISSHAPEN as error:
        reason = f"looks like {form.name}, but is not of its shape ({type(error).__name__}): export it again"
        _give_up(evidence, document.source_id, "unreadable", reason, collector=collector, form=form.name)
        return
    evidence.warnings.extend(Warning_(source_id=document.source_id, record=problem.record, message=problem.message) for problem in problems)
    lost = sum(problem.lost for problem in problems)
    if lost:
        rows = [_not_whole(row, lost) for row in rows]
    if found.stopped:
        rows = [_half(row) for row in rows]
    if not lost and not found.changed:
        evidence.reading.note(document, form, rows)
    evidence.aliases.update((row.alias, row.identity_id) for row in rows if isinstance(row, Alias))
    spoken = {row.scope for row in rows if isinstance(row, Account | Coverage) and row.scope != "*"}
    evidence.spoken_of.setdefault((_folder(document.source_id), collector), set()).update(spoken)
    newest = max(_times(rows), default=None)
    stated = next((row.collected_at for row in rows if isinstance(row, Coverage) and row.collected_at), None)
    basis = "manifest" if document.collected_at else "content" if stated else "assumed"
    evidence.rows.extend(rows)
    evidence.sources.append(
        Source(
            source_id=document.source_id,
            collector=collector,
            format=form.name,
            scope=_scope_of(document, rows),
            collected_at=document.collected_at or stated,
            collected_basis=basis,
            newest_at=newest,
            records=_records(rows),
            status="partial" if problems else "read",
        )
    )


def _not_whole(row: Row, lost: int) -> Row:
    """Coverage of a file of which records could not be read is no longer whole: nothing may pass because they are missing."""
    if not isinstance(row, Coverage) or row.status is not CoverageStatus.COLLECTED:
        return row
    reason = f"{lost} record{'s' if lost > 1 else ''} of {row.evidence or 'a file'} could not be read: correct or export again"
    return dataclasses.replace(row, status=CoverageStatus.UNREADABLE, reason=reason)


def _half(row: Row) -> Row:
    """Coverage of a bundle whose collection was stopped: other files that say more may be missing."""
    if not isinstance(row, Coverage) or row.status is not CoverageStatus.COLLECTED:
        return row
    return dataclasses.replace(row, status=CoverageStatus.PARTIAL, reason=STOPPED)


def _times(rows: Iterable[Row]) -> Iterator[datetime]:
    for row in rows:
        for name in TIME_FIELDS:
            moment = getattr(row, name, None)
            if moment is not None:
                yield moment


def _records(rows: Iterable[Row]) -> int:
    """Distinct records of the file that said something."""
    return len({getattr(row, "evidence", None) for row in rows if not isinstance(row, Coverage | ScanTarget)} - {None})


def _scope_of(document: Document, rows: Iterable[Row]) -> str | None:
    if document.scope:
        return document.scope
    scopes = {row.scope for row in rows if isinstance(row, Coverage)}
    return scopes.pop() if len(scopes) == 1 else None


def _give_up(evidence: Evidence, source_id: str, status: str, reason: str, *, collector: str = "none", form: str = "unknown") -> None:
    evidence.warnings.append(Warning_(source_id=source_id, record=None, message=reason))
    evidence.sources.append(Source(source_id=source_id, collector=collector, format=form, status=status))


def _unknown(content: Content, scope: str | None) -> str:
    if content.table is not None:
        return f"CSV {_named('columns', content.header)}: no format with this header; see docs/formats.md"
    if isinstance(content.sheets, Tables):
        return f"a SQLite database {_named('tables', list(content.sheets))}: no format with these; see docs/formats.md"
    if content.sheets is not None:
        return "a workbook without the template's sheets; `nhi template` writes one"
    value: Any = content.values[0] if content.values else None
    if isinstance(value, list | dict) and not value:
        of_whom = f" of {scope}" if scope else ""
        return (
            f"an empty {'list' if isinstance(value, list) else 'object'}{of_whom}: it does not say of what there is none; nothing is taken"
        )
    if isinstance(value, dict):
        if "Records" in value:
            return "CloudTrail log: not read by this version"
        return f"JSON {_named('keys', list(value))}: no format that looks like this; see docs/formats.md"
    return "JSON of a shape no format has; see docs/formats.md"


def _named(what: str, names: Sequence[str]) -> str:
    """Some names for a message, unless one of them may be a value."""
    if not all(A_NAME.fullmatch(name) for name in names):
        return f"with {len(names)} {what}"
    return f"with the {what} {', '.join(names[:4])}{' …' if len(names) > 4 else ''}"
