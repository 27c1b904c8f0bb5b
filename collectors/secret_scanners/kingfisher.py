"""kingfisher JSON and JSON lines: https://github.com/mongodb/kingfisher. Snippets, captures and ready-made commands hold values: dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import Record, at, items, records, strings, text
from collectors.secret_scanners.places import below, clean_path, repository
from collectors.secret_scanners.report import Finding, Scan, person, rows_of
from inventory.model import Row, Validity

VALIDITY = {
    "verified_active": Validity.ACTIVE,
    "active credential": Validity.ACTIVE,
    "verified_inactive": Validity.INACTIVE,
    "inactive credential": Validity.INACTIVE,
}
"""`outcome`, or `status` in versions without it. `assumed` and all else is no verdict."""


def matches(doc: Document) -> bool:
    """The report's envelope, or one of its JSON lines."""
    return any(_is_report(record) or _is_finding(record) for _, record in records(doc))


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Exposures of one scan; the report names what was scanned and when."""
    report = [record for _, record in records(doc)]
    header: Record = next((record["metadata"] for record in report if isinstance(at(record, "metadata"), dict)), {})
    target = text(header, "target")
    scan = Scan(scanner="kingfisher", repository=repository(target), scanned_at=text(header, "scan_timestamp"))
    unfinished = sum(_count(record, name) for record in report for name in ("scan_failed", "scan_partial", "fetch_failed", "pending"))
    if unfinished:
        scan.gaps.append(f"kingfisher did not finish {unfinished} of its repositories")
        scan.vouches = False
    yield from rows_of(doc, scan, _findings(doc, _prefix(doc, target)))


def _is_report(record: Any) -> bool:
    return (
        isinstance(record, dict) and isinstance(record.get("findings"), list) and text(record, "metadata", "kingfisher_version") is not None
    )


def _is_finding(record: Any) -> bool:
    return isinstance(at(record, "rule"), dict) and isinstance(at(record, "finding"), dict) and "snippet" in record["finding"]


def _count(record: Any, name: str) -> int:
    value = at(record, "audit", "summary", name)
    return value if isinstance(value, int) else 0


def _listed(doc: Document) -> Iterator[tuple[str, Any]]:
    for place, record in records(doc):
        if at(record, "finding"):
            yield place, record
        for index, found in enumerate(items(at(record, "findings"))):
            yield f"{place}findings[{index}]", found


def _prefix(doc: Document, target: str | None) -> str | None:
    """The folder in front of paths that do not come from git: the target as given, or its last part. None unless all start with it."""
    paths = [clean_path(text(found, "finding", "path") or "") for _, found in _listed(doc) if not at(found, "finding", "git_metadata")]
    for candidate in (clean_path(target or ""), PurePosixPath(clean_path(target or "")).name):
        if candidate and all(path.startswith(f"{candidate}/") for path in paths):
            return candidate
    return None


def _findings(doc: Document, prefix: str | None) -> Iterator[Finding | Problem]:
    for place, record in _listed(doc):
        rule, path = text(record, "rule", "id"), text(record, "finding", "path")
        if rule is None or path is None:
            yield Problem(record=place, message="not a kingfisher finding: rule.id or finding.path is missing")
            continue
        yield _finding(record["finding"], rule, path, prefix)


def _finding(found: Record, rule: str, path: str, prefix: str | None) -> Finding:
    commit = at(found, "git_metadata", "commit")
    outcome = text(found, "validation", "outcome") or text(found, "validation", "status") or ""
    return Finding(
        rule=rule,
        path=text(found, "git_metadata", "file", "path") or below(clean_path(path), prefix),
        line=found.get("line"),
        commit=text(commit, "id"),
        repository=repository(text(found, "git_metadata", "repository_url")),
        values=tuple(filter(None, (text(found, "snippet"),))),
        texts=tuple(strings(found.get("dependent_captures"))),
        author=person(text(commit, "author", "name"), text(commit, "author", "email")),
        date=text(commit, "date"),
        validity=VALIDITY.get(outcome.lower(), Validity.UNKNOWN),
    )


FORMAT = Format(
    name="kingfisher-json", title="kingfisher 2 report: `kingfisher scan . --format json -o report.json`", matches=matches, rows=rows
)
