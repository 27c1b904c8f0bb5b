"""gitleaks JSON, 8.x: https://github.com/gitleaks/gitleaks (`report.Finding`). Early 8.x has no Fingerprint, late 8.x adds Link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import records, text
from collectors.secret_scanners.places import repository_of_link
from collectors.secret_scanners.report import Finding, Scan, person, rows_of
from inventory.model import Row


def matches(doc: Document) -> bool:
    """At least one finding, by its capitalised keys."""
    return any(_is_finding(record) for _, record in records(doc))


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Exposures of one scan. The report does not say what was scanned or when: that is the manifest's to say."""
    yield from rows_of(doc, Scan(scanner="gitleaks"), _findings(doc))


def _is_finding(record: Any) -> bool:
    return isinstance(record, dict) and {"RuleID", "File", "StartLine"} <= record.keys()


def _findings(doc: Document) -> Iterator[Finding | Problem]:
    for place, record in records(doc):
        rule = text(record, "RuleID")
        if not _is_finding(record) or rule is None or not isinstance(record["File"], str):
            yield Problem(record=place, message="not a gitleaks finding: RuleID, File or StartLine is missing")
            continue
        yield Finding(
            rule=rule,
            path=record["File"],
            line=record["StartLine"],
            commit=text(record, "Commit"),
            repository=repository_of_link(text(record, "Link")),
            values=tuple(filter(None, (text(record, "Secret"),))),
            texts=tuple(filter(None, (text(record, "Match"), text(record, "Line")))),
            author=person(text(record, "Author"), text(record, "Email")),
            date=record.get("Date"),
        )


FORMAT = Format(name="gitleaks-json", title="gitleaks 8 report: `gitleaks git . -f json -r report.json`", matches=matches, rows=rows)
